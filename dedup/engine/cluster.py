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

from dedup.engine.base import Work
from dedup.engine.folder import JobFolder
from dedup.errors import DedupError, EngineError
from dedup.stages import Progress

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["Cluster", "Stage", "connected", "require_ray"]

logger = logging.getLogger(__name__)

_INSTALL = "the engine ray needs the package ray: pip install 'news-dedup[ray]'"
_MOST_RETRIES = 5
"""How often Ray begins a task again whose worker or node was lost; an error of the task itself ends the run."""
_LEAST_UNDER_WAY = 4

Task = Callable[..., dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Tasks of one kind: the same function, each with its own name and arguments."""

    name: str
    function: Task
    """Called with the folder, the arguments and, if asked for, the work; its result is what JSON can hold."""
    tasks: Mapping[str, Sequence[Any]]
    with_work: bool = False
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
    _shared: tuple[str, Any] | None = None
    """The work of the run that this is for."""

    @property
    def gpus(self) -> float:
        """How many GPUs there are."""
        return float(self.ray.cluster_resources().get("GPU", 0.0))

    def run(self, folder: JobFolder, stage: Stage, work: Work, progress: Progress) -> dict[str, dict[str, Any]]:
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
            for name, result in self._done(folder, stage, missing, work):
                results[name] = result
                advance(1)
        self.seconds[stage.name] = round(time.perf_counter() - began, 3)
        return {name: results[name] for name in stage.tasks}

    def call(self, function: Callable[..., Any], arguments: Sequence[Any]) -> list[Any]:
        """Call a small function for each argument, on whatever machine, and return what it returns."""
        remote = self.ray.remote(num_cpus=1, max_retries=_MOST_RETRIES)(function)
        return [self._result(call, function.__name__) for call in [remote.remote(one) for one in arguments]]

    def _done(
        self, folder: JobFolder, stage: Stage, names: Sequence[str], work: Work
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        remote = self.ray.remote(num_cpus=stage.cpus, num_gpus=stage.gpus, max_retries=_MOST_RETRIES)(_do)
        shared = self._share(work) if stage.with_work else None
        waiting = list(reversed(names))
        under_way: dict[Any, str] = {}
        while waiting or under_way:
            # as many as keep all busy: what is queued takes memory here
            most = max(_LEAST_UNDER_WAY, 2 * int(self.ray.cluster_resources().get("CPU", 1)))
            while waiting and len(under_way) < most:
                name = waiting.pop()
                call = remote.remote(
                    stage.function, str(folder.path), stage.name, name, tuple(stage.tasks[name]), shared
                )
                under_way[call] = name
            ready, _ = self.ray.wait(list(under_way), num_returns=1)
            for call in ready:
                yield under_way.pop(call), self._result(call, stage.name)

    def _share(self, work: Work) -> tuple[str, list[Any]]:
        """Return what workers find the work by: put into the cluster's memory once, taken out once a process."""
        if self._shared is None:
            self._shared = uuid.uuid4().hex, self.ray.put(work)
        key, reference = self._shared
        return key, [reference]  # in a list, a reference stays one

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


_WORK: dict[str, Work] = {}
"""The work that this process has a part in; its encoder keeps the model."""


def _do(
    function: Task, path: str, stage: str, name: str, arguments: tuple[Any, ...], shared: tuple[str, list[Any]] | None
) -> dict[str, Any]:
    """Do a task on a worker, unless it is done: a node may have been lost just after."""
    folder = JobFolder(Path(path))
    before = folder.result(stage, name)
    if before is not None:
        return before
    began = time.perf_counter()
    if shared is not None:
        arguments = (*arguments, _work_of(*shared))
    result = function(folder, *arguments)
    measured = {"seconds": round(time.perf_counter() - began, 3), "peak_bytes": _peak_bytes()}
    return folder.finish(stage, name, {**result, **measured})


def _work_of(key: str, reference: list[Any]) -> Work:
    if key not in _WORK:
        import ray

        _WORK.clear()
        _WORK[key] = ray.get(reference[0])
    return _WORK[key]


def _peak_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
