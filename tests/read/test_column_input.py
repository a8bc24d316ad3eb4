"""Parquet and Arrow give what JSON lines of the same records give, from any stream, within bounds."""

from __future__ import annotations

import base64
import gzip
import io
import json
import math
import sys
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from dedup.article import Article
from dedup.errors import InputError
from dedup.read import ReadOptions, ReadReport, read_articles
from dedup.read.cells import Unreadable, column_values, json_value

WAYS = ("parquet", "file", "stream")
ENDINGS = {"parquet": ".parquet", "file": ".arrow", "stream": ".arrow"}


def written(table: pa.Table, way: str, rows: int | None = None) -> bytes:
    sink = io.BytesIO()
    if way == "parquet":
        parquet.write_table(table, sink, row_group_size=rows)
    else:
        make = pa.ipc.new_file if way == "file" else pa.ipc.new_stream
        with make(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=rows)
    return sink.getvalue()


def read(path: Path, report: ReadReport | None = None, **options: Any) -> list[Article]:
    return list(read_articles(path, options=ReadOptions(**options), report=report))


TEXT = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
FLOATS = st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=2)
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "id": TEXT,
            "title": TEXT,
            "text": TEXT,
            "lang": st.sampled_from([None, "fa", "prs", "ar", "tr_TR", "??"]),
            "date": st.sampled_from([None, "2026-03-02", "۱۱ اسفند ۱۴۰۴", "tomorrow"]),
            "tags": st.none() | st.lists(TEXT, max_size=3),
            "more": st.none() | st.fixed_dictionaries({"a": st.none() | st.integers(-9, 9), "b": FLOATS}),
        }
    ),
    max_size=9,
)
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("title", pa.large_string()),
        ("text", pa.string_view()),
        ("lang", pa.dictionary(pa.int8(), pa.string())),
        ("date", pa.string()),
        ("tags", pa.list_(pa.string())),
        ("more", pa.struct([("a", pa.int8()), ("b", pa.large_list(pa.float32()))])),
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RECORDS, st.sampled_from(WAYS), st.none() | st.integers(1, 4))
def test_as_from_json_lines(tmp_path: Path, records: list[dict[str, Any]], way: str, rows: int | None) -> None:
    table = pa.Table.from_pylist(records, schema=SCHEMA)
    path, lines = tmp_path / f"t{ENDINGS[way]}", tmp_path / "t.jsonl"
    path.write_bytes(written(table, way, rows))
    kept = [{name: value for name, value in record.items() if value is not None} for record in records]
    lines.write_text("".join(json.dumps(record) + "\n" for record in kept), encoding="utf-8")
    ours, theirs = ReadReport(), ReadReport()
    assert read(path, ours) == read(lines, theirs)
    assert [(each.line, each.reason.replace(str(path), "")) for each in ours.rejects] == [
        (each.line, each.reason.replace(str(lines), "")) for each in theirs.rejects
    ]
    assert (ours.read, ours.rejected, ours.warnings) == (theirs.read, theirs.rejected, theirs.warnings)
    assert ours.read + ours.rejected == len(records)


TABLE = pa.table({"title": ["یک", "دو", None], "body": ["x", None, None]})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("zipped", [False, True])
def test_standard_input_and_compressed_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: str, zipped: bool
) -> None:
    data = written(TABLE, way)
    data = gzip.compress(data) if zipped else data
    path = tmp_path / f"a{ENDINGS[way]}.gz"
    path.write_bytes(data)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    form = "parquet" if way == "parquet" else "arrow"
    from_stdin = list(read_articles("-", options=ReadOptions(format=form)))
    assert [article.title for article in from_stdin] == ["یک", "دو"]
    assert read(path) == from_stdin


@pytest.mark.parametrize("way", WAYS)
def test_an_encoding_for_other_files_changes_nothing(tmp_path: Path, way: str) -> None:
    path = tmp_path / f"a{ENDINGS[way]}"
    path.write_bytes(written(TABLE, way))
    assert [article.title for article in read(path, encoding="windows-1256")] == ["یک", "دو"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.97])
