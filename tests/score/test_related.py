"""Whether two articles are about one thing at all: which pairs say so, and what is learnt from them."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeEncoder, fake_calibration, labelled_news
from training_sets import drawn_pairs, pairs_of

from dedup.score.related import (
    ACROSS_SHARE,
    PRIOR_LOG_ODDS,
    RELATED_SIGNALS,
    RelatedPairs,
    fit_related,
    related_pairs,
    unrelated_pairs,
)
from dedup.score.scorer import related_log_odds
from dedup.score.signals import SIGNALS
from dedup.score.training import LabelledArticle, ListedPairs, TrainingPairs

NO_TEXT = replace(fake_calibration().undated, intercept=-50.0, coefficients={})
"""Takes nothing for one text."""


def strangers(labelled: list[LabelledArticle], listed: ListedPairs | None = None) -> TrainingPairs:
    return unrelated_pairs(labelled, FakeEncoder(), fake_calibration(), max_sentences=12, listed=listed)


@pytest.mark.usefixtures("every_pair")
class TestPairs:
    def test_about_one_thing_are_the_pairs_of_a_family_of_one_story_or_not(self) -> None:
        pairs = pairs_of(labelled_news(families=3), "dated")
        inside = pairs.families[:, 0] == pairs.families[:, 1]
        found = related_pairs(pairs)
        np.testing.assert_array_equal(found.signals, pairs.signals[inside])
        assert 0 < found.same.sum() < len(found.same) == inside.sum() < len(pairs.same)

    def test_headlines_alone_are_left_out(self) -> None:
        labelled = labelled_news(families=2)
        bare = [replace(one, article=replace(one.article, body="")) for one in labelled]
        assert len(related_pairs(pairs_of(labelled, "dated")).same) > 0
        assert len(related_pairs(pairs_of(bare, "dated")).same) == 0
        assert len(strangers(bare).same) == 0

    def test_families_that_lie_weeks_apart_are_moved_together(self) -> None:
        labelled = labelled_news(families=4)
        expected = sum(one.family != other.family for one, other in itertools.combinations(labelled, 2))
        times = {one.article.published for one in labelled}
        assert len(strangers(labelled).same) == expected
        assert not strangers(labelled).same.any()
        assert {one.article.published for one in labelled} == times

    def test_articles_without_times_are_in_no_pair(self) -> None:
        labelled = labelled_news(families=3)
        labelled = [
            replace(one, article=replace(one.article, published=None)) if one.family == "1" else one for one in labelled
        ]
        families = sorted({one.family for one in labelled})
        found = strangers(labelled)
        assert len(found.same) > 0
        assert families.index("1") not in np.unique(found.families)
        timeless = [replace(one, article=replace(one.article, published=None)) for one in labelled]
        assert len(strangers(timeless).same) == 0

    def test_listed_pairs_are_taken_as_they_are(self) -> None:
        labelled = labelled_news(families=2)
        listed = ListedPairs(pairs=np.array([[0, 1], [2, 5]]), same=np.zeros(2, np.bool_))
        assert len(strangers(labelled, listed).same) == 2


class TestFit:
    def drawn(self, seed: int, count: int, shift: float) -> TrainingPairs:
        """Return pairs whose signals of likeness lie ``shift`` higher."""
        pairs = drawn_pairs(count, seed)
        signals = pairs.signals.copy()
        signals[:, [SIGNALS.index(signal) for signal in RELATED_SIGNALS]] += shift
        return replace(pairs, signals=signals)

    def test_it_tells_them_apart_and_errs_on_the_side_of_doubt(self) -> None:
        related, across = self.drawn(1, 400, 0.5), self.drawn(2, 900, 0.0)
        fitted = fit_related(RelatedPairs(related=related, across=across))
        assert fitted is not None
        near, far = (related_log_odds(pairs.signals, fitted, NO_TEXT) for pairs in (related, across))
        assert (near[:, None] > far[None, :]).mean() > 0.9
        assert set(fitted.coefficients) <= set(RELATED_SIGNALS)

    def test_the_prior_is_added_to_the_intercept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pairs = RelatedPairs(related=self.drawn(1, 200, 0.5), across=self.drawn(2, 300, 0.0))
        shipped = fit_related(pairs)
        monkeypatch.setattr("dedup.score.related.PRIOR_LOG_ODDS", 0.0)
        plain = fit_related(pairs)
        assert shipped is not None
        assert plain is not None
        assert shipped.intercept == pytest.approx(plain.intercept + PRIOR_LOG_ODDS, abs=1e-3)
        assert shipped.coefficients == plain.coefficients

    def test_each_set_counts_its_share_whatever_its_size(self) -> None:
        related, across = self.drawn(1, 200, 0.5), self.drawn(2, 300, 0.0)
        once = fit_related(RelatedPairs(related=related, across=across))
        twice = TrainingPairs(
            signals=np.tile(across.signals, (2, 1)),
            same=np.tile(across.same, 2),
            families=np.tile(across.families, (2, 1)),
            weights=np.tile(across.weights, 2),
        )
        assert fit_related(RelatedPairs(related=related, across=twice)) == once
        as_news = RelatedPairs(related=related, across=_none(across), news=across, news_share=ACROSS_SHARE)
        assert fit_related(as_news) == once

    def test_of_pairs_of_one_sort_alone_nothing_is_learnt(self) -> None:
        pairs = self.drawn(1, 50, 0.0)
        assert fit_related(RelatedPairs(related=pairs, across=_none(pairs))) is None
        assert fit_related(RelatedPairs(related=_none(pairs), across=pairs)) is None

    def test_families_held_out_teach_nothing_and_the_news_stay(self) -> None:
        pairs = pairs_of(labelled_news(families=4), "dated")
        news = self.drawn(3, 20, 0.0)
        kept = RelatedPairs(related=pairs, across=pairs, news=news, news_share=1.0).without(
            np.array([True, False, False, True])
        )
        assert set(np.unique(kept.related.families)) == set(np.unique(kept.across.families)) == {1, 2}
        assert kept.news is news


def _none(pairs: TrainingPairs) -> TrainingPairs:
    return pairs.chosen(np.zeros(len(pairs.same), np.bool_))
