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
from dedup.score.signals import SIGNALS, Pairs, dated_pairs, pair_signals
from dedup.text.passage import article_sentences

if TYPE_CHECKING:
    from collections.abc import Callable

    from dedup.encode.base import Encoder
    from dedup.encode.vectors import VectorCache

__all__ = [
    "LEAST_ARTICLES",
    "LabelledArticle",
    "ListedPairs",
    "ShownPairs",
    "TrainingPairs",
    "concatenate",
    "fit_calibration",
    "fit_language_means",
    "fit_scorer",
    "fit_scorers",
    "shown_pairs",
    "training_pairs",
    "unfitted_calibration",
]

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
    "figures_agreeing": _FOR,
    "figures_in_conflict": _AGAINST,
    "ordinals_agreeing": _FOR,
    "ordinals_in_conflict": _AGAINST,
    "days_shared": _FOR,
    "days_in_conflict": _AGAINST,
    "days_apart": _AGAINST,
    "weekdays_shared": _FOR,
    "weekdays_in_conflict": _AGAINST,
    "months_shared": _FOR,
    "months_in_conflict": _AGAINST,
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
_PAIRS_AT_ONCE = 65_536
LEAST_ARTICLES = 20
"""A mean vector of a language takes so many articles."""
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
    text: str | None
    """Articles with the same ``text`` are one text: reprints and translations of each other. None where that is not
    known; of the families that come with the package it is."""
    relation: str | None = None
    """How the article stands to its story, one of ``dedup.relate.relations.RELATIONS``, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPairs:
    """Pairs with their signals and labels: rows for a fit."""

    signals: npt.NDArray[np.float32]
    same: npt.NDArray[np.bool_]
    families: npt.NDArray[np.int64]
    """int64 ``[n, 2]``: numbers of the families of both articles, in the order of their names, to hold some out."""
    weights: npt.NDArray[np.float64]
    """float64 ``[n]``: what each pair counts in the fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPairs:
    """Pairs that a person has judged one by one, where stories are not known as a whole."""

    pairs: Pairs
    """Positions in the labelled articles."""
    same: npt.NDArray[np.bool_]
    """bool ``[len(pairs)]``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPairs:
    """Training pairs of labelled articles, as they are and with their headlines alone."""

    dated: TrainingPairs
    """With the times of both articles."""
    undated: TrainingPairs
    """As if there were no times."""


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
        if number < LEAST_ARTICLES:
            raise CalibrationError(f"{number} articles in {language}; a language mean needs {LEAST_ARTICLES} or more")
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
    weights = pairs.weights / pairs.weights.sum()
    ridge = np.full(design.shape[1], _RIDGE / len(pairs.same))
    ridge[-1] = 0

    def loss(coefficients: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        margin = sign * (design @ coefficients)
        value = float(weights @ np.logaddexp(0, -margin) + ridge @ coefficients**2)
        slope = -sign * weights / (1 + np.exp(np.clip(margin, -500, 500)))
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
    listed: ListedPairs | None = None,
) -> TrainingPairs:
    """Return the candidate pairs of ``labelled``, or those of ``listed`` if given, as training pairs.

    With ``dated=True`` only pairs with times on both sides are taken.

    With ``dated=False`` the articles are taken to have no times. "Same story" is then asked of pairs of one text
    only, and independent reports of one event are left out: without a time no similarity tells them from siblings
    (AUC 0.49 on the development families), and a guess would join every quake with the next. Pairs that have no times
    to begin with keep their label: whoever gave it saw no more. Pairs of one story of which it is not known whether
    they are one text are left out.
    """
    stories, families = (
        np.unique([getattr(one, name) for one in labelled], return_inverse=True)[1] for name in ("story", "family")
    )
    if listed is None:
        pairs = np.stack(np.triu_indices(len(labelled), 1), axis=1)
        same = stories[pairs[:, 0]] == stories[pairs[:, 1]]
    else:
        pairs, same = listed.pairs, listed.same
    near = _near(fingerprints, pairs, similarity)
    pairs, same = pairs[near], same[near]
    timed = dated_pairs(fingerprints, pairs)
    if dated:
        pairs, same = pairs[timed], same[timed]
    else:
        text = np.unique(["" if one.text is None else f"={one.text}" for one in labelled], return_inverse=True)[1]
        known = np.array([one.text is not None for one in labelled])[pairs].all(axis=1)
        kept = known | ~same | ~timed
        one_text = known & (text[pairs[:, 0]] == text[pairs[:, 1]])
        pairs, same = pairs[kept], np.where(timed, one_text, same)[kept]
        fingerprints = replace(fingerprints, hours=np.full(len(fingerprints), np.nan))
    return TrainingPairs(
        signals=pair_signals(fingerprints, pairs, max_sentences=max_sentences),
        same=same,
        families=families[pairs],
        weights=np.ones(len(pairs)),
    )


def _near(fingerprints: Fingerprints, pairs: Pairs, similarity: float) -> npt.NDArray[np.bool_]:
    """Tell which pairs are at least so similar: bool ``[len(pairs)]``."""
    near = np.empty(len(pairs), np.bool_)
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        block = pairs[start : start + _PAIRS_AT_ONCE]
        left, right = fingerprints.documents[block[:, 0]], fingerprints.documents[block[:, 1]]
        near[start : start + len(block)] = np.einsum("ij,ij->i", left, right) >= similarity
    return near


def concatenate(parts: Sequence[TrainingPairs]) -> TrainingPairs:
    """Return the pairs of all ``parts``."""
    return TrainingPairs(
        signals=np.concatenate([part.signals for part in parts]),
        same=np.concatenate([part.same for part in parts]),
        families=np.concatenate([part.families for part in parts]),
        weights=np.concatenate([part.weights for part in parts]),
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
    calibration = unfitted_calibration(encoder, means, background=background, about=about)
    prints = fingerprint_articles(articles, passages, vectors, calibration)
    shown = shown_pairs(labelled, prints, encoder, calibration, max_sentences=max_sentences, cache=cache)
    dated, undated = fit_scorers(shown)
    return replace(calibration, dated=dated, undated=undated)


def unfitted_calibration(
    encoder: Encoder,
    means: Mapping[str, npt.NDArray[np.float32]],
    *,
    background: Background,
    about: Mapping[str, object],
) -> Calibration:
    """Return a calibration whose scorers weigh nothing yet: enough to make fingerprints."""
    unfitted = Scorer(intercept=0.0, coefficients={}, candidate_similarity=0.0)
    return Calibration(
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


def shown_pairs(
    labelled: Sequence[LabelledArticle],
    fingerprints: Fingerprints,
    encoder: Encoder,
    calibration: Calibration,
    *,
    max_sentences: int,
    cache: VectorCache | None = None,
    listed: ListedPairs | None = None,
) -> ShownPairs:
    """Return the training pairs of ``labelled``, whose fingerprints are given, and of their headlines alone."""
    titled = np.array([bool(one.article.title) for one in labelled], np.bool_)
    shown = (
        (labelled, fingerprints, listed),
        (*_short(labelled, encoder, calibration, max_sentences, cache), _of_titled(listed, titled)),
    )
    dated, undated = (
        concatenate(
            [
                training_pairs(some, prints, similarity, max_sentences=max_sentences, dated=is_dated, listed=judged)
                for some, prints, judged in shown
            ]
        )
        for is_dated, similarity in ((True, DATED_SIMILARITY), (False, UNDATED_SIMILARITY))
    )
    return ShownPairs(dated=dated, undated=undated)


def fit_scorers(shown: ShownPairs) -> tuple[Scorer, Scorer]:
    """Return the scorer for pairs with times and the one for pairs without.

    Raises:
        CalibrationError: the pairs of either are all of one kind.
    """
    return fit_scorer(shown.dated, DATED_SIMILARITY), fit_scorer(shown.undated, UNDATED_SIMILARITY, SAME_TEXT_SIGNALS)


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


def _of_titled(listed: ListedPairs | None, titled: npt.NDArray[np.bool_]) -> ListedPairs | None:
    """Return the listed pairs by their positions among the articles that have a title."""
    if listed is None:
        return None
    both = titled[listed.pairs].all(axis=1)
    return ListedPairs(pairs=(np.cumsum(titled) - 1)[listed.pairs[both]], same=listed.same[both])
