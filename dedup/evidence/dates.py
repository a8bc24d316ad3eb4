"""Dates that an article's text names, as days: in three calendars, in words or digits, or told from publication.

``۱۴۰۱/۱۲/۰۸``, ``27 Şubat 2023`` and ``February 27`` in an article of that year are one day. Weekdays and words such as
*yesterday* are resolved against the day of publication; where that is not known a weekday is only a weekday.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dedup.evidence.date_tokens import Token, are_joined, are_one_name, keys_of, tokens_of
from dedup.evidence.told_days import TOLD_FIRST_KEYS, told_day
from dedup.text.calendar import to_gregorian
from dedup.text.calendar_names import MONTH_BY_KEY, MONTH_TABLES, Calendar
from dedup.text.digits import to_ascii_digits
from dedup.text.fold import fold_name

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

_NUMERIC = re.compile(r"(?<![\d./-])(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})(?![\d/-]|\.\d)")
_LUNAR_MARK = re.compile(r"\s?(?:هـ{0,2}(?![\w.])|هجري[هة]?(?!\w)|هجری قمری|ه\.\s?ق)")
_JOINER = "\u200c"
_SECOND_NAME = re.compile(r"\s?[/(]\s?\Z")
# In English the day may follow its month, with nothing but a space or the full stop of an abbreviation before it: in
# "In March, 12 people" it does not, and at all in other scripts: «به میزان ۳۰ درصد» is no 30 Mizan.
_BEFORE_DAY = re.compile(r"\.?\s\Z")
_ORDINALS = frozenset({"st", "nd", "rd", "th", "of", "the", "من", "ماه", "شهر", "برج"})
_MOST_MONTH_WORDS = 4
_YEARS = {Calendar.GREGORIAN: range(1900, 2101), Calendar.JALALI: range(1300, 1500), Calendar.HIJRI: range(1300, 1500)}
# A month without a day: names that are other words too count only beside a word for month or a year.
_MONTH_WORDS = frozenset(map(fold_name, ("ماه", "شهر", "برج", "ayı", "ayında", "month")))
_UNSURE_MONTHS = frozenset(map(fold_name, ("May", "March", "Mart", "مارس", "Ocak", "نيسان")))
_LEAST_SURE_MONTH = 4
# 5 may, 3 march, 12 ara: other words unless they have a capital
_MOST_ABBREVIATION = 3
_LOWER_CASE_WORDS = frozenset({"march"})
# With a day, too: صفر is also zero, می begins any Persian verb in the present. A year makes them sure, and before «در»
# stands no verb.
_SURE_WITH_YEAR = fold_name("صفر")
_SURE_BEFORE_PREPOSITION = fold_name("می")
_PREPOSITIONS = frozenset(map(fold_name, ("در", "به", "از", "سال", "که", "ماه")))
_MONTH_SUFFIX = fold_name("ماه")
_FIRST_ARABIC = "\u0600"


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
            day = _numeric_day(match[1], match[3], match[4], lunar=bool(_LUNAR_MARK.match(text, match.end())))
            if day:
                taken.append(match.span())
                yield DateMention(sentence=number, text=sentence[slice(*match.span())], day=day)
        for start, end, found, weekday, months in _worded_dates(text, today):
            if not any(start < stop and begin < end for begin, stop in taken):
                yield DateMention(sentence=number, text=sentence[start:end], day=found, weekday=weekday, months=months)


def _numeric_day(first: str, middle: str, last: str, *, lunar: bool) -> date | None:
    """Return the day of 1401/12/08 or 27.02.2023; ``03/04/2023`` is 3 April, as for publication times."""
    if (len(first) == 4) == (len(last) == 4):
        return None
    year, day = (first, last) if len(first) == 4 else (last, first)
    calendars = (Calendar.HIJRI,) if lunar else (Calendar.GREGORIAN, Calendar.JALALI)
    calendar = next((one for one in calendars if int(year) in _YEARS[one]), None)
    if calendar is None:
        return None
    found = to_gregorian(calendar, int(year), int(middle), int(day))
    return found or (to_gregorian(calendar, int(year), int(day), int(middle)) if len(last) == 4 else None)


_FIRST_WORD = re.compile(r"[^\W\d_]+")
# No date in words has its month or begins with a word that is not here: nearly all words are passed over at once.
_FIRST_KEYS = TOLD_FIRST_KEYS | frozenset(
    fold_name(word) + suffix
    for table in MONTH_TABLES
    for group in table.names
    for spelling in group
    for word in _FIRST_WORD.findall(spelling)[:1]
    for suffix in ("", _MONTH_SUFFIX)
)


_Found = tuple[int, int, date | None, int | None, tuple[int, ...]]
"""Where a date begins and ends in the text, its day, its weekday, its months."""


def _worded_dates(text: str, today: date | None) -> Iterator[_Found]:
    if _FIRST_KEYS.isdisjoint(keys_of(text)):
        return
    tokens = tokens_of(text)
    position, dated = 0, False
    while position < len(tokens):
        if tokens[position].key not in _FIRST_KEYS:
            position, dated = position + 1, False
            continue
        month, after = _month_at(tokens, position, text)
        if month:
            found = _named_day(tokens, position, after, text, month, today)
            if found:
                yield (*found[:3], None, ())
                position, dated = max(after, found[3]), True
                continue
            months = _gregorian_months(*month)
            if months and _is_sure_month(tokens, position, after, text, month[0]):
                yield tokens[position].start, tokens[after - 1].end, None, None, months
            position, dated = after, False
            continue
        told = told_day(tokens, position, text, today)
        # Tuesday, 13 May and 13 May Tuesday: the date says which Tuesday
        beside = _names_day_at(tokens, told.stop, text, today) or (
            dated and told.weekday is not None and are_joined(tokens, position - 1, position, text)
        )
        if (told.day or told.weekday is not None) and not beside:
            yield tokens[position].start, tokens[told.stop - 1].end, told.day, told.weekday, ()
        position, dated = told.stop, False


def _names_day_at(tokens: Sequence[Token], position: int, text: str, today: date | None) -> bool:
    """Tell whether a date is named from ``position`` on, right after the words before it."""
    if not are_joined(tokens, position - 1, position, text):
        return False
    first = position + 1 if _is_day(tokens, position) else position
    month, after = _month_at(tokens, first, text) if first < len(tokens) else (None, first)
    return month is not None and _named_day(tokens, first, after, text, month, today) is not None


def _month_at(tokens: Sequence[Token], position: int, text: str) -> tuple[tuple[Calendar, int] | None, int]:
    """Return the month whose name begins at ``position``, the longest name first, and where the words go on."""
    for stop in range(min(position + _MOST_MONTH_WORDS, len(tokens)), position, -1):
        if all(are_one_name(tokens, i, i + 1, text) for i in range(position, stop - 1)):
            key = "".join(token.key for token in tokens[position:stop])
            month = MONTH_BY_KEY.get(key) or MONTH_BY_KEY.get(key.removesuffix(_MONTH_SUFFIX))
            # می‌گوید is no May
            if (
                month
                and not text.startswith(_JOINER, tokens[stop - 1].end)
                and not _is_other_word(key, tokens, position, text)
            ):
                return month, _past_second_name(tokens, stop, text, month)
    return None, position + 1


def _is_other_word(key: str, tokens: Sequence[Token], position: int, text: str) -> bool:
    """Tell whether Latin letters that may be a month's name are not, for want of a capital."""
    small = text[tokens[position].start].islower()
    return small and (len(key) <= _MOST_ABBREVIATION or key in _LOWER_CASE_WORDS)


