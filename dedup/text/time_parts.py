"""The parts of a stated time, as they stand in the text, and the days that they can mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Literal

from dedup.text.calendar_days import to_gregorian
from dedup.text.calendar_names import Calendar
from dedup.text.relative_times import Ago
from dedup.text.time_words import Label, Meridiem

__all__ = ["DATE_ORDERS", "DateOrder", "DayParts", "Statement"]

DateOrder = Literal["dmy", "mdy"]
"""Of the numbers before a year."""

_FIRST_GREGORIAN_YEAR = 1501
_ISLAMIC_YEARS = range(1300, 1501)  # 1921-2122 in the Jalali, 1882-2077 in the lunar calendar
_FIRST_LUNAR_YEAR = 1421
"""A year of digits alone is lunar from here on: a Jalali one would lie in 2042 and later, a lunar one in 2000."""
_FIRST_UNSURE_YEAR = 1410
"""From here on it may be either: 2031 or 1989."""
# Two digits: the first year of the hundred that they can mean.
_FIRST_SHORT_YEAR = {Calendar.GREGORIAN: 1970, Calendar.JALALI: 1330, Calendar.HIJRI: 1370}
_YEAR_ONE = {
    Calendar.GREGORIAN: date(1, 1, 1),
    Calendar.JALALI: date(622, 3, 22),
    Calendar.HIJRI: date(622, 7, 19),
}
_SOLAR_YEAR_DAYS, _LUNAR_YEAR_DAYS = 365.2425, 354.367
_MOST_YEARS_BACK = 4
DATE_ORDERS: tuple[DateOrder, ...] = ("dmy", "mdy")


@dataclass(slots=True)
class DayParts:
    """One naming of a day in one calendar: numbers with the name of a month, or numbers alone."""

    numbers: list[str] = field(default_factory=list)
    """In the order in which they stand; an apostrophe before one says that it is a year: ``'23``."""
    month: tuple[Calendar, int] | None = None
    is_numeric: bool = False
    """Whether the numbers stand in one piece with marks between them: 27.02.2023."""
    is_dotted: bool = False
    """Whether the marks are full stops, with which no one writes the month first."""
    calendars: tuple[Calendar, ...] = ()
    """What an era beside it allows, the likelier first; none where there is no era."""

    def is_complete(self) -> bool:
        """Return whether another number or month would be one too many."""
        return self.is_numeric or (self.month is not None and len(self.numbers) == 2)

    def lacks_year(self) -> bool:
        """Return whether this is a day and a month alone."""
        return self.month is not None and len(self.numbers) == 1 and len(self.numbers[0]) <= 2

    def is_written_out(self) -> bool:
        """Return whether day, month and a year of four digits are named, be there such a day or not: 31 Mehr 1404."""
        lengths = sorted(map(len, self.numbers))
        return self.is_complete() and lengths[-1] == 4 and all(length <= 2 for length in lengths[:-1])

    def calendar(self, language: str) -> Calendar | None:
        """Return the calendar that this is in, None where that is not certain."""
        if self.month is not None:
            return self.month[0]
        years = [digits for digits in self.numbers if len(digits) == 4]
        found = self._calendars_of(years[0], language) if years else ()
        return found[0] if len(found) == 1 else None

    def latest(self, today: date) -> date | None:
        """Return the last day up to ``today`` of this day and month without a year; none where there is none."""
        if self.month is None:
            return None
        calendar, month = self.month
        since = _YEAR_ONE[calendar]
        length = _LUNAR_YEAR_DAYS if calendar is Calendar.HIJRI else _SOLAR_YEAR_DAYS
        year = int((today - since).days / length) + 2
        found = (to_gregorian(calendar, year - back, month, int(self.numbers[0])) for back in range(_MOST_YEARS_BACK))
        return next((day for day in found if day is not None and day <= today), None)

    def readings(self, *, language: str = "", order: DateOrder | None = None) -> list[date]:
        """Return the days that this can mean, none where there is no such day.

        Args:
            language: BCP 47 tag of the text, empty where it is not known.
            order: of the numbers before a year; None where that is not known, and both are then tried.
        """
        if self.month is not None:
            found = self._named()
        elif self.is_numeric:
            found = self._numeric(language, "dmy" if self.is_dotted and order is None else order)
        else:
            return []
        return sorted({day for day in found if day is not None})

    def _named(self) -> Iterator[date | None]:
        if len(self.numbers) != 2 or self.month is None:
            return
        calendar, month = self.month
        if self.calendars and calendar not in self.calendars:
            return
        for day, year in (self.numbers, self.numbers[::-1]):
            if len(day) > 2 or day.startswith("'"):
                continue
            for full in _years(year, calendar):
                yield _sane_date(calendar, full, month, int(day))

    def _numeric(self, language: str, order: DateOrder | None) -> Iterator[date | None]:
        first, middle, last = self.numbers
        if len(first) > 2 and len(last) > 2:
            return
        if len(first) == 4:
            for calendar in self._calendars_of(first, language):
                yield _sane_date(calendar, int(first), int(middle), int(last))
        elif len(last) == 4:
            for calendar in self._calendars_of(last, language):
                yield from _both_orders(calendar, (int(first), int(middle), int(last)), order)
        elif len(first) == 2 == len(last):
            yield from self._two_digits(language, order)

    def _two_digits(self, language: str, order: DateOrder | None) -> Iterator[date | None]:
        """Whatever the digits can mean at all, for only what can mean one thing is taken."""
        first, middle, last = self.numbers
        for calendar in self.calendars or _calendars_of_language(language):
            for year in _years(first, calendar):
                yield _sane_date(calendar, year, int(middle), int(last))
            for year in _years(last, calendar):
                orders = DATE_ORDERS if order is None else (order,)
                for one in orders:
                    yield _in_order(calendar, (int(first), int(middle), year), one)

    def _calendars_of(self, digits: str, language: str) -> tuple[Calendar, ...]:
        year = int(digits)
        if year not in _ISLAMIC_YEARS:
            return (Calendar.GREGORIAN,) if not self.calendars or Calendar.GREGORIAN in self.calendars else ()
        if self.calendars:
            return tuple(one for one in self.calendars[:1] if one is not Calendar.GREGORIAN)
        if year >= _FIRST_LUNAR_YEAR:
            return (Calendar.HIJRI,)
        may_be_lunar = language == "ar" or (year >= _FIRST_UNSURE_YEAR and language not in ("fa", "fa-AF"))
        return (Calendar.JALALI, Calendar.HIJRI) if may_be_lunar else (Calendar.JALALI,)


