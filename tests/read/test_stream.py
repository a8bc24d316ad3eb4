"""Articles of a stream of JSON lines, as they come."""

from __future__ import annotations

import codecs
import gzip
import io
import json
import os
import time
from pathlib import Path

import pytest

from dedup.article import Article
from dedup.errors import InputError
from dedup.read import ArticleStream, ReadOptions, ReadReport, read_articles


def stream_of(data: bytes, *, report: ReadReport, **options: object) -> ArticleStream:
    stream = io.BufferedReader(io.BytesIO(data))
    return ArticleStream(stream, options=ReadOptions(**options), report=report)  # type: ignore[arg-type]


def all_of(stream: ArticleStream) -> list[Article]:
    found = []
    while not stream.ended:
        article = stream.poll(5)
        if article is not None:
            found.append(article)
    return found


LINES = [
    b'{"id": "1", "title": "Sel geldi", "lang": "tr"}',
    b"nonsense",
    b"",
    b"[1, 2]",
    b'{"title": "no id"}',
    b'{"id": "1", "title": "again"}',
    b'{"title": "no id"}',
    b'{"title": "\xff"}',
    b'{"title": "' + b"x" * 5000 + b'"}',
    b'{"title": "soon", "date": "soon"}',
    b'{"title": "no line break"}',
]


def test_what_is_no_article_is_rejected_and_the_rest_goes_on() -> None:
    report = ReadReport()
    articles = all_of(stream_of(b"\n".join(LINES), report=report, max_record_bytes=1000))
    assert [article.title for article in articles] == [
        "Sel geldi",
        "no id",
        "again",
        "no id",
        "soon",
        "no line break",
    ]
    assert articles[0].id == articles[2].id == "1"
    assert articles[1] == articles[3]
    assert [reject.line for reject in report.rejects] == [2, 4, 8, 9]
    assert all(reject.file == "<stdin>" and reject.reason for reject in report.rejects)
    assert (report.read, report.rejected, report.blank_lines, report.warnings) == (6, 4, 1, 1)


def test_articles_are_those_of_a_file(tmp_path: Path) -> None:
    data = b"\n".join(line for number, line in enumerate(LINES) if number not in (5, 6))
    (tmp_path / "n.jsonl").write_bytes(data)
    expected = list(read_articles(tmp_path / "n.jsonl"))
    for form in (data, gzip.compress(data), codecs.BOM_UTF8 + data):
        assert all_of(stream_of(form, report=ReadReport())) == expected
    arabic = json.dumps({"title": "خبر عاجل"}, ensure_ascii=False)
    found = all_of(stream_of(arabic.encode("windows-1256"), report=ReadReport(), encoding="windows-1256"))
    assert found[0].title == "خبر عاجل"


def test_each_line_comes_as_soon_as_it_is_whole() -> None:
    ours, theirs = os.pipe()
    stream = ArticleStream(io.BufferedReader(io.FileIO(ours)), options=ReadOptions(), report=ReadReport())
    with io.FileIO(theirs, "wb") as pipe:
        pipe.write(b'{"id": "1", "title": "one"}\n{"id": "2", ')
        first = stream.poll(10)
        assert first is not None
        assert first.id == "1"
        started = time.monotonic()
        assert stream.poll(0.2) is None
        assert 0.15 < time.monotonic() - started < 5
        assert not stream.ended
        pipe.write(b'"title": "two"}\n')
        second = stream.poll(10)
        assert second is not None
        assert second.id == "2"
    assert stream.poll(10) is None
    assert stream.ended


def test_lines_that_nobody_asks_for_wait_outside() -> None:
    ours, theirs = os.pipe()
    stream = ArticleStream(io.BufferedReader(io.FileIO(ours)), options=ReadOptions(), report=ReadReport())
    os.set_blocking(theirs, False)
    line, written, until = b'{"title": "' + b"x" * 50_000 + b'"}\n', 0, time.monotonic() + 1
    with io.FileIO(theirs, "wb") as pipe:
        while time.monotonic() < until:
            written += pipe.write(line) or 0
            time.sleep(0.001)
    assert written < 40 * len(line)
    while not stream.ended:
        stream.poll(5)


def test_a_damaged_stream_is_told() -> None:
    report = ReadReport()
    whole = gzip.compress(b'{"title": "one"}\n' * 5_000)
    assert len(all_of(stream_of(whole[: len(whole) // 2], report=report))) > 0
    assert "damaged gzip data" in report.rejects[0].reason


def test_a_stream_that_fails() -> None:
    class Failing(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: object, /) -> int:
            raise OSError(5, "Input/output error")

    stream = ArticleStream(io.BufferedReader(Failing()), options=ReadOptions(), report=ReadReport())
    with pytest.raises(InputError, match="cannot read <stdin>: Input/output error"):
        stream.poll(10)
    assert stream.ended
