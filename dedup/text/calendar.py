"""Dates in three calendars: names of months and weekdays, conversion, and reading a whole date line.

The face of several modules: names and conversion are `calendar_names` and `calendar_days`, reading is `stated_time`.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from dedup.text.calendar_days import from_epoch, to_gregorian
from dedup.text.calendar_names import (
    MONTH_TABLES,
    WEEKDAY_TABLES,
    Calendar,
    MonthTable,
    WeekdayTable,
    month_number,
    weekday_number,
)
from dedup.text.fold import fold_name, fold_text
from dedup.text.stated_time import TimeRules, read_stated_time

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


def parse_datetime(text: str, *, timezone: tzinfo | None) -> datetime | None:
    """Return the time that ``text`` names as a whole, or None where any part of it is not understood.

    It is `read_stated_time` for a text of which nothing else is known: no time is told from another one, and
    ``03/04/2023`` is 3 April; month first is tried only where day first is impossible.

    Args:
        text: the whole of a field or line; not a sentence that contains a date.
        timezone: for times that state no zone of their own; None means UTC. A date alone is midnight of that zone.

    >>> parse_datetime("دوشنبه ۸ اسفند ۱۴۰۱ - ۱۵:۴۴", timezone=None)
    datetime.datetime(2023, 2, 27, 15, 44, tzinfo=datetime.timezone.utc)
    >>> parse_datetime("2018-09/2018-11 (newstest2019)", timezone=None) is None
    True
    """
    return read_stated_time(text, TimeRules(timezone=timezone or UTC, order="dmy")).moment
