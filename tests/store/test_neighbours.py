"""What is found is what the rule of candidates says of every pair, looked at one by one."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from fakes import fake_calibration
from hypothesis import given, settings
from hypothesis import strategies as st
from stores import START

from dedup.encode.base import Vectors
from dedup.evidence.clock_columns import ArticleClocks
from dedup.evidence.day_columns import ArticleDays
from dedup.evidence.extraction import ArticleEvidence
from dedup.evidence.packed import hashed_evidence, pack_evidence
from dedup.index import Bounds
from dedup.score.calibration import Relatedness
from dedup.score.screen import LEAST_IN_COMMON
from dedup.store import neighbours as neighbours_module
from dedup.store.database import Database
from dedup.store.neighbours import Indexed, Neighbours
from dedup.store.segments import ArticleVectors, Segments

DIMENSION = 16
BUCKET_HOURS = 12.0
BOUNDS = Bounds(similarity=0.3, one_language=0.5, undated=0.7, window_hours=48)
EPOCH_HOURS = START.timestamp() / 3600
# with a name in common there is enough, without one there is not
CALIBRATION = replace(
    fake_calibration(),
    dimension=DIMENSION,
    related=Relatedness(intercept=LEAST_IN_COMMON - 1, coefficients={"names_shared": 3.0}),
)


class One(NamedTuple):
    number: int
    document: Vectors
    hours: float | None
    language: str

    @property
    def names(self) -> set[str]:
        """One or two of five."""
        return {"abcde"[int(abs(value) * 1e4) % 5] for value in self.document[:2].tolist()}

    @property
    def evidence(self) -> bytes:
        return pack_evidence(
            ArticleEvidence(
                names=dict.fromkeys(self.names, (0.5, True)),
                numbers={},
                places={},
                figures={},
                days=ArticleDays(named=(), in_year=(), weekdays=0, months=0, published=None),
                clocks=ArticleClocks(),
                marks_names=True,
            )
        )


class Shelf:
    """The tables and segments of a store, filled by hand."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(folder / "store.sqlite", create=True, write=True)
        self.segments = Segments(folder / "vectors", DIMENSION)
        self.neighbours = Neighbours(self.database, self.segments, CALIBRATION, BUCKET_HOURS)
        self.held: dict[int, One] = {}
        self._end: dict[int, int] = {}
        self._last = 0

    def add(self, made: Sequence[tuple[Vectors, float | None, str]]) -> list[int]:
        none = np.empty(0, np.float32)
        written = [
            ArticleVectors(document=document, codes=np.empty((0, DIMENSION), np.int8), scales=none, weights=none)
            for document, _, _ in made
        ]
        places = self.segments.append(written, self._end)
        numbers = []
        for (document, hours, language), place in zip(made, places, strict=True):
            self._last += 1
            values = {
                "number": self._last,
                "id": str(self._last),
                "record": "",
                "language": language,
                "hours": hours,
                "bucket": None if hours is None else int(np.floor(hours / BUCKET_HOURS)),
                "added": 0.0,
                "evidence": One(self._last, document, hours, language).evidence,
                "segment": place.segment,
                "place": place.place,
                "sentences": 0,
                "checksum": place.checksum,
            }
            names = ", ".join(values)
            self.database.run(
                f"INSERT INTO articles ({names}) VALUES ({', '.join('?' * len(values))})", tuple(values.values())
            )
            self.held[self._last] = One(self._last, document, hours, language)
            self._end[place.segment] = place.place + self.segments.size(0)
            numbers.append(self._last)
        return numbers

    def remove(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            self.database.run("DELETE FROM articles WHERE number = ?", (number,))
            del self.held[number]
        self.database.set_fact("removals", str(random.random()))

    def found(self, asked: Sequence[One]) -> set[tuple[int, int]]:
        self.neighbours.refresh()
        queries = Indexed(
            numbers=np.array([one.number for one in asked], np.int64),
            documents=np.stack([one.document for one in asked]),
            hours=np.array([np.nan if one.hours is None else one.hours for one in asked]),
            languages=[one.language for one in asked],
            evidence=hashed_evidence([one.evidence for one in asked]),
        )
        found = self.neighbours.pairs(queries, BOUNDS)
        assert len(found) == len(set(found))
        return set(found)

    def expected(self, asked: Sequence[One]) -> set[tuple[int, int]]:
        return {(one.number, other.number) for one in asked for other in self.held.values() if _near(one, other)}


def _near(one: One, other: One) -> bool:
    if one.number == other.number:
        return False
    cosine = round(float(np.einsum("ij,ij->i", one.document[None, :], other.document[None, :])[0]), 5)
    if one.hours is None or other.hours is None:
        return cosine >= BOUNDS.undated
    if abs(one.hours - other.hours) > BOUNDS.window_hours:
        return False
    least = BOUNDS.one_language if one.language == other.language else BOUNDS.similarity
    return cosine >= least and bool(one.names & other.names)


def made(dice: random.Random, count: int) -> list[tuple[Vectors, float | None, str]]:
    rng = np.random.default_rng(dice.randrange(1 << 30))
    subjects = np.random.default_rng(1).normal(size=(3, DIMENSION))
    articles: list[tuple[Vectors, float | None, str]] = []
    for _ in range(count):
        raw = subjects[dice.randrange(3)] + rng.normal(size=DIMENSION) * dice.choice([0.0, 0.5, 1.5])
        # hours that fall on the ends of buckets and of windows, before 1970 too
        base = dice.choice([EPOCH_HOURS, EPOCH_HOURS, -50.0])
        hours = None if dice.random() < 0.2 else base + dice.choice([dice.uniform(0, 200), 12.0 * dice.randint(0, 16)])
        articles.append(((raw / np.linalg.norm(raw)).astype(np.float32), hours, dice.choice(["en", "fa"])))
    return articles


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    opened = Shelf(tmp_path)
    yield opened
    opened.segments.close()
    opened.database.close()


@settings(max_examples=15)
@given(seed=st.integers(0, 1_000_000), held=st.sampled_from([1, 20, 400_000]), at_once=st.sampled_from([1, 7, 1_000]))
def test_every_pair_that_is_near_is_found_and_no_other(
    seed: int, held: int, at_once: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    dice = random.Random(seed)
    shelf = Shelf(tmp_path_factory.mktemp("shelf"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours_module, "_MOST_ROWS", held)
        patch.setattr(neighbours_module, "_QUERIES_AT_ONCE", at_once)
        for _ in range(3):
            fresh = shelf.add(made(dice, dice.randint(1, 25)))
            strangers = [One(-1, *one) for one in made(dice, 1)]
            asked = [shelf.held[number] for number in fresh]
            assert shelf.found(asked) == shelf.expected(asked)
            assert shelf.found(strangers) == shelf.expected(strangers)
            shelf.remove(dice.sample(sorted(shelf.held), dice.randint(0, len(shelf.held) // 2)))
            assert shelf.found(strangers) == shelf.expected(strangers)
    shelf.segments.close()
    shelf.database.close()


def test_what_another_process_adds_and_takes_out_is_seen(shelf: Shelf) -> None:
    dice = random.Random(3)
    strangers = [One(-1, *one) for one in made(dice, 1)]
    shelf.add(made(dice, 40))
    shelf.found(strangers)
    fresh = shelf.add(made(dice, 10))
    assert shelf.found(strangers) == shelf.expected(strangers)
    shelf.remove(fresh[-1:])
    shelf.add(made(dice, 1))
    assert shelf.found(strangers) == shelf.expected(strangers)


def test_nothing_is_near_in_an_empty_store(shelf: Shelf) -> None:
    assert shelf.found([One(-1, *one) for one in made(random.Random(1), 1)]) == set()
