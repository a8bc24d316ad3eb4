"""What commands and other pages say stands in the documents as they say it."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from commands import in_a_process
from documents import ROOT, blocks_of, calls_in

from scripts.document_cli import between_markers, story_document
from scripts.document_figures import figures_document
from scripts.document_outputs import COLUMNS, outputs_of, with_outputs

DOCS = ROOT / "docs"
BENCHMARKS = (DOCS / "benchmarks.md").read_text("utf-8")
FIRST_STEPS = (DOCS / "first-steps.md").read_text("utf-8")


def without_the_machine(text: str) -> str:
    """Return what commands print without times, and without how many pairs are near enough.

    A pair at the bound is or is not, by the last bits that a CPU's units compute.
    """
    text = re.sub(r"^seconds +[\d.]+$", "seconds", text, flags=re.MULTILINE)
    return re.sub(r"^pairs .*$", lambda line: re.sub(r"\d+", "n", line[0]), text, flags=re.MULTILINE)


def test_the_figures_of_operations_are_those_that_were_measured() -> None:
    _, shown, _ = between_markers((DOCS / "operations.md").read_text("utf-8"), "figures")
    assert shown == figures_document(BENCHMARKS), "run python -m scripts.document_cli"


def test_figures_are_found_by_their_names() -> None:
    table = figures_document(
        "<!-- benchmark:speed-runs -->\n| articles | method | seconds | peak MiB |\n|--|--|--|--|\n"
        "| 7 | other | 9.9 | 9 |\n| 7 | dedup (fast) | 1.5 | 30 |\n| 7 | dedup (bundled) | 4.5 | 20 |\n"
        "| 7 | dedup (bundled, second run) | 2.5 | 10 |\n| 70 | dedup (bundled) | 44 | 200 |\n"
        "<!-- /benchmark:speed-runs -->\n<!-- benchmark:store-days -->\n"
        "| day |  | articles | a day's, s | one, ms | resident, MiB | disk, MiB |\n|--|--|--|--|--|--|--|\n"
        "| 1 |  | 5 | 1 | 2 | 3 | 4 |\n| 2 |  | 10 | 6 | 7 | 8 | 9 |\n<!-- /benchmark:store-days -->\n"
        "<!-- benchmark:store-large -->\n99 articles, added in 1 minute; 5 MiB resident, 6 MiB on disk. More.\n\n"
        "|  |  | median, ms | 95%, ms |\n|--|--|--|--|\n| `find` |  | 31 | 70 |\n| `add` |  | 41 | 94 |\n"
        "<!-- /benchmark:store-large -->\n"
    )
    cells = [[cell.strip() for cell in line.strip("|").split("|")][1:] for line in table.splitlines()[2:]]
    assert cells == [
        ["4.5 s", "20", ""],
        ["2.5 s", "10", ""],
        ["1.5 s", "30", ""],
        ["6 s", "8", "9"],
        ["7 ms", "", ""],
        ["41 ms", "5", "6"],
        ["31 ms", "", ""],
    ]


@pytest.mark.parametrize("part", ["speed-runs", "store-days", "store-large"])
def test_figures_that_are_not_there_are_an_error(part: str) -> None:
    before, begin, rest = BENCHMARKS.partition(f"<!-- benchmark:{part} -->")
    empty = before + begin + "\n\nNot measured yet.\n\n" + rest[rest.index("<!-- /benchmark:") :]
    with pytest.raises(ValueError, match=r"benchmarks\.md"):
        figures_document(empty)
    with pytest.raises(ValueError, match=part):
        figures_document(before)


def test_every_output_is_of_a_command_that_is_shown_before_it() -> None:
    outputs = outputs_of(FIRST_STEPS)
    assert len(outputs) >= 3
    typed = [call for block in blocks_of(DOCS / "first-steps.md") for call in calls_in(block.text)]
    for shown in outputs:
        assert shown.command.removesuffix(" --quiet") in typed
        assert shown.shortened(shown.text) == shown.text


def test_an_output_is_shortened_as_its_marker_says() -> None:
    document = "a\n<!-- output: dedup demo | head -2 | cut -5 -->\n\n```text\nold\n```\n\n<!-- /output -->\nb\n"
    told: list[tuple[str, ...]] = []

    def run(arguments: tuple[str, ...]) -> str:
        told.append(arguments)
        return "12345\n123 56\nthree\n"

    written = with_outputs(document, run)
    assert told == [("demo",)]
    assert written == document.replace("old\n", "12345\n123…\n")
    assert with_outputs(written, run) == written


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("<!-- output: dedup demo -->\nno block", "blank lines between"),
        ("<!-- output: rm -r x -->\n\n```text\n```\n\n<!-- /output -->", "only dedup"),
        ("<!-- output: dedup demo | sort -->\n\n```text\n```\n\n<!-- /output -->", "head -N"),
    ],
)
def test_a_marker_that_cannot_be_read_is_an_error(document: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        outputs_of(document)


@pytest.mark.model
@pytest.mark.slow
def test_first_steps_shows_what_the_commands_print(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")

    def run(arguments: tuple[str, ...]) -> str:
        done = in_a_process(*arguments, cwd=tmp_path, timeout=250, env=os.environ | {"COLUMNS": COLUMNS})
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    assert without_the_machine(with_outputs(FIRST_STEPS, run)) == without_the_machine(FIRST_STEPS), (
        "run python -m scripts.document_cli --demo"
    )
    _, story, _ = between_markers(FIRST_STEPS, "story")
    assert story == story_document(tmp_path / "stories.jsonl")
    assert json.loads(story.removeprefix("```json").removesuffix("```"))["articles"]
