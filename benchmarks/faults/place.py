"""A folder with some news in which a fault is caused, and how commands are run there."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["EXAMPLES", "Place", "Seen", "end_all", "expected", "heed_signals"]

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = ROOT / "examples" / "articles.jsonl"
_ARTICLES = 40
_SECONDS = 1200
"""That one command may take, on a machine with ten times as much to do as it has cores."""
_STARTED: list[subprocess.Popen[bytes]] = []
POWERLESS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all")
"""Before a command of root: without what lets root pass by permissions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is seen of a command that has ended; a signal that ended it is its negative number, as in subprocess."""

    code: int
    out: str
    err: str


class Place:
    """A folder of its own, the working directory of what is run in it.

    Args:
        folder: Empty.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.news = folder / "news.jsonl"
        self.news.write_bytes(b"".join(EXAMPLES.read_bytes().splitlines(keepends=True)[:_ARTICLES]))
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("DEDUP_", "COV_", "PYTEST"))
        } | {
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
            "NO_COLOR": "1",
            "DEDUP_CACHE": str(folder / "cache"),
            "DEDUP_DATA": str(folder / "data"),
        }
        self._disks: list[Path] = []

    def dedup(self, *arguments: str | bytes | Path, **how: Any) -> Seen:
        """Run ``dedup`` to its end; ``how`` as for ``run``."""
        return self.run([sys.executable, "-m", "dedup", *arguments], **how)

    def driven(self, *arguments: str | bytes | Path, **how: Any) -> Seen:
        """Run ``dedup`` with something happening to it: see ``benchmarks.faults.driven``."""
        return self.run([sys.executable, "-m", "benchmarks.faults.driven", *arguments], **how)

    def cluster(self, *arguments: str | bytes | Path, **how: Any) -> Seen:
        """Run ``dedup cluster`` on the news with the fast encoder."""
        return self.dedup("cluster", "news.jsonl", "--encoder", "fast", *arguments, **how)

    def shell(self, line: str, **how: Any) -> Seen:
        """Run a line of the shell, in which ``$DEDUP`` is the command."""
        return self.run(["/bin/bash", "-c", line], environment={"DEDUP": f"{sys.executable} -m dedup"}, **how)

    def run(
        self,
        command: Sequence[str | bytes | Path],
        *,
        environment: Mapping[str, str | None] | None = None,
        powerless: bool = False,
        stdin: Any = subprocess.DEVNULL,
        stdout: Any = subprocess.PIPE,
        given: bytes | None = None,
    ) -> Seen:
        """Run a command to its end; a variable that is None is not set."""
        with self.start(
            command,
            environment=environment,
            powerless=powerless,
            stdin=subprocess.PIPE if given is not None else stdin,
            stdout=stdout,
        ) as process:
            return self.ended(process, given)

    def start(
        self,
        command: Sequence[str | bytes | Path],
        *,
        environment: Mapping[str, str | None] | None = None,
        powerless: bool = False,
        stdin: Any = subprocess.DEVNULL,
        stdout: Any = subprocess.PIPE,
    ) -> subprocess.Popen[bytes]:
        """Start a command."""
        variables = {**self.environment, **(environment or {})}
        prefix = POWERLESS if powerless and os.geteuid() == 0 else ()
        process = subprocess.Popen(
            [*prefix, *command],
            cwd=self.folder,
            env={name: value for name, value in variables.items() if value is not None},
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            process_group=0,
        )
        _STARTED.append(process)
        return process

    def ended(self, process: subprocess.Popen[bytes], given: bytes | None = None) -> Seen:
        """Wait for the end of what was started."""
        try:
            out, err = process.communicate(given, timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            _kill_group(process)
            out, err = process.communicate()
            err += b"\nkilled: it had not ended\n"
        return Seen(
            code=process.returncode, out=(out or b"").decode("utf-8", "replace"), err=err.decode("utf-8", "replace")
        )

    def stopped(self, number: signal.Signals, after: float, *arguments: str | Path) -> Seen:
        """Run ``dedup`` and send it a signal some seconds after the run has begun; SIGKILL after its very start."""
        with self.start([sys.executable, "-m", "dedup", *arguments]) as process:
            if number != signal.SIGKILL:
                _wait_for_begin(process)
            time.sleep(after)
            process.send_signal(number)
            return self.ended(process)

    def seconds(self, *arguments: str | Path, begun: bool = True) -> float:
        """Return how long an undisturbed run takes, on this machine and as busy as it is, from when it has begun."""
        with self.start([sys.executable, "-m", "dedup", *arguments]) as process:
            started = time.perf_counter()
            if begun:
                _wait_for_begin(process)
                started = time.perf_counter()
            seen = self.ended(process)
            if seen.code:
                raise RuntimeError(seen.err)
            return time.perf_counter() - started

    def disk(self, name: str, kib: int, *, free: int | None = None) -> Path:
        """Mount a disk of so many KiB in a folder; with ``free`` all of it but so many is filled."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kib}k,mode=755", "tmpfs", folder], check=True)
        self._disks.append(folder)
        if free is not None:
            with (folder / "filler").open("wb") as file:
                file.write(bytes((kib - free) << 10))
        return folder

    def read_only(self, folder: Path) -> None:
        """Have a disk that was mounted be read-only."""
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)

    def leave(self) -> None:
        """End what still runs, and unmount what was mounted."""
        end_all()
        for folder in reversed(self._disks):
            subprocess.run(["umount", "-l", folder], check=True)
        self._disks.clear()

    def all_files(self) -> list[Path]:
        """Return everything below the folder, and what temporary files of dedup stand beside it."""
        return [Path(parent, name) for parent, _, names in os.walk(self.folder) for name in names]

    def without_names(self, line: str) -> str:
        """Return a line as it would be in any folder."""
        return line.replace(f"{self.folder}/", "").replace(str(self.folder), ".").replace(f"{ROOT}/", "")

    def stories(self, name: str = "stories.jsonl") -> bytes:
        """Return the bytes of an output."""
        return (self.folder / name).read_bytes()

    def dice(self, name: str) -> random.Random:
        """Return a source of chance that is the same every time."""
        return random.Random(name)


@functools.cache
def expected() -> bytes:
    """Return what an undisturbed run writes."""
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder).resolve())
        seen = place.cluster("-o", "stories.jsonl")
        if seen.code:
            raise RuntimeError(seen.err)
        stories = place.stories()
    assert sum(len(json.loads(line)["articles"]) for line in stories.splitlines()) == _ARTICLES
    return stories


def heed_signals() -> None:
    """Have what is started from here heed signals, also where this process was started with them ignored.

    A shell does that to what it runs in the background, and whoever is started by that ignores them, too.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def end_all() -> None:
    """End all that was started and still runs, with what it has started."""
    for process in _STARTED:
        if process.returncode is None and process.poll() is None:
            _kill_group(process)
            process.wait()
    _STARTED.clear()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _wait_for_begin(process: subprocess.Popen[bytes]) -> None:
    """Wait until a run heeds signals; before, Python itself is being loaded, and ends as any program does."""
    heeded = 1 << (signal.SIGTERM - 1)
    while process.poll() is None:
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("SigCgt:") and int(line.split()[1], 16) & heeded:
                return
        time.sleep(0.01)
