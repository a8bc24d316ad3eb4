"""What a calibration is fitted from: the labelled articles that come with the package, and the user's."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup.article import UNDETERMINED, Article
from dedup.calibrate.labelled import LabelledNews
from dedup.encode.fingerprint import Fingerprints, fingerprint_articles
from dedup.encode.passages import encode_articles
from dedup.encode.vectors import HalfVectors
from dedup.errors import CalibrationError
from dedup.score.calibration import KINDS, Calibration
from dedup.score.fit import LEAST_ARTICLES, fit_language_means, unfitted_calibration, with_scorers
from dedup.score.logistic import has_both
from dedup.score.related import RelatedPairs, fit_related, related_pairs, unrelated_pairs
from dedup.score.training import LabelledArticle, ShownPairs, TrainingPairs, beside, concatenate, shown_pairs

if TYPE_CHECKING:
    from dedup.encode.base import Encoder
    from dedup.encode.vectors import VectorCache
    from dedup.evidence.background import Background

__all__ = ["Material", "collect_material", "fit_with_labels", "fit_without_labels"]

_MOST_WEIGHT = 16.0
"""How much more a pair of the user's may count than a shipped one. On the development sets with 100 to 200 articles
about what makes both count the same; once each, their labels change next to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything that fits share: encoded once, made into pairs once."""

    news: LabelledNews
    """The user's."""
    passages: Sequence[Sequence[str]]
    """The sentences of each of the user's articles."""
    vectors: HalfVectors
    """float16, raw, of those sentences."""
    unfitted: Calibration
    """Language means, background and whether articles are about one thing at all, without scorers."""
    shipped: ShownPairs
    mine: ShownPairs
    max_sentences: int

    @property
    def families(self) -> npt.NDArray[np.int64]:
        """Number of the family of each of the user's articles, as in ``TrainingPairs.families``: int64 ``[n]``."""
        numbers: npt.NDArray[np.int64] = np.unique([one.family for one in self.news.articles], return_inverse=True)[1]
        return numbers

    def prints(self, calibration: Calibration) -> Fingerprints:
        """Return fingerprints of the user's articles by the constants of a calibration."""
        articles = [one.article for one in self.news.articles]
        return fingerprint_articles(articles, self.passages, self.vectors, calibration)


def collect_material(
    news: LabelledNews,
    encoder: Encoder,
    *,
    max_sentences: int,
    shipped: Sequence[LabelledArticle] | None = None,
    background: Background | None = None,
    about: Mapping[str, object] | None = None,
    cache: VectorCache | None = None,
    progress: Callable[[int], None] | None = None,
) -> Material:
    """Encode the labelled articles and make them into training pairs.

    Means of the five languages come from the shipped families, which tell the same things in all of them. A language
    that only the user has gets the mean of the user's articles, if there are enough; no label goes into a mean.

    Args:
        news: The user's labelled articles.
        encoder: The model to calibrate.
        max_sentences: Sentences read of each article.
        shipped: The families that come with the package, for None.
        background: How common names are; for None what comes with the package.
        about: What the calibration says of itself.
        cache: Vectors on disk.
        progress: Called with the number of distinct sentences encoded since its last call.

    Raises:
        CalibrationError: a language of ``shipped`` has too few articles.
    """
    from dedup.data.families import read_families, read_further
    from dedup.score.calibration import shipped_calibration
    from dedup.score.registry import shipped_for

    further = read_further() if shipped is None else ()
    shipped = read_families() if shipped is None else shipped
    background = shipped_calibration().background if background is None else background
    articles = [one.article for one in (*shipped, *news.articles)]
    passages, vectors = encode_articles(articles, encoder, max_sentences=max_sentences, cache=cache, progress=progress)
    theirs = len(shipped)
    cut = sum(len(passage) for passage in passages[:theirs])
    means = fit_language_means(articles[:theirs], passages[:theirs], vectors[:cut])
    means |= _further_means(articles[theirs:], passages[theirs:], vectors[cut:], known=means)
    unfitted = unfitted_calibration(encoder, means, background=background, about=about or {})
    shipped_shown, my_shown, *others = (
        shown_pairs(labelled, encoder, unfitted, max_sentences=max_sentences, cache=cache, listed=listed)
        for labelled, listed in ((shipped, None), (news.articles, news.listed), *((some, None) for some, _ in further))
    )
    shipped_pairs = beside(shipped_shown, [(shown, share) for shown, (_, share) in zip(others, further, strict=True)])
    known = shipped_for(encoder)
    if known is not None:
        related = known.related  # it was fitted on unrelated news too, which do not come with the package
    else:
        across = unrelated_pairs(shipped, encoder, unfitted, max_sentences=max_sentences, cache=cache)
        related = fit_related(RelatedPairs(related=related_pairs(shipped_pairs.dated), across=across))
    return Material(
        news=news,
        passages=passages[theirs:],
        vectors=vectors[cut:],
        unfitted=replace(unfitted, related=related),
        shipped=shipped_pairs,
        mine=my_shown,
        max_sentences=max_sentences,
    )


