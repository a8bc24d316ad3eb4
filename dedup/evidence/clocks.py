"""The times of day that a text tells: clocks (9:20 a.m., saat 14.00, ساعت شش و ۱۲ دقیقه صبح) and parts of the day.

Two events of one kind, in one place, on one day seldom happen at one time, and who reports of such an event mostly says
when it happened. Durations (iki saat, دو ساعت) are no clocks: their number stands before the word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from dedup.text.digits import to_ascii_digits
from dedup.text.normalise import fold_persian_letters

__all__ = ["DAY_MINUTES", "DAY_PARTS", "ClockMention", "DayPartMention", "clock_mentions", "day_part_mentions"]

_HOUR_MINUTES = 60
_NOON = 12 * _HOUR_MINUTES
DAY_MINUTES = 24 * _HOUR_MINUTES
_LATEST_AFTERNOON_NOON = 3
"""Half past two "at noon" is after it, eleven "at noon" before."""
_FIRST_HOUR_OF_NIGHT = 6
"""Two "at night" is after midnight, ten "at night" before."""
_AFTER, _BEFORE = 28, 22
"""Characters around a clock in which a word tells which half of the day it is of."""

# fmt: off
DAY_PARTS: Mapping[str, tuple[float, float]] = MappingProxyType({
    "dawn": (0, 7), "morning": (5, 12), "noon": (10.5, 14.5), "afternoon": (12, 19), "evening": (16.5, 23),
    "night": (19, 30),
})
"""Parts of the day, and the hours in which what is said to happen in them does; 30 is 6 of the next day."""

_PART_WORDS = {
    "dawn": r"before dawn|pre-?dawn|at dawn|overnight|small hours|early hours|after midnight|بامداد|سحرگاه|"
        r"نیمه[\u200c ]?شب|فجر\w*|منتصف الليل|sabaha karşı|gece yarısı|şafak\w*",
    "morning": r"morning|صبح|صباح\w*|(?:پیش|قبل) از (?:چاشت|ظهر)|قبل (?:ال)?ظهر|sabah\w*|öğleden önce",
    "afternoon": r"afternoon|بعد ?از ?ظهر|(?:بعد|پس) از (?:چاشت|ظهر)|عصر\w*|بعد (?:ال)?ظهر|öğleden sonra\w*",
    "noon": r"noon|midday|چاشت|ظهر|ظهرا|öğlen?|öğle (?:saatler|vakti)\w*",
    "evening": r"evening|شام|غروب|مساء\w*|akşam\w*|dusk",
    "night": r"night|tonight|شب|شبانه|ليل|ليلا|ليلة|الليل|gece\w*",
}
# fmt: on
_ANY_PART = re.compile(
    r"(?<![\w\u200c])(?:"
    + "|".join(f"(?P<{part}>{words})" for part, words in _PART_WORDS.items())
    + r")(?![\w\u200c])",
    re.IGNORECASE,
)
_A_PART = re.compile(
    "noon|midday|morning|evening|night|dawn|dusk|hours|بامداد|سحرگاه|شب|فجر|ليل|الليل|صبح|صباح|چاشت|ظهر|الظهر|عصر|شام|غروب|"
    "مساء|sabah|şafak|öğle|akşam|gece",
    re.IGNORECASE,
)
"""Stands in every text in which ``_ANY_PART`` finds something, and is found faster."""

# fmt: off
_PERSIAN: Mapping[str, int] = MappingProxyType({
    "یک": 1, "دو": 2, "سه": 3, "چهار": 4, "پنج": 5, "شش": 6, "هفت": 7, "هشت": 8, "نه": 9, "ده": 10, "یازده": 11,
    "دوازده": 12, "سیزده": 13, "چهارده": 14, "پانزده": 15, "شانزده": 16, "هفده": 17, "هجده": 18, "هژده": 18,
    "نوزده": 19, "بیست": 20, "سی": 30, "چهل": 40, "پنجاه": 50,
})
_PERSIAN_MINUTES: Mapping[str, int] = MappingProxyType({**_PERSIAN, "ربع": 15, "نیم": 30})
_ARABIC_HOURS: Mapping[str, int] = MappingProxyType({
    "الواحدة": 1, "الثانية": 2, "الثالثة": 3, "الرابعة": 4, "الخامسة": 5, "السادسة": 6, "السابعة": 7, "الثامنة": 8,
    "التاسعة": 9, "العاشرة": 10, "الحادية عشرة": 11, "الثانية عشرة": 12,
})
# fmt: on
_ARABIC_MINUTES: Mapping[str, int] = MappingProxyType(
    {"والنصف": 30, "ونصف": 30, "والربع": 15, "وربع": 15, "إلا الربع": -15, "إلا ربعا": -15, "والثلث": 20}
)


def _any_of(words: Mapping[str, int]) -> str:
    """Return a pattern of words, in either spelling of their letters, the longest first."""
    spelt = {spelling for word in words for spelling in (word, fold_persian_letters(word))}
    return "|".join(sorted(map(re.escape, spelt), key=len, reverse=True))


_HOUR, _MINUTE = r"(?P<hour>[01]?[0-9]|2[0-3])", r"(?P<minute>[0-5][0-9])"
_ALONE = r"(?<![\w.,:/٫-])"
_ROUGHLY = r"(?:(?:حدود|حوالی|نزدیک|به|حوالي|نحو|yaklaşık)\s+)?"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 4:36 a.m., 5pm
        rf"{_ALONE}{_HOUR}(?:[:.]{_MINUTE})?\s?(?P<half>[ap])\.?m\b",
        # 15:48
        rf"{_ALONE}{_HOUR}:{_MINUTE}(?![\w:/]|[.,٫][0-9])",
        # saat 14.00, 13.58'deki
        rf"\bsaat(?:leri?|i|le)?\s+{_HOUR}\.{_MINUTE}(?![0-9])",
        rf"{_ALONE}{_HOUR}\.{_MINUTE}(?=['’](?:[dt][ea]))",
        # ساعت ۱۴, الساعة 3, ساعت ۶ و ۱۲ دقیقه
        rf"(?<!\w)(?:ساعت|الساعة|saat)\s+{_ROUGHLY}{_HOUR}(?![\w٪%]|[:.,٫/][0-9])"
        r"(?:\s+و\s+(?P<minutes>[0-9]{1,2})\s+دقیق)?",
        # ساعت هشت و ده دقیقه
        rf"(?<!\w)ساعت\s+{_ROUGHLY}(?P<hour_word>{_any_of(_PERSIAN)})(?!\w)"
        rf"(?:\s+و\s+(?P<minute_word>{_any_of(_PERSIAN_MINUTES)})(?!\w)(?:\s+و\s+(?P<units>{_any_of(_PERSIAN)})(?!\w))?)?",
        # الساعة الثالثة والنصف
        rf"(?<!\w)الساعة\s+(?P<arabic>{_any_of(_ARABIC_HOURS)})(?!\w)(?:\s+(?P<arabic_minutes>{_any_of(_ARABIC_MINUTES)})(?!\w))?",
    )
)
_A_CLOCK = re.compile(r"[0-9][:.][0-9]{2}|[0-9]\s?[ap]\.?m|ساعت|الساعة|saat", re.IGNORECASE)
"""Stands in every text in which a pattern finds something, and is found faster."""
_ELSEWHERE = re.compile(r"\s*\(?(?:GMT|UTC|بتوقيت غرينتش|بتوقيت جرينتش|به وقت گرینویچ)")
"""What follows a clock that is not that of the place."""


class ClockMention(NamedTuple):
    """A time of day as it stands in a text."""

    sentence: int
    text: str
    minutes: tuple[int, ...]
    """Since midnight: two readings where nothing tells which half of the day is meant."""


class DayPartMention(NamedTuple):
    """A part of the day as it stands in a text."""

    sentence: int
    text: str
    part: str
    """One of ``DAY_PARTS``."""


def clock_mentions(sentences: Sequence[str]) -> Iterator[ClockMention]:
    """Yield the clocks of the sentences; of each in the order of how surely they are clocks. None in other zones.

    >>> [found.minutes for found in clock_mentions(["It struck at 4:36 a.m.", "Deprem saat 13.58'de oldu"])]
    [(276,), (838,)]
    >>> [found.minutes for found in clock_mentions(["حریق ساعت نه و بیست دقیقه آغاز شد"])]
    [(560, 1280)]
    """
    for number, sentence in enumerate(sentences):
        text = to_ascii_digits(sentence)
        if _A_CLOCK.search(text):
            for start, end, minutes in _clocks_in(text):
                yield ClockMention(number, sentence[start:end], minutes)


def day_part_mentions(sentences: Sequence[str]) -> Iterator[DayPartMention]:
    """Yield the parts of the day that the sentences name.

    >>> [found.part for found in day_part_mentions(["Tuesday morning", "salı gecesi", "بعد از ظهر سه‌شنبه"])]
    ['morning', 'night', 'afternoon']
    """
    for number, sentence in enumerate(sentences):
        if _A_PART.search(sentence):
            for match in _ANY_PART.finditer(sentence):
                yield DayPartMention(number, match[0], str(match.lastgroup))


def _clocks_in(text: str) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    taken: list[tuple[int, int]] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < last and first < end for first, last in taken) or _ELSEWHERE.match(text, end):
                continue
            minutes = _minutes(match, text)
            if minutes:
                taken.append((start, end))
                yield start, end, minutes


def _minutes(match: re.Match[str], text: str) -> tuple[int, ...]:
    """Return what a clock can mean; nothing where there is no such time."""
    found = match.groupdict()
    hour, minute = _hour_and_minute(found)
    if not (0 <= hour <= 24 and -_HOUR_MINUTES < minute < _HOUR_MINUTES):
        return ()
    digits = found.get("hour") or ""
    if hour > 12 or hour == 0 or digits.startswith("0"):
        return ((hour * _HOUR_MINUTES + minute) % DAY_MINUTES,)
    morning = (hour % 12 * _HOUR_MINUTES + minute) % DAY_MINUTES
    evening = (morning + _NOON) % DAY_MINUTES
    half = (found.get("half") or "").lower()
    part = {"a": "morning", "p": "evening"}.get(half) or _part_beside(text, *match.span())
    match part:
        case "dawn" | "morning":
            return (morning,)
        case "afternoon" | "evening":
            return (evening,)
        case "noon":
            return (evening if hour == 12 or hour <= _LATEST_AFTERNOON_NOON else morning,)
        case "night":
            return (evening if _FIRST_HOUR_OF_NIGHT <= hour < 12 else morning,)
        case _:
            return (morning, evening)


def _hour_and_minute(found: Mapping[str, str | None]) -> tuple[int, int]:
    if word := found.get("hour_word"):
        minute_word, units = found.get("minute_word"), found.get("units")
        minute = _PERSIAN_MINUTES[_spelt(minute_word)] if minute_word else 0
        return _PERSIAN[_spelt(word)], minute + (_PERSIAN[_spelt(units)] if units else 0)
    if word := found.get("arabic"):
        minutes = found.get("arabic_minutes")
        return _ARABIC_HOURS[word], _ARABIC_MINUTES[minutes] if minutes else 0
    return int(found.get("hour") or -1), int(found.get("minute") or found.get("minutes") or 0)


_SPELT = {fold_persian_letters(word): word for word in _PERSIAN_MINUTES}


def _spelt(word: str) -> str:
    return _SPELT.get(word, word)


def _part_beside(text: str, start: int, end: int) -> str | None:
    """Return the part of the day that is named right after a clock, else right before it."""
    after = _ANY_PART.search(text, end, end + _AFTER)
    if after:
        return after.lastgroup
    before = list(_ANY_PART.finditer(text, max(0, start - _BEFORE), start))
    return before[-1].lastgroup if before else None
