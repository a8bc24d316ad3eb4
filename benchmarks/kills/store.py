"""Kill a process that writes to a store, at any moment, again and again, and look at what is left.

A process adds, expires, removes and corrects in a loop, and tells of each call that has returned. It is killed with
SIGKILL after a time drawn by chance, and what it was doing with it. The store must then hold every call that was told
of, the one after it whole or not at all, and be sound; its stories must be those of a batch run over its articles.
The next process goes on where this one was killed.
"""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.store.writer import READY, Held, WordEncoder, calls, word_calibration
from dedup.pipeline import deduplicate
from dedup.score.scorer import log_odds_of
from dedup.singletons import group_articles
from dedup.store import Store

__all__ = ["WRITER", "Kill", "kill_and_look", "measure_kills", "stories_of"]

WRITER = (sys.executable, "-m", "benchmarks.store.writer")
"""Followed by the folder of the store, it can be killed."""
_SEED = 1
_LONGEST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Kill:
    """What was found after a process was killed."""

    done: int
    """Calls that the store holds, from the first process on."""
    told: int
    """Calls of this process that it told of."""
    untold: bool
    """Whether the store holds the call that was being done."""
    interrupted: str
    """What was being called."""
    faults: tuple[str, ...]
    articles: int


def kill_and_look(
    command: Sequence[str],
    environment: Mapping[str, str],
    opened: Callable[[], Store],
    seed: int,
    start: int,
    wait: float,
) -> Kill:
    """Let ``command`` call ``write_on``, kill it after ``wait`` seconds of writing, and look at the store.

    Args:
        command: Followed by the seed and the number of the call to begin with.
        environment: Of the process.
        opened: Opens the store.
        seed: Of the calls.
        start: Calls that the store holds.
        wait: Seconds.
    """
    with subprocess.Popen(
        [*command, str(seed), str(start)], stdout=subprocess.PIPE, text=True, env=dict(environment)
    ) as process:
        assert process.stdout is not None
        if process.stdout.readline().strip() != READY:
            process.kill()
            raise RuntimeError(f"the process that was to write ended with {process.wait()}")
        time.sleep(wait)
        ended = process.poll()
        process.kill()
        lines = [line.strip() for line in process.stdout if line.endswith("\n")]
    last = int(lines[-1]) + 1 if lines else start
    with opened() as store:
        done, faults = _look(store, seed, last)
        if ended is not None:
            faults.append(f"the process that wrote ended by itself with {ended}")
        return Kill(
            done=done,
            told=last - start,
            untold=done > last,
            interrupted=next(itertools.islice(calls(seed), last, None)).kind,
            faults=tuple(faults),
            articles=len(store),
        )


def _look(store: Store, seed: int, told: int) -> tuple[int, list[str]]:
    """Return how many calls the store holds, and what is wrong with it."""
    ahead = calls(seed)
    held = Held()
    for call in itertools.islice(ahead, told):
        held.take(call)
    after = held.copy()
    after.take(next(ahead))
    done = told
    if not _holds(store, held):
        if not _holds(store, after):
            return told, ["the store holds neither what was told of nor that and the next call"]
        done, held = told + 1, after
    faults = [f"{one.file}: {one.what} {one.article or ''}" for one in store.verify()]
    if stories_of(store) != _batch(store, held):
        faults.append("the stories are not those of a batch run")
    return done, faults


def _holds(store: Store, held: Held) -> bool:
    found = {one.id: one for story in store.stories() for one in story.articles}
    labels = {(label.a, label.b): label.same for label in store.labels()}
    return found == held.articles and labels == held.labels and len(store) == len(held.articles)


def stories_of(store: Store) -> set[frozenset[str]]:
    """Return the stories as sets of ids."""
    return {frozenset(article.id for article in story.articles) for story in store.stories()}


def _batch(store: Store, held: Held) -> set[frozenset[str]]:
    """Return the stories of a batch run that takes the word of people for its pairs."""
    settings, calibration = store.settings, store.calibration
    result = deduplicate(held.articles.values(), settings, encoder=store.encoder, calibration=calibration)
    keys = [article.id for article in result.articles]
    place = {key: position for position, key in enumerate(keys)}
    scored = dict(zip(map(tuple, result.scored.pairs.tolist()), result.scored.log_odds.tolist(), strict=True))
    for (a, b), same in held.labels.items():
        if a in place and b in place:
            scored[place[a], place[b]] = np.inf if same else -np.inf
    threshold = log_odds_of(settings.threshold)
    labels = group_articles(
        keys,
        np.array(list(scored), np.int64).reshape(len(scored), 2),
        np.array(list(scored.values()), np.float64),
        threshold=threshold,
        absent=min(calibration.absent_log_odds, threshold),
    )
    stories: dict[int, set[str]] = {}
    for key, group in zip(keys, labels.tolist(), strict=True):
        stories.setdefault(group, set()).add(key)
    return {frozenset(story) for story in stories.values()}


def measure_kills(kills: int, folder: Path) -> dict[str, Any]:
    """Return what ``kills`` kills have left of a store in ``folder``, counted; they end with the first fault."""
    dice, encoder = random.Random(_SEED), WordEncoder()
    Store.open(folder / "store", encoder=encoder, calibration=word_calibration(encoder)).close()
    counts, interrupted, faults, start = Counter[str](), Counter[str](), list[str](), 0
    began = time.perf_counter()
    for number in range(kills):
        kill = kill_and_look(
            [*WRITER, str(folder / "store")],
            os.environ,
            lambda: Store.open(folder / "store", encoder=encoder),
            seed=_SEED,
            start=start,
            wait=dice.uniform(0, _LONGEST_SECONDS),
        )
        start = kill.done
        counts.update(kills=1, calls_told=kill.told, held_though_untold=kill.untold)
        interrupted[kill.interrupted] += 1
        faults += [f"kill {number + 1}: {fault}" for fault in kill.faults]
        if kill.faults:
            break
        if number % 20 == 19:
            print(f"{number + 1} kills, {counts['calls_told']} calls were told of", file=sys.stderr, flush=True)
    return {
        **counts,
        "interrupted": dict(interrupted.most_common()),
        "longest_seconds": _LONGEST_SECONDS,
        "articles": kill.articles,
        "seconds": round(time.perf_counter() - began),
        "faults": faults,
    }
