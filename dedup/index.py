"""Candidate pairs: every two articles near enough in vector space and in time. The only file that imports faiss.

Which pairs are candidates depends on the two articles alone: similarity at least a bound, times at most a window
apart. No "nearest ten", which would make a pair depend on what else is in the corpus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.encode.base import Vectors

__all__ = ["Bounds", "candidate_blocks", "candidate_pairs"]

_QUERIES_AT_ONCE = 1_024
_PAIRS_AT_ONCE = 262_144
# FAISS finds what is strictly more similar than its radius, and its last bits depend on the batch: it searches with a
# margin, and what it finds is compared again here, pair by pair.
_MARGIN = 1e-4
_DECIMALS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How near two articles must be, in cosine and in time, to be worth a score."""

    similarity: float
    """Articles with times."""
    one_language: float
    """Articles with times and of one language, which are nearer to each other whatever they tell."""
    undated: float
    """Where a time is unknown."""
    window_hours: float
    """Most hours apart, where both times are known."""

    def least(self, *, timed: bool, one_language: bool) -> float:
        """Return the least cosine for a pair with or without both times, of one language or of two."""
        if not timed:
            return self.undated
        return self.one_language if one_language else self.similarity


def candidate_pairs(
    documents: Vectors, hours: npt.NDArray[np.float64], languages: npt.NDArray[np.int64], bounds: Bounds
) -> npt.NDArray[np.int64]:
    """Return all candidate pairs at once: int64 ``[pairs, 2]``, sorted. Arguments as for ``candidate_blocks``."""
    found = candidate_blocks(documents, hours, languages, bounds)
    pairs = np.concatenate([np.empty((0, 2), np.int64), *found])
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def candidate_blocks(
    documents: Vectors,
    hours: npt.NDArray[np.float64],
    languages: npt.NDArray[np.int64],
    bounds: Bounds,
    *,
    progress: Callable[[int], None] | None = None,
) -> Iterator[npt.NDArray[np.int64]]:
    """Yield all pairs ``(i, j)``, ``i < j``, that are worth a score, each once: int64 ``[pairs, 2]`` a block.

    Exact. Articles are taken in the order of their times, so that each is compared with its window only; an article
    without a time is compared with all. What a block holds depends on the corpus; which pairs there are does not.
    Within a block pairs are sorted.

    Args:
        documents: float32 ``[n, dimension]``, unit rows.
        hours: float64 ``[n]``, publication in hours; NaN where unknown.
        languages: int64 ``[n]``, a number for each language.
        bounds: Cosines are compared after rounding to five decimals.
        progress: Called with the number of articles searched since its last call.
    """
    order = np.argsort(hours, kind="stable")  # NaN last
    timed = int(np.count_nonzero(~np.isnan(hours)))
    dated_least = min(bounds.similarity, bounds.one_language)
    for start, stop, low in _blocks(hours[order], timed, bounds.window_hours):
        # an article without a time has the undated bound with every other one
        least = min(dated_least, bounds.undated) if start < timed else bounds.undated
        left, right, found = _search(documents[order[low:stop]], documents[order[start:stop]], least - _MARGIN)
        later = left + start > right + low
        left, right = order[start:stop][left[later]], order[low:stop][right[later]]
        pairs = _confirmed(documents, hours, languages, left, right, found[later], bounds)
        for first in range(0, len(pairs), _PAIRS_AT_ONCE):
            yield pairs[first : first + _PAIRS_AT_ONCE]
        if progress is not None:
            progress(stop - start)


def _blocks(sorted_hours: npt.NDArray[np.float64], timed: int, window: float) -> Iterator[tuple[int, int, int]]:
    """Yield blocks of queries ``[start, stop)`` and where what each is searched in begins, as places in the order.

    Queries look back only: at what comes before them in the order, and at their own block. No block has articles of
    both kinds, with and without a time.
    """
    starts = [*range(0, timed, _QUERIES_AT_ONCE), *range(timed, len(sorted_hours), _QUERIES_AT_ONCE)]
    for start in starts:
        stop = min(start + _QUERIES_AT_ONCE, timed if start < timed else len(sorted_hours))
        low = int(np.searchsorted(sorted_hours[:timed], sorted_hours[start] - window)) if start < timed else 0
        yield start, stop, low


def _search(
    searched: Vectors, queries: Vectors, radius: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Return rows of ``queries`` and of ``searched`` whose similarity is above ``radius``, and that similarity."""
    import faiss

    index = faiss.IndexFlatIP(searched.shape[1])
    index.add(np.ascontiguousarray(searched))
    limits, similarity, labels = index.range_search(np.ascontiguousarray(queries), float(radius))
    return np.repeat(np.arange(len(queries)), np.diff(limits.astype(np.int64))), labels, similarity


def _confirmed(
    documents: Vectors,
    hours: npt.NDArray[np.float64],
    languages: npt.NDArray[np.int64],
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    found: npt.NDArray[np.float32],
    bounds: Bounds,
) -> npt.NDArray[np.int64]:
    """Return the pairs that are within their bounds, sorted: int64 ``[pairs, 2]``."""
    apart = np.abs(hours[left] - hours[right])
    dated_least = np.where(languages[left] == languages[right], bounds.one_language, bounds.similarity)
    least = np.where(np.isnan(apart), bounds.undated, dated_least)
    # NaN is not greater: an unknown time rules nothing out
    near = ~(apart > bounds.window_hours) & (found >= least - _MARGIN)
    pairs = np.stack([np.minimum(left, right), np.maximum(left, right)], axis=1)[near]
    least, doubtful = least[near], np.flatnonzero(found[near] <= least[near] + _MARGIN)
    exact = np.einsum("ij,ij->i", documents[pairs[doubtful, 0]], documents[pairs[doubtful, 1]])
    kept = np.ones(len(pairs), np.bool_)
    kept[doubtful] = np.round(exact.astype(np.float64), _DECIMALS) >= least[doubtful]
    pairs = pairs[kept]
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
