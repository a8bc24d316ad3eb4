"""The words of date lines beside the names that evidence knows: more spellings, times of day, eras, zones, labels.

What stands here is read only where a whole field or line is a time. It would be too rash for running text, where
``کب``, a month in Pashto, or ``ص``, *a.m.* in Arabic, are mostly something else; so evidence knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType

from dedup.text.calendar_names import MONTH_BY_KEY, MONTH_TABLES, WEEKDAY_BY_KEY, WEEKDAY_TABLES, Calendar
from dedup.text.fold import fold_name

__all__ = [
    "CLOCK_WORDS",
    "COUNTRY_ZONE",
    "ERAS",
    "FILLERS",
    "LABELS",
    "MERIDIEMS",
    "MONTHS",
    "ORDINALS",
    "WEEKDAYS",
    "ZONES",
    "Label",
    "Meridiem",
]


class Meridiem(StrEnum):
    """The part of the day that a word beside a clock names."""

    MORNING = "morning"
    """Midnight to noon."""
    AFTERNOON = "afternoon"
    """Noon to midnight."""
    NOON = "noon"
    """The hours about noon: 11 to 3."""
    NIGHT = "night"
    """From the evening on past midnight: 6 to 5."""


class Label(StrEnum):
    """What a word before a time says that it is the time of."""

    PUBLISHED = "published"
    UPDATED = "updated"


def _keys(text: str) -> Iterator[str]:
    return (fold_name(spelling) for spelling in text.split("|"))


def _numbered(groups: tuple[str, ...], first: int) -> dict[str, int]:
    return {key: number for number, group in enumerate(groups, first) for key in _keys(group) if key}


# fmt: off
_IRANIAN_MONTHS = _numbered((
    "Ferverdin", "Ordibeheşt|Urdibihişt|Ordibihisht|اردی‌بهشت", "Hordad|Xordad", "", "",
    "Şehriver|Şehrivar", "Mihr", "", "Azer", "Dî", "Behmen", "İsfend|Esfend|Isfand"), 1)
_AFGHAN_MONTHS = _numbered((
    "وری|Wray", "غویی|غوايی|Ghwayay", "غبرګولی|غبرگولی|غبرګولي|Ghbargolay", "چنګاښ|چنگاښ|Chungash", "زمری|Zmaray",
    "وږی|Wazhay", "تله|Tala", "لړم|Larham", "لیندۍ|ليندۍ|Lindai", "مرغومی|Marghomay", "سلواغه|Salwagha", "کب|Kab"), 1)
_TURKISH_MONTHS = _numbered((
    "", "Şbt", "Mrt", "Nsn", "Mys", "Hzr", "Tmz", "Ağus", "", "Ekm", "Ksm", "Arl|Aral"), 1)
_MORE_GREGORIAN_MONTHS = _numbered((
    "كانون ثاني|كانون ثان|ژانویه‌ی", "فبرائر|فوریه‌ی|فیبروری|Febr", "مارت", "آپریل|افریل", "مايس|مای", "جوين|ژوین",
    "جوليه|ژوئیه‌ی|ژولای|جولائی", "أوغسطس|أغسطوس|اوگست|آوگوست|اوگوست", "سبتنبر", "تشرين أول|اوکتبر|اوكتوبر",
    "تشرين ثاني|تشرين ثان|نوفنبر", "كانون أول|ديسنبر"), 1)
_MORE_LUNAR_MONTHS = _numbered((
    "شهر الله المحرم|Muharram ul-Haram|Moharram",
    "صفر الخير|صفر المظفر|Saffar",
    "ربيع أول|ربیع الاولی|Rabi al-Avval|Rabi'ul-Awwal|Rabi ul Avval|Rebiül-evvel|Rebî'ül-evvel",
    "ربيع ثاني|ربيع ثان|ربيع آخر|Rabi'ul-Akhir|Rabi al-Sani|Rabi us-Sani|Rabi ath-Thani|Rebiülsani",
    "جماد الأول|جماد أول|جماد الأولى|جمادي الأولى|جمادى أولى|جمادی‌اول|Jumada al-Oula|Jamadi ul-Awwal|Jumada al-Avval|"
    "Cemaziyülevvel|Cumadelula|Cemazilevvel",
    "جماد الآخر|جماد الثاني|جماد ثاني|جمادى ثانية|جماد الآخرة|Jumada al-Akhir|Jamadi us-Sani|Jumada al-Sani|"
    "Cemaziyülahir|Cumadelahire|Cemazilahir",
    "رجب الفرد|رجب الأصب|Rajab al-Murajjab",
    "شعبان‌المعظم|Shaban|Şâbân|Sha'aban",
    "رمضان المبارك|رمضان المعظم|Ramzan",
    "شوال المكرم|شوّال|Shavval|Shawal",
    "ذو القعدة الحرام|ذیقعدةالحرام|ذي قعدة|Dhu al-Qa'da|Dhu al-Qada|Dhu al-Qi'da|Dhul Qada|Zilqad|Zul Qa'dah|Zulqaida|"
    "Zilka'de|Zülkade|Zilkâde",
    "ذو الحجة الحرام|ذیحجةالحرام|ذي حجة|Dhul Hijja|Zilhaj|Zul Hijjah|Zulhijja|Dhu'l Hijjah|Zülhicce"), 1)
_MORE_WEEKDAYS = _numbered((
    "اثنين|الأثنين|Ptesi|Pts", "ثلاثاء|الثلاثا", "أربعاء|الأربعا|چارشنبه|چار شنبه|Çrş|Çarş", "خميس|Prş|Perş", "جمعة",
    "سبت|Cts|Ctesi", "أحد|Pzr"), 0)
# fmt: on


def _with(*tables: tuple[Calendar, dict[str, int]]) -> dict[str, tuple[Calendar, int]]:
    return {key: (calendar, number) for calendar, names in tables for key, number in names.items()}


MONTHS: Mapping[str, tuple[Calendar, int]] = MappingProxyType(
    _with(
        (Calendar.JALALI, _IRANIAN_MONTHS),
        (Calendar.JALALI, _AFGHAN_MONTHS),
        (Calendar.GREGORIAN, _TURKISH_MONTHS),
        (Calendar.GREGORIAN, _MORE_GREGORIAN_MONTHS),
        (Calendar.HIJRI, _MORE_LUNAR_MONTHS),
    )
    | dict(MONTH_BY_KEY)
)
"""Key of a month's name (`fold_name`) to its calendar and number, 1 to 12."""

