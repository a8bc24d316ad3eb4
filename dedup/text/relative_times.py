"""Times told from the time of reading: *2 hours ago*, دیروز, قبل ساعتين, *dün*.

``3 hours ago`` is a time of day; ``3 days ago`` and ``yesterday`` are days, and their time is what stands beside them,
or midnight. Months and years ago are too coarse to be a day, and are recognised only to say so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from dedup.text.fold import fold_name, fold_text

__all__ = ["Ago", "ago_at", "days_before", "may_tell_ago"]


class _Unit(IntEnum):
    """Seconds in a unit."""

    SECOND = 1
    MINUTE = 60
    HOUR = 3600
    DAY = 86_400
    WEEK = 604_800
    COARSE = 0
    """Months and years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ago:
    """A time before the reference."""

    seconds: float = 0
    """For seconds, minutes and hours."""
    days: int | None = None
    """For days and weeks: the day, without a time."""
    is_too_coarse: bool = False


def _keys(text: str) -> frozenset[str]:
    return frozenset(map(fold_name, text.split("|")))


# fmt: off
_UNITS = {key: unit for unit, spellings in {
    _Unit.SECOND: "second|seconds|sec|secs|s|ثانیه|ثانية|ثوان|ثواني|saniye|sn",
    _Unit.MINUTE: "minute|minutes|min|mins|m|دقیقه|دقيقة|دقائق|dakika|dk|dak",
    _Unit.HOUR: "hour|hours|hr|hrs|h|ساعت|ساعة|ساعات|saat|sa",
    _Unit.DAY: "day|days|d|روز|يوم|يوما|أيام|gün",
    _Unit.WEEK: "week|weeks|wk|wks|w|هفته|أسبوع|أسابيع|hafta",
    _Unit.COARSE: "month|months|mo|year|years|yr|yrs|ماه|سال|شهر|أشهر|شهور|شهرين|سنة|سنوات|سنتين|عام|عامين|أعوام|"
    "ay|yıl|sene",
}.items() for key in _keys(spellings)}
_DUALS = {key: unit for unit, spellings in {
    _Unit.SECOND: "ثانيتين|ثانيتان", _Unit.MINUTE: "دقيقتين|دقيقتان", _Unit.HOUR: "ساعتين|ساعتان",
    _Unit.DAY: "يومين|يومان", _Unit.WEEK: "أسبوعين|أسبوعان",
}.items() for key in _keys(spellings)}
_NUMBERS = {key: number for number, spellings in {
    0.5: "half|نیم|نصف|yarım", 0.25: "ربع", 1: "a|an|one|یک|bir", 2: "two|دو|iki", 3: "three|سه|ثلاث|ثلاثة|üç",
    4: "four|چهار|چار|أربع|أربعة|dört", 5: "five|پنج|خمس|خمسة|beş", 6: "six|شش|ست|ستة|altı",
    7: "seven|هفت|سبع|سبعة|yedi", 8: "eight|هشت|ثمان|ثماني|ثمانية|sekiz", 9: "nine|نه|تسع|تسعة|dokuz",
    10: "ten|ده|عشر|عشرة|on", 11: "eleven|یازده", 12: "twelve|دوازده", 15: "fifteen|پانزده",
    20: "twenty|بیست|عشرين|yirmi", 30: "thirty|سی|ثلاثين|otuz",
}.items() for key in _keys(spellings)}
# fmt: on
_BEFORE_AMOUNT = _keys("قبل|منذ")
_AFTER_AMOUNT = _keys("ago|پیش|قبل|önce|evvel|مضت")
_ABOUT = _keys("about|around|over|حدود|تقریبا|حوالي|نحو|yaklaşık")
_AND = _keys("and|و|ve")
_ARTICLES = _keys("a|an")
"""Half an hour."""
_HALF_MORE = _keys("buçuk|نیم|ونصف|و نصف|ونیم")
"""After a number or unit: 2 buçuk saat, ۲ ساعت و نیم, ساعة ونصف."""
_ONE_AFTER = _keys("واحدة|واحد")
_JUST_NOW_PHRASES = (
    "just now|now|right now|moments ago|a moment ago|a few moments ago|seconds ago|a few seconds ago|minutes ago|"
    "a few minutes ago|"
    "لحظاتی پیش|لحظاتی قبل|لحظه‌ای پیش|لحظاتی‌پیش|چند لحظه پیش|چند لحظه قبل|دقایقی پیش|دقایقی قبل|چند دقیقه پیش|"
    "چند دقیقه قبل|هم‌اکنون|هم اکنون|همین حالا|همین الان|اکنون|"
    "الآن|قبل لحظات|منذ لحظات|قبل قليل|منذ قليل|قبل دقائق|منذ دقائق|قبل ثوان|منذ ثوان|"
    "az önce|biraz önce|demin|şimdi|şu an|şu anda|birkaç dakika önce|birkaç saniye önce|dakikalar önce"
)
_JUST_NOW = _keys(_JUST_NOW_PHRASES)
_DAYS_BEFORE = {
    key: days
    for days, spellings in {
        0: "today|امروز|اليوم|bugün",
        1: "yesterday|دیروز|دی‌روز|أمس|البارحة|dün",
        2: "day before yesterday|the day before yesterday|پریروز|أول أمس|أمس الأول|أول من أمس|evvelsi gün|önceki gün",
    }.items()
    for key in _keys(spellings)
}
# Nearly all texts have none of these, and need not be searched word by word.
_MARKERS = re.compile(
    "|".join(sorted({*_BEFORE_AMOUNT, *_AFTER_AMOUNT, *(fold_text(one) for one in _JUST_NOW_PHRASES.split("|"))}))
)
_MOST_WORDS = 8
_ITEM = re.compile(r"\d{1,4}|[^\W\d_]+")
_GAP = re.compile(r"[ .,،]{0,2}")
_MOST_SECONDS = 3650 * _Unit.DAY


