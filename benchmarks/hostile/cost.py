"""Time and memory of runs over crafted articles, each in a process of its own, and how they grow."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["MEASURED", "exponent", "measure_cost"]

MEASURED = ("seconds", "cpu_seconds", "own_mb", "pairs_scored")
"""Of which exponents are told."""
_LEAST_SECONDS = 1e-3
_RUN = """
import json, resource, sys, time

def used():
    whose = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return sum(resource.getrusage(one).ru_utime + resource.getrusage(one).ru_stime for one in whose)

import dedup
from benchmarks.hostile.made import MADE
kind, count = sys.argv[1], int(sys.argv[2])
encoder = dedup.StaticEncoder()
dedup.deduplicate(MADE[kind](4), encoder=encoder)
idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
articles = MADE[kind](count)
start, before = time.perf_counter(), used()
result = dedup.deduplicate(articles, encoder=encoder)
seconds = time.perf_counter() - start
story = {article.id: story.id for story in result.stories for article in story.articles}
print(json.dumps({
    "articles": count,
    "seconds": round(seconds, 2),
    "cpu_seconds": round(used() - before, 2),
    "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    "own_mb": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle) / 1024),
    "pairs_scored": result.counts["scored"],
    "followed": result.counts["followed"],
    "stories": len(result.stories),
    "largest": len(result.stories[0].articles),
    "ends_apart": story[articles[0].id] != story[articles[-1].id],
    "stages": result.seconds,
}))
"""


def measure_cost(kind: str, sizes: Sequence[int]) -> dict[str, Any]:
    """Return what a run over articles of a kind takes at each size, with the fast encoder, and the exponents.

    CPU seconds are those of all its processes: what it takes, also on a machine that does other things beside it.
    """
    runs = [_run(kind, size) for size in sizes]
    return {
        "runs": runs,
        "exponents": {name: exponent(sizes, [float(run[name]) for run in runs]) for name in MEASURED},
    }


def exponent(sizes: Sequence[int], values: Sequence[float]) -> float:
    """Return the slope of a line through the logarithms: 1 for what grows with the size, 2 with its square.

    >>> exponent([10, 20, 40], [3.0, 6.0, 12.0]), exponent([10, 20, 40], [1.0, 4.0, 16.0])
    (1.0, 2.0)
    """
    slope = np.polyfit(np.log(sizes), np.log(np.maximum(values, _LEAST_SECONDS)), 1)[0]
    return round(float(slope), 2)


def _run(kind: str, size: int) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", _RUN, kind, str(size)], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
