"""The log-odds of candidate pairs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.encode.fingerprint import Fingerprints
from dedup.score.calibration import KINDS, Calibration
from dedup.score.scorer import pair_log_odds, weighed_signals
from dedup.score.screen import have_enough_in_common
from dedup.score.signals import Pairs, pair_kinds, pair_signals

__all__ = ["score_pairs"]


def score_pairs(
    fingerprints: Fingerprints, pairs: Pairs, calibration: Calibration, *, max_sentences: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """Score candidate pairs; those that have too little in common are no candidates after all.

    Args:
        fingerprints: Of ``n`` articles.
        pairs: int64 ``[p, 2]``, near enough in vector space and time: see ``dedup.index``.
        calibration: Weighs the signals.
        max_sentences: The most that any article has.

    Returns:
        bool ``[p]``, which pairs are worth a score, and float64, the log-odds of those.
    """
    enough = have_enough_in_common(fingerprints, pairs, calibration)
    kept = pairs[enough]
    kinds = pair_kinds(fingerprints, kept)
    log_odds = np.empty(len(kept))
    for kind in range(len(KINDS)):
        rows = np.flatnonzero(kinds == kind)
        signals = pair_signals(
            fingerprints, kept[rows], max_sentences=max_sentences, weighed=weighed_signals(calibration, kind)
        )
        log_odds[rows] = pair_log_odds(signals, kinds[rows], calibration)
    return enough, log_odds
