"""Names of months and weekdays in three calendars and five languages, and how to look one up.

The tables are data for any module that has to find a date in words. `dedup.text.calendar` is the public face.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from dedup.text.fold import fold_name

__all__ = [
    "MONTH_TABLES",
    "WEEKDAY_TABLES",
    "Calendar",
    "MonthTable",
    "WeekdayTable",
    "month_number",
    "weekday_number",
]


class Calendar(StrEnum):
    """A calendar that dates in the news are given in."""

    GREGORIAN = "gregorian"
    JALALI = "jalali"
    """The solar Hijri calendar of Iran and Afghanistan."""
    HIJRI = "hijri"
    """The lunar Hijri calendar, in its Umm al-Qura form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthTable:
    """The twelve months of one calendar as one language or region writes them."""

    calendar: Calendar
    language: str
    """BCP 47 tag; ``-Latn`` for transliterations."""
    names: tuple[tuple[str, ...], ...]
    """Twelve groups of spellings, the usual one first. Abbreviations stand last, without a full stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekdayTable:
    """The seven weekdays in one language."""

    language: str
    names: tuple[tuple[str, ...], ...]
    """Seven groups of spellings, Monday first."""


def _groups(*groups: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(spelling.strip() for spelling in group.split("|")) for group in groups)


# fmt: off
MONTH_TABLES: tuple[MonthTable, ...] = (
    MonthTable(calendar=Calendar.GREGORIAN, language="en", names=_groups(
        "January|Jan", "February|Feb", "March|Mar", "April|Apr", "May", "June|Jun", "July|Jul", "August|Aug",
        "September|Sept|Sep", "October|Oct", "November|Nov", "December|Dec")),
    MonthTable(calendar=Calendar.GREGORIAN, language="tr", names=_groups(
        "Ocak|Oca", "Şubat|Şub", "Mart|Mar", "Nisan|Nis", "Mayıs|May", "Haziran|Haz", "Temmuz|Tem", "Ağustos|Ağu",
        "Eylül|Eyl", "Ekim|Eki", "Kasım|Kas", "Aralık|Ara")),
    MonthTable(calendar=Calendar.GREGORIAN, language="ar", names=_groups(  # Egypt, the Gulf, Sudan
        "يناير", "فبراير", "مارس", "أبريل|ابريل|إبريل", "مايو", "يونيو|يونيه", "يوليو|يوليه", "أغسطس|اغسطس",
        "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر")),
    MonthTable(calendar=Calendar.GREGORIAN, language="ar-SY", names=_groups(  # the Levant and Iraq
        "كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران", "تموز", "آب", "أيلول", "تشرين الأول",
        "تشرين الثاني", "كانون الأول")),
    MonthTable(calendar=Calendar.GREGORIAN, language="ar-TN", names=_groups(  # Tunisia and Algeria
        "جانفي", "فيفري", "مارس", "أفريل", "ماي", "جوان", "جويلية|جويليه", "أوت", "سبتمبر", "أكتوبر", "نوفمبر",
        "ديسمبر")),
    MonthTable(calendar=Calendar.GREGORIAN, language="ar-MA", names=_groups(  # Morocco
        "يناير", "فبراير", "مارس", "أبريل", "ماي", "يونيو", "يوليوز", "غشت", "شتنبر", "أكتوبر", "نونبر", "دجنبر")),
    MonthTable(calendar=Calendar.GREGORIAN, language="fa", names=_groups(
        "ژانویه", "فوریه", "مارس", "آوریل|اپریل", "مه|می", "ژوئن|جون", "ژوئیه|ژوییه|جولای", "اوت|آگوست|اگوست",
        "سپتامبر", "اکتبر", "نوامبر", "دسامبر")),
    MonthTable(calendar=Calendar.GREGORIAN, language="fa-AF", names=_groups(
        "جنوری", "فبروری", "مارچ", "اپریل", "می", "جون", "جولای|جولایی", "اگست|آگست", "سپتمبر|سپتامبر",
        "اکتوبر|اکتبر", "نومبر|نوامبر", "دسمبر|دیسمبر|دسامبر")),
    MonthTable(calendar=Calendar.JALALI, language="fa", names=_groups(
        "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد|امرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن",
        "اسفند")),
    MonthTable(calendar=Calendar.JALALI, language="fa-AF", names=_groups(
        "حمل", "ثور", "جوزا|جوزاء", "سرطان", "اسد", "سنبله", "میزان", "عقرب", "قوس", "جدی", "دلو", "حوت")),
    MonthTable(calendar=Calendar.JALALI, language="fa-Latn", names=_groups(
        "Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad|Amordad", "Shahrivar", "Mehr", "Aban", "Azar",
        "Dey|Dei", "Bahman", "Esfand")),
    MonthTable(calendar=Calendar.JALALI, language="fa-Latn-AF", names=_groups(
        "Hamal", "Sawr|Sowr|Saur|Thawr", "Jawza|Jowza|Jauza", "Saratan", "Asad", "Sonbola|Sunbula|Sunbulah",
        "Mizan", "Aqrab", "Qaws|Qows|Qaus", "Jadi|Jaddi|Jady", "Dalw|Dalwa|Dalv", "Hut|Hoot|Hout")),
    MonthTable(calendar=Calendar.HIJRI, language="ar", names=_groups(
        "محرم|المحرم", "صفر", "ربيع الأول", "ربيع الثاني|ربيع الآخر", "جمادى الأولى|جمادى الأول",
        "جمادى الآخرة|جمادى الثانية|جمادى الآخر|جمادى الثاني", "رجب", "شعبان", "رمضان", "شوال",
        "ذو القعدة|ذي القعدة", "ذو الحجة|ذي الحجة")),
    MonthTable(calendar=Calendar.HIJRI, language="fa", names=_groups(
        "محرم|محرم الحرام", "صفر|صفر المظفر", "ربیع‌الاول", "ربیع‌الثانی|ربیع‌الآخر", "جمادی‌الاول|جمادی‌الاولی",
        "جمادی‌الثانی|جمادی‌الثانیه|جمادی‌الآخر", "رجب|رجب المرجب", "شعبان|شعبان المعظم", "رمضان|رمضان المبارک",
        "شوال", "ذی‌القعده|ذیقعده|ذوالقعده", "ذی‌الحجه|ذیحجه|ذوالحجه")),
    MonthTable(calendar=Calendar.HIJRI, language="tr", names=_groups(
        "Muharrem", "Safer", "Rebiülevvel|Rebiyülevvel", "Rebiülahir|Rebiyülahir|Rebiülâhir",
        "Cemaziyelevvel|Cemâziyelevvel", "Cemaziyelahir|Cemâziyelâhir", "Recep|Receb", "Şaban|Şâban", "Ramazan",
        "Şevval", "Zilkade", "Zilhicce")),
    MonthTable(calendar=Calendar.HIJRI, language="en", names=_groups(
        "Muharram", "Safar", "Rabi al-Awwal|Rabi ul-Awwal|Rabi I", "Rabi al-Thani|Rabi al-Akhir|Rabi ul-Thani|Rabi II",
        "Jumada al-Awwal|Jumada al-Ula|Jumada I", "Jumada al-Thani|Jumada al-Akhirah|Jumada al-Akhira|Jumada II",
        "Rajab", "Sha'ban|Shaaban", "Ramadan|Ramadhan", "Shawwal",
        "Dhu al-Qadah|Dhu al-Qi'dah|Dhul Qadah|Dhul Qi'dah|Dhu'l-Qa'da|Dhul Qa'ada",
        "Dhu al-Hijjah|Dhul Hijjah|Dhu'l-Hijja|Dhu al-Hijja")),
)
"""Every month name that is known. A name may stand in several tables, then always for the same month."""

WEEKDAY_TABLES: tuple[WeekdayTable, ...] = (
    WeekdayTable(language="en", names=_groups(
        "Monday|Mon", "Tuesday|Tues|Tue", "Wednesday|Weds|Wed", "Thursday|Thurs|Thur|Thu", "Friday|Fri",
        "Saturday|Sat", "Sunday|Sun")),
    WeekdayTable(language="tr", names=_groups(
        "Pazartesi|Pzt", "Salı|Sal", "Çarşamba|Çar", "Perşembe|Per", "Cuma|Cum", "Cumartesi|Cmt", "Pazar|Paz")),
    WeekdayTable(language="ar", names=_groups(
        "الاثنين|الإثنين", "الثلاثاء|الثلثاء", "الأربعاء|الاربعاء", "الخميس", "الجمعة", "السبت", "الأحد|الاحد")),
    WeekdayTable(language="fa", names=_groups(
        "دوشنبه|دو شنبه|دو‌شنبه", "سه‌شنبه|سه شنبه|سشنبه", "چهارشنبه|چهار شنبه|چهار‌شنبه",
        "پنج‌شنبه|پنجشنبه|پنج شنبه", "جمعه|آدینه", "شنبه", "یکشنبه|یک‌شنبه|یک شنبه")),
    WeekdayTable(language="fa-AF", names=_groups(
        "دوشنبه|دو شنبه|دو‌شنبه", "سه‌شنبه|سه شنبه|سشنبه", "چهارشنبه|چهار شنبه|چهار‌شنبه",
        "پنج‌شنبه|پنجشنبه|پنج شنبه", "جمعه", "شنبه", "یکشنبه|یک‌شنبه|یک شنبه")),
)
"""Every weekday name that is known."""
# fmt: on

_COMBINED = re.compile(r"[/()\\|]")


def _spellings(names: Iterable[tuple[str, ...]]) -> Iterator[tuple[int, str]]:
    for number, group in enumerate(names):
        for spelling in group:
            yield number, fold_name(spelling)


MONTH_BY_KEY: Mapping[str, tuple[Calendar, int]] = MappingProxyType(
    {key: (table.calendar, number + 1) for table in MONTH_TABLES for number, key in _spellings(table.names)}
)
WEEKDAY_BY_KEY: Mapping[str, int] = MappingProxyType(
    {key: number for table in WEEKDAY_TABLES for number, key in _spellings(table.names)}
)


def month_number(name: str) -> tuple[Calendar, int] | None:
    """Return the calendar and the number (1-12) of a month name, None for what is none.

    Two names of one month with a slash or in brackets count as one; two different months are none.

    >>> month_number("شباط/فبراير"), month_number("KASIM"), month_number("March/Nisan")
    ((<Calendar.GREGORIAN: 'gregorian'>, 2), (<Calendar.GREGORIAN: 'gregorian'>, 11), None)
    """
    months = {MONTH_BY_KEY.get(fold_name(part)) for part in _COMBINED.split(name) if part.strip()}
    return months.pop() if len(months) == 1 else None


def weekday_number(name: str) -> int | None:
    """Return the number of a weekday name, Monday = 0 as in `datetime.date.weekday`, None for what is none.

    >>> weekday_number("پنج شنبه"), weekday_number("الاثنين"), weekday_number("Salı"), weekday_number("someday")
    (3, 0, 1, None)
    """
    return WEEKDAY_BY_KEY.get(fold_name(name))