def _is_sure_month(tokens: Sequence[Token], start: int, stop: int, text: str, calendar: Calendar) -> bool:
    """Tell whether words that may name a month do, without a day beside them."""
    beside = {
        tokens[i].key
        for i in (start - 1, stop)
        if 0 <= i < len(tokens) and are_joined(tokens, min(i, stop - 1), max(i, start), text)
    }
    key = "".join(token.key for token in tokens[start:stop])
    if beside & _MONTH_WORDS or key.endswith(_MONTH_SUFFIX) or _year_at(tokens, stop, text, calendar):
        return True
    first = text[tokens[start].start]
    return (
        calendar is Calendar.GREGORIAN
        and len(key) >= _LEAST_SURE_MONTH
        and key not in _UNSURE_MONTHS
        and first == first.upper()
    )


def _year_at(tokens: Sequence[Token], position: int, text: str, calendar: Calendar) -> int | None:
    """Return the year that stands at ``position``, right after the words before it."""
    year = tokens[position].number if are_joined(tokens, position - 1, position, text) else None
    return year if year is not None and year in _YEARS[calendar] else None


def _gregorian_months(calendar: Calendar, month: int) -> tuple[int, ...]:
    """Return the Gregorian months in which a month lies; none of a lunar one, which may lie in any."""
    if calendar is Calendar.GREGORIAN:
        return (month,)
    return ((month + 1) % 12 + 1, (month + 2) % 12 + 1) if calendar is Calendar.JALALI else ()


