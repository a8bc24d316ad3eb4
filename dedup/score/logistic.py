"""Weights of the signals that make labels likeliest: a logistic regression with bounds.

Signals of similarity may only count for "same story", distance in time only against. Within the bounds the likelihood
has one maximum, found by L-BFGS-B (Byrd et al. 1995), so a fit is deterministic.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt

from dedup.errors import CalibrationError
from dedup.score.calibration import Scorer
from dedup.score.signals import SIGNALS
from dedup.score.training import ONE_LANGUAGE_SIMILARITY, TrainingPairs

__all__ = ["fit_scorer", "has_both"]

_FOR = (0.0, None)
_AGAINST = (None, 0.0)
_EITHER = (None, None)
_UNUSED = (0.0, 0.0)
_BOUNDS: Mapping[str, tuple[float | None, float | None]] = {
    "document": _FOR,
    "document_above": _FOR,
    "coverage": _FOR,
    "coverage_above": _FOR,
    "coverage_better": _FOR,
    "headline": _FOR,
    "same_language": _AGAINST,
    "same_language_coverage": _EITHER,
    "few_sentences": _EITHER,
    "few_sentences_coverage": _EITHER,
    "names_shared": _FOR,
    "names_shared_in_leads": _FOR,
    "names_part": _FOR,
    "names_lead_part": _FOR,
    "names_known": _AGAINST,
    "numbers_shared": _FOR,
    "numbers_shared_in_leads": _FOR,
    "numbers_part": _FOR,
    "numbers_lead_part": _FOR,
    "numbers_known": _AGAINST,
    "figures_agreeing": _FOR,
    "figures_in_conflict": _AGAINST,
    "ordinals_agreeing": _FOR,
    "ordinals_in_conflict": _AGAINST,
    "days_shared": _FOR,
    "days_in_conflict": _AGAINST,
    "days_apart": _AGAINST,
    "weekdays_shared": _FOR,
    "weekdays_in_conflict": _AGAINST,
    "months_shared": _FOR,
    "months_in_conflict": _AGAINST,
    "clocks_shared": _FOR,
    "clocks_in_conflict": _AGAINST,
    "dayparts_shared": _FOR,
    "dayparts_in_conflict": _AGAINST,
    "places_lead_part": _FOR,
    "places_known": _AGAINST,
    "hours": _AGAINST,
    "days": _AGAINST,
}
_RIDGE = 0.5
_DIGITS = 4


def fit_scorer(pairs: TrainingPairs, candidate_similarity: float, allowed: Collection[str] = SIGNALS) -> Scorer:
    """Return the weights of the signals and the intercept that make the labels likeliest, with a slight ridge.

    Raises:
        CalibrationError: the pairs are all of one kind.
    """
    from scipy.optimize import minimize

    if not has_both(pairs.same):
        raise CalibrationError(
            "all pairs have one label; a fit needs pairs of one story and pairs of different stories"
        )
    design = np.column_stack([pairs.signals.astype(np.float64), np.ones(len(pairs.same))])
    sign = np.where(pairs.same, 1.0, -1.0)
    total = pairs.weights.sum()
    weights = pairs.weights / total
    # over the total too: a pair that counts twice is to be two pairs
    ridge = np.full(design.shape[1], _RIDGE / total)
    ridge[-1] = 0

    def loss(coefficients: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        margin = sign * (design @ coefficients)
        value = float(weights @ np.logaddexp(0, -margin) + ridge @ coefficients**2)
        slope = -sign * weights / (1 + np.exp(np.clip(margin, -500, 500)))
        return value, design.T @ slope + 2 * ridge * coefficients

    bounds = [_BOUNDS[signal] if signal in allowed else _UNUSED for signal in SIGNALS] + [_EITHER]
    found = minimize(
        loss, np.zeros(design.shape[1]), jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": 2000}
    )
    rounded = [round(float(value), _DIGITS) + 0.0 for value in found.x]
    return Scorer(
        intercept=rounded[-1],
        coefficients=dict(zip(SIGNALS, rounded, strict=False)),
        candidate_similarity=candidate_similarity,
        one_language_similarity=ONE_LANGUAGE_SIMILARITY,
    )


def has_both(same: npt.NDArray[np.bool_]) -> bool:
    """Tell whether some are true and some false."""
    return bool(same.any() and not same.all())
