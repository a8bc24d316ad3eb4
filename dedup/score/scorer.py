"""Signals into the probability that a person would say "same story"."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.errors import CalibrationError
from dedup.score.calibration import Calibration
from dedup.score.signals import SIGNALS

__all__ = ["LIMIT", "log_odds_of", "pair_log_odds", "probability_of", "rounded_log_odds", "signal_weights"]

LIMIT = 8.0
"""Log-odds beyond this (0.9997) say no more than the development data can back."""
_DIGITS = 4


def pair_log_odds(
    signals: npt.NDArray[np.float32], kinds: npt.NDArray[np.int8], calibration: Calibration
) -> npt.NDArray[np.float64]:
    """Return the log-odds of "same story" for rows of signals: float64 ``[n]``, rounded, within ±8.

    Args:
        signals: float32 ``[n, len(SIGNALS)]``.
        kinds: int8 ``[n]``, which of the calibration's scorers judges a row: its place in ``KINDS``.
        calibration: Weighs the signals.

    Raises:
        CalibrationError: the calibration names a signal that this version does not know.
    """
    intercepts = np.array([scorer.intercept for scorer in calibration.scorers], np.float64)
    total: npt.NDArray[np.float64] = intercepts[kinds]
    # a sum in a fixed order, not a matrix product, whose order of summation depends on the number of rows
    for column, weights in enumerate(signal_weights(calibration).T):
        total += signals[:, column].astype(np.float64) * weights[kinds]
    return rounded_log_odds(total)


def rounded_log_odds(total: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return sums as log-odds: within ±8, and rounded, so that the last bits of a sum decide nothing."""
    within: npt.NDArray[np.float64] = np.clip(total, -LIMIT, LIMIT)
    return np.round(within, _DIGITS)


def signal_weights(calibration: Calibration) -> npt.NDArray[np.float64]:
    """Return the weight of each signal in each scorer: float64 ``[len(KINDS), len(SIGNALS)]``.

    Raises:
        CalibrationError: the calibration names a signal that this version does not know.
    """
    unknown = sorted({signal for scorer in calibration.scorers for signal in scorer.coefficients} - set(SIGNALS))
    if unknown:
        raise CalibrationError(
            f"the calibration weighs unknown signals: {', '.join(unknown)}; fit it again with this version"
        )
    return np.array(
        [[scorer.coefficients.get(signal, 0.0) for signal in SIGNALS] for scorer in calibration.scorers], np.float64
    )


def probability_of(log_odds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the logistic function of ``log_odds``.

    >>> float(probability_of(np.array([0.0]))[0])
    0.5
    """
    probability: npt.NDArray[np.float64] = 1 / (1 + np.exp(-log_odds))
    return probability


def log_odds_of(probability: float) -> float:
    """Return the log-odds of a probability between 0 and 1."""
    return float(np.log(probability / (1 - probability)))
