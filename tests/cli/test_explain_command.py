"""`dedup explain`: which articles are found and read, what is shown of them, what is refused."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from commands import newsroom, run, use_fake_model
from fakes import FakeEncoder, fake_calibration

from dedup.article import Article
from dedup.cli.show_explanation import explanation_lines, isolated
from dedup.explain import Change, EvidenceItem, Flip, Mention, Step, explain_pair
from dedup.explain.wording import KIND_WORDS, SIGNAL_WORDS
from dedup.pipeline import deduplicate
from dedup.score.calibration import KINDS
from dedup.score.registry import calibration_for
from dedup.score.signals import SIGNALS
from dedup.write import write_articles


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> FakeEncoder:
    return use_fake_model(monkeypatch, tmp_path_factory.mktemp("model"))


@pytest.fixture
def news(tmp_path: Path) -> list[list[Article]]:
    return newsroom(tmp_path / "news.jsonl")


def test_two_articles_of_an_input(tmp_path: Path, news: list[list[Article]], encoder: FakeEncoder) -> None:
    one, other = news[0][0], news[0][1]
    result = run("explain", one.id, other.id, tmp_path / "news.jsonl")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    expected = explain_pair(one, other, encoder=FakeEncoder(), calibration=fake_calibration())
    assert lines[0] == f"{expected.probability:.2f}  probability that A and B tell one story, times known on both sides"
    assert f"A  {one.id}" in lines
    assert f"B  {other.id}" in lines
    for title in ("What counted, in log-odds", "Shared", "Sentences of A", "What would have put them apart"):
        assert any(line.startswith(title) for line in lines), title
    assert f"  {expected.log_odds:+6.2f}  together" in lines
    # of an input of twenty articles only two became vectors
    assert set(encoder.encoded) <= {*expected.sentences_a, *expected.sentences_b}
    assert "\u2068" not in result.stdout  # no terminal


def test_what_counted_adds_up_to_the_digits_shown(tmp_path: Path, news: list[list[Article]]) -> None:
    for other in (news[0][1], news[0][4], news[1][0]):
        result = run("explain", news[0][0].id, other.id, tmp_path / "news.jsonl", "--verbose")
        counted = result.stdout.partition("What counted")[2].split("\n\n")[0].splitlines()[1:]
        numbers = [float(line.split()[0]) for line in counted]
        assert len(numbers) >= len(SIGNALS) + 2
        assert sum(numbers[:-1]) == pytest.approx(numbers[-1], abs=0.005 * len(numbers))


def test_as_json(tmp_path: Path, news: list[list[Article]]) -> None:
    one, other = news[0][0], news[1][1]
    result = run("explain", one.id, other.id, tmp_path / "news.jsonl", "--json", "--threshold", "0.7")
    assert result.stdout.count("\n") == 1
    row = json.loads(result.stdout)
    assert (row["a"], row["b"], row["threshold"], row["same_story"]) == (one.id, other.id, 0.7, None)
    total = row["intercept"] + sum(entry["log_odds"] for entry in row["contributions"])
    assert total == pytest.approx(row["log_odds"], abs=1e-6)
    assert row["sentences_a"][0] == one.title


def test_the_place_in_the_run(tmp_path: Path, news: list[list[Article]]) -> None:
    articles = [article for story in news for article in story]
    result = deduplicate(articles, encoder=FakeEncoder(), calibration=calibration_for(FakeEncoder()))
    for other in (news[0][3], news[1][0]):
        pair = result.pair(news[0][0].id, other.id)
        shown = run("explain", news[0][0].id, other.id, tmp_path / "news.jsonl", "--path", "--json")
        assert shown.exit_code == 0, shown.output
        assert json.loads(shown.stdout) == json.loads(json.dumps(pair.explain().to_dict()))
        text = run("explain", news[0][0].id, other.id, tmp_path / "news.jsonl", "--path").stdout
        assert ("in one story" in text) == pair.same_story


def test_files_of_one_article_each(tmp_path: Path, news: list[list[Article]]) -> None:
    write_articles([news[0][0]], tmp_path / "a.jsonl")
    write_articles([news[0][1]], tmp_path / "b.csv")
    from_files = run("explain", tmp_path / "a.jsonl", tmp_path / "b.csv", "--json")
    assert from_files.exit_code == 0, from_files.output
    from_input = run("explain", news[0][0].id, news[0][1].id, tmp_path / "news.jsonl", "--json")
    assert from_files.stdout == from_input.stdout
    # two pages may both call themselves 1
    for name, article in (("a", news[0][0]), ("b", news[0][1])):
        write_articles([replace(article, id="1")], tmp_path / f"{name}.jsonl")
    same_id = run("explain", tmp_path / "a.jsonl", tmp_path / "b.jsonl", "--json")
    assert json.loads(same_id.stdout)["log_odds"] == json.loads(from_input.stdout)["log_odds"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["n7-0-0", "n7-0-9", "news.jsonl"], 1, r"no article has the id 'n7-0-9'; near it: 'n7-0-\d'"),
        (["n7-0-0", "n7-0-9", "news.jsonl", "--path"], 1, r"no article has the id 'n7-0-9'; near it: 'n7-0-\d'"),
        (["x", "n7-0-0", "news.jsonl"], 1, "no article has the id 'x'"),
        (["n7-0-0", "n7-0-0", "news.jsonl"], 1, "A and B are both 'n7-0-0'"),
        (["n7-0-0", "n7-0-1"], 1, "no file n7-0-0; without INPUT"),
        (["news.jsonl", "other.jsonl"], 1, r"news.jsonl holds several articles; name two of them: dedup explain A B"),
        (["empty.jsonl", "news.jsonl"], 1, "no article in empty.jsonl"),
        (["bad.jsonl", "news.jsonl"], 1, "no article in bad.jsonl; 1 records were rejected, the first: bad.jsonl:1"),
        (["y", "n7-0-0", "bad.jsonl", "news.jsonl"], 1, "id 'y'.*; 1 records were rejected, the first: bad.jsonl:1"),
        (["n7-0-0", "n7-0-1", "--path"], 2, "--path leads through the other articles of INPUT"),
        (["n7-0-0", "n7-0-1", "news.jsonl", "--threshold", "7"], 2, "--threshold': 7.0 is not in the range 0<x<1"),
        (["n7-0-0"], 2, "Missing argument 'B'"),
        (["n7-0-0", "n7-0-1", "nowhere.jsonl"], 1, "nowhere.jsonl"),
    ],
)
def test_what_is_refused(
    arguments: list[str],
    code: int,
    message: str,
    tmp_path: Path,
    news: list[list[Article]],
    monkeypatch: pytest.MonkeyPatch,
    encoder: FakeEncoder,
) -> None:
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "bad.jsonl").write_text("{\n")
    monkeypatch.chdir(tmp_path)
    result = run("explain", *arguments)
    assert result.exit_code == code, result.output
    assert re.search(message, " ".join(result.stderr.split())), result.stderr
    assert result.stdout == ""
    assert not encoder.encoded


HOSTILE = "\x1b[31mred\u202e txt\n\u2066سلام\x07"


def test_strangers_texts_cannot_steer_the_terminal_and_stand_apart(tmp_path: Path) -> None:
    articles = [
        Article(
            id=f"id{HOSTILE}{name}", title=f"{HOSTILE} Karvan {name} 41 dead", body=f"Karvan {HOSTILE}", language="en"
        )
        for name in ("A", "B")
    ]
    explanation = explain_pair(*articles, encoder=FakeEncoder(), calibration=fake_calibration())
    mention = (Mention(sentence=0, text=HOSTILE),)
    item = EvidenceItem(kind="name", key=HOSTILE, a=mention, b=mention, worth=1.0)
    explanation = replace(
        explanation,
        shared=(*explanation.shared, item),
        flips=(Flip(changes=(Change(kind="name", text=f"without {HOSTILE}"),), log_odds=0.0, probability=0.5),),
        path=(Step(a=articles[0].id, b=articles[1].id, probability=0.9),),
    )
    lines = list(explanation_lines(explanation, articles, isolate=isolated, everything=True))
    for line in lines:
        depth = 0
        for character in line:
            if character in "\u2068\u2069":
                depth += 1 if character == "\u2068" else -1
                assert depth in (0, 1)
            else:
                assert unicodedata.category(character) not in ("Cc", "Cs", "Cf", "Zl", "Zp"), repr(line)
                # nothing from right to left stands outside an isolate
                assert depth == 1 or unicodedata.bidirectional(character) not in ("R", "AL", "AN"), repr(line)
        assert depth == 0
    assert sum("\u2068" in line for line in lines) >= 8


def test_every_signal_and_kind_is_said_in_words() -> None:
    assert list(SIGNAL_WORDS) == [*SIGNALS, "related", "clipped", "rounded", "recomputed"]
    assert set(KIND_WORDS) == set(KINDS)
