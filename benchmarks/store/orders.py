"""One batch run, and the same articles coming to a store in many orders: its stories must be those of the run.

The articles are a draw of the translated news of NTREX, which have no times, and of the examples, which have. They come
one by one; in batches; and in batches between which some are removed or expire and come again later. Each store is
looked at twice: in the middle, beside a batch run over what it then holds, and at the end. Compared is all that is said
of a story and its articles but the story's id, which in a store tells its history.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.datasets import dataset
from benchmarks.store.ready import Prepared, ReadyStore, prepare
from dedup.article import Article
from dedup.cache import cache_folder
from dedup.encode.base import Encoder
from dedup.encode.transformer import TransformerEncoder
from dedup.encode.vectors import VectorCache
from dedup.pipeline import deduplicate
from dedup.store import Store
from dedup.story import Member, Story

__all__ = ["PLAYS", "Coming", "Told", "differences", "drawn", "measure_orders", "told"]

_SEED = 20260101
_MOST_IN_A_BATCH = 60
_CHANCE_OF_A_DETOUR = 0.25
_MOST_REMOVED = 30
_LAST_DAYS_KEPT = 6
_MOST_TOLD = 5
Told = dict[frozenset[str], tuple[tuple[Member, ...], Article]]
"""Members in their order and the representative of each story."""


@dataclass(slots=True)
class Coming:
    """Articles on their way into a store."""

    store: Store
    dice: random.Random
    waiting: list[Article]
    held: dict[str, Article] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def add(self, most: int) -> None:
        """Add the next articles, 1 to ``most`` of them."""
        count = self.dice.randint(1, most)
        some, self.waiting = self.waiting[:count], self.waiting[count:]
        started = time.perf_counter()
        self.store.add(some)
        self.seconds.append(time.perf_counter() - started)
        self.held |= {one.id: one for one in some}

    def remove(self) -> None:
        """Take some out, which come again."""
        gone = self.dice.sample(sorted(self.held), min(len(self.held), self.dice.randint(1, _MOST_REMOVED)))
        self.store.remove(gone)
        self._come_again(gone)

    def expire(self) -> None:
        """Let those published before a time go, which come again."""
        times = sorted(one.published for one in self.held.values() if one.published)
        if times:
            before = times[-1] - timedelta(days=self.dice.uniform(0, _LAST_DAYS_KEPT))
            changes = self.store.expire(before)
            # among them those without a time where these days are later than today: they go by when they were added
            gone = {key for change in changes if change.kind == "expired" for key in change.articles}
            assert gone >= {key for key, one in self.held.items() if one.published and one.published < before}
            self._come_again(sorted(gone))

    def _come_again(self, gone: Iterable[str]) -> None:
        for key in gone:
            self.waiting.insert(self.dice.randint(0, len(self.waiting)), self.held.pop(key))


def _one_by_one(coming: Coming) -> Iterator[None]:
    while coming.waiting:
        coming.add(1)
        yield


def _in_batches(coming: Coming) -> Iterator[None]:
    while coming.waiting:
        coming.add(_MOST_IN_A_BATCH)
        yield


def _with_detours(coming: Coming) -> Iterator[None]:
    while coming.waiting:
        coming.add(_MOST_IN_A_BATCH)
        if coming.dice.random() < _CHANCE_OF_A_DETOUR:
            coming.dice.choice((coming.remove, coming.expire))()
        yield


PLAYS: Mapping[str, Callable[[Coming], Iterator[None]]] = {
    "one by one": _one_by_one,
    "in batches": _in_batches,
    "in batches, some removed or expired and added again": _with_detours,
}
"""How articles come, by what it is called."""


def drawn(count: int) -> dict[str, tuple[Article, ...]]:
    """Return ``count`` articles, of each data set in proportion to its size."""
    every = [(name, one) for name in ("ntrex", "examples") for one in dataset(name).load().articles]
    chosen = random.Random(_SEED).sample(every, count)
    return {name: tuple(one for of, one in chosen if of == name) for name in ("ntrex", "examples")}


def measure_orders(articles: int, orders: int, folder: Path) -> dict[str, Any]:
    """Return how often the stories of a store were those of a batch run, and the first that were not."""
    of = drawn(articles)
    encoder = TransformerEncoder()
    with closing(VectorCache.for_encoder(encoder, cache_folder("vectors"))) as cache:
        prepared = prepare([one for some in of.values() for one in some], encoder, cache)
        sides = _Sides(prepared, encoder, cache)
        rows = [_measure_play(name, sides, orders, folder) for name in PLAYS]
        sizes = [len(members) for members in sides.of_batch_run(sides.articles)]
    return {
        "articles": {name: len(some) for name, some in of.items()},
        "stories": len(sizes),
        "largest": max(sizes),
        "alone": sizes.count(1),
        "faults": sum(row["faults"] for row in rows),
        "rows": rows,
    }


@dataclass(frozen=True, slots=True)
class _Sides:
    """Makes what is compared: stores, and batch runs."""

    prepared: Prepared
    encoder: Encoder
    cache: VectorCache

    @property
    def articles(self) -> list[Article]:
        """All of them, as they were given."""
        return [one.article for one in self.prepared.values()]

    def store(self, folder: Path) -> ReadyStore:
        """Make a store with the defaults."""
        return ReadyStore.of(self.prepared, folder, encoder=self.encoder)

    def of_batch_run(self, articles: Iterable[Article]) -> Told:
        """Return what a batch run with the defaults says."""
        return told(deduplicate(articles, encoder=self.encoder, cache=self.cache).stories)


def _measure_play(name: str, sides: _Sides, orders: int, folder: Path) -> dict[str, Any]:
    whole = sides.of_batch_run(sides.articles)
    seconds: list[float] = []
    wrong: list[str] = []
    for order in range(orders):
        dice = random.Random(f"{_SEED} {name} {order}")
        with sides.store(folder / f"{name} {order}") as store:
            coming = Coming(store, dice, dice.sample(sides.articles, len(sides.articles)))
            wrong += _different_halfway(name, coming, sides)
            wrong += [f"order {order}, all: {one}" for one in differences(told(store.stories()), whole)]
            seconds += coming.seconds
        print(f"{name}, order {order}: {len(wrong)} stories differ so far", file=sys.stderr, flush=True)
    return {
        "play": name,
        "orders": orders,
        "compared": 2 * orders,
        "calls": len(seconds),
        "add_median_seconds": round(median(seconds), 4),
        "faults": len(wrong),
        "first_faults": wrong[:_MOST_TOLD],
    }


def _different_halfway(name: str, coming: Coming, sides: _Sides) -> list[str]:
    """Let all come, and return what differs when a number of them, drawn by chance, is there for the first time."""
    halt: float = coming.dice.randint(1, len(coming.waiting) - 1)
    found: list[str] = []
    for _ in PLAYS[name](coming):
        if len(coming.held) >= halt:
            halt = inf
            there = sides.of_batch_run(coming.held.values())
            held = len(coming.held)
            found += [f"{held} of them: {one}" for one in differences(told(coming.store.stories()), there)]
    return found


def told(stories: Iterable[Story]) -> Told:
    """Return all that is said of stories but their ids, by the ids of their articles."""
    return {frozenset(one.id for one in story.articles): (story.members, story.representative) for story in stories}


def differences(found: Told, expected: Told) -> list[str]:
    """Return a line for each story that only one side has, or of which the two say different things."""
    return [
        f"{', '.join(sorted(key))}: {found.get(key, 'no story')}, not {expected.get(key, 'no story')}"
        for key in sorted(found.keys() | expected.keys(), key=sorted)
        if found.get(key) != expected.get(key)
    ]
