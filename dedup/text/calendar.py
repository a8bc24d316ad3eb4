"""Dates in three calendars: names of months and weekdays, conversion, and reading a whole date line.

Jalali arithmetic is persiantools', Hijri arithmetic (Umm al-Qura, 1343-1500) is hijridate's; both MIT.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import ClassVar

from hijridate import Hijri
from persiantools.jdatetime import JalaliDate

from dedup.text.calendar_names import (
    MONTH_BY_KEY,
    MONTH_TABLES,
    WEEKDAY_BY_KEY,
    WEEKDAY_TABLES,
    Calendar,
    MonthTable,
    WeekdayTable,
    month_number,
    weekday_number,
)
from dedup.text.digits import to_ascii_digits
from dedup.text.fold import fold_name, fold_text

__all__ = [
    "MONTH_TABLES",
    "WEEKDAY_TABLES",
    "Calendar",
    "MonthTable",
    "WeekdayTable",
    "fold_name",
    "fold_text",
    "from_epoch",
    "month_number",
    "parse_datetime",
    "to_gregorian",
    "weekday_number",
]

_LONGEST = 120  # characters: no date line is longer, and what is scanned stays small
_HIJRI_CALENDARS_YEARS = range(1300, 1501)  # 1882-2122 in the Jalali, 1882-2077 in the lunar calendar
_FIRST_GREGORIAN_YEAR = 1501
_LAST_EPOCH_MILLISECOND = 10**13


def to_gregorian(calendar: Calendar, year: int, month: int, day: int) -> date | None:
    """Return the Gregorian date of a day, None where the calendar has no such day or its tables do not reach.

    >>> to_gregorian(Calendar.JALALI, 1401, 12, 8), to_gregorian(Calendar.HIJRI, 1444, 8, 8)
    (datetime.date(2023, 2, 27), datetime.date(2023, 2, 28))
    >>> to_gregorian(Calendar.JALALI, 1401, 12, 30) is None
    True
    """
    try:
        match calendar:
            case Calendar.GREGORIAN:
                return date(year, month, day)
            case Calendar.JALALI:
                converted: date = JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]  # theirs
                return converted
            case Calendar.HIJRI:
                lunar = Hijri(year, month, day).to_gregorian()
                return date(lunar.year, lunar.month, lunar.day)
    except (ValueError, OverflowError):
        return None


def from_epoch(value: float) -> datetime | None:
    """Return the time ``value`` seconds or, from 10^11 on, milliseconds after 1970-01-01 UTC.

    None for what is no number, lies before 1970 or past the year 2286.

    >>> from_epoch(1677512640) == from_epoch(1677512640000)
    True
    """
    if isinstance(value, bool) or not 0 <= value < _LAST_EPOCH_MILLISECOND:  # NaN is not either
        return None
    seconds = value / 1000 if value >= 1e11 else value
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds) if seconds < 1e10 else None


def parse_datetime(text: str, *, timezone: tzinfo | None) -> datetime | None:
    """Return the time that ``text`` names as a whole, or None where any part of it is not understood.

    Reads ISO 8601 (but for week and ordinal dates), RFC 2822, and the date lines of newspapers in English, Farsi,
    Dari, Arabic and Turkish, in the Gregorian, Jalali and Hijri calendars. A year of 1300-1500 is Jalali unless a
    Hijri month or era stands with it; with a Gregorian month it is an error. ``03/04/2023`` is 3 April; month first
    is tried only where day first is impossible. A weekday that contradicts the date makes the whole None, since one
    of them is wrong. Years of two digits are not guessed at.

    Args:
        text: the whole of a field or line; not a sentence that contains a date.
        timezone: for times that state no zone of their own; None means UTC. A date alone is midnight of that zone.

    >>> parse_datetime("دوشنبه ۸ اسفند ۱۴۰۱ - ۱۵:۴۴", timezone=None)
    datetime.datetime(2023, 2, 27, 15, 44, tzinfo=datetime.timezone.utc)
    >>> parse_datetime("2018-09/2018-11 (newstest2019)", timezone=None) is None
    True
    """
    if len(text) > _LONGEST:
        return None
    scanner = _Scanner(_spell_out_compact(fold_text(to_ascii_digits(text)).translate(_DASHES).strip()))
    day = scanner.day() if scanner.scan() else None
    clock = scanner.clock() if day else None
    if day is None or clock is None:
        return None
    zone = scanner.zone() or timezone or UTC
    return datetime.combine(day, clock, tzinfo=zone)


_DASHES = str.maketrans("‐‑‒–—―−", "-------")
_COMPACT = re.compile(r"([12]\d{3})(-?)(\d\d)\2(\d\d)(?:[t ]?(\d\d)(\d\d)(\d\d)?(?=$|[^\d]))?(?!\d)(.*)", re.DOTALL)


def _spell_out_compact(text: str) -> str:
    """ISO 8601's basic form, of time or of both, in its extended form: 20230227T154400Z."""
    match = _COMPACT.fullmatch(text)
    if match is None:
        return text
    year, _, month, day, hour, minute, second, rest = match.groups()
    clock = f"t{hour}:{minute}:{second or '00'}" if hour else ""
    return f"{year}-{month}-{day}{clock}{rest}"


