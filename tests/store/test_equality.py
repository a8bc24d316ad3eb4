"""At any time the stories of a store are those of a batch run over the articles that it holds."""

from __future__ import annotations

import itertools
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stores import START, WINDOW, batch, corrected_batch, groups, holdings, news, open_store, replay, told

from dedup.article import Article
from dedup.errors import InputError
from dedup.settings import Settings
from dedup.store import Store

STEPS = ("add", "add", "add", "replace", "remove", "expire", "same", "different", "forget", "again")
Labels = dict[tuple[str, str], bool]


@contextmanager
def fresh_store(rules: Settings = WINDOW) -> Iterator[Store]:
    # not tmp_path: hypothesis runs many examples in one test
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder, "store"), rules) as store:
        yield store


class Newsroom:
    """Does what a user may do with a store, and keeps by plain means what it should hold."""

    def __init__(self, store: Store, seed: int, articles: list[Article]) -> None:
        self.store, self.dice = store, random.Random(seed)
        self.coming = articles
        self.held: dict[str, Article] = {}
        self.labels: Labels = {}

    def step(self, name: str) -> None:
        getattr(self, f"_{name}")()

    def _add(self) -> None:
        many = self.dice.randint(1, 9)
        some, self.coming = self.coming[:many], self.coming[many:]
        self.store.add(some)
        self.held |= {one.id: one for one in some}

    def _again(self) -> None:
        assert self.store.add(self._some(4)) == []

    def _replace(self) -> None:
        some = []
        for one in self._some(3):
            other = self.dice.choice(sorted(self.held.values(), key=lambda article: article.id))
            text = self.dice.choice([one, other])
            later = one.published and one.published + timedelta(hours=self.dice.choice([0, 30]))
            some.append(replace(one, title=text.title, body=text.body, published=later))
        some += self.coming[:2]
        self.coming = self.coming[2:]
        self.store.add(some)
        self.held |= {one.id: one for one in some}

    def _remove(self) -> None:
        gone = [one.id for one in self._some(4)]
        self.store.remove(gone)
        for key in gone:
            del self.held[key]

    def _expire(self) -> None:
        before = START + timedelta(days=self.dice.choice([3, 8, 15]))
        self.store.expire(before)
        self.held = {key: one for key, one in self.held.items() if one.published is None or one.published >= before}

    def _same(self) -> None:
        self._correct(same=True)

    def _different(self) -> None:
        self._correct(same=False)

    def _correct(self, *, same: bool) -> None:
        a, b = sorted(one.id for one in self._some(2)) if len(self.held) > 1 else ("", "")
        if not same:
            a, b = self._of_one_story() or (a, b)
        if a != b and _corrected(self.store, (a, b), same=same):
            self.labels[a, b] = same

    def _forget(self) -> None:
        if self.labels:
            pair = self.dice.choice(sorted(self.labels))
            self.store.correct(forget=pair)
            del self.labels[pair]

    def _some(self, most: int) -> list[Article]:
        held = sorted(self.held.values(), key=lambda article: article.id)
        return self.dice.sample(held, min(self.dice.randint(1, most) if most != 2 else 2, len(held)))

    def _of_one_story(self) -> tuple[str, str] | None:
        several = [story for story in self.store.stories() if len(story.members) > 1]
        if not several:
            return None
        story = self.dice.choice(sorted(several, key=lambda one: one.id))
        a, b = sorted(article.id for article in self.dice.sample(story.articles, 2))
        return a, b


@settings(max_examples=15)
@given(
    seed=st.integers(0, 100_000),
    undated=st.sampled_from([0.0, 0.15, 1.0]),
    one_language=st.booleans(),
    steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=9),
)
def test_after_every_call_it_is_that_of_a_batch_run_and_of_its_own_changes(
    seed: int, undated: float, one_language: bool, steps: list[str]
) -> None:
    articles = news(seed, stories=6, languages=("en",) * 5 if one_language else None, undated=undated)
    with fresh_store() as store:
        room = Newsroom(store, seed, articles)
        held: dict[str, set[str]] = {}
        cursor = 0
        for step in ["add", *steps]:
            room.step(step)
            if room.labels:
                found = {
                    group: {key: of_one[1] for key, of_one in members.items()}
                    for group, members in told(store.stories()).items()
                }
                assert found == corrected_batch(room.held.values(), room.labels)
            else:
                assert told(store.stories()) == told(batch(room.held.values()).stories)
            fresh = store.changes(cursor)
            held = replay(fresh, held)
            assert held == holdings(store)
            cursor = fresh[-1].cursor if fresh else cursor
        assert replay(store.changes()) == held
        assert len(store) == len(room.held)
        assert store.verify() == []


