"""``dedup store labels``: what people said, to be learnt from."""

from __future__ import annotations

from pathlib import Path

import click

from dedup.cli.console import Console, console_options
from dedup.cli.edge import ending
from dedup.cli.options import dry_run_option, output_option
from dedup.cli.store.opening import open_store, store_argument

__all__ = ["command"]


@click.command(
    "labels",
    epilog=ending(
        "dedup store labels news.store -o said.jsonl",
    ),
)
@store_argument
@output_option(".jsonl or .ndjson for one pair a line, .csv or .tsv for one a row")
@dry_run_option("Say how many labels would be written, and where; write nothing.")
@console_options
@click.pass_obj
def command(console: Console, *, path: Path, output: str, dry_run: bool) -> None:
    """Write what was said by 'correct', for 'dedup calibrate --pairs'.

    Each pair has a and b, the ids of two articles, and same, true or false. Of articles that have gone since, what was
    said is written too.
    """
    from dedup.cli.plan import planned_place
    from dedup.write import Destination, write_labels

    destination = Destination.of(output)
    with open_store(path) as store:
        labels = store.labels()
    if dry_run:
        click.echo(f"{'labels':<10}{len(labels):,}")
        click.echo(f"{'write':<10}{planned_place(destination.path)}")
        click.echo(f"{'done':<10}nothing (--dry-run)")
        return
    write_labels(labels, destination)
    console.tell(f"{'labels':<10}{len(labels):,}, {sum(label.same for label in labels):,} of them of one story")
