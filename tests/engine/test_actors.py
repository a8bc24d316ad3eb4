"""Actors that hold GPUs: every task is done once, whatever is lost, on a cluster that is made up."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.engine.actors import MOST_RETRIES, by_actors


class RayError(Exception):
    pass


class ActorError(RayError):
    pass


class TaskError(RayError):
    pass


class exceptions:  # noqa: N801 - stands for a module
    RayError = RayError
    RayActorError = ActorError
    NodeDiedError = type("NodeDiedError", (RayError,), {})
    OutOfMemoryError = type("OutOfMemoryError", (RayError,), {})


@dataclass(eq=False)
class Call:
    """A reference: to what a function returns, or to an error."""

    actor: Any
    outcome: Any


@dataclass(eq=False)
class MadeUpRay:
    """Ray with actors that die as ``fate`` says, and of which the first few have a machine at a time."""

    gpus: float
    fate: Callable[[str], RayError | None]
    dice: random.Random
    places: int
    exceptions: Any = exceptions
    living: list[Any] = field(default_factory=list)
    most_living: int = 0
    asked: dict[str, Any] = field(default_factory=dict)

    def cluster_resources(self) -> dict[str, float]:
        return {"GPU": self.gpus}

    def remote(self, **options: Any) -> Callable[[Any], Any]:
        self.asked = options
        ray = self

        class Method:
            def __init__(self, actor: Any, work: Callable[..., Any]) -> None:
                self._actor, self._work = actor, work

            def remote(self, *arguments: Any) -> Call:
                assert self._actor in ray.living
                return Call(self._actor, self._work(*arguments))

        class Actor:
            def __init__(self, function: Callable[..., Any]) -> None:
                ray.living.append(self)
                ray.most_living = max(ray.most_living, len(ray.living))
                self.ready = Method(self, lambda: True)
                self.do = Method(self, lambda name: ray.fate(name) or function(name))

        class Doer:
            remote = Actor

        return lambda _: Doer

    def wait(self, calls: Sequence[Call], *, num_returns: int, timeout: float) -> tuple[list[Call], list[Call]]:
        assert num_returns == 1
        assert timeout > 0
        there = [call for call in calls if call.actor in self.living[: self.places]]
        assert there, "waits for what never comes"
        return [self.dice.choice(there)], []

    def get(self, call: Call) -> Any:
        if isinstance(call.outcome, RayError):
            raise call.outcome
        return call.outcome

    def kill(self, actor: Any) -> None:
        if actor in self.living:
            self.living.remove(actor)


def done(ray: Any, names: Sequence[str]) -> dict[str, Any]:
    calls = by_actors(ray, lambda name: f"did {name}", {name: (name,) for name in names}, cpus=2, gpus=1)
    found: dict[str, Any] = {}
    for name, call in calls:
        assert name not in found
        found[name] = ray.get(call)
    return found


@settings(max_examples=60)
@given(
    seed=st.integers(0, 100_000),
    tasks=st.integers(0, 12),
    gpus=st.integers(1, 5),
    places=st.integers(1, 5),
    losses=st.integers(0, MOST_RETRIES),
)
def test_every_task_is_done_once_and_no_actor_is_left(
    seed: int, tasks: int, gpus: int, places: int, losses: int
) -> None:
    dice = random.Random(seed)
    lost: Counter[str] = Counter()

    def fate(name: str) -> RayError | None:
        if lost[name] < losses and dice.random() < 0.5:
            lost[name] += 1
            error: type[RayError] = dice.choice([ActorError, exceptions.NodeDiedError, exceptions.OutOfMemoryError])
            return error()
        return None

    ray = MadeUpRay(gpus=gpus, fate=fate, dice=dice, places=places)
    names = [str(number) for number in range(tasks)]
    assert done(ray, names) == {name: f"did {name}" for name in names}
    assert ray.living == []
    assert ray.most_living <= gpus
    if tasks:
        assert (ray.asked["num_cpus"], ray.asked["num_gpus"], ray.asked["max_restarts"]) == (2, 1, 0)


def test_a_task_that_is_lost_again_and_again_ends_the_run() -> None:
    lost: Counter[str] = Counter()

    def fate(name: str) -> RayError | None:
        lost[name] += 1
        return ActorError("gone") if name == "b" else None

    ray = MadeUpRay(gpus=2, fate=fate, dice=random.Random(1), places=2)
    with pytest.raises(ActorError, match="gone"):
        done(ray, ["a", "b", "c"])
    assert lost["b"] == MOST_RETRIES + 1


def test_an_error_of_a_task_itself_is_not_tried_again() -> None:
    lost: Counter[str] = Counter()

    def fate(name: str) -> RayError | None:
        lost[name] += 1
        return TaskError("bad input") if name == "b" else None

    ray = MadeUpRay(gpus=1, fate=fate, dice=random.Random(1), places=2)
    with pytest.raises(TaskError, match="bad input"):
        done(ray, ["a", "b", "c"])
    assert lost["b"] == 1
