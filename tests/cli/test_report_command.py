"""`dedup report` from files to a page, with a model that needs no weights."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commands import json_lines, newsroom, run, use_fake_model
from fakes import FakeEncoder

from dedup.report.blocks import unpack


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> FakeEncoder:
    return use_fake_model(monkeypatch, tmp_path_factory.mktemp("model"))


def core(path: Path) -> dict[str, Any]:
    packed = path.read_text("utf-8").partition('data-block="core">')[2].partition("<")[0]
    value: dict[str, Any] = unpack(packed)
    return value


def test_the_stories_are_those_of_cluster(tmp_path: Path) -> None:
    newsroom(tmp_path / "news.jsonl")
    result = run("report", tmp_path / "news.jsonl", "-o", tmp_path / "r.html", "--title", "Monday <1>")
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert "articles  20 read, 0 rejected, 0 warnings" in result.stderr
    assert run("cluster", tmp_path / "news.jsonl", "-o", tmp_path / "s.jsonl").exit_code == 0
    stories = json_lines((tmp_path / "s.jsonl").read_text("utf-8"))
    assert [row["id"] for row in core(tmp_path / "r.html")["stories"]] == [story["id"] for story in stories]
    assert "<title>Monday &lt;1&gt;</title>" in (tmp_path / "r.html").read_text("utf-8")


def test_after_cluster_no_sentence_is_encoded_again(tmp_path: Path, encoder: FakeEncoder) -> None:
    newsroom(tmp_path / "news.jsonl")
    assert run("cluster", tmp_path / "news.jsonl", "-o", tmp_path / "s.jsonl").exit_code == 0
    encoder.encoded.clear()
    assert run("report", tmp_path / "news.jsonl", "-o", tmp_path / "r.html").exit_code == 0
    assert encoder.encoded == []
    # and without a cache on disk none twice: what the run encoded explains its pairs
    assert run("report", tmp_path / "news.jsonl", "-o", tmp_path / "r.html", "--no-cache").exit_code == 0
    assert len(encoder.encoded) == len(set(encoder.encoded)) > 0


def test_bounds_are_those_that_were_asked_for(tmp_path: Path) -> None:
    newsroom(tmp_path / "news.jsonl")
    bounds = ("--body-characters", "30", "--explained-pairs", "3")
    assert run("report", tmp_path / "news.jsonl", "-o", tmp_path / "r.html", *bounds).exit_code == 0
    found = core(tmp_path / "r.html")
    assert len(found["explained"]) == 3
    assert found["meta"] | {"bodyBound": 30, "bodiesCut": 20} == found["meta"]


def test_settings_reach_the_run(tmp_path: Path) -> None:
    newsroom(tmp_path / "news.jsonl")
    assert run("report", tmp_path / "news.jsonl", "-o", tmp_path / "r.html", "--threshold", "0.999999").exit_code == 0
    assert len(core(tmp_path / "r.html")["stories"]) > 4


def test_the_stories_of_an_earlier_run(tmp_path: Path, encoder: FakeEncoder) -> None:
    newsroom(tmp_path / "news.jsonl")
    apart = ("--threshold", "0.999999")
    assert run("cluster", tmp_path / "news.jsonl", "-o", tmp_path / "s.jsonl", *apart).exit_code == 0
    rows = json_lines((tmp_path / "s.jsonl").read_text("utf-8"))
    shown = ("report", tmp_path / "news.jsonl", "--stories", tmp_path / "s.jsonl", "-o", tmp_path / "r.html")
    encoder.encoded.clear()
    result = run(*shown)
    assert result.exit_code == 0, result.output
    assert f"stories   {len(rows)}, " in result.stderr
    assert encoder.encoded == []  # all vectors are there
    found = core(tmp_path / "r.html")
    ids = [row["id"] for row in found["articles"]]
    assert [(row["id"], [ids[place] for place in row["articles"]]) for row in found["stories"]] == [
        (row["id"], [article["id"] for article in row["articles"]]) for row in rows
    ]
    told = {row["id"]: row for row in found["articles"]}
    for article in (article for row in rows for article in row["articles"]):
        assert told[article["id"]]["probability"] == article["probability"]
        assert told[article["id"]].get("relation") == article["relation"]
    # their pairs are explained all the same
    assert found["pairs"] == []
    assert len(found["explained"]) == sum(len(row["articles"]) * (len(row["articles"]) - 1) // 2 for row in rows)


def test_the_stories_of_another_input_are_refused(tmp_path: Path) -> None:
    newsroom(tmp_path / "news.jsonl")
    newsroom(tmp_path / "other.jsonl", stories=1, seed=8)
    assert run("cluster", tmp_path / "other.jsonl", "-o", tmp_path / "s.jsonl").exit_code == 0
    result = run("report", tmp_path / "news.jsonl", "--stories", tmp_path / "s.jsonl", "-o", tmp_path / "r.html")
    assert result.exit_code == 1
    assert "5 articles of the stories are not in the input, the first 'n8-0-0'" in result.stderr
    assert not (tmp_path / "r.html").exists()
    missing = run("report", tmp_path / "news.jsonl", "--stories", tmp_path / "no.jsonl", "-o", tmp_path / "r.html")
    assert missing.exit_code == 1
    assert "no.jsonl: cannot be read" in missing.stderr


def test_an_empty_input_is_an_empty_page(tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_text("")
    result = run("report", tmp_path / "none.jsonl", "-o", tmp_path / "r.html")
    assert result.exit_code == 0
    assert "no articles in" in result.stderr
    assert core(tmp_path / "r.html")["stories"] == []


def test_rejected_records_lie_beside_the_page(tmp_path: Path) -> None:
    newsroom(tmp_path / "news.jsonl")
    with (tmp_path / "news.jsonl").open("a") as file:
        file.write("{broken\n")
    result = run("report", tmp_path / "news.jsonl", "-o", tmp_path / "r.html")
    assert "20 read, 1 rejected" in result.stderr
    assert len(json_lines((tmp_path / "r.html.rejects.jsonl").read_text("utf-8"))) == 1


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("r.pdf", "unknown kind of page: {folder}/r.pdf; let its name end in .html"),
        ("r.html.gz", "let its name end in .html"),
        ("none/r.html", "there is no folder"),
        ("news/r.html", "lies in the input folder"),
    ],
)
def test_a_place_where_no_page_can_go_is_refused_before_any_work(
    tmp_path: Path, encoder: FakeEncoder, output: str, message: str
) -> None:
    (tmp_path / "news").mkdir()
    newsroom(tmp_path / "news" / "news.jsonl")
    result = run("report", tmp_path / "news", "-o", tmp_path / output)
    assert result.exit_code == 1
    assert message.format(folder=tmp_path) in result.stderr
    assert result.stderr.count("\n") == 1
    assert encoder.encoded == []


def test_a_page_needs_a_name(tmp_path: Path) -> None:
    newsroom(tmp_path / "news.jsonl")
    result = run("report", tmp_path / "news.jsonl")
    assert result.exit_code == 2
    assert "Missing option '-o'" in result.stderr


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; from dedup.cli import app; app(['report', '--help'], standalone_mode=False); "
        "print([name for name in ('numpy', 'torch', 'faiss') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip().endswith("[]")
