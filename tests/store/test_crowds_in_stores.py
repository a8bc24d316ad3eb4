"""A store lets copies follow as a run does, whatever comes and goes in whatever order."""

from __future__ import annotations

import random
import sqlite3
import tempfile
from contextlib import closing
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
from dedup.store.schema import FORMAT

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


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(
    seed=st.integers(0, 100_000),
    undated=st.sampled_from([0.0, 0.0, 0.3, 1.0]),
    steps=st.lists(st.sampled_from(STEPS), min_size=2, max_size=5),
)
def test_after_every_call_it_is_that_of_a_batch_run(
    seed: int, undated: float, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lower(monkeypatch)
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder, "store")) as store:
        room = Newsroom(store, seed, crowded_news(seed, undated=undated, crowd=12))
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


def test_of_whom_people_said_something_follows_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lower(monkeypatch)
    articles = crowded_news(1)
    follows = {one for one, _ in pairs_of_followers(articles)}
    keys = sorted(follows)
    other = next(one.id for one in articles if not one.id.startswith("copy"))
    with open_store(tmp_path / "store") as store:
        store.add(articles)
        before = told(store.stories())
        store.correct(different=(keys[0], keys[1]))
        store.correct(same=(keys[2], other))
        story = {one.id: story.id for story in store.stories() for one in story.articles}
        assert story[keys[0]] != story[keys[1]]
        assert story[keys[2]] == story[other]
        assert replay(store.changes()) == holdings(store)
        assert store.verify() == []
        # it outlives the article, also where that comes again as a copy
        again = next(one for one in articles if one.id == keys[0])
        store.remove([keys[0]])
        store.add([again])
        story = {one.id: story.id for story in store.stories() for one in story.articles}
        assert story[keys[0]] != story[keys[1]]
        store.correct(forget=(keys[0], keys[1]))
        store.correct(forget=(keys[2], other))
        assert told(store.stories()) == before
        assert store.verify() == []


def pairs_of_followers(articles: list[Article]) -> list[tuple[str, str]]:
    result = batch(articles)
    keys = [article.id for article in result.articles]
    return [(keys[one], keys[lead]) for one, lead in result.scored.followers.tolist()]


def test_an_article_that_is_found_is_compared_with_those_that_lead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lower(monkeypatch)
    articles = crowded_news(1)
    with open_store(tmp_path / "store") as store:
        store.add(articles)
        one, _ = pairs_of_followers(articles)[0]
        article = next(each for each in articles if each.id == one)
        (match, *_) = store.find(replace(article, id="asked"))
        assert one in {each.id for each in match.story.articles}
        assert match.probability > 0.9
        (match, *_) = store.find(article)
        assert one in {each.id for each in match.story.articles}
        assert match.probability > 0.9


def test_what_is_damaged_of_it_is_found_and_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lower(monkeypatch)
    articles = crowded_news(1)
    with open_store(tmp_path / "store") as store:
        store.add(articles)
        before = told(store.stories())
    for damage, what in (
        ("UPDATE articles SET lead = NULL, asked = NULL WHERE lead IS NOT NULL", "follows another than"),
        ("UPDATE articles SET lead = (SELECT MIN(number) FROM articles) WHERE lead IS NOT NULL", "follows another"),
        ("DELETE FROM cells WHERE key = 1 AND number % 2", "is not there whole"),
        ("INSERT INTO cells SELECT 100000, key, cell FROM cells WHERE number = 1", "no such article"),
    ):
        with closing(sqlite3.connect(tmp_path / "store" / "store.sqlite")) as connection, connection:
            connection.execute(damage)
        with open_store(tmp_path / "store") as store:
            assert what in "".join(one.what for one in store.verify())
            store.repair()
            assert store.verify() == []
            assert told(store.stories()) == before


def as_the_first_format(path: Path, *more: str) -> None:
    """Make of a store what it was before there were crowds."""
    columns = ("lead", "lead_log_odds", "lead_text_odds", "asked")
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in (
            "DROP TABLE cells",
            "DROP INDEX articles_by_lead",
            *(f"ALTER TABLE articles DROP COLUMN {name}" for name in columns),
            "UPDATE facts SET value = '1' WHERE name = 'format'",
            *more,
        ):
            connection.execute(statement)


def test_a_store_of_the_first_format_has_its_copies_follow_once_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = crowded_news(1)
    with open_store(tmp_path / "store") as store:
        store.add(articles)
    as_the_first_format(tmp_path / "store" / "store.sqlite")
    lower(monkeypatch)
    expected = batch(articles)
    assert expected.counts["followed"] > 5
    for _ in range(2):
        with open_store(tmp_path / "store") as store:
            assert told(store.stories()) == told(expected.stories)
            assert replay(store.changes()) == holdings(store)
            assert store.verify() == []
    with closing(sqlite3.connect(tmp_path / "store" / "store.sqlite")) as connection:
        assert connection.execute("SELECT value FROM facts WHERE name = 'format'").fetchone() == (str(FORMAT),)


def test_an_article_of_the_first_format_that_is_damaged_keeps_nobody_from_the_rest(tmp_path: Path) -> None:
    articles = crowded_news(1, crowd=2)
    with open_store(tmp_path / "store") as store:
        store.add(articles)
    as_the_first_format(tmp_path / "store" / "store.sqlite", "UPDATE articles SET record = '[' WHERE number = 3")
    with open_store(tmp_path / "store") as store:
        assert {one.what for one in store.verify() if one.mendable} == {
            "what copies of the article have in common is not there whole"
        }
        assert any("cannot be read" in one.what for one in store.verify())