_SPACE = re.compile(r"\s+")
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?![\d:])")
_DOTTED_CLOCK = re.compile(r"(\d{1,2})\.(\d\d)(?![\d.:])")
_OFFSET = re.compile(r"([+-])(\d\d?)(?::?(\d\d))?(?![\d:/.-])")
_NUMERIC_DATE = re.compile(r"(\d{1,4})( ?[/.-] ?)(\d{1,2})\2(\d{1,4})(?!\d)")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+")
_JOINT = re.compile(r"[ .'’`-]{1,2}(?=[^\W\d_])")
_MOST_WORDS = 5  # of one name: "Dhu al-Qi'dah" has four
_MOST_HOURS_OFF = 14  # Kiribati
_MARKS = frozenset(",،-/.|؛;()[]·•")

_MERIDIEMS = {
    fold_name(spelling): meridiem
    for meridiem, spellings in {
        "am": "am|ص|صباحا|صباحًا|ق.ظ|قبل از ظهر|صبح|ÖÖ",
        "pm": "pm|م|مساء|مساءً|ب.ظ|بعد از ظهر|بعدازظهر|عصر|ÖS",
    }.items()
    for spelling in spellings.split("|")
}
_ERAS = {
    fold_name(spelling): calendar
    for calendar, spellings in {
        Calendar.GREGORIAN: "م|ميلادي|ميلادية|میلادی|AD|CE|M.S.|miladi",
        Calendar.JALALI: "ش|هـ.ش|هـ ش|هجری شمسی|هجری خورشیدی|شمسی|خورشیدی",
        Calendar.HIJRI: "ق|هـ|هـ.ق|هـ ق|هجري|هجرية|هجری قمری|قمری|AH|hicri",
    }.items()
    for spelling in spellings.split("|")
}
# Minutes east of UTC. Abbreviations that mean several zones (IST, BST, CST outside mail) are left out but for the
# North American ones, which RFC 2822 defines.
_ZONES = {
    "z": 0, "utc": 0, "ut": 0, "gmt": 0, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360,
    "pst": -480, "pdt": -420, "cet": 60, "cest": 120, "eet": 120, "eest": 180, "msk": 180, "trt": 180, "irst": 210,
    "irdt": 270, "aft": 270, fold_name("بتوقيت غرينتش"): 0, fold_name("به وقت گرینویچ"): 0,
}  # fmt: skip
_CLOCK_WORDS = frozenset(map(fold_name, ("ساعت", "الساعة", "عند الساعة", "saat", "at", "T")))
# fmt: off
_FILLERS = frozenset(map(fold_name, (
    "on", "of", "the", "day", "ماه", "سال", "روز", "مورخ", "مورخه", "في",
    "يوم", "شهر", "من", "عام", "سنة", "لسنة", "لعام", "günü", "tarihinde", "yılı",
)))
# fmt: on
_ORDINALS = frozenset({"st", "nd", "rd", "th"})


