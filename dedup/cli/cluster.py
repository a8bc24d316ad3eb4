"""``dedup cluster``: articles in, stories out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.cli.console import Console, console_options
from dedup.cli.declared import once_option
from dedup.cli.edge import ending
from dedup.cli.options import (
    EngineChoice,
    ModelChoice,
    Reading,
    Wanted,
    dry_run_option,
    engine_options,
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

__all__ = ["cluster"]


@click.command(
    epilog=ending(
        "dedup cluster news/ -o stories.jsonl",
        "dedup cluster monday.csv tuesday.jsonl.gz pages/ -o stories.csv",
        "dedup cluster feed.jsonl --field title=kop --timezone Asia/Tehran",
        "dedup cluster archive/ --engine ray --address auto -o stories/",
        "dedup cluster archive/ --encoder fast -o stories.jsonl --pairs pairs.jsonl.gz",
    )
)
@reading_options
@output_option(".jsonl or .ndjson for one story a line, .csv or .tsv for one article a row")
@json_option("Print JSON lines on a terminal too, where else a table is shown.")
@click.option(
    "--pairs",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the scored pairs of articles too, for 'dedup evaluate --pairs': a, b, probability and, where one is a "
    "copy that follows the other, follows; as .jsonl, .ndjson, .csv or .tsv, each also with .gz, or .parquet or "
    ".arrow. Pairs that are plainly different are left out.",
)
@click.option(
    "--all-pairs",
    is_flag=True,
    help="Write every pair that was scored, plainly different ones too. Takes memory for each.",
)
@manifest_option
@once_option(
    "--resume",
    is_flag=True,
    help="Go on with a run of the same command that was stopped, whatever stopped it. The output is the same, byte for "
    "byte; where inputs or settings have changed since, it is refused.",
)
@dry_run_option("Say what would be read, with which model and settings, and where results would go; do nothing.")
@engine_options
@keep_option
@settings_options
@model_options
@console_options
@click.pass_obj
def cluster(
    console: Console,
    *,
    reading: Reading,
    settings: Settings,
    model: ModelChoice,
    output: str,
    as_json: bool,
    pairs: Path | None,
    all_pairs: bool,
    manifest: Path | None,
    resume: bool,
    dry_run: bool,
    engine: EngineChoice,
) -> None:
    """Group articles into stories.

    INPUT is a file, a folder with all below it, a pattern such as 'news/**/*.html', or - for standard input: JSON
    lines, CSV, TSV, pages of text, web pages, feeds or web archives, any of them compressed with gzip or zstd. An
    article that is alone is a story of one. With --engine ray an output that ends in / is a folder, for a Parquet table
    of each part.

    Until the output FILE is written, what was done is kept beside it in a hidden folder, .FILE.job, for --resume.
    """
    from dedup.cli.distributed import OnCluster, check_engine, cluster_on_engine
    from dedup.cli.job import open_job, told_of_job
    from dedup.cli.plan import plan_run, show_plan
    from dedup.cli.run import open_destination, planned_outputs, rejects_path, run_on_inputs, write_manifest
    from dedup.cli.show import show_stories
    from dedup.cli.summary import summarise
    from dedup.write import write_pairs, write_stories

    if all_pairs and pairs is None:
        raise click.UsageError("--all-pairs says what --pairs FILE writes; give it too")
    check_engine(engine, pairs=pairs, manifest=manifest)
    if not engine.is_local and not dry_run:
        asked = OnCluster(
            reading=reading,
            settings=settings,
            model=model,
            engine=engine,
            output=output,
            as_json=as_json,
            resume=resume,
        )
        cluster_on_engine(asked, console)
        return
    wanted = Wanted(output=output, pairs=pairs, all_pairs=all_pairs, manifest=manifest)
    destination = open_destination(output, reading)
    if dry_run:
        outputs = planned_outputs(reading, wanted, "stories")
        notes = told_of_job(destination, reading, resume=resume)
        show_plan(plan_run(reading, settings, model, outputs, notes=notes), as_json=as_json)
        return
    beside = (pairs, manifest, rejects_path(destination, reading))
    with open_job(destination, reading, beside, resume=resume) as job:
        run = run_on_inputs(reading, settings, model, wanted, console, job=job)
        if run.destination.path is None and sys.stdout.isatty() and not as_json:
            show_stories(run.stories)
        else:
            write_stories(run.stories, run.destination, manifest=run.manifest)
        if run.pairs is not None:
            write_pairs(run.result, run.pairs, manifest=run.manifest)
        write_manifest(run)
        if job is not None:
            job.finish()
    summarise(run, console)
