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
from dedup.score.calibration import KINDS, Calibration, Scorer
from dedup.score.signals import SIGNALS, Pairs, pair_signals
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
    "beside",
    "fit_calibration",
    "fit_kind",
    "fit_language_means",
    "fit_scorer",
    "shown_pairs",
    "training_pairs",
    "unfitted_calibration",
    "with_scorers",
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
CANDIDATE_SIMILARITY: Mapping[str, float] = {"dated": 0.15, "undated": 0.3, "undated_one_language": 0.3}
"""Least similarity at which a pair is scored. With times: independent reports are often no nearer, and the window of
days keeps candidates few. Without, no translation of the families is below."""
ONE_LANGUAGE_SIMILARITY = 0.3
"""The same for pairs of one language, which are nearer to each other whatever they tell: below, the families have 173
pairs of siblings and 11 of one story, all of which would be kept apart."""
ALLOWED_SIGNALS: Mapping[str, Collection[str]] = {
    "dated": SIGNALS,
    "undated": SAME_TEXT_SIGNALS,
    "undated_one_language": SIGNALS,
}
"""What the scorer of each kind may weigh."""
PRIOR_LOG_ODDS: Mapping[str, float] = {"dated": 0.3, "undated": 0.0, "undated_one_language": -0.25}
"""What is added to the intercept, chosen by cross-validation at the default threshold.

With times: the families are crowded with siblings of one day on purpose, and of two reports as alike as theirs more are
one story in the news. B-cubed F1 of families and siblings is on average 0.801 at 0, 0.820 at 0.15, 0.836 at 0.3, 0.841
at 0.45, 0.845 at 0.75; from 0.3 on siblings are merged faster than stories are made whole. Without times a pair may lie
any time apart, and precision comes first: so stories of the ECB+ train split are 98% pure (B-cubed precision)."""
_WINDOW_HOURS = 7 * 24.0
"""Pairs further apart are no candidates by default and teach nothing."""
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
    """As if there were no times: is it one text?"""
    undated_one_language: TrainingPairs
    """As if there were no times, those of one language: is it one story?"""

    def of_kind(self, kind: str) -> TrainingPairs:
        """Return the pairs of one of ``KINDS``."""
        pairs: TrainingPairs = getattr(self, kind)
        return pairs


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

    if not _has_both(pairs.same):
        raise CalibrationError(
            "all pairs have one label; a fit needs pairs of one story and pairs of different stories"
        )
    design = np.column_stack([pairs.signals.astype(np.float64), np.ones(len(pairs.same))])
    sign = np.where(pairs.same, 1.0, -1.0)
    total = pairs.weights.sum()
    weights = pairs.weights / total
    # over the total too: a pair that counts twice is to be two pairs
    ridge = np.full(design.shape[1], _RIDGE / total)
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
        one_language_similarity=ONE_LANGUAGE_SIMILARITY,
    )


def training_pairs(
    labelled: Sequence[LabelledArticle],
    fingerprints: Fingerprints,
    *,
    max_sentences: int,
    kind: str,
    listed: ListedPairs | None = None,
) -> TrainingPairs:
    """Return the candidate pairs of ``labelled``, or those of ``listed`` if given, as training pairs of a kind.

    ``dated`` takes pairs with times on both sides. For the other kinds ``fingerprints`` are those of the articles
    without their times, and ``listed`` and labels stay what they are.

    ``undated`` asks for one text: without a time no similarity tells independent reports of one event from siblings
    (AUC 0.49 on the development families), and a guess would join every quake with the next. Pairs that have no times
    to begin with keep their label: whoever gave it saw no more. Pairs of one story of which it is not known whether
    they are one text are left out. ``undated_one_language`` asks for one story.
    """
    stories, families = (
        np.unique([getattr(one, name) for one in labelled], return_inverse=True)[1] for name in ("story", "family")
    )
    if listed is None:
        pairs = np.stack(np.triu_indices(len(labelled), 1), axis=1)
        same = stories[pairs[:, 0]] == stories[pairs[:, 1]]
    else:
        pairs, same = listed.pairs, listed.same
    near = _near(fingerprints, pairs, kind)
    pairs, same = pairs[near], same[near]
    times = np.array([one.article.published is not None for one in labelled], np.bool_)
    timed = times[pairs[:, 0]] & times[pairs[:, 1]]
    if kind == "dated":
        apart = np.abs(fingerprints.hours[pairs[:, 0]] - fingerprints.hours[pairs[:, 1]])
        compared = timed & (apart <= _WINDOW_HOURS)
        pairs, same = pairs[compared], same[compared]
        return _as_rows(fingerprints, pairs, same, families, max_sentences)
    one_language = fingerprints.languages[pairs[:, 0]] == fingerprints.languages[pairs[:, 1]]
    kept = one_language if kind == "undated_one_language" else ~one_language
    pairs, same, timed = pairs[kept], same[kept], timed[kept]
    if kind == "undated":
        text = np.unique(["" if one.text is None else f"={one.text}" for one in labelled], return_inverse=True)[1]
        known = np.array([one.text is not None for one in labelled])[pairs].all(axis=1)
        kept = known | ~same | ~timed
        one_text = known & (text[pairs[:, 0]] == text[pairs[:, 1]])
        pairs, same = pairs[kept], np.where(timed, one_text, same)[kept]
    return _as_rows(fingerprints, pairs, same, families, max_sentences)


