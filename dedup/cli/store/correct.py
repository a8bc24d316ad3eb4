"""``dedup store correct``: what a person says of two articles, or of many pairs in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.cli.console import Console, console_options
from dedup.cli.declared import once_option
from dedup.cli.edge import ending
from dedup.cli.options import dry_run_option, json_option
from dedup.cli.store.opening import open_store, store_argument
from dedup.errors import InputError

if TYPE_CHECKING:
    from dedup.store import Store
    from dedup.store.corrections import Corrected

__all__ = ["command"]

_Pair = tuple[str, str]
_REASONS_SHOWN = 3


@click.command(
    "correct",
    epilog=ending(
        "dedup store correct news.store --same a1 b7",
        "dedup store correct news.store --different a1 b7",
        "dedup store correct news.store --forget a1 b7",
        "dedup store correct news.store --labels labels.jsonl",
    ),
)
@store_argument
@once_option("--same", nargs=2, metavar="A B", help="The articles with these two ids tell the same story.")
@once_option("--different", nargs=2, metavar="A B", help="They do not.")
@once_option("--forget", nargs=2, metavar="A B", help="Take back what was said of them.")
@once_option(
    "--labels",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Say what this file says of many pairs: JSON lines or CSV with a and b, two ids, and same, true or false. "
    "'Save labels' in a report and 'dedup store labels' write such files. A label that cannot be kept is told, and the "
    "others are kept.",
)
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
    labels: Path | None,
    as_json: bool,
    dry_run: bool,
) -> None:
    """Say that two articles tell the same story, or not.

    They stay in one story, or in two, through every later change. What cannot be together with what was said before is
    refused. 'dedup store labels' writes all that was said, and 'dedup calibrate --pairs' learns from it.
    """
    from dedup.cli.store.tell import tell_changes, tell_rehearsal

    if sum(given is not None for given in (same, different, forget, labels)) != 1:
        raise click.UsageError(
            "say one thing of two articles, --same A B, --different A B or --forget A B; or of many, --labels FILE"
        )
    with open_store(path, rehearse=dry_run) as store:
        if labels is not None:
            _correct_all(store, labels, console, as_json=as_json)
        else:
            tell_changes(store.correct(same=same, different=different, forget=forget), store, as_json=as_json)
    if dry_run:
        tell_rehearsal(console)


def _correct_all(store: Store, file: Path, console: Console, *, as_json: bool) -> None:
    from dedup.cli.store.tell import tell_changes
    from dedup.evaluate.judged import LABEL_ROWS, read_judged

    rows = list(read_judged(file))
    if not rows:
        raise InputError(f"{file}: no label; {LABEL_ROWS}")
    corrected = store.correct_all(label for _, label in rows)
    tell_changes(corrected.changes, store, as_json=as_json)
    _summarise(corrected, [where for where, _ in rows], console)


def _summarise(corrected: Corrected, places: list[str], console: Console) -> None:
    """Say what became of the labels.

    Raises:
        InputError: all were refused.
    """
    refused = [f"{places[position]}: {reason}" for position, reason in corrected.refused]
    if len(refused) == len(places):
        raise InputError(f"none of {len(places):,} labels could be kept; the first: {refused[0]}")
    told = f"{corrected.kept:,} kept, {corrected.unchanged:,} said before, {len(refused):,} refused"
    console.tell(f"{'labels':<10}{told}")
    for reason in refused if console.verbose else refused[:_REASONS_SHOWN]:
        console.tell(f"{'':<10}refused {reason}")
    if len(refused) > _REASONS_SHOWN and not console.verbose:
        console.tell(f"{'':<10}and {len(refused) - _REASONS_SHOWN:,} more; -v shows all")
