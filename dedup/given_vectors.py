"""Stories from vectors that are there already, of any model: average linkage on cosines, in time windows.

The way from articles (``dedup.deduplicate``) scores each candidate pair; here its cosine is the score. Candidates and
clustering are the same code, ``dedup.index`` and ``dedup.cluster``.
"""

from __future__ import annotations

import itertools
import logging
import math
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.cluster import ScoredBlock, join_blocks, rank_of
from dedup.encode.base import Vectors
from dedup.errors import InputError, SettingsError
from dedup.index import Bounds, SearchWork, candidate_blocks

__all__ = ["cluster_vectors"]

logger = logging.getLogger(__name__)

_Numbers = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.floating]

_DEFAULT_SIMILARITY = 0.8
_ROWS_AT_ONCE = 1_024
_PAIRS_AT_ONCE = 65_536
_STEPS = 4_096
_ROUNDING = 1e-5
# Squares of lengths outside these may be 0 or infinite in float32.
_SHORTEST, _LONGEST = np.float32(1e-12), np.float32(1e12)


def cluster_vectors(
    vectors: _Floats,
    *,
    hours: npt.ArrayLike | None = None,
    ids: Sequence[str] | None = None,
    similarity: float = _DEFAULT_SIMILARITY,
    window_hours: float = 168.0,
    far: float | None = None,
    work: SearchWork | None = None,
) -> _Numbers:
    """Return the story of each vector: int64 ``[n]``, stories numbered by their first vector.

    Two groups join while the cosine, averaged over all pairs between them, is above ``similarity``, the nearest first
    (average linkage). Two vectors further apart in time than the window count as ``far``, whatever their cosine. So one
    pair cannot chain two groups, and no group runs on through an archive of daily reports that read alike.

    The result depends neither on the order of the rows nor on how many are read at once. Rows are read in the order of
    time, some at a time, and never all copied: a memory-mapped array stays on disk.

    Args:
        vectors: float16, float32 or float64 ``[n, dimension]``, rows of any length; a row of zeros is like no other.
        hours: float ``[n]``, times in hours since any moment; NaN where unknown, ``None`` for all unknown. A vector
            without a time is compared with all, which for many takes time that grows with the square of their number.
        ids: ``n`` distinct keys. Stories are numbered in their order, and ties go to the smaller ones. For ``None`` the
            order is that of time, then of the vectors' contents.
        similarity: Cosine, above -1 and below 1. What is right depends on the model: 0.8 is high where unrelated texts
            are near 0, and too low where they are near 0.75, as for E5 without its language means subtracted.
        window_hours: Most hours apart of two vectors that can be neighbours.
        far: What two vectors further apart count, not above ``similarity``. For ``None`` so far below it that they
            speak half as much against a join as two equal vectors speak for it.
        work: Counts what is done.

    Raises:
        InputError: vectors, hours and ids do not fit each other, or hold what is no finite number.
        SettingsError: a setting has a value that it cannot have.

    >>> cluster_vectors(np.array([[1.0, 0.1], [0.0, 1.0], [1.0, 0.0]]), hours=[30, 0, 20], similarity=0.9).tolist()
    [1, 0, 1]
    """
    far = similarity - (1 - similarity) / 2 if far is None else far
    _check_settings(similarity, window_hours, far)
    times = _checked_hours(vectors, hours)
    rows = _WholeRows(vectors)
    rank = _rank(rows, times) if ids is None else _checked_rank(ids, len(rows))
    work = work or SearchWork()
    between = _GroupSums(rows, times, rank, window_hours, far)
    blocks = _neighbours(rows, times, similarity, window_hours, work)
    groups = join_blocks(rank, blocks, similarity / rows.exact, between)
    logger.info("%d vectors, %d pairs compared, %d candidates", len(rows), work.compared, work.candidates)
    return groups


def _neighbours(
    rows: _WholeRows, hours: npt.NDArray[np.float64], similarity: float, window_hours: float, work: SearchWork
) -> Iterator[ScoredBlock]:
    """Yield the pairs that can join; where groups join, one pair between them is above the mean of all."""
    least = similarity - _ROUNDING
    bounds = Bounds(similarity=least, one_language=least, undated=least, window_hours=window_hours)
    languages = np.zeros(len(rows), np.int64)
    for block in candidate_blocks(rows, hours, languages, bounds, exact=rows.exact, work=work):
        yield ScoredBlock(pairs=block.pairs, log_odds=block.products, settled=block.settled)


