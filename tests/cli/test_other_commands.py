"""`dedup unique` and `cache`."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from commands import json_lines, newsroom, run, use_fake_model
from fakes import FakeEncoder

from dedup.read import read_articles


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> FakeEncoder:
    return use_fake_model(monkeypatch, tmp_path_factory.mktemp("model"))


def test_unique_keeps_one_article_of_each_story_as_it_came(tmp_path: Path) -> None:
    news = newsroom(tmp_path / "news.jsonl")
    articles = {article.id: article for story in news for article in story}
    stories = json_lines(run("cluster", tmp_path / "news.jsonl").stdout)
    assert run("unique", tmp_path / "news.jsonl", "-o", tmp_path / "u.jsonl").exit_code == 0
    kept = list(read_articles(tmp_path / "u.jsonl"))
    assert [article.id for article in kept] == [story["representative"] for story in stories]
    assert kept == [articles[article.id] for article in kept]
    assert len(kept) < len(articles)


@pytest.mark.parametrize("keep", ["earliest", "longest", "tr,ar"])
def test_unique_keeps_what_is_wanted(tmp_path: Path, keep: str) -> None:
    newsroom(tmp_path / "news.jsonl")
    stories = json_lines(run("cluster", tmp_path / "news.jsonl", "--keep", keep).stdout)
    kept = json_lines(run("unique", tmp_path / "news.jsonl", "--keep", keep).stdout)
    assert [row["id"] for row in kept] == [story["representative"] for story in stories]
    texts = {article.id: article.text for article in read_articles(tmp_path / "news.jsonl")}
    for story, row in zip(stories, kept, strict=True):
        members = story["articles"]
        if keep == "longest":
            assert len(texts[row["id"]]) == max(len(texts[member["id"]]) for member in members)
        elif keep == "earliest":
            assert row["id"] == members[0]["id"]
        elif {"tr", "ar"} & {member["language"] for member in members}:
            wanted = "tr" if "tr" in {member["language"] for member in members} else "ar"
            assert row["language"] == wanted


def test_unique_as_a_table_can_be_read_again(tmp_path: Path) -> None:
    newsroom(tmp_path / "news.jsonl")
    run("unique", tmp_path / "news.jsonl", "-o", tmp_path / "u.jsonl")
    run("unique", tmp_path / "news.jsonl", "-o", tmp_path / "u.csv")
    rows = list(csv.DictReader((tmp_path / "u.csv").read_text(encoding="utf-8").splitlines(keepends=True)))
    assert [row["id"] for row in rows] == [article.id for article in read_articles(tmp_path / "u.jsonl")]
    assert list(read_articles(tmp_path / "u.csv")) == list(read_articles(tmp_path / "u.jsonl"))


@pytest.fixture
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "own"
    monkeypatch.setenv("DEDUP_CACHE", str(folder))
    model = folder / "models" / "multilingual-e5-small-q4-0123-1"
    model.mkdir(parents=True)
    (model / "model.safetensors").write_bytes(b"x" * 3 * 1024**2)
    (folder / "models" / "multilingual-e5-small-q4-0123-1.lock").touch()
    (folder / "vectors").mkdir()
    (folder / "vectors" / "vectors-0123.sqlite").write_bytes(b"x" * 500)
    (folder / "vectors" / "notes.txt").write_text("mine")
    (folder / "contents").mkdir()
    (folder / "contents" / "contents.sqlite").write_bytes(b"x" * 40)
    (folder / "contents" / "contents-of-mine.sqlite").write_text("mine")
    (folder / "models" / "other-model").mkdir()
    return folder


def test_cache_info(cache_folder: Path) -> None:
    result = run("cache", "info")
    assert result.exit_code == 0
    models, contents, vectors = result.stdout.splitlines()
    assert "3.0 MiB" in models
    assert str(cache_folder / "models") in models
    assert "40 bytes  1 files" in contents
    assert "500 bytes  1 files" in vectors
    parts = json.loads(run("cache", "info", "--json").stdout)
    assert [(part["name"], part["files"], part["bytes"]) for part in parts] == [
        ("models", 2, 3 * 1024**2),
        ("contents", 1, 40),
        ("vectors", 1, 500),
    ]


def test_cache_clear_deletes_what_dedup_made_and_nothing_else(cache_folder: Path) -> None:
    assert run("cache", "clear", "--vectors").exit_code == 0
    assert not (cache_folder / "vectors" / "vectors-0123.sqlite").exists()
    assert run("cache", "clear", "--contents").exit_code == 0
    assert not (cache_folder / "contents" / "contents.sqlite").exists()
    assert (cache_folder / "models" / "multilingual-e5-small-q4-0123-1").is_dir()
    assert run("cache", "clear").exit_code == 0
    left = sorted(str(path.relative_to(cache_folder)) for path in cache_folder.rglob("*"))
    own = ["contents", "contents/contents-of-mine.sqlite", "models", "models/other-model", "vectors"]
    assert left == [*own, "vectors/notes.txt"]
    assert run("cache", "clear").exit_code == 0  # nothing left to do is no error


def test_the_names_of_the_cache_are_those_that_are_written(tmp_path: Path, encoder: FakeEncoder) -> None:
    """The command deletes by name, so the names must be those that the rooms give."""
    from dedup.cli.cache import _OWN_FILES
    from dedup.encode.bundled import BUNDLED_MODEL
    from dedup.encode.vectors import VectorCache
    from dedup.evidence.content_cache import ContentCache

    with VectorCache.for_encoder(encoder, tmp_path) as vectors, ContentCache.in_folder(tmp_path) as contents:
        for name, path in (("vectors", vectors.path), ("contents", contents.path)):
            written = [one for one in tmp_path.iterdir() if one.name.startswith(path.name)]
            for one in (*written, path.with_suffix(".damaged")):
                assert any(one.match(pattern) for pattern in _OWN_FILES[name])
    assert all(Path(f"{BUNDLED_MODEL}-0123-1").match(pattern) for pattern in _OWN_FILES["models"])
