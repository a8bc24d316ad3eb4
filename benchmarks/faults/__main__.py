"""Every fault really caused, and what came of it looked at.

    python -m benchmarks.faults                             all of them, in some minutes
    python -m benchmarks.faults --docs docs/robustness.md   the same, and the tables of the page written anew
    python -m benchmarks.faults --quick                     those that take a moment and need no disk to be mounted
    python -m benchmarks.faults --only resume               those with this word in their description
    python -m benchmarks.faults --lacking                   those without an outcome as it must be
    python -m benchmarks.faults --jobs 4                    four at a time, on a machine with as many cores

Ends with 1 where anything is not as it must be, or has no row on the page. What came of each is kept in
benchmarks/results/faults.json, so that after a change some can be caused again without the others; the page says
whether all are of one run. Full and read-only disks are mounted in a name space of their own, by root or, where the
system lets users have one, by anybody; nothing outside sees them.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.environment import environment
from benchmarks.faults import FAULTS, Fault, Row, cause
from benchmarks.faults.outcomes import Outcomes
from benchmarks.faults.page import write_page
from benchmarks.faults.place import heed_signals

RESULTS = Path(__file__).resolve().parent.parent / "results" / "faults.json"
_INSIDE = "DEDUP_FAULTS_INSIDE"


def main(arguments: Sequence[str] | None = None) -> int:
    """Cause them, print what came of each, and write the page."""
    options = _parser().parse_args(arguments)
    heed_signals()
    there = Outcomes.read(options.output).as_they_must_be() if options.lacking else set()
    chosen = [one for one in FAULTS if _is_chosen(one, options) and one.name not in there]
    if any(one.mounts for one in chosen) and not os.environ.get(_INSIDE):
        _go_inside(sys.argv[1:] if arguments is None else list(arguments))
    run = environment()
    rows = list(_caused(chosen, run, options))
    wrong = sum(bool(row.wrong) for row in rows)
    print(f"{len(rows)} faults, {wrong} not as they must be", file=sys.stderr)
    if options.docs:
        kept = Outcomes.read(options.output)
        sound = kept.as_they_must_be()
        rows = [row for one in FAULTS if one.name in sound and (row := kept.row(one)) is not None]
        lacking = [one for one in FAULTS if one.name not in sound]
        write_page(rows, options.docs, runs=kept.runs, lacking=lacking)
        wrong += len(lacking)
    return int(bool(wrong))


def _is_chosen(one: Fault, options: argparse.Namespace) -> bool:
    if options.none or (options.quick and not one.quick):
        return False
    return options.only.casefold() in f"{one.name} {one.how}".casefold()


def _caused(chosen: Sequence[Fault], run: Mapping[str, Any], options: argparse.Namespace) -> Iterator[Row]:
    """Cause faults, some at a time, each in a process that has no other; print and keep what came of each."""
    began = time.perf_counter()
    with ProcessPoolExecutor(options.jobs, get_context("fork")) as workers:
        futures = {workers.submit(_cause, FAULTS.index(one)): one for one in chosen}
        for future in as_completed(futures):
            line, wrong, seconds = future.result()
            row = Row(fault=futures[future], line=line, wrong=wrong, run=run["date"], seconds=seconds)
            told = f"{row.fault.name}: {wrong}" if wrong else row.fault.name
            print(f"{'WRONG' if wrong else 'as it must be':<14}{seconds:6.1f} s  {told}", flush=True)
            so_far = {**run, "seconds": round(time.perf_counter() - began)}
            Outcomes.read(options.output).with_row(row, so_far).write(options.output)
            yield row


def _cause(number: int) -> tuple[str, str, float]:
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        row = cause(FAULTS[number], Path(folder).resolve())
    return row.line, row.wrong, round(time.perf_counter() - began, 1)


def _go_inside(arguments: Sequence[str]) -> None:
    """Become a process in a name space of its own, where disks can be mounted."""
    user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    os.environ[_INSIDE] = "1"
    try:
        os.execvp("unshare", ["unshare", "--mount", *user, sys.executable, "-m", "benchmarks.faults", *arguments])
    except OSError as error:
        raise SystemExit(f"cannot run unshare, which lets disks be mounted: {error.strerror}; try --quick") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--docs", type=Path, metavar="FILE", help="write the tables into this page")
    parser.add_argument("--output", type=Path, default=RESULTS, metavar="FILE", help="what came of each")
    parser.add_argument("--none", action="store_true", help="cause none: write the page of what is kept")
    parser.add_argument("--quick", action="store_true", help="the quick ones alone")
    parser.add_argument("--lacking", action="store_true", help="those without an outcome as it must be")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="so many at a time (1)")
    parser.add_argument("--only", default="", metavar="WORD", help="those with this word in their description")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
