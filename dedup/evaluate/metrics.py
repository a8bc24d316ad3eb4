"""Measures of a grouping against a reference.

All of them come from counts: how many articles each predicted story, each reference story and each *cell*
(predicted story, reference story) holds. That is O(articles + cells); no pair of articles is ever listed. In the
formulas below c is a predicted story, s a reference story, n_c and n_s their sizes, n_cs the size of their cell,
N the number of articles and C(n, 2) = n (n - 1) / 2 the number of pairs among n articles.

Nothing to get wrong counts as right: a precision over nothing predicted, or a recall over nothing to find, is 1.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from math import fsum
from typing import Any

from dedup.article import UNDETERMINED

__all__ = [
    "Contingency",
    "PairScore",
    "Score",
    "SiblingMerges",
    "adjusted_rand",
    "align",
    "b_cubed",
    "contingency",
    "language_pairs",
    "largest_story",
    "pairwise",
    "sibling_merges",
    "whole_stories",
]

Grouping = Mapping[str, Hashable]
"""Article id -> its story, by any name that can be a dictionary's key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Precision and recall, and their harmonic mean; each from 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 0 where both are 0."""
        return _harmonic_mean(self.precision, self.recall)

    def to_dict(self) -> dict[str, float]:
        """Return the three numbers by name, ready for JSON."""
        return {"precision": self.precision, "recall": self.recall, "f1": self.f1}


@dataclass(frozen=True, slots=True, kw_only=True)
class PairScore:
    """Precision and recall over pairs of articles, with the counts that they come from."""

    shared: int
    """Pairs that are together in the prediction and in the reference."""
    predicted: int
    """Pairs that are together in the prediction."""
    reference: int
    """Pairs that are together in the reference."""

    @property
    def precision(self) -> float:
        """``shared / predicted``; 1 where nothing was predicted."""
        return _share(self.shared, self.predicted)

    @property
    def recall(self) -> float:
        """``shared / reference``; 1 where there is nothing to find."""
        return _share(self.shared, self.reference)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 0 where both are 0."""
        return _harmonic_mean(self.precision, self.recall)

    def to_dict(self) -> dict[str, float | int]:
        """Return scores and counts by name, ready for JSON."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "shared_pairs": self.shared,
            "predicted_pairs": self.predicted,
            "reference_pairs": self.reference,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SiblingMerges:
    """How many pairs of articles of one family, but of different stories, ended in one predicted story."""

    merged: int
    pairs: int

    @property
    def share(self) -> float | None:
        """``merged / pairs``, from 0 (all told apart) to 1; None where there are no siblings."""
        return self.merged / self.pairs if self.pairs else None

    def to_dict(self) -> dict[str, Any]:
        """Return share and counts by name, ready for JSON."""
        return {"share": self.share, "merged_pairs": self.merged, "sibling_pairs": self.pairs}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contingency:
    """The contingency table of a prediction and a reference; cells without an article are not in it."""

    cells: Mapping[tuple[Hashable, Hashable], int]
    """(predicted story, reference story) -> articles in both."""
    predicted: Mapping[Hashable, int]
    """Predicted story -> articles."""
    reference: Mapping[Hashable, int]
    """Reference story -> articles."""

    @property
    def articles(self) -> int:
        """The number of articles in the table."""
        return sum(self.reference.values())


def align(prediction: Grouping, reference: Grouping) -> dict[str, Hashable]:
    """Return the prediction for just the articles of the reference.

    An article that the prediction lacks is a story of one; an article that only the prediction has is left out.

    >>> align({"a": "x", "extra": "x"}, {"a": 1, "lost": 1})
    {'a': 'x', 'lost': ('lost',)}
    """
    # A tuple can be the name of no story that was read from a file, so it never joins an article to another.
    return {article: prediction.get(article, (article,)) for article in reference}


def contingency(prediction: Grouping, reference: Grouping) -> Contingency:
    """Count the articles of the reference by predicted story, by reference story and by both; see ``align``.

    >>> table = contingency({"a": "x", "b": "x", "c": "y"}, {"a": 1, "b": 1, "c": 1})
    >>> dict(table.cells)
    {('x', 1): 2, ('y', 1): 1}
    """
    predicted = align(prediction, reference)
    return Contingency(
        cells=Counter(zip(predicted.values(), reference.values(), strict=True)),
        predicted=Counter(predicted.values()),
        reference=Counter(reference.values()),
    )