def _as_rows(
    fingerprints: Fingerprints,
    pairs: Pairs,
    same: npt.NDArray[np.bool_],
    families: npt.NDArray[np.int64],
    max_sentences: int,
) -> TrainingPairs:
    return TrainingPairs(
        signals=pair_signals(fingerprints, pairs, max_sentences=max_sentences),
        same=same,
        families=families[pairs],
        weights=np.ones(len(pairs)),
    )


def _near(fingerprints: Fingerprints, pairs: Pairs, kind: str) -> npt.NDArray[np.bool_]:
    """Tell which pairs are near enough to be candidates: bool ``[len(pairs)]``."""
    near = np.empty(len(pairs), np.bool_)
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        block = pairs[start : start + _PAIRS_AT_ONCE]
        left, right = fingerprints.documents[block[:, 0]], fingerprints.documents[block[:, 1]]
        one_language = fingerprints.languages[block[:, 0]] == fingerprints.languages[block[:, 1]]
        least = np.where(one_language, ONE_LANGUAGE_SIMILARITY, CANDIDATE_SIMILARITY[kind])
        near[start : start + len(block)] = np.einsum("ij,ij->i", left, right) >= least
    return near


def concatenate(parts: Sequence[TrainingPairs]) -> TrainingPairs:
    """Return the pairs of all ``parts``."""
    return TrainingPairs(
        signals=np.concatenate([part.signals for part in parts]),
        same=np.concatenate([part.same for part in parts]),
        families=np.concatenate([part.families for part in parts]),
        weights=np.concatenate([part.weights for part in parts]),
    )


def fit_calibration(
    labelled: Sequence[LabelledArticle],
    encoder: Encoder,
    *,
    max_sentences: int,
    about: Mapping[str, object],
    background: Background,
    further: Sequence[tuple[Sequence[LabelledArticle], float]] = (),
    cache: VectorCache | None = None,
    progress: Callable[[int], None] | None = None,
) -> Calibration:
    """Fit language means and coefficients on ``labelled`` for ``encoder``.

    The articles are used four times: as they are and with their headlines alone, each with and without times, so that
    the scorer knows what to make of either.

    Args:
        labelled: Articles of all languages about the same things: the means are theirs.
        encoder: The model.
        max_sentences: Sentences read of each article.
        about: What the calibration says of itself.
        background: How common names are.
        further: More articles for the coefficients alone, and what all their pairs of a kind count beside those of
            ``labelled``.
        cache: Vectors on disk.
        progress: Called with the sentences of ``labelled`` encoded since its last call.

    Raises:
        CalibrationError: too few articles of a language, or no two stories.
    """
    articles = [one.article for one in labelled]
    passages = [article_sentences(article, max_sentences) for article in articles]
    vectors = encode_sentences([s for passage in passages for s in passage], encoder, cache, progress=progress)
    means = fit_language_means(articles, passages, vectors)
    calibration = unfitted_calibration(encoder, means, background=background, about=about)
    shown, *others = (
        shown_pairs(some, encoder, calibration, max_sentences=max_sentences, cache=cache)
        for some in (labelled, *(some for some, _ in further))
    )
    shares = [share for _, share in further]
    return with_scorers(calibration, beside(shown, list(zip(others, shares, strict=True))))


def beside(shown: ShownPairs, others: Sequence[tuple[ShownPairs, float]]) -> ShownPairs:
    """Return all pairs together; of each kind those of another set count its share of what those of ``shown`` count."""
    return ShownPairs(
        **{
            kind: concatenate(
                [
                    shown.of_kind(kind),
                    *(
                        _counting(other.of_kind(kind), share * shown.of_kind(kind).weights.sum())
                        for other, share in others
                    ),
                ]
            )
            for kind in KINDS
        }
    )


