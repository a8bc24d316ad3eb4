"""What labels are worth: with an encoder whose world is known, where it can be said beforehand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from commands import use_few_families
from fakes import MAX_SENTENCES, FakeEncoder, labelled_news

from dedup.article import Article
from dedup.calibrate import (
    LabelledNews,
    Material,
    assign_folds,
    collect_material,
    cross_validate,
    fit_with_labels,
    fit_without_labels,
)
from dedup.calibrate.trial import _places
from dedup.data.families import read_further
from dedup.encode.vectors import encode_sentences
from dedup.errors import CalibrationError
from dedup.evaluate import average_precision, b_cubed, contingency
from dedup.evidence.background import Background
from dedup.pipeline import deduplicate
from dedup.score.fit import fit_calibration, fit_kind
from dedup.score.training import LabelledArticle, ListedPairs, concatenate
from dedup.text.passage import article_sentences

SHIPPED = labelled_news(families=12)


def material(
    articles: list[LabelledArticle], *, listed: ListedPairs | None = None, shipped: list[LabelledArticle] | None = None
) -> Material:
    return collect_material(
        LabelledNews(articles=articles, listed=listed, left_out=0),
        FakeEncoder(),
        max_sentences=MAX_SENTENCES,
        shipped=SHIPPED if shipped is None else shipped,
        background=Background(),
    )


def mine(*, families: int = 8, seed: int = 5, undated: bool = False, text_known: bool = True) -> list[LabelledArticle]:
    labelled = sorted(labelled_news(families=families, seed=seed), key=lambda one: one.article.id)
    return [
        replace(
            one,
            article=replace(one.article, published=None) if undated else one.article,
            text=one.text if text_known else None,
        )
        for one in labelled
    ]


def test_without_labels_it_is_the_fit_on_what_ships() -> None:
    ours = fit_without_labels(material(mine()))
    theirs = fit_calibration(SHIPPED, FakeEncoder(), max_sentences=MAX_SENTENCES, about={}, background=Background())
    assert ours.to_json() == theirs.to_json()


def test_all_that_ships_is_fitted_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The families and, at their share, the further sets; unless the caller gives articles of their own."""
    use_few_families(monkeypatch)
    news = LabelledNews(articles=mine(), listed=None, left_out=0)
    ours = fit_without_labels(
        collect_material(news, FakeEncoder(), max_sentences=MAX_SENTENCES, background=Background())
    )
    further = read_further()
    assert len(further) == 1
    fits = [
        fit_calibration(
            labelled_news(families=10),
            FakeEncoder(),
            max_sentences=MAX_SENTENCES,
            about={},
            background=Background(),
            further=some,
        )
        for some in (further, ())
    ]
    assert ours.to_json() == fits[0].to_json() != fits[1].to_json()


def test_labels_are_taken_with_what_ships_or_alone() -> None:
    collected = material(mine())
    alone = fit_with_labels(collected, only_mine=True)
    both = fit_with_labels(collected)
    shipped = fit_without_labels(collected)
    assert len({fitted.to_json() for fitted in (alone, both, shipped)}) == 3
    for fitted in (alone, both):  # no label goes into a mean
        for tag, mean in shipped.language_means.items():
            np.testing.assert_array_equal(fitted.language_means[tag], mean)


def test_few_labels_count_as_much_as_many_of_others() -> None:
    collected = material(mine(families=4))
    each = len(collected.shipped.dated.same) / len(collected.mine.dated.same)
    assert 2 <= each <= 16
    mixed = fit_with_labels(collected)
    weighed = replace(collected.mine.dated, weights=np.full(len(collected.mine.dated.same), each))
    expected = fit_kind(concatenate([collected.shipped.dated, weighed]), "dated")
    assert mixed.dated == expected
    copied = fit_kind(concatenate([collected.shipped.dated, *[collected.mine.dated] * round(each)]), "dated")
    assert copied.intercept == pytest.approx(expected.intercept, abs=0.1)
    once = fit_kind(concatenate([collected.shipped.dated, collected.mine.dated]), "dated")
    assert once != expected