@dataclass(slots=True)
class Statement:
    """What a text says of one time: that of publication, or, after another label, that of an update."""

    label: Label | None = None
    days: list[DayParts] = field(default_factory=list)
    weekdays: set[int] = field(default_factory=set)
    clocks: list[tuple[int, int, int, int]] = field(default_factory=list)
    meridiems: set[Meridiem] = field(default_factory=set)
    offsets: set[int] = field(default_factory=set)
    """Minutes east of UTC."""
    zones: set[tzinfo] = field(default_factory=set)
    home: str | None = None
    """IANA zone of the country whose names of months or weekdays these are."""
    ago: list[Ago] = field(default_factory=list)
    days_before: set[int] = field(default_factory=set)

    def names_a_day(self) -> bool:
        """Return whether a day stands here, named or told from another time."""
        return bool(self.days or self.ago or self.days_before)

    def is_empty(self) -> bool:
        """Return whether nothing stands after the label."""
        return not (self.days or self.weekdays or self.clocks or self.ago or self.days_before or self.meridiems)


def _calendars_of_language(language: str) -> tuple[Calendar, ...]:
    match language:
        case "en" | "tr":
            return (Calendar.GREGORIAN,)
        case "ar":
            return (Calendar.GREGORIAN, Calendar.HIJRI)
        case "fa" | "fa-AF":
            return (Calendar.GREGORIAN, Calendar.JALALI)
    return (Calendar.GREGORIAN, Calendar.JALALI, Calendar.HIJRI)


def _years(digits: str, calendar: Calendar) -> Iterator[int]:
    """The year that two or four digits are."""
    short = digits.removeprefix("'")
    if len(short) == 4:
        year = int(short)
        if (year in _ISLAMIC_YEARS) != (calendar is Calendar.GREGORIAN):
            yield year
    elif len(short) == 2:
        first = _FIRST_SHORT_YEAR[calendar]
        yield first + (int(short) - first) % 100


def _both_orders(calendar: Calendar, numbers: tuple[int, int, int], order: DateOrder | None) -> Iterator[date | None]:
    """By the order that is known, and against it only where that names no day; None: by both."""
    if calendar is not Calendar.GREGORIAN:
        order = "dmy"  # the month never comes first in them
    if order is None:
        yield from (_in_order(calendar, numbers, one) for one in DATE_ORDERS)
        return
    other: DateOrder = "mdy" if order == "dmy" else "dmy"
    yield _in_order(calendar, numbers, order) or _in_order(calendar, numbers, other)


def _in_order(calendar: Calendar, numbers: tuple[int, int, int], order: DateOrder) -> date | None:
    first, second, year = numbers
    day, month = (first, second) if order == "dmy" else (second, first)
    return _sane_date(calendar, year, month, day)


def _sane_date(calendar: Calendar, year: int, month: int, day: int) -> date | None:
    """`to_gregorian` but for years that no newspaper bears."""
    if calendar is Calendar.GREGORIAN and year < _FIRST_GREGORIAN_YEAR:
        return None
    return to_gregorian(calendar, year, month, day)
