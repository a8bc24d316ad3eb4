"""``dedup store add``: articles in, changes out."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.cli.console import Console, console_options
from dedup.cli.edge import ending
from dedup.cli.options import (
    ModelChoice,
    Reading,
    dry_run_option,
    json_option,
    keep_option,
    model_options,
    reading_options,
    settings_options,
)
from dedup.cli.options.values import Real
from dedup.cli.store.opening import open_for_articles, store_argument

if TYPE_CHECKING:
    from dedup.cli.store.batches import Batching
    from dedup.cli.store.interrupt import Interrupt
    from dedup.cli.store.tell import Tally
    from dedup.read import ReadReport
    from dedup.settings import Settings

__all__ = ["command"]

_BATCH_ARTICLES, _BATCH_SECONDS = 1_000, 1.0


@click.command(
    "add",
    epilog=ending(
        "dedup store add news.store news/",
        "dedup store add news.store - --batch-seconds 5",
        "tail -f feed.jsonl | dedup store add news.store -",
    ),
)
@store_argument
@reading_options
@click.option(
    "--batch-articles",
    type=click.IntRange(min=1),
    default=_BATCH_ARTICLES,
    show_default=True,
    metavar="N",
    help="Articles that are added at once, at most.",
)
@click.option(
    "--batch-seconds",
    type=Real(min=0, max=86_400),
    default=_BATCH_SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="Of standard input, what has come so long after the first of a batch is added.",
)
@json_option("Print JSON lines on a terminal too, where else lines for people are shown.")
@dry_run_option("Say what would be read, with which model and settings, and where results would go; do nothing.")
@keep_option
@settings_options
@model_options
@console_options
@click.pass_obj
def command(
    console: Console,
    *,
    path: Path,
    reading: Reading,
    settings: Settings,
    model: ModelChoice,
    batch_articles: int,
    batch_seconds: float,
    as_json: bool,
    dry_run: bool,
) -> None:
    """Add articles, and tell what became of the stories.

    INPUT is as for 'dedup cluster'. Articles are added batch by batch; a batch is added whole or not at all, and when
    its changes are printed, it is on the disk. An article whose id is in the store replaces the one that is there.
    Ctrl-C ends after the batch at hand, pressed twice at once; so do SIGTERM and SIGHUP.

    Standard input (-) is read as JSON lines as they come, for as long as they come.

    STORE is made where there is none. What its stories are found by is settled then: --encoder, --calibration,
    --threshold, --window-days, --max-sentences, --candidate-similarity and --keep. Later they need not be given, and
    others are refused.
    """
    from dedup.cli.run import check_read, open_report, rejects_path
    from dedup.cli.store.batches import Batching
    from dedup.cli.store.interrupt import putting_off_interrupts
    from dedup.cli.store.tell import Tally
    from dedup.cli.summary import reading_lines, tell_lines
    from dedup.write import Destination

    if dry_run:
        _plan(path, reading, settings, model, as_json=as_json)
        return
    started = time.perf_counter()
    batching = Batching(articles=batch_articles, seconds=batch_seconds)
    rejects = rejects_path(Destination.of("-"), reading)
    tally = Tally()
    with putting_off_interrupts() as interrupt, open_report(rejects) as report:
        try:
            _add(path, reading, report, batching, interrupt, settings, model, tally, as_json=as_json)
        except KeyboardInterrupt:
            interrupt.asked = True
    if not interrupt.asked:
        check_read(report, reading, rejects, console)
    lines = reading_lines(report, rejects, console)
    lines.append(("added", f"{tally.added:,} new, {tally.replaced:,} replaced, {tally.unchanged:,} unchanged"))
    if tally.undated:
        lines.append(("", f"{tally.undated:,} have no time, and are judged with less"))
    lines.append(("stories", tally.stories()))
    lines.append(("seconds", f"{time.perf_counter() - started:.1f}"))
    tell_lines(lines, console)
    if interrupt.asked:
        raise interrupt.error()


def _plan(path: Path, reading: Reading, settings: Settings, model: ModelChoice, *, as_json: bool) -> None:
    """Say what would be added to what."""
    from dedup.cli.plan import plan_run, show_plan
    from dedup.cli.run import rejects_path
    from dedup.cli.store.opening import as_made, is_store, open_store
    from dedup.errors import InputError
    from dedup.write import Destination

    outputs: dict[str, Path | None] = {"changes": None}
    if rejects := rejects_path(Destination.of("-"), reading):
        outputs["rejected records, if any"] = rejects
    if not is_store(path):
        notes = [f"the store {path} would be made"]
        show_plan(plan_run(reading, settings, model, outputs, notes=notes), as_json=as_json)
        return
    model, settings = as_made(path, model, settings)
    plan = plan_run(reading, settings, model, outputs, tables=("reading",))
    there = 0
    with open_store(path) as store:
        for article in plan.articles:
            with suppress(InputError):
                store.article(article.id)
                there += 1
        notes = [f"the store {path} holds {len(store):,} articles, and goes by the settings it was made with"]
    if plan.records is not None:
        notes.append(f"{there:,} of these articles are in it already, by their ids")
    show_plan(replace(plan, notes=tuple(notes)), as_json=as_json)


def _add(
    path: Path,
    reading: Reading,
    report: ReadReport,
    batching: Batching,
    interrupt: Interrupt,
    settings: Settings,
    model: ModelChoice,
    tally: Tally,
    *,
    as_json: bool,
) -> None:
    from dedup.cli.store.batches import batches
    from dedup.cli.store.tell import tell_changes

    found = batches(reading, report, batching, interrupt)  # a missing input is told before a store is made
    with open_for_articles(path, model, settings, create=True) as store:
        for batch in found:
            changes = store.add(batch)
            tally.count(changes, added=batch)
            tell_changes(changes, store, as_json=as_json)
