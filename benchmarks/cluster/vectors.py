"""Vectors that are given, grouped on two nodes: what each worker and the driver hold, and whether it is the same."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cluster.nodes import measuring, nodes_of
from benchmarks.speed.apart import Event, Limits, memory_now_mib, memory_peak_mib, run_apart
from benchmarks.speed.vectors import measure_making

__all__ = ["measure_vectors"]

SIMILARITY = 0.65
_PATIENCE = Limits(seconds=3_600.0)


def measure_vectors(count: int, base: int, nodes: int, made: Path | None) -> dict[str, Any]:
    """Return what grouping ``count`` made vectors took on one machine and on nodes.

    Args:
        count: How many.
        base: Real articles that they are made after.
        nodes: Of one core each.
        made: A folder that keeps what was made for another time; for ``None`` it is made anew.

    Raises:
        RuntimeError: a process ended early.
    """
    with tempfile.TemporaryDirectory(prefix="dedup-cluster-") as place:
        folder = made or Path(place)
        folder.mkdir(exist_ok=True)
        if not (folder / "made.f16").exists():
            _apart(measure_making, {"count": count, "base": base, "folder": str(folder)})
        hours = np.load(folder / "hours.npy", allow_pickle=False)[:count]
        np.save(Path(place, "given-hours.npy"), hours)
        dimension = (folder / "made.f16").stat().st_size // 2 // len(np.load(folder / "hours.npy", mmap_mode="r"))
        vectors = np.memmap(folder / "made.f16", np.float16, "r", shape=(count, dimension))
        np.save(Path(place, "given.npy"), vectors)
        local = _apart(group_here, {"place": place})
        shared = _apart(group_on_nodes, {"place": place, "nodes": nodes})
        same = bool(np.array_equal(np.load(Path(place, "here.npy")), np.load(Path(place, "nodes.npy"))))
        return {"vectors": count, "dimension": dimension, "similarity": SIMILARITY, "nodes": nodes, "same": same} | {
            "one_machine": local,
            "cluster": shared,
        }


def _apart(function: Any, arguments: dict[str, Any]) -> Event:
    outcome = run_apart(function, arguments, _PATIENCE)
    if outcome.ended != "finished":
        raise RuntimeError(f"{function.__name__} {outcome.ended}: {outcome.message}")
    return outcome.events[-1]


def group_here(place: str) -> Iterator[Event]:
    """Yield one event: what one machine took."""
    from dedup import cluster_vectors

    vectors = np.load(Path(place, "given.npy"), mmap_mode="r", allow_pickle=False)
    hours = np.load(Path(place, "given-hours.npy"), allow_pickle=False)
    before, computed = time.perf_counter(), time.process_time()
    labels = cluster_vectors(vectors, hours=hours, similarity=SIMILARITY)
    np.save(Path(place, "here.npy"), _by_first(labels))
    yield {
        "seconds": round(time.perf_counter() - before, 1),
        "core_seconds": round(time.process_time() - computed, 1),
        "stories": int(labels.max()) + 1,
        "peak_mib": memory_peak_mib(),
    }


def group_on_nodes(place: str, nodes: int) -> Iterator[Event]:
    """Yield one event: what nodes took, stage by stage, and the most memory that a worker and the driver held."""
    from dedup.engine import RayEngine
    from dedup.given_vectors import Linkage

    folder, stages = Path(place, "job"), dict[str, Any]()
    with nodes_of(nodes):
        before, began = memory_now_mib(), time.perf_counter()
        grouping = RayEngine(folder=folder).grouped(
            [Path(place, "given.npy")],
            Path(place, "given-hours.npy"),
            Linkage(similarity=SIMILARITY),
            measuring(folder, stages),
        )
        with grouping as grouped:
            assert grouped is not None
            seconds = time.perf_counter() - began
            driver = memory_peak_mib()
            kept = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20
            np.save(Path(place, "nodes.npy"), _by_first(grouped.labels(None)))
    yield {
        "seconds": round(seconds, 1),
        "stories": grouped.stories,
        "compared": grouped.counts["compared"],
        "candidates": grouped.counts["candidates"],
        "stages": stages,
        "worker_peak_mib": max(stage["peak_mib"] for stage in stages.values()),
        "driver_before_mib": before,
        "driver_peak_mib": driver,
        "work_folder_mib": round(kept),
    }


def _by_first(labels: Any) -> Any:
    """Return each vector's story by its row that comes first: however stories are numbered."""
    _, first, of = np.unique(labels, return_index=True, return_inverse=True)
    return first[of]
