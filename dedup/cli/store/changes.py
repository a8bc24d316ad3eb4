"""``dedup store changes``: what happened, and what happens."""

from __future__ import annotations

import time
from pathlib import Path

import click

from dedup.cli.console import console_options
from dedup.cli.edge import ending
from dedup.cli.options import json_option
from dedup.cli.store.opening import open_store, store_argument

__all__ = ["command"]

_FOLLOW_SECONDS = 1.0


@click.command(
    "changes",
    epilog=ending(
        "dedup store changes news.store --since 1204",
        "dedup store changes news.store --follow",
    ),
)
@store_argument
@click.option(
    "--since",
    type=click.IntRange(min=0),
    default=0,
    metavar="CURSOR",
    help="Tell what happened after the change with this cursor. Without it all.",
)
@click.option("--follow", "-f", is_flag=True, help="Go on, and tell what happens, looking once a second.")
@json_option("Print JSON lines on a terminal too, where else lines for people are shown.")
@console_options
def command(*, path: Path, since: int, follow: bool, as_json: bool) -> None:
    """Tell what happened, from the start or from a cursor on.

    Every change has a cursor, greater than those before it. Who keeps the cursor of the last change it has dealt with,
    and goes on from there, misses none and sees none twice.
    """
    from dedup.cli.store.tell import tell_changes

    with open_store(path) as store:
        while True:
            changes = store.changes(since)
            tell_changes(changes, store, as_json=as_json)
            if changes:
                since = changes[-1].cursor
            if not follow:
                return
            time.sleep(_FOLLOW_SECONDS)
