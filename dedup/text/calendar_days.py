"""Days of three calendars, and counts of seconds, as Gregorian dates and times.

Jalali arithmetic is persiantools', Hijri arithmetic (Umm al-Qura, 1343-1500) is hijridate's; both MIT.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hijridate import Hijri
from persiantools.jdatetime import JalaliDate

from dedup.text.calendar_names import Calendar

__all__ = ["from_epoch", "to_gregorian"]

# 10^11 seconds are the year 5138, 10^11 milliseconds March 1973; likewise from each unit to the next.
_EPOCH_UNITS = ((1e11, 1), (1e14, 10**3), (1e17, 10**6), (1e20, 10**9))
_LAST_EPOCH_SECOND = 10**10


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
    """Return the time so many seconds, milliseconds, microseconds or nanoseconds after 1970-01-01 UTC.

    The size tells the unit: below 10^11 are seconds, below 10^14 milliseconds, below 10^17 microseconds. None for what
    is no number, lies before 1970 or past the year 2286.

    >>> from_epoch(1677512640) == from_epoch(1677512640000) == from_epoch(1677512640000000)
    True
    """
    if isinstance(value, bool) or not 0 <= value < _EPOCH_UNITS[-1][0]:  # NaN is not either
        return None
    per_second = next(parts for bound, parts in _EPOCH_UNITS if value < bound)
    # whole numbers stay whole: a float has not the digits for microseconds
    seconds, rest = divmod(value, per_second)
    if seconds >= _LAST_EPOCH_SECOND:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=round(rest * 10**6 / per_second))
