"""`dedup gaps`, with a model that needs no weights."""

from __future__ import annotations

import csv
import json
import os
import sys
from pathlib import Path

import pytest
from commands import json_lines, newsroom, on_a_terminal, run, use_fake_model
from fakes import FakeEncoder

from dedup.article import Article
from dedup.story import Member, make_story
from dedup.write import write_articles, write_stories


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> FakeEncoder:
    return use_fake_model(monkeypatch, tmp_path_factory.mktemp("model"))


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """Four stories in five languages, of which the first is without Dari and the second without Dari and English."""
    stories = newsroom(tmp_path / "all.jsonl")
    missing = {stories[0][1].id, stories[1][1].id, stories[1][3].id}
    kept = [article for story in stories for article in story if article.id not in missing]
    assert [article.language for article in stories[0]][1:4:2] == ["fa-AF", "en"]
    write_articles(kept, tmp_path / "news.jsonl")
    return tmp_path / "news.jsonl"


@pytest.fixture
def found(news: Path) -> Path:
    """The stories of these."""
    path = news.with_name("stories.jsonl")
    assert run("cluster", news, "-o", path).exit_code == 0
    return path


def test_what_farsi_ran_and_dari_did_not(news: Path, found: Path) -> None:
    result = run("gaps", news, "--have", "fa", "--lack", "prs")
    assert result.exit_code == 0, result.output
    rows = json_lines(result.stdout)
    assert [row["articles"] for row in rows] == [4, 3]
    assert [row["lack"] for row in rows] == [["fa-AF"]] * 2
    first = rows[0]["ran"][0]
    assert list(first) == ["in", "articles", "id", "title", "language", "edition", "published", "url", "relation"]
    assert {one["in"] for one in rows[0]["ran"]} == {"fa", "ar", "en", "tr"}
    stories = {row["id"]: row for row in json_lines(found.read_text())}
    for row in rows:
        story = stories[row["story"]]
        assert (row["headline"], row["first_published"]) == (story["headline"], story["first_published"])
        assert [one["id"] for one in row["ran"]] == [one["id"] for one in story["articles"]]
        assert [one["relation"] for one in row["ran"]] == [one["relation"] for one in story["articles"]]
    assert "articles  17 read" in result.stderr
    assert "gaps      2 of 4 stories ran in fa and not in fa-AF" in result.stderr


def test_stories_that_are_there_cost_nothing(news: Path, found: Path, encoder: FakeEncoder) -> None:
    asked = ("--lack", "fa-AF", "--lack", "en")
    expected = run("gaps", news, *asked, "--no-cache")
    encoder.encoded.clear()
    result = run("gaps", found, "--stories", *asked)
    assert result.exit_code == 0, result.output
    assert result.stdout == expected.stdout
    assert len(json_lines(result.stdout)) == 1
    assert not encoder.encoded
    assert result.stderr == "gaps      1 of 4 stories ran in any language and not in fa-AF or en\n"
    assert run("gaps", "-", "--stories", *asked, given=found.read_bytes()).stdout == expected.stdout
    run("cluster", news, "-o", found.with_suffix(".csv"))
    again = json_lines(run("gaps", found.with_suffix(".csv"), "--stories", *asked).stdout)
    assert again == json_lines(expected.stdout)


def test_a_store_gives_its_stories(news: Path, found: Path) -> None:
    store = news.with_name("s")
    assert run("store", "add", store, news, "--encoder", "fast").exit_code == 0
    listed = run("store", "list", store)
    result = run("gaps", "-", "--stories", "--have", "fa", "--lack", "fa-AF", given=listed.stdout)
    assert {row["story"] for row in json_lines(result.stdout)} == {
        row["id"] for row in json_lines(listed.stdout) if "fa" in row["languages"] and "fa-AF" not in row["languages"]
    }
    assert result.stdout


def test_editions_go_by_their_names(found: Path) -> None:
    result = run("gaps", found, "--stories", "--by", "edition", "--have", "Outlet 0", "--lack", "Outlet 3")
    (row,) = json_lines(result.stdout)
    assert row["lack"] == ["Outlet 3"]
    assert [one["in"] for one in row["ran"]] == [one["edition"] for one in row["ran"]]
    near = run("gaps", found, "--stories", "--by", "edition", "--lack", "outlet 3x")
    assert "warning: no article is of the edition 'outlet 3x'; near it: Outlet 3" in near.stderr
    assert len(json_lines(near.stdout)) == 4


