"""How commands end: one line and a code, whatever happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from commands import in_a_process, run

import dedup
from dedup.cli.edge import Edge
from dedup.errors import InputError

unix = pytest.mark.skipif(os.name != "posix", reason="signals and pipes of Unix")


@click.group(cls=Edge)
def failing() -> None:
    """A group of commands that end badly."""


def _command_that_raises(error: BaseException) -> click.Command:
    from dedup.cli.console import console_options

    @console_options
    def raises() -> None:
        raise error

    return click.command("raises")(raises)


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (InputError("no such file: x\ny"), 1, "dedup: error: no such file: x y"),
        (
            ZeroDivisionError("division by zero"),
            70,
            "dedup: error: ZeroDivisionError: division by zero; this is a bug, ",
        ),
        (MemoryError(), 1, "dedup: error: out of memory; "),
        (KeyboardInterrupt(), 130, "dedup: stopped"),
        (BrokenPipeError(), 141, None),
        (click.UsageError("no"), 2, "Error: no"),
        (SystemExit(3), 3, None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_an_error_is_a_line_and_a_code(error: BaseException, code: int, line: str | None) -> None:
    group = Edge("dedup", commands={"raises": _command_that_raises(error)})
    result = CliRunner().invoke(group, ["raises"])
    assert result.exit_code == code
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    lines = [text for text in result.stderr.splitlines() if text]
    if line is None:
        assert lines == []
    else:
        assert lines[-1].startswith(line)
        assert len(lines) == 1 or code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["cluster", "LONG"],
        ["cluster", "LONG.jsonl", "-o", "LONG/out.jsonl"],
        ["unique", "NEWS", "-o", "LONG.jsonl"],
        ["report", "LONG", "-o", "LONG.html"],
        ["explain", "a", "b", "LONG"],
        ["gaps", "LONG", "--have", "fa", "--lack", "en"],
        ["evaluate", "LONG", "LONG"],
        ["calibrate", "LONG"],
        ["store", "list", "LONG"],
        ["--config", "LONG", "cluster", "NEWS"],
    ],
)
def test_a_name_that_no_path_can_have_is_no_bug(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "news.jsonl").write_text('{"title": "a"}\n')
    long = str(tmp_path / ("x" * 300))
    result = run(*[one.replace("LONG", long).replace("NEWS", str(tmp_path / "news.jsonl")) for one in arguments])
    assert result.exit_code == 1, result.stderr
    assert result.stderr.startswith("dedup: error: ")
    assert result.stderr.count("\n") == 1
    assert "bug" not in result.stderr


@pytest.mark.parametrize("error", [InputError("no"), ZeroDivisionError("no")])
def test_debug_shows_the_traceback(error: Exception) -> None:
    group = Edge("dedup", commands={"raises": _command_that_raises(error)})
    result = CliRunner().invoke(group, ["raises", "--debug"])
    assert "Traceback (most recent call last)" in result.stderr
    assert "run with --debug" not in result.stderr


def test_a_message_cannot_steer_the_terminal(tmp_path: Path) -> None:
    result = run("cluster", tmp_path / "\x1b[31mred\n.jsonl")
    assert result.exit_code == 1
    assert "\x1b" not in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["cluster"],
        ["cluster", "x", "--no-such-option"],
        ["cluster", "x", "--threshold", "2"],
        ["cluster", "x", "--threshold", "much"],
        ["cluster", "x", "--threshold", "nan"],
        ["cluster", "x", "--window-days", "0"],
        ["cluster", "x", "--max-sentences", "0"],
        ["cluster", "x", "--candidate-similarity", "7"],
        ["cluster", "x", "--timezone", "Nowhere/Town"],
        ["cluster", "x", "--as-of", "yesterday"],
        ["cluster", "x", "--date-order", "ymd"],
        ["cluster", "x", "--encoding", "base64"],
        ["cluster", "x", "--format", "docx"],
        ["cluster", "x", "--field", "title"],
        ["cluster", "x", "--field", "title="],
        ["cluster", "x", "--field", "headline=kop"],
        ["cluster", "x", "--field", "title=a", "--field", "title=b"],
        ["cluster", "x", "--max-record-bytes", "0"],
        ["cluster", "x", "--precision", "int3"],
        ["unique", "x", "--keep", "best of all"],
        ["unique", "x", "--keep", "fa,,en"],
        ["calibrate"],
        ["evaluate", "one"],
        ["cache", "destroy"],
        ["store", "add", "s"],
        ["store", "find", "s"],
        ["store", "add", "s", "x", "--batch-articles", "0"],
        ["store", "add", "s", "x", "--batch-seconds", "nan"],
        ["store", "expire", "s"],
        ["store", "correct", "s"],
        ["store", "nonsense"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_code_2_and_no_work(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("Usage: ")
    assert "Error: " in result.stderr


def test_what_is_not_there_is_code_1(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name, message in (("nowhere.jsonl", "no such file or folder"), ("empty", "no readable file in folder")):
        result = run("cluster", tmp_path / name)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith(f"dedup: error: {message}")


def test_logging_is_as_it_was_afterwards(tmp_path: Path) -> None:
    import logging

    loggers = [logging.getLogger(name) for name in ("dedup", "py.warnings")]
    before = [(logger.level, list(logger.handlers), logger.propagate) for logger in loggers]
    run("cluster", tmp_path / "nowhere.jsonl", "-v")
    assert [(logger.level, list(logger.handlers), logger.propagate) for logger in loggers] == before


def test_the_version_both_ways() -> None:
    called = in_a_process("--version")
    assert (called.returncode, called.stdout) == (0, f"dedup {dedup.__version__}\n")
    assert run("--version").stdout == called.stdout


@unix
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    rows = "".join(f'{{"id": "a{n}", "story": "s{n // 2}", "language": "x{chr(97 + n % 26)}"}}\n' for n in range(9000))
    (tmp_path / "s.jsonl").write_text(rows)
    command = [
        sys.executable,
        "-m",
        "dedup",
        "evaluate",
        str(tmp_path / "s.jsonl"),
        str(tmp_path / "s.jsonl"),
        "--json",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()  # before a line is written
        assert process.wait(60) == 141
        assert process.stderr.read() == ""


@unix
def test_ctrl_c_ends_a_run_without_a_trace(tmp_path: Path) -> None:
    pipe = tmp_path / "news.jsonl"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "dedup", "cluster", str(pipe), "-o", str(tmp_path / "s.jsonl")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        with pipe.open("w"):  # waits until the command reads, and has it wait for more
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130
        assert process.stderr.read().split() == ["dedup:", "stopped"]
    assert list(tmp_path.iterdir()) == [pipe]


def test_a_file_of_unknown_kind_is_told(tmp_path: Path) -> None:
    (tmp_path / "news.data").touch()
    result = run("cluster", tmp_path / "news.data")
    assert result.exit_code == 1
    assert "unknown kind of file" in result.stderr


@pytest.mark.parametrize(
    "error",
    [
        ImportError("libopenblas.so: failed to map segment from shared object"),
        OSError(12, "Cannot allocate memory"),
        RuntimeError("std::bad_alloc"),
    ],
    ids=repr,
)
def test_too_little_memory_is_known_in_every_guise(error: Exception) -> None:
    group = Edge("dedup", commands={"raises": _command_that_raises(error)})
    result = CliRunner().invoke(group, ["raises"])
    assert result.exit_code == 1
    assert result.stderr.startswith("dedup: error: out of memory; ")


def test_an_error_of_the_system_that_is_not_of_standard_output_is_a_bug() -> None:
    group = Edge("dedup", commands={"raises": _command_that_raises(OSError(28, "No space left on device"))})
    assert CliRunner().invoke(group, ["raises"]).exit_code == 70
