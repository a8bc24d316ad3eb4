"""Disk is given back, and nothing is lost with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fakes import invented_news
from stores import START, batch, holdings, open_store, replay, told

from dedup.article import Article
from dedup.store import compaction, segments

TEXTS = [article for story in invented_news(stories=6, seed=3) for article in story[:2]]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens to gigabytes happens to kilobytes."""
    monkeypatch.setattr(compaction, "_LEAST_BYTES", 500)
    monkeypatch.setattr(segments, "_MOST_BYTES", 3_000)


def day(number: int) -> list[Article]:
    """Return a day's articles, some of the story of the day before."""
    texts = TEXTS[number % 12 :][:4] + TEXTS[: max(0, number % 12 - 8)]
    return [
        replace(text, id=f"{number:03d}-{place}", published=START + timedelta(days=number, hours=place))
        for place, text in enumerate(texts)
    ]


def files(folder: Path) -> dict[int, int]:
    return {int(path.stem): path.stat().st_size for path in (folder / "vectors").iterdir()}


def test_through_many_days_the_folder_stays_as_large_as_what_is_held(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    ever: set[int] = set()
    before: set[int] = set()
    most = 0
    with open_store(folder) as store:
        for number in range(24):
            store.add(day(number))
            store.expire(START + timedelta(days=number - 5))
            now = set(files(folder))
            fresh = now - before
            assert not fresh & ever  # no number is used again
            ever |= fresh
            before = now
            live = sum(store._segments.size(n) for (n,) in store._database.rows("SELECT sentences FROM articles"))
            assert store._database.value("SELECT SUM(live) FROM segments") == live
            assert sum(files(folder).values()) <= 2 * live + 4 * 3_000
            assert len(now) <= 2 * live / 3_000 + 5
            most = max(most, len(now))
            if number % 6 == 5:
                held = [one for past in range(max(0, number - 5), number + 1) for one in day(past)]
                assert told(store.stories()) == told(batch(held).stories)
                assert store.verify() == []
        assert len(ever) > most  # segments did come and go
        assert replay(store.changes()) == holdings(store)


def test_what_expires_gives_the_disk_back(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    with open_store(folder) as store:
        for number in range(12):
            store.add(day(number))
        full = files(folder)
    database = (folder / "store.sqlite").stat().st_size
    with open_store(folder) as store:
        store.expire(START + timedelta(days=11))
        assert sum(files(folder).values()) < sum(full.values()) / 3
        assert told(store.stories()) == told(batch(day(11)).stories)
    assert (folder / "store.sqlite").stat().st_size < database
    with open_store(folder) as store:
        store.remove([one.id for one in day(11)])
        assert files(folder) == {}
        store.add(day(12))
        assert min(files(folder)) > max(full)
        assert store.verify() == []


def test_a_small_segment_is_left_while_anything_in_it_is_alive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "_LEAST_BYTES", 1 << 20)
    with open_store(tmp_path / "store") as store:
        store.add(day(0))
        store.remove([one.id for one in day(0)[1:]])
        assert set(files(tmp_path / "store")) == {1}
        store.remove([day(0)[0].id])
        assert files(tmp_path / "store") == {}


def test_what_was_damaged_stays_damaged_when_it_is_moved(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    with open_store(folder) as store:
        store.add(day(0))
        place = store._database.value("SELECT place FROM articles WHERE id = '000-0'")
    (path,) = (folder / "vectors").iterdir()
    content = bytearray(path.read_bytes())
    content[place + 200] ^= 1
    path.write_bytes(content)
    with open_store(folder) as store:
        store.remove([one.id for one in day(0)[1:]])
        (damage,) = store.verify()
        assert damage.article == "000-0"
        assert damage.file != "vectors/000001.vec"
        store.repair()
        assert store.verify() == []
        assert told(store.stories()) == told(batch(day(0)[:1]).stories)
