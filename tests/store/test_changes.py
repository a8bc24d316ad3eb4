"""What is told of each call; that all of it, replayed, gives the stories is in test_equality."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes import invented_news
from stores import START, batch, holdings, news, open_store, replay

from dedup.article import Article
from dedup.store import Change, Store

TEXTS = invented_news(stories=3, seed=11)


def at(text: Article, key: str, day: float) -> Article:
    """Return the text as an article of its own, so many days after the start."""
    return replace(text, id=key, published=START + timedelta(days=day))


def copies(*days: float, story: int = 0, prefix: str = "c") -> list[Article]:
    return [at(TEXTS[story][0], f"{prefix}{number}", day) for number, day in enumerate(days)]


def kinds(changes: list[Change]) -> list[tuple[str, tuple[str, ...]]]:
    return [(change.kind, change.articles) for change in changes]


class TestKinds:
    def test_created_and_joined(self, tmp_path: Path) -> None:
        first, second, third = copies(0, 0.5, 1)
        with open_store(tmp_path / "store") as store:
            (created,) = store.add([first, second])
            assert (created.kind, created.cause, created.articles) == ("created", "add", ("c0", "c1"))
            assert created.pair == ("c0", "c1")
            assert created.other is None
            (joined,) = store.add([third])
            assert (joined.kind, joined.story, joined.articles) == ("joined", created.story, ("c2",))
            assert joined.pair is not None
            assert "c2" in joined.pair
            assert joined.probability == pytest.approx(_probability([first, second, third], joined.pair), abs=1e-9)
            (alone,) = store.add(copies(9, prefix="far"))
            assert (alone.kind, alone.pair, alone.probability) == ("created", None, None)

    def test_merged_by_an_article_between_and_split_when_it_goes(self, tmp_path: Path) -> None:
        early, late = copies(0, 3)
        between = at(TEXTS[0][0], "between", 1.5)
        with open_store(tmp_path / "store") as store:
            (one,), (other,) = store.add([early]), store.add([late])
            assert one.story != other.story
            changes = store.add([between])
            assert {(change.kind, change.story, change.other) for change in changes} >= {
                ("merged", one.story, other.story)
            }
            merged = next(change for change in changes if change.kind == "merged")
            assert merged.articles == ("c1",)
            assert merged.pair is not None
            assert set(merged.pair) == {"between", "c1"}
            changes = store.remove(["between"])
            assert [change.cause for change in changes] == ["remove"] * len(changes)
            split = next(change for change in changes if change.kind == "split")
            assert changes[0].kind == "removed"
            assert (split.story, split.articles) == (one.story, ("c1",))
            assert split.other not in (None, one.story, other.story)
            assert split.pair is None  # too far apart to be scored
            assert holdings(store) == replay(store.changes())

    def test_updated_and_expired(self, tmp_path: Path) -> None:
        first, second = copies(0, 1)
        with open_store(tmp_path / "store") as store:
            (created,) = store.add([first, second])
            (updated,) = store.add([replace(second, title="Kuku " + second.title)])
            assert (updated.kind, updated.story, updated.articles) == ("updated", created.story, ("c1",))
            # another text altogether: it leaves
            changes = store.add([replace(second, title=TEXTS[1][0].title, body=TEXTS[1][0].body)])
            assert kinds(changes) == [("split", ("c1",)), ("updated", ("c1",))]
            assert changes[0].other == changes[1].story
            (expired,) = store.expire(START + timedelta(hours=1))
            assert (expired.kind, expired.cause, expired.story) == ("expired", "expire", created.story)
            assert store.story(created.story) is None

    def test_corrected(self, tmp_path: Path) -> None:
        first, second = copies(0, 1)
        with open_store(tmp_path / "store") as store:
            (created,) = store.add([first, second])
            corrected, split = store.correct(different=("c1", "c0"))
            assert (corrected.kind, corrected.cause, corrected.pair) == ("corrected", "correct", ("c0", "c1"))
            assert corrected.probability == 0.0
            assert (split.kind, split.story) == ("split", created.story)
            assert split.pair == ("c0", "c1")
            assert split.probability == 0.0
            changes = store.correct(same=("c0", "c1"))
            assert [change.kind for change in changes] == ["corrected", "merged"]
            assert {change.probability for change in changes} == {1.0}
            (forgotten,) = store.correct(forget=("c0", "c1"))
            assert (forgotten.kind, forgotten.probability) == ("corrected", None)

    def test_what_changes_nothing_tells_nothing(self, tmp_path: Path) -> None:
        articles = copies(0, 1)
        with open_store(tmp_path / "store") as store:
            store.add(articles)
            assert store.add(articles) == []
            assert store.add([]) == []
            assert store.remove([]) == []
            assert store.expire(START) == []


def _probability(articles: list[Article], pair: tuple[str, str]) -> float:
    result = batch(articles)
    place = [next(i for i, one in enumerate(result.articles) if one.id == key) for key in pair]
    row = next(i for i, found in enumerate(result.scored.pairs.tolist()) if found == sorted(place))
    return float(1 / (1 + 2.718281828459045 ** -result.scored.log_odds[row]))


class TestCursors:
    def test_from_any_of_them_the_rest_follows(self, tmp_path: Path) -> None:
        articles = news(8, undated=0)
        with open_store(tmp_path / "store") as store:
            told = [store.add(articles[start : start + 7]) for start in range(0, len(articles), 7)]
            told.append(store.remove([articles[0].id, articles[9].id]))
            told.append(store.expire(START + timedelta(days=8)))
            everything = list(itertools.chain(*told))
            assert store.changes() == everything
            cursors = [change.cursor for change in everything]
            assert cursors == sorted(set(cursors))
            for place in range(0, len(everything), 5):
                assert store.changes(cursors[place]) == everything[place + 1 :]
            assert store.changes(cursors[-1]) == []

    def test_each_call_ends_with_a_state_that_was(self, tmp_path: Path) -> None:
        articles = news(9)
        with open_store(tmp_path / "store") as store:
            states = []
            for start in range(0, len(articles), 6):
                changes = store.add(articles[start : start + 6])
                states.append((changes[-1].cursor, holdings(store)))
            for cursor, state in states:
                assert replay(change for change in store.changes() if change.cursor <= cursor) == state

    def test_times_rise_even_where_the_clock_does_not(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with open_store(tmp_path / "store") as store:
            store.add(copies(0))
            clock = datetime(2001, 1, 1, tzinfo=UTC).timestamp()
            monkeypatch.setattr("time.time", lambda: clock)
            store.add(copies(9, prefix="later"))
            times = [change.time for change in store.changes()]
            assert times == sorted(times)

    def test_they_outlive_the_process(self, tmp_path: Path) -> None:
        with open_store(tmp_path / "store") as store:
            store.add(copies(0, 1))
            before = store.changes()
        with open_store(tmp_path / "store") as store:
            assert store.changes() == before
            (change,) = store.add(copies(9, prefix="later"))
            assert change.cursor > before[-1].cursor


def test_a_change_names_every_article_of_a_large_story(tmp_path: Path) -> None:
    store: Store
    with open_store(tmp_path / "store") as store:
        articles = copies(*[number / 100 for number in range(60)])
        (created,) = store.add(articles)
        assert created.articles == tuple(sorted(one.id for one in articles))
