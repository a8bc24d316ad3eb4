"""Commands that measure in parts: what each part found is kept at once, shown, and written into a page."""

from __future__ import annotations

import argparse
import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks.datasets import DatasetUnavailableError
from benchmarks.markdown import MarkerError
from benchmarks.parts import Found, Parts, parser_of_parts, run_parts


def absent(options: argparse.Namespace) -> Found:
    raise DatasetUnavailableError("it lies elsewhere")


def text(results: Mapping[str, Any], part: str) -> str:
    if part == "sum":
        return f"sum {sum(found.get('number', 0) for found in results.values())}"
    return f"{part} {results[part]['number']}" if part in results else f"{part} not yet"


def write_page(results: Mapping[str, Any], page: Path) -> None:
    if not page.exists():
        raise MarkerError("no such page")
    page.write_text(" ".join(sorted(results)))


PARTS = Parts(
    name="nothing",
    measures={
        "one": lambda options: Found(figures={"number": options.number}),
        "wrong": lambda _: Found(figures={"number": 0}, sound=False),
        "absent": absent,
    },
    text=text,
    write_page=write_page,
    computed=("sum",),
    packages=("numpy",),
)


def run(output: Path, *arguments: str) -> int:
    parser = parser_of_parts(PARTS, "What it does.")
    parser.add_argument("--number", type=int, default=1)
    return run_parts(PARTS, parser, [*arguments, "--output", str(output)])


def test_each_part_is_kept_beside_what_was_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "results.json"
    output.write_text('{"wrong": {"number": 7}}')
    assert run(output, "one", "--number", "5") == 0
    kept = json.loads(output.read_text())
    assert (kept["one"]["number"], kept["wrong"]) == (5, {"number": 7})
    assert set(kept["one"]["environment"]["versions"]) == {"python", "numpy"}
    assert capsys.readouterr().out == "## one\n\none 5\n\n"
    assert run(output) == 0
    assert (
        capsys.readouterr().out
        == "## one\n\none 5\n\n## wrong\n\nwrong 7\n\n## absent\n\nabsent not yet\n\n## sum\n\nsum 12\n\n"
    )


@pytest.mark.parametrize(("part", "kept"), [("wrong", True), ("absent", False)])
def test_what_is_not_as_it_must_be_shows_in_the_exit_code(
    part: str, kept: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "results.json"
    assert run(output, part, "one") == 1
    found = json.loads(output.read_text())
    assert (part in found, "one" in found) == (kept, True)
    assert ("left out absent: it lies elsewhere" in capsys.readouterr().err) == (not kept)


def test_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.md"
    assert run(tmp_path / "results.json", "one", "--docs", str(page)) == 1
    assert "the page was not written: no such page" in capsys.readouterr().err
    page.touch()
    assert run(tmp_path / "results.json", "--docs", str(page)) == 0
    assert page.read_text() == "one"


def test_a_part_that_there_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(tmp_path / "results.json", "two")
    assert "no part two; there are one, wrong, absent" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["store", "kills", "hostile", "cluster"])
def test_the_commands_show_what_was_measured(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = importlib.import_module(f"benchmarks.{name}.__main__")
    page = importlib.import_module(f"benchmarks.{name}.page")
    assert command.main([]) == 0
    shown = capsys.readouterr().out
    assert [line[3:] for line in shown.splitlines() if line.startswith("## ")] == list(page.PARTS)
