"""Speed and memory of dedup, beside others, on this machine.

    python -m benchmarks.speed encoding runs vectors     measure these parts into benchmarks/results/speed.json
    python -m benchmarks.speed --docs docs/benchmarks.md   write what is there into the page; measure nothing

encoding: sentences into vectors. runs: whole runs from articles to stories. vectors: stories of vectors that are given,
up to a million. A row is kept as soon as it is measured; of runs, more sizes can be measured later.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.datasets import DatasetUnavailableError, shared_folder
from benchmarks.environment import environment
from benchmarks.json_file import read_json, write_json
from benchmarks.markdown import MarkerError
from benchmarks.peers import PEERS
from benchmarks.speed.apart import Limits, run_apart
from benchmarks.speed.encoders import ENCODERS, EncoderUnavailableError, check_encoder
from benchmarks.speed.encoding import measure_encoding
from benchmarks.speed.page import part_text, write_page
from benchmarks.speed.results import PARTS, add_row, begin_part
from benchmarks.speed.runs import measure_runs
from benchmarks.speed.vectors import ClusterVectorsMissingError, measure_vectors

__all__ = ["main"]

RUN_SIZES = (1_000, 5_000, 10_000, 60_000)
VECTOR_SIZES = (1_000, 10_000, 60_000, 100_000, 1_000_000)
VECTOR_PEERS = ("community_detection", "HDBSCAN")
Rows = Iterator[dict[str, Any]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write and print; return 0, or 1 where a part could not be measured or written."""
    parser = _parser()
    options = parser.parse_args(arguments)
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if options.limit_gib is None:
        options.limit_gib = _most_memory()
    document = read_json(options.output)
    failed = False
    for part in options.parts:
        try:
            _measure(part, options, document)
        except (DatasetUnavailableError, ClusterVectorsMissingError, RuntimeError) as error:
            print(f"left out {part}: {error}", file=sys.stderr)
            failed = True
    for part in options.parts or PARTS:
        print(f"## {part}\n\n{part_text(document, part)}\n")
    if options.docs:
        try:
            write_page(document, options.docs)
        except (MarkerError, OSError, ModuleNotFoundError) as error:
            print(f"the page was not written: {error}", file=sys.stderr)
            failed = True
    return int(failed)


def _measure(part: str, options: argparse.Namespace, document: dict[str, Any]) -> None:
    if not shared_folder().exists():
        raise DatasetUnavailableError(f"{shared_folder()} is not there; name the shared data in DEDUP_SHARED")
    parts: dict[str, Callable[[argparse.Namespace], Rows]] = {"encoding": _encoding, "runs": _runs, "vectors": _vectors}
    limits = {"limit_seconds": options.limit_seconds, "limit_gib": options.limit_gib}
    begun = False
    for row in parts[part](options):
        if not begun:
            # only now: a part that cannot be measured leaves the last one's rows
            begin_part(document, part, keep=part == "runs")
            begun = True
        add_row(document, part, limits | row)
        write_json(options.output, document)
        shown = [f"{name} {row[name]}" for name in ("method", "encoder", "run", "size", "ended") if name in row]
        seconds = f", {row['seconds']:,.1f} s" if "seconds" in row else ""
        said = f" ({row['message']})" if row.get("message") else ""
        print(f"{part}: {', '.join(shown)}{seconds}{said}", file=sys.stderr, flush=True)


def _limits(options: argparse.Namespace) -> Limits:
    return Limits(seconds=options.limit_seconds, memory_gib=options.limit_gib)


def _encoding(options: argparse.Namespace) -> Rows:
    arguments = {name: getattr(options, name) for name in ("sentences", "repetitions", "encoders")}
    outcome = run_apart(measure_encoding, arguments, _limits(options))
    if outcome.ended != "finished":
        raise RuntimeError(f"encoding was not measured ({outcome.ended}): {outcome.message}")
    yield {"method": "encoding"} | outcome.events[-1]


def _runs(options: argparse.Namespace) -> Rows:
    sizes, encoders = options.sizes or RUN_SIZES, []
    for name in options.encoders:
        try:
            check_encoder(name)
            encoders.append(name)
        except EncoderUnavailableError as error:
            print(f"runs: left out {name}: {error}", file=sys.stderr)
    yield from measure_runs(sizes, encoders, options.peers, _limits(options), options.folder)


def _vectors(options: argparse.Namespace) -> Rows:
    peers = [peer for peer in VECTOR_PEERS if peer in options.peers]
    yield from measure_vectors(options.sizes or VECTOR_SIZES, peers, _limits(options), options.base, options.folder)


def _most_memory() -> float | None:
    """Return four fifths of this machine's memory: a peer that wants more shall fail, not the machine."""
    found: float | None = environment(())["machine"]["memory_gib"]
    return round(0.8 * found, 1) if found else None


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is less than 1")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; none: show what is there")
    parser.add_argument("--output", type=Path, metavar="FILE", default=Path("benchmarks/results/speed.json"))
    parser.add_argument("--docs", type=Path, metavar="FILE", help="write tables and pictures into this page")
    parser.add_argument(
        "--sizes",
        nargs="+",
        type=_positive,
        metavar="N",
        help=f"articles beside NTREX (runs: {RUN_SIZES}) or vectors (vectors: {VECTOR_SIZES})",
    )
    parser.add_argument(
        "--limit-seconds", type=float, default=3_600.0, metavar="S", help="for one process (%(default)s)"
    )
    parser.add_argument("--limit-gib", type=float, metavar="G", help="for one process; without it: 80%% of the machine")
    parser.add_argument("--encoders", nargs="+", choices=ENCODERS, default=list(ENCODERS))
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS))
    parser.add_argument("--sentences", type=_positive, default=1_024, metavar="N", help="of encoding (%(default)s)")
    parser.add_argument("--repetitions", type=_positive, default=5, metavar="N", help="of encoding (%(default)s)")
    parser.add_argument(
        "--base",
        type=_positive,
        default=10_000,
        metavar="N",
        help="real articles that vectors are made from; fewer than a week has come back within it (%(default)s)",
    )
    parser.add_argument("--folder", type=Path, metavar="DIR", help="for temporary files, 1 GB at a million vectors")
    return parser


if __name__ == "__main__":
    logging.getLogger("dedup.read").setLevel(logging.ERROR)
    sys.exit(main())
