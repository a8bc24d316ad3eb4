"""Calibration error and ranking against their definitions, pair by pair, and against scikit-learn."""

from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score

from dedup.evaluate import average_precision, reliability_curve

PAIRS = st.lists(st.tuples(st.integers(0, 100), st.booleans()), max_size=40)
"""Probability in percent, so that many lie on the bounds of bins, and the label."""


def columns(pairs: list[tuple[int, bool]]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    return np.array([p / 100 for p, _ in pairs], np.float64), np.array([same for _, same in pairs], np.bool_)


@given(PAIRS, st.sampled_from([1, 2, 10, 15]))
def test_the_error_is_the_mean_gap_between_said_and_true(pairs: list[tuple[int, bool]], bins: int) -> None:
    curve = reliability_curve(*columns(pairs), bins=bins)
    total = Fraction(0)
    for b in range(bins):
        inside = [(p, same) for p, same in pairs if min(Fraction(p * bins, 100) // 1, bins - 1) == b]
        assert curve.bins[b].pairs == len(inside)
        if inside:
            said = Fraction(sum(p for p, _ in inside), 100 * len(inside))
            true = Fraction(sum(same for _, same in inside), len(inside))
            total += Fraction(len(inside), len(pairs)) * abs(said - true)
            assert curve.bins[b].probability == pytest.approx(float(said))
            assert curve.bins[b].same == pytest.approx(float(true))
        else:
            assert (curve.bins[b].probability, curve.bins[b].same) == (None, None)
    if pairs:
        assert curve.expected_calibration_error == pytest.approx(float(total), abs=1e-12)
    else:
        assert curve.expected_calibration_error is None


def test_the_curve_is_that_of_scikit_learn() -> None:
    dice = np.random.default_rng(4)
    probabilities = dice.random(500)
    same = dice.random(500) < probabilities**2
    true, said = calibration_curve(same, probabilities, n_bins=10)
    curve = reliability_curve(probabilities, same, bins=10)
    np.testing.assert_allclose([one.same for one in curve.bins if one.same is not None], true)
    np.testing.assert_allclose([one.probability for one in curve.bins if one.probability is not None], said)


def test_a_probability_that_means_what_it_says_has_next_to_no_error() -> None:
    dice = np.random.default_rng(5)
    probabilities = dice.random(200_000)
    honest = reliability_curve(probabilities, dice.random(200_000) < probabilities).expected_calibration_error
    boastful = reliability_curve(probabilities, dice.random(200_000) < probabilities / 2).expected_calibration_error
    assert honest == pytest.approx(0, abs=0.01)
    assert boastful == pytest.approx(0.25, abs=0.01)  # the mean of p - p / 2


@given(PAIRS)
def test_average_precision_agrees_with_scikit_learn(pairs: list[tuple[int, bool]]) -> None:
    scores, same = columns(pairs)
    if same.any():
        assert average_precision(scores, same) == pytest.approx(average_precision_score(same, scores), abs=1e-12)
    else:
        assert average_precision(scores, same) is None
