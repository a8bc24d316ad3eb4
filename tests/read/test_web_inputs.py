from __future__ import annotations

import gzip
import io
import itertools
import json
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_archives import make_archive

from dedup.errors import InputError
from dedup.read import ReadOptions, ReadReport, read_articles
from dedup.read.archive import archive_rows
from dedup.read.feed import _lines_of, _starts
from dedup.read.readers import READERS
from dedup.read.sources import as_buffered
from dedup.read.webpage import WebPage, page_articles

FIXTURES = Path(__file__).parent / "fixtures"
SEEDS = {
    "html": (FIXTURES / "html" / "01-json-ld.html").read_bytes(),
    "feed": (FIXTURES / "feed" / "01-rss2-content.rss").read_bytes(),
    "warc": make_archive((FIXTURES / "warc" / "08-two-pages-gzipped.records").read_text(encoding="utf-8")),
}
PAGE = """<html lang="en"><head><title>{0}</title></head>
<body><h1>{0}</h1><p>The ropewalk makes rope for boats again.</p>
<p>Five apprentices started on Monday, and one of them is seventy.</p></body></html>"""


def read(form: str, data: bytes, **options: Any) -> tuple[list[dict[str, Any]], ReadReport]:
    report = ReadReport()
    stream = as_buffered(io.BytesIO(data))
    rows = [dict(row.values) for row in READERS[form](stream, "f", ReadOptions(**options), report)]
    return rows, report


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, bytes]:
    """One of the seeds with bytes cut out, put in, doubled or changed."""
    form = draw(st.sampled_from(sorted(SEEDS)))
    data = SEEDS[form]
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 200)))
        data = data[:start] + draw(st.binary(max_size=20) | st.just(data[start:end] * 2)) + data[end:]
    return form, data


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spoilt())
def test_whatever_is_broken_nothing_is_raised_and_every_loss_told(case: tuple[str, bytes]) -> None:
    form, data = case
    rows, report = read(form, data)
    assert rows or report.rejected or report.skipped_records
    assert all(reject.reason and reject.line >= 0 for reject in report.rejects)
    json.dumps(rows, ensure_ascii=False).encode("utf-8", "surrogatepass")


def test_a_feed_whose_root_swallows_its_entries_is_told_of() -> None:
    whole = (
        b'<?xml version="1.0"?>\n<rss version="2.0" xmlns:content="http://x/"><channel>\n<item>'
        b"<title>Bridge reopens</title>\n<link>https://h.example/1</link>"
        b"<description>It was shut.</description>\n</item>\n</channel></rss>\n"
    )
    assert len(read("feed", whole)[0]) == 1
    rows, report = read("feed", whole.replace(b'http://x/"><channel>\n<', b"http:"))
    assert rows == []
    assert [(reject.line, reject.reason) for reject in report.rejects] == [
        (1, "no entry of the feed can be read: what stands around them is broken")
    ]


