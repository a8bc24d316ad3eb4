"""Dates that an article's text names, as days: in three calendars, in words or digits, or told from publication.

``۱۴۰۱/۱۲/۰۸``, ``27 Şubat 2023`` and ``February 27`` in an article of that year are one day. Weekdays and words such as
*yesterday* are resolved against the day of publication; where that is not known a weekday is only a weekday.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType

from dedup.text.calendar import to_gregorian
from dedup.text.calendar_names import (
    MONTH_BY_KEY,
    MONTH_TABLES,
    WEEKDAY_TABLES,
    Calendar,
    fold_name,
)
from dedup.text.digits import to_ascii_digits

__all__ = ["DateMention", "date_mentions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DateMention:
    """A date as it stands in a text."""

    sentence: int
    text: str
    day: date | None
    """The day; of a year that is not known, in ``UNKNOWN_YEAR``; None for a weekday of an article without a time."""
    weekday: int | None = None
    """Monday 0 to Sunday 6, where the text names a weekday and no date."""
    months: tuple[int, ...] = ()
    """Gregorian months, where the text names a month without a day; a Jalali month lies in two."""


UNKNOWN_YEAR = 4
"""A leap year that no newspaper bears, for a day and month without a year in an article without a time."""

_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+")
_NUMERIC = re.compile(r"(?<![\d./-])(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})(?![\d/-]|\.\d)")
# What may stand between the words and numbers of one date: a space or two, a comma, "of", a slash between two names of
# one month, the full stop of an ordinal.
_JOINT = re.compile(r"[\s,،/.’'\u200c]{0,3}\Z")
_JOINER = "\u200c"
_ORDINALS = frozenset({"st", "nd", "rd", "th", "of", "the", "من", "ماه", "شهر", "برج"})
_MOST_MONTH_WORDS = 3
_YEARS = {Calendar.GREGORIAN: range(1900, 2101), Calendar.JALALI: range(1300, 1500), Calendar.HIJRI: range(1300, 1500)}
_LEAST_KEY = 3
# A month without a day: names that are other words too count only beside a word for month or a year.
_MONTH_WORDS = frozenset(map(fold_name, ("ماه", "شهر", "برج", "ayı", "ayında", "month")))
_UNSURE_MONTHS = frozenset(map(fold_name, ("May", "March", "Mart", "مارس", "Ocak")))
_LEAST_SURE_MONTH = 4

_WEEKDAYS: Mapping[str, int] = MappingProxyType(
    {
        fold_name(spelling): number
        for table in WEEKDAY_TABLES
        for number, group in enumerate(table.names)
        for spelling in group
        if len(fold_name(spelling)) > _LEAST_KEY  # abbreviations are words of other meaning in running text
    }
)
# Turkish Pazar is also a market, Cuma a name: they count where the next word says that a day is meant.
_UNSURE_WEEKDAYS = frozenset(map(fold_name, ("Pazar", "Cuma", "Salı")))
_DAY_WORDS = frozenset(map(fold_name, ("günü", "gününü", "gecesi", "sabahı", "akşamı", "öğleden", "sabaha", "günkü")))
_RELATIVE: Mapping[str, int] = MappingProxyType(
    {
        fold_name(word): days
        for days, words in {
            0: "today tonight bugün امروز امشب اليوم الليلة",
            -1: "yesterday dün دیروز دیشب أمس البارحة",
            -2: "پریروز",
        }.items()
        for word in words.split()
    }
)


def date_mentions(sentences: Sequence[str], published: datetime | None) -> Iterator[DateMention]:
    """Yield every date of the sentences, sentence by sentence; within one, numeric dates first.

    Args:
        sentences: Of one article, the headline first.
        published: When it was published, in its own zone; resolves weekdays and dates without a year. A weekday is
            the last one up to that day, since news tells of what has been.

    >>> from datetime import UTC
    >>> monday = datetime(2023, 2, 27, 15, 44, tzinfo=UTC)
    >>> [str(found.day) for found in date_mentions(["در ۱۴۰۱/۱۲/۰۸ و دیروز", "27 Şubat 2023", "February 27"], monday)]
    ['2023-02-27', '2023-02-26', '2023-02-27', '2023-02-27']
    """
    today = published.date() if published else None
    for number, sentence in enumerate(sentences):
        text = to_ascii_digits(sentence)
        taken: list[tuple[int, int]] = []
        for match in _NUMERIC.finditer(text):
            day = _numeric_day(match[1], match[3], match[4])
            if day:
                taken.append(match.span())
                yield DateMention(sentence=number, text=sentence[slice(*match.span())], day=day)
        for start, end, found, weekday, months in _worded_dates(text, today):
            if not any(start < stop and begin < end for begin, stop in taken):
                yield DateMention(sentence=number, text=sentence[start:end], day=found, weekday=weekday, months=months)


def _numeric_day(first: str, middle: str, last: str) -> date | None:
    """Return the day of 1401/12/08 or 27.02.2023; ``03/04/2023`` is 3 April, as for publication times."""
    if (len(first) == 4) == (len(last) == 4):
        return None
    year, day = (first, last) if len(first) == 4 else (last, first)
    calendar = next((one for one in (Calendar.GREGORIAN, Calendar.JALALI) if int(year) in _YEARS[one]), None)
    if calendar is None:
        return None
    found = to_gregorian(calendar, int(year), int(middle), int(day))
    return found or (to_gregorian(calendar, int(year), int(day), int(middle)) if len(last) == 4 else None)


_FIRST_WORD = re.compile(r"[^\W\d_]+")
# No date in words begins with a word that is not here: nearly all words of a text are passed over at once.
_FIRST_KEYS = frozenset(
    fold_name(_FIRST_WORD.findall(spelling)[0])
    for names in (*(table.names for table in MONTH_TABLES), *(table.names for table in WEEKDAY_TABLES))
    for group in names
    for spelling in group
) | frozenset(_RELATIVE)

_key = lru_cache(maxsize=65_536)(fold_name)


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    key: str
    """Folded; digits as they are."""

    @property
    def number(self) -> int | None:
        return int(self.key) if self.key.isdigit() and len(self.key) <= 4 else None


_Found = tuple[int, int, date | None, int | None, tuple[int, ...]]
"""Where a date begins and ends in the text, its day, its weekday, its months."""


def _worded_dates(text: str, today: date | None) -> Iterator[_Found]:
    if _FIRST_KEYS.isdisjoint(map(_key, _TOKEN.findall(text))):
        return
    tokens = [_Token(match.start(), match.end(), _key(match[0])) for match in _TOKEN.finditer(text)]
    position = 0
    while position < len(tokens):
        if tokens[position].key not in _FIRST_KEYS:
            position += 1
            continue
        month, after = _month_at(tokens, position, text)
        if month:
            found = _named_day(tokens, position, after, text, month, today)
            if found:
                yield (*found[:3], None, ())
                position = max(after, found[3])
                continue
            if _is_sure_month(tokens, position, after, text, month[0]):
                yield tokens[position].start, tokens[after - 1].end, None, None, _gregorian_months(*month)
            position = after
            continue
        told, weekday, stop = _told_day(tokens, position, text, today)
        # Tuesday, 13 May: the date says which Tuesday
        if (told or weekday is not None) and not _names_day_at(tokens, stop, text, today):
            yield tokens[position].start, tokens[stop - 1].end, told, weekday, ()
        position = stop


def _names_day_at(tokens: Sequence[_Token], position: int, text: str, today: date | None) -> bool:
    """Tell whether a date is named from ``position`` on, right after the words before it."""
    if not _joined(tokens, position - 1, position, text):
        return False
    first = position + 1 if _is_day(tokens, position) else position
    month, after = _month_at(tokens, first, text) if first < len(tokens) else (None, first)
    return month is not None and _named_day(tokens, first, after, text, month, today) is not None


def _joined(tokens: Sequence[_Token], left: int, right: int, text: str) -> bool:
    """Tell whether two tokens stand so near that they can be one date."""
    return left >= 0 and right < len(tokens) and bool(_JOINT.match(text[tokens[left].end : tokens[right].start]))


def _month_at(tokens: Sequence[_Token], position: int, text: str) -> tuple[tuple[Calendar, int] | None, int]:
    """Return the month whose name begins at ``position``, the longest name first, and where the words go on."""
    for stop in range(min(position + _MOST_MONTH_WORDS, len(tokens)), position, -1):
        if all(_joined(tokens, i, i + 1, text) for i in range(position, stop - 1)):
            month = MONTH_BY_KEY.get("".join(token.key for token in tokens[position:stop]))
            if month and not text.startswith(_JOINER, tokens[stop - 1].end):  # می‌گوید is no May
                return month, _past_second_name(tokens, stop, text, month)
    return None, position + 1


def _is_sure_month(tokens: Sequence[_Token], start: int, stop: int, text: str, calendar: Calendar) -> bool:
    """Tell whether words that may name a month do, without a day beside them."""
    beside = {
        tokens[i].key
        for i in (start - 1, stop)
        if 0 <= i < len(tokens) and _joined(tokens, min(i, stop - 1), max(i, start), text)
    }
    if beside & _MONTH_WORDS:
        return True
    year = tokens[stop].number if _joined(tokens, stop - 1, stop, text) else None
    if year is not None and year in _YEARS[calendar]:
        return True
    key = "".join(token.key for token in tokens[start:stop])
    first = text[tokens[start].start]
    return (
        calendar is Calendar.GREGORIAN
        and len(key) >= _LEAST_SURE_MONTH
        and key not in _UNSURE_MONTHS
        and first == first.upper()
    )


def _gregorian_months(calendar: Calendar, month: int) -> tuple[int, ...]:
    """Return the Gregorian months in which a month lies; a lunar one may lie in any."""
    if calendar is Calendar.GREGORIAN:
        return (month,)
    return ((month + 1) % 12 + 1, (month + 2) % 12 + 1) if calendar is Calendar.JALALI else ()


def _past_second_name(tokens: Sequence[_Token], stop: int, text: str, month: tuple[Calendar, int]) -> int:
    """Step over a month's name in another tradition: شباط/فبراير."""
    if stop < len(tokens) and "/" in text[tokens[stop - 1].end : tokens[stop].start]:
        second, after = _month_at(tokens, stop, text)
        return after if second == month else stop
    return stop


