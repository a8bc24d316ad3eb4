"""Stories as they are written, checked against what the documents promise and against other readers of the format."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup.article import Article
from dedup.evaluate import read_labels
from dedup.story import Member, Story, make_story
from dedup.write import story_row, write_stories

KEYS = [
    "id",
    "headline",
    "languages",
    "editions",
    "first_published",
    "last_published",
    "representative",
    "articles",
]
ARTICLE_KEYS = [
    "id",
    "title",
    "language",
    "edition",
    "published",
    "url",
    "probability",
    "relation",
    "of",
    "relation_probability",
]
TEHRAN = timezone(timedelta(hours=3, minutes=30))


def story(*articles: Article, probability: float = 0.875) -> Story:
    return make_story([Member(article=article, probability=probability) for article in articles], keep="earliest")


FIRST = Article(
    id="a1",
    title="سیل در گلستان",
    body="متن",
    language="fa",
    published=datetime(2026, 3, 2, 7, 20, tzinfo=TEHRAN),
    url="https://example.org/1",
    edition="خبرگزاری کرانه",
)
SECOND = Article(id="a2", title="Floods in Golestan", body="text", language="en")


def written(path: Path, *stories: Story) -> str:
    write_stories(stories, path)
    return path.read_text(encoding="utf-8")


def test_a_story_is_one_line_with_these_keys_and_no_others(tmp_path: Path) -> None:
    text = written(tmp_path / "s.jsonl", story(FIRST, SECOND))
    assert text.count("\n") == 1
    row = json.loads(text)
    assert list(row) == KEYS
    assert [list(article) for article in row["articles"]] == [ARTICLE_KEYS] * 2
    assert row == {
        "id": row["id"],
        "headline": "سیل در گلستان",
        "languages": ["fa", "en"],
        "editions": ["خبرگزاری کرانه"],
        "first_published": "2026-03-02T07:20:00+03:30",
        "last_published": "2026-03-02T07:20:00+03:30",
        "representative": "a1",
        "articles": [
            {
                "id": "a1",
                "title": "سیل در گلستان",
                "language": "fa",
                "edition": "خبرگزاری کرانه",
                "published": "2026-03-02T07:20:00+03:30",
                "url": "https://example.org/1",
                "probability": 0.875,
                "relation": None,
                "of": None,
                "relation_probability": None,
            },
            {
                "id": "a2",
                "title": "Floods in Golestan",
                "language": "en",
                "edition": None,
                "published": None,
                "url": None,
                "probability": 0.875,
                "relation": None,
                "of": None,
                "relation_probability": None,
            },
        ],
    }


def test_relations_are_written_in_lines_and_tables(tmp_path: Path) -> None:
    members = [
        Member(article=FIRST, probability=0.9, relation="original", relation_probability=1.0),
        Member(article=SECOND, probability=0.9, relation="translation", of="a1", relation_probability=0.75),
    ]
    one = make_story(members, keep="earliest")
    told = ("relation", "of", "relation_probability")
    articles = json.loads(written(tmp_path / "s.jsonl", one))["articles"]
    assert [[article[key] for key in told] for article in articles] == [
        ["original", None, 1.0],
        ["translation", "a1", 0.75],
    ]
    rows = list(csv.DictReader(written(tmp_path / "s.csv", one).splitlines()))
    assert [[row[key] for key in told] for row in rows] == [["original", "", "1.0"], ["translation", "a1", "0.75"]]
    assert read_labels(tmp_path / "s.jsonl").relation == {"a1": "original", "a2": "translation"}


def test_what_else_is_known_comes_after(tmp_path: Path) -> None:
    article = Article(
        id="a", title="t", body="", section="Politics", city="Tehran", agency="FNA", extra={"tags": ["x", 1]}
    )
    row = json.loads(written(tmp_path / "s.jsonl", story(article)))["articles"][0]
    assert list(row) == [*ARTICLE_KEYS, "section", "city", "agency", "extra"]
    assert row["extra"] == {"tags": ["x", 1]}


def test_letters_stay_letters(tmp_path: Path) -> None:
    assert "سیل در گلستان" in written(tmp_path / "s.jsonl", story(FIRST))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("inf"), "inf"),
        ([1, {"deep": float("nan")}], [1, {"deep": "nan"}]),
        (datetime(2026, 3, 2, tzinfo=UTC), "2026-03-02 00:00:00+00:00"),
        ({"a": None, "b": True}, {"a": None, "b": True}),
        ("half \ud83d", "half \ud83d"),
    ],
)
def test_any_unknown_field_is_written_as_strict_json(tmp_path: Path, value: Any, expected: Any) -> None:
    text = written(tmp_path / "s.jsonl", story(Article(id="a", title="t", body="", extra={"x": value})))

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    row = json.loads(text, parse_constant=refuse)
    assert row["articles"][0]["extra"] == {"x": expected}


def test_a_table_has_a_row_for_each_article(tmp_path: Path) -> None:
    text = written(
        tmp_path / "s.csv", story(FIRST, SECOND), story(Article(id="a3", title='with "quotes", and\ttab', body=""))
    )
    rows = list(csv.DictReader(text.splitlines(keepends=True)))
    assert [row["id"] for row in rows] == ["a1", "a2", "a3"]
    assert [row["representative"] for row in rows] == ["true", "false", "true"]
    assert rows[0]["story"] == rows[1]["story"] != rows[2]["story"]
    assert rows[1]["headline"] == "سیل در گلستان"
    assert rows[1]["title"] == "Floods in Golestan"
    assert rows[1]["published"] == rows[1]["url"] == ""
    assert rows[2]["title"] == 'with "quotes", and\ttab'
    assert rows[0]["probability"] == "0.875"


def test_a_table_of_tabs_and_one_in_gzip(tmp_path: Path) -> None:
    write_stories([story(FIRST)], tmp_path / "s.tsv.gz")
    text = gzip.decompress((tmp_path / "s.tsv.gz").read_bytes()).decode()
    assert text.splitlines()[0].split("\t")[:3] == ["story", "headline", "id"]
    assert next(csv.DictReader(text.splitlines(), delimiter="\t"))["title"] == "سیل در گلستان"


def test_no_story_is_an_empty_file_or_a_header(tmp_path: Path) -> None:
    assert written(tmp_path / "s.jsonl") == ""
    assert written(tmp_path / "s.csv").count("\n") == 1


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
# ids as readers give them: no controls, no space around them
IDS = st.text("ابش1-=+@_ ,\"'", max_size=8).map(lambda text: f"i{text}".strip())
ARTICLES = st.builds(
    Article,
    id=IDS,
    title=TEXT,
    body=TEXT,
    language=st.sampled_from(["fa", "fa-AF", "ar", "en", "tr", "und"]),
    published=st.none() | st.datetimes(min_value=datetime(1990, 1, 1), timezones=st.just(UTC)),
    url=st.none() | TEXT,
    edition=st.none() | TEXT,
    extra=st.dictionaries(TEXT, TEXT | st.integers() | st.lists(TEXT, max_size=2), max_size=2),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(
    st.lists(ARTICLES, min_size=1, max_size=6, unique_by=lambda article: article.id),
    st.sampled_from(["csv", "tsv", "jsonl"]),
)
def test_labels_are_read_from_whatever_was_written(tmp_path: Path, articles: list[Article], ending: str) -> None:
    stories = [story(*articles[:2])] + [story(article) for article in articles[2:]]
    write_stories(stories, tmp_path / f"s.{ending}")
    labels = read_labels(tmp_path / f"s.{ending}")
    assert labels.story == {article.id: one.id for one in stories for article in one.articles}
    assert labels.language == {article.id: article.language for article in articles}


@given(ARTICLES)
def test_a_row_survives_json(article: Article) -> None:
    row = story_row(story(article))
    assert json.loads(json.dumps(row)) == row
