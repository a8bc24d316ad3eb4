"""What commands that measure in parts have in common: they keep what each found, show it, and write a page of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.datasets import DatasetUnavailableError
from benchmarks.environment import PACKAGES, environment
from benchmarks.json_file import read_json, write_json
from benchmarks.markdown import MarkerError

__all__ = ["Found", "Parts", "parser_of_parts", "run_parts"]

_RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a part found."""

    figures: Mapping[str, Any]
    """As JSON can hold them."""
    sound: bool = True
    """Whether all was as it must be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A command that measures in parts."""

    name: str
    """Of the file of results, and of the module under ``benchmarks``."""
    measures: Mapping[str, Callable[[argparse.Namespace], Found]]
    text: Callable[[Mapping[str, Any], str], str]
    """Returns what the results say of a part."""
    write_page: Callable[[Mapping[str, Any], Path], None]
    computed: Sequence[str] = ()
    """Parts that are told, from what others found."""
    packages: Sequence[str] = PACKAGES
    """Those whose versions are told."""


def parser_of_parts(parts: Parts, description: str | None) -> argparse.ArgumentParser:
    """Return a parser of the options that all such commands have, to which a command adds its own."""
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{parts.name}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(parts.measures)}; none: show what was measured"
    )
    parser.add_argument("--output", type=Path, default=_RESULTS / f"{parts.name}.json", metavar="FILE")
    parser.add_argument("--docs", type=Path, metavar="FILE", help="write what is there into this page")
    return parser


def run_parts(parts: Parts, parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> int:
    """Measure the parts that are asked for, keep, show and write; return 1 where anything failed or was not sound."""
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.parts) - set(parts.measures))
    if unknown:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(parts.measures)}")
    sound = [_measured(parts, part, options) for part in options.parts]
    results = read_json(options.output)
    for part in options.parts or [*parts.measures, *parts.computed]:
        print(f"## {part}\n\n{parts.text(results, part)}\n")
    if options.docs:
        sound.append(_page_is_written(parts, results, options.docs))
    return int(not all(sound))


def _measured(parts: Parts, part: str, options: argparse.Namespace) -> bool:
    """Measure a part and keep what it found at once; return whether all was as it must be."""
    try:
        found = parts.measures[part](options)
    except DatasetUnavailableError as error:
        print(f"left out {part}: {error}", file=sys.stderr)
        return False
    # read again: another part may have been measured meanwhile
    kept = read_json(options.output)
    write_json(options.output, kept | {part: {**found.figures, "environment": environment(parts.packages)}})
    return found.sound


def _page_is_written(parts: Parts, results: Mapping[str, Any], page: Path) -> bool:
    try:
        parts.write_page(results, page)
    except (MarkerError, OSError, ModuleNotFoundError) as error:
        print(f"the page was not written: {error}", file=sys.stderr)
        return False
    return True
