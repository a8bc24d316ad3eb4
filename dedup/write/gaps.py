"""What one edition or language ran and another did not: a gap a line, or a row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup.write.delimited import write_delimited
from dedup.write.json_lines import json_line
from dedup.write.output import STANDARD_OUTPUT, Destination, open_output

if TYPE_CHECKING:
    from dedup.coverage import Appearance, Gap

__all__ = ["GAP_COLUMNS", "gap_row", "write_gaps"]

_FIRST = ("id", "title", "language", "edition", "published", "url")
GAP_COLUMNS = ("story", "headline", "articles", "ran_in", "lack", "first_published", "last_published", *_FIRST)
"""Columns of the table: what belongs to the story, then to the first article of it that was asked for."""


def write_gaps(gaps: Iterable[Gap], destination: str | Path | Destination = STANDARD_OUTPUT) -> None:
    """Write gaps as JSON lines or, by the ending of the destination, as a table.

    Args:
        gaps: In the order in which they are to stand.
        destination: As for ``write_stories``.

    Raises:
        OutputError: as for ``write_stories``.
    """
    destination = destination if isinstance(destination, Destination) else Destination.of(destination)
    with open_output(destination) as file:
        if destination.format == "jsonl":
            file.writelines(json_line(gap_row(gap)) for gap in gaps)
        else:
            write_delimited(file, GAP_COLUMNS, (_table_row(gap) for gap in gaps), destination.format)


def gap_row(gap: Gap) -> dict[str, Any]:
    """Return a gap as it is written, ready for JSON: the story, and where it ran with its first article there."""
    return {**_story_columns(gap), "ran": [_appearance_row(appearance) for appearance in gap.ran]}


def _table_row(gap: Gap) -> dict[str, Any]:
    article = gap.first.article
    first = {name: getattr(article, name) for name in _FIRST} | {"published": _time(article.published)}
    return {**_story_columns(gap), "ran_in": [appearance.column for appearance in gap.ran], **first}


def _story_columns(gap: Gap) -> dict[str, Any]:
    return {
        "story": gap.story.id,
        "headline": gap.story.headline,
        "articles": len(gap.story.members),
        "first_published": _time(gap.story.first_published),
        "last_published": _time(gap.story.last_published),
        "lack": list(gap.lack),
    }


def _appearance_row(appearance: Appearance) -> dict[str, Any]:
    first = appearance.first
    return {
        "in": appearance.column,
        "articles": len(appearance.members),
        "id": first.article.id,
        "title": first.article.title,
        "language": first.article.language,
        "edition": first.article.edition,
        "published": _time(first.article.published),
        "url": first.article.url,
        "relation": first.relation,
    }


def _time(time: datetime | None) -> str | None:
    return time.isoformat() if time else None
