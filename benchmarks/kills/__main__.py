"""Processes killed at any moment, again and again.

    python -m benchmarks.kills batch store                        measure both into benchmarks/results/kills.json
    python -m benchmarks.kills batch store --docs docs/robustness.md   the same, and the tables of the page
    python -m benchmarks.kills --docs docs/robustness.md          write what is there into the page; measure nothing

batch: runs of ``dedup cluster`` that are killed and resumed. store: a process that writes to a store. Ends with 1 where
anything is not as it must be. 200 of each take half an hour or more.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.environment import environment
from benchmarks.json_file import read_json, write_json
from benchmarks.kills.batch import measure_batch_kills
from benchmarks.kills.page import PARTS, part_text, write_page
from benchmarks.kills.store import measure_kills
from benchmarks.markdown import MarkerError

RESULTS = Path(__file__).resolve().parent.parent / "results" / "kills.json"
_MEASURES: Mapping[str, Callable[[int, Path], dict[str, Any]]] = {"batch": measure_batch_kills, "store": measure_kills}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write and print; return 1 where a kill showed a fault."""
    parser = _parser()
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.parts) - set(PARTS))
    if unknown:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    failed = False
    for part in options.parts:
        with tempfile.TemporaryDirectory() as folder:
            found = _MEASURES[part](options.times, Path(folder).resolve())
        failed |= bool(found["faults"])
        # read again: the other part may have been measured meanwhile
        write_json(options.output, read_json(options.output) | {part: found | {"environment": environment()}})
    results = read_json(options.output)
    for part in options.parts or PARTS:
        print(f"## {part}\n\n{part_text(results, part)}\n")
    if options.docs:
        try:
            write_page(results, options.docs)
        except (MarkerError, OSError) as error:
            print(f"the page was not written: {error}", file=sys.stderr)
            failed = True
    return int(failed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.kills", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; none: write what is there")
    parser.add_argument("--output", type=Path, default=RESULTS, metavar="FILE")
    parser.add_argument("--docs", type=Path, metavar="FILE", help="write the tables into this page")
    parser.add_argument("--times", type=int, default=200, metavar="N", help="runs of each part that are killed (200)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
