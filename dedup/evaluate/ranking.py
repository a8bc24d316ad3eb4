"""How well pairs are ranked, whatever their probabilities mean."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["average_precision"]


def average_precision(scores: npt.NDArray[np.float64], same: npt.NDArray[np.bool_]) -> float | None:
    """Return the average precision of ranking pairs by ``scores``: the mean, over the pairs of one story, of the
    precision among all pairs that are ranked no lower.

    Pairs with equal scores share a rank, so their order cannot show. None where no pair is of one story.

    Args:
        scores: float64 ``[n]``; higher is surer.
        same: bool ``[n]``, whether the pair is one story.

    >>> average_precision(np.array([0.9, 0.8, 0.7]), np.array([True, False, True]))
    0.8333333333333333
    """
    total = int(same.sum())
    if not total:
        return None
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(same[order])
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)  # of each run of equal scores
    found = np.diff(hits[last], prepend=0)
    return float((found * hits[last] / (last + 1)).sum() / total)
