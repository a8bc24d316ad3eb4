"""Runs on a Ray cluster of several nodes, which are processes of this machine, beside the run on one machine.

    python -m benchmarks.cluster same nodes driver vectors rates    measure these, keep them in results/cluster.json
    python -m benchmarks.cluster --docs docs/ray.md                 write what is there into the page; measure nothing

same: the same stories whatever the number of nodes and of articles in a part. nodes, driver: a node, or the command,
killed in each stage. vectors: given vectors on two nodes. rates: what a stage takes for an article; with it and the
vectors the page has a model of what 10 and 100 nodes cost. Any difference ends it with exit code 1. It takes minutes or
an hour, and is no part of the tests.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.cluster.killed import killed_drivers, killed_nodes
from benchmarks.cluster.nodes import environment_of_nodes
from benchmarks.cluster.page import COMPUTED, part_text, write_page
from benchmarks.cluster.rates import measure_rates
from benchmarks.cluster.same import on_one_machine, same_stories
from benchmarks.cluster.vectors import measure_vectors
from benchmarks.datasets import CHECKOUT, DatasetUnavailableError, dataset
from benchmarks.environment import PACKAGES
from benchmarks.parts import Found, Parts, parser_of_parts, run_parts
from dedup.article import Article

DISTRACTORS = {"same": 20_000, "nodes": 1_500, "driver": 1_500, "rates": 20_000}
VECTORS = 1_000_000
_NODES = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write and print; return 0, or 1 where anything was not the same."""
    parser = parser_of_parts(_PARTS, __doc__)
    parser.add_argument("--articles", type=int, help=f"distractors beside NTREX (default {DISTRACTORS})")
    parser.add_argument("--vectors", type=int, default=VECTORS, help="vectors that are given (default 1,000,000)")
    parser.add_argument("--base", type=int, default=10_000, help="real articles that these are made after")
    parser.add_argument("--made", type=Path, help="a folder that keeps the vectors for another time")
    environment_of_nodes(CHECKOUT)
    return run_parts(_PARTS, parser, arguments)


def _articles(part: str, options: argparse.Namespace) -> list[Article]:
    count = DISTRACTORS[part] if options.articles is None else options.articles
    try:
        return list(dataset(f"ntrex+{count}").load().articles)
    except DatasetUnavailableError as error:
        print(f"{error}\nthe examples take their place", file=sys.stderr)
        return list(dataset("examples").load().articles)


def _rows(part: str, options: argparse.Namespace, check: Callable[..., Any]) -> Found:
    articles = _articles(part, options)
    expected, one_machine = on_one_machine(articles)
    rows = []
    for row in check(articles, expected):
        print({name: value for name, value in row.items() if name not in {"stages", "counts"}}, flush=True)
        rows.append(row)
    was_killed = all(row.get("killed_at_work", row.get("killed", True)) for row in rows)
    sound = was_killed and all(row["same"] for row in rows)
    return Found(figures={"one_machine": one_machine, "rows": rows}, sound=sound)


def _vectors(options: argparse.Namespace) -> Found:
    measured = measure_vectors(options.vectors, options.base, _NODES, options.made)
    return Found(figures=measured, sound=measured["same"])


def _rates(options: argparse.Namespace) -> Found:
    return Found(figures=measure_rates(_articles("rates", options)))


_PARTS = Parts(
    name="cluster",
    measures={
        "same": lambda options: _rows("same", options, same_stories),
        "nodes": lambda options: _rows("nodes", options, killed_nodes),
        "driver": lambda options: _rows("driver", options, killed_drivers),
        "vectors": _vectors,
        "rates": _rates,
    },
    text=part_text,
    write_page=write_page,
    computed=COMPUTED,
    packages=(*PACKAGES, "ray"),
)


if __name__ == "__main__":
    raise SystemExit(main())