def test_what_is_held_out_teaches_nothing() -> None:
    """Turned labels in the held-out families change nothing; elsewhere they do."""
    articles = mine()
    held_out = np.arange(8) < 3
    names = sorted({one.family for one in articles})
    turned = [
        replace(one, story=f"{i % 2}", text=f"{i % 2}") if one.family in names[:3] else one
        for i, one in enumerate(articles)
    ]
    collected, other = material(articles), material(turned)
    honest, same = (fit_with_labels(one, held_out=held_out).to_json() for one in (collected, other))
    assert honest == same
    assert fit_with_labels(collected).to_json() != fit_with_labels(other).to_json()


def test_figures_are_those_of_runs_on_the_held_out_articles() -> None:
    articles = mine()
    collected = material(articles)
    without = fit_without_labels(collected)
    trial = cross_validate(collected, without, folds=3)
    fold = assign_folds(articles, 3)
    found: dict[str, dict[str, str]] = {"with": {}, "without": {}}
    scored: dict[tuple[str, str], float] = {}
    for number in range(3):
        held_out = np.array([any(f == number for f in fold[collected.families == i]) for i in range(8)])
        fitted = fit_with_labels(collected, held_out=held_out)
        for name, calibration in (("with", fitted), ("without", without)):
            run = deduplicate(
                [one.article for one, f in zip(articles, fold, strict=True) if f == number],
                encoder=FakeEncoder(),
                calibration=calibration,
                all_pairs=True,
            )
            for story in run.stories:
                found[name] |= {article.id: f"{number} {story.id}" for article in story.articles}
            if name == "with":
                for (a, b), log_odds in zip(run.scored.pairs.tolist(), run.scored.log_odds.tolist(), strict=True):
                    scored[run.articles[a].id, run.articles[b].id] = log_odds
    truth = {one.article.id: one.story for one in articles}
    for name, figures in (("with", trial.with_labels), ("without", trial.without_labels)):
        assert figures.b_cubed == b_cubed(contingency(found[name], truth))
    ids = [one.article.id for one in articles]
    inside = [(a, b) for i, a in enumerate(ids) for j, b in enumerate(ids) if i < j and fold[i] == fold[j]]
    log_odds = np.array([scored.get(two, -100.0) for two in inside])
    same = np.array([truth[a] == truth[b] for a, b in inside])
    assert trial.pairs == len(inside)
    assert trial.with_labels.average_precision == pytest.approx(average_precision(log_odds, same))
    candidates = np.array([two in scored for two in inside])
    said, true = 1 / (1 + np.exp(-log_odds[candidates])), same[candidates]
    gaps = [
        abs(said[chosen].sum() - true[chosen].sum())
        for chosen in (np.minimum((said * 10).astype(int), 9) == b for b in range(10))
    ]
    assert trial.with_labels.calibration_error == pytest.approx(sum(gaps) / len(said))


def test_labels_pay_where_what_ships_is_wrong_and_do_not_where_it_is_right() -> None:
    """What ships calls siblings one story; the user's labels say otherwise."""
    wrong = [replace(one, story=one.family, text=one.family) for one in SHIPPED]
    articles = mine(families=16)
    misled = material(articles, shipped=wrong)
    trial = cross_validate(misled, fit_without_labels(misled), folds=4, only_mine=True)
    assert trial.pays
    assert trial.f1_gain is not None
    assert trial.f1_gain.low > 0
    right = material(articles)
    perfect = fit_with_labels(right)  # has seen the very labels: cannot be beaten by much
    assert not cross_validate(right, perfect, folds=4).pays


def test_undated_reports_of_the_user_keep_their_labels() -> None:
    """Without times only one text is one story, unless a user says that of articles that never had times."""
    dated = material(mine()).mine.undated
    undated = material(mine(undated=True)).mine
    unknown = material(mine(text_known=False)).mine.undated
    assert len(undated.dated.same) == 0
    assert undated.undated.same.sum() > dated.same.sum() > 0
    assert len(unknown.same) < len(dated.same)
    assert not unknown.same.any()


