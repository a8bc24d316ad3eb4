"""``dedup report``: articles in, one page out that shows their stories to people."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.cli.console import Console, console_options
from dedup.cli.edge import ending
from dedup.cli.options import (
    ModelChoice,
    Reading,
    Wanted,
    keep_option,
    manifest_option,
    model_options,
    reading_options,
    settings_options,
)
from dedup.errors import OutputError
from dedup.report.options import ReportOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dedup.article import Article
    from dedup.encode.vectors import VectorCache
    from dedup.manifest import Manifest
    from dedup.pipeline import Deduplication
    from dedup.settings import Settings
    from dedup.story import Story

__all__ = ["report"]

_DEFAULTS = ReportOptions()
_ENDINGS = (".html", ".htm")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """What the page is made of."""

    articles: Sequence[Article]
    stories: Sequence[Story] | None
    """Of an earlier run; None has them found."""
    settings: Settings
    manifest: Callable[[Deduplication], Manifest]
    """Of the run that has found them."""


@click.command(
    epilog=ending(
        "dedup report news/ -o report.html",
        "dedup report news/ --stories stories.jsonl -o report.html",
    )
)
@reading_options
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to write the page; its name ends in .html. The file appears whole or not at all.",
)
@click.option(
    "--stories",
    "stories_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Show these stories, which 'dedup cluster' or 'dedup store list' wrote, rather than find stories anew; INPUT "
    "has their articles.",
)
@click.option("--title", default=_DEFAULTS.title, show_default=True, metavar="TEXT", help="What the page is called.")
@click.option(
    "--body-characters",
    type=click.IntRange(min=0),
    default=_DEFAULTS.body_characters,
    show_default=True,
    metavar="N",
    help="Most characters of an article's text; 0 leaves the texts out. Where there are more the page says so.",
)
@click.option(
    "--explained-pairs",
    type=click.IntRange(min=0),
    default=_DEFAULTS.explained_pairs,
    show_default=True,
    metavar="N",
    help="Most pairs of articles with their sentences side by side and what counted: copies with their originals "
    "first, then nearest articles and doubtful pairs. Ten milliseconds each.",
)
@click.option(
    "--review-pairs",
    type=click.IntRange(min=0),
    default=_DEFAULTS.review_pairs,
    show_default=True,
    metavar="N",
    help="Most pairs that the page asks a person about, those most in doubt; they are explained before all others.",
)
@manifest_option
@keep_option
@settings_options
@model_options
@console_options
@click.pass_obj
def report(
    console: Console,
    *,
    reading: Reading,
    settings: Settings,
    model: ModelChoice,
    output: Path,
    stories_file: Path | None,
    title: str,
    body_characters: int,
    explained_pairs: int,
    review_pairs: int,
    manifest: Path | None,
) -> None:
    """Group articles into stories and show them as a page of HTML.

    INPUT is as for 'dedup cluster', and after it on the same INPUT the vectors are there already. The page is one file
    that needs no server and no network: stories with search and filters, articles side by side with the sentences
    that say the same, why each is in its story, charts, which story ran where, and questions about the pairs most in
    doubt, whose answers 'dedup calibrate' and 'dedup store correct' read.
    """
    from dedup.cli.manifest import manifest_of_run, mark_files
    from dedup.cli.run import Run, check_manifest, read_inputs, rejects_path, write_manifest
    from dedup.cli.summary import summarise
    from dedup.write import Destination

    started, began = time.perf_counter(), datetime.now(UTC).isoformat(timespec="milliseconds")
    options = ReportOptions(
        title=title,
        body_characters=body_characters,
        explained_pairs=explained_pairs,
        review_pairs=review_pairs,
    )
    _check_page(output, reading)
    stories = _stories_in(stories_file, output) if stories_file else None
    destination = Destination(path=output)
    rejects = rejects_path(destination, reading)
    check_manifest(Wanted(output=str(output), manifest=manifest), reading, rejects)
    files = mark_files(reading)
    articles, read = read_inputs(reading, rejects, console)
    given = _Given(
        articles=articles,
        stories=stories,
        settings=settings,
        manifest=lambda result: manifest_of_run(result, reading, read, files, began),
    )
    result, told, held = _write(given, model, output, options, console)
    run = Run(
        destination=destination,
        rejects=rejects,
        report=read,
        result=result,
        pairs=None,
        started=started,
        manifest=told,
        manifest_path=manifest,
    )
    write_manifest(run)
    summarise(run, console, held)


def _check_page(path: Path, reading: Reading) -> None:
    """Refuse a place where no page can go, before any work is done for it.

    Raises:
        OutputError: the ending is another, nothing can be written there, or it is among the inputs.
    """
    from dedup.cli.run import keep_apart
    from dedup.write.output import check_writable

    if path.suffix.lower() not in _ENDINGS:
        raise OutputError(f"unknown kind of page: {path}; let its name end in .html")
    check_writable(path)
    keep_apart(path, reading.inputs)


def _stories_in(path: Path, output: Path) -> list[Story]:
    """Return the stories in a file.

    Raises:
        InputError: see ``read_stories``.
        OutputError: the page would take its place.
    """
    from dedup.cli.run import keep_apart
    from dedup.coverage import read_stories

    keep_apart(output, [str(path)])
    return read_stories(path)


def _write(
    given: _Given, model: ModelChoice, output: Path, options: ReportOptions, console: Console
) -> tuple[Deduplication, Manifest, Mapping[str, int]]:
    """Find the stories, or take those that are given, and write the page.

    Returns what it shows, the manifest of that, and how much the page holds of it.
    """
    from dedup.pipeline import nothing
    from dedup.report import write_report

    if not given.articles and not given.stories:
        result = nothing(given.settings)
        manifest = given.manifest(result)
        return result, manifest, write_report(result, output, options=options, manifest=manifest)
    # open until the page is written: pairs are explained with the run's vectors
    with model.working_cache() as cache:
        result = _run(given, model, cache, console)
        manifest = given.manifest(result)
        held = write_report(result, output, options=options, progress=console.progress, manifest=manifest)
    return result, manifest, held


def _run(given: _Given, model: ModelChoice, cache: VectorCache, console: Console) -> Deduplication:
    from dedup.explain.pair import Yardstick
    from dedup.pipeline import deduplicate
    from dedup.report import earlier_run
    from dedup.score.registry import calibration_for

    calibration = model.calibration() or calibration_for(model.encoder)
    if given.stories is not None:
        calibration.check_encoder(model.encoder)
        yardstick = Yardstick(calibration=calibration, encoder=model.encoder, cache=cache)
        return earlier_run(given.stories, given.articles, given.settings, yardstick)
    with model.contents() as contents:
        return deduplicate(
            given.articles,
            given.settings,
            encoder=model.encoder,
            calibration=calibration,
            cache=cache,
            contents=contents,
            progress=console.progress,
        )