WEEKDAYS: Mapping[str, int] = MappingProxyType(_MORE_WEEKDAYS | dict(WEEKDAY_BY_KEY))
"""Key of a weekday's name to its number, Monday 0."""


def _keys_of(language: str, calendar: Calendar | None) -> set[str]:
    tables = WEEKDAY_TABLES if calendar is None else [table for table in MONTH_TABLES if table.calendar is calendar]
    return {
        fold_name(spelling)
        for table in tables
        if table.language == language
        for group in table.names
        for spelling in group
    }


_ENGLISH = _keys_of("en", Calendar.GREGORIAN) | _keys_of("en", None)
COUNTRY_ZONE: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(_keys_of("fa-AF", Calendar.JALALI) | _keys_of("fa-Latn-AF", Calendar.JALALI), "Asia/Kabul")
    | dict.fromkeys(_AFGHAN_MONTHS, "Asia/Kabul")
    | dict.fromkeys(_keys_of("fa", Calendar.JALALI) | _keys_of("fa-Latn", Calendar.JALALI), "Asia/Tehran")
    | dict.fromkeys(_IRANIAN_MONTHS, "Asia/Tehran")
    | dict.fromkeys((_keys_of("tr", Calendar.GREGORIAN) | _keys_of("tr", None)) - _ENGLISH, "Europe/Istanbul")
)
"""Names of months and weekdays that are at home in one country, and its time zone."""

MERIDIEMS: Mapping[str, Meridiem] = MappingProxyType(
    {
        key: meridiem
        for meridiem, spellings in {
            Meridiem.MORNING: "am|a.m.|in the morning|ص|صباحا|صباحًا|في الصباح|فجرا|فجرًا|قبل الظهر|ضحى|"
            "ق.ظ|ق ظ|قبل از ظهر|قبل از چاشت|پیش از ظهر|صبح|بامداد|سحر|ÖÖ|öğleden önce|sabah",
            Meridiem.AFTERNOON: "pm|p.m.|in the afternoon|in the evening|م|مساء|مساءً|مساءا|في المساء|عصرا|"
            "عصرًا|بعد الظهر|ب.ظ|ب ظ|بعد از ظهر|بعدازظهر|پس از ظهر|بعد از چاشت|شام|عصر|غروب|ÖS|öğleden sonra|akşam",
            Meridiem.NOON: "noon|چاشت|ظهر|ظهرا|ظهرًا|öğle|öğlen",
            Meridiem.NIGHT: "at night|شب|ليلا|ليلًا|gece",
        }.items()
        for key in _keys(spellings)
    }
)