def b_cubed(table: Contingency) -> Score:
    """Return B-cubed precision and recall (Bagga & Baldwin 1998; Amigó et al. 2009).

    For each article: the share of its predicted story that is of its reference story (precision), and the share of
    its reference story that is in its predicted story (recall); then the mean over articles::

        precision = 1/N · Σ_cs n_cs² / n_c        recall = 1/N · Σ_cs n_cs² / n_s

    Without any article both are 1.

    >>> score = b_cubed(contingency({"a": "x", "b": "x", "c": "y"}, {"a": 1, "b": 1, "c": 1}))
    >>> score.precision, round(score.recall, 4), round(score.f1, 4)
    (1.0, 0.5556, 0.7143)
    """
    articles = table.articles
    if not articles:
        return Score(precision=1.0, recall=1.0)
    # fsum is exact before its one rounding, so the order of the articles cannot show.
    precision = fsum(n * n / table.predicted[predicted] for (predicted, _), n in table.cells.items()) / articles
    recall = fsum(n * n / table.reference[reference] for (_, reference), n in table.cells.items()) / articles
    return Score(precision=precision, recall=recall)


def pairwise(table: Contingency) -> PairScore:
    """Return precision and recall over the pairs of articles that are together::

        precision = Σ_cs C(n_cs, 2) / Σ_c C(n_c, 2)        recall = Σ_cs C(n_cs, 2) / Σ_s C(n_s, 2)

    Where the prediction joins no two articles, precision is 1; where the reference joins none, recall is 1.

    >>> score = pairwise(contingency({"a": "x", "b": "x", "c": "y"}, {"a": 1, "b": 1, "c": 1}))
    >>> score.precision, round(score.recall, 4), score.f1
    (1.0, 0.3333, 0.5)
    """
    return PairScore(
        shared=_pairs(table.cells.values()),
        predicted=_pairs(table.predicted.values()),
        reference=_pairs(table.reference.values()),
    )


def adjusted_rand(table: Contingency) -> float:
    """Return the adjusted Rand index (Hubert & Arabie 1985): 1 for equal groupings, about 0 for independent ones.

    With S = Σ_cs C(n_cs, 2), P = Σ_c C(n_c, 2), R = Σ_s C(n_s, 2) and T = C(N, 2)::

        (S - P R / T) / ((P + R) / 2 - P R / T)

    It is 0 / 0 only where both groupings are all singles, or both one single story, or N < 2: equal, hence 1.

    >>> adjusted_rand(contingency({"a": 1, "b": 1, "c": 2, "d": 2}, {"a": 1, "b": 1, "c": 1, "d": 2}))
    0.0
    """
    pairs = pairwise(table)
    total = _pairs([table.articles])
    product = pairs.predicted * pairs.reference
    # Both sides times 2 T, so that everything before the division is a whole number.
    numerator = 2 * (total * pairs.shared - product)
    denominator = total * (pairs.predicted + pairs.reference) - 2 * product
    return numerator / denominator if denominator else 1.0


def whole_stories(table: Contingency, *, smallest: int = 1) -> float | None:
    """Return the share of the reference stories that are a predicted story exactly: nothing missing, nothing more.

    Counted are the reference stories of at least ``smallest`` articles: those s where some c has
    n_cs = n_c = n_s, over all of them. None where there are none.

    >>> table = contingency({"a": "x", "b": "x", "c": "y", "d": "y"}, {"a": 1, "b": 1, "c": 2, "d": 3})
    >>> round(whole_stories(table), 4), whole_stories(table, smallest=2), whole_stories(table, smallest=3)
    (0.3333, 1.0, None)
    """
    stories = sum(size >= smallest for size in table.reference.values())
    whole = sum(
        n >= smallest and n == table.predicted[predicted] == table.reference[reference]
        for (predicted, reference), n in table.cells.items()
    )
    return whole / stories if stories else None


