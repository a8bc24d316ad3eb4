"""``dedup`` in a process to which something happens at a moment: so that a fault can be caused at that very moment.

    python -m benchmarks.faults.driven [--at MOMENT SHELL] [--cached] [--without PACKAGE] [--ahead SECONDS]
                                       [--memory MIB] [--failing HOW] -- ARGUMENTS...

MOMENT is ``open:NAME`` (before a file of this name is opened for reading), ``list:NAME`` (before the folder of this
name is listed), ``write:NAME`` (before a file whose name has this part is made) or ``call:MODULE:FUNCTION:N`` (before
the Nth call of a function). SHELL is a command of the shell, run to its end.
"""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Prepare what is to happen, and run the command."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    cut = given.index("--")
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults.driven")
    parser.add_argument("--at", nargs=2, action="append", default=[], metavar=("MOMENT", "SHELL"))
    parser.add_argument("--cached", action="store_true", help="keep the vectors of the fast encoder too")
    parser.add_argument("--without", action="append", default=[], metavar="PACKAGE")
    parser.add_argument("--ahead", type=float, default=0.0, metavar="SECONDS", help="what the clock is wrong by")
    parser.add_argument("--memory", type=int, metavar="MIB", help="of address space that may be added")
    parser.add_argument("--failing", metavar="HOW", help="of benchmarks.faults.failing")
    options = parser.parse_args(given[:cut])
    for moment, shell in options.at:
        _prepare(moment, shell)
    if options.without:
        _hide(frozenset(options.without))
    if options.cached:
        importlib.import_module("dedup.cli.options.model").FAST = "no encoder is too fast"  # type: ignore[attr-defined]  # a name of ours
    if options.ahead:
        _set_clock(options.ahead)
    if options.failing:
        from benchmarks.faults.failing import put_in_place

        put_in_place(options.failing)
    from dedup.cli import main as run

    sys.argv = ["dedup", *given[cut + 1 :]]
    if options.memory:
        _bound_memory(options.memory)
    run()


def _prepare(moment: str, shell: str) -> None:
    kind, _, name = moment.partition(":")
    if kind == "call":
        module, function, number = name.rsplit(":", 2)
        _before_call(module, function, int(number), shell)
        return
    left = [shell]

    def watch(event: str, values: tuple[Any, ...]) -> None:
        if left and _is_moment(kind, name, event, values):
            _do(left.pop())

    sys.addaudithook(watch)


def _is_moment(kind: str, name: str, event: str, values: tuple[Any, ...]) -> bool:
    if event == "os.scandir" and kind == "list":
        return Path(os.fsdecode(values[0] or ".")).name == name
    if event == "open" and isinstance(values[0], (str, bytes)):
        path = Path(os.fsdecode(values[0]))
        writes = bool(values[2] & (os.O_WRONLY | os.O_RDWR))
        return (kind == "open" and not writes and path.name == name) or (
            kind == "write" and writes and name in path.name
        )
    return False


def _before_call(module: str, function: str, number: int, shell: str) -> None:
    owner: Any = importlib.import_module(module)
    *path, last = function.split(".")
    for part in path:
        owner = getattr(owner, part)
    real: Callable[..., Any] = getattr(owner, last)
    left = [number]

    def watched(*values: Any, **named: Any) -> Any:
        left[0] -= 1
        if not left[0]:
            _do(shell)
        return real(*values, **named)

    setattr(owner, last, watched)


def _do(shell: str) -> None:
    subprocess.run(["/bin/sh", "-c", shell], check=True, env=os.environ | {"DRIVEN": str(os.getpid())})


def _hide(names: frozenset[str]) -> None:
    """Have packages be not installed."""

    class Finder(PathFinder):
        @classmethod
        def find_spec(cls, fullname: str, path: Any = None, target: Any = None) -> Any:
            return None if fullname.partition(".")[0] in names else PathFinder.find_spec(fullname, path, target)

    sys.meta_path[:] = [Finder if finder is PathFinder else finder for finder in sys.meta_path]


def _set_clock(seconds: float) -> None:
    """Have the time of day be another; nothing else in the system sees it."""
    import datetime
    import time

    real = time.time
    time.time = lambda: real() + seconds

    class Wrong(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Wrong:
            return cls.fromtimestamp(time.time(), tz)

    datetime.datetime = Wrong  # type: ignore[misc]  # before any module of dedup takes it


def _bound_memory(mib: int) -> None:
    import resource

    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (mib << 20),) * 2)


if __name__ == "__main__":
    main()
