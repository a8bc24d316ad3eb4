"""The articles of a store that are near a given one: a FAISS index for each few days, made when needed.

Exact: every pair that a batch run would find is found. An index is flat, for no approximate one is sure of that; what
keeps it fast is that only the window is searched: articles are put into buckets of a part of it each, by their times.
Indexes are held in memory alone, made of the segments: reading an index from disk would take as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup.encode.base import Vectors
from dedup.evidence.hashed import HashedEvidence
from dedup.evidence.packed import hashed_evidence
from dedup.index import MARGIN, Bounds, may_be_candidates, near_enough, pair_products
from dedup.store.database import Database
from dedup.store.segments import Place, Segments
from dedup.store.stored import without_vectors

if TYPE_CHECKING:
    import faiss

    from dedup.score.calibration import Calibration

__all__ = ["Indexed", "Neighbours"]

_Numbers = npt.NDArray[np.int64]
_QUERIES_AT_ONCE = 64
"""Each finds hundreds, whose vectors are looked at together."""
_MOST_ROWS = 400_000
"""Vectors held: buckets that have not been searched for longest are let go of. 600 MB of 384 dimensions."""


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
    evidence: HashedEvidence

    def part(self, rows: _Numbers) -> Indexed:
        """Return some of them: int64 ``[k]``."""
        return Indexed(
            numbers=self.numbers[rows],
            documents=self.documents[rows],
            hours=self.hours[rows],
            languages=[self.languages[row] for row in rows.tolist()],
            evidence=self.evidence.chosen(rows),
        )


class _Shard:
    """The articles of one bucket, or those without a time."""

    def __init__(self, dimension: int) -> None:
        import faiss

        self._dimension = dimension
        self._index: faiss.IndexFlatIP = faiss.IndexFlatIP(dimension)
        self._numbers: list[_Numbers] = []
        self._hours: list[npt.NDArray[np.float64]] = []
        self._languages: list[_Numbers] = []
        self._evidence: list[HashedEvidence] = []

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, articles: Indexed, languages: _Numbers) -> None:
        self._index.add(np.ascontiguousarray(articles.documents))
        self._numbers.append(articles.numbers)
        self._hours.append(articles.hours)
        self._languages.append(languages)
        self._evidence.append(articles.evidence)

    def near(self, queries: Indexed, languages: _Numbers, bounds: Bounds, least: float) -> tuple[_Numbers, _Found]:
        """Return the rows of ``queries``, and the articles, that may be candidates; ``least`` is the lowest bound."""
        limits, products, found = self._index.range_search(np.ascontiguousarray(queries.documents), least - MARGIN)
        left = np.repeat(np.arange(len(queries.numbers)), np.diff(limits.astype(np.int64)))
        rows = found.astype(np.int64)
        self._put_together()
        hours, one_language = self._hours[0][rows], languages[left] == self._languages[0][rows]
        possible = np.flatnonzero(may_be_candidates(products, (queries.hours[left], hours), one_language, bounds))
        rows = rows[possible]
        articles = _Found(
            shard=self,
            rows=rows,
            numbers=self._numbers[0][rows],
            documents=self._index.reconstruct_batch(rows),
            hours=hours[possible],
            languages=self._languages[0][rows],
        )
        return left[possible], articles

    def evidence(self, rows: _Numbers) -> HashedEvidence:
        """Return what is known of articles: int64 ``[k]``."""
        self._put_together()
        return self._evidence[0].chosen(rows)

    def _put_together(self) -> None:
        if len(self._numbers) > 1:
            self._numbers = [np.concatenate(self._numbers)]
            self._hours = [np.concatenate(self._hours)]
            self._languages = [np.concatenate(self._languages)]
            self._evidence = [HashedEvidence.together(self._evidence)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Articles of a shard that are near; one of them as often as it was found."""

    shard: _Shard
    rows: _Numbers
    numbers: _Numbers
    documents: Vectors
    hours: npt.NDArray[np.float64]
    languages: _Numbers


@dataclass(slots=True)
class _Seen:
    """Up to where the store has been taken in."""

    number: int = 0
    removals: str | None = None
    buckets: dict[int | None, int] = field(default_factory=dict)
    """Articles of each bucket."""


