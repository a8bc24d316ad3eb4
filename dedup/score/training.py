"""Labelled articles, and the pairs of them that scorers are fitted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.encode.fingerprint import Fingerprints, fingerprint_articles
from dedup.encode.passages import encode_articles
from dedup.score.calibration import KINDS, Calibration
from dedup.score.signals import Pairs, pair_signals

if TYPE_CHECKING:
    from dedup.encode.base import Encoder
    from dedup.encode.vectors import VectorCache

__all__ = [
    "CANDIDATE_SIMILARITY",
    "ONE_LANGUAGE_SIMILARITY",
    "LabelledArticle",
    "ListedPairs",
    "ShownPairs",
    "TrainingPairs",
    "beside",
    "concatenate",
    "counting",
    "shown_pairs",
    "training_pairs",
]

_PAIRS_AT_ONCE = 65_536
CANDIDATE_SIMILARITY: Mapping[str, float] = {"dated": 0.15, "undated": 0.3, "undated_one_language": 0.3}
"""Least similarity at which a pair teaches, and is scored unless the fit finds that more is needed. With times:
independent reports are often no nearer, and the window of days keeps candidates few. Without, no translation of the
families is below."""
ONE_LANGUAGE_SIMILARITY = 0.3
"""The same for pairs of one language, which are nearer to each other whatever they tell: below, the families have 173
pairs of siblings and 11 of one story, all of which would be kept apart."""
_WINDOW_HOURS = 7 * 24.0
"""Pairs further apart are no candidates by default and teach nothing."""


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

    def without(self, held_out: npt.NDArray[np.bool_]) -> TrainingPairs:
        """Return the pairs neither of whose articles is of a family held out: bool ``[families]``, by number."""
        return self.chosen(~(held_out[self.families[:, 0]] | held_out[self.families[:, 1]]))

    def chosen(self, rows: npt.NDArray[np.bool_]) -> TrainingPairs:
        """Return some of the pairs: bool ``[n]``."""
        return TrainingPairs(
            signals=self.signals[rows], same=self.same[rows], families=self.families[rows], weights=self.weights[rows]
        )


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


def beside(shown: ShownPairs, others: Sequence[tuple[ShownPairs, float]]) -> ShownPairs:
    """Return all pairs together; of each kind those of another set count its share of what those of ``shown`` count."""
    return ShownPairs(
        **{
            kind: concatenate(
                [
                    shown.of_kind(kind),
                    *(
                        counting(other.of_kind(kind), share * shown.of_kind(kind).weights.sum())
                        for other, share in others
                    ),
                ]
            )
            for kind in KINDS
        }
    )


def counting(pairs: TrainingPairs, total: float) -> TrainingPairs:
    """Return the pairs with weights that sum to ``total``, where there are any."""
    return replace(pairs, weights=pairs.weights * (total / max(1.0, pairs.weights.sum())))


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
    passages, vectors = encode_articles(articles, encoder, max_sentences=max_sentences, cache=cache)
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
