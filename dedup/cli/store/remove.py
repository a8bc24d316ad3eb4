"""``dedup store remove``: articles out."""

from __future__ import annotations

from pathlib import Path

import click

from dedup.cli.console import Console, console_options
from dedup.cli.edge import ending
from dedup.cli.options import dry_run_option, json_option
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
@dry_run_option("Tell what would become of the stories, and change nothing.")
@json_option("Print JSON lines on a terminal too, where else lines for people are shown.")
@console_options
@click.pass_obj
def command(console: Console, *, path: Path, ids: tuple[str, ...], as_json: bool, dry_run: bool) -> None:
    """Take articles out.

    All of them or none: an ID that is not in the store is an error. Stories that lose all their articles keep their ids
    and their history.
    """
    from dedup.cli.store.tell import Tally, tell_changes, tell_rehearsal

    tally = Tally()
    with open_store(path, rehearse=dry_run) as store:
        changes = store.remove(ids)
        tell_changes(changes, store, as_json=as_json)
        tally.count(changes)
        left = len(store)
    if dry_run:
        tell_rehearsal(console)
        return
    console.tell(f"{'removed':<10}{tally.articles['removed']:,} articles, {left:,} left")
