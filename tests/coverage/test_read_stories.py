"""Stories that were written are read again, and what is none is named."""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from dedup.article import Article
from dedup.coverage import read_stories
from dedup.coverage.story_files import holds_stories
from dedup.errors import InputError
from dedup.story import Member, Story, make_story
from dedup.write import story_row, write_articles, write_stories

TEHRAN = timezone(timedelta(hours=3, minutes=30))
ARTICLES = (
    Article(
        id="a1",
        title="پل کارون گشایش یافت",
        body="وزیر راه آن را گشود.",
        language="fa",
        edition="خبرگزاری کرانه",
        published=datetime(2026, 3, 2, 9, 30, tzinfo=TEHRAN),
        url="https://kerane.example/1",
        section="جامعه",
        city="اهواز",
        agency="کرانه",
        extra={"desk": 4},
    ),
    Article(id="a2", title="", body="Karun köprüsü bugün bakanın katıldığı törenle açıldı.", language="tr"),
)
STORY = make_story(
    [
        Member(article=ARTICLES[0], probability=0.97, relation="original", relation_probability=1.0),
        Member(article=ARTICLES[1], probability=0.91, relation="translation", of="a1", relation_probability=0.8),
    ],
    keep="earliest",
)
ALONE = make_story([Member(article=replace(ARTICLES[1], id="a3"), probability=1.0)], keep="earliest")


def without_text(story: Story, **gone: Any) -> list[Member]:
    return [replace(one, article=replace(one.article, body="", **gone)) for one in story.members]


def test_json_lines_come_back_but_for_the_texts(tmp_path: Path) -> None:
    write_stories([STORY, ALONE], tmp_path / "s.jsonl.gz")
    one, alone = read_stories(tmp_path / "s.jsonl.gz")
    assert (one.id, list(one.members)) == (STORY.id, without_text(STORY))
    assert one.representative == one.members[0].article
    assert alone.headline == ALONE.headline == ARTICLES[1].body
    assert one.languages == STORY.languages
    assert one.first_published == STORY.first_published


def test_a_table_comes_back_without_what_it_leaves_out(tmp_path: Path) -> None:
    for name in ("s.csv", "s.tsv"):
        write_stories([STORY, ALONE], tmp_path / name)
        one, alone = read_stories(tmp_path / name)
        assert list(one.members) == without_text(STORY, section=None, city=None, agency=None, extra={})
        assert (one.id, alone.id, alone.headline) == (STORY.id, ALONE.id, ALONE.headline)


def test_the_representative_need_not_be_the_first(tmp_path: Path) -> None:
    chosen = replace(STORY, representative=ARTICLES[1])
    for name in ("s.jsonl", "s.csv"):
        write_stories([chosen], tmp_path / name)
        (one,) = read_stories(tmp_path / name)
        assert one.representative.id == "a2"
        assert one.headline == chosen.headline


def test_several_files_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_stories([STORY], tmp_path / "one.jsonl")
    data = (json.dumps(story_row(ALONE)) + "\n").encode()
    for given in (data, gzip.compress(data)):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
        assert [one.id for one in read_stories(tmp_path / "one.jsonl", "-")] == [STORY.id, ALONE.id]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"nonsense, really\n")))
    with pytest.raises(InputError, match="<stdin>: a CSV header"):
        read_stories("-")
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(InputError, match="standard input is closed"):
        read_stories("-")


def test_nothing_is_no_story(tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").touch()
    assert read_stories(tmp_path / "none.jsonl") == []


ROW = story_row(STORY)
ENTRY = ROW["articles"][0]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"id": "a1", "title": "An article"}, "line 1: no story in it; stories are what 'dedup cluster'"),
        (ROW | {"articles": []}, r"line 1: articles is \[\] where a list of articles is needed"),
        (ROW | {"articles": "a1"}, "line 1: articles is 'a1' where"),
        (ROW | {"articles": ["a1"]}, "line 1: articles is"),
        (ROW | {"id": None}, "line 1: no id in it"),
        (ROW | {"articles": [ENTRY | {"id": ""}]}, "line 1: no id in it"),
        (ROW | {"articles": [ENTRY | {"language": "klingonese!"}]}, "line 1: not a language tag"),
        (ROW | {"articles": [ENTRY | {"published": "yesterday"}]}, "line 1: published is 'yesterday', no time"),
        (ROW | {"articles": [ENTRY | {"published": "2026-03-02T09:30"}]}, "line 1: published is .* without a zone"),
        (ROW | {"articles": [ENTRY | {"probability": "high"}]}, "line 1: probability is 'high' where a number"),
        (ROW | {"articles": [ENTRY | {"probability": True}]}, "line 1: probability is True"),
        (ROW | {"articles": [ENTRY | {"probability": 10**400}]}, "line 1: probability is 1000"),
        (ROW | {"articles": [ENTRY | {"title": ["x"]}]}, r"line 1: title is \['x'\] where text"),
    ],
)
def test_what_is_no_story_is_named(tmp_path: Path, row: dict[str, Any], message: str) -> None:
    (tmp_path / "s.jsonl").write_text(json.dumps(row) + "\n")
    with pytest.raises(InputError, match=message):
        read_stories(tmp_path / "s.jsonl")


def test_stories_are_told_from_articles(tmp_path: Path) -> None:
    for name in ("s.jsonl", "s.csv", "s.tsv.gz"):
        write_stories([STORY], tmp_path / name)
        assert holds_stories(tmp_path / name)
    for name in ("a.jsonl", "a.csv"):
        write_articles(ARTICLES, tmp_path / name)
        assert not holds_stories(tmp_path / name)
    for text in (
        "",
        "[]",
        "[{}]",
        "a page\nof text",
        '{"id": "1", "story": "quake", "title": "t"}',
        "id,story\n1,quake",
    ):
        (tmp_path / "other").write_text(text)
        assert not holds_stories(tmp_path / "other")


def test_stories_of_two_runs_are_refused(tmp_path: Path) -> None:
    write_stories([STORY], tmp_path / "one.jsonl")
    with pytest.raises(InputError, match=f"the story '{STORY.id}' stands before too"):
        read_stories(tmp_path / "one.jsonl", tmp_path / "one.jsonl")
    write_stories([make_story(STORY.members[1:], keep="earliest")], tmp_path / "two.jsonl")
    with pytest.raises(InputError, match=f"the article 'a2' is in the story '{STORY.id}' too"):
        read_stories(tmp_path / "one.jsonl", tmp_path / "two.jsonl")