@dataclass(slots=True)
class _Scanner:
    """Reads a folded date line from left to right into the parts of a date; `scan` is False at the first oddity."""

    text: str
    position: int = 0
    last: str = ""
    """The kind of the token before, spaces left out."""
    numbers: list[str] = field(default_factory=list)
    dates: list[tuple[str, str, str]] = field(default_factory=list)
    months: set[tuple[Calendar, int]] = field(default_factory=set)
    weekdays: set[int] = field(default_factory=set)
    eras: set[Calendar] = field(default_factory=set)
    clocks: list[tuple[int, int, int, int]] = field(default_factory=list)
    meridiems: set[str] = field(default_factory=set)
    offsets: set[int] = field(default_factory=set)

    _STEPS: ClassVar[tuple[Callable[[_Scanner], str], ...]]

    def scan(self) -> bool:
        while self.position < len(self.text):
            if space := _SPACE.match(self.text, self.position):
                self.position = space.end()
                continue
            kind = next((kind for step in self._STEPS if (kind := step(self))), "")
            if not kind:
                return False
            self.last = kind
        return len(self.clocks) <= 1 and len(self.meridiems) <= 1 and len(self.offsets) <= 1

    # Each step reads one token at `position` and returns its kind, or "" where there is none of that kind.

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self.text, self.position)
        if match:
            self.position = match.end()
        return match

    def _read_clock(self) -> str:
        match = self._match(_CLOCK)
        if match is None and self._date_is_complete() and self.text[self.position - 1].isspace():
            match = self._match(_DOTTED_CLOCK)  # 27 Şubat 2023 15.44
        if match is None:
            return ""
        hour, minute, second, fraction = (*match.groups("0"), "0", "0")[:4]
        self.clocks.append((int(hour), int(minute), int(second), int(fraction.ljust(6, "0")[:6])))
        return "clock"

    def _date_is_complete(self) -> bool:
        return not self.clocks and (bool(self.dates) or (bool(self.months) and len(self.numbers) == 2))

    def _read_offset(self) -> str:
        follows_clock = self.clocks and self.last in ("clock", "meridiem", "zone")
        match = _OFFSET.match(self.text, self.position) if follows_clock else None
        if match is None or (len(match[2]) == 1 and self.last != "zone"):
            return ""
        sign, hours, minutes = match[1], int(match[2]), int(match[3] or 0)
        if hours > _MOST_HOURS_OFF or minutes > 59:
            return ""
        self.position = match.end()
        self.offsets.discard(0)  # UTC+3
        self.offsets.add((60 * hours + minutes) * (-1 if sign == "-" else 1))
        return "zone"

    def _read_numeric_date(self) -> str:
        match = self._match(_NUMERIC_DATE)
        if match is None:
            return ""
        self.dates.append((match[1], match[3], match[4]))
        return "date"

    def _read_number(self) -> str:
        match = self._match(_NUMBER)
        if match is None:
            return ""
        if self.last == "clock word" and len(match[0]) <= 2:  # ساعت ۱۶
            self.clocks.append((int(match[0]), 0, 0, 0))
            return "clock"
        self.numbers.append(match[0])
        return "number"

    def _read_words(self) -> str:
        """The longest run of words that means something."""
        ends: list[int] = []
        position = self.position
        while len(ends) < _MOST_WORDS and (word := _WORD.match(self.text, position)):
            ends.append(word.end())
            joint = _JOINT.match(self.text, word.end())
            if joint is None:
                break
            position = joint.end()
        for end in reversed(ends):
            key = fold_name(self.text[self.position : end])
            if kind := self._understand(key):
                self.position = end
                return kind
        return ""

    def _understand(self, key: str) -> str:
        if key in MONTH_BY_KEY:
            self.months.add(MONTH_BY_KEY[key])
            return "month"
        if key in WEEKDAY_BY_KEY:
            self.weekdays.add(WEEKDAY_BY_KEY[key])
            return "weekday"
        if key in _ERAS and self._follows_year():  # before meridiems: م after a year is "A.D."
            self.eras.add(_ERAS[key])
            return "era"
        if key in _MERIDIEMS:
            return self._understand_meridiem(_MERIDIEMS[key])
        if key in _ZONES and self.clocks:
            if not (_ZONES[key] == 0 and self.offsets):
                self.offsets.add(_ZONES[key])
            return "zone"
        if key in _CLOCK_WORDS:
            return "clock word"
        if key in _ORDINALS and self.last == "number" and self.text[self.position - 1].isdigit():
            return "number"
        return "filler" if key in _FILLERS else ""

    def _follows_year(self) -> bool:
        return self.last in ("date", "era") or (self.last == "number" and len(self.numbers[-1]) == 4)

    def _understand_meridiem(self, meridiem: str) -> str:
        if not self.clocks and self.last == "number" and self.numbers and len(self.numbers[-1]) <= 2:  # 3 pm
            self.clocks.append((int(self.numbers.pop()), 0, 0, 0))
        self.meridiems.add(meridiem)
        return "meridiem"

    def _read_mark(self) -> str:
        character = self.text[self.position]
        if character in _MARKS or (character == ":" and self.last == "clock word"):
            self.position += 1
            return "clock word" if character == ":" else "mark"
        return ""

    # What the parts come to.

    def day(self) -> date | None:
        """The Gregorian date, None unless there is exactly one and the weekday agrees."""
        if self.months:
            found = self._named_day() if not self.dates else None
        else:
            found = self._numeric_day() if len(self.dates) == 1 and not self.numbers else None
        return found if found and self.weekdays <= {found.weekday()} else None

    def _named_day(self) -> date | None:
        years = [int(number) for number in self.numbers if len(number) == 4]
        days = [int(number) for number in self.numbers if len(number) <= 2]
        if len(self.months) != 1 or len(years) != 1 or len(days) != 1 or len(self.numbers) != 2:
            return None
        (((calendar, month),), (year,), (day,)) = self.months, years, days
        if (year in _HIJRI_CALENDARS_YEARS) == (calendar is Calendar.GREGORIAN) or not self.eras <= {calendar}:
            return None
        return _sane_date(calendar, year, month, day)

    def _numeric_day(self) -> date | None:
        first, middle, last = self.dates[0]
        year_first = len(first) == 4
        if year_first == (len(last) == 4) or len(last if year_first else first) > 2:
            return None
        year = int(first if year_first else last)
        calendar = self._calendar_of_year(year)
        if calendar is None:
            return None
        if year_first:
            return _sane_date(calendar, year, int(middle), int(last))
        return _sane_date(calendar, year, int(middle), int(first)) or _sane_date(
            calendar, year, int(first), int(middle)
        )

    def _calendar_of_year(self, year: int) -> Calendar | None:
        if year not in _HIJRI_CALENDARS_YEARS:
            return Calendar.GREGORIAN if self.eras <= {Calendar.GREGORIAN} else None
        if len(self.eras) > 1 or Calendar.GREGORIAN in self.eras:
            return None
        return next(iter(self.eras), Calendar.JALALI)

    def clock(self) -> time | None:
        """The time of day, midnight where none is named, None for an impossible one."""
        hour, minute, second, microsecond = self.clocks[0] if self.clocks else (0, 0, 0, 0)
        if self.meridiems:
            afternoon = self.meridiems == {"pm"}
            if not self.clocks or (hour > 12 and not afternoon) or (hour == 0 and afternoon):
                return None
            hour = hour % 12 + 12 * afternoon if hour <= 12 else hour
        try:
            return time(hour, minute, second, microsecond)
        except ValueError:
            return None

    def zone(self) -> tzinfo | None:
        """The zone that the line itself names."""
        for offset in self.offsets:  # at most one: `scan` has seen to that
            return timezone(timedelta(minutes=offset)) if offset else UTC
        return None


_Scanner._STEPS = (
    _Scanner._read_clock,
    _Scanner._read_offset,
    _Scanner._read_numeric_date,
    _Scanner._read_number,
    _Scanner._read_words,
    _Scanner._read_mark,
)


def _sane_date(calendar: Calendar, year: int, month: int, day: int) -> date | None:
    """`to_gregorian` but for years that no newspaper bears."""
    if calendar is Calendar.GREGORIAN and year < _FIRST_GREGORIAN_YEAR:
        return None
    return to_gregorian(calendar, year, month, day)
