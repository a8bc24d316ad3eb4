"""A store through its life.

    python -m benchmarks.store orders days large           measure these parts into benchmarks/results/store.json
    python -m benchmarks.store --docs docs/benchmarks.md   write what is there into the page; measure nothing

orders: articles in many orders, beside a batch run. days: thirty days of news with a window. large: single articles in
a store of 200,000. What kills leave of a store, `python -m benchmarks.kills` measures.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.parts import Found, Parts, parser_of_parts, run_parts
from benchmarks.store.life import measure_days, measure_large
from benchmarks.store.orders import measure_orders
from benchmarks.store.page import part_text, write_page
from benchmarks.store.ready import prepared_news


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write and print; return 1 where a part could not be measured, or stories were others."""
    parser = parser_of_parts(_PARTS, __doc__)
    parser.add_argument("--folder", type=Path, metavar="DIR", help="for the stores, some GB at 200,000 articles")
    parser.add_argument("--drawn", type=int, default=500, metavar="N", help="articles of the orders (500)")
    parser.add_argument("--orders", type=int, default=20, metavar="N", help="orders of each kind (20)")
    parser.add_argument("--days", type=int, default=30, metavar="N", help="(30)")
    parser.add_argument("--per-day", type=int, default=2_000, metavar="N", help="articles a day (2,000)")
    parser.add_argument("--articles", type=int, default=200_000, metavar="N", help="of the large store (200,000)")
    parser.add_argument("--pool", type=int, default=20_000, metavar="N", help="real articles that there are (20,000)")
    return run_parts(_PARTS, parser, arguments)


def _in_folder(
    measure: Callable[[argparse.Namespace, Path], dict[str, Any]],
) -> Callable[[argparse.Namespace], Found]:
    def measured(options: argparse.Namespace) -> Found:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            figures = measure(options, Path(folder))
        return Found(figures=figures, sound=not figures.get("faults"))

    return measured


def _days(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    return measure_days(prepared_news(options.pool), options.days, options.per_day, folder)


def _large(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    return measure_large(prepared_news(options.pool), options.articles, options.per_day, folder)


_PARTS = Parts(
    name="store",
    measures={
        "orders": _in_folder(lambda options, folder: measure_orders(options.drawn, options.orders, folder)),
        "days": _in_folder(_days),
        "large": _in_folder(_large),
    },
    text=part_text,
    write_page=write_page,
)


if __name__ == "__main__":
    raise SystemExit(main())
