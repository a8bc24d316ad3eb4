from __future__ import annotations

import math
import random
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from fakes import FakeEncoder, fake_calibration, labelled_news
from sklearn.linear_model import LogisticRegression

from dedup.article import CALIBRATED_LANGUAGES
from dedup.encode.fingerprint import fingerprint_articles
from dedup.encode.vectors import encode_sentences
from dedup.errors import CalibrationError
from dedup.evidence.background import Background
from dedup.score import fit as module
from dedup.score.calibration import KINDS, Calibration
from dedup.score.fit import (
    PRIOR_LOG_ODDS,
    LabelledArticle,
    ShownPairs,
    TrainingPairs,
    beside,
    concatenate,
    fit_calibration,
    fit_kind,
    fit_language_means,
    fit_scorer,
    training_pairs,
    with_scorers,
)
from dedup.score.scorer import pair_log_odds
from dedup.score.signals import SIGNALS
from dedup.text.passage import article_sentences


def fit(labelled: list[LabelledArticle], encoder: FakeEncoder | None = None) -> Calibration:
    return fit_calibration(labelled, encoder or FakeEncoder(), max_sentences=12, about={}, background=Background())


@pytest.fixture
def every_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no pair be too far apart, in meaning or time, to teach."""
    set_bounds(monkeypatch, -1.0)
    monkeypatch.setattr(module, "_WINDOW_HOURS", math.inf)


def set_bounds(monkeypatch: pytest.MonkeyPatch, similarity: float) -> None:
    monkeypatch.setattr(module, "CANDIDATE_SIMILARITY", dict.fromkeys(KINDS, similarity))
    monkeypatch.setattr(module, "ONE_LANGUAGE_SIMILARITY", similarity)


def pairs_of(labelled: list[LabelledArticle], kind: str) -> TrainingPairs:
    articles = [one.article if kind == "dated" else replace(one.article, published=None) for one in labelled]
    passages = [article_sentences(article, 12) for article in articles]
    vectors = encode_sentences([sentence for passage in passages for sentence in passage], FakeEncoder())
    prints = fingerprint_articles(articles, passages, vectors, fake_calibration())
    return training_pairs(labelled, prints, max_sentences=12, kind=kind)


def rank_quality(scores: npt.NDArray[np.float64], same: npt.NDArray[np.bool_]) -> float:
    """Return the share of pairs (one same, one different) that the scores put in the right order."""
    return float((scores[same][:, None] > scores[~same][None, :]).mean())


class TestLanguageMeans:
    def means(self, labelled: list[LabelledArticle]) -> dict[str, npt.NDArray[np.float32]]:
        articles = [one.article for one in labelled]
        passages = [article_sentences(article, 12) for article in articles]
        vectors = encode_sentences([sentence for passage in passages for sentence in passage], FakeEncoder())
        return fit_language_means(articles, passages, vectors)

    def test_each_is_the_mean_over_the_sentences_of_its_language(self) -> None:
        labelled = labelled_news()
        means = self.means(labelled)
        assert set(means) == set(CALIBRATED_LANGUAGES)
        for language in CALIBRATED_LANGUAGES:
            sentences = [
                sentence
                for one in labelled
                if one.article.language == language
                for sentence in article_sentences(one.article, 12)
            ]
            expected = FakeEncoder().encode(sentences).astype(np.float16).astype(np.float64).mean(axis=0)
            np.testing.assert_allclose(means[language], expected, atol=1e-6)

    def test_a_few_articles_make_no_mean(self) -> None:
        labelled = labelled_news()
        spare = [one for one in labelled if one.article.language != "tr"]
        few = [one for one in labelled if one.article.language == "tr"][:19]
        with pytest.raises(CalibrationError, match=r"19 articles in tr; .* needs 20"):
            self.means(spare + few)


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
    def test_pairs_further_apart_than_the_bound_are_left_out(self, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        labelled = labelled_news(families=3)
        every = len(pairs_of(labelled, kind).same)
        set_bounds(monkeypatch, 0.1)
        assert 0 < len(pairs_of(labelled, kind).same) < every
        set_bounds(monkeypatch, 1.1)
        assert len(pairs_of(labelled, kind).same) == 0

    def test_pairs_that_lie_weeks_apart_teach_the_scorer_with_times_nothing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        labelled = labelled_news(families=3)
        monkeypatch.setattr(module, "_WINDOW_HOURS", 24.0)
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


class TestScorer:
    def random_pairs(self, n: int = 3_000, seed: int = 1) -> TrainingPairs:
        dice = np.random.default_rng(seed)
        signals = dice.uniform(0, 1, (n, len(SIGNALS))).astype(np.float32)
        log_odds = 4 * signals[:, 0] + 2 * signals[:, 2] - 3
        same = dice.random(n) < 1 / (1 + np.exp(-log_odds))
        return TrainingPairs(signals=signals, same=same, families=np.zeros((n, 2), np.int64), weights=np.ones(n))

    def test_it_is_a_logistic_regression_where_no_bound_binds(self) -> None:
        pairs = self.random_pairs()
        used = [0, 2]
        masked = replace(pairs, signals=np.where(np.isin(np.arange(len(SIGNALS)), used), pairs.signals, np.float32(0)))
        scorer = fit_scorer(masked, 0.2)
        # the same slight ridge: half a unit over all pairs, in scikit-learn's terms C = 1 / (2 * 0.5)
        model = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(
            pairs.signals[:, used].astype(float), pairs.same
        )
        assert scorer.intercept == pytest.approx(model.intercept_[0], abs=0.01)
        for column, weight in zip(used, model.coef_[0], strict=True):
            assert scorer.coefficients[SIGNALS[column]] == pytest.approx(weight, abs=0.01)
        assert scorer.candidate_similarity == 0.2

    def test_signals_that_are_not_allowed_weigh_nothing(self) -> None:
        scorer = fit_scorer(self.random_pairs(), 0.2, [SIGNALS[2]])
        assert {name for name, weight in scorer.coefficients.items() if weight} == {SIGNALS[2]}

    def test_similarity_never_counts_against_one_story(self) -> None:
        pairs = self.random_pairs()
        turned = fit_scorer(replace(pairs, same=~pairs.same), 0.2)
        assert turned.coefficients[SIGNALS[0]] == 0
        assert turned.coefficients[SIGNALS[2]] == 0

    @pytest.mark.parametrize("same", [True, False])
    def test_pairs_of_one_kind_teach_nothing(self, same: bool) -> None:
        pairs = self.random_pairs(50)
        with pytest.raises(CalibrationError, match="all pairs have one label"):
            fit_scorer(replace(pairs, same=np.full(50, same)), 0.2)

    def test_a_pair_of_weight_two_counts_as_two_pairs(self) -> None:
        pairs = self.random_pairs(400)
        chosen = np.arange(400) % 4 == 0
        heavy = replace(pairs, weights=np.where(chosen, 2.0, 1.0))
        rows = np.concatenate([np.arange(400), np.flatnonzero(chosen)])
        doubled = TrainingPairs(
            signals=pairs.signals[rows],
            same=pairs.same[rows],
            families=pairs.families[rows],
            weights=np.ones(len(rows)),
        )
        one, other = fit_scorer(heavy, 0.2), fit_scorer(doubled, 0.2)
        np.testing.assert_allclose(list(one.coefficients.values()), list(other.coefficients.values()), atol=2e-3)
        assert one.coefficients != fit_scorer(pairs, 0.2).coefficients


class TestKinds:
    def drawn(self, n: int, seed: int, *, column: int = 0) -> TrainingPairs:
        dice = np.random.default_rng(seed)
        signals = dice.uniform(0, 1, (n, len(SIGNALS))).astype(np.float32)
        same = dice.random(n) < 1 / (1 + np.exp(3 - 6 * signals[:, column]))
        return TrainingPairs(signals=signals, same=same, families=np.zeros((n, 2), np.int64), weights=np.ones(n))

    def shown(self, seed: int, sizes: tuple[int, int, int] = (200, 150, 100), *, column: int = 0) -> ShownPairs:
        drawn = {
            kind: self.drawn(n, seed + place, column=column)
            for place, (kind, n) in enumerate(zip(KINDS, sizes, strict=True))
        }
        return ShownPairs(**drawn)

    def test_a_further_set_counts_its_share_whatever_its_size(self) -> None:
        shown, small, large = self.shown(1), self.shown(2, (30, 20, 10)), self.shown(3, (900, 900, 900))
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
        shown, timeless = self.shown(1), self.shown(2, (0, 0, 40))
        together = beside(shown, [(timeless, 2.0)])
        assert together.dated.weights.tolist() == shown.dated.weights.tolist()
        assert together.undated_one_language.weights.sum() == pytest.approx(3.0 * len(shown.undated_one_language.same))

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_prior_moves_the_intercept_and_nothing_else(self, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        pairs = self.drawn(300, 4)
        shifted = fit_kind(pairs, kind)
        monkeypatch.setattr(module, "PRIOR_LOG_ODDS", dict.fromkeys(KINDS, 0.0))
        plain = fit_kind(pairs, kind)
        assert shifted.intercept == pytest.approx(plain.intercept + PRIOR_LOG_ODDS[kind], abs=1e-9)
        assert shifted.coefficients == plain.coefficients

    def test_without_times_only_pairs_of_one_language_are_judged_by_names_and_figures(self) -> None:
        column = SIGNALS.index("names_lead_part")
        fitted = with_scorers(fake_calibration(), self.shown(5, column=column))
        assert fitted.undated.coefficients["names_lead_part"] == 0
        assert fitted.undated_one_language.coefficients["names_lead_part"] > 1
        assert fitted.dated.coefficients["names_lead_part"] > 1

    @pytest.mark.parametrize(
        ("taught", "silent"), [("undated", "undated_one_language"), ("undated_one_language", "undated")]
    )
    def test_one_kind_without_times_stands_in_for_the_other(self, taught: str, silent: str) -> None:
        shown = self.shown(6)
        one_label = replace(shown.of_kind(silent), same=np.zeros(len(shown.of_kind(silent).same), np.bool_))
        fitted = with_scorers(fake_calibration(), replace(shown, **{silent: one_label}))
        assert getattr(fitted, taught) == getattr(fitted, silent) == fit_kind(shown.of_kind(taught), taught)

    def test_neither_kind_without_times_is_refused(self) -> None:
        shown = self.shown(7)
        with pytest.raises(CalibrationError, match="one label"):
            with_scorers(
                fake_calibration(),
                replace(
                    shown,
                    undated=replace(shown.undated, same=np.ones(150, np.bool_)),
                    undated_one_language=replace(shown.undated_one_language, same=np.zeros(100, np.bool_)),
                ),
            )


class TestCalibration:
    def test_it_belongs_to_its_encoder(self) -> None:
        calibration = fake_calibration()
        calibration.check_encoder(FakeEncoder())
        assert set(calibration.language_means) == set(CALIBRATED_LANGUAGES)

    def test_fitting_again_gives_the_same_file(self) -> None:
        labelled = labelled_news(families=12, seed=3)
        assert fit(labelled).to_json() == fit(labelled).to_json()

    def test_the_order_of_articles_changes_next_to_nothing(self) -> None:
        labelled = labelled_news(families=12, seed=3)
        shuffled = random.Random(1).sample(labelled, len(labelled))
        one, other = fit(labelled), fit(shuffled)
        pairs = pairs_of(labelled_news(families=4, seed=9), "dated")
        dated = np.zeros(len(pairs.same), np.int8)
        np.testing.assert_allclose(
            pair_log_odds(pairs.signals, dated, one), pair_log_odds(pairs.signals, dated, other), atol=0.05
        )

    @pytest.mark.usefixtures("every_pair")
    @pytest.mark.parametrize("kind", ["dated", "undated"])
    def test_it_tells_stories_apart_that_it_was_not_fitted_on(self, kind: str) -> None:
        pairs = pairs_of(labelled_news(families=8, seed=5), kind)
        kinds = np.full(len(pairs.same), KINDS.index(kind), np.int8)
        log_odds = pair_log_odds(pairs.signals, kinds, fake_calibration())
        assert rank_quality(log_odds, pairs.same) > 0.95
        right = (log_odds > 0) == pairs.same
        assert right.mean() > 0.97

    def test_one_story_alone_teaches_nothing(self) -> None:
        labelled = [replace(one, story="s", family="f", text="t") for one in labelled_news(families=12)]
        with pytest.raises(CalibrationError, match="one label"):
            fit(labelled)