class _WholeRows:
    """Rows of an array as unit vectors in whole steps of 1/4096, made as they are read.

    A product of two is a whole number of steps of 2^-24, at most 2^24, and so are the sums on the way to it: float32
    holds them exactly. Cosines are therefore the same however rows are put together, to about 0.0002 the true ones.
    """

    def __init__(self, vectors: _Floats) -> None:
        self._vectors = vectors
        self.dimension = vectors.shape[1]
        # rounding adds up to half a step to each component, and so half the root of their number to the length
        self._length = _STEPS - math.sqrt(self.dimension) / 2 - 1
        self.exact = (_STEPS / self._length) ** 2
        """What makes cosines of products."""

    def __len__(self) -> int:
        return len(self._vectors)

    def __getitem__(self, rows: _Numbers, /) -> Vectors:
        read: Vectors = self._vectors[rows].astype(np.float32)
        squares = np.einsum("ij,ij->i", read, read)
        for row in np.flatnonzero(~((squares > _SHORTEST) & (squares < _LONGEST))).tolist():
            read[row] = _rescaled(self._vectors[rows[row]].astype(np.float64), int(rows[row]))
            squares[row] = max(float(read[row] @ read[row]), float(_SHORTEST))
        read *= (np.float32(self._length) / np.sqrt(squares))[:, None]
        np.rint(read, out=read)
        read /= np.float32(_STEPS)
        return read


class _Batch(NamedTuple):
    """Which two groups, and the members of both."""

    places: list[int]
    these: list[list[int]]
    those: list[list[int]]


