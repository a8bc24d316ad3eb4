"""Every block of code that the documents show: it runs as it is printed, or says why it cannot."""

from __future__ import annotations

import configparser
import contextlib
import importlib
import json
import re
import shlex
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from documents import DOCUMENTS, ROOT, Block, blocks_of, calls_in
from workplace import Workplace

import dedup
from dedup.article import Article
from dedup.cli import app
from dedup.story import Member, make_story
from dedup.write import story_row
from dedup.write.gaps import gap_row
from scripts.site_hooks import formula

BLOCKS = [block for path in DOCUMENTS for block in blocks_of(path)]
RUN = {"console", "python", "sh", "shell"}
READ = {"crontab", "ini", "json", "math", "toml", "yaml"}
SHOWN = {"text"}
"""Output, and texts that are no code."""
MOST_NOT_RUN = 12

MAKE_TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
_EXTRAS = set(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"])
_CRON_TIMES = re.compile(r"(?:[\d*/,-]+\s+){5}|@(?:daily|hourly|reboot)\s+")
_NAMES_OF_UNITS = {"Exec", "ExecStart", "ExecStartPre", "ExecStartPost"}


def where(value: object) -> str:
    return value.where if isinstance(value, Block) else str(value)


def test_there_are_blocks_of_every_kind_and_of_no_other() -> None:
    found = Counter(block.language for block in BLOCKS)
    assert set(found) <= RUN | READ | SHOWN, "a block of a language that nothing checks"
    assert found["console"] >= 8
    assert found["python"] >= 2
    assert {"make demo", "make test"} <= {call for block in BLOCKS for call in calls_in(block.text)}


def test_few_blocks_do_not_run_and_they_say_why() -> None:
    told = [block for block in BLOCKS if block.reason is not None]
    assert len(told) <= MOST_NOT_RUN, [f"{block.where}: {block.reason}" for block in told]
    assert all(block.language in RUN and len(block.reason or "") > 10 for block in told)
    pages = "\n".join(path.read_text("utf-8") for path in DOCUMENTS)
    markers = re.findall(r"^ *<!-- not run", pages, re.MULTILINE)
    assert len(markers) == len(told), "a comment <!-- not run: ... --> that stands before no block"


def calls(block: Block) -> list[str]:
    """Return the calls of programs in a block of commands, a script, a crontab or a unit of systemd."""
    if block.language == "crontab":
        lines = calls_in(block.text)
        return [_CRON_TIMES.sub("", line, count=1) for line in lines if not re.match(r"\w+=", line)]
    if block.language == "ini":
        return [line.partition("=")[2] for line in calls_in(block.text) if line.partition("=")[0] in _NAMES_OF_UNITS]
    return calls_in(block.text)


def dedup_calls(block: Block) -> list[list[str]]:
    """Return the arguments of each call of dedup in a block, pipes, redirections and conditions taken off."""
    found = []
    for call in calls(block):
        if block.language == "console":
            found += _dedup_calls(shlex.split(call, comments=True))
        else:
            found += _calls_of_shell(call)
    return found


def _calls_of_shell(line: str) -> list[list[str]]:
    line = re.sub(r"(?<!\S)\d(?=[<>])", "", line)  # the 2 of 2>&1
    words = list(shlex.shlex(line, posix=True, punctuation_chars="|<>;&"))
    inner = [words[i + 1] for i, word in enumerate(words[:-1]) if word == "-c"]  # sh -c 'one | other'
    parts: list[list[str]] = [[]]
    redirected = False
    for word in words:
        if re.fullmatch(r"[<>]+&?", word):
            redirected = True
        elif re.fullmatch(r"[|;&]+", word):
            parts.append([])
        elif not redirected:
            parts[-1].append(word)
        else:
            redirected = False
    return [call for part in parts for call in _dedup_calls(part)] + [
        call for text in inner for call in _calls_of_shell(text)
    ]


def _dedup_calls(words: list[str]) -> list[list[str]]:
    """Return what follows the program, if that is dedup: as such, by its path, or after variables and a condition."""
    for place, word in enumerate(words):
        if re.fullmatch(r"(?:.*/)?dedup", word):
            return [words[place + 1 :]]
        if "=" not in word and word not in {"if", "then", "exec", "flock", "!"}:
            break
    return []


CALLING = {"console", "crontab", "ini", "sh", "shell"}
COMMANDS = sorted({tuple(call) for block in BLOCKS if block.language in CALLING for call in dedup_calls(block)})


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_every_command_can_be_typed(arguments: tuple[str, ...]) -> None:
    command: click.Command = app
    with contextlib.suppress(click.exceptions.Exit):  # --version and --help: what is wrong is another exception
        context = command.make_context("dedup", list(arguments))
        while isinstance(command, click.Group):
            # what click itself goes on with, after the options of a group
            name, inner, rest = command.resolve_command(context, [*context._protected_args, *context.args])
            assert inner is not None
            command = inner
            context = command.make_context(name, rest, parent=context)


@pytest.mark.parametrize(
    "call",
    [
        "cluster news/ --thresold 2",
        "cluster news/ --threshold two",
        "clusters news/",
        "store add news.store",
        "store ad",
    ],
)
def test_a_command_that_cannot_be_typed_is_found(call: str) -> None:
    with pytest.raises(click.UsageError):
        test_every_command_can_be_typed(tuple(call.split()))


def test_calls_are_found_in_scripts_crontabs_and_units() -> None:
    def found(language: str, text: str) -> list[list[str]]:
        return dedup_calls(Block(where="", language=language, text=text, reason=None))

    assert found("sh", "# dedup no\nif dedup a > b.jsonl 2>&1; then\n  X=1 dedup b \\\n    -q | wc\nfi") == [
        ["a"],
        ["b", "-q"],
    ]
    assert found("crontab", "PATH=/bin\n15 3 * * * cd x && /opt/bin/dedup c") == [["c"]]
    assert found("ini", "[Service]\nExecStart=/bin/sh -c 'tail f | dedup d - >> e'") == [["d", "-"]]
    assert found("console", "dedup e <f> # all") == [["e", "<f>"]]


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language == "console"], ids=where)
def test_every_other_program_of_a_console_is_known(block: Block) -> None:
    for call in calls_in(block.text):
        program, *arguments = shlex.split(call, comments=True)
        if program == "make":
            assert set(arguments) <= MAKE_TARGETS
        elif program == "pip":
            assert arguments[0] == "install"
            extras = re.findall(r"\[([\w,]+)\]", call)
            assert {name for group in extras for name in group.split(",")} <= _EXTRAS
        elif program != "dedup":
            assert block.reason is not None, f"{block.where}: {call}"


