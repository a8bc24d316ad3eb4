"""What would have flipped a decision, checked by changing the articles themselves and judging them again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from explained_news import LengthEncoder, calibration, news, quake
from fakes import FakeEncoder
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dedup.article import Article
from dedup.explain import Change, Explanation, Mention, explain_pair
from dedup.score.calibration import Calibration, Relatedness
from dedup.settings import Settings

NEWS = news(40, seed=3)


def explained(
    a: Article, b: Article, constants: Calibration, encoder: FakeEncoder | None = None, threshold: float = 0.5
) -> Explanation:
    return explain_pair(
        a, b, encoder=encoder or LengthEncoder(), calibration=constants, settings=Settings(threshold=threshold)
    )


def changed(article: Article, sentences: Sequence[str], mentions: Sequence[Mention], days: float = 0) -> Article:
    """Return the article without some words, each replaced by as many dots, and at another time."""
    lines = list(sentences)
    for mention in mentions:
        dots = "•" * len(mention.text)
        found = re.sub(rf"\b{re.escape(mention.text)}\b", dots, lines[mention.sentence])
        lines[mention.sentence] = found
    published = article.published + timedelta(days=days) if article.published else None
    return replace(article, title=lines[0], body="\n".join(lines[1:]), published=published)


def after(a: Article, b: Article, explanation: Explanation, changes: Sequence[Change]) -> tuple[Article, Article]:
    taken = [change.item for change in changes if change.item]
    return (
        changed(a, explanation.sentences_a, [mention for item in taken for mention in item.a]),
        changed(
            b,
            explanation.sentences_b,
            [mention for item in taken for mention in item.b],
            sum(change.days or 0 for change in changes),
        ),
    )


@hypothesis_settings(max_examples=30)
@given(
    st.lists(st.sampled_from(NEWS), min_size=2, max_size=2, unique_by=lambda article: article.id),
    st.floats(-3, 3),
    st.sampled_from([0.3, 0.5, 0.8]),
    st.booleans(),
)
def test_articles_changed_like_that_are_judged_like_that(
    pair: list[Article], intercept: float, threshold: float, has_factor: bool
) -> None:
    constants = calibration(intercept)
    if has_factor:
        constants = replace(constants, related=Relatedness(intercept=-1.0, coefficients={"names_shared": 1.0}))
    one, other = pair
    now = explained(one, other, constants, threshold=threshold)
    above = now.probability > threshold
    for flip in now.flips:
        assert (flip.probability > threshold) != above
        if any(change.kind == "similarity" for change in flip.changes):
            continue
        then = explained(*after(one, other, now, flip.changes), constants, threshold=threshold)
        assert then.log_odds == pytest.approx(flip.log_odds, abs=2e-4)


def test_a_shared_name_that_decides() -> None:
    one, other = quake()
    constants = calibration(-1.2, names_shared=1.0, names_known=-0.5)
    now = explained(one, other, constants)
    assert now.probability > 0.5
    texts = [flip.changes[0].text for flip in now.flips]
    assert "without the shared name Karvan" in texts
    assert "without the shared name Selmani" in texts
    assert all(len(flip.changes) == 1 for flip in now.flips)


def test_figures_in_conflict_that_decide() -> None:
    one, other = quake()
    loose = explained(one, other, calibration(-2.0, figures_in_conflict=-3.0))
    # just so far below that the conflict alone makes the difference
    now = explained(one, other, calibration(-2.0 - loose.log_odds - 1.0, figures_in_conflict=-3.0))
    assert now.log_odds == pytest.approx(-1.0, abs=1e-3)
    assert "without the figures in conflict for dead (12 / 19)" in [flip.changes[0].text for flip in now.flips]


@pytest.mark.parametrize(("lead", "expected"), [(-3.5, -4), (-0.5, -1), (0.5, 1), (1.25, 2), (9.0, None)])
def test_the_fewest_days_that_do(lead: float, expected: int | None) -> None:
    """Articles five days apart, of which each day beyond the first counts -1, and ``lead`` above the threshold."""
    start = datetime(2026, 3, 2, 8, tzinfo=UTC)
    one = Article(id="1", title="Quake near Karvan", body="", language="en", published=start)
    other = Article(id="2", title="Karvan depremi", body="", language="tr", published=start + timedelta(days=5))

    def judged(intercept: float, days: int = 0) -> Explanation:
        there = replace(other, published=start + timedelta(days=5 + days))
        return explained(one, there, calibration(intercept, days=-1.0, days_apart=0.0))

    intercept = lead - judged(0.0).log_odds
    now = judged(intercept)
    assert now.log_odds == pytest.approx(lead if lead < 8 else 8, abs=1e-3)
    moves = [change.days for flip in now.flips for change in flip.changes if change.days is not None]
    assert moves == ([] if expected is None else [expected])
    if expected is not None:
        step = 1 if expected > 0 else -1
        for days in range(step, expected + step, step):
            then = judged(intercept, days)
            assert ((then.probability > 0.5) != (now.probability > 0.5)) == (days == expected)


def test_several_where_none_alone_is_enough() -> None:
    one, other = quake()
    weights = {"hours": 0.0, "days": 0.0, "days_apart": 0.0}
    # above by less than all that is shared counts, and by more than any one thing counts
    base = explained(one, other, calibration(0.0, **weights))
    constants = calibration(0.6 - base.log_odds, **weights)
    now = explained(one, other, constants)
    (flip,) = [flip for flip in now.flips if not any(change.kind == "similarity" for change in flip.changes)]
    assert len(flip.changes) > 1
    for change in flip.changes:
        fewer = [kept for kept in flip.changes if kept is not change]
        assert explained(*after(one, other, now, fewer), constants).probability > 0.5
    assert explained(*after(one, other, now, flip.changes), constants).probability <= 0.5


def test_nearer_sentences() -> None:
    one, other = quake()
    constants = calibration(-6.0, coverage=9.0, coverage_better=0.0, document=0.0, headline=0.0)
    now = explained(one, other, constants, FakeEncoder())
    (change,) = [change for flip in now.flips for change in flip.changes if change.kind == "similarity"]
    coverage = next(one.value for one in now.contributions if one.signal == "coverage")
    assert change.similarity is not None
    assert coverage is not None
    assert coverage < change.similarity <= 1
    assert f"mutual coverage {change.similarity:.2f} in place of {coverage:.2f}" in change.text


def test_what_no_change_can_flip_has_none() -> None:
    now = explained(*quake(), calibration(-100.0))
    assert now.flips == ()
    assert now.log_odds == -8