ERAS: Mapping[str, tuple[Calendar, ...]] = MappingProxyType(
    {
        key: calendars
        for calendars, spellings in {
            (Calendar.GREGORIAN,): "م|ميلادي|ميلادية|میلادی|للميلاد|AD|CE|M.S.|miladi|Gregorian",
            (Calendar.JALALI,): "ش|هـ.ش|هـ ش|ه.ش|ه.ش.|هجری شمسی|هجری خورشیدی|هجرية شمسية|هجري شمسي|شمسی|خورشیدی|ه.خ|"
            "SH|Solar Hijri|hicri şemsi|Persian",
            # "هجري" alone is said of both: lunar where nothing else tells
            (Calendar.HIJRI, Calendar.JALALI): "هـ|ه|هجري|هجرية|هجری|للهجرة|hicri|Hijri",
            (Calendar.HIJRI,): "ق|هـ.ق|هـ ق|ه.ق|هجری قمری|هجري قمري|هجرية قمرية|قمری|قمرية|AH|hicri kameri",
        }.items()
        for key in _keys(spellings)
    }
)
"""Eras, and the calendars that each may mean, the likelier first."""

_UTC = "utc|ut|gmt|z|zulu|greenwich mean time|coordinated universal time|universal time"
_OFFSETS = {
    0: f"{_UTC}|بتوقيت غرينتش|توقيت غرينتش|بتوقيت جرينتش|توقيت جرينتش|غرينتش|جرينتش|ت.غ|بالتوقيت العالمي|"
    "به وقت گرینویچ|وقت گرینویچ|گرینویچ|به وقت جهانی|به ساعت جهانی",
    -300: "est|eastern standard time", -240: "edt|eastern daylight time", -360: "cst|mdt", -480: "pst", -420: "mst|pdt",
    60: "cet", 120: "cest|eet", 180: "eest|msk|trt|arabia standard time", 210: "irst|iran standard time",
    270: "irdt|aft|iran daylight time|afghanistan time",
}  # fmt: skip
# Abbreviations that mean several zones (IST, BST, AST; CST outside mail) are left out but for the North American ones,
# which RFC 2822 defines.
_PLACES = {
    "America/New_York": "et|eastern time|بتوقيت واشنطن|به وقت واشنگتن|بتوقيت نيويورك|به وقت نیویورک|washington time",
    "America/Chicago": "ct|central time",
    "America/Denver": "mt|mountain time",
    "America/Los_Angeles": "pt|pacific time",
    "Asia/Tehran": "به وقت تهران|به وقت ایران|وقت تهران|به ساعت تهران|بتوقيت طهران|بتوقيت إيران|tehran time|iran time|"
    "tahran saatiyle|tahran saati",
    "Asia/Kabul": "به وقت کابل|به وقت افغانستان|وقت کابل|بتوقيت كابول|kabul time|kabil saatiyle",
    "Europe/Istanbul": "tsi|türkiye saatiyle|türkiye saati|türkiye saati ile|istanbul saatiyle|به وقت استانبول|"
    "به وقت ترکیه|بتوقيت إسطنبول|بتوقيت تركيا|turkey time|türkiye time|istanbul time|ankara time",
    "Asia/Riyadh": "بتوقيت مكة المكرمة|بتوقيت مكة|بتوقيت السعودية|بتوقيت الرياض|ksa|saudi time|mecca time|makkah time",
    "Asia/Dubai": "بتوقيت الإمارات|بتوقيت أبوظبي|بتوقيت أبو ظبي|بتوقيت دبي|uae time|dubai time|abu dhabi time",
    "Asia/Qatar": "بتوقيت الدوحة|بتوقيت قطر|doha time|qatar time",
    "Asia/Kuwait": "بتوقيت الكويت|kuwait time",
    "Asia/Baghdad": "بتوقيت بغداد|بتوقيت العراق|به وقت بغداد|baghdad time",
    "Asia/Damascus": "بتوقيت دمشق|بتوقيت سوريا|damascus time",
    "Asia/Beirut": "بتوقيت بيروت|بتوقيت لبنان|beirut time",
    "Asia/Amman": "بتوقيت عمّان|بتوقيت الأردن|amman time",
    "Asia/Hebron": "بتوقيت القدس|بتوقيت فلسطين|بتوقيت غزة",
    "Africa/Cairo": "بتوقيت القاهرة|بتوقيت مصر|cairo time",
    "Africa/Tripoli": "بتوقيت طرابلس|بتوقيت ليبيا|tripoli time",
    "Africa/Tunis": "بتوقيت تونس|tunis time",
    "Africa/Algiers": "بتوقيت الجزائر|algiers time",
    "Africa/Casablanca": "بتوقيت الرباط|بتوقيت المغرب|rabat time",
    "Europe/London": "بتوقيت لندن|به وقت لندن|london time|londra saatiyle",
    "Europe/Moscow": "بتوقيت موسكو|به وقت مسکو|moscow time",
}
ZONES: Mapping[str, int | str] = MappingProxyType(
    {key: minutes for minutes, spellings in _OFFSETS.items() for key in _keys(spellings)}
    | {key: name for name, spellings in _PLACES.items() for key in _keys(spellings)}
)
"""Words for a time zone to minutes east of UTC, or to its IANA name."""

