"""Processes killed at any moment, again and again.

    python -m benchmarks.kills batch store                        measure both into benchmarks/results/kills.json
    python -m benchmarks.kills batch store --docs docs/robustness.md   the same, and the tables of the page
    python -m benchmarks.kills --docs docs/robustness.md          write what is there into the page; measure nothing

batch: runs of ``dedup cluster`` that are killed and resumed. store: a process that writes to a store. Ends with 1 where
anything is not as it must be. 200 of each take half an hour or more.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.kills.batch import measure_batch_kills
from benchmarks.kills.page import part_text, write_page
from benchmarks.kills.store import measure_kills
from benchmarks.parts import Found, Parts, parser_of_parts, run_parts


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write and print; return 1 where a kill showed a fault."""
    parser = parser_of_parts(_PARTS, __doc__)
    parser.add_argument("--times", type=int, default=200, metavar="N", help="runs of each part that are killed (200)")
    return run_parts(_PARTS, parser, arguments)


def _killed(measure: Callable[[int, Path], dict[str, Any]]) -> Callable[[argparse.Namespace], Found]:
    def measured(options: argparse.Namespace) -> Found:
        with tempfile.TemporaryDirectory() as folder:
            figures = measure(options.times, Path(folder).resolve())
        return Found(figures=figures, sound=not figures["faults"])

    return measured


_PARTS = Parts(
    name="kills",
    measures={"batch": _killed(measure_batch_kills), "store": _killed(measure_kills)},
    text=part_text,
    write_page=write_page,
)


if __name__ == "__main__":
    raise SystemExit(main())
