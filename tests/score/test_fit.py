from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from fakes import FakeEncoder, fake_calibration, labelled_news
from sklearn.linear_model import LogisticRegression
from training_sets import drawn_pairs, drawn_sets, pairs_of

from dedup.article import CALIBRATED_LANGUAGES
from dedup.encode.vectors import encode_sentences
from dedup.errors import CalibrationError
from dedup.evidence.background import Background
from dedup.score import fit as module
from dedup.score.calibration import KINDS, Calibration, Scorer
from dedup.score.ceiling import LEAST_WITHOUT_TIMES
from dedup.score.fit import (
    PRIOR_LOG_ODDS,
    fit_calibration,
    fit_kind,
    fit_language_means,
    with_candidate_bound,
    with_coverage_bounds,
    with_scorers,
)
from dedup.score.logistic import fit_scorer
from dedup.score.related import Unrelated
from dedup.score.scorer import pair_log_odds
from dedup.score.signals import SIGNALS
from dedup.score.training import LabelledArticle, ListedPairs, ShownPairs, TrainingPairs
from dedup.text.passage import article_sentences


def fit(labelled: list[LabelledArticle], encoder: FakeEncoder | None = None) -> Calibration:
    return fit_calibration(labelled, encoder or FakeEncoder(), max_sentences=12, about={}, background=Background())


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
    @pytest.mark.parametrize("kind", KINDS)
    def test_the_prior_moves_the_intercept_and_nothing_else(self, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        pairs = drawn_pairs(300, 4)
        shifted = fit_kind(pairs, kind)
        monkeypatch.setattr(module, "PRIOR_LOG_ODDS", dict.fromkeys(KINDS, 0.0))
        plain = fit_kind(pairs, kind)
        assert shifted.intercept == pytest.approx(plain.intercept + PRIOR_LOG_ODDS[kind], abs=1e-9)
        assert shifted.coefficients == plain.coefficients

    def test_without_times_only_pairs_of_one_language_are_judged_by_names_and_figures(self) -> None:
        column = SIGNALS.index("names_lead_part")
        fitted = with_scorers(fake_calibration(), drawn_sets(5, column=column))
        assert fitted.undated.coefficients["names_lead_part"] == 0
        assert fitted.undated_one_language.coefficients["names_lead_part"] > 1
        assert fitted.dated.coefficients["names_lead_part"] > 1

    @pytest.mark.parametrize(
        ("taught", "silent"), [("undated", "undated_one_language"), ("undated_one_language", "undated")]
    )
    def test_one_kind_without_times_stands_in_for_the_other(self, taught: str, silent: str) -> None:
        shown = drawn_sets(6)
        one_label = replace(shown.of_kind(silent), same=np.zeros(len(shown.of_kind(silent).same), np.bool_))
        fitted = with_scorers(fake_calibration(), replace(shown, **{silent: one_label}))
        expected = fit_kind(shown.of_kind(taught), taught)
        for kind in (taught, silent):
            found = getattr(fitted, kind)
            bounds = {name: getattr(found, name) for name in ("candidate_similarity", "coverage_above_document")}
            assert found == replace(expected, **bounds)

    @pytest.mark.parametrize(
        ("lowest", "bound"), [(0.2, 0.3), (0.31, 0.3), (0.36, 0.35), (0.399, 0.35), (0.41, 0.4), (0.9, 0.4)]
    )
    def test_the_bound_without_times_is_below_every_likely_pair(self, lowest: float, bound: float) -> None:
        likely = self.bounded([(lowest, 1.0), (0.95, 1.0), (0.01, 0.0)])
        assert likely.undated == replace(self.BY_COVERAGE, candidate_similarity=bound)
        assert likely.undated_one_language == fake_calibration().undated_one_language
        assert likely.candidate_bounds(1.0).undated == bound
        assert likely.candidate_bounds(1.0).undated_one_language == 0.3

    @pytest.mark.parametrize("rows", [[], [(0.8, 0.0)]])
    def test_it_stays_where_no_pair_is_likely(self, rows: list[tuple[float, float]]) -> None:
        assert self.bounded(rows).undated == self.BY_COVERAGE

    @pytest.mark.parametrize(
        ("better", "expected"),
        [(0.5, (0.05, 0.1)), (0.65, (0.05, 0.1)), (0.75, (0.1, 0.2)), (1.0, (0.2, 0.4)), (1.2, None)],
    )
    def test_coverage_is_bounded_as_far_as_every_telling_pair_allows(
        self, better: float, expected: tuple[float, float] | None
    ) -> None:
        signals = np.zeros((2, len(SIGNALS)), np.float32)
        # the second exceeds every bound, and tells nothing
        named = (("document", [0.5, 0.1]), ("coverage", [0.5, 0.3]), ("coverage_better", [better, 0.6]))
        for name, values in named:
            signals[:, SIGNALS.index(name)] = values
        intercept = LEAST_WITHOUT_TIMES + 1.0 - 50 * (0.5 + better)
        scorer = replace(
            self.BY_COVERAGE, intercept=intercept, coefficients={"coverage": 50.0, "coverage_better": 50.0}
        )
        told = replace(fake_calibration(), undated=scorer, undated_one_language=scorer)
        pairs = replace(drawn_pairs(2, 1), signals=signals)
        none = replace(pairs, signals=signals[:0])
        fitted = with_coverage_bounds(told, ShownPairs(dated=none, undated=pairs, undated_one_language=none))
        assert fitted.undated == replace(scorer, coverage_above_document=expected)
        assert fitted.undated_one_language == scorer
        assert fitted.dated == told.dated

    BY_COVERAGE = Scorer(
        intercept=-1.0, coefficients={"coverage": 2.0}, candidate_similarity=0.3, one_language_similarity=0.3
    )

    def bounded(self, rows: list[tuple[float, float]]) -> Calibration:
        """Return what is made of pairs by their document similarity and their coverage."""
        signals = np.zeros((len(rows), len(SIGNALS)), np.float32)
        for row, values in zip(signals, rows, strict=True):
            row[[SIGNALS.index("document"), SIGNALS.index("coverage")]] = values
        pairs = TrainingPairs(
            signals=signals,
            same=np.ones(len(rows), np.bool_),
            families=np.zeros((len(rows), 2), np.int64),
            weights=np.ones(len(rows)),
        )
        return with_candidate_bound(replace(fake_calibration(), undated=self.BY_COVERAGE), pairs)

    def test_neither_kind_without_times_is_refused(self) -> None:
        shown = drawn_sets(7)
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

    @pytest.mark.usefixtures("every_pair")
    def test_unrelated_articles_make_their_like_less_likely_and_leave_the_scorers_alone(self) -> None:
        labelled, strangers = labelled_news(), labelled_news(families=4, seed=2)
        apart = [
            (i, j)
            for i, one in enumerate(strangers)
            for j, other in enumerate(strangers[i + 1 :], i + 1)
            if one.family != other.family
        ]
        listed = ListedPairs(pairs=np.array(apart, np.int64), same=np.zeros(len(apart), np.bool_))
        unrelated = Unrelated(labelled=strangers, listed=listed, share=5.0)
        values = {"max_sentences": 12, "about": {}, "background": Background()}
        without = fit_calibration(labelled, FakeEncoder(), **values)  # type: ignore[arg-type]  # values of several types
        taught = fit_calibration(labelled, FakeEncoder(), unrelated=unrelated, **values)  # type: ignore[arg-type]
        others = pairs_of(labelled_news(families=4, seed=3), "dated")
        strange = others.signals[others.families[:, 0] != others.families[:, 1]]
        kinds = np.zeros(len(strange), np.int8)
        assert pair_log_odds(strange, kinds, taught).mean() < pair_log_odds(strange, kinds, without).mean()
        assert taught.scorers == without.scorers
