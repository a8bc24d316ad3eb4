"""Contents by what they were read from: whatever is there already, what comes out is what reading gives."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Generator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEncoder, fake_calibration
from hypothesis import given
from hypothesis import strategies as st
from test_workers import ARTICLES, BACKGROUND, EXAMPLES, LIMIT, UNLIKELY

from dedup.article import Article
from dedup.errors import CacheError
from dedup.evidence import content_cache as module
from dedup.evidence.background import Background
from dedup.evidence.content import Content
from dedup.evidence.content_cache import ContentCache
from dedup.evidence.workers import article_contents
from dedup.pipeline import deduplicate

posix = pytest.mark.skipif(os.name != "posix", reason="permissions of Unix")
SOME = [*UNLIKELY, *ARTICLES[:60]]
COPIES = [replace(article, id=f"{article.id}-copy", section="Sport", agency="Another") for article in SOME[:20]]
FEW = [*UNLIKELY[:5], *ARTICLES[:5]]


class Reader:
    """Reads, and notes what it was asked to read."""

    def __init__(self, background: Background = BACKGROUND, limit: int = LIMIT) -> None:
        self.background = background
        self.limit = limit
        self.asked: list[Article] = []

    def __call__(self, articles: Sequence[Article]) -> Generator[Content, None, None]:
        self.asked += articles
        return article_contents(articles, self.background, self.limit, workers=0)

    def through(self, cache: ContentCache, articles: Sequence[Article]) -> list[Content]:
        return list(cache.of(articles, self, self.background, self.limit))


def plain(articles: Sequence[Article]) -> list[Content]:
    return list(Reader()(articles))


EXPECTED = {article.id: content for article, content in zip(FEW, plain(FEW), strict=True)}


def test_a_text_is_read_once(tmp_path: Path) -> None:
    mixed = [*SOME, *COPIES, *SOME]
    expected = repr(plain(mixed))
    first = Reader()
    with ContentCache.in_folder(tmp_path) as cache:
        assert repr(first.through(cache, mixed)) == expected
    assert first.asked == SOME
    again = Reader()
    with ContentCache.in_folder(tmp_path) as cache:
        assert repr(again.through(cache, list(reversed(mixed)))) == repr(plain(list(reversed(mixed))))
        assert again.through(cache, []) == []
    assert again.asked == []


@given(before=st.lists(st.sampled_from(FEW)), now=st.lists(st.sampled_from(FEW)), at_once=st.integers(1, 4))
def test_what_is_there_already_changes_nothing(
    before: list[Article], now: list[Article], at_once: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    reader = Reader()
    with pytest.MonkeyPatch.context() as patch, ContentCache(tmp_path_factory.mktemp("c") / "c.sqlite") as cache:
        patch.setattr(module, "_ARTICLES_AT_ONCE", at_once)
        for articles in (before, now):
            assert reader.through(cache, articles) == [EXPECTED[article.id] for article in articles]
    assert len(reader.asked) == len({article.id for article in [*before, *now]})


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Another headline"},
        {"body": "Another text."},
        {"language": "tr"},
        {"language_confidence": 0.5},
        {"edition": "Kabul"},
        {"published": datetime(2026, 5, 1, tzinfo=UTC)},
        {"published": None},
    ],
)
def test_what_is_read_otherwise_is_read_again(change: dict[str, Any], tmp_path: Path) -> None:
    one = replace(ARTICLES[0], edition="Herat", published=datetime(2026, 3, 1, tzinfo=UTC))
    reader = Reader()
    with ContentCache.in_folder(tmp_path) as cache:
        reader.through(cache, [one])
        assert reader.through(cache, [replace(one, **change)]) == plain([replace(one, **change)])
    assert len(reader.asked) == 2


def test_so_is_what_another_background_limit_or_version_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readers = [Reader(), Reader(Background()), Reader(limit=3)]
    with ContentCache.in_folder(tmp_path) as cache:
        for reader in readers:
            assert reader.through(cache, FEW) == list(article_contents(FEW, reader.background, reader.limit, workers=0))
            assert reader.asked == FEW
        monkeypatch.setattr("dedup.__version__", "99")
        module._code.cache_clear()
        later = Reader()
        later.through(cache, FEW)
        assert later.asked == FEW
    module._code.cache_clear()


def test_the_code_that_reads_is_part_of_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = module._code()
    module._code.cache_clear()
    assert module._code() == known
    for package, suffix in module._CODE:
        folder = tmp_path / package
        folder.mkdir()
        (folder / f"one{suffix}").write_text("1")
        with monkeypatch.context() as patch:
            patch.setattr("importlib.resources.files", lambda name, folder=folder: folder)
            module._code.cache_clear()
            before = module._code()
            (folder / f"one{suffix}").write_text("2")
            module._code.cache_clear()
            assert module._code() != before
    module._code.cache_clear()


@pytest.mark.parametrize("damage", ["no database", "cut short", "another table"])
def test_a_damaged_file_is_set_aside(damage: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with ContentCache.in_folder(tmp_path) as cache:
        Reader().through(cache, SOME)
    raw = cache.path.read_bytes()
    if damage == "another table":
        cache.path.unlink()
        other = sqlite3.connect(cache.path)
        other.execute("CREATE TABLE contents (text TEXT)")
        other.close()
    else:
        cache.path.write_bytes(b"no database " * 900 if damage == "no database" else raw[: len(raw) // 2])
    with ContentCache.in_folder(tmp_path) as cache, caplog.at_level(logging.WARNING):
        assert Reader().through(cache, SOME) == plain(SOME)
    assert cache.path.with_suffix(".damaged").exists()
    assert "set aside" in caplog.text


@pytest.mark.parametrize("value", [b"", b"\x00" * 50, b"changed"])
def test_an_entry_that_a_disk_has_changed_is_read_again(value: bytes, tmp_path: Path) -> None:
    with ContentCache.in_folder(tmp_path) as cache:
        Reader().through(cache, FEW)
    connection = sqlite3.connect(cache.path)
    connection.execute("UPDATE contents SET content = ?", (value,))
    connection.commit()
    connection.close()
    reader = Reader()
    with ContentCache.in_folder(tmp_path) as cache:
        assert reader.through(cache, FEW) == plain(FEW)
    assert reader.asked == FEW


def test_an_entry_of_something_else_is_read_again(tmp_path: Path) -> None:
    reader = Reader()
    with ContentCache.in_folder(tmp_path) as cache:
        reader.through(cache, FEW)
        keys = [key for (key,) in sqlite3.connect(cache.path).execute("SELECT key FROM contents")]
        assert cache._file.add((key, b"whole, and of something else") for key in keys)
        assert reader.through(cache, FEW) == plain(FEW)
        assert reader.asked == [*FEW, *FEW]
        assert reader.through(cache, FEW) == plain(FEW)
        assert len(reader.asked) == 2 * len(FEW)


def test_where_nothing_can_be_stored_all_is_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with ContentCache.in_folder(tmp_path) as cache, caplog.at_level(logging.WARNING):
        cache._file._connection.execute("PRAGMA query_only = 1")
        assert Reader().through(cache, [*FEW, *FEW]) == plain([*FEW, *FEW])
    assert "contents are not kept in" in caplog.text


@posix
def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with ContentCache.in_folder(tmp_path) as cache:
            Reader().through(cache, FEW)
            assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
            assert cache.path in list(tmp_path.iterdir())
    finally:
        os.umask(before)


def test_a_place_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "contents.sqlite").mkdir()
    with pytest.raises(CacheError, match="set DEDUP_CACHE"):
        ContentCache.in_folder(tmp_path)


def test_a_run_finds_the_same_stories_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = {"encoder": FakeEncoder(), "calibration": fake_calibration()}
    expected = deduplicate(EXAMPLES, **named)  # type: ignore[arg-type]  # arguments by name
    with ContentCache.in_folder(tmp_path) as cache:
        for _ in range(2):
            assert deduplicate(EXAMPLES, contents=cache, **named).stories == expected.stories  # type: ignore[arg-type]
        monkeypatch.setattr("dedup.evidence.content.ContentReader.of", None)  # nothing is read any more
        assert deduplicate(EXAMPLES, contents=cache, **named).stories == expected.stories  # type: ignore[arg-type]
