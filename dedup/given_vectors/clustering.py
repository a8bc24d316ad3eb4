"""Stories from vectors that are there already, of any model: average linkage on cosines, in time windows.

The way from articles (``dedup.deduplicate``) scores each candidate pair; here its cosine is the score. Candidates and
clustering are the same code, ``dedup.index`` and ``dedup.cluster``.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup.cluster import ScoredBlock, join_blocks, rank_of
from dedup.errors import InputError
from dedup.given_vectors.linkage import Linkage
from dedup.given_vectors.rows import Given, WholeRows, digests_of
from dedup.given_vectors.sums import GroupSums, UnitRows
from dedup.index import Bounds, SearchWork, candidate_blocks
from dedup.threads import computed_ahead, one_thread_each

if TYPE_CHECKING:
    from dedup.engine import Engine

__all__ = ["cluster_vectors", "group_rows", "near_rows", "time_order"]

logger = logging.getLogger(__name__)

_Numbers = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.floating]

_ROWS_AT_ONCE = 1_024
# Pairs that wait while groups are joined, 32 bytes each.
_MOST_AHEAD = 1_000_000
_ROUNDING = 1e-5


def cluster_vectors(
    vectors: _Floats,
    *,
    hours: npt.ArrayLike | None = None,
    ids: Sequence[str] | None = None,
    similarity: float = 0.8,
    window_hours: float = 168.0,
    far: float | None = None,
    work: SearchWork | None = None,
    engine: Engine | str | None = None,
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
        engine: ``"ray"`` or a ``dedup.engine.RayEngine`` does the work in parts on a Ray cluster; for ``None`` this
            process does it. The stories are the same.

    Raises:
        InputError: vectors, hours and ids do not fit each other, or hold what is no finite number.
        SettingsError: a setting has a value that it cannot have.
        EngineError: the engine is not installed, not reached, or lost for good.

    >>> cluster_vectors(np.array([[1.0, 0.1], [0.0, 1.0], [1.0, 0.0]]), hours=[30, 0, 20], similarity=0.9).tolist()
    [1, 0, 1]
    """
    linkage = Linkage(similarity=similarity, window_hours=window_hours, far=far)
    times = _checked_hours(vectors, hours)
    rank = None if ids is None else _checked_rank(ids, len(vectors))
    work = work or SearchWork()
    if engine is not None:
        from dedup.engine import engine_named

        given = Given(vectors=vectors, hours=times, rank=rank)
        groups = engine_named(engine).group(given, linkage, work)
    else:
        rows = WholeRows(vectors)
        near = computed_ahead(near_rows(rows, times, linkage, work), _pairs_in, _MOST_AHEAD)
        with one_thread_each(), closing(near):
            rank = _rank(rows, times) if rank is None else rank
            groups = group_rows(rows, times, rank, near, linkage)
    logger.info("%d vectors, %d pairs compared, %d candidates", len(vectors), work.compared, work.candidates)
    return groups


def near_rows(
    rows: UnitRows,
    hours: npt.NDArray[np.float64],
    linkage: Linkage,
    work: SearchWork,
    *,
    across: int | None = None,
) -> Generator[ScoredBlock, None, None]:
    """Yield the pairs that can join, with their products; where groups join, one pair between them is above the mean.

    Args:
        rows: In any order.
        hours: float64 ``[n]``, NaN where unknown.
        linkage: When groups join.
        work: Counts what is done.
        across: As for ``dedup.index.candidate_blocks``.
    """
    least = linkage.similarity - _ROUNDING
    bounds = Bounds(similarity=least, one_language=least, undated=least, window_hours=linkage.window_hours)
    languages = np.zeros(len(rows), np.int64)
    for block in candidate_blocks(rows, hours, languages, bounds, exact=rows.exact, work=work, across=across):
        yield ScoredBlock(pairs=block.pairs, log_odds=block.products, settled=block.settled)


def _pairs_in(block: ScoredBlock) -> int:
    return max(1, len(block.pairs))


def group_rows(
    rows: UnitRows, hours: npt.NDArray[np.float64], rank: _Numbers, blocks: Iterable[ScoredBlock], linkage: Linkage
) -> _Numbers:
    """Return the group of each row: int64 ``[n]``, numbered in the order of ``rank``.

    Args:
        rows: All of some connected components of the pairs that can join.
        hours: float64 ``[n]``, NaN where unknown.
        rank: int64 ``[n]``, the place of each row in the order that ties go by.
        blocks: The pairs that can join, as ``near_rows`` gives them.
        linkage: When groups join.
    """
    between = GroupSums(rows, hours, rank, linkage.window_hours, linkage.far_similarity)
    return join_blocks(rank, blocks, linkage.similarity / rows.exact, between)


def time_order(vectors: _Floats, hours: npt.NDArray[np.float64], ids: Sequence[str] | None) -> _Numbers:
    """Return the rows in the order of time, then of ids; without ids of contents: int64 ``[n]``.

    Args:
        vectors: As for ``cluster_vectors``.
        hours: Likewise, float64.
        ids: Likewise.
    """
    if ids is None:
        return np.argsort(_rank(WholeRows(vectors), hours))
    return np.lexsort((rank_of(ids), hours))


def _rank(rows: WholeRows, hours: npt.NDArray[np.float64]) -> _Numbers:
    """Return the place of each row in the order of time, then of contents: int64 ``[n]``.

    Rows of equal contents at one time are as good as each other, so that it does not matter which comes first.
    """
    digest = np.empty(len(rows), np.uint64)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = np.arange(start, min(start + _ROWS_AT_ONCE, len(rows)))
        digest[some] = digests_of(rows[some])
    order = np.lexsort((digest, hours))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank


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
