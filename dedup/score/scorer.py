"""Signals into the probability that a person would say "same story"."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.errors import CalibrationError
from dedup.score.calibration import Calibration, Scorer
from dedup.score.signals import SIGNALS

__all__ = ["log_odds_of", "pair_log_odds", "probability_of"]

_LIMIT = 8.0
"""Log-odds beyond this (0.9997) say no more than the development data can back."""
_DIGITS = 4


def pair_log_odds(
    signals: npt.NDArray[np.float32], dated: npt.NDArray[np.bool_], calibration: Calibration
) -> npt.NDArray[np.float64]:
    """Return the log-odds of "same story" for rows of signals: float64 ``[n]``, rounded, within ±8.

    Args:
        signals: float32 ``[n, len(SIGNALS)]``.
        dated: bool ``[n]``, which of the calibration's two scorers judges a row.
        calibration: Weighs the signals.

    Raises:
        CalibrationError: the calibration names a signal that this version does not know.
    """
    total = np.where(dated, calibration.dated.intercept, calibration.undated.intercept)
    # a sum in a fixed order, not a matrix product, whose order of summation depends on the number of rows
    for column, signal in enumerate(SIGNALS):
        weight = np.where(dated, _weight(calibration.dated, signal), _weight(calibration.undated, signal))
        total += signals[:, column].astype(np.float64) * weight
    for scorer in (calibration.dated, calibration.undated):
        unknown = sorted(set(scorer.coefficients) - set(SIGNALS))
        if unknown:
            raise CalibrationError(
                f"the calibration weighs unknown signals: {', '.join(unknown)}; fit it again with this version"
            )
    # rounded before anything is compared, so that the last bits of a sum decide nothing
    rounded: npt.NDArray[np.float64] = np.round(np.clip(total, -_LIMIT, _LIMIT), _DIGITS)
    return rounded


def _weight(scorer: Scorer, signal: str) -> float:
    return scorer.coefficients.get(signal, 0.0)


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