def _named_day(
    tokens: Sequence[_Token], start: int, stop: int, text: str, month: tuple[Calendar, int], today: date | None
) -> tuple[int, int, date, int] | None:
    """Return where the date around a month's name begins and ends in the text, its day, and the next token."""
    before = start - 1
    while before > 0 and tokens[before].key in _ORDINALS and _joined(tokens, before, before + 1, text):
        before -= 1
    if _is_day(tokens, before) and _joined(tokens, before, before + 1, text):
        day, first, last = int(tokens[before].key), before, stop - 1
    elif _is_day(tokens, stop) and _joined(tokens, stop - 1, stop, text):
        day, first, last = int(tokens[stop].key), start, stop
        if last + 1 < len(tokens) and tokens[last + 1].key in _ORDINALS:
            last += 1
    else:
        return None
    year = tokens[last + 1].number if _joined(tokens, last, last + 1, text) else None
    if year is not None and year in _YEARS[month[0]]:
        last += 1
        found = to_gregorian(month[0], year, month[1], day)
    else:
        found = _nearest_day(*month, day, today)
    return (tokens[first].start, tokens[last].end, found, last + 1) if found else None


def _is_day(tokens: Sequence[_Token], position: int) -> bool:
    return 0 <= position < len(tokens) and tokens[position].key.isdigit() and 1 <= int(tokens[position].key[:3]) <= 31