def test_a_scorer_that_the_labels_do_not_teach_comes_from_what_ships() -> None:
    collected = material(mine(undated=True))
    alone, shipped = fit_with_labels(collected, only_mine=True), fit_without_labels(collected)
    assert alone.dated == shipped.dated
    assert alone.undated != shipped.undated


def test_labels_that_teach_nothing_alone_are_refused() -> None:
    articles = [replace(one, story=f"{i}", text=f"{i}") for i, one in enumerate(mine())]
    with pytest.raises(CalibrationError, match="label more, or leave out --only-mine"):
        fit_with_labels(material(articles), only_mine=True)


def test_judged_pairs_are_all_that_is_learnt_and_measured() -> None:
    articles = mine()
    left, right = np.triu_indices(len(articles), 1)
    near = np.array([articles[a].family == articles[b].family for a, b in zip(left, right, strict=True)])
    pairs = np.stack([left[near], right[near]], axis=1)[::2]
    same = np.array([articles[a].story == articles[b].story for a, b in pairs.tolist()])
    judged = [replace(one, text=None) for one in articles]
    collected = material(judged, listed=ListedPairs(pairs=pairs, same=same))
    assert len(collected.mine.dated.same) <= 2 * len(pairs)  # as they are and headlines
    trial = cross_validate(collected, fit_without_labels(collected), folds=4)
    assert trial.pairs == len(pairs)  # no pair goes from one family to another
    assert trial.with_labels.b_cubed is None
    assert trial.f1_gain is None
    assert trial.with_labels.average_precision is not None
    assert 0.5 < trial.with_labels.average_precision <= 1


def test_articles_without_headlines_are_learnt_from_too() -> None:
    articles = mine()
    left, right = np.triu_indices(len(articles), 1)
    listed = ListedPairs(
        pairs=np.stack([left, right], axis=1),
        same=np.array([articles[a].story == articles[b].story for a, b in zip(left, right, strict=True)]),
    )
    for titled in (0, 3):
        some = [
            one if i % 7 < titled else replace(one, article=replace(one.article, title=""))
            for i, one in enumerate(articles)
        ]
        as_stories, as_pairs = material(some).mine, material(some, listed=listed).mine
        np.testing.assert_array_equal(as_stories.dated.signals, as_pairs.dated.signals)
        np.testing.assert_array_equal(as_stories.dated.same, as_pairs.dated.same)
        np.testing.assert_array_equal(as_stories.dated.families, as_pairs.dated.families)


def test_a_language_of_the_users_own_gets_a_mean_where_there_is_enough_of_it() -> None:
    def spoken(article: Article, number: int) -> Article:
        return replace(article, language="de" if number % 2 else "nl") if number < 45 else article

    articles = [replace(one, article=spoken(one.article, i)) for i, one in enumerate(mine())]
    few = [one for i, one in enumerate(articles) if one.article.language != "nl" or i < 30]
    means = material(few).unfitted.language_means
    plain = material(mine()).unfitted.language_means
    assert set(means) == {*plain, "de"}
    for tag, mean in plain.items():
        np.testing.assert_array_equal(means[tag], mean)  # the user's articles do not move them
    german = [one.article for one in few if one.article.language == "de"]
    sentences = [sentence for article in german for sentence in article_sentences(article, MAX_SENTENCES)]
    expected = encode_sentences(sentences, FakeEncoder()).mean(axis=0, dtype=np.float64)
    np.testing.assert_allclose(means["de"], expected, atol=1e-6)


def test_places_of_pairs() -> None:
    candidates = np.array([[3, 4], [0, 1], [1, 4]])
    pairs = np.array([[0, 1], [0, 4], [1, 4], [3, 4], [2, 3]])
    assert _places(candidates, pairs, 5).tolist() == [1, -1, 2, 0, -1]
    assert _places(candidates[:0], pairs, 5).tolist() == [-1] * 5
