"""``dedup unique``: one article of each story."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.cli.console import Console, console_options
from dedup.cli.edge import ending
from dedup.cli.options import (
    ModelChoice,
    Reading,
    Wanted,
    dry_run_option,
    json_option,
    keep_option,
    manifest_option,
    model_options,
    output_option,
    reading_options,
    settings_options,
)

if TYPE_CHECKING:
    from dedup.settings import Settings

__all__ = ["unique"]


@click.command(
    epilog=ending(
        "dedup unique news/ -o unique.jsonl",
        "dedup unique news/ --keep fa,en -o unique.csv",
    )
)
@reading_options
@output_option(".jsonl or .ndjson for one article a line, .csv or .tsv for one a row")
@json_option("Print JSON lines on a terminal too, where else a list is shown.")
@manifest_option
@dry_run_option("Say what would be read, with which model and settings, and where results would go; do nothing.")
@keep_option
@settings_options
@model_options
@console_options
@click.pass_obj
def unique(
    console: Console,
    *,
    reading: Reading,
    settings: Settings,
    model: ModelChoice,
    output: str,
    as_json: bool,
    manifest: Path | None,
    dry_run: bool,
) -> None:
    """Keep one article of each story.

    The articles are written with all their fields, in the shape in which they came, and can be read again. INPUT is as
    for 'dedup cluster'; --keep says which article of a story is kept.
    """
    from dedup.cli.plan import plan_run, show_plan
    from dedup.cli.run import planned_outputs, run_on_inputs, write_manifest
    from dedup.cli.show import show_articles
    from dedup.cli.summary import summarise
    from dedup.write import write_articles

    wanted = Wanted(output=output, manifest=manifest)
    if dry_run:
        outputs = planned_outputs(reading, wanted, "articles")
        show_plan(plan_run(reading, settings, model, outputs), as_json=as_json)
        return
    run = run_on_inputs(reading, settings, model, wanted, console)
    kept = [story.representative for story in run.stories]
    if run.destination.path is None and sys.stdout.isatty() and not as_json:
        show_articles(kept)
    else:
        write_articles(kept, run.destination, manifest=run.manifest)
    write_manifest(run)
    summarise(run, console)
