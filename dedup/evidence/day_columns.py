"""The days that articles name, as columns: do two articles speak of one day?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.evidence.dates import UNKNOWN_YEAR, DateMention, date_mentions

__all__ = [
    "LEAD_SENTENCES",
    "MOST_DAYS",
    "NO_DAY",
    "ArticleDays",
    "DayColumns",
    "DayComparison",
    "article_days",
    "compare_days",
    "day_columns",
    "days_of_event",
]

LEAD_SENTENCES = 3
"""The headline and what follows it: the event itself, before any background."""

MOST_DAYS = 6
"""Days kept of a lead; a text that names more is a calendar."""

NO_DAY = -(10**6)
"""Stands in columns for a day that is not there."""

_YEAR_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class DayColumns:
    """Days named in the leads of ``n`` articles; rows are padded."""

    named: npt.NDArray[np.int64]
    """int64 ``[n, 6]``: days whose year is known, as proleptic ordinals."""
    in_year: npt.NDArray[np.int64]
    """int64 ``[n, 6]``: all days, as days of a leap year."""
    weekdays: npt.NDArray[np.uint8]
    """uint8 ``[n]``: bit 0 for Monday to bit 6, of the weekdays that are named."""
    months: npt.NDArray[np.uint16]
    """uint16 ``[n]``: bit 0 for January to bit 11, of the months that are named without a day."""
    published: npt.NDArray[np.int64]
    """int64 ``[n]``: day of publication."""


class DayComparison(NamedTuple):
    """How the days of two articles agree: float64 ``[pairs]`` each."""

    apart: npt.NDArray[np.float64]
    """Days between the nearest days of both, 0 to 7; an article that names none happened when it was published. 0
    where a publication is unknown."""
    shared: npt.NDArray[np.float64]
    """1 where both name days and one is the same, else 0; without publication times a day of any year."""
    in_conflict: npt.NDArray[np.float64]
    """1 where both name days and none is the same, else 0."""
    weekdays_shared: npt.NDArray[np.float64]
    """1 where both name weekdays, and a common one; 0 where publication times tell which day is meant."""
    weekdays_in_conflict: npt.NDArray[np.float64]
    """The same for no common one."""
    months_shared: npt.NDArray[np.float64]
    """1 where both name months without a day, and a common one."""
    months_in_conflict: npt.NDArray[np.float64]
    """The same for no common one."""


_MOST_APART = 7


class ArticleDays(NamedTuple):
    """The days that one article names in its lead, as ``DayColumns`` has them."""

    named: tuple[int, ...]
    """At most 6, ascending."""
    in_year: tuple[int, ...]
    weekdays: int
    months: int
    published: int | None


def article_days(passage: Sequence[str], published: datetime | None) -> ArticleDays:
    """Return the days that the lead of an article names."""
    found = list(date_mentions(passage[:LEAD_SENTENCES], published))
    return ArticleDays(
        named=_latest(days_of_event(found)),
        in_year=_latest({one.day.replace(year=UNKNOWN_YEAR).toordinal() for one in found if one.day}),
        weekdays=sum({1 << one.weekday for one in found if one.weekday is not None}),
        months=sum({1 << (month - 1) for one in found for month in one.months}),
        published=published.date().toordinal() if published else None,
    )


def day_columns(articles: Sequence[ArticleDays]) -> DayColumns:
    """Put the days of ``n`` articles into columns."""
    shape = (len(articles), MOST_DAYS)
    return DayColumns(
        named=np.array([_padded(one.named) for one in articles], np.int64).reshape(shape),
        in_year=np.array([_padded(one.in_year) for one in articles], np.int64).reshape(shape),
        weekdays=np.array([one.weekdays for one in articles], np.uint8),
        months=np.array([one.months for one in articles], np.uint16),
        published=np.array([NO_DAY if one.published is None else one.published for one in articles], np.int64),
    )


def days_of_event(mentions: Iterable[DateMention]) -> set[int]:
    """Return the ordinals of the days whose year is known."""
    return {one.day.toordinal() for one in mentions if one.day and one.day.year != UNKNOWN_YEAR}


def _latest(days: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(days)[-MOST_DAYS:])


def _padded(days: Sequence[int]) -> list[int]:
    return [*days, *[NO_DAY] * (MOST_DAYS - len(days))]


def compare_days(columns: DayColumns, pairs: npt.NDArray[np.int64]) -> DayComparison:
    """Compare the days of both articles of each pair: int64 ``[p, 2]``."""
    left, right = pairs[:, 0], pairs[:, 1]
    dated = (columns.published[left] != NO_DAY) & (columns.published[right] != NO_DAY)
    gap = np.full(len(pairs), -NO_DAY)
    names_days = (columns.in_year != NO_DAY).any(axis=1)
    both = names_days[left] & names_days[right]  # of most pairs one names none
    gap[both] = _gap_between_named(columns, pairs[both], dated[both])
    # a Jalali day without its year may be either of two Gregorian ones
    near = np.where(dated, gap < 1, gap <= 1)
    known = gap < _YEAR_DAYS
    one, other = columns.weekdays[left], columns.weekdays[right]
    weekdays_known = ~dated & (one > 0) & (other > 0)
    weekday_shared = (one & other) > 0
    month_one, month_other = columns.months[left], columns.months[right]
    months_known, month_shared = (month_one > 0) & (month_other > 0), (month_one & month_other) > 0
    apart = np.zeros(len(pairs))
    events = _event_days(columns, left[dated]), _event_days(columns, right[dated])
    apart[dated] = np.minimum(_gap(*events), _MOST_APART)
    return DayComparison(
        apart=apart,
        shared=(known & near).astype(np.float64),
        in_conflict=(known & ~near).astype(np.float64),
        weekdays_shared=(weekdays_known & weekday_shared).astype(np.float64),
        weekdays_in_conflict=(weekdays_known & ~weekday_shared).astype(np.float64),
        months_shared=(months_known & month_shared).astype(np.float64),
        months_in_conflict=(months_known & ~month_shared).astype(np.float64),
    )


def _gap_between_named(
    columns: DayColumns, pairs: npt.NDArray[np.int64], dated: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """Return the least days between those that both articles name; without publication times within a year."""
    left, right = pairs[:, 0], pairs[:, 1]
    in_year = _gap(columns.in_year.take(left, axis=0), columns.in_year.take(right, axis=0))
    in_year = np.minimum(in_year, np.where(in_year < _YEAR_DAYS, _YEAR_DAYS - in_year, in_year))
    named = _gap(columns.named.take(left, axis=0), columns.named.take(right, axis=0))
    return np.where(dated, named, in_year)


def _event_days(columns: DayColumns, articles: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the days named, the day of publication for an article that names none."""
    days = columns.named.take(articles, axis=0)
    none_named = (days == NO_DAY).all(axis=1)
    days[none_named, 0] = columns.published[articles][none_named]
    return days


def _gap(one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the least distance between a day of ``one`` and a day of ``other``, huge where either has none."""
    apart = np.abs(one[:, :, None] - other[:, None, :])
    # two missing days are not near each other
    apart[(one[:, :, None] == NO_DAY) | (other[:, None, :] == NO_DAY)] = -NO_DAY
    least: npt.NDArray[np.int64] = apart.min(axis=(1, 2))
    return least
