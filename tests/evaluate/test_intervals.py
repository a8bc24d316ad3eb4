"""Bootstrap intervals against scipy's, and against resamples written out article by article."""

import random
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap

from dedup.evaluate import Labels, b_cubed, bootstrap_intervals, contingency, sibling_merges
from dedup.evaluate.intervals import f1_difference


def invented(families: int, seed: int = 1) -> tuple[Labels, Labels]:
    """A prediction and a reference: families of two stories of 1 to 6 articles, some merged, some split."""
    dice = random.Random(seed)
    story, family, found = {}, {}, {}
    for f in range(families):
        merged = dice.random() < 0.3
        for s in range(2):
            for i in range(dice.randint(1, 6)):
                article = f"{f}-{s}-{i}"
                story[article], family[article] = f"{f}-{s}", f"{f}"
                found[article] = f"{f}" if merged else f"{f}-{s}-{dice.random() < 0.2}"
    return Labels(story=found), Labels(story=story, family=family)


def test_the_intervals_are_those_of_scipy() -> None:
    found, true = invented(60)
    ours = bootstrap_intervals(found, true, resamples=4_000)
    table = contingency(found.story, true.story)
    names = sorted(set(true.family.values()))
    sums = np.zeros((len(names), 3))
    for article, story in true.story.items():
        cell = table.cells[found.story[article], story]
        sums[names.index(true.family[article])] += (
            1,
            cell / table.predicted[found.story[article]],
            cell / table.reference[story],
        )
    for column, interval in ((1, ours.precision), (2, ours.recall)):
        theirs = bootstrap(
            (sums[:, 0], sums[:, column]),
            lambda n, total, axis: total.sum(axis=axis) / n.sum(axis=axis),
            paired=True,
            method="percentile",
            n_resamples=4_000,
            random_state=np.random.default_rng(3),
        ).confidence_interval
        assert interval is not None
        assert (interval.low, interval.high) == pytest.approx((theirs.low, theirs.high), abs=0.01)


@given(st.integers(2, 8), st.integers(0, 10_000))
def test_the_figures_themselves_are_the_mean_of_what_is_drawn(families: int, seed: int) -> None:
    found, true = invented(families, seed)
    drawn = bootstrap_intervals(found, true, resamples=200)
    score = b_cubed(contingency(found.story, true.story))
    siblings = sibling_merges(found.story, true.story, true.family)
    assert drawn.groups == families
    for interval, figure in (
        (drawn.precision, score.precision),
        (drawn.recall, score.recall),
        (drawn.f1, score.f1),
        (drawn.sibling_merges, siblings.share),
    ):
        assert interval is not None
        assert figure is not None
        assert 0 <= interval.low <= interval.high <= 1
        assert interval.low - 0.1 <= figure <= interval.high + 0.1


def test_equal_families_leave_no_doubt() -> None:
    story = {f"{f}-{i}": f"{f}" for f in range(9) for i in range(3)}
    found = {article: f"{name}{article.endswith('0')}" for article, name in story.items()}  # one of three split off
    drawn = bootstrap_intervals(Labels(story=found), Labels(story=story))
    assert drawn.precision is not None
    assert drawn.recall is not None
    assert (drawn.precision.low, drawn.precision.high) == (1, 1)
    assert drawn.recall.low == pytest.approx(5 / 9)
    assert drawn.recall.high == pytest.approx(5 / 9)
    assert drawn.sibling_merges is None
    assert drawn.groups == 9


def test_a_family_and_a_story_of_one_name_are_two() -> None:
    true = Labels(story={"a": "x", "b": "y"}, family={"b": "x"})
    assert bootstrap_intervals(true, true, resamples=10).groups == 2


def test_one_family_leaves_nothing_to_draw() -> None:
    true = Labels(story={"a": "x", "b": "y"}, family={"a": "f", "b": "f"})
    drawn = bootstrap_intervals(true, true)
    assert (drawn.precision, drawn.f1, drawn.sibling_merges, drawn.resamples) == (None, None, None, 0)


def test_more_families_make_narrower_intervals_and_one_seed_the_same() -> None:
    def width(families: int) -> float:
        f1 = bootstrap_intervals(*invented(families)).f1
        assert f1 is not None
        return f1.high - f1.low

    assert width(400) < width(25) / 2
    assert bootstrap_intervals(*invented(9)) == bootstrap_intervals(*invented(9))
    assert bootstrap_intervals(*invented(9)) != bootstrap_intervals(*invented(9), seed=2)


def test_a_difference_is_drawn_on_the_same_resamples() -> None:
    found, true = invented(40)
    nothing = f1_difference(found.story, found.story, true)
    assert nothing is not None
    assert (nothing.low, nothing.high) == (0, 0)
    perfect = f1_difference(true.story, found.story, true)
    back = f1_difference(found.story, true.story, true)
    f1 = bootstrap_intervals(found, true).f1
    assert perfect is not None
    assert back is not None
    assert f1 is not None
    # against a perfect prediction the difference is what is missing to 1, resample by resample
    assert (perfect.low, perfect.high) == pytest.approx((1 - f1.high, 1 - f1.low))
    assert (back.low, back.high) == pytest.approx((-perfect.high, -perfect.low))


def test_many_articles_take_no_time() -> None:
    found, true = invented(5_000)
    started = time.perf_counter()
    bootstrap_intervals(found, true)
    assert time.perf_counter() - started < 10
