"""``dedup store remove``: articles out."""

from __future__ import annotations

from pathlib import Path

import click

from dedup.cli.console import Console, console_options
from dedup.cli.edge import ending
from dedup.cli.options import json_option
from dedup.cli.store.opening import open_store, store_argument

__all__ = ["command"]


@click.command(
    "remove",
    epilog=ending(
        "dedup store remove news.store a1 b7",
    ),
)
@store_argument
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@json_option("Print JSON lines on a terminal too, where else lines for people are shown.")
@console_options
@click.pass_obj
def command(console: Console, *, path: Path, ids: tuple[str, ...], as_json: bool) -> None:
    """Take articles out.

    All of them or none: an ID that is not in the store is an error. Stories that lose all their articles keep their ids
    and their history.
    """
    from dedup.cli.store.tell import Tally, tell_changes

    tally = Tally()
    with open_store(path) as store:
        changes = store.remove(ids)
        tell_changes(changes, store, as_json=as_json)
        tally.count(changes)
        left = len(store)
    console.tell(f"{'removed':<10}{tally.articles['removed']:,} articles, {left:,} left")
