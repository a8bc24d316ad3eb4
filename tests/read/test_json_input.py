from __future__ import annotations

import codecs
import gzip
import io
import json
import sys
from pathlib import Path

import pytest

from dedup.errors import InputError
from dedup.read import ReadOptions, ReadReport, read_articles

RECORDS = [{"title": "Bir"}, {"title": "İki", "body": "metin"}, {"title": "Üç"}]


def titles(path: Path, report: ReadReport | None = None, **options: object) -> list[str]:
    settings = ReadOptions(**options)  # type: ignore[arg-type]  # as the tests name them
    return [article.title for article in read_articles(path, options=settings, report=report)]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(RECORDS),
        json.dumps(RECORDS, indent=2, ensure_ascii=False),
        "\n [\n" + ",\n".join(map(json.dumps, RECORDS)) + "\n]\n",
        "[" + "\n, ".join(map(json.dumps, RECORDS)) + "]",
        "\n".join(map(json.dumps, RECORDS)),
    ],
)
def test_arrays_and_lines(tmp_path: Path, text: str) -> None:
    path = tmp_path / "news.json"
    path.write_text(text, encoding="utf-8")
    report = ReadReport()
    assert titles(path, report) == ["Bir", "İki", "Üç"]
    assert report.rejected == 0


def test_a_bad_element_costs_itself(tmp_path: Path) -> None:
    path = tmp_path / "news.json"
    path.write_bytes(b'[\n{"title": "one"},\n7,\n{"title": "\xff"},\n{"title": "two"}\n]')
    report = ReadReport()
    assert titles(path, report) == ["one", "two"]
    assert [(reject.line, reject.reason[:15]) for reject in report.rejects] == [
        (3, "not a JSON obje"),
        (4, "invalid UTF-8 a"),
    ]


@pytest.mark.parametrize("rest", ['{"title": two},\n{"title": "three"}]', '{"title": "t"} {"title": "u"}]', '{"a": '])
def test_broken_syntax_costs_the_rest_of_an_array(tmp_path: Path, rest: str) -> None:
    path = tmp_path / "news.json"
    path.write_text('[\n{"title": "one"},\n' + rest, encoding="utf-8")
    report = ReadReport()
    assert titles(path, report)[:1] == ["one"]
    assert [reject.line for reject in report.rejects] == [3]
    assert "the rest of the array is lost" in report.rejects[0].reason


def test_an_array_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "news.json"
    path.write_text(json.dumps(RECORDS), encoding="utf-8")
    report = ReadReport()
    assert titles(path, report, max_array_bytes=20) == []
    assert "max_array_bytes, 20; write it as JSON lines" in report.rejects[0].reason
    size = path.stat().st_size
    assert titles(path, max_array_bytes=size) == ["Bir", "İki", "Üç"]


@pytest.mark.parametrize(("bound", "wanted"), [(20, 1), (19, 0)])
@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_the_bound_of_a_line_is_exact(tmp_path: Path, bound: int, wanted: int, ending: bytes) -> None:
    path = tmp_path / "news.jsonl"
    line = b'{"title": "1234567"}'
    assert len(line) == 20
    path.write_bytes(line + ending)
    assert len(titles(path, max_record_bytes=bound)) == wanted


def test_wrong_bytes_are_named_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_bytes('{"title": "خبر"}\n'.encode() + '{"title": "خبر"}\n'.encode("windows-1256"))
    report = ReadReport()
    assert titles(path, report) == ["خبر"]
    assert report.rejects[0].line == 2
    assert report.rejects[0].reason.startswith("invalid UTF-8 at byte 11 of the line (0xce)")


@pytest.mark.parametrize(
    ("mark", "encoding", "option"),
    [
        (codecs.BOM_UTF8, "utf-8", None),
        (codecs.BOM_UTF16_LE, "utf-16-le", None),
        (codecs.BOM_UTF16_BE, "utf-16-be", "windows-1256"),  # a mark says more than an option for all files
        (codecs.BOM_UTF32_LE, "utf-32-le", None),
        (b"", "windows-1254", "windows-1254"),
        (b"", "utf-16-le", "utf-16-le"),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_encodings(tmp_path: Path, mark: bytes, encoding: str, option: str | None, zipped: bool) -> None:
    path = tmp_path / "news.jsonl"
    data = mark + '{"title": "Şırnak"}\n{"title": "Iğdır"}\n'.encode(encoding)
    path.write_bytes(gzip.compress(data) if zipped else data)
    assert titles(path, encoding=option) == ["Şırnak", "Iğdır"]


def test_damage_in_another_encoding_stays_in_its_line(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    lines = [f'{{"title": "{word}"}}\n'.encode("utf-16-le") for word in ("one", "two", "three")]
    lines[1] = lines[1].replace("w".encode("utf-16-le"), b"\x00\xd8")  # half a pair
    path.write_bytes(codecs.BOM_UTF16_LE + b"".join(lines) + b"\x20")  # and half a character
    report = ReadReport()
    assert titles(path, report) == ["one", "three"]
    assert [reject.line for reject in report.rejects] == [2, 4]


@pytest.mark.parametrize("name", ["news.jsonl.gz", "news.csv.gz", "news.txt.gz", "news.json.gz", "plain-name.jsonl"])
def test_a_cut_gzip_gives_its_good_part(tmp_path: Path, name: str) -> None:
    incompressible = [{"id": str(n), "title": f"t{n}", "body": f"{n * 7919 % 10007:x}" * 9} for n in range(3000)]
    if ".csv" in name:
        text = "id,title,body\n" + "\n".join(",".join(map(str, record.values())) for record in incompressible)
    elif ".txt" in name:
        text = "\f".join(f"{record['title']}\n{record['body']}" for record in incompressible)
    elif ".json." in name:
        text = "[\n" + ",\n".join(map(json.dumps, incompressible)) + "\n]"
    else:
        text = "\n".join(map(json.dumps, incompressible))
    data = gzip.compress(text.encode())
    path = tmp_path / name
    path.write_bytes(data[: len(data) // 2])
    report = ReadReport()
    found = titles(path, report)
    assert 500 < len(found) < 3000
    assert found == [f"t{n}" for n in range(len(found))]
    assert [reject.reason[:17] for reject in report.rejects] == ["damaged gzip data"]


@pytest.mark.parametrize("data", [b"\x1f\x8b", b"\x1f\x8bnonsense", gzip.compress(b"x" * 99, mtime=0)[:12]])
def test_a_hopeless_gzip_is_one_reject(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "news.jsonl.gz"
    path.write_bytes(data)
    report = ReadReport()
    assert titles(path, report) == []
    assert report.rejected == 1


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    for data in (b'{"title": "x"}\n{"title": "y"}', gzip.compress(b'{"title": "x"}\n{"title": "y"}')):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert [article.title for article in read_articles("-")] == ["x", "y"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"title;body\nx;y")))
    assert [article.body for article in read_articles("-", options=ReadOptions(format="csv"))] == ["y"]


@pytest.mark.parametrize("name", ["empty.jsonl", "empty.csv", "empty.json"])
def test_an_empty_file_has_no_articles(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    assert titles(tmp_path / name) == []


def test_a_list_of_paths_is_a_mistake_with_a_remedy() -> None:
    with pytest.raises(InputError, match="each file or folder as an argument"):
        read_articles(["a.jsonl", "b.jsonl"])  # type: ignore[arg-type]  # the mistake
