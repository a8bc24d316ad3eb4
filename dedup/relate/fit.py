"""Fit the weights by which relations are told, from articles whose relations are known.

Three models without bounds, each with a ridge: two logistic regressions, and for the first report a conditional logit
(McFadden 1974), which compares the articles of one story. Each loss is convex, so a fit is deterministic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup.encode.fingerprint import fingerprint_articles
from dedup.encode.passages import encode_articles
from dedup.errors import CalibrationError
from dedup.relate.signals import (
    ORIGINAL_SIGNALS,
    TEXT_SIGNALS,
    UPDATE_SIGNALS,
    Material,
    Numbers,
    compared_pairs,
    linear_scores,
    original_candidates,
    original_signals,
    reading_order,
    text_signals,
    update_signals,
)
from dedup.score.calibration import Calibration
from dedup.score.relation_weights import LinearModel, RelationWeights
from dedup.score.scorer import probability_of

if TYPE_CHECKING:
    from dedup.encode.base import Encoder
    from dedup.encode.vectors import VectorCache
    from dedup.score.training import LabelledArticle

__all__ = ["fit_relation_weights", "fit_relations"]

# By cross-validation over the families. Vectors have many more weights than signals and need a ridge of their own.
_TEXT_RIDGE, _UPDATE_RIDGE, _ORIGINAL_RIDGE = 0.02, 4.0, 0.75
_UPDATE_VECTOR_RIDGE, _ORIGINAL_VECTOR_RIDGE = 0.4, 0.75
_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """Labelled articles as the models get to see them: with all times, without, or with every other one."""

    labelled: Sequence[LabelledArticle]
    stories: Sequence[npt.NDArray[np.int64]]
    material: Material


def fit_relations(
    labelled: Sequence[LabelledArticle],
    encoder: Encoder,
    calibration: Calibration,
    *,
    max_sentences: int,
    cache: VectorCache | None = None,
) -> Calibration:
    """Return ``calibration`` with weights for relations, fitted on ``labelled``.

    Raises:
        CalibrationError: an article's relation is not known, or there are too few of a kind.
    """
    calibration.check_encoder(encoder)

    def seen(shown: Sequence[LabelledArticle]) -> Material:
        articles = [one.article for one in shown]
        passages, vectors = encode_articles(articles, encoder, max_sentences=max_sentences, cache=cache)
        return Material.of(articles, fingerprint_articles(articles, passages, vectors, calibration), max_sentences)

    headlines = [replace(one, article=replace(one.article, body="")) for one in labelled if one.article.title]
    weights = fit_relation_weights((labelled, seen(labelled)), (headlines, seen(headlines)))
    return replace(calibration, relations=weights)


def fit_relation_weights(
    whole: tuple[Sequence[LabelledArticle], Material], headlines: tuple[Sequence[LabelledArticle], Material]
) -> RelationWeights:
    """Return the weights that make the relations of labelled articles likeliest.

    The articles are used with all their times, without any and with every other one, as readers find them; and with
    their headlines alone for what is one text.

    Raises:
        CalibrationError: an article's relation is not known, or there are too few of a kind.
    """
    labelled, material = whole
    if any(one.relation is None for one in labelled):
        raise CalibrationError("an article without a relation; relations are fitted on articles that all state theirs")
    dated, *gaps, undated = (_shown(labelled, material, hours) for hours in _clocks(material.hours))
    same_text = _fit_same_text((dated, _shown(*headlines, headlines[1].hours)))
    return RelationWeights(
        same_text=same_text,
        original=_fit_original((undated, *gaps), same_text),
        update=_fit_update((dated, undated)),
    )


def _clocks(hours: Numbers) -> Iterator[Numbers]:
    even = np.arange(len(hours)) % 2 == 0
    yield hours
    yield np.where(even, hours, np.nan)
    yield np.where(even, np.nan, hours)
    yield np.full(len(hours), np.nan)


def _shown(labelled: Sequence[LabelledArticle], material: Material, hours: Numbers) -> _Shown:
    material = replace(material, fingerprints=replace(material.fingerprints, hours=hours))
    positions: dict[str, list[int]] = {}
    for position, one in enumerate(labelled):
        positions.setdefault(one.story, []).append(position)
    stories = [reading_order(np.array(story), material) for story in positions.values() if len(story) > 1]
    return _Shown(labelled=labelled, stories=stories, material=material)


def _fit_same_text(shown: Sequence[_Shown]) -> LinearModel:
    designs, labels = [], []
    for one in shown:
        pairs = compared_pairs(one.stories, one.material)
        texts = np.unique([each.text for each in one.labelled], return_inverse=True)[1]
        designs.append(_columns(text_signals(one.material, pairs), TEXT_SIGNALS))
        labels.append(texts[pairs[:, 0]] == texts[pairs[:, 1]])
    return _logistic(np.concatenate(designs), TEXT_SIGNALS, np.concatenate(labels), _TEXT_RIDGE, 0.0)


def _fit_update(shown: Sequence[_Shown]) -> LinearModel:
    designs, labels = [], []
    for one in shown:
        kind = np.array([each.relation for each in one.labelled])
        first = {story: _first(one, story) for story in range(len(one.stories))}
        chosen = [
            (first[number], article)
            for number, story in enumerate(one.stories)
            for article in story
            if kind[article] in {"update", "independent"}
        ]
        firsts, others = np.array(chosen, np.int64).reshape(-1, 2).T
        similarity = text_signals(one.material, np.sort(np.stack([firsts, others], axis=1), axis=1))
        documents = one.material.fingerprints.documents
        signals = update_signals(firsts, others, similarity, one.material)
        designs.append(np.hstack([_columns(signals, UPDATE_SIGNALS), documents[others] - documents[firsts]]))
        labels.append(kind[others] == "update")
    return _logistic(
        np.concatenate(designs), UPDATE_SIGNALS, np.concatenate(labels), _UPDATE_RIDGE, _UPDATE_VECTOR_RIDGE
    )


def _first(shown: _Shown, number: int) -> int:
    story = shown.stories[number]
    originals = [int(article) for article in story if shown.labelled[article].relation == "original"]
    if len(originals) != 1:
        raise CalibrationError(
            f"the story {shown.labelled[story[0]].story!r} has {len(originals)} original articles; label one"
        )
    return originals[0]


def _fit_original(shown: Sequence[_Shown], same_text: LinearModel) -> LinearModel:
    choices: list[tuple[Numbers, int]] = []
    for one in shown:
        pairs = compared_pairs(one.stories, one.material)
        similarity = text_signals(one.material, pairs)
        probability = probability_of(np.clip(linear_scores(same_text, similarity), -8, 8))
        signals = original_signals(one.stories, pairs, similarity["coverage"], probability, one.material)
        design = np.hstack([_columns(signals, ORIGINAL_SIGNALS), one.material.fingerprints.documents])
        for number, story in enumerate(one.stories):
            candidates = story[original_candidates(story, one.material.hours)]
            if len(candidates) > 1 and (candidates == _first(one, number)).any():
                choices.append((design[candidates], int(np.argmax(candidates == _first(one, number)))))
    return _conditional_logit(choices, ORIGINAL_SIGNALS, _ORIGINAL_RIDGE, _ORIGINAL_VECTOR_RIDGE)


def _columns(signals: Mapping[str, Numbers], names: Sequence[str]) -> Numbers:
    return np.stack([signals[name] for name in names], axis=1)


def _logistic(
    design: Numbers, names: Sequence[str], labels: npt.NDArray[np.bool_], ridge: float, vector_ridge: float
) -> LinearModel:
    """Fit ``labels`` by the columns of ``design``: the signals ``names``, then an article vector if there is one."""
    if labels.all() or not labels.any():
        raise CalibrationError("all articles stand to their stories alike; a fit of relations needs every kind")
    design = np.column_stack([np.ones(len(design)), design])
    sign = np.where(labels, 1.0, -1.0)
    weight = np.array([0.0] + [ridge] * len(names) + [vector_ridge] * (design.shape[1] - 1 - len(names)))

    def loss(point: Numbers) -> tuple[float, Numbers]:
        margin = sign * (design @ point)
        slope = -sign / (1 + np.exp(np.clip(margin, -500, 500)))
        return (
            float(np.logaddexp(0, -margin).sum() + weight @ point**2 / 2),
            design.T @ slope + weight * point,
        )

    return _model(_least(loss, design.shape[1]), names)


def _conditional_logit(
    choices: Sequence[tuple[Numbers, int]], names: Sequence[str], ridge: float, vector_ridge: float
) -> LinearModel:
    """Fit which row of each matrix was chosen."""
    if not choices:
        raise CalibrationError("no story has an original article and others; a fit of relations needs some")
    size = choices[0][0].shape[1]
    weight = np.array([ridge] * len(names) + [vector_ridge] * (size - len(names)))

    def loss(point: Numbers) -> tuple[float, Numbers]:
        value, slope = float(weight @ point**2 / 2), weight * point
        for rows, chosen in choices:
            scores = rows @ point
            scores = scores - scores.max()
            total = np.exp(scores).sum()
            value += float(np.log(total) - scores[chosen])
            slope = slope + rows.T @ (np.exp(scores) / total) - rows[chosen]
        return value, slope

    return _model(np.concatenate([[0.0], _least(loss, size)]), names)


def _least(loss: Callable[[Numbers], tuple[float, Numbers]], size: int) -> Numbers:
    from scipy.optimize import minimize

    found: Numbers = minimize(loss, np.zeros(size), jac=True, method="L-BFGS-B", options={"maxiter": 2000}).x
    return found


def _model(weights: Numbers, names: Sequence[str]) -> LinearModel:
    rounded = np.round(weights, _DIGITS) + 0.0
    return LinearModel(
        intercept=float(rounded[0]),
        coefficients=dict(zip(names, rounded[1:].tolist(), strict=False)),
        direction=rounded[1 + len(names) :],
    )
