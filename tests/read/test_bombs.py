"""Compressed files that are there to be large: what comes before is read, what is too much is not."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dedup.read import ReadReport, read_articles
from dedup.read.lines import DamagedStreamError, iter_lines

LINE = json.dumps({"id": "a", "title": "Council votes", "body": "The council voted 12 to 3."}).encode() + b"\n"
ZEROS = b"0" * (1 << 20)


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, 6)


def zstd(data: bytes) -> bytes:
    from zstandard import ZstdCompressor

    return ZstdCompressor().compress(data)


def read(path: Path) -> tuple[list[str], ReadReport]:
    report = ReadReport()
    return [article.id for article in read_articles(path, report=report)], report


@pytest.mark.parametrize(("ending", "pack"), [("gz", gzipped), ("zst", zstd)])
def test_a_line_that_unpacks_without_end_is_given_up(
    ending: str, pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    path = tmp_path / f"news.jsonl.{ending}"
    path.write_bytes(pack(LINE + ZEROS * 64))
    ids, report = read(path)
    assert ids == ["a"]
    assert [(one.line, one.reason.partition(",")[0]) for one in report.rejects] == [
        (2, "it unpacks to more than 200 times its size")
    ]


def test_what_is_packed_well_but_honestly_is_read(tmp_path: Path) -> None:
    lines = [json.dumps({"id": str(n), "title": "Council votes", "body": "It voted. " * 200}) for n in range(7_000)]
    path = tmp_path / "news.jsonl.gz"
    path.write_bytes(gzipped("\n".join(lines).encode()))
    assert path.stat().st_size * 50 < sum(map(len, lines))
    ids, report = read(path)
    assert len(ids) == 7_000
    assert not report.rejected


def test_a_million_blank_lines_are_read_past_and_more_are_not() -> None:
    lines = [line.data for line in iter_lines(io.BufferedReader(io.BytesIO(b"\n" * 999_999 + LINE)), 1_000)]
    assert lines[-1] == LINE.strip()
    found = iter_lines(io.BufferedReader(io.BytesIO(LINE + b"\r\n" * 1_000_002 + LINE)), 1_000)
    with pytest.raises(DamagedStreamError, match="more than 1000000 blank lines follow each other"):
        list(found)


def test_what_is_packed_twice_is_rejected_and_not_unpacked_twice(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl.gz"
    path.write_bytes(gzipped(gzipped(LINE + ZEROS * 64)))
    ids, report = read(path)
    assert ids == []
    assert report.rejected >= 1


def test_an_array_that_unpacks_without_end_is_one_reject_and_not_one_for_each_element(tmp_path: Path) -> None:
    path = tmp_path / "news.json.gz"
    path.write_bytes(gzipped(b"[" + b"1," * (20 << 20) + b"1]"))
    ids, report = read(path)
    assert ids == []
    assert [one.reason.partition(",")[0] for one in report.rejects] == ["it unpacks to more than 200 times its size"]
