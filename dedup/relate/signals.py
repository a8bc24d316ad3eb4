"""What tells how the articles of a story stand to each other: numbers for the models of ``RelationWeights``.

Every number depends on the articles of one story alone. Lengths are in characters, times in hours since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.encode.fingerprint import Fingerprints
from dedup.score.relation_weights import LinearModel
from dedup.score.signals import SIGNALS, Pairs, pair_signals

__all__ = [
    "ORIGINAL_SIGNALS",
    "TEXT_SIGNALS",
    "UPDATE_SIGNALS",
    "Material",
    "compared_pairs",
    "linear_scores",
    "original_candidates",
    "original_signals",
    "projections",
    "reading_order",
    "same_text_odds",
    "text_signals",
    "update_signals",
]

Numbers = npt.NDArray[np.float64]

TEXT_SIGNALS = (
    "coverage",
    "coverage_better",
    "same_language",
    "few_sentences",
    "few_sentences_coverage",
    "same_language_few_sentences",
    "numbers_part",
    "numbers_known",
    "names_part",
    "names_known",
)
"""Signals of ``dedup.score.signals``, and one made of two, for "the same text": of two whole articles in one language
more is asked than of a translation, of two headlines it is not. Time is none: a translation may come days later."""

ORIGINAL_SIGNALS = ("same_text", "same_text_coverage", "coverage", "cut", "earliest")
"""Of an article in its story: how many others have its text, how well it covers them and they it, and likewise all
others, how much shorter it is than the same text in its own language, whether no known time is earlier."""

UPDATE_SIGNALS = (
    "coverage",
    "coverage_better",
    "headline",
    "same_language",
    "length",
    "dated",
    "first_day",
    "later_days",
)
"""Of an article and the first report: signals of ``dedup.score.signals``, how much longer it is, and the time since."""

_PAIR_SIGNALS_OF_UPDATES = UPDATE_SIGNALS[:4]
_MOST_COMPARED = 32
"""An article is compared with so many of those before it, the nearest: a story of 10,000 has 50 million pairs."""
_NEAR_DECIMALS = 4
_NUMBERS_AT_ONCE = 4_000_000
_MOST_LATER_DAYS = 3.0
_SCORE_DECIMALS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What is read of ``n`` articles, column by column."""

    fingerprints: Fingerprints
    lengths: Numbers
    """float64 ``[n]``: natural logarithm of the characters."""
    max_sentences: int

    @classmethod
    def of(cls, articles: Sequence[Article], fingerprints: Fingerprints, max_sentences: int) -> Material:
        """Collect it from articles and their fingerprints."""
        lengths = np.log(np.maximum(1, np.array([len(article.text) for article in articles], np.float64)))
        return cls(fingerprints=fingerprints, lengths=lengths, max_sentences=max_sentences)

    @property
    def hours(self) -> Numbers:
        """float64 ``[n]``, NaN where unknown."""
        return self.fingerprints.hours


def reading_order(story: npt.NDArray[np.int64], material: Material) -> npt.NDArray[np.int64]:
    """Return the positions of a story in the order of time; those without one last, the longest first."""
    order = np.lexsort((story, -material.lengths[story], material.hours[story]))  # NaN comes last
    return story[order]


def compared_pairs(stories: Sequence[npt.NDArray[np.int64]], material: Material) -> Pairs:
    """Return the pairs of articles that are compared: all of a story, or each with the nearest of those before it.

    Args:
        stories: Positions of each story's articles, each in its ``reading_order``.
        material: Of all articles.

    Returns:
        int64 ``[p, 2]``, the smaller position first, sorted.
    """
    parts = [np.empty((0, 2), np.int64)]
    for story in stories:
        if len(story) <= _MOST_COMPARED + 1:
            later, earlier = np.tril_indices(len(story), -1)
        else:
            later, earlier = _nearest_before(material.fingerprints.documents[story])
        parts.append(np.stack([story[later], story[earlier]], axis=1))
    return np.unique(np.sort(np.concatenate(parts), axis=1), axis=0)


