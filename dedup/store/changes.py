"""What happened to the stories of a store, told one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dedup.store.database import Database

__all__ = ["CAUSES", "KINDS", "Change", "read_changes", "write_changes"]

KINDS = ("created", "joined", "updated", "merged", "split", "removed", "expired", "corrected")
CAUSES = ("add", "remove", "expire", "correct")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that happened to a story.

    - ``created``: the story is new, with these articles;
    - ``joined``: these articles, new to the store, joined it;
    - ``updated``: these articles of it came again with another text or time;
    - ``merged``: these articles came to it from ``other``, which points to it for ever;
    - ``split``: these articles left it for ``other``;
    - ``removed`` and ``expired``: these articles are gone;
    - ``corrected``: a person said of ``pair`` whether they are one story.
    """

    cursor: int
    """Greater than that of any earlier change of the store."""
    time: datetime
    kind: str
    """One of ``KINDS``."""
    cause: str
    """What was called: one of ``CAUSES``."""
    story: str
    """Id of the story."""
    other: str | None
    """Id of the other story of a merge or split."""
    articles: tuple[str, ...]
    """Ids."""
    pair: tuple[str, str] | None
    """The two articles that decided: the surest pair between what came together, or between what came apart; the two
    that a person judged. None where no pair was scored."""
    probability: float | None
    """Of "same story", of ``pair``."""


def read_changes(database: Database, since: int, until: int | None = None) -> Iterator[Change]:
    """Yield the changes after the cursor ``since``, in order; within a transaction."""
    for row in database.rows(
        "SELECT cursor, time, kind, cause, one.id, other.id, articles, a, b, probability FROM changes "
        "JOIN stories AS one ON one.number = story LEFT JOIN stories AS other ON other.number = other "
        "WHERE cursor > ? AND cursor <= ? ORDER BY cursor",
        (since, (1 << 62) if until is None else until),
    ):
        yield _change(row)


def write_changes(database: Database, changes: list[tuple[Any, ...]]) -> None:
    """Keep changes: time, kind, cause, numbers of story and other, ids, pair, probability."""
    database.run_many(
        "INSERT INTO changes (time, kind, cause, story, other, articles, a, b, probability) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (time, kind, cause, story, other, json.dumps(list(ids)), *(pair or (None, None)), probability)
            for time, kind, cause, story, other, ids, pair, probability in changes
        ],
    )


def _change(row: tuple[Any, ...]) -> Change:
    cursor, time, kind, cause, story, other, articles, a, b, probability = row
    return Change(
        cursor=cursor,
        time=datetime.fromtimestamp(time, UTC),
        kind=kind,
        cause=cause,
        story=story,
        other=other,
        articles=tuple(json.loads(articles)),
        pair=None if a is None else (a, b),
        probability=probability,
    )
