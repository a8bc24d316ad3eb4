"""The log-odds of candidate pairs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.encode.fingerprint import Fingerprints
from dedup.score.calibration import KINDS, Calibration
from dedup.score.ceiling import LEAST_WITHOUT_TIMES, can_tell
from dedup.score.nearly import Products
from dedup.score.scorer import pair_log_odds, weighed_signals
from dedup.score.screen import have_enough_in_common
from dedup.score.signals import Pairs, pair_kinds, pair_signals

__all__ = ["score_pairs"]

_DATED = KINDS.index("dated")


def score_pairs(
    fingerprints: Fingerprints,
    pairs: Pairs,
    calibration: Calibration,
    *,
    max_sentences: int,
    products: Products | None = None,
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """Score candidate pairs; those that have too little in common are no candidates after all.

    Args:
        fingerprints: Of ``n`` articles.
        pairs: int64 ``[p, 2]``, near enough in vector space and time: see ``dedup.index``.
        calibration: Weighs the signals.
        max_sentences: The most that any article has.
        products: Those of the articles' vectors, for who has them; where they are not exact, that changes nothing.

    Returns:
        bool ``[p]``, which pairs are worth a score, and float64, the log-odds of those.
    """
    enough = have_enough_in_common(fingerprints, pairs, calibration, products=products)
    kinds = pair_kinds(fingerprints, pairs)
    log_odds = np.empty(len(pairs))
    for kind in range(len(KINDS)):
        rows = np.flatnonzero(enough & (kinds == kind))
        if kind != _DATED:
            known = None if products is None else products.of(rows)
            can = can_tell(fingerprints, pairs[rows], kind, calibration, products=known)
            enough[rows[~can]] = False
            rows = rows[can]
        signals = pair_signals(
            fingerprints, pairs[rows], max_sentences=max_sentences, weighed=weighed_signals(calibration, kind)
        )
        log_odds[rows] = pair_log_odds(signals, kinds[rows], calibration)
        if kind != _DATED:
            enough[rows] = log_odds[rows] > LEAST_WITHOUT_TIMES
    return enough, log_odds[enough]
