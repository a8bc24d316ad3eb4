"""Where results go, and in which form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from dedup.cli.declared import once_option
from dedup.cli.options.adding import Command
from dedup.cli.options.values import FileName

__all__ = ["Wanted", "dry_run_option", "json_option", "manifest_option", "output_option"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a run writes, as it was asked for."""

    output: str
    pairs: Path | None = None
    all_pairs: bool = False
    manifest: Path | None = None


def output_option(what: str) -> Callable[[Command], Command]:
    """Add -o FILE, which the command gets as ``output``; ``what`` is what each format holds."""
    return click.option(
        "-o",
        "--output",
        type=FileName(),
        default="-",
        metavar="FILE",
        help=f"Where to write: {what}, each also with .gz; .parquet or .arrow for the rows of the table with types; - "
        "is standard output. The file appears whole or not at all.",
    )


def manifest_option(command: Command) -> Command:
    """Add --manifest, which the command gets as ``manifest``."""
    return click.option(
        "--manifest",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write what the run depended on and did, as JSON: versions, settings, model, calibration, inputs and "
        "their hashes, counts, times. Equal runs give equal files but for 'times'. Parquet and Arrow outputs carry it "
        "in any case.",
    )(command)


def dry_run_option(help_text: str) -> Callable[[Command], Command]:
    """Add --dry-run, which the command gets as ``dry_run``; ``help_text`` is what it says instead of doing it."""
    return once_option("--dry-run", is_flag=True, help=help_text)


def json_option(help_text: str) -> Callable[[Command], Command]:
    """Add --json, which the command gets as ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help=help_text)