CLOCK_WORDS = frozenset(
    _keys("ساعت|در ساعت|رأس ساعت|الساعة|عند الساعة|على الساعة|في الساعة|في تمام الساعة|saat|at|T|time")
)
FILLERS = frozenset(
    _keys(
        "on|of|the|day|corresponding to|local time|ماه|سال|روز|مورخ|مورخه|برج|در|در تاریخ|به تاریخ|برابر با|برابر|"
        "مصادف با|مصادف|مطابق|مطابق با|به وقت محلی|في|يوم|شهر|من|عام|سنة|لسنة|لعام|بتاريخ|الموافق|الموافق لـ|المصادف|"
        "الموافق ل|بالتوقيت المحلي|بتوقيت محلي|günü|tarihinde|tarihi|tarihli|yılı|ayı|yerel saatle|yerel saat"
    )
)
ORDINALS = frozenset({"st", "nd", "rd", "th"})

LABELS: Mapping[str, Label] = MappingProxyType(
    {
        key: label
        for label, spellings in {
            Label.PUBLISHED: "published|publish|publish date|published date|publishing date|publication date|"
            "date published|publication time|publish time|first published|originally published|posted|posted date|"
            "date posted|date|news date|issued|release date|released|pubdate|"
            "تاریخ|تاریخ انتشار|تاریخ نشر|تاریخ و زمان انتشار|تاریخ و ساعت انتشار|زمان انتشار|ساعت انتشار|زمان نشر|"
            "تاریخ خبر|تاریخ درج|زمان درج|تاریخ ارسال|زمان ارسال|تاریخ مخابره|زمان مخابره|انتشار|"
            "منتشر شده|منتشر شده در|منتشر شد|"
            "انتشار یافته|نشر|نشر شده|نشر شده در|نشر شد|"
            "التاريخ|تاريخ النشر|تاريخ ووقت النشر|وقت النشر|نشرت|نشر في|نشرت في|تم النشر|تم النشر في|تم نشره|"
            "تم نشره في|منشور|منشور في|نشر بتاريخ|نشرت بتاريخ|صدر في|"
            "yayın|yayın tarihi|yayınlanma|yayınlanma tarihi|yayımlanma|yayımlanma tarihi|yayınlama tarihi|yayınlandı|"
            "yayımlandı|yayın zamanı|giriş|giriş tarihi|haber giriş|haber giriş tarihi|haber tarihi|tarih|"
            "oluşturulma|oluşturulma tarihi|oluşturma tarihi|eklenme|eklenme tarihi|ekleme tarihi",
            Label.UPDATED: "updated|update|last updated|last update|update date|updated date|date updated|modified|"
            "last modified|date modified|edited|last edited|"
            "به‌روزرسانی|به‌روز رسانی|به‌روزرسانی شده|آخرین به‌روزرسانی|تاریخ به‌روزرسانی|زمان به‌روزرسانی|بروزرسانی|"
            "آخرین بروزرسانی|تاریخ بروزرسانی|به‌روز شده|به‌روز شد|ویرایش|آخرین ویرایش|تاریخ ویرایش|آخرین تغییر|تجدید شده|"
            "آخر تحديث|آخر تحديث في|تحديث|التحديث|تم التحديث|تم التحديث في|تاريخ التحديث|حدث|حدث في|حدّثت|محدث|محدث في|"
            "آخر تعديل|تم التعديل|تعديل|"
            "güncelleme|günceleme|güncelleme tarihi|son güncelleme|son güncelleme tarihi|güncelleme zamanı|güncellendi|"
            "güncellenme|güncellenme tarihi|son güncellenme|değiştirilme|düzenleme|son düzenleme",
        }.items()
        for key in _keys(spellings)
    }
)
