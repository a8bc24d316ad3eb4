"""The articles of a store that are near a given one: a FAISS index for each day, made of the segments when needed.

Exact: every pair that a batch run would find is found. An index is flat, for no approximate one is sure of that; what
keeps it fast is that only the days of the window are searched. Indexes are held in memory alone: reading the vectors of
a day takes less than reading an index of them would save.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import floor
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup.encode.base import Vectors
from dedup.index import MARGIN, Bounds, are_candidates
from dedup.store.database import Database
from dedup.store.segments import Place, Segments

if TYPE_CHECKING:
    import faiss

__all__ = ["HOURS_A_DAY", "Indexed", "Neighbours"]

HOURS_A_DAY = 24.0
_Numbers = npt.NDArray[np.int64]
_MOST_ROWS = 400_000
"""Vectors held: days that have not been searched for longest are let go of. 600 MB of 384 dimensions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """Articles to be searched for, or to be found."""

    numbers: _Numbers
    """int64 ``[n]``, of their rows in the store."""
    documents: Vectors
    """float32 ``[n, dimension]``, unit rows."""
    hours: npt.NDArray[np.float64]
    """float64 ``[n]``, publication in hours since 1970 UTC; NaN where unknown."""
    languages: Sequence[str]

    def those(self, rows: _Numbers) -> Indexed:
        """Return some of them."""
        return Indexed(
            numbers=self.numbers[rows],
            documents=self.documents[rows],
            hours=self.hours[rows],
            languages=[self.languages[row] for row in rows.tolist()],
        )


class _Shard:
    """The articles of one day, or those without a time."""

    def __init__(self, dimension: int) -> None:
        import faiss

        self._dimension = dimension
        self._index: faiss.IndexFlatIP = faiss.IndexFlatIP(dimension)
        self._numbers: list[_Numbers] = []
        self._hours: list[npt.NDArray[np.float64]] = []
        self.languages: list[str] = []

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, articles: Indexed) -> None:
        self._index.add(np.ascontiguousarray(articles.documents))
        self._numbers.append(articles.numbers)
        self._hours.append(articles.hours)
        self.languages += articles.languages

    @property
    def numbers(self) -> _Numbers:
        self._numbers = [np.concatenate([np.empty(0, np.int64), *self._numbers])]
        return self._numbers[0]

    @property
    def hours(self) -> npt.NDArray[np.float64]:
        self._hours = [np.concatenate([np.empty(0), *self._hours])]
        return self._hours[0]

    def documents(self, rows: _Numbers) -> Vectors:
        found: Vectors = self._index.reconstruct_batch(rows)
        return found

    def near(self, queries: Vectors, least: float) -> tuple[_Numbers, _Numbers]:
        """Return the rows of ``queries`` and of the shard whose product is about ``least`` or more."""
        limits, _, rows = self._index.range_search(np.ascontiguousarray(queries), least - MARGIN)
        return np.repeat(np.arange(len(queries)), np.diff(limits.astype(np.int64))), rows.astype(np.int64)


@dataclass(slots=True)
class _Seen:
    """Up to where the store has been taken in."""

    number: int = 0
    removals: str | None = None
    days: dict[int | None, int] = field(default_factory=dict)
    """Articles of each day."""


