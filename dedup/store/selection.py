"""Stories of a store: which are asked for, and how they are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dedup.article import canonical_language
from dedup.errors import InputError
from dedup.store.database import Database
from dedup.store.records import article_from_record
from dedup.story import Member, Story, make_story

__all__ = ["Selection", "find_story", "read_stories", "select_stories"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What an article of a story must be."""

    language: str | None
    edition: str | None
    since: float | None
    """Hours since 1970 UTC."""
    until: float | None
    words: tuple[str, ...]

    @classmethod
    def of(
        cls,
        *,
        language: str | None,
        edition: str | None,
        since: datetime | None,
        until: datetime | None,
        text: str | None,
    ) -> Selection:
        """Return the selection that a user means.

        Raises:
            LanguageTagError: ``language`` is none.
            InputError: a time has no zone.
        """
        return cls(
            language=None if language is None else canonical_language(language),
            # as it is kept: half a surrogate pair is no text to the database
            edition=None if edition is None else edition.encode("utf-8", "replace").decode("utf-8"),
            since=_hours(since),
            until=_hours(until),
            words=tuple(_folded(text).split()) if text else (),
        )


def select_stories(database: Database, selection: Selection, limit: int | None) -> list[int]:
    """Return the numbers of the stories that have such an article, those with the latest article first."""
    wanted = {
        "language = ?": selection.language,
        "edition = ?": selection.edition,
        "hours >= ?": selection.since,
        "hours < ?": selection.until,
    }
    given = {condition: value for condition, value in wanted.items() if value is not None}
    condition = " AND ".join(given) or "TRUE"
    columns = "number, story, record" if selection.words else "number, story, NULL"
    stories: dict[int, None] = {}
    for _, story, record in database.run(
        f"SELECT {columns} FROM articles WHERE {condition} ORDER BY hours IS NULL, hours DESC, id",  # noqa: S608 - fixed texts
        tuple(given.values()),
    ):
        if limit is not None and len(stories) >= limit:
            break
        if story not in stories and (record is None or _has_words(record, selection.words)):
            stories[story] = None
    # by the latest article of the story, not by that which was found
    latest = dict(
        database.rows_among("SELECT story, MAX(hours) FROM articles WHERE story IN ({}) GROUP BY story", list(stories))
    )
    return sorted(stories, key=lambda story: (latest[story] is None, -(latest[story] or 0), story))


def read_stories(database: Database, numbers: Sequence[int], keep: str) -> list[Story]:
    """Return stories by their numbers, in that order."""
    ids = dict(database.rows_among("SELECT number, id FROM stories WHERE number IN ({})", list(numbers)))
    members: dict[int, list[Member]] = {}
    for story, *row in database.rows_among(
        "SELECT story, record, probability, relation, of, relation_probability FROM articles WHERE story IN ({})",
        list(numbers),
    ):
        members.setdefault(story, []).append(_member(row))
    return [replace(make_story(members[number], keep=keep), id=ids[number]) for number in numbers if number in members]


def find_story(database: Database, key: str, keep: str) -> Story | None:
    """Return a story by its id or by one that was merged into it; None where it has no articles any more.

    Raises:
        InputError: no story ever had the id.
    """
    row = database.rows("SELECT number, successor FROM stories WHERE id = ?", (key,))
    if not row:
        raise InputError(f"no story of the store has or had the id {key!r}")
    number, successor = row[0]
    while successor is not None:
        number, successor = database.rows("SELECT number, successor FROM stories WHERE number = ?", (successor,))[0]
    found = read_stories(database, [number], keep)
    return found[0] if found else None


def _member(row: Sequence[Any]) -> Member:
    record, probability, relation, of, relation_probability = row
    return Member(
        article=article_from_record(record),
        probability=probability,
        relation=relation,
        of=of,
        relation_probability=relation_probability,
    )


def _has_words(record: str, words: Sequence[str]) -> bool:
    text = _folded(article_from_record(record).text)
    return all(word in text for word in words)


def _folded(text: str) -> str:
    from dedup.text.digits import to_ascii_digits
    from dedup.text.normalise import fold_persian_letters, normalise_text

    return to_ascii_digits(fold_persian_letters(normalise_text(text))).casefold()


def _hours(time: datetime | None) -> float | None:
    if time is None:
        return None
    if time.tzinfo is None:
        raise InputError(f"the time {time!r} has no zone; give it one, such as datetime.UTC")
    return time.timestamp() / 3600
