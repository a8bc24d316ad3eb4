"""The times of day that articles tell, as columns: do two articles speak of one?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.evidence.clocks import DAY_MINUTES, DAY_PARTS, clock_mentions, day_part_mentions

__all__ = [
    "CLOCK_SENTENCES",
    "EVERY_PART",
    "MOST_CLOCKS",
    "NEAR_MINUTES",
    "NO_CLOCK",
    "PART_SENTENCES",
    "ArticleClocks",
    "ClockColumns",
    "ClockComparison",
    "article_clocks",
    "clock_columns",
    "compare_clocks",
    "minutes_apart",
]

CLOCK_SENTENCES = 4
"""The headline and what follows it. Of six or twelve sentences the families' pairs learn no more."""
PART_SENTENCES = 3
MOST_CLOCKS = 6
"""Readings kept of a lead; a text with more is a timetable."""
NO_CLOCK = -1
"""Stands in columns for a reading that is not there."""
NEAR_MINUTES = 15
"""As far apart two reports of one time may lie: *around two*, 13.58."""
_FAR_MINUTES = 60
"""Further apart they are in conflict; in between it says nothing."""
_DAY_HOURS = 24
_PARTS = tuple(DAY_PARTS)
EVERY_PART = np.uint8((1 << len(_PARTS)) - 1)
"""The bits of all parts of the day."""


class ClockColumns(NamedTuple):
    """Times of day in the leads of ``n`` articles."""

    minutes: npt.NDArray[np.int16]
    """int16 ``[n, 6]``: readings of clocks, in minutes since midnight; rows are padded with -1."""
    parts: npt.NDArray[np.uint8]
    """uint8 ``[n]``: a bit for each of ``DAY_PARTS`` that is named, in their order."""


class ArticleClocks(NamedTuple):
    """The times of day that one article tells in its lead, as ``ClockColumns`` has them."""

    minutes: tuple[int, ...] = ()
    """At most 6, in the order of the text."""
    parts: int = 0


class ClockComparison(NamedTuple):
    """How the times of day of two articles agree: float64 ``[pairs]`` each."""

    shared: npt.NDArray[np.float64]
    """1 where both tell a clock, and two of them lie at most a quarter of an hour apart; else 0."""
    in_conflict: npt.NDArray[np.float64]
    """1 where both tell a clock, and all lie more than an hour apart; else 0."""
    parts_shared: npt.NDArray[np.float64]
    """1 where both name parts of the day, and two of them overlap; else 0."""
    parts_in_conflict: npt.NDArray[np.float64]
    """1 where both name parts of the day, and none overlap; else 0."""


def article_clocks(passage: Sequence[str]) -> ArticleClocks:
    """Return the times of day that the lead of an article tells."""
    readings = dict.fromkeys(minute for one in clock_mentions(passage[:CLOCK_SENTENCES]) for minute in one.minutes)
    named = {one.part for one in day_part_mentions(passage[:PART_SENTENCES])}
    return ArticleClocks(
        minutes=tuple(readings)[:MOST_CLOCKS], parts=sum(1 << _PARTS.index(part) for part in sorted(named))
    )


def clock_columns(articles: Iterable[ArticleClocks]) -> ClockColumns:
    """Put the times of day of ``n`` articles into columns."""
    told = list(articles)
    padded = [[*one.minutes, *[NO_CLOCK] * (MOST_CLOCKS - len(one.minutes))] for one in told]
    return ClockColumns(
        minutes=np.array(padded, np.int16).reshape(len(told), MOST_CLOCKS),
        parts=np.array([one.parts for one in told], np.uint8),
    )


def compare_clocks(columns: ClockColumns, pairs: npt.NDArray[np.int64]) -> ClockComparison:
    """Compare the times of day of both articles of each pair: int64 ``[p, 2]``."""
    left, right = pairs[:, 0], pairs[:, 1]
    shared, in_conflict = np.zeros(len(pairs)), np.zeros(len(pairs))
    both = np.flatnonzero((columns.minutes[left, 0] != NO_CLOCK) & (columns.minutes[right, 0] != NO_CLOCK))
    apart = minutes_apart(columns.minutes.take(left[both], axis=0), columns.minutes.take(right[both], axis=0))
    shared[both] = apart <= NEAR_MINUTES
    in_conflict[both] = apart > _FAR_MINUTES
    parts, others = columns.parts[left], columns.parts[right]
    named = (parts > 0) & (others > 0)
    overlap = _OVERLAPS[parts, others]
    return ClockComparison(
        shared=shared,
        in_conflict=in_conflict,
        parts_shared=(named & overlap).astype(np.float64),
        parts_in_conflict=(named & ~overlap).astype(np.float64),
    )


def minutes_apart(left: npt.NDArray[np.int16], right: npt.NDArray[np.int16]) -> npt.NDArray[np.int64]:
    """Return the least minutes between a reading of each row of both, round the clock: int64 ``[p]``.

    Args:
        left: int16 ``[p, k]``, padded with ``NO_CLOCK``, at least one reading in each row.
        right: Likewise.
    """
    one, other = left.astype(np.int64)[:, :, None], right.astype(np.int64)[:, None, :]
    apart = np.abs(one - other)
    apart = np.minimum(apart, DAY_MINUTES - apart)
    apart[(one == NO_CLOCK) | (other == NO_CLOCK)] = DAY_MINUTES
    least: npt.NDArray[np.int64] = apart.min(axis=(1, 2), initial=DAY_MINUTES)
    return least


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return any(min(one[1], other[1] + turn) > max(one[0], other[0] + turn) for turn in (-_DAY_HOURS, 0, _DAY_HOURS))


def _overlaps() -> npt.NDArray[np.bool_]:
    """Return of any two sets of parts of the day, as bits, whether any two of them overlap: bool ``[64, 64]``."""
    hours = [DAY_PARTS[part] for part in _PARTS]
    near = np.array([[_overlap(one, other) for other in hours] for one in hours])
    bits = (np.arange(1 << len(_PARTS))[:, None] >> np.arange(len(_PARTS)) & 1).astype(np.int64)
    found: npt.NDArray[np.bool_] = bits @ near.astype(np.int64) @ bits.T > 0
    return found


_OVERLAPS = _overlaps()