def test_a_table_has_a_row_for_each(found: Path) -> None:
    output = found.with_name("gaps.csv")
    result = run("gaps", found, "--stories", "--have", "fa", "--lack", "fa-AF", "-o", output)
    assert (result.exit_code, result.stdout) == (0, "")
    with output.open(newline="") as file:
        rows = list(csv.DictReader(file))
    expected = json_lines(run("gaps", found, "--stories", "--have", "fa", "--lack", "fa-AF").stdout)
    assert [row["story"] for row in rows] == [row["story"] for row in expected]
    assert list(rows[0])[:7] == [
        "story",
        "headline",
        "articles",
        "ran_in",
        "lack",
        "first_published",
        "last_published",
    ]
    assert json.loads(rows[0]["lack"]) == ["fa-AF"]
    assert json.loads(rows[0]["ran_in"]) == [one["in"] for one in expected[0]["ran"]]
    farsi = next(one for one in expected[0]["ran"] if one["in"] == "fa")
    assert (rows[0]["id"], rows[0]["language"], rows[0]["published"]) == (farsi["id"], "fa", farsi["published"])


def test_sizes_and_times(found: Path) -> None:
    rows = json_lines(run("gaps", found, "--stories", "--have", "fa", "--lack", "fa-AF").stdout)
    asked = ("gaps", found, "--stories", "--have", "fa", "--lack", "fa-AF")
    assert [row["articles"] for row in json_lines(run(*asked, "--min-size", "4").stdout)] == [4]
    farsi = {row["story"]: next(one["published"] for one in row["ran"] if one["in"] == "fa") for row in rows}
    early, late = sorted(farsi, key=lambda key: farsi[key])
    since = run(*asked, "--since", farsi[late])
    assert [row["story"] for row in json_lines(since.stdout)] == [late]
    until = run(*asked, "--until", farsi[late])
    assert [row["story"] for row in json_lines(until.stdout)] == [early]
    assert run(*asked, "--since", "never").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--lack", "Outlet 3"], "not a language tag: 'Outlet 3'"),
        (["--lack", "Outlet 3"], "for names of editions add --by edition"),
        (["--have", "fa", "--lack", "Farsi"], "'fa' cannot both have run a story and lack it"),
        (["--stories", "--threshold", "0.7"], "--threshold is about a run; with --stories there is none"),
        (["--stories", "--encoder", "fast"], "--encoder is about a run"),
        (["--stories", "--timezone", "Asia/Tehran"], "--timezone is about a run"),
        (["--min-size", "0"], "0 is not in the range"),
        (["--by", "city"], "'city' is not one of"),
    ],
)
def test_wrong_use(found: Path, arguments: list[str], message: str) -> None:
    result = run("gaps", found, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not result.stdout


def test_stories_taken_for_articles_and_articles_for_stories_are_told(
    news: Path, found: Path, encoder: FakeEncoder
) -> None:
    run("cluster", news, "-o", found.with_suffix(".csv"))
    encoder.encoded.clear()
    for stories in (found, found.with_suffix(".csv")):
        result = run("gaps", news, stories, "--lack", "fa-AF", "--no-cache")
        assert (result.exit_code, result.stdout) == (1, "")
        assert f"{stories} has stories, no articles; to read stories add --stories" in result.stderr
    assert not encoder.encoded
    result = run("gaps", news, "--stories", "--lack", "fa-AF")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "news.jsonl, line 1: no story in it; stories are what 'dedup cluster'" in result.stderr
    assert run("gaps", news.with_name("nowhere.jsonl"), "--stories").exit_code == 1


def test_what_is_read_is_not_written_over(found: Path) -> None:
    before = found.read_bytes()
    result = run("gaps", found, "--stories", "-o", found)
    assert result.exit_code == 1
    assert "it is an input, and would be lost" in result.stderr
    assert found.read_bytes() == before


def test_where_there_is_no_gap_nothing_is_listed(found: Path) -> None:
    result = run("gaps", found, "--stories", "--have", "ar", "--lack", "en", "--min-size", "9")
    assert (result.exit_code, result.stdout) == (0, "")
    empty = found.with_name("empty.jsonl")
    empty.touch()
    result = run("gaps", empty, "--stories", "--lack", "fa-AF")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "0 of 0 stories" in result.stderr
    assert "warning: no article is of the language 'fa-AF'" in result.stderr
    assert run("gaps", empty, "--lack", "fa-AF", "-q").stderr == ""


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_people_get_a_table_that_cannot_steer_their_terminal(tmp_path: Path) -> None:
    hostile = Article(id="x", title="\x1b[31mRed\u202e alert", body="", language="en", edition="\x9bOut")
    write_stories([make_story([Member(article=hostile, probability=1.0)], keep="earliest")], tmp_path / "s.jsonl")
    command = [sys.executable, "-m", "dedup", "gaps", str(tmp_path / "s.jsonl"), "--stories", "--lack", "fa"]
    shown = on_a_terminal(command)
    assert "size    ran in  first" in shown
    assert "   1    1 of 1  en     no time" in shown
    assert "[31mRed alert (Out)" in shown
    assert not {"\x1b", "\u202e", "\x9b"} & set(shown)
    assert json_lines(on_a_terminal([*command, "--json"]).replace("\r", ""))[0]["lack"] == ["fa"]
