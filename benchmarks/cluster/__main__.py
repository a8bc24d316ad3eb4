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
from benchmarks.cluster.page import PARTS, part_text, write_page
from benchmarks.cluster.rates import measure_rates
from benchmarks.cluster.same import on_one_machine, same_stories
from benchmarks.cluster.vectors import measure_vectors
from benchmarks.datasets import CHECKOUT, DatasetUnavailableError, dataset
from benchmarks.environment import PACKAGES, environment
from benchmarks.json_file import read_json, write_json
from dedup.article import Article

RESULTS = Path(__file__).resolve().parent.parent / "results" / "cluster.json"
DISTRACTORS = {"same": 20_000, "nodes": 1_500, "driver": 1_500, "rates": 20_000}
VECTORS = 1_000_000
_NODES = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write and print; return 0, or 1 where anything was not the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(_MEASURES)}; none: show what was measured")
    parser.add_argument("--articles", type=int, help=f"distractors beside NTREX (default {DISTRACTORS})")
    parser.add_argument("--vectors", type=int, default=VECTORS, help="vectors that are given (default 1,000,000)")
    parser.add_argument("--base", type=int, default=10_000, help="real articles that these are made after")
    parser.add_argument("--made", type=Path, help="a folder that keeps the vectors for another time")
    parser.add_argument("--output", type=Path, default=RESULTS, help="where results are kept")
    parser.add_argument("--docs", type=Path, help="a page to write the tables into")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.parts) - set(_MEASURES))
    if unknown:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(_MEASURES)}")
    environment_of_nodes(CHECKOUT)
    results = read_json(options.output)
    same = True
    for part in options.parts:
        measured = _MEASURES[part](options)
        same = same and measured.pop("all_same")
        results[part] = {**measured, "environment": environment((*PACKAGES, "ray"))}
        write_json(options.output, results)
    for part in options.parts or PARTS:
        print(f"## {part}\n\n{part_text(results, part)}\n")
    if options.docs:
        write_page(results, options.docs)
    return 0 if same else 1


def _articles(part: str, options: argparse.Namespace) -> list[Article]:
    count = DISTRACTORS[part] if options.articles is None else options.articles
    try:
        return list(dataset(f"ntrex+{count}").load().articles)
    except DatasetUnavailableError as error:
        print(f"{error}\nthe examples take their place", file=sys.stderr)
        return list(dataset("examples").load().articles)


def _rows(part: str, options: argparse.Namespace, check: Callable[..., Any]) -> dict[str, Any]:
    articles = _articles(part, options)
    expected, one_machine = on_one_machine(articles)
    rows = []
    for row in check(articles, expected):
        print({name: value for name, value in row.items() if name not in {"stages", "counts"}}, flush=True)
        rows.append(row)
    was_killed = all(row.get("killed_at_work", row.get("killed", True)) for row in rows)
    return {"one_machine": one_machine, "rows": rows, "all_same": was_killed and all(row["same"] for row in rows)}


def _vectors(options: argparse.Namespace) -> dict[str, Any]:
    measured = measure_vectors(options.vectors, options.base, _NODES, options.made)
    return {**measured, "all_same": measured["same"]}


def _rates(options: argparse.Namespace) -> dict[str, Any]:
    return {**measure_rates(_articles("rates", options)), "all_same": True}


_MEASURES: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "same": lambda options: _rows("same", options, same_stories),
    "nodes": lambda options: _rows("nodes", options, killed_nodes),
    "driver": lambda options: _rows("driver", options, killed_drivers),
    "vectors": _vectors,
    "rates": _rates,
}


if __name__ == "__main__":
    sys.exit(main())
