"""``dedup gaps``: what one edition or language ran and another did not."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from dedup.cli.console import Console, console_options
from dedup.cli.edge import ending
from dedup.cli.options import (
    ModelChoice,
    Reading,
    Wanted,
    json_option,
    keep_option,
    model_options,
    output_option,
    reading_options,
    settings_options,
)
from dedup.cli.options.values import Moment
from dedup.errors import InputError, LanguageTagError, SettingsError

if TYPE_CHECKING:
    from dedup.coverage import Coverage, Gap, GapQuery
    from dedup.settings import Settings
    from dedup.story import Story

__all__ = ["gaps"]

Command = Callable[..., Any]

_WITHOUT_A_RUN = frozenset(
    {"inputs", "from_stories", "by", "have", "lack", "min_size", "since", "until", "output", "as_json"}
)
"""Parameters that say something where stories are read; the others are about finding them."""


def _query_options(command: Command) -> Command:
    """Add what is asked for; the command gets it as ``query``."""

    @functools.wraps(command)
    def with_query(
        *args: Any,
        by: str,
        have: tuple[str, ...],
        lack: tuple[str, ...],
        min_size: int,
        since: datetime | None,
        until: datetime | None,
        **others: Any,
    ) -> Any:
        from dedup.coverage import GapQuery
        from dedup.coverage.matrix import side_of

        try:
            query = GapQuery(by=side_of(by), have=have, lack=lack, min_size=min_size, since=since, until=until)
        except LanguageTagError as error:
            raise click.UsageError(f"{error}; for names of editions add --by edition") from error
        except SettingsError as error:
            raise click.UsageError(str(error)) from error
        return command(*args, query=query, **others)

    with_options: Command = with_query
    for option in reversed(_QUERY):
        with_options = option(with_options)
    return with_options


_QUERY = (
    click.option(
        "--have",
        multiple=True,
        metavar="NAME",
        help="Stories that this language ran, or edition. Given again: that each of them ran. Without it whichever.",
    ),
    click.option(
        "--lack",
        multiple=True,
        metavar="NAME",
        help="Stories that this one did not run. Given again: that none of them ran. Without it: that at least one of "
        "the languages, or editions, of the articles did not run.",
    ),
    click.option(
        "--by",
        type=click.Choice(["language", "edition"]),
        default="language",
        show_default=True,
        help="What NAME is: a language, such as fa-AF, or an edition or outlet by its name in the articles.",
    ),
    click.option(
        "--min-size",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        metavar="N",
        help="Stories of at least so many articles.",
    ),
    click.option(
        "--since",
        type=Moment(),
        metavar="TIME",
        help="Stories of which those of --have published an article then or later.",
    ),
    click.option(
        "--until", type=Moment(), metavar="TIME", help="Stories of which those of --have published one before."
    ),
)


@click.command(
    epilog=ending(
        "dedup gaps news/ --have fa --lack fa-AF",
        'dedup gaps stories.jsonl --stories --by edition --lack "Harbour Post" -o gaps.csv',
    )
)
@reading_options
@click.option(
    "--stories",
    "from_stories",
    is_flag=True,
    help="INPUT is stories that 'dedup cluster' or 'dedup store list' wrote, .jsonl, .csv or .tsv: nothing is read or "
    "computed anew.",
)
@_query_options
@output_option(".jsonl or .ndjson for one gap a line, .csv or .tsv for one a row")
@json_option("Print JSON lines on a terminal too, where else a table is shown.")
@keep_option
@settings_options
@model_options
@console_options
@click.pass_obj
def gaps(
    console: Console,
    *,
    reading: Reading,
    from_stories: bool,
    query: GapQuery,
    settings: Settings,
    model: ModelChoice,
    output: str,
    as_json: bool,
) -> None:
    """List what one edition or language ran and another did not.

    INPUT is articles, as for 'dedup cluster', or with --stories what it wrote. --have fa --lack fa-AF lists the stories
    that ran in Farsi and not in Dari. Those that ran in the most languages, or editions, come first. A TIME is a date,
    or a date and a time, in UTC where it states no zone.
    """
    from dedup.coverage import coverage_of, gaps_in
    from dedup.write import write_gaps

    tell_summary: Callable[[], None] | None = None
    if from_stories:
        _refuse_options_of_a_run()
        from dedup.cli.run import open_destination

        destination = open_destination(output, reading)
        coverage = coverage_of(_read_stories(reading), query.by)
    else:
        from dedup.cli.run import run_on_inputs
        from dedup.cli.summary import summarise

        _refuse_stories(reading.inputs)
        run = run_on_inputs(reading, settings, model, Wanted(output=output), console)
        destination = run.destination
        coverage = coverage_of(run.stories, query.by)
        tell_summary = functools.partial(summarise, run, console)
    found = gaps_in(coverage, query)
    if destination.path is None and sys.stdout.isatty() and not as_json:
        for line in _lines(found, len(coverage.columns)):
            click.echo(line)
    else:
        write_gaps(found, destination)
    if tell_summary is not None:
        tell_summary()
    elif destination.path is not None:
        console.tell(f"{'written':<10}{destination.path}")
    _tell(found, coverage, query, console)


def _refuse_options_of_a_run() -> None:
    context = click.get_current_context()
    for parameter in context.command.params:
        name = parameter.name or ""
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name in context.params and name not in _WITHOUT_A_RUN:
            raise click.UsageError(f"{parameter.opts[0]} is about a run; with --stories there is none")


def _read_stories(reading: Reading) -> list[Story]:
    from dedup.coverage import read_stories

    return read_stories(*reading.inputs)


def _refuse_stories(inputs: Sequence[str]) -> None:
    """Say so where what would be read as articles are stories: their fields are understood, and make no sense.

    Raises:
        InputError: they are.
    """
    from dedup.coverage.story_files import holds_stories

    for name in inputs:
        if Path(name).is_file() and holds_stories(Path(name)):
            raise InputError(f"{name} has stories, no articles; to read stories add --stories")


def _lines(found: Sequence[Gap], columns: int) -> list[str]:
    from dedup.cli.show import article_line
    from dedup.cli.show import columns as width

    lines = []
    for gap in found:
        start = f"{len(gap.story.members):>4}  {f'{len(gap.ran)} of {columns}':>8}  "
        lines.append(start + article_line(gap.first.article, width=width() - len(start)))
    return [f"{'size':>4}  {'ran in':>8}  first", *lines] if lines else []


def _tell(found: Sequence[Gap], coverage: Coverage, query: GapQuery, console: Console) -> None:
    """Say on standard error what was asked for and how much of it there is."""
    from dedup.coverage.gaps import near_names

    ran = " and ".join(query.have) or f"any {query.by}"
    lack = " or ".join(query.lack) or f"every {query.by}"
    console.tell(f"{'gaps':<10}{len(found):,} of {len(coverage.rows):,} stories ran in {ran} and not in {lack}")
    if coverage.unplaced:
        console.tell(f"{'':<10}{coverage.unplaced:,} articles name no edition")
    known = {column.name for column in coverage.columns}
    for name in (*query.have, *query.lack):
        if name not in known:
            near = near_names(name, coverage)
            hint = f"; near it: {', '.join(near)}" if near else ""
            console.tell(f"{'':<10}warning: no article is of the {query.by} {name!r}{hint}")
