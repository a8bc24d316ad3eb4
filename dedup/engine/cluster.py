"""The one file that knows Ray: tasks on a cluster, tried again by Ray where a worker or a node is lost."""

from __future__ import annotations

import logging
import os
import resource
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup.engine.actors import MOST_RETRIES, by_actors
from dedup.engine.folder import JobFolder
from dedup.errors import DedupError, EngineError
from dedup.stages import Progress

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["Cluster", "Stage", "connected", "require_ray"]

logger = logging.getLogger(__name__)

_INSTALL = "the engine ray needs the package ray: pip install 'news-dedup[ray]'"
_LEAST_UNDER_WAY = 4

Task = Callable[..., dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Tasks of one kind: the same function, each with its own name and arguments."""

    name: str
    function: Task
    """Called with the folder, the task's arguments and what is shared; its result is what JSON can hold."""
    tasks: Mapping[str, Sequence[Any]]
    shared: tuple[Any, ...] = ()
    """What all tasks are called with besides: sent to a machine once, kept by each process until the next stage."""
    cpus: float = 1.0
    gpus: float = 0.0


def require_ray() -> ModuleType:
    """Return Ray.

    Raises:
        EngineError: it is not installed.
    """
    # its own reports of use go to a server of its makers
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise EngineError(_INSTALL) from error
    module: ModuleType = ray
    return module


@contextmanager
def connected(address: str | None, options: Mapping[str, Any]) -> Iterator[Cluster]:
    """Yield a cluster: the one that this process is connected to already, else the one at ``address``.

    Raises:
        EngineError: Ray is not installed, or there is no cluster.
    """
    ray: Any = require_ray()
    own = not ray.is_initialized()
    if own:
        settings = {"include_dashboard": False, "log_to_driver": False, "logging_level": logging.ERROR, **options}
        if address or os.environ.get("RAY_ADDRESS"):
            del settings["include_dashboard"]  # that of a cluster which is running is its own
        try:
            ray.init(address=address, **settings)
        except (ConnectionError, ValueError, RuntimeError, OSError) as error:
            where = f"no Ray cluster at {address}" if address else "Ray cannot be started"
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise EngineError(f"{where}: {reason}; see docs/ray.md") from error
    try:
        yield Cluster(ray=ray)
    finally:
        if own:
            ray.shutdown()


@dataclass(slots=True, kw_only=True)
class Cluster:
    """Machines that tasks are given to."""

    ray: Any
    seconds: dict[str, float] = field(default_factory=dict)
    """Time that each stage took."""

    @property
    def gpus(self) -> float:
        """How many GPUs there are."""
        return float(self.ray.cluster_resources().get("GPU", 0.0))

    def run(self, folder: JobFolder, stage: Stage, progress: Progress) -> dict[str, dict[str, Any]]:
        """Do those tasks of a stage that are not done, and return the results of all, by name.

        Raises:
            DedupError: a task said so.
            EngineError: tasks were lost again and again.
        """
        began = time.perf_counter()
        results = {name: result for name in stage.tasks if (result := folder.result(stage.name, name)) is not None}
        missing = [name for name in stage.tasks if name not in results]
        if results and missing:
            logger.info("%s: %d of %d parts were done before", stage.name, len(results), len(stage.tasks))
        with progress(stage.name, len(stage.tasks)) as advance:
            advance(len(results))
            for name, result in self._done(folder, stage, missing):
                results[name] = result
                advance(1)
        self.seconds[stage.name] = round(time.perf_counter() - began, 3)
        return {name: results[name] for name in stage.tasks}

    def call(self, function: Callable[..., Any], arguments: Sequence[Any]) -> list[Any]:
        """Call a small function for each argument, on whatever machine, and return what it returns."""
        remote = self.ray.remote(num_cpus=1, max_retries=MOST_RETRIES)(function)
        return [self._result(call, function.__name__) for call in [remote.remote(one) for one in arguments]]

    def _done(self, folder: JobFolder, stage: Stage, names: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        if not names:
            return
        shared = self._share(stage)
        calls = {
            name: (stage.function, str(folder.path), stage.name, name, tuple(stage.tasks[name]), shared)
            for name in names
        }
        if stage.gpus:
            for name, call in by_actors(self.ray, do_task, calls, cpus=stage.cpus, gpus=stage.gpus):
                yield name, self._result(call, stage.name)
            return
        remote = self.ray.remote(num_cpus=stage.cpus, max_retries=MOST_RETRIES)(do_task)
        waiting = list(reversed(names))
        under_way: dict[Any, str] = {}
        while waiting or under_way:
            # as many as keep all busy: what is queued takes memory here
            most = max(_LEAST_UNDER_WAY, 2 * int(self.ray.cluster_resources().get("CPU", 1)))
            while waiting and len(under_way) < most:
                name = waiting.pop()
                under_way[remote.remote(*calls[name])] = name
            ready, _ = self.ray.wait(list(under_way), num_returns=1)
            for call in ready:
                yield under_way.pop(call), self._result(call, stage.name)

    def _share(self, stage: Stage) -> tuple[str, list[Any]]:
        """Return what workers find what is shared by: put into the cluster's memory once, taken out once a process."""
        return uuid.uuid4().hex, [self.ray.put(stage.shared)]  # in a list, a reference stays one

    def _result(self, call: Any, stage: str) -> dict[str, Any]:
        exceptions = self.ray.exceptions
        try:
            result: dict[str, Any] = self.ray.get(call)
        except exceptions.RayTaskError as error:
            cause = error.cause
            if isinstance(cause, DedupError):
                raise cause from error
            raise EngineError(f"a task of the stage {stage} failed: {type(cause).__name__}: {cause}") from error
        except exceptions.RayError as error:
            raise EngineError(
                f"tasks of the stage {stage} were lost for good: {str(error).splitlines()[0]} The run can be resumed; "
                "where memory is short, with smaller partitions"
            ) from error
        return result


_SHARED: dict[str, tuple[Any, ...]] = {}
"""What this process was last told of a stage; an encoder in it keeps its model."""


def do_task(
    function: Task, path: str, stage: str, name: str, arguments: tuple[Any, ...], shared: tuple[str, list[Any]]
) -> dict[str, Any]:
    """Do a task on a worker, unless it is done: a node may have been lost just after."""
    folder = JobFolder(Path(path))
    before = folder.result(stage, name)
    if before is not None:
        return before
    began, computed = time.perf_counter(), time.process_time()
    result = function(folder, *arguments, *_taken(*shared))
    measured = {
        "seconds": round(time.perf_counter() - began, 3),
        "cpu_seconds": round(time.process_time() - computed, 3),
        "peak_bytes": _peak_bytes(),
    }
    return folder.finish(stage, name, {**result, **measured})


def _taken(key: str, reference: list[Any]) -> tuple[Any, ...]:
    if key not in _SHARED:
        import ray

        _SHARED.clear()
        _SHARED[key] = ray.get(reference[0])
    return _SHARED[key]


def _peak_bytes() -> int:
    """Return the most memory that this process has had."""
    try:
        lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    # not getrusage where this is told: Linux hands its peak on to a process that is started
    for line in lines:
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
