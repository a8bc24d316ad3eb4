"""Hostile articles and files: what they cost, and whether they get what they want.

    python -m benchmarks.hostile cost files disguises attacks    measure these parts, keep them in results/hostile.json
    python -m benchmarks.hostile --docs docs/hostile.md          write what is there into the page; measure nothing

cost: runs over crafted articles, as they grow, with the fast model. files: bombs and gigantic records, through the
command line. disguises, attacks: among the examples, with the bundled model.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.environment import environment
from benchmarks.hostile.cost import measure_cost
from benchmarks.hostile.files import FILES, measure_file
from benchmarks.hostile.made import MADE
from benchmarks.hostile.page import PARTS, part_text, write_page
from benchmarks.json_file import read_json, write_json

RESULTS = Path(__file__).resolve().parent.parent / "results" / "hostile.json"
SIZES = {"identical": 10_000, "nearly identical": 10_000, "bridge chain": 5_000, "bridge chain, 400 a day": 5_000}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write and print; return 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; none: show what was measured")
    parser.add_argument("--output", type=Path, default=RESULTS, help="where results are kept")
    parser.add_argument("--docs", type=Path, help="a page to write the tables into")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.parts) - set(PARTS))
    if unknown:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    results = read_json(options.output)
    for part in options.parts:
        results[part] = {"rows": _MEASURES[part](), "environment": environment()}
        write_json(options.output, results)
    for part in options.parts or PARTS:
        print(f"## {part}\n\n{part_text(results, part)}\n")
    if options.docs:
        write_page(results, options.docs)
    return 0


def _cost() -> dict[str, Any]:
    return {kind: measure_cost(kind, [SIZES[kind] // step for step in (8, 4, 2, 1)]) for kind in MADE}


def _files() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return {name: measure_file(name, Path(folder)) for name in FILES}


def _disguises() -> dict[str, Any]:
    return _with_bundled_model("measure_disguises")


def _attacks() -> dict[str, Any]:
    return _with_bundled_model("measure_attacks")


def _with_bundled_model(measure: str) -> dict[str, Any]:
    import dedup
    from benchmarks.hostile import stories

    encoder = dedup.TransformerEncoder()
    with (
        tempfile.TemporaryDirectory() as folder,
        dedup.VectorCache.for_encoder(encoder, Path(folder)) as cache,
    ):
        found: dict[str, Any] = getattr(stories, measure)(encoder, cache)
    return found


_MEASURES: dict[str, Callable[[], dict[str, Any]]] = {
    "cost": _cost,
    "files": _files,
    "disguises": _disguises,
    "attacks": _attacks,
}


if __name__ == "__main__":
    sys.exit(main())