class Neighbours:
    """Finds candidates in a store.

    Args:
        database: Of the store.
        segments: Likewise.
        dimension: Length of a vector.
    """

    def __init__(self, database: Database, segments: Segments, dimension: int) -> None:
        self._database, self._segments, self._dimension = database, segments, dimension
        self._shards: dict[int | None, _Shard] = {}
        """In the order in which they were searched last."""
        self._seen = _Seen()

    def forget(self) -> None:
        """Let go of all indexes: what they were made of may be gone."""
        self._shards.clear()
        self._seen = _Seen()

    def refresh(self) -> None:
        """Take in what has been added since, and let go of days that have lost articles; within a transaction."""
        removals = self._database.fact("removals")
        if removals != self._seen.removals:
            self.forget()
        last = self._database.value("SELECT MAX(number) FROM articles") or 0
        fresh = self._seen.number
        counted = self._database.rows(
            "SELECT day, COUNT(*) FROM articles WHERE number > ? AND number <= ? GROUP BY day", (fresh, last)
        )
        for day, count in counted:
            self._seen.days[day] = self._seen.days.get(day, 0) + count
            if day in self._shards:
                for some in self._stored(day, fresh):
                    self._shards[day].add(some)
        self._seen.number, self._seen.removals = last, removals

    def pairs(self, queries: Indexed, bounds: Bounds) -> list[tuple[int, int]]:
        """Return the numbers of ``queries`` and of the articles of the store that are worth a score with them.

        A query that is in the store does not find itself; of two queries that are, each finds the other.
        """
        found: list[tuple[int, int]] = []
        days = np.array([-1 if np.isnan(hour) else floor(hour / HOURS_A_DAY) for hour in queries.hours.tolist()])
        timed = ~np.isnan(queries.hours)
        span = bounds.window_hours / HOURS_A_DAY
        for day in self._days(days[timed], span, everything=not timed.all()):
            rows = np.arange(len(timed))
            if day is not None:
                rows = np.flatnonzero(~timed | (np.abs(days - day) <= span + 1))
            if len(rows):
                found += self._in_shard(self._shard(day), queries.those(rows), bounds)
        self._let_go()
        return found

    def _days(self, days: _Numbers, span: float, *, everything: bool) -> Iterator[int | None]:
        """Yield the days that have articles which may be near."""
        for day in sorted(self._seen.days, key=lambda one: (one is None, one or 0)):
            if everything or day is None or (len(days) and np.abs(days - day).min() <= span + 1):
                yield day

    def _in_shard(self, shard: _Shard, queries: Indexed, bounds: Bounds) -> list[tuple[int, int]]:
        undated = bool(np.isnan(queries.hours).any() or np.isnan(shard.hours[:1]).any())
        least = min(bounds.similarity, bounds.one_language)
        left, right = shard.near(queries.documents, min(least, bounds.undated) if undated else least)
        other = left_numbers = queries.numbers[left]
        other = shard.numbers[right]
        apart = np.flatnonzero(left_numbers != other)
        left, right = left[apart], right[apart]
        if not len(left):
            return []
        rows, place = np.unique(right, return_inverse=True)
        n = len(queries.numbers)
        near = are_candidates(
            np.concatenate([queries.documents, shard.documents(rows)]),
            np.concatenate([queries.hours, shard.hours[rows]]),
            _as_numbers([*queries.languages, *(shard.languages[row] for row in rows.tolist())]),
            np.stack([left, place.reshape(-1) + n], axis=1),
            bounds,
        )
        return list(zip(queries.numbers[left[near]].tolist(), shard.numbers[right[near]].tolist(), strict=True))

    def _shard(self, day: int | None) -> _Shard:
        found = self._shards.pop(day, None)
        if found is None:
            found = _Shard(self._dimension)
            for some in self._stored(day, 0):
                found.add(some)
        self._shards[day] = found
        return found

    def _stored(self, day: int | None, after: int) -> Iterator[Indexed]:
        """Yield the articles of a day with a number above ``after``, some at a time."""
        cursor = self._database.run(
            "SELECT number, hours, language, segment, place, sentences, checksum FROM articles "
            "WHERE day IS ? AND number > ? ORDER BY number",
            (day, after),
        )
        while rows := cursor.fetchmany(4_096):
            yield Indexed(
                numbers=np.array([row[0] for row in rows], np.int64),
                documents=np.stack(
                    [
                        self._segments.document(Place(segment=row[3], place=row[4], sentences=row[5], checksum=row[6]))
                        for row in rows
                    ]
                ),
                hours=np.array([np.nan if row[1] is None else row[1] for row in rows], np.float64),
                languages=[row[2] for row in rows],
            )

    def _let_go(self) -> None:
        held = sum(len(shard) for shard in self._shards.values())
        while held > _MOST_ROWS and len(self._shards) > 1:
            oldest = next(iter(self._shards))
            held -= len(self._shards.pop(oldest))


def _as_numbers(languages: Iterable[str]) -> _Numbers:
    number: dict[str, int] = {}
    return np.array([number.setdefault(language, len(number)) for language in languages], np.int64)
