"""Articles as they are written: what was read comes out, and can be read again."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup.article import Article
from dedup.read import read_articles
from dedup.write import write_articles
from dedup.write.articles import FIELDS, article_row
from dedup.write.delimited import guard_cell, write_delimited

DANGEROUS = re.compile(r"[=+\-@\t\r]")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")

WORDS = st.text(st.sampled_from("ابپçşe12 ,;\"'=+-@\n"), min_size=1, max_size=20).map(str.strip).filter(bool)
ARTICLES = st.builds(
    Article,
    id=WORDS.map(lambda text: " ".join(text.split())),
    title=WORDS,
    body=WORDS,
    language=st.sampled_from(["fa", "fa-AF", "tr"]),
    published=st.none()
    | st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC)),
    url=st.none() | st.just("https://example.org/x?a=1"),
    edition=st.none() | WORDS,
    section=st.none() | WORDS,
    extra=st.dictionaries(st.sampled_from(["tags", "پیوند", "x1"]), WORDS, max_size=2),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(st.lists(ARTICLES, min_size=1, max_size=5, unique_by=lambda article: article.id))
def test_json_lines_are_read_back_as_they_were(tmp_path: Path, articles: list[Article]) -> None:
    write_articles(articles, tmp_path / "a.jsonl")
    assert list(read_articles(tmp_path / "a.jsonl")) == articles


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(
    st.lists(ARTICLES, min_size=1, max_size=5, unique_by=lambda article: article.id), st.sampled_from(["csv", "tsv"])
)
def test_tables_are_read_back_but_for_the_guard(tmp_path: Path, articles: list[Article], ending: str) -> None:
    write_articles(articles, tmp_path / f"a.{ending}")
    back = list(read_articles(tmp_path / f"a.{ending}"))
    assert [article.id for article in back] == [guard_cell(article.id) for article in articles]
    assert [article.title for article in back] == [guard_cell(article.title) for article in articles]
    assert [article.published for article in back] == [article.published for article in articles]


def test_a_row_has_what_is_known() -> None:
    article = Article(id="1", title="t", body="", language="fa", section="Politics", extra={"tags": [1], "url": 5})
    assert article_row(article) == {
        "id": "1",
        "title": "t",
        "body": "",
        "language": "fa",
        "section": "Politics",
        "tags": [1],
        "url": 5,
    }


def test_our_field_goes_before_an_unknown_one_of_its_name() -> None:
    assert article_row(Article(id="1", title="ours", body="", extra={"title": ["theirs"]}))["title"] == "ours"


def test_columns_are_those_of_all_rows_and_ours_come_first(tmp_path: Path) -> None:
    articles = [
        Article(id="1", title="t", body="b", extra={"z": 1}),
        Article(id="2", title="t", body="b", edition="e", extra={"tags": ["x"], "z": None}),
    ]
    write_articles(articles, tmp_path / "a.csv")
    header, *rows = csv.reader((tmp_path / "a.csv").read_text(encoding="utf-8").splitlines())
    assert header == ["id", "title", "body", "language", "edition", "z", "tags"]
    assert rows == [["1", "t", "b", "und", "", "1", ""], ["2", "t", "b", "und", "e", "", '["x"]']]


def test_no_article_is_a_header_of_what_an_article_has(tmp_path: Path) -> None:
    write_articles([], tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "id,title,body,language\n"
    assert set(FIELDS) >= {"id", "title", "body", "language"}


@given(st.text(max_size=12))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    guarded = guard_cell(text)
    assert guarded in (text, f"'{text}")
    assert not DANGEROUS.match(guarded) or NUMBER.fullmatch(guarded)
    assert (guarded == text) or DANGEROUS.match(text)


@pytest.mark.parametrize(
    "cell", ["=cmd|' /C calc'!A0", "+1-2", "-1+cmd", "@SUM(A1)", "\t=1", "\r=1", "-", "--5", "-1e5"]
)
def test_formulas_are_guarded(cell: str) -> None:
    assert guard_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-12", "+3", "-0.5", "12", "Ankara", "'=1", ""])
def test_numbers_and_words_are_not(cell: str) -> None:
    assert guard_cell(cell) == cell


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (-3, "-3"),
        (0.25, "0.25"),
        ([1, "خبر"], '[1, "خبر"]'),
        ({"a": 1}, '{"a": 1}'),
    ],
)
def test_values_as_cells(value: Any, cell: str) -> None:
    file = io.StringIO()
    write_delimited(file, ["=x"], [{"=x": value}], "csv")
    # the header of an input is a stranger's too
    assert list(csv.reader(io.StringIO(file.getvalue()))) == [["'=x"], [cell]]


def test_an_article_of_the_api_with_odd_values_is_written(tmp_path: Path) -> None:
    article = Article(id="1", title="half \ud83d", body="b", extra={"when": datetime(2026, 3, 2, tzinfo=UTC)})
    write_articles([article], tmp_path / "a.jsonl")
    row = json.loads((tmp_path / "a.jsonl").read_text(encoding="utf-8"))
    assert (row["title"], row["when"]) == ("half \ud83d", "2026-03-02 00:00:00+00:00")
