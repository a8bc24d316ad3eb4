"""Damage found, named, and mended where what is left tells how."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dedup.article import Article
from dedup.errors import StoreDamagedError
from dedup.evidence.packed import packed_columns
from dedup.store.chains import Chains
from dedup.store.compaction import keep_places
from dedup.store.database import FILE, Database
from dedup.store.graph import Graph
from dedup.store.records import article_from_record
from dedup.store.segments import ArticleVectors, Place, Segments

__all__ = ["Damage", "find_damage", "mend"]

_ARTICLES_AT_ONCE = 1_024


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """One thing that is not as it was written."""

    file: str
    """Name of the file within the store."""
    what: str
    article: str | None = None
    """Id of the article that it is about."""
    mendable: bool = True
    """Whether ``repair`` makes it again."""


def find_damage(database: Database, segments: Segments, graph: Graph) -> list[Damage]:
    """Return all damage; within a transaction."""
    found = [
        Damage(file=FILE, what=str(message), mendable=False)
        for (message,) in database.rows("PRAGMA integrity_check")
        if message != "ok"
    ]
    if found:
        return found  # what a damaged database tells of the rest is worth nothing
    return [*_broken_references(database), *_damaged_articles(database, segments), *_wrong_groups(database, graph)]


def _broken_references(database: Database) -> Iterator[Damage]:
    for table, row, parent, _ in database.rows("PRAGMA foreign_key_check"):
        yield Damage(file=FILE, what=f"row {row} of {table} points at a missing row of {parent}", mendable=False)
    for (key,) in database.rows("SELECT id FROM articles WHERE story IS NULL ORDER BY id"):
        yield Damage(file=FILE, what="the article is in no story", article=key)
    for (key,) in database.rows(
        "SELECT stories.id FROM stories WHERE successor IS NOT NULL "
        "AND EXISTS (SELECT 1 FROM articles WHERE story = stories.number)"
    ):
        yield Damage(file=FILE, what=f"the story {key} was merged into another and has articles")


def _damaged_articles(database: Database, segments: Segments) -> Iterator[Damage]:
    for key, record, evidence, *where in database.run(
        "SELECT id, record, evidence, segment, place, sentences, checksum FROM articles ORDER BY segment, place"
    ):
        try:
            article_from_record(record)
        except (ValueError, KeyError, TypeError) as error:
            yield Damage(file=FILE, what=f"the article cannot be read: {error}", article=key, mendable=False)
            continue
        place = Place(segment=where[0], place=where[1], sentences=where[2], checksum=where[3])
        if not segments.is_whole(place):
            name = f"{segments.path(place.segment).parent.name}/{segments.path(place.segment).name}"
            yield Damage(file=name, what="the vectors are not those that were written", article=key)
        try:
            packed_columns([evidence])
        except ValueError as error:
            yield Damage(file=FILE, what=f"the evidence cannot be read: {error}", article=key, mendable=False)


def _wrong_groups(database: Database, graph: Graph) -> Iterator[Damage]:
    """Group all articles by the pairs that are stored, and compare with the stories that are."""
    graph.begin()
    story = dict(database.rows("SELECT number, story FROM articles"))
    of_story: dict[int, list[int]] = {}
    for number, one in story.items():
        of_story.setdefault(one, []).append(number)
    chains = Chains(graph)
    wrong = set()
    for one, numbers in of_story.items():
        if chains.group_of(numbers[0]) != sorted(numbers):
            wrong.add(one)
    for (key,) in sorted(database.rows_among("SELECT id FROM stories WHERE number IN ({})", sorted(wrong))):
        yield Damage(file=FILE, what=f"the story {key} is not what its pairs make of it")


def mend(
    database: Database,
    segments: Segments,
    damage: Sequence[Damage],
    vectors_of: Callable[[Sequence[Article]], list[ArticleVectors]],
) -> None:
    """Make damaged vectors again from the texts of their articles; within a transaction for writing.

    Args:
        database: Of the store.
        segments: Likewise.
        damage: What ``find_damage`` found.
        vectors_of: Encodes articles.

    Raises:
        StoreDamagedError: some of it cannot be mended; nothing is.
    """
    beyond = [one for one in damage if not one.mendable]
    if beyond:
        raise StoreDamagedError(
            f"{beyond[0].file} is damaged beyond repair: {beyond[0].what}; restore it from a copy, or make a new store "
            "of the articles that can be read"
        )
    ids = [one.article for one in damage if one.article is not None and one.file != FILE]
    if not ids:
        return
    rows = database.rows_among(
        "SELECT number, record, segment, sentences FROM articles WHERE id IN ({}) ORDER BY number", ids
    )
    # what is damaged is left where it is: whoever reads it goes on finding what was there
    last = database.value("SELECT MAX(number) FROM segments") or 0
    database.run("INSERT INTO segments (number, bytes) VALUES (?, 0)", (last + 1,))
    for start in range(0, len(rows), _ARTICLES_AT_ONCE):
        some = rows[start : start + _ARTICLES_AT_ONCE]
        vectors = vectors_of([article_from_record(record) for _, record, _, _ in some])
        places = segments.append(vectors, dict(database.rows("SELECT number, bytes FROM segments")))
        keep_places(database, segments, places)
        for place, (number, _, segment, sentences) in zip(places, some, strict=True):
            database.run("UPDATE segments SET live = live - ? WHERE number = ?", (segments.size(sentences), segment))
            database.run(
                "UPDATE articles SET segment = ?, place = ?, sentences = ?, checksum = ? WHERE number = ?",
                (place.segment, place.place, place.sentences, place.checksum, number),
            )
