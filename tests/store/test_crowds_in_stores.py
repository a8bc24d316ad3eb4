"""A store lets copies follow as a run does, whatever comes and goes in whatever order."""

from __future__ import annotations

import random
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from made_crowds import crowded_news, lower
from stores import batch, holdings, open_store, replay, told

from dedup.article import Article
from dedup.store import Store

STEPS = ("add", "add", "add", "remove", "replace", "first", "expire", "again")


class Newsroom:
    """Does what a user may do, with articles of which many are copies."""

    def __init__(self, store: Store, seed: int, articles: list[Article]) -> None:
        self.store, self.dice, self.coming = store, random.Random(seed), articles
        self.held: dict[str, Article] = {}

    def add(self) -> None:
        many = self.dice.randint(1, 30)
        some, self.coming = self.coming[:many], self.coming[many:]
        self._take_in(some)

    def replace(self) -> None:
        """Some come again at another time, or with the text of another article."""
        some = []
        for one in self._some(4):
            other = self.dice.choice(sorted(self.held.values(), key=lambda article: article.id))
            later = one.published and one.published + timedelta(hours=self.dice.choice([-7, 5]))
            some.append(replace(one, title=other.title, body=other.body, published=later))
        self._take_in(some)

    def first(self) -> None:
        """Articles come that are earlier than those that led until now."""
        some = [
            replace(one, id=f"early-{one.id}", published=one.published and one.published.replace(hour=0, minute=1))
            for one in self._some(3)
        ]
        self._take_in(some)

    def remove(self) -> None:
        gone = [one.id for one in self._some(8)]
        self.store.remove(gone)
        for key in gone:
            del self.held[key]

    def expire(self) -> None:
        dated = sorted(one.published for one in self.held.values() if one.published)
        if dated:
            before = dated[len(dated) // 5]
            self.store.expire(before)
            self.held = {key: one for key, one in self.held.items() if not one.published or one.published >= before}

    def again(self) -> None:
        assert self.store.add(self._some(4)) == []

    def _take_in(self, some: list[Article]) -> None:
        self.store.add(some)
        self.held |= {one.id: one for one in some}

    def _some(self, most: int) -> list[Article]:
        held = sorted(self.held.values(), key=lambda article: article.id)
        return self.dice.sample(held, min(self.dice.randint(1, most), len(held)))


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    seed=st.integers(0, 100_000),
    undated=st.sampled_from([0.0, 0.0, 0.3, 1.0]),
    steps=st.lists(st.sampled_from(STEPS), min_size=2, max_size=8),
)
def test_after_every_call_it_is_that_of_a_batch_run(
    seed: int, undated: float, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lower(monkeypatch)
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder, "store")) as store:
        room = Newsroom(store, seed, crowded_news(seed, undated=undated))
        held: dict[str, set[str]] = {}
        cursor = 0
        for step in ["add", *steps]:
            if room.held or step == "add":
                getattr(room, step)()
            assert told(store.stories()) == told(batch(room.held.values()).stories)
            fresh = store.changes(cursor)
            held = replay(fresh, held)
            assert held == holdings(store)
            cursor = fresh[-1].cursor if fresh else cursor
        assert store.verify() == []
