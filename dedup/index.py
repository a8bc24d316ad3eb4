"""Candidate pairs: every two articles near enough in vector space and in time. The only file that imports faiss.

Which pairs are candidates depends on the two articles alone: similarity at least a bound, times at most a window
apart. No "nearest ten", which would make a pair depend on what else is in the corpus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from dedup.encode.base import Vectors

__all__ = ["candidate_pairs"]

_QUERIES_AT_ONCE = 1_024
# FAISS finds what is strictly more similar than its radius, and its last bits depend on the batch: it searches with a
# margin, and what it finds is compared again here, pair by pair.
_MARGIN = 1e-4
_DECIMALS = 5


def candidate_pairs(
    documents: Vectors,
    hours: npt.NDArray[np.float64],
    *,
    similarity: float,
    undated_similarity: float,
    window_hours: float,
    progress: Callable[[int], None] | None = None,
) -> npt.NDArray[np.int64]:
    """Return all pairs ``(i, j)``, ``i < j``, that are worth a score: int64 ``[pairs, 2]``, sorted.

    Exact. Articles are taken in the order of their times, so that each is compared with its window only; an article
    without a time is compared with all.

    Args:
        documents: float32 ``[n, dimension]``, unit rows.
        hours: float64 ``[n]``, publication in hours; NaN where unknown.
        similarity: Least cosine of articles with times, compared after rounding to five decimals.
        undated_similarity: Least cosine where a time is unknown.
        window_hours: Most hours apart, where both are known.
        progress: Called with the number of articles searched since its last call.
    """
    order = np.argsort(hours, kind="stable")  # NaN last
    timed = int(np.count_nonzero(~np.isnan(hours)))
    lowest = min(similarity, undated_similarity) if 0 < timed else undated_similarity
    found = [np.empty((0, 2), np.int64)]
    for start, stop, low, high in _blocks(hours[order], timed, window_hours):
        queries, window = order[start:stop], order[low:high]
        for left, right in _search(documents, queries, window, lowest - _MARGIN):
            found.append(_confirmed(documents, hours, left, right, (similarity, undated_similarity), window_hours))
        if progress is not None:
            progress(stop - start)
    pairs = np.concatenate(found)
    return np.unique(pairs, axis=0) if len(pairs) else pairs


def _blocks(sorted_hours: npt.NDArray[np.float64], timed: int, window: float) -> Iterator[tuple[int, int, int, int]]:
    """Yield blocks of queries ``[start, stop)`` and what each is searched in, ``[low, high)``, as places in the order.

    Queries look back only: in what comes before them in the order, and in their own block.
    """
    for start in range(0, len(sorted_hours), _QUERIES_AT_ONCE):
        stop = min(start + _QUERIES_AT_ONCE, len(sorted_hours))
        if stop <= timed:
            low = int(np.searchsorted(sorted_hours[:timed], sorted_hours[start] - window))
            yield start, stop, low, stop
        else:
            yield start, stop, 0, stop


def _search(
    documents: Vectors, queries: npt.NDArray[np.int64], window: npt.NDArray[np.int64], radius: float
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    import faiss

    index = faiss.IndexFlatIP(documents.shape[1])
    index.add(np.ascontiguousarray(documents[window]))
    limits, _, labels = index.range_search(np.ascontiguousarray(documents[queries]), float(radius))
    rows = np.repeat(np.arange(len(queries)), np.diff(limits.astype(np.int64)))
    yield queries[rows], window[labels]


def _confirmed(
    documents: Vectors,
    hours: npt.NDArray[np.float64],
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    similarities: tuple[float, float],
    window_hours: float,
) -> npt.NDArray[np.int64]:
    pairs = np.stack([np.minimum(left, right), np.maximum(left, right)], axis=1)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    exact = np.einsum("ij,ij->i", documents[pairs[:, 0]], documents[pairs[:, 1]])
    apart = np.abs(hours[pairs[:, 0]] - hours[pairs[:, 1]])
    least = np.where(np.isnan(apart), similarities[1], similarities[0])
    near = ~(apart > window_hours)  # NaN is not greater: an unknown time rules nothing out
    kept: npt.NDArray[np.int64] = pairs[(np.round(exact, _DECIMALS) >= least) & near]
    return kept
