"""How far the figures of one evaluation would move with other articles of the same kind: bootstrap intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup.evaluate.metrics import Grouping, align, contingency

if TYPE_CHECKING:
    from dedup.evaluate.labels import Labels

__all__ = ["RESAMPLES", "Interval", "Intervals", "bootstrap_intervals", "f1_difference"]

RESAMPLES = 1_000
_LEVEL = 0.95
_SEED = 1

_Rows = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Where a figure lies in the middle 95% of the resamples."""

    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        """Return both ends by name, ready for JSON."""
        return {"low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervals:
    """Percentile bootstrap intervals (Efron & Tibshirani 1993, chapter 13). None where there is nothing to resample."""

    precision: Interval | None
    """B-cubed."""
    recall: Interval | None
    f1: Interval | None
    sibling_merges: Interval | None
    """Share of merged siblings; None without siblings."""
    groups: int
    """Families, and stories without one, that were drawn from."""
    resamples: int

    def to_dict(self) -> dict[str, Any]:
        """Return the intervals by name, ready for JSON."""
        figures = {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "sibling_merges": self.sibling_merges,
        }
        return {
            "level": _LEVEL,
            "groups": self.groups,
            "resamples": self.resamples,
            **{name: interval.to_dict() if interval else None for name, interval in figures.items()},
        }


def bootstrap_intervals(
    prediction: Labels, reference: Labels, *, resamples: int = RESAMPLES, seed: int = _SEED
) -> Intervals:
    """Return 95% intervals of B-cubed precision, recall and F1, and of the share of merged siblings.

    Drawn with replacement are not articles, which depend on each other, but families of the reference, whole; a story
    without a family is drawn by itself. Each article keeps the precision and recall that it has among all articles,
    so that a resample is a weighted mean: O(articles + resamples x families).

    Fewer than two families leave nothing to draw: then there are no intervals. Equal seeds give equal intervals.
    """
    groups, scores = _article_scores(prediction.story, reference)
    counts = _sibling_counts(prediction.story, reference, groups)
    number = len(scores)
    if number < 2:
        return Intervals(precision=None, recall=None, f1=None, sibling_merges=None, groups=number, resamples=0)
    sums = _resampled_sums(np.column_stack([scores, counts]), resamples, seed)
    precision, recall = sums[:, 1] / sums[:, 0], sums[:, 2] / sums[:, 0]
    siblings = sums[:, 4] > 0  # a resample may have drawn none
    return Intervals(
        precision=_interval(precision),
        recall=_interval(recall),
        f1=_interval(_f1(precision, recall)),
        sibling_merges=_interval(sums[siblings, 3] / sums[siblings, 4]) if siblings.any() else None,
        groups=number,
        resamples=resamples,
    )


def f1_difference(
    one: Grouping, other: Grouping, reference: Labels, *, resamples: int = RESAMPLES, seed: int = _SEED
) -> Interval | None:
    """Return the 95% interval of how much higher the B-cubed F1 of ``one`` is than that of ``other``.

    Both are measured on the same resamples, drawn as in ``bootstrap_intervals``: what makes a resample easy or
    hard for both does not blur their difference. None with fewer than two families to draw.
    """
    _, ours = _article_scores(one, reference)
    _, theirs = _article_scores(other, reference)
    if len(ours) < 2:
        return None
    sums = _resampled_sums(np.column_stack([ours, theirs[:, 1:]]), resamples, seed)
    means = sums[:, 1:] / sums[:, :1]
    return _interval(_f1(means[:, 0], means[:, 1]) - _f1(means[:, 2], means[:, 3]))


def _article_scores(prediction: Grouping, reference: Labels) -> tuple[dict[Hashable, int], _Rows]:
    """Return the number of each group that is drawn, and float64 ``[groups, 3]``: articles, and sums over them of
    B-cubed precision and recall.
    """
    groups: dict[Hashable, int] = {}
    table = contingency(prediction, reference.story)
    predicted = align(prediction, reference.story)
    rows: list[tuple[int, float, float]] = []
    for article, story in reference.story.items():
        cell = table.cells[predicted[article], story]
        group = groups.setdefault(_group(article, reference), len(groups))
        rows.append((group, cell / table.predicted[predicted[article]], cell / table.reference[story]))
    columns = np.array(rows, np.float64).reshape(-1, 3)
    place = columns[:, 0].astype(np.int64)
    sums = [np.bincount(place, weights=weights, minlength=len(groups)) for weights in (None, *columns[:, 1:].T)]
    return groups, np.stack(sums, axis=1).astype(np.float64)


def _group(article: str, reference: Labels) -> Hashable:
    family = reference.family.get(article)
    # a tuple, so that a family and a story of one name stay two
    return ("family", family) if family is not None else ("story", reference.story[article])


def _sibling_counts(prediction: Grouping, reference: Labels, groups: dict[Hashable, int]) -> _Rows:
    """Return float64 ``[groups, 2]``: merged pairs of siblings and all pairs of siblings; 0 for lone stories."""
    members: dict[str, list[str]] = {}
    for article in reference.story:
        if article in reference.family:
            members.setdefault(reference.family[article], []).append(article)
    predicted = align(prediction, reference.story)
    counts = np.zeros((len(groups), 2))
    for family, articles in members.items():
        rows = [(reference.story[article], predicted[article]) for article in articles]
        merged = _pairs(Counter(found for _, found in rows)) - _pairs(Counter(rows))
        siblings = _pairs(Counter({family: len(rows)})) - _pairs(Counter(story for story, _ in rows))
        counts[groups["family", family]] = merged, siblings
    return counts


def _pairs(sizes: Counter[Any]) -> int:
    return sum(n * (n - 1) // 2 for n in sizes.values())


def _resampled_sums(groups: _Rows, resamples: int, seed: int) -> _Rows:
    """Return float64 ``[resamples, columns]``: the sums over as many groups as there are, drawn with replacement."""
    dice = np.random.default_rng(seed)
    sums = np.empty((resamples, groups.shape[1]))
    for row in sums:
        drawn = np.bincount(dice.integers(0, len(groups), len(groups)), minlength=len(groups))
        row[:] = (drawn[:, None] * groups).sum(axis=0)  # column by column the same, whatever stands beside it
    return sums


def _f1(precision: _Rows, recall: _Rows) -> _Rows:
    total = precision + recall
    f1: _Rows = np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total > 0)
    return f1


def _interval(values: _Rows) -> Interval:
    low, high = np.quantile(values, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return Interval(low=float(low), high=float(high))
