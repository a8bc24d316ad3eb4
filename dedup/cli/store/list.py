"""``dedup store list``: which stories there are."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.cli.console import Console, console_options
from dedup.cli.edge import ending
from dedup.cli.options import dry_run_option, json_option, output_option
from dedup.cli.options.values import LanguageTag, Moment
from dedup.cli.store.opening import open_store, store_argument

if TYPE_CHECKING:
    from dedup.story import Story

__all__ = ["command"]


@click.command(
    "list",
    epilog=ending(
        "dedup store list news.store --since 2026-03-01",
        "dedup store list news.store --language fa-AF --text زلزله -o stories.csv",
    ),
)
@store_argument
@click.option(
    "--language",
    type=LanguageTag(),
    metavar="LANG",
    help="Stories that have an article in this language, such as fa-AF.",
)
@click.option("--edition", metavar="NAME", help="Stories that have an article of this outlet or edition.")
@click.option("--since", type=Moment(), metavar="TIME", help="Stories that have an article published then or later.")
@click.option("--until", type=Moment(), metavar="TIME", help="Stories that have an article published before.")
@click.option("--text", metavar="WORDS", help="Stories that have an article in which all these words stand.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="List so many at most.")
@output_option(".jsonl or .ndjson for one story a line, .csv or .tsv for one article a row")
@json_option("Print JSON lines on a terminal too, where else a line for each story is shown.")
@dry_run_option("Say how many stories would be listed, and where; write nothing.")
@console_options
@click.pass_obj
def command(
    console: Console,
    *,
    path: Path,
    language: str | None,
    edition: str | None,
    since: datetime | None,
    until: datetime | None,
    text: str | None,
    limit: int | None,
    output: str,
    as_json: bool,
    dry_run: bool,
) -> None:
    """List stories.

    Those with the latest article come first, and they are whole. What is asked for must hold of one and the same
    article of a story. A TIME is a date, or a date and a time, in UTC where it states no zone. The lines are those of
    'dedup cluster'.
    """
    from dedup.cli.plan import planned_place
    from dedup.write import Destination, write_stories

    destination = Destination.of(output)
    with open_store(path) as store:
        stories = store.stories(language=language, edition=edition, since=since, until=until, text=text, limit=limit)
        if dry_run:
            click.echo(f"{'stories':<10}{len(stories):,}")
            click.echo(f"{'write':<10}{planned_place(destination.path)}")
            click.echo(f"{'done':<10}nothing (--dry-run)")
            return
        if destination.path is None and sys.stdout.isatty() and not as_json:
            for story in stories:
                click.echo(_line(story))
        else:
            write_stories(stories, destination)
    articles = sum(len(story.members) for story in stories)
    console.tell(f"{'stories':<10}{len(stories):,} of {articles:,} articles")


def _line(story: Story) -> str:
    from dedup.cli.show import article_line, columns

    start = f"{story.id}  {len(story.members):>4}  "
    return start + article_line(story.representative, width=columns() - len(start))
