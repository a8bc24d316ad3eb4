"""Signals into the probability that a person would say "same story"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from dedup.errors import CalibrationError
from dedup.score.calibration import KINDS, Calibration, Relatedness, Scorer
from dedup.score.signals import SIGNALS

__all__ = [
    "LIMIT",
    "log_odds_of",
    "log_probability",
    "pair_log_odds",
    "pair_sums",
    "probability_of",
    "related_log_odds",
    "rounded_log_odds",
    "signal_weights",
    "weighed_signals",
]

LIMIT = 8.0
"""Log-odds beyond this (0.9997) say no more than the development data can back."""
_DIGITS = 4
# The least probability of either that is told from none.
_LEAST = 1e-300


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
    return rounded_log_odds(pair_sums(signals, kinds, calibration))


def pair_sums(
    signals: npt.NDArray[np.float32], kinds: npt.NDArray[np.int8], calibration: Calibration
) -> npt.NDArray[np.float64]:
    """Return what becomes log-odds, neither clipped nor rounded: float64 ``[n]``; arguments as for ``pair_log_odds``.

    Pairs with times are one story where they are about one thing, and of what is about one thing the same event: the
    logarithm of the first factor is added to the log-odds of the second.
    """
    intercepts = np.array([scorer.intercept for scorer in calibration.scorers], np.float64)
    total = _summed(signals, intercepts[kinds], (weights[kinds] for weights in signal_weights(calibration).T))
    dated = np.flatnonzero(kinds == KINDS.index("dated"))
    if calibration.related is not None and len(dated):
        total[dated] += log_probability(related_log_odds(signals[dated], calibration.related, calibration.undated))
    return total


def related_log_odds(
    signals: npt.NDArray[np.float32], related: Relatedness, one_text: Scorer
) -> npt.NDArray[np.float64]:
    """Return the log-odds that pairs are about one thing, for rows of signals: float64 ``[n]``.

    They are where they have enough in common, or where they are one text, which may be short and name nothing: a
    noisy-or (Pearl 1988).

    Args:
        signals: float32 ``[n, len(SIGNALS)]``.
        related: Tells what is enough.
        one_text: Tells what is one text: the calibration's ``undated``.

    Raises:
        CalibrationError: either names a signal that this version does not know.
    """
    neither = np.zeros(len(signals))
    for one in (related, one_text):
        start = np.full(len(signals), one.intercept)
        neither -= np.logaddexp(0.0, _summed(signals, start, _in_columns(one.coefficients).tolist()))
    neither = np.minimum(neither, -_LEAST)
    found: npt.NDArray[np.float64] = np.log(-np.expm1(neither)) - neither
    return found


def log_probability(log_odds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the logarithm of the probability that log-odds stand for.

    >>> log_probability(np.array([-1000.0, 0.0, 1000.0])).round(4).tolist()
    [-1000.0, -0.6931, -0.0]
    """
    found: npt.NDArray[np.float64] = -np.logaddexp(0.0, -log_odds)
    return found


def _summed(
    signals: npt.NDArray[np.float32], start: npt.NDArray[np.float64], weights: Iterable[float | npt.NDArray[np.float64]]
) -> npt.NDArray[np.float64]:
    """Add to ``start`` each signal by its weight, one for all rows or one for each: float64 ``[n]``.

    In a fixed order, unlike a matrix product, whose order of summation depends on the number of rows.
    """
    total = start.copy()
    for column, weight in enumerate(weights):
        total += signals[:, column].astype(np.float64) * weight
    return total


def rounded_log_odds(total: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return sums as log-odds: within ±8, and rounded, so that the last bits of a sum decide nothing."""
    within: npt.NDArray[np.float64] = np.clip(total, -LIMIT, LIMIT)
    return np.round(within, _DIGITS)


def signal_weights(calibration: Calibration) -> npt.NDArray[np.float64]:
    """Return the weight of each signal in each scorer: float64 ``[len(KINDS), len(SIGNALS)]``.

    Raises:
        CalibrationError: the calibration names a signal that this version does not know.
    """
    return np.stack([_in_columns(scorer.coefficients) for scorer in calibration.scorers])


def weighed_signals(calibration: Calibration, kind: int) -> frozenset[str]:
    """Return the signals on which the log-odds of pairs of a kind depend, a place in ``KINDS``."""
    weights = [calibration.scorers[kind].coefficients]
    if kind == KINDS.index("dated") and calibration.related is not None:
        weights += [calibration.related.coefficients, calibration.undated.coefficients]
    return frozenset(name for some in weights for name, weight in some.items() if weight)


def _in_columns(coefficients: Mapping[str, float]) -> npt.NDArray[np.float64]:
    unknown = sorted(set(coefficients) - set(SIGNALS))
    if unknown:
        raise CalibrationError(
            f"the calibration weighs unknown signals: {', '.join(unknown)}; fit it again with this version"
        )
    return np.array([coefficients.get(signal, 0.0) for signal in SIGNALS], np.float64)


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
