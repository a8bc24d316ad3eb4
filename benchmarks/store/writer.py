"""A process that writes to a store without end and tells of each call that has returned, made to be killed.

    python -m benchmarks.store.writer FOLDER SEED START

The calls are drawn by the seed: the same for the same seed, each possible after those before it.
"""

from __future__ import annotations

import hashlib
import itertools
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from dedup.article import Article
from dedup.encode.base import Vectors
from dedup.encode.named import FAST
from dedup.score.calibration import Calibration, shipped_calibration
from dedup.store import Store

__all__ = ["READY", "Call", "Held", "WordEncoder", "calls", "word_calibration", "write_on"]

READY = "ready"
"""Told before the first call."""
_START = datetime(2020, 1, 1, tzinfo=UTC)
_DAYS_KEPT = 6
_KINDS = ("add",) * 6 + ("replace", "remove", "expire", "same", "different", "forget")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a store: the name of the method and its argument."""

    name: str
    argument: Any

    @property
    def kind(self) -> str:
        """The name, or what is said by a correction."""
        return next(iter(self.argument)) if self.name == "correct" else self.name

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
    _tell(READY)
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


def main(arguments: Sequence[str]) -> None:
    """Open the store in the folder and write until killed."""
    folder, seed, start = arguments
    with Store.open(folder, encoder=WordEncoder()) as store:
        write_on(store, int(seed), int(start))


if __name__ == "__main__":
    main(sys.argv[1:])
