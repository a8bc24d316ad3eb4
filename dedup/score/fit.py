"""Fit a calibration: language means and the coefficients of the scorer, from articles whose stories are known.

The weights are found by ``dedup.score.logistic``; whether articles are about one thing at all is asked apart, in
``dedup.score.related``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.encode.passages import encode_articles
from dedup.encode.vectors import HalfVectors
from dedup.errors import CalibrationError
from dedup.evidence.background import Background
from dedup.score.calibration import KINDS, Calibration, Scorer
from dedup.score.ceiling import LEAST_WITHOUT_TIMES, ceiling_of_signals
from dedup.score.logistic import fit_scorer, has_both
from dedup.score.related import RelatedPairs, Unrelated, fit_related, related_pairs, unrelated_pairs
from dedup.score.scorer import pair_log_odds
from dedup.score.signals import SIGNALS
from dedup.score.training import (
    CANDIDATE_SIMILARITY,
    LabelledArticle,
    ListedPairs,
    ShownPairs,
    TrainingPairs,
    beside,
    shown_pairs,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from dedup.encode.base import Encoder
    from dedup.encode.vectors import VectorCache

__all__ = [
    "ALLOWED_SIGNALS",
    "COVERAGES_ABOVE_DOCUMENT",
    "LEAST_ARTICLES",
    "PRIOR_LOG_ODDS",
    "SAME_TEXT_SIGNALS",
    "UNDATED_SIMILARITIES",
    "fit_calibration",
    "fit_kind",
    "fit_language_means",
    "unfitted_calibration",
    "with_candidate_bound",
    "with_coverage_bounds",
    "with_scorers",
]

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
_DIGITS = 4
LEAST_ARTICLES = 20
"""A mean vector of a language takes so many articles."""
ALLOWED_SIGNALS: Mapping[str, Collection[str]] = {
    "dated": SIGNALS,
    "undated": SAME_TEXT_SIGNALS,
    "undated_one_language": tuple(
        signal for signal in SIGNALS if not signal.startswith(("places_", "clocks_", "dayparts_"))
    ),
}
"""What the scorer of each kind may weigh.

Places tell siblings of one day apart; of reports without times, as in the ECB+ train split, they tell nothing that
names do not (cross-validated B-cubed F1 0.840 without them, 0.836 with), and nor do times of day (average precision of
the pairs 0.936 without them, 0.935 with). Times of day would help pairs of two languages without times a little
(cross-validated B-cubed F1 of siblings 0.645 for 0.638, of families 0.515 for 0.503), and cost them their bound of
candidates, 0.4, which spares most of the search."""
PRIOR_LOG_ODDS: Mapping[str, float] = {"dated": 0.3, "undated": 0.0, "undated_one_language": -0.25}
"""What is added to the intercept, chosen by cross-validation at the default threshold.

With times: the families are crowded with siblings of one day on purpose, and of two reports as alike as theirs more are
one story in the news. B-cubed F1 of families and siblings, and the share of the families' siblings that are merged,
before it was asked whether articles are about one thing: 0.757, 0.940 and 16% at 0.3; 0.754, 0.933 and 15% at 0.15;
below, stories fall apart faster than siblings part. Without times a pair may lie any time apart, and precision comes
first: so stories of the ECB+ train split are 98% pure (B-cubed precision)."""
UNDATED_SIMILARITIES = (0.3, 0.35, 0.4)
"""Bounds to choose from for candidates of two languages without times. Both shipped models get 0.4, which leaves out
71% and, with the fast one, 74% of the families' pairs of different stories. No more: 0.45 would cost none of the
families' pairs that join by themselves, but a story of the siblings falls apart, for what is no candidate counts
against joining as much as any pair can. Those of one language keep theirs: 0.35 would already cost 5 of 2,463 pairs of
the ECB+ train split that join, with the fast one 38 of 2,311."""
COVERAGES_ABOVE_DOCUMENT = ((0.2, 0.4), (0.1, 0.2), (0.05, 0.1))
"""By how much coverage, mutual and the better, may exceed the similarity of the articles as a whole, to choose from.
Both shipped models get the last for either kind of pairs without times, which costs none of the 6,600 training pairs
that tell something (``dedup.score.ceiling``); (0, 0) would cost five. A pair that exceeds it is missed only if what
exceeds it, by its weight, is all that lifts the pair above the bound."""
_ABSENT_LOG_ODDS = -4.0
"""Log-odds of a pair that is no candidate: what pairs at the candidates' bound get on the development families."""


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


