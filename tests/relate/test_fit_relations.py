from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from fakes import MAX_SENTENCES, FakeEncoder, fake_calibration, labelled_news
from sklearn.linear_model import LogisticRegression

from dedup.data.families import read_families
from dedup.encode.fingerprint import fingerprint_articles
from dedup.encode.vectors import VectorCache, encode_sentences
from dedup.errors import CalibrationError
from dedup.relate import fit as fit_module
from dedup.relate.fit import fit_relations
from dedup.relate.relations import relate_articles
from dedup.score.calibration import Calibration, shipped_calibration
from dedup.score.training import LabelledArticle
from dedup.text.passage import article_sentences


def news() -> list[LabelledArticle]:
    """Return invented news in the order of their relations; updates come three days late."""
    labelled = []
    for one in labelled_news(families=6):
        number = int(one.article.id.rpartition("-")[2])
        day = one.article.published
        assert day is not None
        late = day.replace(hour=(0, 5, 6, 7, 8)[number]) + timedelta(days=3 if one.relation == "update" else 0)
        labelled.append(replace(one, article=replace(one.article, published=late)))
    return sorted(labelled, key=lambda one: one.article.id)


def fit(labelled: list[LabelledArticle]) -> Calibration:
    return fit_relations(labelled, FakeEncoder(), fake_calibration(), max_sentences=MAX_SENTENCES)


def accuracy(labelled: list[LabelledArticle], calibration: Calibration) -> float:
    articles = [one.article for one in labelled]
    passages = [article_sentences(article, MAX_SENTENCES) for article in articles]
    vectors = encode_sentences([sentence for passage in passages for sentence in passage], FakeEncoder())
    assert calibration.relations
    found = relate_articles(
        articles,
        np.unique([one.story for one in labelled], return_inverse=True)[1],
        fingerprint_articles(articles, passages, vectors, calibration),
        calibration.relations,
        max_sentences=MAX_SENTENCES,
    )
    return float(np.mean([one.kind == each.relation for one, each in zip(found, labelled, strict=True)]))


def test_what_was_fitted_tells_relations_of_news_that_it_was_not_fitted_on() -> None:
    labelled = news()
    held_out = [one for one in labelled if one.family in {"0", "1"}]
    calibration = fit([one for one in labelled if one.family not in {"0", "1"}])
    assert accuracy(held_out, calibration) >= 0.95
    assert calibration.dated == fake_calibration().dated


def test_a_fit_is_the_same_every_time() -> None:
    labelled = news()
    assert fit(labelled).to_json() == fit(labelled).to_json()
    back = Calibration.from_json(fit(labelled).to_json(), name="c.json")
    assert back.to_json() == fit(labelled).to_json()


def test_labels_that_cannot_be_fitted_are_refused() -> None:
    labelled = news()
    with pytest.raises(CalibrationError, match="without a relation"):
        fit([replace(labelled[0], relation=None), *labelled[1:]])
    with pytest.raises(CalibrationError, match=r"has 5 original articles; label one"):
        fit([replace(one, relation="original") for one in labelled])
    with pytest.raises(CalibrationError, match="needs every kind"):
        fit([one for one in labelled if one.relation != "update"])


def test_the_logistic_regression_is_that_of_another_library() -> None:
    dice = np.random.default_rng(7)
    design = dice.normal(size=(300, 3))
    labels = design @ [1.0, -2.0, 0.5] + dice.normal(size=300) > 0.3
    model = fit_module._logistic(design, ("a", "b"), labels, 4.0, 4.0)
    other = LogisticRegression(C=0.25, tol=1e-8).fit(design, labels)
    expected = [*other.intercept_, *other.coef_[0]]
    found = [model.intercept, model.coefficients["a"], model.coefficients["b"], *model.direction]
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.model
def test_the_shipped_weights_tell_the_relations_of_two_quakes() -> None:
    from dedup.cache import cache_folder
    from dedup.encode.transformer import TransformerEncoder

    stories = {"f1-baghlan-nahrin", "f1-baghlan-khost"}
    labelled = sorted((one for one in read_families() if one.story in stories), key=lambda one: one.article.id)
    assert len(labelled) >= 10
    articles = [one.article for one in labelled]
    passages = [article_sentences(article, 12) for article in articles]
    encoder, calibration = TransformerEncoder(device="cpu"), shipped_calibration()
    with VectorCache.for_encoder(encoder, cache_folder("vectors")) as cache:
        vectors = encode_sentences([sentence for passage in passages for sentence in passage], encoder, cache)
    fingerprints = fingerprint_articles(articles, passages, vectors, calibration)
    groups = np.unique([one.story for one in labelled], return_inverse=True)[1]
    assert calibration.relations
    relations = relate_articles(articles, groups, fingerprints, calibration.relations, max_sentences=12)
    right = [one.kind == each.relation for one, each in zip(relations, labelled, strict=True)]
    assert np.mean(right) >= 0.9
    undated = replace(fingerprints, hours=np.full(len(articles), np.nan))
    relations = relate_articles(articles, groups, undated, calibration.relations, max_sentences=12)
    assert np.mean([one.kind == each.relation for one, each in zip(relations, labelled, strict=True)]) >= 0.7
