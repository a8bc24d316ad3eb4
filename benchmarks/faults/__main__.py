"""Every fault really caused, and what came of it looked at.

    python -m benchmarks.faults                             all of them, in some minutes
    python -m benchmarks.faults --docs docs/robustness.md   the same, and the tables of the page written anew
    python -m benchmarks.faults --quick                     those that take a moment and need no disk to be mounted
    python -m benchmarks.faults --only resume               those with this word in their description

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
from collections.abc import Mapping, Sequence
from dataclasses import replace
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
    chosen = [one for one in FAULTS if _is_chosen(one, options)]
    if any(one.mounts for one in chosen) and not os.environ.get(_INSIDE):
        _go_inside(sys.argv[1:] if arguments is None else list(arguments))
    run = environment()
    rows = [_caused(one, run, options.output) for one in chosen]
    wrong = sum(bool(row.wrong) for row in rows)
    print(f"{len(rows)} faults, {wrong} not as they must be", file=sys.stderr)
    if options.docs:
        kept = Outcomes.read(options.output)
        there = [row for one in FAULTS if (row := kept.row(one)) is not None and not row.wrong]
        lacking = [one for one in FAULTS if one not in [row.fault for row in there]]
        write_page(there, options.docs, runs=kept.runs, lacking=lacking)
        wrong += len(lacking)
    return int(bool(wrong))


def _is_chosen(one: Fault, options: argparse.Namespace) -> bool:
    if options.none or (options.quick and not one.quick):
        return False
    return options.only.casefold() in f"{one.name} {one.how}".casefold()


def _caused(one: Fault, run: Mapping[str, Any], output: Path) -> Row:
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        row = cause(one, Path(folder).resolve())
    row = replace(row, run=run["date"], seconds=round(time.perf_counter() - began, 1))
    print(
        f"{'WRONG' if row.wrong else 'as it must be':<14}{row.seconds:6.1f} s  {one.name}"
        f"{f': {row.wrong}' if row.wrong else ''}",
        flush=True,
    )
    Outcomes.read(output).with_row(row, run).write(output)
    return row


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
    parser.add_argument("--only", default="", metavar="WORD", help="those with this word in their description")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