def largest_story(prediction: Grouping) -> int:
    """Return the size of the largest predicted story, to see chaining at once; 0 without any article.

    >>> largest_story({"a": "x", "b": "x", "c": "y"})
    2
    """
    return max(Counter(prediction.values()).values(), default=0)


def sibling_merges(prediction: Grouping, reference: Grouping, family: Grouping) -> SiblingMerges:
    """Count the pairs of articles of one family and different reference stories, and those of them put together.

    With n_f, n_fs, n_fc and n_fcs the articles of family f in all, in reference story s, in predicted story c, and
    in both::

        pairs = Σ_f C(n_f, 2) - Σ_fs C(n_fs, 2)        merged = Σ_fc C(n_fc, 2) - Σ_fcs C(n_fcs, 2)

    Articles without a family are left out.

    >>> reference, family = {"a": 1, "b": 1, "c": 2, "d": 3}, {"a": "quakes", "b": "quakes", "c": "quakes"}
    >>> sibling_merges({"a": "x", "b": "y", "c": "y", "d": "y"}, reference, family)
    SiblingMerges(merged=1, pairs=2)
    """
    rows = [
        (family[article], story, predicted)
        for article, story, predicted in _rows(prediction, reference)
        if article in family
    ]
    return SiblingMerges(
        pairs=_pairs_within(f for f, _, _ in rows) - _pairs_within((f, s) for f, s, _ in rows),
        merged=_pairs_within((f, c) for f, _, c in rows) - _pairs_within(rows),
    )


def language_pairs(
    prediction: Grouping, reference: Grouping, language: Mapping[str, str]
) -> dict[tuple[str, str], PairScore]:
    """Return ``pairwise`` for the pairs of articles of each two languages, and within each language.

    The keys are the two languages in alphabetical order, ``(a, a)`` within one. An article without a language is
    ``und``. Two languages of which neither grouping joins any articles are left out: there is nothing to measure.

    >>> languages = {"a": "en", "b": "tr", "c": "tr"}
    >>> language_pairs({"a": "x", "b": "x", "c": "y"}, {"a": 1, "b": 1, "c": 1}, languages)[("en", "tr")]
    PairScore(shared=1, predicted=1, reference=2)
    """
    rows = [(language.get(article, UNDETERMINED), s, c) for article, s, c in _rows(prediction, reference)]
    shared = _language_pairs_within((tag, (s, c)) for tag, s, c in rows)
    predicted = _language_pairs_within((tag, c) for tag, _, c in rows)
    expected = _language_pairs_within((tag, s) for tag, s, _ in rows)
    return {
        key: PairScore(shared=shared[key], predicted=predicted[key], reference=expected[key])
        for key in sorted(predicted.keys() | expected.keys())
    }


def _rows(prediction: Grouping, reference: Grouping) -> Iterable[tuple[str, Hashable, Hashable]]:
    """Return (article, reference story, predicted story) for each article of the reference."""
    predicted = align(prediction, reference)
    return ((article, story, predicted[article]) for article, story in reference.items())


def _pairs(sizes: Iterable[int]) -> int:
    """Return Σ C(n, 2)."""
    return sum(n * (n - 1) // 2 for n in sizes)


def _pairs_within(groups: Iterable[Hashable]) -> int:
    """Return how many pairs of articles are in the same group, given the group of each article."""
    return _pairs(Counter(groups).values())


def _language_pairs_within(rows: Iterable[tuple[str, Hashable]]) -> Counter[tuple[str, str]]:
    """Return how many pairs of articles are in the same group by their two languages, given (language, group) rows."""
    by_group: defaultdict[Hashable, list[tuple[str, int]]] = defaultdict(list)
    for (tag, group), n in Counter(rows).items():
        by_group[group].append((tag, n))
    pairs: Counter[tuple[str, str]] = Counter()
    for counts in by_group.values():
        counts.sort()
        for i, (first, n) in enumerate(counts):
            if n > 1:
                pairs[first, first] += n * (n - 1) // 2
            for second, m in counts[i + 1 :]:
                pairs[first, second] += n * m
    return pairs


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _harmonic_mean(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0
