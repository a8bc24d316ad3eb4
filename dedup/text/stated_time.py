"""What time a text states: the whole of a field, a meta tag or a date line, in five languages and three calendars."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Literal

from dedup.text.calendar_names import Calendar
from dedup.text.time_parts import DateOrder, DayParts, Statement
from dedup.text.time_scanner import fold_time, scan_statements
from dedup.text.time_words import Label, Meridiem
from dedup.text.time_zones import named_zone, settle, settle_instant

__all__ = ["StatedTime", "TimeRules", "is_date_line", "is_update_line", "read_stated_time"]

_LONGEST = 200  # characters: no date line is longer, and what is scanned stays small
_MOST_APART = 2
"""Days: moon sighting makes lunar dates differ so much from Umm al-Qura's from one country to another."""
_SHOWN_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRules:
    """What a time is read by where it does not say itself."""

    timezone: tzinfo | None = None
    """Zone of times that state none; None is that of the one country whose months or weekdays it names, else UTC."""
    reference: datetime | None = None
    """When the text was retrieved, which *2 hours ago* and *yesterday* are told from; with its zone."""
    language: str = ""
    """BCP 47 tag of the text, empty where it is not known."""
    order: DateOrder | None = None
    """Of the numbers before a year; None where it is not known: what can mean two days is then not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedTime:
    """A time as it was read, or why it was not."""

    moment: datetime | None = None
    """With a fixed offset from UTC."""
    remark: str = ""
    """What is wrong, or odd but did not matter. Empty where a text is plainly read, or is plainly no time."""
    lacks: Literal["order", "reference"] | None = None
    """The rule that would have told, or could have."""


_NO_RULES = TimeRules()


def read_stated_time(text: str, rules: TimeRules = _NO_RULES) -> StatedTime:
    """Return the time that ``text`` states as a whole; no moment where any part of it is not understood.

    Reads ISO 8601, RFC 822 and its successors, the date lines of newspapers in English, Farsi, Dari, Arabic and
    Turkish, in the Gregorian, Jalali and Hijri (Umm al-Qura) calendars, and times told from a reference. Where both
    are there, the time of publication is taken rather than that of an update. Several dates must be of one day, and
    of the weekday that is named. What can mean several days is not read.

    Args:
        text: the whole of a field or line; not a sentence that contains a date.
        rules: for what the text leaves open. A date alone is midnight in the zone that holds.

    >>> read_stated_time("۸ اسفند ۱۴۰۱ / 27 February 2023 - ۱۵:۴۴").moment.isoformat()
    '2023-02-27T15:44:00+03:30'
    >>> read_stated_time("03/04/2025").remark
    'it can be 2025-03-04 or 2025-04-03'
    """
    if _PLAIN.fullmatch(text) and (plain := _read_plain(text)):
        return StatedTime(moment=plain)
    statements = _statements(text)
    if not statements:
        return StatedTime()
    stated = min(statements, key=lambda one: _PREFERENCE[one.label])
    try:
        moment = _Reading(stated, rules).moment()
    except _OtherWeekdayError as error:
        if not _MAIL_DATE.fullmatch(fold_time(text)):
            return error.stated
        # mail and feeds are written by programs, which take the weekday from elsewhere
        moment = _Reading(replace(stated, weekdays=set()), rules).moment()
        return StatedTime(moment=moment, remark="its weekday is another")
    except _UnreadableError as error:
        return error.stated
    updated = "it is the time of an update, and no other is stated" if stated.label is Label.UPDATED else ""
    return StatedTime(moment=moment, remark=updated)


def is_date_line(text: str) -> bool:
    """Return whether a text states a time of publication and nothing else.

    A word such as *Today* alone is no date line, but may be the name of a section. A day that is not there is one that
    cannot be read.

    >>> is_date_line("27 Şubat 2023 - 15.44"), is_date_line("3 hours ago"), is_date_line("Updated: 27 Şubat 2023")
    (True, True, False)
    >>> is_date_line("31 Mehr 1404"), is_date_line("31.02.2026 10:00"), is_date_line("31 Mehr")
    (True, True, False)
    """
    return any(_names_a_time(statement) for statement in _statements(text) if statement.label is not Label.UPDATED)


def is_update_line(text: str) -> bool:
    """Return whether a text states times of updates and nothing else.

    >>> is_update_line("Updated: 27 Şubat 2023"), is_update_line("27 Şubat 2023, Updated: 28 Şubat 2023")
    (True, False)
    """
    statements = _statements(text)
    return bool(statements) and all(one.label is Label.UPDATED and _names_a_time(one) for one in statements)


def _names_a_time(statement: Statement) -> bool:
    is_told = bool(statement.ago) or bool(statement.days_before and statement.clocks)
    is_dated = any(
        day.readings() or day.is_written_out() or (day.lacks_year() and statement.clocks) for day in statement.days
    )
    return is_told or is_dated


# What programs write to programs, and is in most records, has nothing to be found out.
_PLAIN = re.compile(
    r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])"
)


def _read_plain(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None  # read again, to say why
    return moment.astimezone(UTC) if not moment.utcoffset() else moment


_PREFERENCE = {Label.PUBLISHED: 0, None: 1, Label.UPDATED: 2}


def _statements(text: str) -> list[Statement]:
    if len(text) > _LONGEST:
        return []
    scanned = scan_statements(_spell_out_mail_year(fold_time(text)))
    return [statement for statement in scanned or () if not statement.is_empty()]


# Mon, 27 Feb 23 15:44:00 +0330: the day comes first and the year may have two digits (RFC 822). Folded.
_MAIL_DATE = re.compile(
    r"((?:[a-z]{3,9}, ?)?\d{1,2}[ -][a-z]{3}[ -])(\d{2}|\d{4})"
    r"( \d\d?:\d\d(?::\d\d)? ?(?:[+-]\d{4}|(?![ap]m)[a-z]{1,5}))"
)
_FIRST_MAIL_YEAR = 1950  # RFC 2822, 4.3


def _spell_out_mail_year(text: str) -> str:
    match = _MAIL_DATE.fullmatch(text)
    if match is None or len(match[2]) == 4:
        return text
    year = _FIRST_MAIL_YEAR + (int(match[2]) - _FIRST_MAIL_YEAR) % 100
    return f"{match[1]}{year}{match[3]}"


class _UnreadableError(Exception):
    """Ends the reading of a statement, with what is said about it."""

    def __init__(self, remark: str = "", lacks: Literal["order", "reference"] | None = None) -> None:
        super().__init__(remark)
        self.stated = StatedTime(remark=remark, lacks=lacks)


class _OtherWeekdayError(_UnreadableError):
    def __init__(self) -> None:
        super().__init__("its weekday is another")


class _Reading:
    """One statement under rules."""

    def __init__(self, statement: Statement, rules: TimeRules) -> None:
        self._said = statement
        self._rules = rules
        self._days = [day for day in statement.days if day.numbers or day.month]
        self._zone = self._find_zone()

    def moment(self) -> datetime:
        said = self._said
        parts = (set(said.clocks), said.meridiems, said.offsets, said.zones, said.ago, said.days_before)
        if any(len(part) > 1 for part in parts):
            raise _UnreadableError
        try:
            if not self._days and said.ago and said.ago[0].days is None:
                return self._hours_before()
            return settle(datetime.combine(self._day(), time()) + self._clock(), self._zone)
        except OverflowError:
            raise _UnreadableError from None

    def _find_zone(self) -> tzinfo:
        for offset in self._said.offsets:
            return timezone(timedelta(minutes=offset)) if offset else UTC
        for zone in self._said.zones:
            return zone
        if self._rules.timezone is not None:
            return self._rules.timezone
        is_jalali = any(day.calendar(self._rules.language) is Calendar.JALALI for day in self._days)
        home = self._said.home or (_IRAN if is_jalali else None)
        return (named_zone(home) if home else None) or UTC

    def _day(self) -> date:
        found = self._stated_day() if self._days else self._told_day()
        if not self._said.weekdays <= {found.weekday()}:
            raise _OtherWeekdayError
        return found

    def _stated_day(self) -> date:
        """The one day that all dates can mean."""
        readings = [self._readings(day) for day in self._days]
        if not all(readings):
            raise _UnreadableError("there is no such day")
        solar = [days for days, day in zip(readings, self._days, strict=True) if not self._is_lunar(day)]
        common = set.intersection(*map(set, solar or readings))
        if not common:
            raise _UnreadableError(
                f"its dates are of several days: {_either(day for days in readings for day in days)}"
            )
        day = self._only(common)
        for lunar in readings if solar else ():
            if min(abs((other - day).days) for other in lunar) > _MOST_APART:
                raise _UnreadableError(f"its dates are of several days: {_either([day, *lunar])}")
        return day

    def _readings(self, day: DayParts) -> Sequence[date]:
        if day.lacks_year():
            return [self._latest(day)]
        if not day.is_complete():
            raise _UnreadableError
        return day.readings(language=self._rules.language, order=self._rules.order)

    def _is_lunar(self, day: DayParts) -> bool:
        return day.calendar(self._rules.language) is Calendar.HIJRI

    def _latest(self, day: DayParts) -> date:
        """The last such day up to the reference."""
        today = self._today()
        found = day.latest(today)
        if found is None:
            raise _UnreadableError("there is no such day")
        return found

    def _only(self, days: set[date]) -> date:
        if len(days) > 1 and self._said.weekdays:
            days = {day for day in days if day.weekday() in self._said.weekdays}
            if not days:
                raise _OtherWeekdayError
        if len(days) > 1 and self._rules.reference is not None:
            today = self._today()
            days = {day for day in days if day <= today} or days  # nothing is retrieved before it is published
        if len(days) > 1:
            known = {tuple(day.readings(language=self._rules.language, order="dmy")) for day in self._days}
            is_order = all(len(days) <= 1 for days in known)
            raise _UnreadableError(f"it can be {_either(days)}", lacks="order" if is_order else "reference")
        return next(iter(days))

    def _told_day(self) -> date:
        """The day of *yesterday* and *3 days ago*."""
        if self._said.ago:
            if self._said.ago[0].is_too_coarse:
                raise _UnreadableError("it does not tell the day")
            days = self._said.ago[0].days or 0
        elif self._said.days_before:
            days = next(iter(self._said.days_before))
        else:
            raise _UnreadableError
        return self._today() - timedelta(days=days)

    def _hours_before(self) -> datetime:
        ago = self._said.ago[0]
        if ago.is_too_coarse:
            raise _UnreadableError("it does not tell the day")
        if self._said.clocks or self._said.weekdays or self._said.days_before:
            raise _UnreadableError
        return settle_instant(self._reference() - timedelta(seconds=ago.seconds), self._zone)

    def _today(self) -> date:
        return self._reference().astimezone(self._zone).date()

    def _reference(self) -> datetime:
        if self._rules.reference is None:
            raise _UnreadableError("it is told from another time", lacks="reference")
        return self._rules.reference

    def _clock(self) -> timedelta:
        """The time of day since midnight, nothing where none is named."""
        hour, minute, second, microsecond = self._said.clocks[0] if self._said.clocks else (0, 0, 0, 0)
        if self._said.meridiems:
            if not self._said.clocks:
                raise _UnreadableError
            hour = _hour(hour, next(iter(self._said.meridiems)))
        is_midnight = (hour, minute, second, microsecond) == (24, 0, 0, 0)
        if not (0 <= hour < 24 or is_midnight) or minute > 59 or second > 59:
            raise _UnreadableError("there is no such time of day")
        return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=microsecond)


_IRAN = "Asia/Tehran"


def _either(days: Iterable[date]) -> str:
    return " or ".join(str(day) for day in sorted(set(days))[:_SHOWN_DAYS])


def _hour(hour: int, meridiem: Meridiem) -> int:
    """The hour of 24 that an hour beside a word for a part of the day is; -1 where they contradict each other."""
    match meridiem:
        case Meridiem.MORNING:
            return hour % 12 if hour <= 12 else -1
        case Meridiem.AFTERNOON:
            return hour if hour > 12 else hour % 12 + 12 if hour else -1
        case Meridiem.NOON:
            return hour if 11 <= hour <= 15 else hour + 12 if 1 <= hour <= 3 else -1
        case Meridiem.NIGHT:
            # 12 at night is the beginning of the day to some and its end to others
            return hour + 12 if 6 <= hour < 12 else hour if hour < 6 or hour >= 18 else -1
