"""What a store judges by: settled when it is made, and the same for every article it ever holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup.settings import Settings
from dedup.store.stored import Known, fingerprints_of

if TYPE_CHECKING:
    from dedup.index import Bounds
    from dedup.score.calibration import Calibration

__all__ = ["Rules", "settings_from_json", "settings_to_json"]

_PAIRS_AT_ONCE = 262_144
_BUCKETS_A_WINDOW = 4
# What rounding of counted log-odds may take away: a pair too many does no harm.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Rules:
    """Settings and calibration."""

    settings: Settings
    calibration: Calibration

    @cached_property
    def bounds(self) -> Bounds:
        """How near two articles must be to be worth a score."""
        return self.calibration.candidate_bounds(24 * self.settings.window_days, self.settings.candidate_similarity)

    @property
    def bucket_hours(self) -> float:
        """Hours of articles that are searched together: no less than a day, so that there are not too many."""
        return max(24.0, 24 * self.settings.window_days / _BUCKETS_A_WINDOW)

    @cached_property
    def threshold(self) -> float:
        """Log-odds above which groups join."""
        from dedup.score.scorer import log_odds_of

        return log_odds_of(self.settings.threshold)

    @property
    def absent(self) -> float:
        """Log-odds of a pair that is no candidate, where membership is worked out."""
        return self.calibration.absent_log_odds

    @property
    def absent_in_clusters(self) -> float:
        """The same where groups are compared, as a batch run takes it."""
        return min(self.absent, self.threshold)

    @cached_property
    def least(self) -> float:
        """The threshold as ``dedup.cluster`` counts."""
        from dedup.cluster import counted_threshold

        return counted_threshold(self.threshold, self.absent_in_clusters)

    @cached_property
    def joining_log_odds(self) -> float:
        """Log-odds that every pair is above which joins by itself."""
        return self.threshold - _ROUNDING

    @cached_property
    def near_log_odds(self) -> float:
        """Log-odds that a pair is above, at the least, between a single article and a group near it."""
        from dedup.singletons import near_log_odds

        return near_log_odds(self.threshold, self.absent_in_clusters) - _ROUNDING

    @cached_property
    def least_near(self) -> float:
        """What the average between a single article and a group near it is above, as ``dedup.cluster`` counts."""
        from dedup.cluster import counted_threshold
        from dedup.singletons import near_log_odds

        absent = self.absent_in_clusters
        return counted_threshold(near_log_odds(self.threshold, absent), absent)

    @cached_property
    def least_close(self) -> float:
        """What a pair of a single article with one of a story that it joins is above, counted likewise."""
        from dedup.cluster import counted_threshold
        from dedup.singletons import close_log_odds

        absent = self.absent_in_clusters
        return counted_threshold(close_log_odds(self.threshold, absent), absent)

    def log_odds(self, articles: Sequence[Known], pairs: Sequence[tuple[int, int]]) -> npt.NDArray[np.float64]:
        """Return the log-odds of pairs of positions in ``articles``, as a batch run scores them: float64 ``[p]``.

        Of pairs that have too little in common, minus infinity.
        """
        from dedup.score.pairs import score_pairs

        if not pairs:
            return np.empty(0)
        # in the order of ids, as a run has them
        order = sorted(range(len(articles)), key=lambda place: articles[place].id)
        rank = np.empty(len(articles), np.int64)
        rank[order] = np.arange(len(articles))
        fingerprints = fingerprints_of([articles[place] for place in order])
        ranked = np.sort(rank[np.array(pairs, np.int64)], axis=1)
        by_left = np.lexsort((ranked[:, 1], ranked[:, 0]))
        found = np.full(len(ranked), -np.inf)
        for start in range(0, len(ranked), _PAIRS_AT_ONCE):
            rows = by_left[start : start + _PAIRS_AT_ONCE]
            enough, log_odds = score_pairs(
                fingerprints, ranked[rows], self.calibration, max_sentences=self.settings.max_sentences
            )
            found[rows[enough]] = log_odds
        return found


def settings_to_json(settings: Settings) -> str:
    """Return settings as JSON."""
    return json.dumps(asdict(settings))


def settings_from_json(text: str) -> Settings:
    """Return the settings that ``settings_to_json`` wrote."""
    fields: dict[str, Any] = json.loads(text)
    return Settings(**fields)
