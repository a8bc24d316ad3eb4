"""Measurements in processes of their own: with a peak of memory that is theirs, a time limit and a memory limit.

    python -m benchmarks.speed.apart EVENTS < SPECIFICATION

is what :func:`run_apart` starts. What is measured is a generator function at the top of a module, which yields one
event, ready for JSON, each time that something has been measured: what was measured before a limit is kept.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

__all__ = ["Event", "Limits", "Outcome", "memory_now_mib", "memory_peak_mib", "run_apart"]

Event = dict[str, Any]
Measurement = Callable[..., Iterator[Event]]
"""A generator function whose arguments JSON can hold."""

CHECKOUT = Path(__file__).resolve().parent.parent.parent
_MEMORY_ERRORS = ("MemoryError", "allocate memory", "not enough memory", "bad_alloc", "Cannot allocate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one process may take."""

    seconds: float
    memory_gib: float | None = None
    """Of memory of its own, not counting files that are mapped; only Linux can hold a process to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a process."""

    events: tuple[Event, ...]
    """What it measured, in order, each with ``peak_mib``, the most memory that the process had had by then."""
    ended: str
    """``finished``, ``time`` (over its time limit), ``memory`` (over its memory limit) or ``failed``."""
    message: str = ""
    """The last line of what it said, where it failed."""


def run_apart(measurement: Measurement, arguments: dict[str, Any], limits: Limits) -> Outcome:
    """Run ``measurement(**arguments)`` in a new process and return what it yielded and how it ended."""
    specification = {
        "function": f"{measurement.__module__}:{measurement.__qualname__}",
        "arguments": arguments,
        "memory_gib": limits.memory_gib,
    }
    with tempfile.TemporaryDirectory(prefix="dedup-speed-") as folder:
        events, said = Path(folder, "events.jsonl"), Path(folder, "said.txt")
        events.touch()
        with said.open("wb") as log:
            # a session of its own, so that what it starts ends with it
            process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.speed.apart", str(events)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=CHECKOUT,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)},
                start_new_session=True,
            )
            try:
                process.communicate(json.dumps(specification).encode(), timeout=limits.seconds)
            except subprocess.TimeoutExpired:
                return Outcome(events=_read_events(events), ended="time")
            finally:
                _end(process)
        lines = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        if process.returncode == 0:
            return Outcome(events=_read_events(events), ended="finished")
        # a process that the system ends for want of memory says nothing
        short = process.returncode == -signal.SIGKILL or any(word in "\n".join(lines) for word in _MEMORY_ERRORS)
        message = lines[-1][:300] if lines else f"exit status {process.returncode}"
        return Outcome(events=_read_events(events), ended="memory" if short else "failed", message=message)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()


def _read_events(path: Path) -> tuple[Event, ...]:
    # a process that was ended may have left half a line
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    return tuple(json.loads(line) for line in lines)


def memory_peak_mib() -> float:
    """Return the most memory that this process has had: resident pages, those of mapped files included."""
    # not getrusage first: Linux hands its peak on to the process that is started
    high_water = _status_mib("VmHWM")
    if high_water is not None:
        return high_water
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)


def memory_now_mib() -> float | None:
    """Return the resident memory of this process; None where the system does not tell."""
    return _status_mib("VmRSS")


def _status_mib(name: str) -> float | None:
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    values = (line.split()[1] for line in lines if line.startswith(f"{name}:"))
    found = next(values, None)
    return None if found is None else round(int(found) / 2**10, 1)


def _hold_to(memory_gib: float | None) -> None:
    if memory_gib is None or sys.platform != "linux":
        return
    import resource

    size = int(memory_gib * 2**30)
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def main() -> int:
    """Do what the specification on standard input says, and write its events into the file of the first argument."""
    started = time.perf_counter()
    specification = json.load(sys.stdin)
    logging.getLogger("dedup.read").setLevel(logging.ERROR)
    _hold_to(specification["memory_gib"])
    module, _, name = specification["function"].partition(":")
    measurement = getattr(import_module(module), name)
    with Path(sys.argv[1]).open("a", encoding="utf-8") as file:
        for event in measurement(**specification["arguments"]):
            wall = round(time.perf_counter() - started, 3)
            # an event that looks at what was measured afterwards says itself what the peak was before that
            file.write(json.dumps({"peak_mib": memory_peak_mib(), "process_seconds": wall} | event) + "\n")
            file.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
