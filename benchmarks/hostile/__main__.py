"""Hostile articles and files: what they cost, and whether they get what they want.

    python -m benchmarks.hostile cost files disguises attacks    measure these parts, keep them in results/hostile.json
    python -m benchmarks.hostile --docs docs/hostile.md          write what is there into the page; measure nothing

cost: runs over crafted articles, as they grow, with the fast model. files: bombs and gigantic records, through the
command line. disguises, attacks: among the examples, with the bundled model.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.hostile.cost import measure_cost
from benchmarks.hostile.files import FILES, measure_file
from benchmarks.hostile.made import MADE
from benchmarks.hostile.page import part_text, write_page
from benchmarks.parts import Found, Parts, parser_of_parts, run_parts

SIZES = {"identical": 10_000, "nearly identical": 10_000, "bridge chain": 5_000, "bridge chain, 400 a day": 5_000}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write and print; return 0."""
    return run_parts(_PARTS, parser_of_parts(_PARTS, __doc__), arguments)


def _rows(measure: Callable[[], dict[str, Any]]) -> Callable[[argparse.Namespace], Found]:
    return lambda _: Found(figures={"rows": measure()})


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


_PARTS = Parts(
    name="hostile",
    measures={
        "cost": _rows(_cost),
        "files": _rows(_files),
        "disguises": _rows(_disguises),
        "attacks": _rows(_attacks),
    },
    text=part_text,
    write_page=write_page,
)


if __name__ == "__main__":
    raise SystemExit(main())
