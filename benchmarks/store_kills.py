"""Kill a process that writes to a store, at any moment, again and again, and look at what is left.

    python -m benchmarks.store_kills --kills 200

A process adds, expires, removes and corrects in a loop, and tells of each call that has returned. It is killed with
SIGKILL after a time drawn by chance, and what it was doing with it. The store must then hold every call that was told
of, the one after it whole or not at all, and be sound; its stories must be those of a batch run over its articles.
The next process goes on where this one was killed.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from dedup.article import Article
from dedup.encode.base import Vectors
from dedup.encode.named import FAST
from dedup.pipeline import deduplicate
from dedup.score.calibration import Calibration, shipped_calibration
from dedup.score.scorer import log_odds_of
from dedup.singletons import group_articles
from dedup.store import Store

__all__ = [
    "Call",
    "Held",
    "Kill",
    "WordEncoder",
    "calls",
    "kill_and_look",
    "main",
    "stories_of",
    "word_calibration",
    "write_on",
]

_START = datetime(2020, 1, 1, tzinfo=UTC)
_DAYS_KEPT = 6
_KINDS = ("add",) * 6 + ("replace", "remove", "expire", "same", "different", "forget")
_READY = "ready"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a store: the name of the method and its argument."""

    name: str
    argument: Any

    def on(self, store: Store) -> None:
        """Do it."""
        if self.name == "correct":
            store.correct(**self.argument)
        else:
            getattr(store, self.name)(self.argument)


@dataclass(slots=True)
class Held:
    """What a store should hold, by plain means."""

    articles: dict[str, Article] = field(default_factory=dict)
    labels: dict[tuple[str, str], bool] = field(default_factory=dict)

    def take(self, call: Call) -> None:
        """Do what a call does."""
        if call.name == "add":
            self.articles |= {one.id: one for one in call.argument}
        elif call.name == "remove":
            for key in call.argument:
                del self.articles[key]
        elif call.name == "expire":
            self.articles = {key: one for key, one in self.articles.items() if not _before(one, call.argument)}
        else:
            ((said, pair),) = call.argument.items()
            if said == "forget":
                del self.labels[pair]
            else:
                self.labels[pair] = said == "same"

    def copy(self) -> Held:
        """Return what can be changed alone."""
        return Held(dict(self.articles), dict(self.labels))


def _before(article: Article, time: datetime) -> bool:
    return article.published is not None and article.published < time


def calls(seed: int) -> Iterator[Call]:
    """Yield calls without end, the same for the same seed; each is possible after those before it."""
    dice, held = random.Random(seed), Held()
    named: set[str] = set()
    """Articles of which something was said: of each once, so that nothing contradicts anything."""
    for turn in itertools.count():
        call = _call(dice, turn, held, named)
        held.take(call)
        yield call


def _call(dice: random.Random, turn: int, held: Held, named: set[str]) -> Call:
    kind = dice.choice(_KINDS)
    there = sorted(held.articles)
    free = [key for key in there if key not in named]
    if kind == "replace" and len(there) > 4:
        one, other = (held.articles[key] for key in dice.sample(there, 2))
        return Call("add", [_article(one.id, other.title, other.body, one.published, one.language)])
    if kind == "remove" and len(there) > 8:
        return Call("remove", dice.sample(there, dice.randint(1, 4)))
    if kind == "expire" and len(there) > 8:
        return Call("expire", _START + timedelta(days=turn / 8 - _DAYS_KEPT))
    if kind in ("same", "different") and len(free) > 8:
        a, b = sorted(dice.sample(free, 2))
        named.update((a, b))
        return Call("correct", {kind: (a, b)})
    if kind == "forget" and held.labels:
        pair = dice.choice(sorted(held.labels))
        named.difference_update(pair)
        return Call("correct", {"forget": pair})
    return Call("add", _reports(dice, turn))