class _GroupSums:
    """Sums of products over all pairs between groups: mostly the product of the sums of both.

    Articles are named by their ranks, groups by their smallest. All numbers are whole in steps of 2^-24, and exact.
    """

    def __init__(
        self, rows: _WholeRows, hours: npt.NDArray[np.float64], rank: _Numbers, window_hours: float, far: float
    ) -> None:
        self._rows, self._window = rows, window_hours
        self._far = round(far / rows.exact * _STEPS**2) / _STEPS**2
        self._row = np.argsort(rank)
        self._hours = hours[self._row]
        self._earliest, self._latest = self._hours.copy(), self._hours.copy()
        self._members: dict[int, list[int]] = {}
        """Of groups of two and more."""
        self._slot = np.full(len(rank), -1)
        self._sums = np.empty((0, rows.dimension))

    def join(self, kept: _Numbers, gone: _Numbers) -> None:
        """Make each group ``gone`` a part of the one ``kept``."""
        order = np.argsort(kept, kind="stable")
        kept, gone = kept[order], gone[order]
        starts = np.flatnonzero(np.diff(kept, prepend=-1))
        if len(starts):
            totals = self._vectors(kept[starts]) + np.add.reduceat(self._vectors(gone), starts)
            self._store(kept[starts], totals)
        np.fmin.at(self._earliest, kept, self._earliest[gone])
        np.fmax.at(self._latest, kept, self._latest[gone])
        for one, other in zip(kept.tolist(), gone.tolist(), strict=True):
            self._members.setdefault(one, [one]).extend(self._members.pop(other, [other]))

    def forget_all_but(self, groups: _Numbers) -> None:
        """Let go of groups that will not be asked for again."""
        kept = set(groups.tolist())
        for name in [name for name in self._members if name not in kept]:
            del self._members[name]
        left = np.array(list(self._members), np.int64)
        self._sums = self._sums[self._slot[left]]
        self._slot[left] = np.arange(len(left))

    def sums(self, ends: _Numbers) -> npt.NDArray[np.float64]:
        """Return the sum over the pairs between each two groups: float64 ``[len(ends)]``."""
        sums = np.empty(len(ends))
        for start in range(0, len(ends), _ROWS_AT_ONCE):
            some = ends[start : start + _ROWS_AT_ONCE]
            sums[start : start + len(some)] = np.einsum("ij,ij->i", *map(self._vectors, some.T))
        latest, earliest = self._latest[ends].max(axis=1), self._earliest[ends].min(axis=1)
        apart = np.flatnonzero(latest - earliest > self._window)
        for batch in self._batches(ends[apart]):
            np.add.at(sums, apart[batch.places], self._beyond(batch))
        return sums

    def _batches(self, ends: _Numbers) -> Iterator[_Batch]:
        """Yield the members of each two groups, many at a time, the larger ones in parts."""
        batch = _Batch([], [], [])
        room = _PAIRS_AT_ONCE
        for place, (a, b) in enumerate(ends.tolist()):
            these, those = self._members.get(a) or [a], self._members.get(b) or [b]
            step = max(1, _PAIRS_AT_ONCE // len(those))
            for start in range(0, len(these), step):
                part = these[start : start + step]
                if len(part) * len(those) > room and batch.places:
                    yield batch
                    batch, room = _Batch([], [], []), _PAIRS_AT_ONCE
                batch.places.append(place)
                batch.these.append(part)
                batch.those.append(those)
                room -= len(part) * len(those)
        if batch.places:
            yield batch

    def _beyond(self, batch: _Batch) -> npt.NDArray[np.float64]:
        """Return what pairs further apart than the window count, less their products: float64 ``[len(places)]``."""
        sizes = np.array([list(map(len, batch.these)), list(map(len, batch.those))])
        pairs = sizes.prod(axis=0)
        of = np.repeat(np.arange(len(pairs)), pairs)
        # the pairs of one batch's place are numbered through, by its first group's members and then by its second's
        number = np.arange(len(of)) - (np.cumsum(pairs) - pairs)[of]
        first = np.cumsum(sizes, axis=1) - sizes
        left = np.fromiter(chain.from_iterable(batch.these), np.int64)[first[0][of] + number // sizes[1][of]]
        right = np.fromiter(chain.from_iterable(batch.those), np.int64)[first[1][of] + number % sizes[1][of]]
        far = np.abs(self._hours[left] - self._hours[right]) > self._window
        of, left, right = of[far], left[far], right[far]
        articles, places = np.unique(np.stack([left, right]), return_inverse=True)
        rows = self._rows[self._row[articles]]
        left, right = places.reshape(2, -1)
        more = np.empty(len(of))
        for start in range(0, len(of), _ROWS_AT_ONCE):
            some = slice(start, start + _ROWS_AT_ONCE)
            more[some] = self._far - np.einsum("ij,ij->i", rows[left[some]], rows[right[some]]).astype(np.float64)
        return np.bincount(of, weights=more, minlength=len(pairs)).astype(np.float64)

    def _vectors(self, groups: _Numbers) -> npt.NDArray[np.float64]:
        """Return the sum of the vectors of each group: float64 ``[len(groups), dimension]``."""
        slots = self._slot[groups]
        single = slots < 0
        vectors = self._sums[slots] if len(self._sums) else np.empty((len(groups), self._rows.dimension))
        vectors[single] = self._rows[self._row[groups[single]]]
        return vectors

    def _store(self, groups: _Numbers, totals: npt.NDArray[np.float64]) -> None:
        new = self._slot[groups] < 0
        first = len(self._sums)
        self._slot[groups[new]] = first + np.arange(np.count_nonzero(new))
        self._sums = np.concatenate([self._sums, totals[new]])
        self._sums[self._slot[groups[~new]]] = totals[~new]


def _rescaled(vector: npt.NDArray[np.float64], row: int) -> npt.NDArray[np.float64]:
    """Return a vector whose length is no number in float32 with its largest component 1; zeros stay zeros."""
    largest = float(np.abs(vector).max(initial=0.0))
    if not np.isfinite(largest):
        raise InputError(f"row {row} of the vectors holds what is no finite number; leave the row out or mend it")
    return vector / largest if largest > 0 else vector


def _rank(rows: _WholeRows, hours: npt.NDArray[np.float64]) -> _Numbers:
    """Return the place of each row in the order of time, then of contents: int64 ``[n]``.

    Rows of equal contents at one time are as good as each other, so that it does not matter which comes first.
    """
    digest = np.empty(len(rows), np.uint64)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = np.arange(start, min(start + _ROWS_AT_ONCE, len(rows)))
        digest[some] = _digests(rows[some])
    order = np.lexsort((digest, hours))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank


def _digests(rows: Vectors) -> npt.NDArray[np.uint64]:
    """Return 64 bits of each row: its components' bits by odd numbers, in whole numbers, so in any order of summation.

    Multiply-shift hashing, Dietzfelbinger et al. 1997; the numbers are those of SplitMix64 (Steele et al. 2014).
    """
    seeds = np.arange(1, rows.shape[1] + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    seeds = (seeds ^ (seeds >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    seeds = (seeds ^ (seeds >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    # 0.0 and -0.0 are equal and differ in their bits
    bits = (rows + np.float32(0)).view(np.uint32).astype(np.uint64)
    digests: npt.NDArray[np.uint64] = bits @ (seeds | np.uint64(1))
    return digests


def _check_settings(similarity: float, window_hours: float, far: float) -> None:
    if not -1 < similarity < 1:
        raise SettingsError(f"similarity is {similarity}; it is a cosine above -1 and below 1, such as 0.8")
    if not -1 <= far <= similarity:
        raise SettingsError(f"far is {far}; it is a cosine from -1 to the similarity, {similarity}")
    if not window_hours > 0:
        raise SettingsError(f"window_hours is {window_hours}; use a number of hours above 0, such as 168")


def _checked_hours(vectors: _Floats, hours: npt.ArrayLike | None) -> npt.NDArray[np.float64]:
    if vectors.ndim != 2 or not np.issubdtype(vectors.dtype, np.floating):
        raise InputError(f"vectors are {vectors.dtype} of shape {vectors.shape}; give floats of shape [n, dimension]")
    times = np.full(len(vectors), np.nan) if hours is None else np.asarray(hours, np.float64)
    if times.shape != (len(vectors),):
        raise InputError(f"hours have the shape {times.shape}, and there are {len(vectors)} vectors; give one for each")
    if np.isinf(times).any():
        raise InputError("a time is infinite; use NaN where it is unknown")
    return times


def _checked_rank(ids: Sequence[str], n: int) -> _Numbers:
    if len(ids) != n:
        raise InputError(f"there are {len(ids)} ids and {n} vectors; give one for each")
    rank = rank_of(ids)
    ordered = [ids[row] for row in np.argsort(rank).tolist()]
    for one, other in itertools.pairwise(ordered):
        if one == other:
            raise InputError(f"two vectors have the id {one!r}; give each its own, or no ids")
    return rank
