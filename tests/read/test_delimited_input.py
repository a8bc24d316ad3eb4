from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup.read import ReadOptions, ReadReport, read_articles

cells = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(cells, cells, cells)), st.sampled_from(",;\t|"))
def test_what_csv_writes_comes_back(tmp_path: Path, rows: list[tuple[str, str, str]], delimiter: str) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(("Headline", "Text", "note"))
    writer.writerows((f"t{title}", body, note) for title, body, note in rows)
    path = tmp_path / "news.csv"
    path.write_text(file.getvalue(), encoding="utf-8", newline="")
    articles = list(read_articles(path))
    assert [(article.title, article.extra["note"]) for article in articles] == [
        (f"t{title}".strip(), note) for title, _, note in rows
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_delimiters_are_sniffed_by_the_names_of_columns(tmp_path: Path, delimiter: str, mark: str) -> None:
    header = delimiter.join(("Başlık", "Metin", "Tarih", "a,b;c"[: 1 if delimiter in ",;" else 5]))
    path = tmp_path / "haber.csv"
    row = delimiter.join(("Yangın", '"Bir; iki, üç | dört"', "27.02.2023", ""))
    path.write_text(f"{mark}{header}\n\n{row}\n", encoding="utf-8")
    report = ReadReport()
    (article,) = read_articles(path, report=report)
    assert (article.title, article.body) == ("Yangın", "Bir; iki, üç | dört")
    assert article.published is not None
    assert report.blank_lines == 1


def test_tsv_is_by_tabs_whatever_stands_in_it(tmp_path: Path) -> None:
    path = tmp_path / "news.tsv"
    path.write_text("title\tbody, text; content\nx\ty\n", encoding="utf-8")
    (article,) = read_articles(path)
    assert (article.title, article.extra) == ("x", {"body, text; content": "y"})


def test_bad_rows_cost_themselves(tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    path.write_bytes(
        b"id,title,body\n"
        b"1,one,first\n"
        b"2,two\n"
        b"3,three,third,too much\n"
        b"4,four\xff,fourth\n"
        b'5,five,"over\ntwo \xff lines"\n'
        b"1,again,taken\n"
        b"6,,\n"
        b"7,nul\x00,x\n"
        b"8," + b"x" * 300 + b",long\n"
        b'10,ten,"tenth ""quoted"""\n'
        b'9,"' + b"many\n" * 50
    )
    report = ReadReport()
    articles = list(read_articles(path, options=ReadOptions(max_record_bytes=200), report=report))
    assert [(article.id, article.body) for article in articles] == [
        ("1", "first"),
        ("2", ""),
        ("10", 'tenth "quoted"'),
    ]
    reasons = {reject.line: reject.reason for reject in report.rejects}
    assert reasons[4] == "4 values where the header names 3"
    assert "invalid UTF-8 at byte 6" in reasons[5]
    assert "invalid UTF-8" in reasons[6]
    assert "the id '1' is taken by line 2" in reasons[8]
    assert "neither title nor body" in reasons[9]
    assert "NUL" in reasons[10]
    assert "max_record_bytes" in reasons[11]
    assert "max_record_bytes" in reasons[13]  # a quote that is never closed


def test_the_limit_of_the_csv_module_is_as_before(tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    path.write_text("title,body\nx," + "y" * 200_000 + "\nz,w\n", encoding="utf-8")
    before = csv.field_size_limit()
    articles = read_articles(path)
    assert len(next(articles).body) == 200_000
    assert csv.field_size_limit() == before
    assert next(articles).title == "z"


@pytest.mark.parametrize("text", ["when,who\n1,2\n", "\ud800,title\n", "x" * 200_000 + ",title\n"])
def test_a_header_that_cannot_be_used_is_one_reject(tmp_path: Path, text: str) -> None:
    path = tmp_path / "news.csv"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    report = ReadReport()
    assert list(read_articles(path, report=report)) == []
    assert [(reject.line, reject.reason[:29]) for reject in report.rejects] == [(1, "the header line cannot be use")]


def test_a_header_without_title_and_body_is_shown_with_what_helps(tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    path.write_text("kop;tekst;datum\nBrug open;Vandaag;1\n", "utf-8")
    report = ReadReport()
    assert list(read_articles(path, report=report)) == []
    assert [reject.reason for reject in report.rejects] == [
        "the header line cannot be used: no column for title or body among kop, tekst, datum; name them with --field "
        "title=NAME or body=NAME; in Python ReadOptions(fields=...)"
    ]
    path.write_text(",".join(f"kolom{number}" for number in range(30)) + "\n", "utf-8")
    assert list(read_articles(path, report=report)) == []
    assert "kolom11 and 18 more; name them" in report.rejects[1].reason


def test_columns_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    path.write_text("title,note,note,\nx,1,2,3\n", encoding="utf-8")
    (article,) = read_articles(path)
    assert article.extra == {"note": "1", "note_3": "2", "_4": "3"}