def _nearest_day(calendar: Calendar, month: int, day: int, today: date | None) -> date | None:
    """Return the day of that name nearest to publication, or in ``UNKNOWN_YEAR`` where that is not known."""
    if today is None:
        # any year does: Jalali days stay within one of their Gregorian ones; lunar ones wander and name none
        found = to_gregorian(calendar, {Calendar.GREGORIAN: 2000, Calendar.JALALI: 1379}.get(calendar, 0), month, day)
        return found.replace(year=UNKNOWN_YEAR) if found else None
    offset = {Calendar.GREGORIAN: 0, Calendar.JALALI: -621, Calendar.HIJRI: -579}[calendar]
    years = (
        range(today.year + offset - 1, today.year + offset + 2)
        if calendar is not Calendar.HIJRI
        else _lunar_years(today)
    )
    found_days = [found for year in years if (found := to_gregorian(calendar, year, month, day))]
    return min(found_days, key=lambda found: abs((found - today).days), default=None)


def _lunar_years(today: date) -> range:
    """Return the lunar years about a day: 33 of them are 32 solar ones."""
    about = round((today.year - 622) * 33 / 32)
    return range(about - 1, about + 3)


def _told_day(
    tokens: Sequence[_Token], position: int, text: str, today: date | None
) -> tuple[date | None, int | None, int]:
    """Return the day and the weekday that a word such as *Monday* or *yesterday* names, and where the words go on."""
    token = tokens[position]
    if token.key in _RELATIVE:
        return today + timedelta(days=_RELATIVE[token.key]) if today else None, None, position + 1
    weekday, stop = None, position + 1
    if _joined(tokens, position, position + 1, text):
        weekday = _WEEKDAYS.get(token.key + tokens[position + 1].key)
    if weekday is not None:
        stop += 1
    elif token.key not in _UNSURE_WEEKDAYS or _names_a_day(tokens, position + 1):
        weekday = _WEEKDAYS.get(token.key)
    return _last_weekday(weekday, today) if today and weekday is not None else None, weekday, stop


def _names_a_day(tokens: Sequence[_Token], position: int) -> bool:
    return position < len(tokens) and tokens[position].key in _DAY_WORDS


def _last_weekday(weekday: int, today: date) -> date:
    return today - timedelta(days=(today.weekday() - weekday) % 7)
