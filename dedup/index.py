"""Candidate pairs: every two articles near enough in vector space and in time. The only file that imports faiss.

Which pairs are candidates depends on the two articles alone: similarity at least a bound, times at most a window
apart. No "nearest ten", which would make a pair depend on what else is in the corpus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from dedup.encode.base import Vectors

__all__ = ["candidate_blocks", "candidate_pairs"]

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
) -> npt.NDArray[np.int64]:
    """Return all candidate pairs at once: int64 ``[pairs, 2]``, sorted. Arguments as for ``candidate_blocks``."""
    found = candidate_blocks(
        documents, hours, similarity=similarity, undated_similarity=undated_similarity, window_hours=window_hours
    )
    pairs = np.concatenate([np.empty((0, 2), np.int64), *found])
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def candidate_blocks(
    documents: Vectors,
    hours: npt.NDArray[np.float64],
    *,
    similarity: float,
    undated_similarity: float,
    window_hours: float,
    progress: Callable[[int], None] | None = None,
) -> Iterator[npt.NDArray[np.int64]]:
    """Yield all pairs ``(i, j)``, ``i < j``, that are worth a score, each once: int64 ``[pairs, 2]`` a block.

    Exact. Articles are taken in the order of their times, so that each is compared with its window only; an article
    without a time is compared with all. What a block holds depends on the corpus; which pairs there are does not.

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
    for start, stop, low in _blocks(hours[order], timed, window_hours):
        # an article without a time has the undated bound with every other one
        least = min(similarity, undated_similarity) if start < timed else undated_similarity
        left, right = _search(documents[order[low:stop]], documents[order[start:stop]], least - _MARGIN)
        later = left + start > right + low
        left, right = order[start:stop][left[later]], order[low:stop][right[later]]
        yield _confirmed(documents, hours, left, right, (similarity, undated_similarity), window_hours)
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


def _search(searched: Vectors, queries: Vectors, radius: float) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return rows of ``queries`` and of ``searched`` whose similarity is above ``radius``."""
    import faiss

    index = faiss.IndexFlatIP(searched.shape[1])
    index.add(np.ascontiguousarray(searched))
    limits, _, labels = index.range_search(np.ascontiguousarray(queries), float(radius))
    return np.repeat(np.arange(len(queries)), np.diff(limits.astype(np.int64))), labels


def _confirmed(
    documents: Vectors,
    hours: npt.NDArray[np.float64],
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    similarities: tuple[float, float],
    window_hours: float,
) -> npt.NDArray[np.int64]:
    pairs = np.stack([np.minimum(left, right), np.maximum(left, right)], axis=1)
    exact = np.einsum("ij,ij->i", documents[pairs[:, 0]], documents[pairs[:, 1]])
    apart = np.abs(hours[pairs[:, 0]] - hours[pairs[:, 1]])
    least = np.where(np.isnan(apart), similarities[1], similarities[0])
    near = ~(apart > window_hours)  # NaN is not greater: an unknown time rules nothing out
    kept: npt.NDArray[np.int64] = pairs[(np.round(exact.astype(np.float64), _DECIMALS) >= least) & near]
    return kept
