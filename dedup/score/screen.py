"""Which candidates have enough in common to be looked at closely: the cheap part of what makes two articles related.

In a stream of thousands a day an article has thousands of candidates, and nearly all of them share neither names nor
places with it. Their sentences are not compared.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.encode.fingerprint import Fingerprints
from dedup.score.blocks import fill_by_blocks
from dedup.score.calibration import Calibration
from dedup.score.nearly import Products, are_above, slack_of
from dedup.score.signals import Pairs, dated_pairs, signals_in_common

__all__ = ["LEAST_IN_COMMON", "have_enough_in_common", "in_common"]

LEAST_IN_COMMON = -4.5
"""What the articles as a whole, their names and their places must say, as log-odds of being about one thing. In a dense
stream (``benchmarks/dense.py``) 14% of the candidates say more, and with them all that are more likely one story than
not, but for one in ten thousand. Cross-validated, B-cubed F1 of families and siblings and the siblings merged are the
same as with all candidates, with any bound up to -4."""


def have_enough_in_common(
    fingerprints: Fingerprints, pairs: Pairs, calibration: Calibration, *, products: Products | None = None
) -> npt.NDArray[np.bool_]:
    """Tell which pairs are worth a score: bool ``[len(pairs)]``. Those without both times, all: see ``ceiling``.

    ``products`` are those of their rows, for who has them; where they are not exact, that changes nothing.
    """
    related = calibration.related
    if related is None:
        return np.ones(len(pairs), np.bool_)
    enough = ~dated_pairs(fingerprints, pairs)
    dated = np.flatnonzero(~enough)
    known = None if products is None else products.of(dated)

    def sums(some: Pairs, document: npt.NDArray[np.float32] | None) -> npt.NDArray[np.float64]:
        return in_common(fingerprints, some, calibration, document=document)

    enough[dated] = are_above(LEAST_IN_COMMON, pairs[dated], sums, known, slack_of(related.coefficients, known))
    return enough


def in_common(
    fingerprints: Fingerprints,
    pairs: Pairs,
    calibration: Calibration,
    *,
    document: npt.NDArray[np.float32] | None = None,
) -> npt.NDArray[np.float64]:
    """Return what pairs have in common, as log-odds of being about one thing: float64 ``[len(pairs)]``.

    A function of the two articles alone: the sum is taken in one order. ``document`` is the similarity of the articles
    as a whole, float32 ``[len(pairs)]``, for who has it.
    """
    related = calibration.related
    if related is None:
        raise ValueError("the calibration does not ask whether articles are about one thing; look for that first")
    found = np.empty(len(pairs))

    def fill(some: slice) -> None:
        total = np.full(some.stop - some.start, related.intercept)
        known = None if document is None else document[some]
        for name, values in signals_in_common(fingerprints, pairs[some], known):
            total += values.astype(np.float64) * related.coefficients.get(name, 0.0)
        found[some] = total

    fill_by_blocks(len(pairs), fill)
    return found