def fit_calibration(
    labelled: Sequence[LabelledArticle],
    encoder: Encoder,
    *,
    max_sentences: int,
    about: Mapping[str, object],
    background: Background,
    further: Sequence[tuple[Sequence[LabelledArticle], float]] = (),
    unrelated: Unrelated | None = None,
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
        unrelated: Articles that are about different things; without them those of different families have to do.
        cache: Vectors on disk.
        progress: Called with the sentences of ``labelled`` encoded since its last call.

    Raises:
        CalibrationError: too few articles of a language, or no two stories.
    """
    articles = [one.article for one in labelled]
    passages, vectors = encode_articles(articles, encoder, max_sentences=max_sentences, cache=cache, progress=progress)
    means = fit_language_means(articles, passages, vectors)
    calibration = unfitted_calibration(encoder, means, background=background, about=about)
    shown, *others = (
        shown_pairs(some, encoder, calibration, max_sentences=max_sentences, cache=cache)
        for some in (labelled, *(some for some, _ in further))
    )
    shares = [share for _, share in further]
    taught = beside(shown, list(zip(others, shares, strict=True)))

    def strangers(some: Sequence[LabelledArticle], listed: ListedPairs | None = None) -> TrainingPairs:
        return unrelated_pairs(some, encoder, calibration, max_sentences=max_sentences, cache=cache, listed=listed)

    pairs = RelatedPairs(related=related_pairs(taught.dated), across=strangers(labelled))
    if unrelated is not None:
        news = strangers(unrelated.labelled, unrelated.listed)
        pairs = replace(pairs, news=news, news_share=unrelated.share)
    return with_scorers(replace(calibration, related=fit_related(pairs)), taught)


def with_scorers(calibration: Calibration, shown: ShownPairs) -> Calibration:
    """Return ``calibration`` with the scorers that fit the pairs of each kind best.

    Of the two kinds without times, one that has no pairs of both labels is judged as the other is.

    Raises:
        CalibrationError: the pairs with times are all of one label, or those without.
    """
    dated = fit_kind(shown.dated, "dated")
    timeless = ("undated", "undated_one_language")
    taught = {kind: shown.of_kind(kind).same for kind in timeless}
    fitted = {kind: fit_kind(shown.of_kind(kind), kind) for kind, same in taught.items() if has_both(same)}
    if not fitted:
        fitted = {timeless[0]: fit_kind(shown.undated, timeless[0])}  # says what is missing
    undated, one_language = (fitted.get(kind) or next(iter(fitted.values())) for kind in timeless)
    scored = replace(calibration, dated=dated, undated=undated, undated_one_language=one_language)
    return with_coverage_bounds(with_candidate_bound(scored, shown.undated), shown)


def with_candidate_bound(calibration: Calibration, pairs: TrainingPairs) -> Calibration:
    """Return ``calibration`` with the bound for two languages without times raised as far as that costs nothing.

    It is the largest of ``UNDATED_SIMILARITIES`` below which none of ``pairs``, which are of that kind, is more likely
    one story than not. Without a time articles are compared whatever lies between them, so what is spared there counts
    most. Where no pair at all is likely, nothing is known of what a bound would cost, and it stays.
    """
    kinds = np.full(len(pairs.same), KINDS.index("undated"), np.int8)
    likely = pair_log_odds(pairs.signals, kinds, calibration) > 0
    nearness = pairs.signals[likely, SIGNALS.index("document")]
    costless = [bound for bound in UNDATED_SIMILARITIES if nearness.size and bound <= nearness.min()]
    bound = max([CANDIDATE_SIMILARITY["undated"], *costless])
    return replace(calibration, undated=replace(calibration.undated, candidate_similarity=bound))


def with_coverage_bounds(calibration: Calibration, shown: ShownPairs) -> Calibration:
    """Return ``calibration`` with the bounds of coverage of pairs without times as tight as they can be at no cost.

    Those are the last of ``COVERAGES_ABOVE_DOCUMENT`` with which each of the pairs shown that tells something can still
    be found to do so. Where none does, nothing is known of what a bound would cost, and there is none.
    """

    def bounded(kind: str) -> Scorer:
        scorer: Scorer = getattr(calibration, kind)
        signals = shown.of_kind(kind).signals
        kinds = np.full(len(signals), KINDS.index(kind), np.int8)
        telling = signals[pair_log_odds(signals, kinds, calibration) > LEAST_WITHOUT_TIMES]
        costless = [
            above
            for above in COVERAGES_ABOVE_DOCUMENT
            if len(telling) and (ceiling_of_signals(telling, scorer, above) > LEAST_WITHOUT_TIMES).all()
        ]
        return replace(scorer, coverage_above_document=costless[-1] if costless else None)

    undated, one_language = bounded("undated"), bounded("undated_one_language")
    return replace(calibration, undated=undated, undated_one_language=one_language)


def fit_kind(pairs: TrainingPairs, kind: str, signals: Collection[str] = SIGNALS) -> Scorer:
    """Return the scorer for pairs of one of ``KINDS``, weighing those of ``signals`` that the kind allows.

    Raises:
        CalibrationError: the pairs are all of one label.
    """
    allowed = [signal for signal in signals if signal in ALLOWED_SIGNALS[kind]]
    fitted = fit_scorer(pairs, CANDIDATE_SIMILARITY[kind], allowed)
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
