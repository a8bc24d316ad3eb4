"""``dedup store show``: one story, with what happened to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dedup.cli.console import console_options
from dedup.cli.edge import ending
from dedup.cli.options import json_option
from dedup.cli.store.opening import open_store, store_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.store import Change, Store
    from dedup.story import Story

__all__ = ["command"]


@click.command(
    "show",
    epilog=ending(
        "dedup store show news.store s2d7f95735bdbda8b",
    ),
)
@store_argument
@click.argument("story_id", metavar="STORY")
@json_option("Print JSON on a terminal too, where else a table is shown.")
@console_options
def command(*, path: Path, story_id: str, as_json: bool) -> None:
    """Show one story and what happened to it.

    STORY is its id, or that of a story that was merged into it. JSON is the story as 'dedup cluster' writes it, with
    its changes beside it; a story whose articles are all gone has changes only.
    """
    from dedup.cli.store.tell import wants_json
    from dedup.write.json_lines import json_line

    with open_store(path) as store:
        story = store.story(story_id)
        ids = {story_id, story.id if story else story_id}
        changes = [change for change in store.changes() if change.story in ids or change.other in ids]
        if wants_json(as_json=as_json):
            click.echo(json_line(_row(story_id, story, changes)), nl=False)
        else:
            _show(story_id, story, changes, store)


def _row(story_id: str, story: Story | None, changes: Sequence[Change]) -> dict[str, Any]:
    from dedup.write import change_row, story_row

    row = story_row(story) if story else {"id": story_id, "articles": []}
    return row | {"changes": [change_row(change) for change in changes]}


def _show(story_id: str, story: Story | None, changes: Sequence[Change], store: Store) -> None:
    from dedup.cli.show import show_story
    from dedup.cli.store.tell import change_lines

    if story is None:
        click.echo(f"{story_id}  all its articles are gone\n")
    else:
        click.echo(story.id if story.id == story_id else f"{story.id}  {story_id} was merged into it")
        show_story(story)
    for change in changes:
        for line in change_lines(change, store):
            click.echo(line)