def days_before(key: str) -> int | None:
    """Return how many days before the reference a word such as *yesterday* is, None for any other word."""
    return _DAYS_BEFORE.get(key)


def may_tell_ago(text: str) -> bool:
    """Return whether it is worth to look for times before the reference in a folded text."""
    return _MARKERS.search(text) is not None


def ago_at(text: str, position: int) -> tuple[Ago, int] | None:
    """Return the time before the reference that is told at a place of a folded text, and where it ends.

    >>> ago_at("3 saat once", 0)
    (Ago(seconds=10800.0, days=None, is_too_coarse=False), 11)
    """
    items: list[str] = []
    ends: list[int] = []
    while len(items) < _MOST_WORDS and (item := _ITEM.match(text, position)):
        items.append(fold_name(item[0]))
        ends.append(item.end())
        gap = _GAP.match(text, item.end())
        position = gap.end() if gap else item.end()
    for stop in range(len(items), 0, -1):
        if "".join(items[:stop]) in _JUST_NOW:
            return Ago(), ends[stop - 1]
        found = _ago(items[:stop])
        if found:
            return found, ends[stop - 1]
    return None


def _ago(items: Sequence[str]) -> Ago | None:
    """The time of ``2 hours ago``, or of ``قبل ساعتين`` with the word before."""
    items = [item for item in items if item not in _ABOUT]
    if len(items) >= 2 and items[-1] in _AFTER_AMOUNT:
        return _amount(items[:-1])
    if len(items) >= 2 and items[0] in _BEFORE_AMOUNT:
        # منذ ساعة, and منذ ساعة واحدة
        counted = [item for item in items[1:] if item not in _ONE_AFTER]
        return _amount(["1", *counted] if counted and counted[0] in _UNITS else counted)
    return None


def _amount(items: Sequence[str]) -> Ago | None:
    """The time of numbers and units in turn: ``1 hour 20 minutes``, ``half an hour``, ``۲ ساعت و نیم``."""
    counts: list[tuple[float, _Unit]] = []
    number: float | None = None
    for item in items:
        if item in _UNITS and number is not None:
            counts.append((number, _UNITS[item]))
            number = None
        elif item in _DUALS and number is None:
            counts.append((2, _DUALS[item]))
        elif item in _HALF_MORE and (number is not None or counts):
            number, unit = (number, None) if number is not None else (None, counts[-1][1])
            if unit is None:
                number = (number or 0) + 0.5
            else:
                counts.append((0.5, unit))
        elif (item.isdecimal() or item in _NUMBERS) and number is None:
            number = float(item) if item.isdecimal() else _NUMBERS[item]
        elif not (item in _ARTICLES and number is not None) and not (item in _AND and counts and number is None):
            return None
    return _sum(counts) if counts and number is None else None


def _sum(counts: Sequence[tuple[float, _Unit]]) -> Ago | None:
    units = [unit for _, unit in counts]
    if _Unit.COARSE in units:
        return Ago(is_too_coarse=True)
    total = sum(count * unit for count, unit in counts)
    if total > _MOST_SECONDS:
        return Ago(is_too_coarse=True)
    if min(units) >= _Unit.DAY:
        return Ago(days=int(total // _Unit.DAY)) if total % _Unit.DAY == 0 else None
    return Ago(seconds=total)  # "1 day 3 hours ago" is a time of day again
