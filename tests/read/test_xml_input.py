"""XML of news agencies from files that nobody vouches for: in any pieces, broken anywhere, of any size."""

from __future__ import annotations

import gzip
import io
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import InputError
from dedup.read import ReadOptions, ReadReport, read_articles
from dedup.read.lines import ByteStream
from dedup.read.newsml import newsml_rows
from dedup.read.nitf import nitf_rows
from dedup.read.readers import Reader
from dedup.read.record import Row
from dedup.read.report import Reject

FIXTURES = Path(__file__).parent / "fixtures"
READERS: dict[str, Reader] = {"newsml": newsml_rows, "nitf": nitf_rows}
FILES = [path for form in READERS for path in sorted((FIXTURES / form).iterdir()) if path.suffix != ".json"]


class Dripping(io.RawIOBase):
    """A pipe that gives a few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__()
        self._data, self._size = io.BytesIO(data), size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # all that is asked of it
        piece = self._data.read(min(self._size, len(buffer)))
        buffer[: len(piece)] = piece
        return len(piece)


def rows_of(data: bytes, form: str, size: int = 1 << 16) -> tuple[list[Row], list[Reject], int]:
    report = ReadReport()
    stream: ByteStream = io.BufferedReader(Dripping(data, size), max(size, 16))
    return list(READERS[form](stream, "file", ReadOptions(), report)), report.rejects, report.skipped_records


@pytest.mark.parametrize("size", [1, 7, 97])
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_pieces_in_which_a_file_comes_do_not_matter(path: Path, size: int) -> None:
    data, form = path.read_bytes(), path.parent.name
    whole, pieces = rows_of(data, form), rows_of(data, form, size)
    assert pieces[0] == whole[0]
    assert [(reject.line, reject.reason) for reject in pieces[1]] == [
        (reject.line, reject.reason) for reject in whole[1]
    ]
    assert pieces[2] == whole[2]


def item(number: int, text: str = "Gövde <b>metni</b>.", tag: str = "newsItem") -> str:
    return (
        f'<{tag} guid="n{number}"><contentMeta><headline>Haber {number}</headline></contentMeta>'
        f"<contentSet><inlineXML><html><body><p>{text}</p></body></html></inlineXML></contentSet></{tag}>\n"
    )


def message(*items: str) -> bytes:
    return f'<newsMessage xml:lang="tr"><itemSet>\n{"".join(items)}</itemSet></newsMessage>'.encode()


# no "!" and "?": an unclosed comment, CDATA or instruction takes all that follows it with it
GARBAGE = st.text(st.sampled_from("<>&;'\"=/ ap1:-]\n\u200fش\x01\uffff"), max_size=12)


@given(st.lists(st.none() | GARBAGE, min_size=1, max_size=6), st.sampled_from([5, 1 << 16]))
def test_a_break_costs_its_own_item(garbage: list[str | None], size: int) -> None:
    items = [item(n) if each is None else item(n, each) for n, each in enumerate(garbage)]
    rows, rejects, skipped = rows_of(message(*items), "newsml", size)
    whole = {f"n{n}" for n, each in enumerate(garbage) if each is None}
    found = [row.values["id"] for row in rows]
    assert whole <= set(found)
    assert len(found) == len(set(found))
    assert len(rows) + len(rejects) == len(garbage)
    assert [row.line for row in rows if garbage[int(row.values["id"][1:])] is None] == [
        2 + n + sum((each or "").count("\n") for each in garbage[:n]) for n, each in enumerate(garbage) if each is None
    ]
    assert skipped == 0


@given(st.integers(0, len(message(item(1), item(2), item(3)))))
def test_a_file_that_is_cut_anywhere_tells(length: int) -> None:
    data = message(item(1), item(2), item(3))
    rows, rejects, _ = rows_of(data[:length], "newsml")
    assert [row.values["id"] for row in rows] == [f"n{n}" for n in (1, 2, 3)][: data[:length].count(b"</newsItem>")]
    assert len(rejects) == (length < len(data))


def test_memory_does_not_grow_with_a_file_nor_with_an_item(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xml.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b'<newsMessage xml:lang="tr"><itemSet>')
        for number in range(500):
            file.write(item(number, "y" * 10_000).encode())
        file.write(b'<newsItem guid="long"><contentSet><inlineData>')
        for _ in range(20):
            file.write(b"z" * (1 << 20))
        file.write(b"</inlineData></contentSet></newsItem>")
        file.write(item(501).encode() + b"<!--" + b" " * (4 << 20) + b"-->" + item(502).encode())
        file.write(b"</itemSet></newsMessage>")
    report = ReadReport()
    tracemalloc.start()
    try:
        options = ReadOptions(max_record_bytes=1 << 20)
        assert sum(1 for _ in read_articles(path, options=options, report=report)) == 501
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 << 20
    assert [reject.reason for reject in report.rejects] == [
        "the item is longer than max_record_bytes, 1048576",
        "a tag or comment longer than max_record_bytes, 1048576; nothing more of the file is read",
    ]


@pytest.mark.parametrize(
    ("prologue", "reason"),
    [
        ('<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>', "the entity &c; is made of others"),
        ("<!DOCTYPE x [<!ENTITY % p \"<!ENTITY q SYSTEM 'x'>\">%p;]>", ""),
        (f'<!DOCTYPE x [<!ENTITY a "{"a" * 1001}">]>', "the entity &a; is made of others or long"),
        ("<!DOCTYPE x [" + "".join(f'<!ENTITY e{n} "x">' for n in range(301)) + "]>", "more than 300 entities"),
        ('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">', ""),
        ('<!DOCTYPE x PUBLIC "-//X" "/etc/passwd" [<!ENTITY % r SYSTEM "file:///etc/passwd">%r;]>', ""),
    ],
)
def test_declarations_that_harm_are_refused_and_none_is_followed(prologue: str, reason: str) -> None:
    rows, rejects, _ = rows_of(prologue.encode() + message(item(1)), "newsml")
    if reason:
        assert rows == []
        assert [reject.reason[: len(reason)] for reject in rejects] == [reason]
    else:
        assert [row.values["title"] for row in rows] == ["Haber 1"]
        assert rejects == []


@pytest.mark.parametrize("form", [None, "xml", "newsml"])
@pytest.mark.parametrize("zipped", [False, True])
def test_standard_input(monkeypatch: pytest.MonkeyPatch, form: str | None, zipped: bool, tmp_path: Path) -> None:
    data = message(item(1), item(2))
    data = gzip.compress(data) if zipped else data
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    (tmp_path / "a.xml").write_bytes(data)
    given: str | Path = "-" if form else tmp_path / "a.xml"
    found = list(read_articles(given, options=ReadOptions(format=form)))
    assert [(article.title, article.body) for article in found] == [
        ("Haber 1", "Gövde metni."),
        ("Haber 2", "Gövde metni."),
    ]


def test_a_cut_gzip_gives_its_good_part(tmp_path: Path) -> None:
    texts = [f"{number * 7919 % 100_003:x}" * 40 for number in range(3000)]
    data = gzip.compress(message(*(item(n, text) for n, text in enumerate(texts))))
    path = tmp_path / "news.xml.gz"
    path.write_bytes(data[: len(data) // 2])
    report = ReadReport()
    found = [article.id for article in read_articles(path, report=report)]
    assert 500 < len(found) < 3000
    assert found == [f"n{n}" for n in range(len(found))]
    assert [reject.reason[:17] for reject in report.rejects] == ["damaged gzip data"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the file is empty"),
        ("no XML at all", "no root element"),
        ("<html><body/></html>", "the root element is <html>"),
        ("<!-- <nitf> --><NewsML/>", "the root element is <NewsML>"),
    ],
)
def test_what_is_no_news_is_told(tmp_path: Path, text: str, reason: str) -> None:
    for name, form in (("a.xml", None), ("a.newsml", None), ("a.nitf", None)):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        report = ReadReport()
        assert list(read_articles(path, options=ReadOptions(format=form), report=report)) == []
        assert report.rejected == 1
        if name == "a.xml":
            assert report.rejects[0].reason.startswith(reason)


def test_the_root_element_finds_the_reader(tmp_path: Path) -> None:
    rss = "<rss version='2.0'><channel><title>C</title><item><title>Akış haberi</title></item></channel></rss>"
    (tmp_path / "1.xml").write_text(rss, encoding="utf-8")
    (tmp_path / "2.xml").write_text("\n<!-- a --><?x y?><nitf><head><title>N</title></head></nitf>", encoding="utf-8")
    (tmp_path / "3.xml").write_bytes(message(item(3)))
    assert [article.title for article in read_articles(tmp_path)] == ["Akış haberi", "N", "Haber 3"]


def test_html_without_lxml_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "lxml.html", None)
    path = tmp_path / "a.ninjs"
    path.write_text('{"uri": "u", "headline": "H", "body_xhtml": "<p>B</p>"}', encoding="utf-8")
    with pytest.raises(InputError, match=r"need the package lxml, .*pip install 'news-dedup\[formats\]'"):
        list(read_articles(path))
    path.write_text('{"uri": "u", "headline": "H", "body_text": "B"}', encoding="utf-8")
    assert [article.body for article in read_articles(path)] == ["B"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_half_a_surrogate_pair_in_unmarked_utf_16_costs_its_own_item(tmp_path: Path, encoding: str) -> None:
    item = "<nitf><body><body.head><hedline><hl1>{}</hl1></hedline></body.head></body></nitf>\n"
    whole = item.format("Pearl divers’ museum opens")
    text = "\n" + whole + item.format("Half \ud83c of a pair") + item.format("Another museum opens")
    (tmp_path / "a.nitf").write_bytes(text.encode(encoding, "surrogatepass"))
    report = ReadReport()
    found = [article.title for article in read_articles(tmp_path / "a.nitf", report=report)]
    assert found == ["Pearl divers’ museum opens", "Another museum opens"]
    assert [(reject.line, reject.reason[:13]) for reject in report.rejects] == [(3, "invalid UTF-8")]
