"""A store through its life.

    python -m benchmarks.store orders days large           measure these parts into benchmarks/results/store.json
    python -m benchmarks.store --docs docs/benchmarks.md   write what is there into the page; measure nothing

orders: articles in many orders, beside a batch run. days: thirty days of news with a window. large: single articles in
a store of 200,000. What kills leave of a store, `python -m benchmarks.kills` measures.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.datasets import DatasetUnavailableError
from benchmarks.environment import environment
from benchmarks.json_file import read_json, write_json
from benchmarks.markdown import MarkerError
from benchmarks.store.life import measure_days, measure_large
from benchmarks.store.orders import measure_orders
from benchmarks.store.page import PARTS, part_text, write_page
from benchmarks.store.ready import prepared_news

RESULTS = Path(__file__).resolve().parent.parent / "results" / "store.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write and print; return 1 where a part could not be measured, or stories were others."""
    parser = _parser()
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.parts) - set(PARTS))
    if unknown:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    results = read_json(options.output)
    failed = False
    for part in options.parts:
        try:
            with tempfile.TemporaryDirectory(dir=options.folder) as folder:
                found = _MEASURES[part](options, Path(folder))
        except DatasetUnavailableError as error:
            print(f"left out {part}: {error}", file=sys.stderr)
            failed = True
            continue
        failed |= bool(found.get("faults"))
        results[part] = found | {"environment": environment()}
        write_json(options.output, results)
    for part in options.parts or PARTS:
        print(f"## {part}\n\n{part_text(results, part)}\n")
    if options.docs:
        try:
            write_page(results, options.docs)
        except (MarkerError, OSError, ModuleNotFoundError) as error:
            print(f"the page was not written: {error}", file=sys.stderr)
            failed = True
    return int(failed)


def _days(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    return measure_days(prepared_news(options.pool), options.days, options.per_day, folder)


def _large(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    return measure_large(prepared_news(options.pool), options.articles, options.per_day, folder)


_MEASURES: dict[str, Callable[[argparse.Namespace, Path], dict[str, Any]]] = {
    "orders": lambda options, folder: measure_orders(options.drawn, options.orders, folder),
    "days": _days,
    "large": _large,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.store", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; none: write what is there")
    parser.add_argument("--output", type=Path, default=RESULTS, metavar="FILE")
    parser.add_argument("--docs", type=Path, metavar="FILE", help="write tables and a picture into this page")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="for the stores, some GB at 200,000 articles")
    parser.add_argument("--drawn", type=int, default=500, metavar="N", help="articles of the orders (500)")
    parser.add_argument("--orders", type=int, default=20, metavar="N", help="orders of each kind (20)")
    parser.add_argument("--days", type=int, default=30, metavar="N", help="(30)")
    parser.add_argument("--per-day", type=int, default=2_000, metavar="N", help="articles a day (2,000)")
    parser.add_argument("--articles", type=int, default=200_000, metavar="N", help="of the large store (200,000)")
    parser.add_argument("--pool", type=int, default=20_000, metavar="N", help="real articles that there are (20,000)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