def _past_second_name(tokens: Sequence[Token], stop: int, text: str, month: tuple[Calendar, int]) -> int:
    """Step over a month's name in another tradition: شباط/فبراير, شباط (فبراير)."""
    if stop < len(tokens) and _SECOND_NAME.match(text[tokens[stop - 1].end : tokens[stop].start]):
        second, after = _month_at(tokens, stop, text)
        return after if second == month else stop
    return stop


def _named_day(
    tokens: Sequence[Token], start: int, stop: int, text: str, month: tuple[Calendar, int], today: date | None
) -> tuple[int, int, date, int] | None:
    """Return where the date around a month's name begins and ends in the text, its day, and the next token."""
    before = start - 1
    while before > 0 and tokens[before].key in _ORDINALS and are_joined(tokens, before, before + 1, text):
        before -= 1
    if _is_day(tokens, before) and are_joined(tokens, before, before + 1, text):
        day, first, last = tokens[before].number, before, stop - 1
    elif (
        _is_day(tokens, stop)
        and text[tokens[stop - 1].end - 1] < _FIRST_ARABIC
        and _stands_before_day(tokens, stop, text)
    ):
        day, first, last = tokens[stop].number, start, stop
        if last + 1 < len(tokens) and tokens[last + 1].key in _ORDINALS:
            last += 1
    else:
        return None
    if day is None:
        return None
    year = _year_at(tokens, last + 1, text, month[0])
    if year is not None:
        last += 1
        found = to_gregorian(month[0], year, month[1], day)
    elif not _is_sure_day(tokens, start, stop, text):
        return None
    else:
        found = _nearest_day(*month, day, today)
    return (tokens[first].start, tokens[last].end, found, last + 1) if found else None


def _stands_before_day(tokens: Sequence[Token], stop: int, text: str) -> bool:
    return bool(_BEFORE_DAY.match(text[tokens[stop - 1].end : tokens[stop].start]))


def _is_sure_day(tokens: Sequence[Token], start: int, stop: int, text: str) -> bool:
    """Tell whether a number beside a word that may be a month makes a date without a year."""
    key = tokens[start].key
    if key != _SURE_BEFORE_PREPOSITION or stop > start + 1 or stop >= len(tokens):
        return key != _SURE_WITH_YEAR
    return tokens[stop].key in _PREPOSITIONS or not text[tokens[stop - 1].end : tokens[stop].start].isspace()


def _is_day(tokens: Sequence[Token], position: int) -> bool:
    return 0 <= position < len(tokens) and 1 <= (tokens[position].number or 0) <= 31


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
    return range(about - 2, about + 3)
