"""Orders in which articles come are all gone through, what differs is found, and the page tells what was measured."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEncoder, fake_calibration, invented_news

from benchmarks.store.orders import PLAYS, Coming, differences, told
from benchmarks.store.page import PARTS, write_page
from benchmarks.store.ready import START, ReadyStore, evenly, news, prepare
from dedup.article import Article
from dedup.pipeline import deduplicate
from dedup.score.calibration import Calibration
from dedup.store import Store

PAGE = "# Store\n" + "".join(f"<!-- benchmark:store-{part} -->\n<!-- /benchmark:store-{part} -->\n" for part in PARTS)
ENVIRONMENT = {
    "date": "2026-03-01T00:00:00+00:00",
    "versions": {"python": "3.11"},
    "machine": {"system": "Linux", "cpu": "a processor", "cores": 2, "memory_gib": 8},
}
DAYS = {
    "days": 2,
    "per_day": 100,
    "pool": 50,
    "window_days": 7.0,
    "single": 50,
    "rows": [
        {
            "day": day,
            "articles": 100 * day,
            "expire_seconds": 0.25,
            "add_day_seconds": 3.0,
            "add_one_seconds": 0.012,
            "resident_mib": 300,
            "disk_mib": 12.0,
        }
        for day in (1, 2)
    ],
    "environment": ENVIRONMENT,
}


@pytest.fixture
def calibration() -> Calibration:
    return Calibration.from_json(fake_calibration().to_json(), name="fake")


@pytest.fixture
def articles() -> list[Article]:
    made = [one for story in invented_news(stories=6, seed=3) for one in story]
    return [
        replace(one, published=START + timedelta(hours=12 * place) if place % 3 else None)
        for place, one in enumerate(made)
    ]


@pytest.mark.parametrize("name", PLAYS)
def test_all_come_in_every_play(name: str, articles: list[Article], calibration: Calibration, tmp_path: Path) -> None:
    expected = told(deduplicate(articles, encoder=FakeEncoder(), calibration=calibration).stories)
    with Store.open(tmp_path / "store", encoder=FakeEncoder(), calibration=calibration) as store:
        coming = Coming(store, random.Random(5), random.Random(4).sample(articles, len(articles)))
        for _ in PLAYS[name](coming):
            assert len(store) == len(coming.held)
        assert coming.held.keys() == {one.id for one in articles}
        assert differences(told(store.stories()), expected) == []
        store.remove([articles[0].id])
        assert differences(told(store.stories()), expected)


@pytest.mark.parametrize("detour", [Coming.remove, Coming.expire])
def test_what_is_taken_out_comes_again(
    articles: list[Article], calibration: Calibration, tmp_path: Path, detour: Callable[[Coming], None]
) -> None:
    with Store.open(tmp_path / "store", encoder=FakeEncoder(), calibration=calibration) as store:
        coming = Coming(store, random.Random(1), list(articles))
        while coming.waiting:
            coming.add(len(articles))
        detour(coming)
        assert len(store) == len(coming.held) < len(articles)
        assert {one.id for one in coming.waiting}.isdisjoint(coming.held)
        assert len(coming.waiting) + len(coming.held) == len(articles)


def test_any_difference_is_told(articles: list[Article], calibration: Calibration) -> None:
    stories = deduplicate(articles, encoder=FakeEncoder(), calibration=calibration).stories
    assert differences(told(stories), told(stories)) == []
    assert len(differences(told(stories), told(stories[1:]))) == 1
    first = stories[0]
    for changed in (
        replace(first, members=(replace(first.members[0], probability=0.123), *first.members[1:])),
        replace(first, members=(replace(first.members[0], relation="another"), *first.members[1:])),
        replace(first, members=first.members[::-1]),
        replace(first, representative=first.articles[-1]),
        replace(first, members=first.members[1:]),
    ):
        assert differences(told([changed, *stories[1:]]), told(stories))


class TestReadyStore:
    def test_it_holds_what_any_store_would(
        self, articles: list[Article], calibration: Calibration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _opened_with(monkeypatch, calibration)
        ready = prepare(articles, FakeEncoder())
        with (
            ReadyStore.of(ready, tmp_path / "ready", encoder=FakeEncoder()) as one,
            Store.open(tmp_path / "any", encoder=FakeEncoder(), calibration=calibration) as other,
        ):
            one.add(articles)
            other.add(articles)
            assert differences(told(one.stories()), told(other.stories())) == []
            assert one.verify() == []

    def test_ids_are_not_cut_at_the_wrong_place(self, articles: list[Article]) -> None:
        with pytest.raises(ValueError, match="the sign that divides ids"):
            prepare([replace(articles[0], id="a@b")], FakeEncoder())

    def test_news_come_evenly_and_again_after_all_others(
        self, articles: list[Article], calibration: Calibration, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _opened_with(monkeypatch, calibration)
        ready = prepare(articles, FakeEncoder())
        n = len(articles)
        made = list(news(ready, range(2 * n), evenly(n)))
        assert [one.published for one in made] == [START + timedelta(days=number / n) for number in range(2 * n)]
        assert [one.body for one in made[:n]] == [one.body for one in made[n:]]
        assert len({one.id for one in made}) == 2 * n
        assert list(news(ready, range(3, 5), evenly(n))) == made[3:5]


def _opened_with(monkeypatch: pytest.MonkeyPatch, calibration: Calibration) -> None:
    opened: Callable[..., Store] = Store.open.__func__  # type: ignore[attr-defined]  # a class method has it

    def with_calibration(cls: type[Store], path: Path, /, **values: Any) -> Store:
        return opened(cls, path, **{"calibration": calibration, **values})

    monkeypatch.setattr(Store, "open", classmethod(with_calibration))


class TestPage:
    def test_what_was_not_measured_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "page.md").write_text(PAGE, "utf-8")
        write_page({}, tmp_path / "page.md")
        for part in PARTS:
            assert f"Not measured yet: `python -m benchmarks.store {part}`." in (tmp_path / "page.md").read_text(
                "utf-8"
            )

    def test_days_have_a_table_and_a_picture(self, tmp_path: Path) -> None:
        (tmp_path / "page.md").write_text(PAGE, "utf-8")
        write_page({"days": DAYS}, tmp_path / "page.md")
        text = (tmp_path / "page.md").read_text("utf-8")
        assert "| 2 |  | 200 | 0.25 | 3.0 | 12 | 300 | 12 |" in text
        assert "2 cores" in text
        assert (tmp_path / "benchmarks" / "store-days.svg").read_text("utf-8").count("<svg") == 1
