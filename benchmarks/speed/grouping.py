"""A peer's grouping of vectors, timed: at the setting that was best in hindsight, and what it found there."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.peers import PEERS, best_in_hindsight, group_once, threshold_grid
from benchmarks.speed.apart import Event, memory_now_mib, memory_peak_mib
from dedup.evaluate import Labels, evaluate

__all__ = ["Setting", "best_setting", "figures", "timed_groupings"]

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting of a peer, and how far from each other the thresholds are that were tried."""

    chosen: Mapping[str, Any]
    step: float

    @classmethod
    def of(cls, event: Event) -> Setting:
        """Return the setting that a measurement told."""
        return cls(chosen=event["chosen"], step=event["step"])

    def with_neighbours(self) -> list[dict[str, Any]]:
        """Return the setting, and where it has a threshold the two next ones on both sides, the chosen one first."""
        if "threshold" not in self.chosen:
            return [dict(self.chosen)]
        around = [self.chosen["threshold"] + steps * self.step for steps in (0, 1, -1, 2, -2)]
        return [{**self.chosen, "threshold": round(value, 4)} for value in around if -1.0 <= value <= 1.0]

    def moved_to(self, chosen: Mapping[str, Any]) -> Setting:
        """Return the same with another setting chosen."""
        return Setting(chosen=chosen, step=self.step)


def best_setting(peer: str, vectors: Vectors, ids: Sequence[str], reference: Labels) -> Setting:
    """Return the setting of ``peer`` that the reference likes best, of all that the quality benchmark tries."""
    thresholds = threshold_grid(vectors)
    best = best_in_hindsight(PEERS[peer], vectors, ids, reference, thresholds)
    return Setting(chosen=best.setting, step=float(np.diff(thresholds).mean()) if len(thresholds) > 1 else 0.0)


def timed_groupings(
    peer: str, settings: Sequence[Mapping[str, Any]], vectors: Vectors, ids: Sequence[str], reference: Labels
) -> Iterator[Event]:
    """Yield an event for each setting: what ``peer`` took to group the vectors, and how good that is."""
    group_once(peer, vectors[:100], settings[0])  # what it imports is not what it takes
    before = memory_now_mib()
    for setting in settings:
        started = time.perf_counter()
        stories = group_once(peer, vectors, setting)
        seconds = time.perf_counter() - started
        peak = memory_peak_mib()
        found = Labels(story={article: str(story) for article, story in zip(ids, stories.tolist(), strict=True)})
        yield {
            "articles": len(ids),
            "setting": dict(setting),
            "seconds": seconds,
            "before_mib": before,
            "peak_mib": peak,
        } | figures(found, reference)


def figures(found: Labels, reference: Labels) -> Event:
    """Return how good stories are, in short."""
    evaluation = evaluate(found, reference)
    return {"b_cubed_f1": evaluation.b_cubed.f1, "largest_story": evaluation.largest_story}
