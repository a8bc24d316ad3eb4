"""What the commands say of themselves, and what the documents say of them."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from dedup.cli import app
from dedup.cli.app import COMMANDS
from dedup.cli.console import Console
from dedup.cli.edge import EXIT_CODES
from dedup.cli.store import COMMANDS as STORE_COMMANDS
from scripts.document_cli import (
    between_markers,
    demo_excerpt,
    explain_excerpt,
    fields_document,
    help_document,
    help_texts,
)

ROOT = Path(__file__).resolve().parents[2]
CALLS = dict(help_texts())


def commands(group: click.Group, call: str) -> dict[str, click.Command]:
    """Return every command by how it is called."""
    found: dict[str, click.Command] = {call: group}
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        inner = f"{call} {name}"
        found |= commands(command, inner) if isinstance(command, click.Group) else {inner: command}
    return found


ALL = commands(app, "dedup")


def test_there_are_these_commands() -> None:
    assert set(ALL) == set(CALLS) == {
        "dedup",
        "dedup cluster",
        "dedup unique",
        "dedup explain",
        "dedup report",
        "dedup evaluate",
        "dedup gaps",
        "dedup vectors",
        "dedup calibrate",
        "dedup demo",
        "dedup cache",
        "dedup cache info",
        "dedup cache clear",
        "dedup config",
        "dedup completion",
        "dedup store",
        "dedup store add",
        "dedup store find",
        "dedup store list",
        "dedup store show",
        "dedup store changes",
        "dedup store remove",
        "dedup store expire",
        "dedup store correct",
        "dedup store labels",
        "dedup store verify",
    }  # fmt: skip


@pytest.mark.parametrize("call", ALL)
def test_help_says_what_each_option_does_and_what_the_codes_mean(call: str) -> None:
    command = ALL[call]
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{call} {parameter.name}"
            assert parameter.help.endswith("."), f"{call} {parameter.name}"
            for flag in parameter.opts:
                assert re.search(rf"{flag}\b", CALLS[call]), f"{call} {flag}"
        else:
            assert parameter.make_metavar(click.Context(command)).split(".")[0].strip("[]") in CALLS[call]
    for line in EXIT_CODES.strip().splitlines()[1:]:
        assert line.strip() in CALLS[call]


@pytest.mark.parametrize("call", [call for call in ALL if not isinstance(ALL[call], click.Group)])
def test_every_command_can_be_told_how_much_to_say(call: str) -> None:
    assert {"quiet", "verbose", "debug"} <= {parameter.name for parameter in ALL[call].params}


def examples(call: str) -> list[str]:
    """Return the lines under "Examples" in the help of a command, as one would type them."""
    _, _, rest = (ALL[call].epilog or "").partition("Examples:\n")
    return [line.strip() for line in rest.partition("\n\n")[0].splitlines()]


@pytest.mark.parametrize("call", ALL)
def test_every_command_shows_examples_of_itself(call: str) -> None:
    assert examples(call), "give it some: epilog=ending(...)"
    for example in examples(call):
        assert re.search(rf"\b{call} ?", example)
        assert example in CALLS[call]


@pytest.mark.parametrize("example", [example for call in ALL for example in examples(call)])
def test_examples_can_be_typed(example: str) -> None:
    call = re.sub(r"^.*\| | > .*$", "", example)
    program, *arguments = shlex.split(call)
    assert program == "dedup"
    context = click.Context(app, info_name="dedup", obj=Console())
    command: click.Command = app
    while isinstance(command, click.Group):
        name, *arguments = arguments
        inner = command.get_command(context, name)
        assert inner is not None, f"no command {name}"
        command = inner
    if "--help" not in arguments:
        command.make_context(command.name, arguments, parent=context)


def test_the_list_of_commands_says_what_the_commands_say() -> None:
    listed = {f"dedup {name}": text for name, text in COMMANDS.items()}
    listed |= {f"dedup store {name}": text for name, text in STORE_COMMANDS.items()}
    for call, summary in listed.items():
        assert ALL[call].get_short_help_str(200).rstrip(".") == summary.rstrip(".")


def test_every_code_is_in_the_document() -> None:
    document = (ROOT / "docs" / "cli.md").read_text("utf-8")
    for code in re.findall(r"^ +(\d+) ", EXIT_CODES, re.MULTILINE):
        assert f"| {code} |" in document


def words(text: str) -> list[str]:
    return text.split()  # versions of click break lines at other places


@pytest.mark.parametrize(
    ("path", "name", "expected"), [("cli.md", "help", help_document()), ("formats.md", "fields", fields_document())]
)
def test_the_documents_are_what_the_code_says(path: str, name: str, expected: str) -> None:
    _, text, _ = between_markers((ROOT / "docs" / path).read_text("utf-8"), name)
    assert words(text) == words(expected), "run python -m scripts.document_cli"


def test_an_excerpt_of_the_demo_ends_with_the_figures() -> None:
    output = "head\n\none\n\ntwo\n\nthree\n\nfigures\n\n30 pages of text, read straight in\n\nTo try next:"
    assert demo_excerpt(output) == "head\n\none\n\ntwo\n\n...\n\nfigures"


def test_an_excerpt_of_an_explanation_leaves_out_what_is_in_one_text_only() -> None:
    output = (
        "0.5\nA\n\nWhat counted\n  +1\n\nShared\n\nOnly in A\n  x\n\nSentences\n\nWhat would have put them apart\n  y"
    )
    expected = "0.5\nA\n\nWhat counted\n  +1\n\nShared\n\nWhat would have put them apart\n  y"
    assert explain_excerpt(output) == expected


def test_help_is_instant() -> None:
    for group in ((), ("store",)):
        assert min(_seconds([sys.executable, "-m", "dedup", *group, "--help"]) for _ in range(3)) < 0.3


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["cluster", "--help"],
        ["calibrate", "--help"],
        ["cluster", "nowhere"],
        ["store", "--help"],
        ["store", "add", "--help"],
        ["store", "add", "nowhere", "nowhere"],
    ],
)
def test_nothing_heavy_is_loaded_before_there_is_work(arguments: list[str]) -> None:
    script = (
        "import sys; from dedup.cli import app; app.main(sys.argv[1:], standalone_mode=False); "
        "heavy = {'torch', 'faiss', 'scipy', 'sentence_transformers', 'transformers', 'numpy'} & set(sys.modules); "
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    result = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
