"""README and documents: what they show can be typed, and what they point at is there."""

from __future__ import annotations

import ast
import json
import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
from commands import labelled_file, newsroom, use_fake_model, use_few_families

import dedup
from dedup.article import Article
from dedup.cli import app
from dedup.story import Member, make_story
from dedup.write import story_row
from dedup.write.gaps import gap_row

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MAKE_TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)


COMMANDS = sorted(
    {
        line.strip()
        for path in DOCUMENTS
        for block in blocks(path, "console")
        for line in block.splitlines()
        if line.strip()
    }
)
PROGRAMS = [block for path in DOCUMENTS for block in blocks(path, "python")]


def test_the_readme_shows_commands_and_programs() -> None:
    assert len(COMMANDS) >= 8
    assert len(PROGRAMS) >= 2
    assert "make demo" in COMMANDS
    assert "make test" in COMMANDS


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_can_be_typed(line: str) -> None:
    program, *arguments = shlex.split(line)
    if program == "make":
        assert set(arguments) <= MAKE_TARGETS
        return
    assert program == "dedup"
    group: click.Command = app
    context = click.Context(app, info_name="dedup")
    while isinstance(group, click.Group):
        name, *arguments = arguments
        command = group.get_command(context, name)
        assert command is not None, f"no command {name}"
        group = command
    group.make_context(group.name, arguments, parent=context)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.strip().splitlines()[-1][:40])
def test_every_program_runs(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _ = dedup.TransformerEncoder  # the package keeps what it loads: not the fake one
    encoder = use_fake_model(monkeypatch, tmp_path / "model")
    (tmp_path / "news").mkdir()
    (tmp_path / "vectors").mkdir()
    newsroom(tmp_path / "news" / "news.jsonl", stories=2)
    labelled_file(tmp_path / "labelled.jsonl", families=6)
    use_few_families(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("dedup.TransformerEncoder", lambda *_, **__: encoder, raising=False)
    exec(compile(ast.parse(program), "README.md", "exec"), {})
    if "write_stories" in program:
        assert (tmp_path / "stories.jsonl").stat().st_size > 0
        assert (tmp_path / "unique.csv").stat().st_size > 0


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8")):
        if not target.startswith(("http://", "https://", "#")):
            assert (path.parent / target.partition("#")[0]).exists(), target


def shown_json() -> list[dict[str, Any]]:
    return [json.loads(block) for path in DOCUMENTS for block in blocks(path, "json")]


def test_json_that_is_shown_has_the_keys_that_are_written() -> None:
    row = story_row(make_story([Member(article=Article(id="1", title="t", body=""), probability=1.0)], keep="earliest"))
    shown = [value for value in shown_json() if isinstance(value.get("articles"), list)]
    assert shown
    for value in shown:
        assert list(value) == list(row)
        assert list(value["articles"][0]) == list(row["articles"][0])


def test_gaps_that_are_shown_have_the_keys_that_are_written() -> None:
    article = Article(id="1", title="t", body="", language="fa")
    other = replace(article, id="2", language="en")
    stories = [make_story([Member(article=one, probability=1.0)], keep="earliest") for one in (article, other)]
    row = gap_row(dedup.find_gaps(stories, dedup.GapQuery(lack=("en",)))[0])
    shown = [value for value in shown_json() if "lack" in value]
    assert shown
    for value in shown:
        assert list(value) == list(row)
        assert list(value["ran"][0]) == list(row["ran"][0])


def test_the_readme_has_room_for_the_figures() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    for begin, end in (
        ("<!-- benchmark:quality -->", "<!-- /benchmark:quality -->"),
        ("<!-- demo -->", "<!-- /demo -->"),
    ):
        assert text.count(begin) == text.count(end) == 1
        assert text.index(begin) < text.index(end)
