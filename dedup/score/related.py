"""Whether two articles are about one thing: what that is fitted on, and the fit.

The scorer of pairs with times is fitted where siblings are told apart, among articles that all are about one thing. Of
two that have nothing to do with each other it knows little, and in a stream of thousands a day nearly all pairs are
such. So it is asked apart: of the articles of one family against those of different families and, where there are any,
of unrelated news, all with times as near as those of siblings.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup.encode.fingerprint import fingerprint_articles
from dedup.encode.passages import encode_articles
from dedup.score.calibration import Calibration, Relatedness
from dedup.score.logistic import fit_scorer
from dedup.score.signals import SIGNALS
from dedup.score.training import (
    CANDIDATE_SIMILARITY,
    LabelledArticle,
    ListedPairs,
    TrainingPairs,
    concatenate,
    counting,
    training_pairs,
)

if TYPE_CHECKING:
    from dedup.encode.base import Encoder
    from dedup.encode.vectors import VectorCache

__all__ = ["RELATED_SIGNALS", "RelatedPairs", "Unrelated", "fit_related", "related_pairs", "unrelated_pairs"]

RELATED_SIGNALS = (
    "document",
    "document_above",
    "coverage",
    "coverage_above",
    "coverage_better",
    "headline",
    "same_language",
    "names_shared",
    "names_shared_in_leads",
    "names_part",
    "names_lead_part",
    "names_known",
    "numbers_shared",
    "numbers_shared_in_leads",
    "numbers_part",
    "numbers_lead_part",
    "numbers_known",
    "figures_agreeing",
    "days_shared",
    "weekdays_shared",
    "months_shared",
    "places_lead_part",
    "places_known",
)
"""What articles have in common. When they appeared says nothing here, what is in conflict tells siblings apart, and
whatever has more in common must not be less related."""
PRIOR_LOG_ODDS = -1.5
"""What is added to the intercept: in the news articles about one thing are few among the candidates. Of 3,000 real
articles that appeared over ten days apart, with times made within 36 hours, 872 fell into stories with one another
before there was this factor and unrelated news taught the scorer itself, and 504, 432 and 383 with it at -1.5, -2 and
-2.5; cross-validated by family, B-cubed F1 of families and siblings was 0.781 and 0.972 before, 0.788 and 0.960, 0.783
and 0.953, 0.784 and 0.947 with it, and of the families 16.4% of the siblings were merged before, 15.3%, 14.6% and 13.6%
with it."""
ACROSS_SHARE = 0.3
"""What the pairs across families count beside those within one: they are written alike, real news are not."""
_SPREAD_DAYS = 5.0
_FEW = SIGNALS.index("few_sentences")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrelated:
    """Articles with times, and pairs of them that are about different things."""

    labelled: Sequence[LabelledArticle]
    listed: ListedPairs
    share: float
    """What the pairs count together beside those that are about one thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedPairs:
    """Pairs with times that are about one thing, and pairs that are not: rows for a fit."""

    related: TrainingPairs
    across: TrainingPairs
    """Of different families."""
    news: TrainingPairs | None = None
    """Of unrelated news."""
    news_share: float = 0.0

    def without(self, held_out: npt.NDArray[np.bool_]) -> RelatedPairs:
        """Return the pairs of families that are not held out, and all of the news: see ``TrainingPairs.without``."""
        return replace(self, related=self.related.without(held_out), across=self.across.without(held_out))


def related_pairs(dated: TrainingPairs) -> TrainingPairs:
    """Return those of some training pairs with times that are about one thing: of one family, and not headlines alone.

    Two headlines about one thing need not have a word in common.
    """
    return dated.chosen(_are_texts(dated) & (dated.families[:, 0] == dated.families[:, 1]))


def _are_texts(pairs: TrainingPairs) -> npt.NDArray[np.bool_]:
    texts: npt.NDArray[np.bool_] = pairs.signals[:, _FEW] < 1
    return texts


def unrelated_pairs(
    labelled: Sequence[LabelledArticle],
    encoder: Encoder,
    calibration: Calibration,
    *,
    max_sentences: int,
    cache: VectorCache | None = None,
    listed: ListedPairs | None = None,
) -> TrainingPairs:
    """Return the pairs of ``labelled`` across families, all families moved into one week; or those of ``listed``."""
    if listed is None:
        labelled, listed = _moved_together(labelled), _across_families(labelled)
    articles = [one.article for one in labelled]
    passages, vectors = encode_articles(articles, encoder, max_sentences=max_sentences, cache=cache)
    prints = fingerprint_articles(articles, passages, vectors, calibration)
    found = training_pairs(labelled, prints, max_sentences=max_sentences, kind="dated", listed=listed)
    return found.chosen(_are_texts(found))


def _moved_together(labelled: Sequence[LabelledArticle]) -> list[LabelledArticle]:
    """Return the articles at other times: each family keeps its hours, and all begin within ``_SPREAD_DAYS``."""
    times = {
        family: [one.article.published for one in labelled if one.family == family and one.article.published]
        for family in sorted({one.family for one in labelled})
    }
    first = {family: min(some) for family, some in times.items() if some}
    if not first:
        return list(labelled)
    begin = min(first.values())
    step = timedelta(days=_SPREAD_DAYS) / len(first)
    move = {family: begin + place * step - first[family] for place, family in enumerate(first)}
    return [
        replace(one, article=replace(one.article, published=one.article.published + move[one.family]))
        if one.article.published
        else one
        for one in labelled
    ]


def _across_families(labelled: Sequence[LabelledArticle]) -> ListedPairs:
    family = np.unique([one.family for one in labelled], return_inverse=True)[1]
    pairs = np.stack(np.triu_indices(len(labelled), 1), axis=1)
    pairs = pairs[family[pairs[:, 0]] != family[pairs[:, 1]]]
    return ListedPairs(pairs=pairs, same=np.zeros(len(pairs), np.bool_))


def fit_related(pairs: RelatedPairs, signals: Collection[str] = SIGNALS) -> Relatedness | None:
    """Return the weights of ``signals`` that tell pairs about one thing; None where there are no such, or no others."""
    whole = pairs.related.weights.sum()
    unrelated = [counting(pairs.across, ACROSS_SHARE * whole)]
    if pairs.news is not None:
        unrelated.append(counting(pairs.news, pairs.news_share * whole))
    others = concatenate(unrelated)
    if not len(others.same) or not len(pairs.related.same):
        return None
    both = concatenate([_labelled(pairs.related, True), _labelled(others, False)])
    allowed = [signal for signal in RELATED_SIGNALS if signal in signals]
    fitted = fit_scorer(both, CANDIDATE_SIMILARITY["dated"], allowed)
    return Relatedness(
        intercept=round(fitted.intercept + PRIOR_LOG_ODDS, 4),
        coefficients={signal: weight for signal, weight in fitted.coefficients.items() if weight},
    )


def _labelled(pairs: TrainingPairs, label: bool) -> TrainingPairs:
    return replace(pairs, same=np.full(len(pairs.same), label))