@settings(max_examples=6)
@given(seed=st.integers(0, 100_000), sizes=st.lists(st.integers(1, 12), min_size=1, max_size=8), late=st.booleans())
def test_neither_batches_nor_the_moment_of_a_correction_change_anything(
    seed: int, sizes: list[int], late: bool
) -> None:
    articles = news(seed)
    dice = random.Random(seed)
    together = [one.id for one in articles if one.id.split("-")[1] == "0"]
    corrections = [
        ((together[0], together[1]), False),
        ((together[2], dice.choice(articles[-3:]).id), True),
        ((articles[0].id, articles[1].id), True),
    ]
    with fresh_store() as at_once, fresh_store() as by_and_by:
        at_once.add(articles)
        done = [(pair, same) for pair, same in corrections if _corrected(at_once, pair, same=same)]
        ends = [*itertools.accumulate(sizes), len(articles)]
        starts = [0, *ends]
        waiting = list(reversed(done)) if late else list(done)
        for start, end in zip(starts, ends, strict=False):
            by_and_by.add(articles[start:end])
            waiting = [(pair, same) for pair, same in waiting if not _corrected(by_and_by, pair, same=same)]
        assert waiting == []
        assert told(by_and_by.stories()) == told(at_once.stories())
        assert by_and_by.labels() == at_once.labels()


def _corrected(store: Store, pair: tuple[str, str], *, same: bool) -> bool:
    try:
        if same:
            store.correct(same=pair)
        else:
            store.correct(different=pair)
    except InputError:
        return False
    return True


class TestCorrections:
    def test_they_hold_through_every_later_change(self, tmp_path: Path) -> None:
        articles = sorted(news(1, undated=0), key=lambda one: one.id)
        a, b = articles[0], articles[1]
        assert a.id[:-1] == b.id[:-1]
        with open_store(tmp_path / "store", Settings()) as store:
            store.add([a, b, articles[20]])
            assert frozenset([a.id, b.id]) in groups(store.stories())
            store.correct(different=(b.id, a.id))
            store.correct(same=(a.id, articles[20].id))

            def hold() -> None:
                story_of = {one.id: story.id for story in store.stories() for one in story.articles}
                assert story_of[a.id] == story_of[articles[20].id]
                assert story_of[a.id] != story_of[b.id]

            hold()
            for start in range(2, 20, 5):
                store.add(articles[start : start + 5])
                hold()
            store.remove([a.id])
            store.add([replace(b, published=None)])
            store.add([a])
            hold()
            store.expire(START)
            hold()
            assert store.verify() == []

    def test_what_is_taken_back_leaves_no_trace(self, tmp_path: Path) -> None:
        articles = news(3, undated=0)
        with open_store(tmp_path / "store") as store:
            store.add(articles)
            before = told(store.stories())
            several = [story for story in store.stories() if len(story.members) > 1]
            for story in several:
                pair = (story.articles[0].id, story.articles[1].id)
                store.correct(different=pair)
                assert told(store.stories()) != before
                store.correct(forget=pair)
                assert told(store.stories()) == before
            apart = (several[0].articles[0].id, several[1].articles[0].id)
            store.correct(same=apart)
            assert told(store.stories()) != before
            store.correct(forget=apart)
            assert told(store.stories()) == before

    def test_one_can_be_turned_round(self, tmp_path: Path) -> None:
        articles = news(3, undated=0)
        with open_store(tmp_path / "store") as store:
            store.add(articles)
            a, b = sorted(one.id for one in next(s for s in store.stories() if len(s.members) == 2).articles)
            for same in (False, True, False, True):
                assert _corrected(store, (b, a), same=same)
                assert (frozenset([a, b]) in groups(store.stories())) == same
                assert corrected_batch(articles, {(a, b): same}).keys() == groups(store.stories())


def test_an_undated_article_expires_by_when_it_was_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    articles = [replace(one, published=None) for one in news(2)[:6]]
    with open_store(tmp_path / "store") as store:
        for day, article in enumerate(articles):
            monkeypatch.setattr("time.time", lambda day=day: (START + timedelta(days=day)).timestamp())
            store.add([article])
        changes = store.expire(START + timedelta(days=4))
        assert {one for change in changes if change.kind == "expired" for one in change.articles} == {
            one.id for one in articles[:4]
        }
        assert told(store.stories()) == told(batch(articles[4:]).stories)
