"""Actors: processes that each hold a GPU, and the model on it, from one task to the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["MOST_RETRIES", "by_actors"]

MOST_RETRIES = 5
"""How often a task is begun again whose worker or node was lost; an error of the task itself ends the run."""
_LOOK_SECONDS = 10.0
"""How often to look whether there are more machines."""


class _Doer:
    """Does tasks one after another. Ray ends the process of a task with a GPU after each task; an actor stays."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def ready(self) -> bool:
        """Return once the process is there."""
        return True

    def do(self, *arguments: Any) -> Any:
        """Do a task."""
        return self._function(*arguments)


def by_actors(
    ray: Any, function: Callable[..., Any], calls: Mapping[str, tuple[Any, ...]], *, cpus: float, gpus: float
) -> Iterator[tuple[str, Any]]:
    """Have actors call a function, as many as the cluster has GPUs for; yield names and references to what came of it.

    What is lost with an actor is given to another one. An actor that waits for a machine is given nothing, so that it
    keeps nobody waiting. One whose task was lost more than ``MOST_RETRIES`` times is yielded as it is: whoever gets it
    learns why.

    Args:
        ray: The package, connected.
        function: Called in the actors.
        calls: Arguments by the name of the task.
        cpus: Of an actor.
        gpus: Likewise, above 0.
    """
    exceptions = ray.exceptions
    lost_with = (exceptions.RayActorError, exceptions.NodeDiedError, exceptions.OutOfMemoryError)
    doer = ray.remote(num_cpus=cpus, num_gpus=gpus, max_restarts=0)(_Doer)
    waiting = list(calls)[::-1]
    starting: dict[Any, Any] = {}
    busy: dict[Any, tuple[Any, str]] = {}
    lost: Counter[str] = Counter()
    try:
        while waiting or busy:
            room = int(ray.cluster_resources().get("GPU", 0.0) / gpus) or 1  # machines may come while it goes on
            for _ in range(min(room, len(waiting) + len(busy)) - len(starting) - len(busy)):
                actor = doer.remote(function)
                starting[actor.ready.remote()] = actor
            ready, _ = ray.wait([*starting, *busy], num_returns=1, timeout=_LOOK_SECONDS)
            for call in ready:
                is_there = call in busy
                actor, name = busy.pop(call) if is_there else (starting.pop(call), "")
                try:
                    ray.get(call)
                except lost_with:
                    ray.kill(actor)
                    lost[name] += 1
                    if lost[name] > MOST_RETRIES:
                        yield name, call
                        return
                    if name:
                        waiting.append(name)
                    continue
                except exceptions.RayError:
                    pass  # of the task itself: whoever gets it learns what
                if name:
                    yield name, call
                if waiting:
                    name = waiting.pop()
                    busy[actor.do.remote(*calls[name])] = (actor, name)
                else:
                    ray.kill(actor)
    finally:
        for actor in [*starting.values(), *(actor for actor, _ in busy.values())]:
            ray.kill(actor)
