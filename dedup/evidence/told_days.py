"""Days that are told from the day of publication: weekdays, *yesterday*, «روز گذشته», «الثلاثاء المقبل»."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import NamedTuple

from dedup.evidence.date_tokens import Token, are_joined
from dedup.text.calendar_names import WEEKDAY_TABLES
from dedup.text.fold import fold_name

__all__ = ["TOLD_FIRST_KEYS", "ToldDay", "told_day"]


class ToldDay(NamedTuple):
    """A day that is told, and where the words go on."""

    day: date | None
    weekday: int | None
    stop: int


_MOST_ABBREVIATION = 3
_WEEKDAYS: Mapping[str, int] = MappingProxyType(
    {
        fold_name(spelling): number
        for table in WEEKDAY_TABLES
        for number, group in enumerate(table.names)
        for spelling in group
        if len(fold_name(spelling)) > _MOST_ABBREVIATION  # they are words of other meaning in running text
    }
)


def _keys(words: str) -> frozenset[str]:
    return frozenset(fold_name(word) for word in words.split())


# Turkish Pazar is also a market, Cuma a name: they count where the next word says that a day is meant.
_UNSURE_WEEKDAYS = _keys("Pazar Cuma Salı")
_DAY_WORDS = _keys("günü gününü gününe gününden gecesi sabahı akşamı öğleden sabaha günkü")
# «امام جمعه تهران» leads the prayers, the Sunday Times comes any day
_NO_DAY_BEFORE = {_key: _keys("امام ائمه") for _key in _keys("جمعه")} | {fold_name("الجمعة"): _keys("إمام خطيب")}
_NO_DAY_AFTER = _keys("Times Mirror Telegraph Express")
_PAST = _keys("last geçen geçtiğimiz گذشته الماضي الماضية المنصرم الفائت")
_COMING = _keys("next coming gelecek önümüzdeki آینده آتی پیش‌رو المقبل المقبلة القادم القادمة")

# words that stand one after the other are written with a hyphen here
_RELATIVE_WORDS = {
    0: "today tonight bugün امروز امشب اليوم الليلة",
    -1: "yesterday dün دیروز دیشب أمس البارحة روز-گذشته شب-گذشته last-night الليلة-الماضية ليل-أمس",
    -2: "پریروز پریشب evvelsi-gün önceki-gün أول-أمس أول-من-أمس day-before-yesterday",
    1: "tomorrow yarın فردا",
}
_RELATIVE: Mapping[str, int] = MappingProxyType(
    {fold_name(word): days for days, words in _RELATIVE_WORDS.items() for word in words.split()}
)
_MOST_WORDS = 4

TOLD_FIRST_KEYS = frozenset(
    fold_name(spelling.replace("\u200c", " ").replace("-", " ").split()[0])
    for spelling in (
        *(spelling for table in WEEKDAY_TABLES for group in table.names for spelling in group),
        *(word for words in _RELATIVE_WORDS.values() for word in words.split()),
    )
) | frozenset(_WEEKDAYS)
"""Keys of the words with which a told day can begin."""


def told_day(tokens: Sequence[Token], position: int, text: str, today: date | None) -> ToldDay:
    """Return the day and the weekday that the words from ``position`` on tell; neither where they tell none.

    A weekday is the last one up to ``today``, since news tells of what has been, unless a word beside it says that it
    is to come.
    """
    words, key = 1, tokens[position].key
    found = (key, 1) if key in _RELATIVE else None
    while words < _MOST_WORDS and are_joined(tokens, position + words - 1, position + words, text):
        key += tokens[position + words].key
        words += 1
        if key in _RELATIVE:
            found = (key, words)
    if found:
        return ToldDay(_shifted(today, _RELATIVE[found[0]]), None, position + found[1])
    weekday, stop = _weekday_at(tokens, position, text)
    if weekday is None:
        return ToldDay(None, None, stop)
    return ToldDay(_day_of(weekday, _beside(tokens, position, stop, text), today), weekday, stop)


def _weekday_at(tokens: Sequence[Token], position: int, text: str) -> tuple[int | None, int]:
    key, after = tokens[position].key, position + 1
    if are_joined(tokens, position, after, text):
        weekday = _WEEKDAYS.get(key + tokens[after].key)  # سه شنبه
        if weekday is not None:
            return weekday, after + 1
    following = tokens[after].key if after < len(tokens) else ""
    unsure = key in _UNSURE_WEEKDAYS and following not in _DAY_WORDS
    named = following in _NO_DAY_AFTER or (position > 0 and tokens[position - 1].key in _NO_DAY_BEFORE.get(key, ()))
    return None if unsure or named else _WEEKDAYS.get(key), after


def _beside(tokens: Sequence[Token], start: int, stop: int, text: str) -> set[str]:
    """Return the words right beside those from ``start`` to ``stop``; a word for day may stand between."""
    beside = {tokens[start - 1].key} if are_joined(tokens, start - 1, start, text) else set()
    if are_joined(tokens, stop - 1, stop, text):
        beside.add(tokens[stop].key)
        if tokens[stop].key in _DAY_WORDS and are_joined(tokens, stop, stop + 1, text):
            beside.add(tokens[stop + 1].key)
    return beside


def _day_of(weekday: int, beside: set[str], today: date | None) -> date | None:
    if today is None:
        return None
    back = (today.weekday() - weekday) % 7
    if beside & _COMING:
        return _shifted(today, 7 - back)
    return _shifted(today, -(back or 7) if beside & _PAST else -back)


def _shifted(today: date | None, days: int) -> date | None:
    """Return the day so many days on; None where the calendar ends."""
    try:
        return today + timedelta(days=days) if today else None
    except OverflowError:
        return None