@pytest.mark.parametrize("path", [path for path in DOCUMENTS if blocks_of(path)], ids=lambda path: path.name)
def test_what_a_page_shows_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [block for block in blocks_of(path) if block.language in RUN and block.reason is None]
    if not wanted:
        return
    place = Workplace.prepare(tmp_path, monkeypatch)
    for block in wanted:
        place.run(block)


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language in READ], ids=where)
def test_what_is_data_can_be_read(block: Block) -> None:
    if block.language == "json":
        json.loads(block.text)
    elif block.language == "toml":
        tomllib.loads(block.text)
    elif block.language == "yaml":
        assert yaml.safe_load(block.text)
    elif block.language == "math":
        assert formula(block.text.strip()).startswith("<svg")
    elif block.language == "ini":
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.read_string(block.text)
        assert unit.sections()
    else:
        for line in calls_in(block.text):
            assert _CRON_TIMES.match(line) or re.match(r"\w+=", line), f"{block.where}: {line}"


def test_what_packages_say_of_themselves_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Workplace.prepare(tmp_path, monkeypatch)
    for module in ("dedup.read", "dedup.write", "dedup.evaluate", "dedup.calibrate"):  # what one writes, the next reads
        documentation = importlib.import_module(module).__doc__ or ""
        (program,) = re.findall(r"^```python\n(.*?)^```", documentation, re.MULTILINE | re.DOTALL)
        place.run(Block(where=module, language="python", text=program, reason=None))


def shown_json() -> list[dict[str, Any]]:
    return [json.loads(block.text) for block in BLOCKS if block.language == "json"]


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


def test_a_block_that_is_wrong_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Workplace.prepare(tmp_path, monkeypatch)
    for language, text in (
        ("console", "dedup cluster nowhere.jsonl"),
        ("python", "import dedup\ndedup.no_such_name"),
        ("sh", "dedup cluster nowhere.jsonl > stories.jsonl"),
    ):
        with pytest.raises(AssertionError, match="made up"):
            place.run(Block(where="made up", language=language, text=text, reason=None))
