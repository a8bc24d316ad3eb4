"""Stories from vectors that are there already, of any model: average linkage on cosines, in time windows.

The way from articles (``dedup.deduplicate``) scores each candidate pair; here its cosine is the score. Candidates and
clustering are the same code, ``dedup.index`` and ``dedup.cluster``.
"""

from __future__ import annotations

import itertools
import logging
import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from dedup.cluster import ScoredBlock, cluster_blocks, rank_of
from dedup.encode.base import Vectors
from dedup.errors import InputError, SettingsError
from dedup.index import Bounds, SearchWork, candidate_blocks

__all__ = ["cluster_vectors"]

logger = logging.getLogger(__name__)

_Numbers = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.floating]

_DEFAULT_SIMILARITY = 0.8
_ROWS_AT_ONCE = 1_024
_STEPS = 4_096
# Squares of lengths outside these may be 0 or infinite in float32.
_SHORTEST, _LONGEST = np.float32(1e-12), np.float32(1e12)


def cluster_vectors(
    vectors: _Floats,
    *,
    hours: npt.ArrayLike | None = None,
    ids: Sequence[str] | None = None,
    similarity: float = _DEFAULT_SIMILARITY,
    floor: float | None = None,
    window_hours: float = 168.0,
    work: SearchWork | None = None,
) -> _Numbers:
    """Return the story of each vector: int64 ``[n]``, stories numbered by their first vector.

    Two groups join while the cosine, averaged over all pairs between them, is above ``similarity``, the nearest first
    (average linkage). No pair counts less than ``floor``; a pair further apart in time than the window counts as much,
    whatever its cosine. So one pair cannot chain two groups, and no group runs on through an archive of daily reports
    that read alike.

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
        floor: Least that a pair counts, below ``similarity``. For ``None`` so far below ``similarity`` that a pair
            speaks half as much against a join as one of equal vectors does for it. A lower floor is stricter,
            and takes longer: all pairs above it are looked at.
        window_hours: Most hours apart of two vectors that can be neighbours.
        work: Counts what is done.

    Raises:
        InputError: vectors, hours and ids do not fit each other, or hold what is no finite number.
        SettingsError: a setting has a value that it cannot have.

    >>> cluster_vectors(np.array([[1.0, 0.1], [0.0, 1.0], [1.0, 0.0]]), hours=[30, 0, 20], similarity=0.9).tolist()
    [1, 0, 1]
    """
    floor = similarity - (1 - similarity) / 2 if floor is None else floor
    _check_settings(similarity, floor, window_hours)
    times = _checked_hours(vectors, hours)
    rows = _WholeRows(vectors)
    rank = _rank(rows, times) if ids is None else _checked_rank(ids, len(rows))
    work = work or SearchWork()
    bounds = Bounds(similarity=floor, one_language=floor, undated=floor, window_hours=window_hours)
    groups = cluster_blocks(rank, _scored(rows, times, bounds, work), threshold=similarity, absent=floor)
    logger.info("%d vectors, %d pairs compared, %d candidates", len(rows), work.compared, work.candidates)
    return groups


def _scored(
    rows: _WholeRows, hours: npt.NDArray[np.float64], bounds: Bounds, work: SearchWork
) -> Iterator[ScoredBlock]:
    languages = np.zeros(len(rows), np.int64)
    for block in candidate_blocks(rows, hours, languages, bounds, exact=rows.exact, work=work):
        assert block.similarity is not None
        yield ScoredBlock(pairs=block.pairs, log_odds=block.similarity, settled=block.settled)


class _WholeRows:
    """Rows of an array as unit vectors in whole steps of 1/4096, made as they are read.

    A product of two is a whole number of steps of 2^-24, at most 2^24, and so are the sums on the way to it: float32
    holds them exactly. Cosines are therefore the same however rows are put together, to about 0.0002 the true ones.
    """

    def __init__(self, vectors: _Floats) -> None:
        self._vectors = vectors
        # rounding adds up to half a step to each component, and so half the root of their number to the length
        self._length = _STEPS - math.sqrt(vectors.shape[1]) / 2 - 1
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


def _check_settings(similarity: float, floor: float, window_hours: float) -> None:
    if not -1 < similarity < 1:
        raise SettingsError(f"similarity is {similarity}; it is a cosine above -1 and below 1, such as 0.8")
    if not floor < similarity:
        raise SettingsError(f"floor is {floor}; it must be below the similarity, {similarity}")
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
