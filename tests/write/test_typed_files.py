"""Parquet and Arrow files, read again by pyarrow itself, and held against the table that CSV has."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from commands import newsroom, run, use_fake_model
from fakes import FakeEncoder, fake_calibration, invented_news
from hypothesis import given
from hypothesis import strategies as st

import dedup.write.typed as typed_module
from dedup.article import Article
from dedup.errors import OutputError
from dedup.pipeline import Deduplication, deduplicate
from dedup.write import Destination, write_articles, write_pairs, write_stories
from dedup.write.kinds import kinds_of
from dedup.write.stories import COLUMNS

TEHRAN = timezone(timedelta(hours=3, minutes=30))
ENDINGS = ("parquet", "arrow")


def read(path: Path) -> pa.Table:
    return pq.read_table(path) if path.suffix == ".parquet" else pa.ipc.open_file(path).read_all()


def schema(path: Path) -> dict[str, str]:
    return {field.name: str(field.type) for field in read(path).schema}


def news_result(**values: Any) -> Deduplication:
    articles = [article for story in invented_news(stories=4, seed=31, kin=0.3) for article in story]
    return deduplicate(articles, encoder=FakeEncoder(), calibration=fake_calibration(), **values)


@pytest.mark.parametrize("ending", ENDINGS)
def test_stories_are_the_rows_of_the_csv_with_types(tmp_path: Path, ending: str) -> None:
    result = news_result()
    write_stories(result.stories, tmp_path / f"s.{ending}")
    write_stories(result.stories, tmp_path / "s.csv")
    assert schema(tmp_path / f"s.{ending}") == dict.fromkeys(COLUMNS, "string") | {
        "published": "timestamp[us, tz=UTC]",
        "probability": "double",
        "relation_probability": "double",
        "representative": "bool",
    }
    rows = read(tmp_path / f"s.{ending}").to_pylist()
    with (tmp_path / "s.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(rows) == len(lines) == 20
    for row, line in zip(rows, lines, strict=True):
        assert row["published"] == datetime.fromisoformat(line["published"])
        assert row["probability"] == float(line["probability"])
        assert json.dumps(row["representative"]) == line["representative"]
        for name in ("story", "id", "title", "relation", "of"):
            assert (row[name] or "") == line[name]


@pytest.mark.parametrize("ending", ENDINGS)
def test_pairs_are_those_of_the_result(tmp_path: Path, ending: str) -> None:
    result = news_result(all_pairs=True)
    write_pairs(result, tmp_path / f"p.{ending}")
    table = read(tmp_path / f"p.{ending}")
    assert schema(tmp_path / f"p.{ending}") == {
        **dict.fromkeys(("a", "b", "follows"), "string"),
        "probability": "double",
    }
    assert table.num_rows == len(result.scored.pairs) > 0
    assert list(zip(table["a"].to_pylist(), table["b"].to_pylist(), strict=True)) == [
        (result.articles[a].id, result.articles[b].id) for a, b in result.scored.pairs
    ]


ODD = Article(
    id="a1",
    title="سیل در گلستان",
    body="جاده‌ها بسته شد",
    language="fa",
    published=datetime(2026, 3, 2, 7, 20, 0, 123456, tzinfo=TEHRAN),
    extra={"views": 17, "share": 0.25, "live": True, "tags": ["سیل"], "mixed": 3, "none": None, "big": 2**70},
)
PLAIN = Article(id="a2", title="Floods close roads", body="", language="en", extra={"views": 3, "mixed": "x"})


@pytest.mark.parametrize("ending", ENDINGS)
def test_unknown_fields_have_the_type_of_their_values(tmp_path: Path, ending: str) -> None:
    write_articles([ODD, PLAIN], tmp_path / f"u.{ending}")
    assert schema(tmp_path / f"u.{ending}") == {
        "id": "string",
        "title": "string",
        "body": "string",
        "language": "string",
        "published": "timestamp[us, tz=UTC]",
        "views": "int64",
        "share": "double",
        "live": "bool",
        "tags": "string",
        "mixed": "string",
        "none": "string",
        "big": "string",
    }
    first, second = read(tmp_path / f"u.{ending}").to_pylist()
    assert first["published"] == ODD.published
    assert (first["views"], first["share"], first["live"]) == (17, 0.25, True)
    assert (first["tags"], first["mixed"], first["big"]) == ('["سیل"]', "3", str(2**70))
    assert (second["views"], second["live"], second["mixed"], second["published"]) == (3, None, "x", None)


def test_a_number_is_a_float_only_where_it_stays_the_same() -> None:
    assert kinds_of([{"x": 1}, {"x": 0.5}]) == {"x": "number"}
    assert kinds_of([{"x": 2**53 + 1}, {"x": 0.5}]) == {"x": "text"}
    assert kinds_of([{"x": 2**53 + 1}, {"x": True}]) == {"x": "text"}


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.none() | st.booleans() | st.integers() | st.floats())))
def test_any_values_fit_the_kind_that_is_found(rows: list[dict[str, Any]]) -> None:
    from dedup.write.kinds import plain_text

    for name, kind in kinds_of(rows).items():
        values = [row.get(name) for row in rows]
        if kind == "text":
            values = [plain_text(value) for value in values]
        found = typed_module.arrow_array(values, kind).to_pylist()
        assert all(one is other or one == other or one != one for one, other in zip(found, values, strict=True))


@pytest.mark.parametrize("ending", ENDINGS)
def test_nothing_is_a_table_without_rows(tmp_path: Path, ending: str) -> None:
    write_stories([], tmp_path / f"s.{ending}")
    write_articles([], tmp_path / f"u.{ending}")
    assert read(tmp_path / f"s.{ending}").num_rows == 0
    assert read(tmp_path / f"s.{ending}").column_names == list(COLUMNS)
    assert read(tmp_path / f"u.{ending}").column_names == ["id", "title", "body", "language"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_rows_are_written_in_portions(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typed_module, "_ROWS_AT_ONCE", 7)
    alive = most = 0

    def counted(rows: Iterable[Any]) -> Iterable[Any]:
        nonlocal alive, most
        for row in rows:
            alive += 1
            most = max(most, alive)
            yield row

    convert: Callable[..., pa.Table] = typed_module.arrow_table

    def converted(rows: Any, kinds: Any) -> pa.Table:
        nonlocal alive
        alive -= len(rows)
        return convert(rows, kinds)

    monkeypatch.setattr(typed_module, "arrow_table", converted)
    rows = [{"x": number} for number in range(40)]
    typed_module.write_typed(Destination.of(tmp_path / f"x.{ending}"), {"x": "count"}, counted(rows))
    assert read(tmp_path / f"x.{ending}").to_pylist() == rows
    assert most == 7
    if ending == "parquet":
        assert pq.ParquetFile(tmp_path / "x.parquet").num_row_groups == 6


@pytest.mark.parametrize("ending", ENDINGS)
def test_equal_results_are_equal_files_and_lone_surrogates_are_escaped(tmp_path: Path, ending: str) -> None:
    odd = Article(id="a", title="x\ud800", body="", language="en", extra={"k\udfff": "y\udfff"})
    files = [tmp_path / f"{number}.{ending}" for number in range(2)]
    for path in files:
        write_articles([odd], path)
    assert all(one.read_bytes() == other.read_bytes() for one, other in pairwise(files))
    (row,) = read(files[0]).to_pylist()
    assert (row["title"], row["k\\udfff"]) == ("x\\ud800", "y\\udfff")


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_appears_whole_or_not_at_all(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"x.{ending}"
    path.write_bytes(b"before")

    def rows() -> Iterable[dict[str, Any]]:
        yield {"x": 1}
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        typed_module.write_typed(Destination.of(path), {"x": "count"}, rows())
    assert path.read_bytes() == b"before"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_full_disk_is_one_line(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device; free space"):
        write_stories([], tmp_path / f"s.{ending}")
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_gzipped_or_has_no_package_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OutputError, match=r"unknown kind of output.* or in \.parquet or \.arrow"):
        Destination.of(tmp_path / "s.parquet.gz")
    monkeypatch.setattr("dedup.write.output.find_spec", lambda name: None)
    with pytest.raises(OutputError, match=r"needs the package pyarrow: pip install 'news-dedup\[formats\]'"):
        Destination.of(tmp_path / "s.parquet")


@pytest.mark.skipif(os.name != "posix", reason="pipes of Unix")
def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.parquet")
    with pytest.raises(OutputError, match="needs a file, not a pipe"):
        Destination.of(tmp_path / "pipe.parquet")


def test_commands_write_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake_model(monkeypatch, tmp_path / "model")
    newsroom(tmp_path / "news.jsonl", stories=2)
    news = tmp_path / "news.jsonl"
    outcome = run("cluster", news, "-o", tmp_path / "stories.parquet", "--pairs", tmp_path / "pairs.parquet")
    assert outcome.exit_code == 0, outcome.output
    assert run("unique", news, "-o", tmp_path / "unique.arrow").exit_code == 0
    assert read(tmp_path / "stories.parquet").num_rows == 10
    assert read(tmp_path / "pairs.parquet").num_rows > 0
    kept = read(tmp_path / "stories.parquet").filter(read(tmp_path / "stories.parquet")["representative"])
    assert read(tmp_path / "unique.arrow")["id"].to_pylist() == kept["id"].to_pylist()
