"""Standard streams that are closed, full or that nobody reads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dedup.cli import streams

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the shell and devices of Unix")


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DEDUP": f"{sys.executable} -m dedup"}
    return subprocess.run(
        ["/bin/sh", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_the_places_of_closed_streams_are_held(tmp_path: Path) -> None:
    program = (
        "import os, sys; from dedup.cli.streams import hold_places; hold_places(); "
        "file = open('out', 'w'); assert file.fileno() > 2, file.fileno(); print('said', file=sys.stderr); "
        "os.write(2, b'said below'); file.write('the result'); file.close()"
    )
    done = shell(f'{sys.executable} -c "{program}" <&- >&- 2>&-', tmp_path)
    assert (done.returncode, (tmp_path / "out").read_text()) == (0, "the result")


def test_a_closed_standard_output_loses_no_result_unnoticed(tmp_path: Path) -> None:
    done = shell("$DEDUP --version >&-", tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "dedup: error: cannot write standard output: Bad file descriptor; free space or choose another place\n"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_standard_output_is_told(tmp_path: Path) -> None:
    done = shell("$DEDUP --help > /dev/full", tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "dedup: error: cannot write standard output: No space left on device; free space or choose another place"
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_what_nobody_hears_ends_nothing(tmp_path: Path) -> None:
    for end in ("2> /dev/full", "2>&-", "2>&1 >/dev/null | true"):
        done = shell(f"$DEDUP cluster nowhere.jsonl {end}", tmp_path)
        assert done.returncode == (0 if "|" in end else 1), end  # of a pipe it is the code of its last command
        assert done.stderr == ""


def test_standard_error_can_be_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "said").open("w") as said:
        monkeypatch.setattr(sys, "stderr", said)
        streams.close_standard_error()
        said.write("nobody hears this")
        said.flush()
    assert (tmp_path / "said").read_text() == ""