def _nearest_before(documents: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    later, earlier = [], []
    rows = max(1, _NUMBERS_AT_ONCE // len(documents))
    for start in range(0, len(documents), rows):
        end = min(start + rows, len(documents))
        # rounded, so that the last bits of a product choose no neighbour
        distance = -np.round(documents[start:end] @ documents[:end].T, _NEAR_DECIMALS)
        place = np.arange(start, end)
        distance[np.arange(end)[None, :] >= place[:, None]] = np.inf
        most = min(_MOST_COMPARED, end - 1)
        nearest = np.argpartition(distance, most - 1, axis=1)[:, :most] if most else np.empty((end - start, 0), int)
        row, column = np.nonzero(np.isfinite(np.take_along_axis(distance, nearest, axis=1)))
        later.append(place[row])
        earlier.append(nearest[row, column])
    return np.concatenate(later), np.concatenate(earlier)


def text_signals(material: Material, pairs: Pairs) -> Mapping[str, Numbers]:
    """Return the signals of ``pairs`` by name: float64 ``[len(pairs)]`` each."""
    return _text_signals(material.fingerprints, pairs, material.max_sentences)


def same_text_odds(fingerprints: Fingerprints, pairs: Pairs, model: LinearModel, *, max_sentences: int) -> Numbers:
    """Return the log-odds that ``pairs`` are one text, of ``RelationWeights.same_text``: float64 ``[len(pairs)]``."""
    return linear_scores(model, _text_signals(fingerprints, pairs, max_sentences))


def _text_signals(fingerprints: Fingerprints, pairs: Pairs, max_sentences: int) -> Mapping[str, Numbers]:
    signals = pair_signals(fingerprints, pairs, max_sentences=max_sentences).astype(np.float64)
    named = {name: signals[:, column] for column, name in enumerate(SIGNALS)}
    return named | {"same_language_few_sentences": named["same_language"] * named["few_sentences"]}


def original_candidates(story: npt.NDArray[np.int64], hours: Numbers) -> npt.NDArray[np.bool_]:
    """Tell which articles of a story may be its first report: none that is known to be later than another."""
    known = hours[story]
    candidates: npt.NDArray[np.bool_] = np.isnan(known) | (known == _first(known))
    return candidates


def _first(hours: Numbers) -> float:
    return float(np.min(hours, initial=np.inf, where=~np.isnan(hours)))


def original_signals(
    stories: Sequence[npt.NDArray[np.int64]],
    pairs: Pairs,
    coverage: Numbers,
    same_text: Numbers,
    material: Material,
) -> Mapping[str, Numbers]:
    """Return ``ORIGINAL_SIGNALS`` of all articles: float64 ``[n]`` each, 0 for articles in no story.

    Args:
        stories: As in ``compared_pairs``.
        pairs: What ``compared_pairs`` returned.
        coverage: float64 ``[p]``, mutual coverage of the pairs.
        same_text: float64 ``[p]``, probability that a pair is one text.
        material: Of all articles.
    """
    size = len(material.lengths)

    def summed(values: Numbers) -> Numbers:
        total = np.zeros(size)
        for side in (0, 1):
            total += np.bincount(pairs[:, side], values, size)
        return total

    others = np.maximum(1, summed(np.ones(len(pairs))))
    copies = summed(same_text)
    earliest = np.zeros(size)
    for story in stories:
        earliest[story] = material.hours[story] == _first(material.hours[story])
    return {
        "same_text": copies / others,
        "same_text_coverage": np.where(copies > 0.5, summed(same_text * coverage) / np.maximum(copies, 0.5), 0.0),
        "coverage": summed(coverage) / others,
        "cut": _cut(pairs, same_text, material),
        "earliest": earliest,
    }


def _cut(pairs: Pairs, same_text: Numbers, material: Material) -> Numbers:
    """Return by how much each article is shorter than the longest copy of its text in its language."""
    languages = material.fingerprints.languages
    copies = pairs[(same_text > 0.5) & (languages[pairs[:, 0]] == languages[pairs[:, 1]])]
    longest = material.lengths.copy()
    for one, other in ((0, 1), (1, 0)):
        np.maximum.at(longest, copies[:, one], material.lengths[copies[:, other]])
    cut: Numbers = longest - material.lengths
    return cut


def update_signals(
    firsts: npt.NDArray[np.int64],
    others: npt.NDArray[np.int64],
    similarity: Mapping[str, Numbers],
    material: Material,
) -> Mapping[str, Numbers]:
    """Return ``UPDATE_SIGNALS`` of ``others`` against the first reports of their stories: float64 ``[p]`` each.

    ``similarity`` is what ``text_signals`` says of the pairs.
    """
    days = (material.hours[others] - material.hours[firsts]) / 24
    dated = ~np.isnan(days)
    days = np.where(dated, np.maximum(0, days), 0.0)
    return {name: similarity[name] for name in _PAIR_SIGNALS_OF_UPDATES} | {
        "length": material.lengths[others] - material.lengths[firsts],
        "dated": dated.astype(np.float64),
        "first_day": np.minimum(1, days),
        "later_days": np.clip(days - 1, 0, _MOST_LATER_DAYS),
    }


def linear_scores(model: LinearModel, signals: Mapping[str, Numbers], vectors: Numbers | float = 0.0) -> Numbers:
    """Return the scores of ``n`` rows: the weighed sum of their signals, and what their article vectors weigh.

    Args:
        model: Its coefficients name some of ``signals``.
        signals: Name → float64 ``[n]``.
        vectors: float64 ``[n]``, from ``projections``.
    """
    total = model.intercept + vectors + np.zeros(len(next(iter(signals.values()))))
    # a sum in a fixed order, not a matrix product, whose order of summation depends on the number of rows
    for name in sorted(model.coefficients):
        total += signals[name] * model.coefficients[name]
    return np.round(total, _SCORE_DECIMALS)


def projections(model: LinearModel, documents: npt.NDArray[np.float32]) -> Numbers:
    """Return what article vectors weigh in a model: float64 ``[n]``."""
    if not len(model.direction):
        return np.zeros(len(documents))
    weighed: Numbers = np.einsum("ij,j->i", documents, model.direction)
    return np.round(weighed, _SCORE_DECIMALS)
