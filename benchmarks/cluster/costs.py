"""A model of what a run costs on many nodes, from what was measured on one machine.

A stage takes the core-seconds that its articles or pairs take, divided among all cores, and not less than its longest
task; the driver has a moment for each task, while others work. Stages follow one another.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["CORES_OF_A_NODE", "DAYS", "Cost", "costs_of_articles", "costs_of_vectors", "rates_of"]

CORES_OF_A_NODE = 8
DAYS = 3_650
"""The archive's length: ten years."""
WINDOW_DAYS = 7
PARTITION = 8_192
VECTORS_PARTITION = 32_768
_OF_AN_ARTICLE = ("read", "ids", "named", "parts", "crowds", "groups", "stories")
_IDS_OF_A_TASK = 1_000_000
_ARTICLES_OF_A_FILE_PART = 16_384
"""About 64 MB of JSON lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one stage."""

    stage: str
    core_seconds: float
    tasks: int
    longest_task: float
    """Seconds of a core."""

    def seconds(self, cores: int, driver_seconds_a_task: float) -> float:
        """Return how long it takes on so many cores."""
        shared = self.core_seconds / min(cores, self.tasks)
        return max(shared, self.longest_task, self.tasks * driver_seconds_a_task)


def rates_of(results: Mapping[str, Any], encoder: str) -> dict[str, float]:
    """Return seconds of a core for an article, by stage; of ``pairs`` for a compared and for a scored pair.

    Args:
        results: Of the parts ``same``, ``rates`` and ``vectors``.
        encoder: ``fast`` or ``bundled``.
    """
    run, vectors = results["rates"]["fast"], results["vectors"]["cluster"]
    stages = run["stages"]
    found = {stage: _of_one(run, stage) for stage in _OF_AN_ARTICLE}
    found["fingerprints"] = _of_one(results["rates"][encoder], "fingerprints")
    found["ids passed by"] = run["ids_passed_by_seconds"] / run["articles"]
    found["compared"] = vectors["stages"]["pairs"]["core_seconds"] / vectors["compared"]
    comparing = found["compared"] * run["counts"]["compared"]
    pairs = stages["pairs"]["core_seconds"] - run["few"]["stages"]["pairs"]["core_seconds"]
    found["scored"] = max(0.0, pairs - comparing) / run["counts"]["scored"]
    found["scored of compared"] = run["counts"]["scored"] / run["counts"]["compared"]
    # of the largest component, which is not cut, of what all others take; in the smallest parts, of which it has most
    found["largest component"] = _share_of_longest(results["same"]["rows"][-1]["stages"]["groups"])
    same = results["same"]
    found["singles"] = same["rows"][-1]["stages"]["singles"]["core_seconds"] / same["one_machine"]["articles"]
    # of a million: of fewer its beginning would be most of it
    found["bins"] = vectors["stages"]["bins"]["core_seconds"] / results["vectors"]["vectors"]
    return found


def _of_one(run: Mapping[str, Any], stage: str) -> float:
    """Return what an article takes in a stage, without what the stage takes for its beginning."""
    few = run["few"]
    more = run["stages"][stage]["core_seconds"] - few["stages"][stage]["core_seconds"]
    return float(max(0.0, more) / (run["articles"] - few["articles"]))


def costs_of_articles(articles: int, rates: Mapping[str, float]) -> list[Cost]:
    """Return the cost of each stage of a run over dated articles, as many on each of ``DAYS``."""
    parts = math.ceil(articles / PARTITION)
    buckets = math.ceil(articles / _IDS_OF_A_TASK)
    window = articles / DAYS * WINDOW_DAYS
    # each is compared with those of the window before it, by the tasks of its part and of those that reach into it
    compared = articles * window
    a_pair = rates["compared"] + rates["scored"] * rates["scored of compared"]
    beside = 1 + math.ceil(window / PARTITION)
    of_a_bucket = rates["ids"] * min(articles, _IDS_OF_A_TASK) + rates["ids passed by"] * articles
    files = math.ceil(articles / _ARTICLES_OF_A_FILE_PART)
    return [
        _even("read", articles * rates["read"], files),
        _even("ids", buckets * of_a_bucket, buckets),
        _even("named", articles * rates["named"], parts),
        _even("parts", articles * rates["parts"], parts),
        _even("fingerprints", articles * rates["fingerprints"], parts),
        _even("crowds", articles * rates["crowds"], parts),
        _even("pairs", compared * a_pair, parts * beside),
        _even("bins", articles * rates["bins"], 1),
        _uneven("groups", articles * rates["groups"], parts, rates["largest component"]),
        _even("singles", articles * rates["singles"], 1),
        _even("stories", articles * rates["stories"], parts),
    ]


def costs_of_vectors(vectors: int, results: Mapping[str, Any]) -> list[Cost]:
    """Return the cost of each stage of a run over dated vectors, as many on each of ``DAYS``."""
    measured, stages = results["vectors"], results["vectors"]["cluster"]["stages"]
    parts = math.ceil(vectors / VECTORS_PARTITION)
    window = vectors / DAYS * WINDOW_DAYS
    of_one = {name: stage["core_seconds"] / measured["vectors"] for name, stage in stages.items()}
    a_pair = stages["pairs"]["core_seconds"] / measured["cluster"]["compared"]
    beside = 1 + math.ceil(window / VECTORS_PARTITION)
    return [
        _even("slices", vectors * of_one["slices"], parts),
        _even("parts", vectors * of_one["parts"], parts),
        _even("pairs", vectors * window * a_pair, parts * beside),
        _even("bins", vectors * of_one["bins"], 1),
        _uneven("stories", vectors * of_one["stories"], parts, _share_of_longest(stages["stories"])),
    ]


def _share_of_longest(stage: Mapping[str, Any]) -> float:
    return float(stage["longest_task"] / stage["core_seconds"])


def _uneven(stage: str, core_seconds: float, tasks: int, share: float) -> Cost:
    return Cost(stage=stage, core_seconds=core_seconds, tasks=tasks, longest_task=core_seconds * max(share, 1 / tasks))


def _even(stage: str, core_seconds: float, tasks: int) -> Cost:
    return Cost(stage=stage, core_seconds=core_seconds, tasks=tasks, longest_task=core_seconds / tasks)