class Neighbours:
    """Finds candidates in a store.

    Args:
        database: Of the store.
        segments: Likewise.
        calibration: Tells what is enough in common.
        bucket_hours: Hours that share an index.
    """

    def __init__(self, database: Database, segments: Segments, calibration: Calibration, bucket_hours: float) -> None:
        self._database, self._segments, self._calibration = database, segments, calibration
        self._bucket_hours = bucket_hours
        self._shards: dict[int | None, _Shard] = {}
        """In the order in which they were searched last."""
        self._languages: dict[str, int] = {}
        """A number for each language that was seen."""
        self._seen = _Seen()

    def forget(self) -> None:
        """Let go of all indexes: what they were made of may be gone."""
        self._shards.clear()
        self._seen = _Seen()

    def refresh(self) -> None:
        """Take in what has been added since, and let go of what has lost articles; within a transaction."""
        removals = self._database.fact("removals")
        if removals != self._seen.removals:
            self.forget()
        last = self._database.value("SELECT MAX(number) FROM articles") or 0
        fresh = self._seen.number
        counted = self._database.rows(
            "SELECT bucket, COUNT(*) FROM articles WHERE number > ? AND number <= ? GROUP BY bucket", (fresh, last)
        )
        for bucket, count in counted:
            self._seen.buckets[bucket] = self._seen.buckets.get(bucket, 0) + count
            if bucket in self._shards:
                for some in self._stored(bucket, fresh):
                    self._shards[bucket].add(some, self._numbered(some.languages))
        self._seen.number, self._seen.removals = last, removals

    def pairs(self, queries: Indexed, bounds: Bounds) -> list[tuple[int, int]]:
        """Return the numbers of ``queries`` and of the articles of the store that are worth a score with them.

        A query that is in the store does not find itself; of two queries that are, each finds the other.
        """
        found: list[tuple[int, int]] = []
        for start in range(0, len(queries.numbers), _QUERIES_AT_ONCE):
            some = np.arange(start, min(start + _QUERIES_AT_ONCE, len(queries.numbers)))
            found += self._pairs(queries.part(some), bounds)
            self._let_go()
        return found

    def _pairs(self, queries: Indexed, bounds: Bounds) -> list[tuple[int, int]]:
        timed = ~np.isnan(queries.hours)
        reach = self._bucket_hours + bounds.window_hours
        languages = self._numbered(queries.languages)
        left: list[_Numbers] = []
        near: list[_Found] = []
        for bucket in sorted(self._seen.buckets, key=lambda one: (one is None, one or 0)):
            rows = np.arange(len(timed))
            if bucket is not None:
                # from the middle of the bucket to its ends and a window beyond, with half a bucket to spare
                middle = (bucket + 0.5) * self._bucket_hours
                rows = np.flatnonzero(~timed | (np.abs(queries.hours - middle) <= reach))
            if len(rows):
                undated = bucket is None or not timed[rows].all()
                kinds = (True, False) if undated else (True,)
                least = min(bounds.least(timed=timed, one_language=one) for timed in kinds for one in (True, False))
                shard = self._shard(bucket)
                if len(shard):
                    some, found = shard.near(queries.part(rows), languages[rows], bounds, least)
                    left.append(rows[some])
                    near.append(found)
        return _judged(
            queries, languages, np.concatenate([np.empty(0, np.int64), *left]), near, bounds, self._calibration
        )

    def _numbered(self, languages: Iterable[str]) -> _Numbers:
        number = self._languages
        return np.array([number.setdefault(language, len(number)) for language in languages], np.int64)

    def _shard(self, bucket: int | None) -> _Shard:
        found = self._shards.pop(bucket, None)
        if found is None:
            found = _Shard(self._calibration.dimension)
            for some in self._stored(bucket, 0):
                found.add(some, self._numbered(some.languages))
        self._shards[bucket] = found
        return found

    def _stored(self, bucket: int | None, after: int) -> Iterator[Indexed]:
        """Yield the articles of a bucket with a number above ``after``, some at a time."""
        cursor = self._database.run(
            "SELECT number, hours, language, segment, place, sentences, checksum, evidence FROM articles "
            "WHERE bucket IS ? AND number > ? ORDER BY number",
            (bucket, after),
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
                evidence=hashed_evidence([row[7] for row in rows]),
            )

    def _let_go(self) -> None:
        held = sum(len(shard) for shard in self._shards.values())
        while held > _MOST_ROWS and len(self._shards) > 1:
            oldest = next(iter(self._shards))
            held -= len(self._shards.pop(oldest))


def _judged(
    queries: Indexed,
    asked_languages: _Numbers,
    left: _Numbers,
    near: Sequence[_Found],
    bounds: Bounds,
    calibration: Calibration,
) -> list[tuple[int, int]]:
    """Return the pairs of each of ``queries[left]`` with what was found near it that are worth a score.

    Pair by pair, as a batch run decides where the last bits of a product matter.
    """
    from dedup.score.nearly import Products
    from dedup.score.screen import have_enough_in_common

    if not len(left):
        return []
    n = len(queries.numbers)
    numbers = np.concatenate([found.numbers for found in near])
    documents = np.concatenate([queries.documents, *(found.documents for found in near)])
    hours = np.concatenate([found.hours for found in near])
    languages = np.concatenate([found.languages for found in near])
    products = pair_products(documents, np.stack([left, n + np.arange(len(left))], axis=1))
    times, tongues = np.stack([queries.hours[left], hours]), np.stack([asked_languages[left], languages])
    candidate = near_enough(products, times, tongues, bounds)
    kept = np.flatnonzero(candidate & (queries.numbers[left] != numbers))
    # one article is near to many of the queries
    _, first, of = np.unique(numbers[kept], return_index=True, return_inverse=True)
    once, place = np.unique(kept[first][of], return_inverse=True)
    prints = without_vectors(
        np.concatenate([queries.hours, hours[once]]),
        np.concatenate([asked_languages, languages[once]]),
        HashedEvidence.together([queries.evidence, *_evidence_of(near, once)]),
        asked=queries.evidence,
    )
    pairs = np.stack([left[kept], n + place], axis=1)
    kept = kept[have_enough_in_common(prints, pairs, calibration, products=Products(values=products[kept]))]
    return list(zip(queries.numbers[left[kept]].tolist(), numbers[kept].tolist(), strict=True))


def _evidence_of(near: Sequence[_Found], kept: _Numbers) -> Iterator[HashedEvidence]:
    """Yield what is known of those that are kept: their places in all of ``near``, in order."""
    begin = 0
    for found in near:
        end = begin + len(found.rows)
        some = kept[np.searchsorted(kept, begin) : np.searchsorted(kept, end)] - begin
        yield found.shard.evidence(found.rows[some])
        begin = end
