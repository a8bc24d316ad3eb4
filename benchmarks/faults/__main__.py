"""Every fault really caused, and what came of it looked at.

    python -m benchmarks.faults                             all of them, in some minutes
    python -m benchmarks.faults --docs docs/robustness.md   the same, and the tables of the page written anew
    python -m benchmarks.faults --quick                     those that take a moment and need no disk to be mounted
    python -m benchmarks.faults --only resume               those with this word in their description

Ends with 1 where anything is not as it must be, or has no row on the page. What came of each is kept in
benchmarks/results/faults.json, so that after a change some can be caused again without the others. Full and
read-only disks are mounted in a name space of their own, by root or, where the system lets users
have one, by anybody; nothing outside sees them.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.faults import FAULTS, Fault, Row, cause
from benchmarks.faults.page import write_page
from benchmarks.json_file import read_json, write_json

RESULTS = Path(__file__).resolve().parent.parent / "results" / "faults.json"
_INSIDE = "DEDUP_FAULTS_INSIDE"


def main(arguments: Sequence[str] | None = None) -> int:
    """Cause them, print what came of each, and write the page."""
    options = _parser().parse_args(arguments)
    chosen = [one for one in FAULTS if _is_chosen(one, options)]
    if any(one.mounts for one in chosen) and not os.environ.get(_INSIDE):
        _go_inside(sys.argv[1:] if arguments is None else list(arguments))
    rows = [_caused(one, options.output) for one in chosen]
    wrong = sum(bool(row.wrong) for row in rows)
    print(f"{len(rows)} faults, {wrong} not as they must be", file=sys.stderr)
    if options.docs:
        kept = read_json(options.output)
        lacking = [one for one in FAULTS if kept.get(one.name, {}).get("wrong", True)]
        there = [Row(fault=one, line=kept[one.name]["line"]) for one in FAULTS if one not in lacking]
        write_page(there, options.docs, lacking=lacking)
        wrong += len(lacking)
    return int(bool(wrong))


def _is_chosen(one: Fault, options: argparse.Namespace) -> bool:
    if options.none or (options.quick and not one.quick):
        return False
    return options.only.casefold() in f"{one.name} {one.how}".casefold()


def _caused(one: Fault, output: Path) -> Row:
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        row = cause(one, Path(folder).resolve())
    print(
        f"{'WRONG' if row.wrong else 'as it must be':<14}{time.perf_counter() - began:6.1f} s  {one.name}"
        f"{f': {row.wrong}' if row.wrong else ''}",
        flush=True,
    )
    kept = read_json(output)
    kept[one.name] = {"line": row.line, "wrong": row.wrong}
    write_json(output, kept)
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
