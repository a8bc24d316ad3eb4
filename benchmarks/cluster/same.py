"""The same stories as on one machine, whatever the number of nodes and the size of parts."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.cluster.nodes import measuring, nodes_of
from dedup.article import Article
from dedup.encode.static import StaticEncoder
from dedup.engine import RayEngine
from dedup.engine.job import Limits
from dedup.pipeline import Deduplication, deduplicate

__all__ = ["RUNS", "on_one_machine", "same_stories"]

RUNS = ((2, 8_192), (3, 4_096), (4, 1_500))
"""Nodes, and articles of a part."""


def on_one_machine(articles: Sequence[Article]) -> tuple[Deduplication, dict[str, Any]]:
    """Return what one machine finds, and what that took."""
    began, computed = time.perf_counter(), time.process_time()
    found = deduplicate(articles, encoder=StaticEncoder())
    seconds, core_seconds = time.perf_counter() - began, time.process_time() - computed
    return found, {
        "articles": len(articles),
        "undated": found.counts["undated"],
        "stories": len(found.stories),
        "seconds": round(seconds, 1),
        "core_seconds": round(core_seconds, 1),
    }


def same_stories(articles: Sequence[Article], expected: Deduplication) -> Iterator[dict[str, Any]]:
    """Yield a row for each number of nodes and size of parts: whether all is the same, and what it took."""
    for nodes, partition in RUNS:
        with nodes_of(nodes), tempfile.TemporaryDirectory() as folder:
            path, stages = Path(folder) / "job", dict[str, Any]()
            began = time.perf_counter()
            engine = RayEngine(folder=path, limits=Limits(partition=partition))
            found = deduplicate(articles, encoder=StaticEncoder(), engine=engine, progress=measuring(path, stages))
            yield {
                "nodes": nodes,
                "partition": partition,
                "parts": stages["fingerprints"]["tasks"],
                "same": _is_same(found, expected),
                "seconds": round(time.perf_counter() - began, 1),
                "worker_peak_mib": max(stage["peak_mib"] for stage in stages.values()),
                "stages": stages,
                "counts": found.counts,
            }


def _is_same(found: Deduplication, expected: Deduplication) -> bool:
    """Tell whether stories, articles and scored pairs are the same, to the last bit."""
    return (
        found.stories == expected.stories
        and found.articles == expected.articles
        and bool((found.scored.pairs == expected.scored.pairs).all())
        and bool((found.scored.log_odds == expected.scored.log_odds).all())
    )
