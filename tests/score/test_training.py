from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from fakes import labelled_news
from training_sets import drawn_sets, pairs_of

from dedup.article import CALIBRATED_LANGUAGES
from dedup.score import training
from dedup.score.calibration import KINDS
from dedup.score.signals import SIGNALS
from dedup.score.training import LabelledArticle, beside, concatenate


@pytest.mark.usefixtures("every_pair")
class TestTrainingPairs:
    def test_with_times_a_pair_is_same_where_its_stories_are(self) -> None:
        labelled = labelled_news(families=3)
        pairs = pairs_of(labelled, "dated")
        n = len(labelled)
        left, right = np.triu_indices(n, 1)
        assert pairs.same.tolist() == [labelled[i].story == labelled[j].story for i, j in zip(left, right, strict=True)]
        assert pairs.signals.shape == (n * (n - 1) // 2, len(SIGNALS))
        family = [int(one.family) for one in labelled]
        assert pairs.families.tolist() == [[family[i], family[j]] for i, j in zip(left, right, strict=True)]
        assert (pairs.weights == 1).all()

    def test_without_times_articles_of_two_languages_are_the_same_only_if_one_text(self) -> None:
        labelled = labelled_news(families=3)
        pairs = pairs_of(labelled, "undated")
        one_text = sum(a.text == b.text for i, a in enumerate(labelled) for b in labelled[i + 1 :])
        assert int(pairs.same.sum()) == one_text > 0
        # five languages, every article of a story in another one
        assert len(pairs.same) == len(labelled) * (len(labelled) - 1) // 2 - self.pairs_of_one_language(labelled)

    def test_without_times_articles_of_one_language_are_the_same_if_one_story(self) -> None:
        labelled = labelled_news(families=3)
        # the rewritten article of each story in the language of the one it tells again: another text, one story
        labelled = [
            replace(one, article=replace(one.article, language=CALIBRATED_LANGUAGES[0]))
            if one.relation == "independent"
            else one
            for one in labelled
        ]
        pairs = pairs_of(labelled, "undated_one_language")
        same = [
            a.story == b.story
            for i, a in enumerate(labelled)
            for b in labelled[i + 1 :]
            if a.article.language == b.article.language
        ]
        assert pairs.same.tolist() == same
        assert sum(same) > 0
        assert len(same) == self.pairs_of_one_language(labelled)

    def pairs_of_one_language(self, labelled: list[LabelledArticle]) -> int:
        languages = [one.article.language for one in labelled]
        return sum(languages.count(tag) * (languages.count(tag) - 1) // 2 for tag in set(languages))

    @pytest.mark.parametrize("kind", KINDS)
    def test_pairs_further_apart_than_the_bound_are_left_out(
        self, kind: str, set_bounds: Callable[[float], None]
    ) -> None:
        labelled = labelled_news(families=3)
        every = len(pairs_of(labelled, kind).same)
        set_bounds(0.1)
        assert 0 < len(pairs_of(labelled, kind).same) < every
        set_bounds(1.1)
        assert len(pairs_of(labelled, kind).same) == 0

    def test_pairs_that_lie_weeks_apart_teach_the_scorer_with_times_nothing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        labelled = labelled_news(families=3)
        monkeypatch.setattr(training, "_WINDOW_HOURS", 24.0)
        days = [one.article.published for one in labelled]
        near = sum(
            abs((a - b).total_seconds()) <= 24 * 3600 for i, a in enumerate(days) for b in days[i + 1 :] if a and b
        )
        assert len(pairs_of(labelled, "dated").same) == near < len(labelled) * (len(labelled) - 1) // 2

    def test_parts_are_put_together(self) -> None:
        one, other = pairs_of(labelled_news(families=2), "dated"), pairs_of(labelled_news(families=3), "undated")
        both = concatenate([one, other])
        np.testing.assert_array_equal(both.signals, np.concatenate([one.signals, other.signals]))
        assert both.same.tolist() == one.same.tolist() + other.same.tolist()
        assert len(both.families) == len(both.same) == len(both.weights)

    def test_families_held_out_take_their_pairs_with_them(self) -> None:
        pairs = pairs_of(labelled_news(families=4), "dated")
        held_out = np.array([False, True, False, True])
        left = pairs.without(held_out)
        expected = [row for row, (one, other) in enumerate(pairs.families) if one in (0, 2) and other in (0, 2)]
        assert 0 < len(expected) < len(pairs.same)
        for name in ("signals", "same", "families", "weights"):
            np.testing.assert_array_equal(getattr(left, name), getattr(pairs, name)[expected])


class TestSets:
    def test_a_further_set_counts_its_share_whatever_its_size(self) -> None:
        shown, small, large = drawn_sets(1), drawn_sets(2, (30, 20, 10)), drawn_sets(3, (900, 900, 900))
        together = beside(shown, [(small, 0.3), (large, 2.0)])
        for kind in KINDS:
            first, second, third = (one.of_kind(kind) for one in (shown, small, large))
            whole = together.of_kind(kind)
            cut = np.cumsum([len(first.same), len(second.same), len(third.same)])
            assert len(whole.same) == cut[2]
            np.testing.assert_array_equal(whole.signals[cut[0] : cut[1]], second.signals)
            np.testing.assert_array_equal(whole.weights[: cut[0]], first.weights)
            assert whole.weights[cut[0] : cut[1]].sum() == pytest.approx(0.3 * cut[0])
            assert whole.weights[cut[1] :].sum() == pytest.approx(2.0 * cut[0])

    def test_a_set_without_pairs_of_a_kind_counts_nothing_there(self) -> None:
        shown, timeless = drawn_sets(1), drawn_sets(2, (0, 0, 40))
        together = beside(shown, [(timeless, 2.0)])
        assert together.dated.weights.tolist() == shown.dated.weights.tolist()
        assert together.undated_one_language.weights.sum() == pytest.approx(3.0 * len(shown.undated_one_language.same))