def _counting(pairs: TrainingPairs, total: float) -> TrainingPairs:
    return replace(pairs, weights=pairs.weights * (total / max(1.0, pairs.weights.sum())))


def with_scorers(calibration: Calibration, shown: ShownPairs) -> Calibration:
    """Return ``calibration`` with the scorers that fit the pairs of each kind best.

    Of the two kinds without times, one that has no pairs of both labels is judged as the other is.

    Raises:
        CalibrationError: the pairs with times are all of one label, or those without.
    """
    dated = fit_kind(shown.dated, "dated")
    timeless = ("undated", "undated_one_language")
    taught = {kind: shown.of_kind(kind).same for kind in timeless}
    fitted = {kind: fit_kind(shown.of_kind(kind), kind) for kind, same in taught.items() if _has_both(same)}
    if not fitted:
        fitted = {timeless[0]: fit_kind(shown.undated, timeless[0])}  # says what is missing
    undated, one_language = (fitted.get(kind) or next(iter(fitted.values())) for kind in timeless)
    return replace(calibration, dated=dated, undated=undated, undated_one_language=one_language)


def _has_both(same: npt.NDArray[np.bool_]) -> bool:
    return bool(same.any() and not same.all())


def fit_kind(pairs: TrainingPairs, kind: str) -> Scorer:
    """Return the scorer for pairs of one of ``KINDS``.

    Raises:
        CalibrationError: the pairs are all of one label.
    """
    fitted = fit_scorer(pairs, CANDIDATE_SIMILARITY[kind], ALLOWED_SIGNALS[kind])
    return replace(fitted, intercept=round(fitted.intercept + PRIOR_LOG_ODDS[kind], _DIGITS))


def unfitted_calibration(
    encoder: Encoder,
    means: Mapping[str, npt.NDArray[np.float32]],
    *,
    background: Background,
    about: Mapping[str, object],
) -> Calibration:
    """Return a calibration whose scorers weigh nothing yet: enough to make fingerprints."""
    unfitted = Scorer(intercept=0.0, coefficients={}, candidate_similarity=0.0, one_language_similarity=0.0)
    return Calibration(
        model=encoder.model,
        revision=encoder.revision,
        dimension=encoder.dimension,
        language_means=means,
        dated=unfitted,
        undated=unfitted,
        undated_one_language=unfitted,
        absent_log_odds=_ABSENT_LOG_ODDS,
        background=background,
        about=about,
    )


def shown_pairs(
    labelled: Sequence[LabelledArticle],
    encoder: Encoder,
    calibration: Calibration,
    *,
    max_sentences: int,
    cache: VectorCache | None = None,
    listed: ListedPairs | None = None,
) -> ShownPairs:
    """Return the training pairs of ``labelled`` and of their headlines alone."""
    titled = np.array([bool(one.article.title) for one in labelled], np.bool_)
    headlines = [replace(one, article=replace(one.article, body="")) for one in labelled if one.article.title]
    shown = [(labelled, listed), (headlines, _of_titled(listed, titled))]
    kinds: dict[str, list[TrainingPairs]] = {kind: [] for kind in KINDS}
    for some, judged in shown:
        dated, undated = _both_prints([one.article for one in some], encoder, calibration, max_sentences, cache)
        for kind, found in kinds.items():
            if kind == "undated_one_language" and some is headlines:
                continue  # of two headlines without times nothing tells one story from the next of its kind
            prints = dated if kind == "dated" else undated
            found.append(training_pairs(some, prints, max_sentences=max_sentences, kind=kind, listed=judged))
    return ShownPairs(**{kind: concatenate(found) for kind, found in kinds.items()})


def _both_prints(
    articles: Sequence[Article],
    encoder: Encoder,
    calibration: Calibration,
    max_sentences: int,
    cache: VectorCache | None,
) -> tuple[Fingerprints, Fingerprints]:
    """Return fingerprints of articles as they are and as if they had no times."""
    passages = [article_sentences(article, max_sentences) for article in articles]
    vectors = encode_sentences([sentence for passage in passages for sentence in passage], encoder, cache)
    timeless = [replace(article, published=None) for article in articles]
    return (
        fingerprint_articles(articles, passages, vectors, calibration),
        fingerprint_articles(timeless, passages, vectors, calibration),
    )


def _of_titled(listed: ListedPairs | None, titled: npt.NDArray[np.bool_]) -> ListedPairs | None:
    """Return the listed pairs by their positions among the articles that have a title."""
    if listed is None:
        return None
    both = titled[listed.pairs].all(axis=1)
    return ListedPairs(pairs=(np.cumsum(titled) - 1)[listed.pairs[both]], same=listed.same[both])