def test_a_cut_file_is_one_reject(tmp_path: Path, way: str, share: float) -> None:
    table = pa.table({"id": [f"n{n}" for n in range(50)], "title": [f"haber {n}" for n in range(50)]})
    data = written(table, way, 5)
    path = tmp_path / f"a{ENDINGS[way]}"
    path.write_bytes(data[: int(len(data) * share)])
    report = ReadReport()
    found = [article.id for article in read(path, report)]
    assert found == [f"n{n}" for n in range(len(found))]
    assert len(found) % 5 == 0
    assert report.rejected == 1
    assert report.rejects[0].line == (len(found) + 1 if found else 0)
    assert (way == "stream" and share > 0.2) == bool(found)


@pytest.mark.parametrize("way", WAYS)
def test_a_cut_gzip_is_one_reject(tmp_path: Path, way: str) -> None:
    data = gzip.compress(written(TABLE, way))
    path = tmp_path / f"a{ENDINGS[way]}.gz"
    path.write_bytes(data[:-20])
    report = ReadReport()
    read(path, report)
    assert [reject.reason[:17] for reject in report.rejects] == ["damaged gzip data"]


def test_a_row_has_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(written(pa.table({"title": ["a", "b"], "body": ["ش" * 50, "ش" * 49]}), "parquet"))
    report = ReadReport()
    assert [article.title for article in read(path, report, max_record_bytes=99)] == ["b"]
    assert report.rejects[0].reason == "the row is longer than max_record_bytes, 99"


def test_parquet_takes_no_more_memory_than_a_few_rows(tmp_path: Path) -> None:
    """One row group of 64 MiB, whose pages of 1 MiB are read one after another."""
    path = tmp_path / "a.parquet"
    schema = pa.schema([("title", pa.string()), ("body", pa.string())])
    with parquet.ParquetWriter(path, schema, use_dictionary=False, write_batch_size=16) as writer:
        bodies = [f"{number * 7919 % 10_007:05d}" * 4000 for number in range(1600)]
        writer.write_table(pa.table({"title": bodies, "body": bodies}, schema), row_group_size=len(bodies))
        del bodies
    before = pa.total_allocated_bytes()
    held = [pa.total_allocated_bytes() - before for _ in read_articles(path)]
    assert len(held) == 1600
    assert max(held) < 24 << 20


def test_arrow_that_asks_for_more_than_there_is_gets_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.arrow"
    path.write_bytes(b"\xff\xff\xff\xff\xff\xff\xff\x7f" + b"x" * 64)
    report = ReadReport()
    assert read(path, report) == []
    assert report.rejected == 1


def test_offsets_past_the_end_are_damage_and_not_read(tmp_path: Path) -> None:
    offsets = pa.array([0, 1 << 30, 3], pa.int32()).buffers()[1]
    wild = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"abc")])
    assert column_values(wild, is_field=True) == [Unreadable("the data of the column are damaged")] * 2
    codes = pa.DictionaryArray.from_arrays(pa.array([0, 7]), pa.array(["a"]), safe=False)
    assert column_values(codes, is_field=False) == [Unreadable("the data of the column are damaged")] * 2


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (datetime(2026, 3, 2, 7, tzinfo=UTC), "2026-03-02T07:00:00+00:00"),
        (date(2026, 3, 2), "2026-03-02"),
        (time(7, 5), "07:05:00"),
        (timedelta(minutes=1, milliseconds=5), 60.005),
        (Decimal("1E+20"), 10**20),
        (Decimal("1E+9999"), "1E+9999"),
        (Decimal("NaN"), "NaN"),
        (math.inf, "inf"),
        (math.nan, None),
        (b"\xff", base64.b64encode(b"\xff").decode()),
        ([("a", 1), ("a", 2)], [["a", 1], ["a", 2]]),
        ([(1, 2)], [[1, 2]]),
    ],
)
def test_values_that_json_lacks(value: object, wanted: object) -> None:
    assert json_value(value) == wanted


def test_without_pyarrow_it_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(written(TABLE, "parquet"))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(
        InputError, match=r"parquet files need the package pyarrow, .*pip install 'news-dedup\[formats\]'"
    ):
        read_articles(path)
