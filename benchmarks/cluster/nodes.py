"""A cluster of several nodes, which are processes of this machine, and what its tasks took."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dedup.stages import no_progress

__all__ = ["Nodes", "environment_of_nodes", "measuring", "nodes_of"]

_NODE: dict[str, Any] = {"object_store_memory": 100 << 20, "memory": 1 << 30}


class Nodes:
    """A cluster of so many nodes of one core each, beside a head on which nothing is done.

    Args:
        count: How many.
        gpus: Of each node, as Ray counts them; there need not be any.
    """

    def __init__(self, count: int, gpus: int = 0) -> None:
        from ray.cluster_utils import Cluster

        head = {**_NODE, "num_cpus": 0, "include_dashboard": False}
        self.cluster: Any = Cluster(initialize_head=True, head_node_args=head)
        self.workers: list[Any] = []
        self._kind = {**_NODE, "num_cpus": 1, "num_gpus": gpus}
        self.fill_up(count)

    def fill_up(self, count: int) -> None:
        """Start nodes until there are so many; by the main thread, which alone may handle signals, as Ray does here."""
        while len(self.workers) < count:
            self.workers.append(self.cluster.add_node(**self._kind))

    def kill_one_at_work(self) -> bool:
        """Kill a node that does a task at this moment, with all that runs on it; return whether any does."""
        for node in self.workers:
            if any(_is_at_work(pid) for pid in _children(_raylet_of(node))):
                self.cluster.remove_node(node, allow_graceful=False)
                self.workers.remove(node)
                return True
        return False


def _raylet_of(node: Any) -> int:
    return int(node.all_processes["raylet"][0].process.pid)


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()]
    except OSError:
        return []


def _is_at_work(pid: int) -> bool:
    """Tell whether a worker does a task: Ray gives its process the name of the function."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().startswith((b"ray::do_task", b"ray::_Doer.do"))
    except OSError:
        return False


@contextmanager
def nodes_of(count: int, gpus: int = 0) -> Iterator[Nodes]:
    """Start nodes and connect to them; nothing of them is left afterwards."""
    import ray

    nodes = Nodes(count, gpus)
    try:
        ray.init(address=nodes.cluster.address, log_to_driver=False, logging_level=logging.ERROR)
        yield nodes
    finally:
        ray.shutdown()
        nodes.cluster.shutdown()


def measuring(folder: Path, measured: dict[str, Any]) -> Any:
    """Return a progress that notes what the tasks of each stage took, by what they left in the folder."""

    @contextmanager
    def progress(name: str, total: int) -> Iterator[Callable[[int], None]]:
        began = time.perf_counter()
        with no_progress(name, total) as advance:
            yield advance
        results = [json.loads(path.read_text("utf-8")) for path in (folder / name).glob("*.json")]
        measured[name] = {"tasks": total, "seconds": round(time.perf_counter() - began, 2), **_sums(results)}

    return progress


def _sums(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    largest = [result["largest"] for result in results if "largest" in result]
    return {
        "core_seconds": round(sum(result["cpu_seconds"] for result in results), 2),
        "longest_task": round(max((result["cpu_seconds"] for result in results), default=0.0), 2),
        "peak_mib": round(max((result["peak_bytes"] for result in results), default=0) / 2**20),
        # of `bins`: the articles of the largest component
        **({"largest": largest[0]} if largest else {}),
    }


def environment_of_nodes(checkout: Path) -> None:
    """Have what is started from here on use this checkout, and one thread where a worker has one core."""
    os.environ["PYTHONPATH"] = os.pathsep.join([str(checkout), os.environ.get("PYTHONPATH", "")])
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["OMP_NUM_THREADS"] = "1"
    # no nicer than what starts them: on a machine that does other things too they would wait for ever
    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112 - as Ray spells it
