from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from fakes import fake_calibration
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dedup.errors import CalibrationError
from dedup.score.calibration import KINDS, Calibration, Relatedness, Scorer
from dedup.score.scorer import log_odds_of, pair_log_odds, pair_sums, probability_of, related_log_odds
from dedup.score.signals import SIGNALS

Signals = npt.NDArray[np.float32]
Kinds = npt.NDArray[np.int8]

ROWS = st.integers(0, 20).flatmap(
    lambda n: st.tuples(
        arrays(np.float32, (n, len(SIGNALS)), elements=st.floats(-8, 8, width=32)),
        arrays(np.int8, (n,), elements=st.integers(0, len(KINDS) - 1)),
    )
)


def weighing(*kinds: Mapping[str, float], intercept: float = 0.0) -> Calibration:
    """Return a calibration whose scorers weigh as given, in the order of ``KINDS``, the last one also for the rest."""

    def scorer(kind: int) -> Scorer:
        coefficients = kinds[min(kind, len(kinds) - 1)]
        return Scorer(
            intercept=intercept, coefficients=coefficients, candidate_similarity=0.1, one_language_similarity=0.2
        )

    bare = replace(fake_calibration(), related=None)
    return replace(bare, dated=scorer(0), undated=scorer(1), undated_one_language=scorer(2))


@given(ROWS)
def test_log_odds_are_bounded_and_rounded(drawn: tuple[Signals, Kinds]) -> None:
    log_odds = pair_log_odds(*drawn, fake_calibration())
    assert log_odds.dtype == np.float64
    assert (np.abs(log_odds) <= 8).all()
    np.testing.assert_array_equal(log_odds, np.round(log_odds, 4))


@given(ROWS)
def test_a_row_has_the_same_log_odds_alone(drawn: tuple[Signals, Kinds]) -> None:
    signals, kinds = drawn
    together = pair_log_odds(signals, kinds, fake_calibration())
    alone = [pair_log_odds(signals[i : i + 1], kinds[i : i + 1], fake_calibration())[0] for i in range(len(signals))]
    assert together.tolist() == alone


def test_they_are_the_weighted_sum() -> None:
    signals = np.zeros((3, len(SIGNALS)), np.float32)
    signals[:, 0] = [1, 2, -1]
    signals[:, -1] = [0.5, 0, 1]
    calibration = weighing({SIGNALS[0]: 2.0, SIGNALS[-1]: -1.0}, intercept=0.25)
    assert pair_log_odds(signals, np.zeros(3, np.int8), calibration).tolist() == [1.75, 4.25, -2.75]


def test_each_kind_of_pair_has_its_scorer() -> None:
    signals = np.ones((4, len(SIGNALS)), np.float32)
    calibration = weighing({SIGNALS[0]: 2.0}, {SIGNALS[0]: -3.0}, {SIGNALS[-1]: 1.5})
    assert KINDS == ("dated", "undated", "undated_one_language")
    kinds = np.array([0, 1, 2, 0], np.int8)
    assert pair_log_odds(signals, kinds, calibration).tolist() == [2.0, -3.0, 1.5, 2.0]


def test_a_signal_that_the_calibration_does_not_weigh_counts_nothing() -> None:
    signals = np.full((1, len(SIGNALS)), 7, np.float32)
    assert pair_log_odds(signals, np.zeros(1, np.int8), weighing({}, intercept=0.5)).tolist() == [0.5]


@pytest.mark.parametrize("kind", KINDS)
def test_a_signal_of_another_version_is_refused(kind: str) -> None:
    calibration = weighing(*({"telepathy": 1.0} if name == kind else {} for name in KINDS))
    with pytest.raises(CalibrationError, match="telepathy; fit it again"):
        pair_log_odds(np.zeros((1, len(SIGNALS)), np.float32), np.zeros(1, np.int8), calibration)


def test_a_signal_without_a_number_makes_no_one_story() -> None:
    signals = np.zeros((2, len(SIGNALS)), np.float32)
    signals[0, 0] = np.nan
    log_odds = pair_log_odds(signals, np.zeros(2, np.int8), weighing({SIGNALS[0]: 1.0}, intercept=1.0))
    # no comparison with a threshold holds for it, and the row beside it is untouched
    assert not log_odds[0] > -100
    assert log_odds[1] == 1.0


@given(st.floats(1e-6, 1 - 1e-6))
def test_log_odds_and_probability_are_inverse(probability: float) -> None:
    assert float(probability_of(np.array(log_odds_of(probability)))) == pytest.approx(probability, rel=1e-9)


def test_probabilities_of_known_log_odds() -> None:
    values = [-8.0, -math.log(3), 0.0, math.log(3), 8.0]
    assert probability_of(np.array(values)).tolist() == pytest.approx(
        [1 / (1 + math.e**8), 0.25, 0.5, 0.75, 1 / (1 + math.e**-8)]
    )


RELATED = Relatedness(intercept=-0.5, coefficients={SIGNALS[0]: 2.0, SIGNALS[3]: -1.0})


def probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


@given(ROWS)
def test_with_times_the_probability_of_being_about_one_thing_or_one_text_is_a_factor(
    drawn: tuple[Signals, Kinds],
) -> None:
    signals, kinds = drawn
    without = weighing({SIGNALS[1]: 1.0}, {SIGNALS[2]: 1.5}, intercept=-1.0)
    with_factor = pair_sums(signals, kinds, replace(without, related=RELATED))
    for row, kind, before, after in zip(
        signals.tolist(), kinds.tolist(), pair_sums(signals, kinds, without), with_factor, strict=True
    ):
        neither = (1 - probability(-0.5 + 2.0 * row[0] - row[3])) * (1 - probability(-1.0 + 1.5 * row[2]))
        factor = math.log(1 - neither) if KINDS[kind] == "dated" else 0.0
        assert after == pytest.approx(before + factor, abs=1e-6)


@given(ROWS)
def test_the_factor_never_speaks_for_one_story(drawn: tuple[Signals, Kinds]) -> None:
    signals, kinds = drawn
    without = replace(fake_calibration(), related=None)
    assert (pair_sums(signals, kinds, replace(without, related=RELATED)) <= pair_sums(signals, kinds, without)).all()


@pytest.mark.parametrize(("value", "least", "most"), [(1e6, -1e-9, 0.0), (-1e6, -1000.0, -500.0)])
def test_log_odds_beyond_what_an_exponential_holds_are_no_factor_or_the_whole(
    value: float, least: float, most: float
) -> None:
    signals = np.full((1, len(SIGNALS)), value, np.float32)
    related = Relatedness(intercept=0.0, coefficients={SIGNALS[0]: 1.0})
    calibration = replace(weighing({}, {SIGNALS[0]: 1.0}), related=related)
    (total,) = pair_sums(signals, np.zeros(1, np.int8), calibration)
    assert least <= total <= most


def test_a_factor_of_an_unknown_signal_is_refused() -> None:
    related = Relatedness(intercept=0.0, coefficients={"taste": 1.0})
    with pytest.raises(CalibrationError, match="unknown signals: taste"):
        related_log_odds(np.zeros((1, len(SIGNALS)), np.float32), related, fake_calibration().undated)
