"""Shell completion: the script that is printed, and what it offers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.shell_completion import ShellComplete
from commands import run

from dedup.cli import app
from dedup.read.formats import FORMATS


def offered(*words: str) -> list[tuple[str, str]]:
    """Return what is offered for the last word, each with its kind."""
    completer = ShellComplete(app, {}, "dedup", "_DEDUP_COMPLETE")
    return [(one.type, one.value) for one in completer.get_completions(list(words[:-1]), words[-1])]


def plain(*words: str) -> list[str]:
    found = offered(*words)
    assert {kind for kind, _ in found} <= {"plain"}
    return [value for _, value in found]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["cl"], ["cluster"]),
        (["store", "re"], ["remove"]),
        (["cluster", "--form"], ["--format"]),
        (["cluster", "--format", ""], ["jsonl", "csv", "tsv", "page"]),
        (["cluster", "--precision", "b"], ["bfloat16"]),
        (["cluster", "--keep", "e"], ["earliest", "en"]),
        (["cluster", "--encoder", "f"], ["fast"]),
        (["cluster", "--encoder", ""], ["bundled", "fast"]),
        (["cluster", "--timezone", "asia/teh"], ["Asia/Tehran"]),
        (["cluster", "--encoding", "windows-125"], ["windows-1254", "windows-1256"]),
        (["cluster", "--field", "t"], ["title="]),
        (["cluster", "--color", "a"], ["auto", "always"]),
        (["store", "list", "s", "--language", "fa"], ["fa", "fa-AF"]),
        (["config", "cl"], ["cluster"]),
        (["config", "store", "li"], ["list"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
    ],
)
def test_words_are_offered(words: list[str], expected: list[str]) -> None:
    assert set(expected) <= set(plain(*words))
    if words[-1]:
        assert set(plain(*words)) == set(expected)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["cluster", "n"], "file"),
        (["cluster", "news/", "-o", "s"], "file"),
        (["cluster", "news/", "--pairs", "p"], "file"),
        (["cluster", "--calibration", "c"], "file"),
        (["cluster", "--config", "d"], "file"),
        (["--config", "d"], "file"),
        (["evaluate", "s"], "file"),
        (["explain", "a", "b", "n"], "file"),
        (["calibrate", "l"], "file"),
        (["cluster", "--encoder", "./m"], "dir"),
        (["store", "add", "n"], "dir"),
        (["store", "add", "news.store", "n"], "file"),
    ],
)
def test_files_and_folders_are_left_to_the_shell(words: list[str], kind: str) -> None:
    assert offered(*words) == [(kind, words[-1])]


def test_a_broken_file_of_settings_hinders_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dedup.toml").write_text("[")
    monkeypatch.chdir(tmp_path)
    assert plain("cluster", "--form") == ["--format"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell(shell: str) -> None:
    result = run("completion", shell)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert f"_DEDUP_COMPLETE={shell}_complete" in result.stdout
    assert "dedup" in result.stdout
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n"], input=result.stdout, text=True, capture_output=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")


def test_no_other_shell() -> None:
    assert run("completion", "csh").exit_code == 2


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_in_a_shell(tmp_path: Path) -> None:
    """The script is read by a bash, which then completes as if Tab had been pressed."""
    program = tmp_path / "dedup"
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -c 'from dedup.cli import main; main()' \"$@\"\n")
    program.chmod(0o755)
    script = (
        'source <(dedup completion bash); COMP_WORDS=(dedup cluster --format ""); COMP_CWORD=3; '
        '_dedup_completion dedup; echo "${COMPREPLY[@]}"'
    )
    environment: dict[str, Any] = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    environment["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).resolve().parents[2]), *sys.path])
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.split() == list(FORMATS), done.stderr


def test_every_path_is_completed() -> None:
    """Options that name a file must be of a type that says so: their metavar gives them away."""
    context = click.Context(app, info_name="dedup")
    for name in app.list_commands(context):
        command = app.get_command(context, name)
        assert command is not None
        inner = [command]
        if isinstance(command, click.Group):
            inner = [one for key in command.list_commands(context) if (one := command.get_command(context, key))]
        for one in inner:
            for parameter in one.params:
                if (parameter.metavar or "").startswith(("FILE", "INPUT", "[INPUT", "STORE")):
                    assert isinstance(parameter.type, click.Path), f"{one.name} {parameter.name}"