def _reports(dice: random.Random, turn: int) -> list[Article]:
    """Return some articles of this moment, on stories of these days."""
    now = _START + timedelta(days=turn / 8)
    made = []
    for number in range(dice.randint(1, 6)):
        story = random.Random(turn // 12 * 100 + dice.randint(0, 7))
        words = [_word(story) for _ in range(50)]
        lines = [
            " ".join(dice.choice(words) if dice.random() < 0.15 else word for word in story.choices(words, k=9))
            for _ in range(4)
        ]
        published = None if dice.random() < 0.1 else now + timedelta(hours=dice.uniform(-30, 30))
        language = dice.choice(["en", "fa", "ar"])
        made.append(_article(f"{turn:06d}-{number}", lines[0], ". ".join(lines[1:]) + ".", published, language))
    return made


def _article(key: str, title: str, body: str, published: datetime | None, language: str) -> Article:
    return Article(id=key, title=title, body=body, published=published, language=language, edition="Invented Wire")


def _word(dice: random.Random) -> str:
    return "".join(dice.choice("bdfgklmnprstvz") + dice.choice("aeiou") for _ in range(4))


def write_on(store: Store, seed: int, start: int) -> None:
    """Do the calls from ``start`` on, without end, and tell of each that has returned."""
    ahead = itertools.islice(calls(seed), start, None)
    # what is imported only once is no moment to be killed at
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(Path(folder, "store"), encoder=store.encoder, calibration=store.calibration) as other,
    ):
        for call in itertools.islice(calls(seed), 2):
            call.on(other)
    _tell(_READY)
    for number, call in enumerate(ahead, start):
        call.on(store)
        _tell(str(number))


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class WordEncoder:
    """Needs no model and is there at once: a sentence's vector is the direction of the sum of its words', by hash."""

    model, revision, settings, dimension = "words", "1", "none", 64

    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Return float32 ``[len(sentences), dimension]``, unit rows."""
        vectors = np.ones((len(sentences), self.dimension))
        for row, sentence in enumerate(sentences):
            for word in sentence.casefold().replace(".", "").split():
                digest = hashlib.shake_128(word.encode()).digest(self.dimension)
                vectors[row] += np.frombuffer(digest, np.uint8).astype(np.float64) - 127.5
        directions: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        return directions


def word_calibration(encoder: WordEncoder) -> Calibration:
    """Return the shipped calibration of the fast encoder for one whose vectors have no mean to be taken off."""
    mean, shipped = np.zeros(encoder.dimension, np.float32), shipped_calibration(FAST)
    relations = shipped.relations
    assert relations is not None
    models = {one.name: replace(getattr(relations, one.name), direction=np.empty(0)) for one in fields(relations)}
    return replace(
        shipped,
        model=encoder.model,
        revision=encoder.revision,
        dimension=encoder.dimension,
        language_means={"en": mean},
        relations=replace(relations, **models),
    )


@dataclass(frozen=True, slots=True)
class Kill:
    """What was found after a process was killed."""

    done: int
    """Calls that the store holds, from the first process on."""
    told: int
    """Calls of this process that it told of."""
    untold: bool
    """Whether the store holds the call that was being done."""
    faults: tuple[str, ...]
    articles: int
    ready_seconds: float


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
    began = time.perf_counter()
    with subprocess.Popen(
        [*command, str(seed), str(start)], stdout=subprocess.PIPE, text=True, env=dict(environment)
    ) as process:
        assert process.stdout is not None
        if process.stdout.readline().strip() != _READY:
            process.kill()
            raise RuntimeError(f"the process that was to write ended with {process.wait()}")
        ready = time.perf_counter() - began
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
            faults=tuple(faults),
            articles=len(store),
            ready_seconds=ready,
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill as often as asked, print counts, and return 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2.0, help="longest time before a kill")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs="*", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    encoder = WordEncoder()
    if options.write:
        with Store.open(options.write, encoder=encoder) as store:
            write_on(store, *options.rest)
    dice, counts, start = random.Random(options.seed), Counter[str](), 0
    began, ready = time.perf_counter(), list[float]()
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent, "store")
        command = [sys.executable, "-m", "benchmarks.store_kills", "--write", str(folder)]
        Store.open(folder, encoder=encoder, calibration=word_calibration(encoder)).close()
        for number in range(options.kills):
            wait = dice.uniform(0, options.seconds)
            kill = kill_and_look(
                command, os.environ, lambda: Store.open(folder, encoder=encoder), options.seed, start, wait
            )
            start = kill.done
            ready.append(kill.ready_seconds)
            counts.update(calls_told=kill.told, held_though_untold=kill.untold, faults=len(kill.faults))
            for fault in kill.faults:
                print(f"kill {number + 1}: {fault}")
            if kill.faults:
                break
    print(
        f"{number + 1} kills in {time.perf_counter() - began:.0f} s: {counts['calls_told']} calls were told of, all "
        f"are there; {counts['held_though_untold']} that were being done are there whole, the others not at all; "
        f"{kill.articles} articles in the end, {counts['faults']} faults"
    )
    print(f"a process was ready after {np.median(ready):.1f} s (median)")
    return 1 if counts["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
