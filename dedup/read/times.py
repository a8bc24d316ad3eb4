"""The time that a value of a record stands for."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time

from dedup.text.calendar_days import from_epoch
from dedup.text.digits import to_ascii_digits
from dedup.text.stated_time import StatedTime, TimeRules, read_stated_time
from dedup.text.time_zones import settle, settle_instant

__all__ = ["read_time"]

# 10, 13, 16 and 19 digits; other lengths are days and times, 20230227 or 202302271544
_EPOCH = re.compile(r"\d{10}(?:\.\d{0,9})?|\d{13}(?:\.\d{0,9})?|\d{16}|\d{19}")
# Before 1973-03-03 in seconds: a day as 20230227, a row number, a 0 for "not known", but no time in the news.
_FIRST_EPOCH_SECOND = 10**8
_BASIC_LENGTHS = (8, 12, 14)
_DOTNET = re.compile(r"\\?/Date\((\d{1,14})(?:[+-]\d{4})?\)\\?/")
_LONGEST_NUMBER = 40  # characters
_NOTHING = StatedTime()


def read_time(value: object, rules: TimeRules) -> StatedTime:
    """Return the time that a value of any JSON type, a date or a datetime stands for.

    Numbers, and texts of digits of any script, are seconds, milliseconds, microseconds or nanoseconds since 1970, or
    20230227 and 20230227154400 as days and times. ``{"$date": ...}`` is how MongoDB writes a time, ``/Date(...)/`` how
    .NET does.
    """
    match value:
        case str():
            return _read_text(value, rules)
        case bool():
            return _NOTHING
        case int() | float():
            return _read_number(value, rules)
        case datetime():
            return _read_datetime(value, rules)
        case date():
            return StatedTime(moment=settle(datetime.combine(value, time()), rules.timezone or UTC))
        case {"$date": str() | int() | float() as inner} | {"$date": {"$numberLong": str() as inner}}:
            return read_time(inner, rules)
    return _NOTHING


def _read_text(value: str, rules: TimeRules) -> StatedTime:
    if len(value) <= _LONGEST_NUMBER:
        digits = to_ascii_digits(value.strip().strip("\ufeff\u200e\u200f"))
        if _EPOCH.fullmatch(digits):
            return _read_number(float(digits) if "." in digits else int(digits), rules)
        if dotnet := _DOTNET.fullmatch(digits):
            return _epoch(int(dotnet[1]) * 1000)  # milliseconds, however few
    return read_stated_time(value, rules)


def _read_number(value: float, rules: TimeRules) -> StatedTime:
    if isinstance(value, int) and 0 < value < 10 ** _BASIC_LENGTHS[-1] and len(str(value)) in _BASIC_LENGTHS:
        stated = read_stated_time(str(value), rules)  # 202302271544 would be milliseconds of 1976
        if stated.moment:
            return stated
    return _epoch(value)


def _epoch(value: float) -> StatedTime:
    return StatedTime(moment=from_epoch(value)) if value >= _FIRST_EPOCH_SECOND else _NOTHING


def _read_datetime(value: datetime, rules: TimeRules) -> StatedTime:
    try:
        if value.tzinfo is None or value.utcoffset() is None:
            return StatedTime(moment=settle(value.replace(tzinfo=None), rules.timezone or UTC))
        return StatedTime(moment=settle_instant(value, value.tzinfo))
    except OverflowError:
        return _NOTHING
