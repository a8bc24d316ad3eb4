"""Where results go, and in which form."""

from __future__ import annotations

from collections.abc import Callable

import click

from dedup.cli.declared import once_option
from dedup.cli.options.adding import Command
from dedup.cli.options.values import FileName

__all__ = ["dry_run_option", "json_option", "output_option"]


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


def dry_run_option(help_text: str) -> Callable[[Command], Command]:
    """Add --dry-run, which the command gets as ``dry_run``; ``help_text`` is what it says instead of doing it."""
    return once_option("--dry-run", is_flag=True, help=help_text)


def json_option(help_text: str) -> Callable[[Command], Command]:
    """Add --json, which the command gets as ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help=help_text)
