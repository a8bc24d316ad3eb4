"""What other thresholds would have given: the scored pairs of a run, grouped again at each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup.errors import InputError
from dedup.evaluate.metrics import PairScore, Score, SiblingMerges, b_cubed, contingency, pairwise, sibling_merges
from dedup.evaluate.pairs import PairScores

if TYPE_CHECKING:
    from dedup.evaluate.labels import Labels

__all__ = ["THRESHOLDS", "SweepPoint", "group_pairs", "threshold_sweep"]

THRESHOLDS = tuple(step / 20 for step in range(1, 20))
"""0.05, 0.10, …, 0.95."""
_LOG_ODDS_DIGITS = 4  # as the scorer rounds them


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPoint:
    """What one threshold gives."""

    threshold: float
    stories: int
    """Stories with at least one article of the reference."""
    b_cubed: Score
    pairwise: PairScore
    sibling_merges: SiblingMerges

    def to_dict(self) -> dict[str, Any]:
        """Return everything by name, ready for JSON."""
        return {
            "threshold": self.threshold,
            "stories": self.stories,
            "b_cubed": self.b_cubed.to_dict(),
            "pairwise": self.pairwise.to_dict(),
            "sibling_merges": self.sibling_merges.to_dict(),
        }


def threshold_sweep(
    scores: PairScores,
    articles: Collection[str],
    reference: Labels,
    *,
    absent_log_odds: float,
    thresholds: Iterable[float] = THRESHOLDS,
) -> list[SweepPoint]:
    """Group ``articles`` anew at each threshold, as ``deduplicate`` would, and measure against the reference.

    Args:
        scores: The scored pairs of the run.
        articles: Ids of all articles of the run; one that is in no pair is alone.
        reference: The true stories.
        absent_log_odds: What a pair that is not there counts: ``Calibration.absent_log_odds`` of the run.
        thresholds: Probabilities between 0 and 1.

    Raises:
        InputError: a pair has an article that is none of ``articles``.
    """
    points = []
    for threshold in thresholds:
        found = group_pairs(scores, articles, threshold=threshold, absent_log_odds=absent_log_odds)
        table = contingency(found, reference.story)
        points.append(
            SweepPoint(
                threshold=threshold,
                stories=len(table.predicted),
                b_cubed=b_cubed(table),
                pairwise=pairwise(table),
                sibling_merges=sibling_merges(found, reference.story, reference.family),
            )
        )
    return points


def group_pairs(
    scores: PairScores, articles: Collection[str], *, threshold: float, absent_log_odds: float
) -> dict[str, int]:
    """Return the number of the story of each article: those that ``deduplicate`` finds at that threshold.

    Articles that followed others in the run go where these go, where the pair is above the threshold; else they are
    alone. At a lower threshold more might follow: such articles are grouped by their pairs. Other arguments as for
    ``threshold_sweep``.
    """
    from dedup.score.scorer import log_odds_of
    from dedup.singletons import group_articles

    keys = sorted(articles)
    place = {key: i for i, key in enumerate(keys)}
    strange = next((one for one in scores.ids if one not in place), None)
    if strange is not None:
        raise InputError(
            f"the pairs have the article {strange!r}, the stories have not; give the pairs of the same run"
        )
    position = np.array([place[one] for one in scores.ids], np.int64)
    log_odds = _log_odds(scores.probabilities)
    telling = log_odds > absent_log_odds
    least = log_odds_of(threshold)
    pairs, follower = position[scores.pairs].reshape(-1, 2), np.full(len(scores.pairs), -1)
    if scores.follower is not None:
        follower = np.where(scores.follower >= 0, position[scores.follower], -1)
    led = follower >= 0
    among = telling & ~led
    groups = group_articles(keys, pairs[among], log_odds[among], threshold=least, absent=min(absent_log_odds, least))
    # the lead is the other of the two, and follows none itself
    taken = led & (log_odds > least)
    groups[follower[taken]] = groups[pairs[taken].sum(axis=1) - follower[taken]]
    return dict(zip(keys, groups.tolist(), strict=True))


def _log_odds(probabilities: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return log-odds as the scorer had them before they were written as probabilities."""
    inside = np.clip(probabilities, 1e-12, 1 - 1e-12)
    log_odds: npt.NDArray[np.float64] = np.log(inside) - np.log1p(-inside)
    return log_odds.round(_LOG_ODDS_DIGITS)
