"""Stories as JSON lines, one story a line, or as a table with one row an article."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dedup.story import Member, Story
from dedup.write.delimited import write_delimited
from dedup.write.json_lines import json_line
from dedup.write.kinds import Kind
from dedup.write.output import STANDARD_OUTPUT, Destination, open_output
from dedup.write.typed import write_typed

if TYPE_CHECKING:
    from dedup.manifest import Manifest

__all__ = ["COLUMNS", "COLUMN_KINDS", "story_row", "table_rows", "write_stories"]

COLUMN_KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "story": "text",
        "headline": "text",
        "id": "text",
        "title": "text",
        "language": "text",
        "edition": "text",
        "published": "time",
        "url": "text",
        "probability": "number",
        "relation": "text",
        "of": "text",
        "relation_probability": "number",
        "representative": "flag",
    }
)
"""Columns of the table: the story's id and headline, then what belongs to the article; and what each holds."""

COLUMNS = tuple(COLUMN_KINDS)


def write_stories(
    stories: Iterable[Story],
    destination: str | Path | Destination = STANDARD_OUTPUT,
    *,
    manifest: Manifest | None = None,
) -> None:
    """Write stories as JSON lines or, by the ending of the destination, as a table of articles.

    Args:
        stories: in the order in which they are to stand.
        destination: a path that ends in ``.jsonl``, ``.ndjson``, ``.csv`` or ``.tsv``, each also with ``.gz``, or in
            ``.parquet`` or ``.arrow``, which need pyarrow; or ``-`` for JSON lines on standard output.
        manifest: Of the run, for ``.parquet`` and ``.arrow``, which carry it in their schema's metadata as
            ``dedup.manifest``, without its times; the others have no place for it.

    Raises:
        OutputError: unknown ending, no such folder, read-only, disk full, pyarrow not installed. A file is written
            whole or not at all.
    """
    destination = destination if isinstance(destination, Destination) else Destination.of(destination)
    if destination.typed:
        write_typed(destination, COLUMN_KINDS, table_rows(stories), manifest)
        return
    with open_output(destination) as file:
        if destination.format == "jsonl":
            file.writelines(json_line(story_row(story)) for story in stories)
        else:
            rows = (row | {"published": _time(row["published"])} for row in table_rows(stories))
            write_delimited(file, COLUMNS, rows, destination.format)


def story_row(story: Story) -> dict[str, Any]:
    """Return a story as it is written, ready for JSON.

    An article has further keys only where there is something to say: ``section``, ``city`` and ``agency``, and as
    ``extra`` the fields of its record that dedup does not know.
    """
    return {
        "id": story.id,
        "headline": story.headline,
        "languages": list(story.languages),
        "editions": list(story.editions),
        "first_published": _time(story.first_published),
        "last_published": _time(story.last_published),
        "representative": story.representative.id,
        "articles": [_article_row(member) for member in story.members],
    }


def _article_row(member: Member) -> dict[str, Any]:
    article = member.article
    row = _shared_columns(member) | {"published": _time(article.published)}
    known = {"section": article.section, "city": article.city, "agency": article.agency}
    row |= {name: value for name, value in known.items() if value is not None}
    if article.extra:
        row["extra"] = dict(article.extra)
    return row


def table_rows(stories: Iterable[Story]) -> Iterator[dict[str, Any]]:
    """Yield the rows of the table, an article each, as Python's own values."""
    for story in stories:
        for member in story.members:
            yield {
                "story": story.id,
                "headline": story.headline,
                **_shared_columns(member),
                "representative": member.article.id == story.representative.id,
            }


def _shared_columns(member: Member) -> dict[str, Any]:
    article = member.article
    return {
        "id": article.id,
        "title": article.title,
        "language": article.language,
        "edition": article.edition,
        "published": article.published,
        "url": article.url,
        "probability": member.probability,
        "relation": member.relation,
        "of": member.of,
        "relation_probability": member.relation_probability,
    }


def _time(time: datetime | None) -> str | None:
    return time.isoformat() if time else None
