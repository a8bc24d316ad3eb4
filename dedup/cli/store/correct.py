"""``dedup store correct``: what a person says of two articles."""

from __future__ import annotations

from pathlib import Path

import click

from dedup.cli.console import Console, console_options
from dedup.cli.declared import once_option
from dedup.cli.edge import ending
from dedup.cli.options import dry_run_option, json_option
from dedup.cli.store.opening import open_store, store_argument

__all__ = ["command"]

_Pair = tuple[str, str]


@click.command(
    "correct",
    epilog=ending(
        "dedup store correct news.store --same a1 b7",
        "dedup store correct news.store --different a1 b7",
        "dedup store correct news.store --forget a1 b7",
    ),
)
@store_argument
@once_option("--same", nargs=2, metavar="A B", help="The articles with these two ids tell the same story.")
@once_option("--different", nargs=2, metavar="A B", help="They do not.")
@once_option("--forget", nargs=2, metavar="A B", help="Take back what was said of them.")
@dry_run_option("Tell what would become of the stories, and change nothing.")
@json_option("Print JSON lines on a terminal too, where else lines for people are shown.")
@console_options
@click.pass_obj
def command(
    console: Console,
    *,
    path: Path,
    same: _Pair | None,
    different: _Pair | None,
    forget: _Pair | None,
    as_json: bool,
    dry_run: bool,
) -> None:
    """Say that two articles tell the same story, or not.

    They stay in one story, or in two, through every later change. What cannot be together with what was said before is
    refused. 'dedup store labels' writes all that was said, and 'dedup calibrate --pairs' learns from it.
    """
    from dedup.cli.store.tell import tell_changes, tell_rehearsal

    if sum(pair is not None for pair in (same, different, forget)) != 1:
        raise click.UsageError("say one thing of two articles: --same A B, --different A B or --forget A B")
    with open_store(path, rehearse=dry_run) as store:
        tell_changes(store.correct(same=same, different=different, forget=forget), store, as_json=as_json)
    if dry_run:
        tell_rehearsal(console)
