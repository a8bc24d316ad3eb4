"""Fit a calibration: language means and the coefficients of the scorer, from articles whose stories are known.

The scorer is a logistic regression with bounds: signals of similarity may only count for "same story", distance in
time only against. Within the bounds the likelihood has one maximum, found by L-BFGS-B (Byrd et al. 1995), so a fit is
deterministic.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.encode.fingerprint import Fingerprints, fingerprint_articles
from dedup.encode.vectors import HalfVectors, encode_sentences
from dedup.errors import CalibrationError
from dedup.evidence.background import Background
from dedup.score.calibration import Calibration, Scorer
from dedup.score.signals import SIGNALS, pair_signals
from dedup.text.passage import article_sentences

if TYPE_CHECKING:
    from collections.abc import Callable

    from dedup.encode.base import Encoder
    from dedup.encode.vectors import VectorCache

__all__ = ["LabelledArticle", "TrainingPairs", "fit_calibration", "fit_language_means", "fit_scorer", "training_pairs"]

_FOR = (0.0, None)
_AGAINST = (None, 0.0)
_EITHER = (None, None)
_UNUSED = (0.0, 0.0)
_BOUNDS: Mapping[str, tuple[float | None, float | None]] = {
    "document": _FOR,
    "document_above": _FOR,
    "coverage": _FOR,
    "coverage_above": _FOR,
    "coverage_better": _FOR,
    "headline": _FOR,
    "same_language": _AGAINST,
    "same_language_coverage": _EITHER,
    "few_sentences": _EITHER,
    "few_sentences_coverage": _EITHER,
    "names_shared": _FOR,
    "names_shared_in_leads": _FOR,
    "names_part": _FOR,
    "names_lead_part": _FOR,
    "names_known": _AGAINST,
    "numbers_shared": _FOR,
    "numbers_shared_in_leads": _FOR,
    "numbers_part": _FOR,
    "numbers_lead_part": _FOR,
    "numbers_known": _AGAINST,
    "hours": _AGAINST,
    "days": _AGAINST,
}
SAME_TEXT_SIGNALS = (
    "document",
    "document_above",
    "coverage",
    "coverage_above",
    "coverage_better",
    "headline",
    "same_language",
    "same_language_coverage",
    "few_sentences",
    "few_sentences_coverage",
)
"""What the scorer for pairs without times may weigh: how far two texts are one. Names and numbers agree in any two
reports of one subject."""
_RIDGE = 0.5
_DIGITS = 4
_LEAST_ARTICLES = 20
DATED_SIMILARITY = 0.15
"""Least similarity at which a pair with times is scored: independent reports are often no nearer, and the window of
days keeps candidates few."""
UNDATED_SIMILARITY = 0.3
"""The same without times, where only the same text is looked for: no translation of the families is below."""
_ABSENT_LOG_ODDS = -4.0
"""Log-odds of a pair that is no candidate: what pairs at the candidates' bound get on the development families."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledArticle:
    """An article whose story a person has told."""

    article: Article
    story: str
    family: str
    """Stories of one family are easily confused; pairs across families are easy."""
    text: str
    """Articles with the same ``text`` are one text: reprints and translations of each other."""
    relation: str | None = None
    """How the article stands to its story, one of ``dedup.relate.relations.RELATIONS``, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPairs:
    """Pairs with their signals and labels."""

    signals: npt.NDArray[np.float32]
    same: npt.NDArray[np.bool_]
    families: npt.NDArray[np.int64]
    """int64 ``[n]``: number of the family of the left article, to hold families out."""


def fit_language_means(
    articles: Sequence[Article], passages: Sequence[Sequence[str]], vectors: HalfVectors
) -> dict[str, npt.NDArray[np.float32]]:
    """Return the mean sentence vector of each language: float32 ``[dimension]``.

    Articles of all languages should tell of the same things: what differs between the means is then the language alone.

    Raises:
        CalibrationError: a language has too few articles for a mean.
    """
    languages = np.array([article.language for article in articles])
    counts = [len(passage) for passage in passages]
    of_sentence = np.repeat(languages, counts)
    means = {}
    for language in sorted(set(languages.tolist())):
        number = int((languages == language).sum())
        if number < _LEAST_ARTICLES:
            raise CalibrationError(f"{number} articles in {language}; a language mean needs {_LEAST_ARTICLES} or more")
        means[language] = vectors[of_sentence == language].mean(axis=0, dtype=np.float64).astype(np.float32)
    return means


def fit_scorer(pairs: TrainingPairs, candidate_similarity: float, allowed: Collection[str] = SIGNALS) -> Scorer:
    """Return the weights of the signals and the intercept that make the labels likeliest, with a slight ridge.

    Raises:
        CalibrationError: the pairs are all of one kind.
    """
    from scipy.optimize import minimize

    if pairs.same.all() or not pairs.same.any():
        raise CalibrationError(
            "all pairs have one label; a fit needs pairs of one story and pairs of different stories"
        )
    design = np.column_stack([pairs.signals.astype(np.float64), np.ones(len(pairs.same))])
    sign = np.where(pairs.same, 1.0, -1.0)
    ridge = np.full(design.shape[1], _RIDGE / len(pairs.same))
    ridge[-1] = 0

    def loss(coefficients: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        margin = sign * (design @ coefficients)
        value = float(np.logaddexp(0, -margin).mean() + ridge @ coefficients**2)
        slope = -sign / (len(margin) * (1 + np.exp(np.clip(margin, -500, 500))))
        return value, design.T @ slope + 2 * ridge * coefficients

    bounds = [_BOUNDS[signal] if signal in allowed else _UNUSED for signal in SIGNALS] + [_EITHER]
    found = minimize(
        loss, np.zeros(design.shape[1]), jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": 2000}
    )
    rounded = [round(float(value), _DIGITS) + 0.0 for value in found.x]
    return Scorer(
        intercept=rounded[-1],
        coefficients=dict(zip(SIGNALS, rounded, strict=False)),
        candidate_similarity=candidate_similarity,
    )


def training_pairs(
    labelled: Sequence[LabelledArticle],
    fingerprints: Fingerprints,
    similarity: float,
    *,
    max_sentences: int,
    dated: bool,
) -> TrainingPairs:
    """Return the candidate pairs of ``labelled`` as training pairs.

    With ``dated=False`` the articles are taken to have no times. "Same story" is then asked of pairs of one text
    only, and independent reports of one event are left out: without a time no similarity tells them from siblings
    (AUC 0.49 on the development families), and a guess would join every quake with the next.
    """
    if not dated:
        fingerprints = replace(fingerprints, hours=np.full(len(fingerprints), np.nan))
    left, right = np.triu_indices(len(labelled), 1)
    near = np.einsum("ij,ij->i", fingerprints.documents[left], fingerprints.documents[right]) >= similarity
    pairs = np.stack([left[near], right[near]], axis=1)
    stories, texts, families = (
        np.unique([getattr(one, name) for one in labelled], return_inverse=True)[1]
        for name in ("story", "text", "family")
    )
    same = stories[pairs[:, 0]] == stories[pairs[:, 1]]
    if not dated:
        one_text = texts[pairs[:, 0]] == texts[pairs[:, 1]]
        same = one_text
    return TrainingPairs(
        signals=pair_signals(fingerprints, pairs, max_sentences=max_sentences),
        same=same,
        families=families[pairs[:, 0]],
    )


def concatenate(parts: Sequence[TrainingPairs]) -> TrainingPairs:
    """Return the pairs of all ``parts``."""
    return TrainingPairs(
        signals=np.concatenate([part.signals for part in parts]),
        same=np.concatenate([part.same for part in parts]),
        families=np.concatenate([part.families for part in parts]),
    )


def _headlines_only(labelled: Sequence[LabelledArticle]) -> list[LabelledArticle]:
    return [replace(one, article=replace(one.article, body="")) for one in labelled if one.article.title]


def fit_calibration(
    labelled: Sequence[LabelledArticle],
    encoder: Encoder,
    *,
    max_sentences: int,
    about: Mapping[str, object],
    background: Background,
    cache: VectorCache | None = None,
    progress: Callable[[int], None] | None = None,
) -> Calibration:
    """Fit language means and coefficients on ``labelled`` for ``encoder``.

    The articles are used four times: as they are and with their headlines alone, each with and without times, so that
    the scorer knows what to make of either.

    Raises:
        CalibrationError: too few articles of a language, or no two stories.
    """
    articles = [one.article for one in labelled]
    passages = [article_sentences(article, max_sentences) for article in articles]
    vectors = encode_sentences([s for passage in passages for s in passage], encoder, cache, progress=progress)
    means = fit_language_means(articles, passages, vectors)
    unfitted = Scorer(intercept=0.0, coefficients={}, candidate_similarity=0.0)
    calibration = Calibration(
        model=encoder.model,
        revision=encoder.revision,
        dimension=encoder.dimension,
        language_means=means,
        dated=unfitted,
        undated=unfitted,
        absent_log_odds=_ABSENT_LOG_ODDS,
        background=background,
        about=about,
    )
    shown = (
        (labelled, fingerprint_articles(articles, passages, vectors, calibration)),
        _short(labelled, encoder, calibration, max_sentences, cache),
    )
    dated, undated = (
        fit_scorer(
            concatenate(
                [
                    training_pairs(some, prints, similarity, max_sentences=max_sentences, dated=is_dated)
                    for some, prints in shown
                ]
            ),
            similarity,
            allowed,
        )
        for is_dated, similarity, allowed in (
            (True, DATED_SIMILARITY, SIGNALS),
            (False, UNDATED_SIMILARITY, SAME_TEXT_SIGNALS),
        )
    )
    return replace(calibration, dated=dated, undated=undated)


def _short(
    labelled: Sequence[LabelledArticle],
    encoder: Encoder,
    calibration: Calibration,
    max_sentences: int,
    cache: VectorCache | None,
) -> tuple[list[LabelledArticle], Fingerprints]:
    shown = _headlines_only(labelled)
    passages = [article_sentences(one.article, max_sentences) for one in shown]
    vectors = encode_sentences([s for passage in passages for s in passage], encoder, cache)
    return shown, fingerprint_articles([one.article for one in shown], passages, vectors, calibration)
