"""``dedup store``: stories that are kept on disk. Its commands are one file each, loaded when one is called."""

from __future__ import annotations

import click

from dedup.cli.edge import ending
from dedup.cli.lazy import LazyGroup

__all__ = ["COMMANDS", "store"]

COMMANDS = {
    "add": "Add articles, and tell what became of the stories.",
    "find": "Say which stories articles may tell, without adding them.",
    "list": "List stories.",
    "show": "Show one story and what happened to it.",
    "changes": "Tell what happened, from the start or from a cursor on.",
    "remove": "Take articles out.",
    "expire": "Take old articles out, and give back their room.",
    "correct": "Say that two articles tell the same story, or not.",
    "labels": "Write what was said by 'correct', for 'dedup calibrate --pairs'.",
    "verify": "Look for damage, and mend it.",
}
"""Name of each command, which is also that of its module, and what the list of commands says."""


@click.group(
    cls=LazyGroup,
    package="dedup.cli.store",
    summaries=COMMANDS,
    attribute="command",
    epilog=ending("dedup store add news.store news/", "dedup store list news.store"),
)
def store() -> None:
    """Keep stories on disk, and add articles as they come.

    A store is a folder. At any time its stories are those that 'dedup cluster' would find in all the articles that it
    holds; they keep their ids, and every change is told once, with a cursor.
    """