def _further_means(
    articles: Sequence[Article], passages: Sequence[Sequence[str]], vectors: HalfVectors, *, known: Collection[str]
) -> dict[str, npt.NDArray[np.float32]]:
    """Return the means of languages that are not ``known`` and have enough articles."""
    counts = Counter(article.language for article in articles)
    further = [
        article.language not in (*known, UNDETERMINED) and counts[article.language] >= LEAST_ARTICLES
        for article in articles
    ]
    rows = np.repeat(np.array(further, np.bool_), [len(passage) for passage in passages])
    chosen = list(itertools.compress(articles, further))
    return fit_language_means(chosen, list(itertools.compress(passages, further)), vectors[rows])


def fit_without_labels(material: Material) -> Calibration:
    """Return the calibration that the shipped families give by themselves."""
    return with_scorers(material.unfitted, material.shipped)


def fit_with_labels(
    material: Material, *, only_mine: bool = False, held_out: npt.NDArray[np.bool_] | None = None
) -> Calibration:
    """Return the calibration that the user's labels give, together with the shipped families.

    The user's pairs, mostly far fewer, are weighed to count as much as the shipped ones, up to 16 times each.

    Args:
        material: What to fit.
        only_mine: Leave the pairs of the shipped families out. A scorer about which the user's labels say nothing, as
            that for pairs without times where all articles have times, is then fitted on the shipped families alone.
        held_out: bool ``[families]``, by number: families of the user's that must teach nothing.

    Raises:
        CalibrationError: with ``only_mine``, neither scorer can be fitted on the user's labels.
    """
    mine = {kind: material.mine.of_kind(kind) for kind in KINDS}
    if held_out is not None:
        mine = {kind: pairs.without(held_out) for kind, pairs in mine.items()}
    if only_mine and not any(has_both(pairs.same) for pairs in mine.values()):
        raise CalibrationError(
            "too few labelled pairs are candidates, of one story and of different ones; label more, or leave out "
            "--only-mine"
        )
    shown = {}
    for kind, pairs in mine.items():
        shipped = material.shipped.of_kind(kind)
        shown[kind] = (pairs if has_both(pairs.same) else shipped) if only_mine else _balanced(shipped, pairs)
    return with_scorers(material.unfitted, ShownPairs(**shown))


def _balanced(shipped: TrainingPairs, mine: TrainingPairs) -> TrainingPairs:
    """Return both; the user's pairs count as much as the others, but at most ``_MOST_WEIGHT`` each."""
    weight = min(_MOST_WEIGHT, max(1.0, shipped.weights.sum() / max(1, len(mine.same))))
    return concatenate([shipped, replace(mine, weights=np.full(len(mine.same), weight))])
