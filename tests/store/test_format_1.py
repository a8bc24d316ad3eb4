"""What the first format wrote is read, and written on, by every later version."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeEncoder
from format_1 import FOLDER, articles, corrected, expired_before
from stores import corrected_batch, groups, holdings, replay

from dedup.article import Article
from dedup.store import Store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "store"))


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with Store.open(folder, encoder=FakeEncoder(), create=False) as opened:
        yield opened


@pytest.fixture
def held() -> dict[str, Article]:
    return {key: one for key, one in articles().items() if one.published is None or one.published >= expired_before}


def expected() -> dict[str, object]:
    told: dict[str, object] = json.loads((FOLDER / "expected.json").read_text("utf-8"))
    return told


def test_it_is_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 200_000
    assert {path.name for path in FOLDER.iterdir()} == {"expected.json", "store.sqlite", "vectors"}


def test_all_of_it_is_read(store: Store, held: dict[str, Article]) -> None:
    assert {story: sorted(ids) for story, ids in holdings(store).items()} == expected()["stories"]
    assert replay(store.changes()) == holdings(store)
    assert store.changes()[-1].cursor == expected()["cursor"]
    assert {(label.a, label.b): label.same for label in store.labels()} == corrected()
    for key, article in held.items():
        assert store.article(key) == article
    merged = [change.other for change in store.changes() if change.kind == "merged"]
    for old in merged:
        assert old is not None
        assert store.story(old) is not None
    assert store.verify() == []


def test_its_stories_are_those_of_a_batch_run_of_today(store: Store, held: dict[str, Article]) -> None:
    assert groups(store.stories()) == corrected_batch(held.values(), corrected(), rules=store.calibration).keys()


def test_it_goes_on(store: Store, held: dict[str, Article]) -> None:
    (match, *_) = store.find(replace(held["one"], id="asked"))
    assert "one" in {one.id for one in match.story.articles}
    fresh = [replace(held["one"], id="fresh"), articles()["gone"]]
    changes = store.add(fresh)
    assert changes[0].cursor > expected()["cursor"]  # type: ignore[operator]  # a number
    store.remove(["between"])
    now = {**held, **{one.id: one for one in fresh}}
    del now["between"]
    assert groups(store.stories()) == corrected_batch(now.values(), corrected(), rules=store.calibration).keys()
    assert replay(store.changes()) == holdings(store)
    assert store.verify() == []
    assert store.repair() == []