@pytest.mark.parametrize("form", sorted(SEEDS))
def test_nothing_is_fetched(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **named: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert read(form, SEEDS[form])[0]
    rows, report = read("feed", b"http://127.0.0.1:9/feed.xml")
    assert (rows, report.rejects[0].reason) == ([], "no RSS or Atom feed")


def test_pages_entries_and_archived_pages_are_bounded() -> None:
    page = PAGE.format("Ropewalk reopens").encode()
    assert len(read("html", page, max_record_bytes=len(page))[0]) == 1
    rows, report = read("html", page, max_record_bytes=len(page) - 1)
    assert (rows, report.rejects[0].reason) == ([], f"the page has more than max_record_bytes, {len(page) - 1}")
    archive = make_archive(
        "=== response https://a.example/1 2026-01-01T00:00:00Z\nHTTP/1.1 200 OK\nContent-Type: text/html\n\n"
        + PAGE.format("Ropewalk reopens" + "!" * 400)
        + "\n=== response https://a.example/2 2026-01-01T00:00:00Z gzip\nHTTP/1.1 200 OK\nContent-Type: text/html\n"
        + "Content-Encoding: gzip\n\n<html>"
        + "<p>again</p>" * 9999
        + "\n=== response https://a.example/3 2026-01-01T00:00:00Z\nHTTP/1.1 200 OK\nContent-Type: text/html\n\n"
        + PAGE.format("Ropewalk reopens")
    )
    rows, report = read("warc", archive, max_record_bytes=len(page) + 1)
    assert [row["url"] for row in rows] == ["https://a.example/3"]
    assert [reject.line for reject in report.rejects] == [1, 2]
    rows, report = read("feed", SEEDS["feed"], max_record_bytes=500)
    assert (len(rows), [reject.line for reject in report.rejects]) == (1, [7])
    assert report.rejects[0].reason.startswith("the entry has ")
    rows, report = read("feed", SEEDS["feed"], max_array_bytes=700)
    assert (rows, report.rejects[0].reason) == ([], "a feed of more than max_array_bytes, 700; split it")


class Endless(io.RawIOBase):
    """An archive without end."""

    def __init__(self, records: Iterator[bytes]) -> None:
        super().__init__()
        self._records = records
        self._left = b""
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        self._left = self._left or next(self._records)
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        self.given += count
        return count


def test_an_archive_is_read_record_by_record() -> None:
    record = "=== response https://a.example/{0} 2026-01-01T00:00:00Z\nHTTP/1.1 200 OK\nContent-Type: text/html\n\n"
    raw = Endless(make_archive((record + PAGE).format(f"Ropewalk no. {number}")) for number in itertools.count())
    rows = archive_rows(io.BufferedReader(raw), "f", ReadOptions(), ReadReport())
    assert [(row.line, row.values["title"]) for row in itertools.islice(rows, 5)] == [
        (number + 1, f"Ropewalk no. {number}") for number in range(5)
    ]
    assert raw.given < 50_000


LOST = "broken WARC, the rest of the file is lost: "


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the archive is empty"),
        (b"WARC/1.0\r\n" + b"X: " + b"y" * 300_000, f"{LOST}the headers of a record have more than 262144 bytes"),
        (b"WARC/1.0\r\nX: y\r\n" * 90_000, f"{LOST}the headers of a record have more than 262144 bytes"),
        (b"WARC/1.0\r\nWARC-Type: response\r\n\r\nx", f"{LOST}a record without Content-Length"),
        (b"WARC/1.0\r\nContent-Length: 99\r\n\r\nx", f"{LOST}it ends 98 bytes before the end of this record"),
        (b"WARC/1.0\r\nContent-Length: 1\r\n\r\nx\r\n\r\nWHAT\r\n", f"{LOST}Invalid WARC record, first line: WHAT"),
    ],
)
def test_archives_that_are_broken(data: bytes, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows, report = read("warc", data)
    assert rows == []
    assert [reject.reason[: len(reason)] for reject in report.rejects] == [reason]
    assert capsys.readouterr() == ("", "")


def test_lines_of_entries_are_counted_once_however_many_there_are() -> None:
    """Counted from the beginning for each entry, these take a minute."""
    entries = "".join(f"<item><title>{number}</title></item>\n{'x' * 40}" for number in range(20_000))
    started = time.process_time()
    places = _starts(f"<rss>\n{entries}</rss>" * 10)
    lines = list(_lines_of(f"<rss>\n{entries}</rss>" * 10, places))
    assert time.process_time() - started < 10
    assert lines[:3] == [2, 3, 4]
    assert lines == sorted(lines)
    assert (len(lines), lines[-1]) == (200_000, 200_010)


@pytest.mark.parametrize("around", ["nav", "aside", "form", "footer"])
def test_one_of_several_articles_may_have_its_heading_in_what_is_no_text(around: str) -> None:
    paragraph = "<p>The ropewalk makes rope for boats again, and five apprentices have started there.</p>"
    other = f"<article><h2>Another headline of the day</h2>{paragraph * 3}</article>"
    page = f"<article><{around}><h2>Ropewalk reopened</h2></{around}>{paragraph * 3}</article>{other}"
    rows, report = read("html", f"<html><body>{page}</body></html>".encode())
    assert [row["title"] for row in rows] == ["Ropewalk reopened", "Another headline of the day"]
    assert report.rejected == 0


@pytest.mark.parametrize("address", ["<http://[::1>", "http://[oops/a.html", "//]", "http://[::1", "http://a\u2100b/"])
def test_an_address_that_is_none_does_not_cost_the_page(address: str) -> None:
    record = "=== response ADDRESS 2026-03-02T10:00:00Z\nHTTP/1.1 200 OK\nContent-Type: text/html\n\n"
    archive = make_archive(record + PAGE.format("Ropewalk reopened"))
    rows, report = read("warc", archive.replace(b"ADDRESS", address.encode()))
    assert (len(rows), report.rejected) == (1, 0)
    assert "url" not in rows[0]
    saved = f"<!-- saved from url=(0021){address} -->" + PAGE.format("Ropewalk reopened")
    rows, report = read("html", saved.encode())
    assert (len(rows), report.rejected) == (1, 0)
    assert "url" not in rows[0]


def test_a_cut_page_in_gzip_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "a.html.gz"
    path.write_bytes(gzip.compress(PAGE.format("Ropewalk reopens").encode())[:-9])
    report = ReadReport()
    assert [article.title for article in read_articles(path, report=report)] == ["Ropewalk reopens"]
    assert [reject.reason[:17] for reject in report.rejects] == ["damaged gzip data"]


def test_fields_of_the_user_are_not_for_formats_that_name_their_own(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE.format("Ropewalk reopens"), encoding="utf-8")
    (found,) = read_articles(tmp_path / "a.html", options=ReadOptions(fields={"title": "body", "body": "title"}))
    assert found.title == "Ropewalk reopens"


def test_the_encoding_of_the_user(tmp_path: Path) -> None:
    page = PAGE.format("Ðe old þing") + "\n" * 3
    (tmp_path / "a.html").write_bytes(page.encode("iso-8859-1"))
    (found,) = read_articles(tmp_path / "a.html", options=ReadOptions(encoding="iso-8859-1"))
    assert found.title == "Ðe old þing"
    report = ReadReport()
    assert list(read_articles(tmp_path / "a.html", options=ReadOptions(encoding="utf-8"), report=report)) == []
    assert report.rejects[0].reason.startswith("invalid utf-8 at byte ")


@pytest.mark.parametrize(
    ("name", "package"),
    [("a.html", "trafilatura"), ("a.rss", "feedparser"), ("a.warc", "warcio"), ("a.htm", "lxml.html")],
)
def test_a_missing_package_is_told_at_once_for_a_file_and_rejects_one_in_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "b.jsonl").write_text('{"title": "read"}', encoding="utf-8")
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        InputError, match=r"need the package (\w+), .*; install it with: pip install 'news-dedup\[formats\]'$"
    ):
        read_articles(tmp_path / name)
    report = ReadReport()
    assert [article.title for article in read_articles(tmp_path, report=report)] == ["read"]
    assert [(Path(reject.file).name, reject.line) for reject in report.rejects] == [(name, 0)]
    result = run("cluster", tmp_path / name, "-o", tmp_path / "out.jsonl")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "pip install 'news-dedup[formats]'" in result.stderr


def test_the_same_page_gives_the_same_article_every_time() -> None:
    page = WebPage(data=SEEDS["html"], file="f")
    first, *others = (list(page_articles(page, ReadOptions(), ReadReport())) for _ in range(3))
    assert all(other == first for other in others)
