"""Articles that are read, encoded and taken apart once, and a store that takes them as they are."""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.datasets import distractors
from dedup.article import Article
from dedup.encode.base import Encoder
from dedup.encode.static import StaticEncoder
from dedup.encode.vectors import VectorCache
from dedup.settings import Settings
from dedup.store import Store
from dedup.store.newcomers import NewcomerReader
from dedup.store.revision import Newcomer

__all__ = [
    "START",
    "TIMES_THINNER",
    "DayOf",
    "Prepared",
    "ReadyStore",
    "after_an_archive",
    "evenly",
    "news",
    "prepare",
    "prepared_news",
]

START = datetime(2026, 1, 1, tzinfo=UTC)
_ARTICLES_AT_ONCE = 1_000
_SEED = 20260101

TIMES_THINNER = 8

Prepared = Mapping[str, Newcomer]
"""By the id of the article."""
DayOf = Callable[[int], float]
"""Number of an article → days after ``START``."""


class ReadyStore(Store):
    """A store whose articles have been prepared: what is measured is the store alone, beside reading and encoding.

    Of an article ``ID@ANYTHING`` only the id and the time are its own.
    """

    @classmethod
    def of(
        cls,
        prepared: Prepared,
        folder: Path,
        *,
        encoder: Encoder,
        settings: Settings | None = None,
        cache: VectorCache | None = None,
    ) -> ReadyStore:
        """Make a store in ``folder`` that can take these articles."""
        store = cls.open(folder, encoder=encoder, settings=settings, cache=cache)
        assert isinstance(store, ReadyStore)
        store._newcomers = _Ready(prepared, store)
        return store


class _Ready(NewcomerReader):
    """What is ready instead of what would be read."""

    def __init__(self, prepared: Prepared, store: ReadyStore) -> None:
        super().__init__(store.path, store._rules, store.encoder, store._newcomers.cache)
        self.prepared = prepared

    def of(self, articles: Sequence[Article]) -> list[Newcomer]:
        found = []
        for one in articles:
            ready = self.prepared[one.id.partition("@")[0]]
            article = replace(ready.article, id=one.id, published=one.published)
            found.append(Newcomer(article, ready.vectors, ready.evidence, ready.copies))
        return found


def prepare(articles: Sequence[Article], encoder: Encoder, cache: VectorCache | None = None) -> dict[str, Newcomer]:
    """Return articles as a store takes them in, just as ``Store.add`` does."""
    for article in articles:
        if "@" in article.id:
            raise ValueError(f"the id {article.id!r} has the sign that divides ids here; choose another sign")
    prepared: dict[str, Newcomer] = {}
    with tempfile.TemporaryDirectory() as folder, Store.open(folder, encoder=encoder, cache=cache) as store:
        for start in range(0, len(articles), _ARTICLES_AT_ONCE):
            some = store._newcomers.of(articles[start : start + _ARTICLES_AT_ONCE])
            prepared |= {one.article.id: one for one in some}
    return prepared


def prepared_news(pool: int) -> dict[str, Newcomer]:
    """Return ``pool`` real articles of the unlabelled news, for the fast encoder."""
    prepared = prepare(distractors(pool), StaticEncoder())
    print(f"{pool:,} articles are ready", file=sys.stderr, flush=True)
    return prepared


def evenly(per_day: int) -> DayOf:
    """Return the day of each article where there are so many a day."""
    return lambda number: number / per_day


def after_an_archive(before: int, per_day: int) -> DayOf:
    """Return the day of each article where the first ``before`` come an eighth as densely as the others."""
    return lambda number: (TIMES_THINNER * min(number, before) + max(0, number - before)) / per_day


def news(prepared: Prepared, numbers: Sequence[int], day_of: DayOf, again: str = "") -> Iterator[Article]:
    """Yield articles by their number: one number has one article and one time.

    Args:
        prepared: Where there are fewer articles than numbers they come again, all the others between.
        numbers: From 0 on.
        day_of: The day of each.
        again: Makes another id of each.
    """
    ids = sorted(prepared)
    random.Random(_SEED).shuffle(ids)
    for number in numbers:
        turn, place = divmod(number, len(ids))
        article = prepared[ids[place]].article
        yield replace(article, id=f"{article.id}@{turn}{again}", published=START + timedelta(days=day_of(number)))
