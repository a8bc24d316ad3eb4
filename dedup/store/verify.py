"""Damage found, named, and mended where what is left tells how."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dedup.article import Article
from dedup.errors import StoreDamagedError
from dedup.evidence.packed import packed_columns
from dedup.store.chains import Chains
from dedup.store.compaction import keep_places
from dedup.store.crowds import Crowds, keep_cells
from dedup.store.database import FILE, Database
from dedup.store.graph import Graph
from dedup.store.newcomers import cells_of_record
from dedup.store.records import article_from_record
from dedup.store.rules import settings_from_json
from dedup.store.segments import ArticleVectors, Place, Segments
from dedup.store.singles import Group, Groups, joined_groups
from dedup.text.copies import KEYS

__all__ = ["Damage", "beyond_repair", "find_damage", "mend"]

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


def find_damage(database: Database, segments: Segments, graph: Graph, crowds: Crowds) -> list[Damage]:
    """Return all damage; within a transaction."""
    try:
        found = [
            Damage(file=FILE, what=str(message), mendable=False)
            for (message,) in database.rows("PRAGMA integrity_check")
            if message != "ok"
        ] or [*_damaged_rows(database), *_broken_references(database)]
        if any(not one.mendable for one in found):
            return found  # what a damaged database tells of the rest is worth nothing
        found += [*_damaged_articles(database, segments), *_short_segments(database, segments), *_lost_cells(database)]
        # what groups are made of is read from vectors too
        return found or [*_wrong_leads(database, crowds), *_wrong_groups(database, graph)]
    except StoreDamagedError as error:
        return [beyond_repair(error)]


def beyond_repair(error: StoreDamagedError) -> Damage:
    """Return what it is that the database cannot even be read for."""
    return Damage(file=FILE, what=str(error), mendable=False)


def _damaged_rows(database: Database) -> Iterator[Damage]:
    """Look for values of a kind that is never written: the database itself takes any."""
    for (key,) in database.rows(
        "SELECT CAST(id AS BLOB) FROM articles WHERE typeof(id) <> 'text' OR typeof(record) <> 'text' "
        "OR typeof(language) <> 'text' OR typeof(hours) NOT IN ('real', 'null') OR typeof(bucket) NOT IN ('integer', "
        "'null') OR typeof(evidence) <> 'blob' OR typeof(segment) <> 'integer' OR typeof(place) <> 'integer' "
        "OR typeof(sentences) <> 'integer' OR typeof(checksum) <> 'integer' "
        "OR typeof(probability) NOT IN ('real', 'null') OR typeof(lead) NOT IN ('integer', 'null') "
        "OR typeof(lead_log_odds) NOT IN ('real', 'null') OR typeof(lead_text_odds) NOT IN ('real', 'null') "
        "OR typeof(asked) NOT IN ('text', 'null')"
    ):
        name = bytes(key).decode("utf-8", "replace")
        yield Damage(file=FILE, what="the row holds what was never written", article=name, mendable=False)
    for number, articles in database.rows("SELECT cursor, articles FROM changes"):
        try:
            whole = all(isinstance(one, str) for one in json.loads(articles))
        except (TypeError, ValueError):
            whole = False
        if not whole:
            yield Damage(file=FILE, what=f"the change {number} cannot be read", mendable=False)


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
        except Exception as error:  # noqa: BLE001 - a record that is none can make anything go wrong
            yield Damage(file=FILE, what=f"the article cannot be read: {error}", article=key, mendable=False)
            continue
        place = Place(segment=where[0], place=where[1], sentences=where[2], checksum=where[3])
        if not segments.is_whole(place):
            yield Damage(
                file=segments.name(place.segment), what="the vectors are not those that were written", article=key
            )
        try:
            packed_columns([evidence])
        except ValueError as error:
            yield Damage(file=FILE, what=f"the evidence cannot be read: {error}", article=key, mendable=False)


def _short_segments(database: Database, segments: Segments) -> Iterator[Damage]:
    for number, end in database.rows("SELECT number, bytes FROM segments WHERE bytes > 0 ORDER BY number"):
        if segments.length(number) < end:
            yield Damage(file=segments.name(number), what=f"it ends before byte {end}, up to where it was written")


def _lost_cells(database: Database) -> Iterator[Damage]:
    """Look for articles without what tells of which crowds they may be, and for cells of none."""
    for (key,) in database.rows(
        "SELECT id FROM articles LEFT JOIN cells USING (number) GROUP BY articles.number "
        "HAVING COUNT(cell) <> ? OR SUM(typeof(cell) <> 'integer') ORDER BY id",
        (KEYS,),
    ):
        yield Damage(file=FILE, what="what copies of the article have in common is not there whole", article=key)
    for (number,) in database.rows(
        "SELECT DISTINCT number FROM cells WHERE number NOT IN (SELECT number FROM articles) ORDER BY number"
    ):
        yield Damage(file=FILE, what=f"there is what copies of an article {number} have in common, and no such article")


def _wrong_leads(database: Database, crowds: Crowds) -> Iterator[Damage]:
    """Work out again who follows whom, and compare."""
    for (key,) in sorted(database.rows_among("SELECT id FROM articles WHERE number IN ({})", crowds.wrong())):
        yield Damage(file=FILE, what="the article follows another than the copies of its day make it", article=key)


def _wrong_groups(database: Database, graph: Graph) -> Iterator[Damage]:
    """Group all articles by the pairs that are stored, and compare with the stories that are."""
    graph.begin()
    chains, groups = Chains(graph), Groups(database)
    rows = database.rows("SELECT number, story, alone FROM articles WHERE lead IS NULL ORDER BY number")
    story = {number: one for number, one, _ in rows}
    singles = [number for number, _, alone in rows if alone]
    joined = joined_groups(graph, singles, groups)
    wrong = set()
    found: dict[Group, list[int]] = {}
    for group in set(groups.of(story).values()):
        found[group] = list(group)
        if tuple(chains.group_of(group[0])) != group:
            wrong.add(story[group[0]])
    for single, group in joined.items():
        found[group].append(single)
        del found[single,]
    stored: dict[int, set[int]] = {}
    for number, one in story.items():
        stored.setdefault(one, set()).add(number)
    for members in found.values():
        wrong.update(story[number] for number in members if stored[story[number]] != set(members))
    for one in database.rows(
        "SELECT one.story FROM articles AS one LEFT JOIN articles AS led ON led.number = one.lead "
        "WHERE one.lead IS NOT NULL AND (one.story IS NOT led.story OR led.lead IS NOT NULL)"
    ):
        wrong.update(one)
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
    _make_cells(database)
    ids = [one.article for one in damage if one.article is not None and one.file != FILE]
    if all(one.file == FILE for one in damage):
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
    # of what is cut off nothing is left to be missed
    for number, end in database.rows("SELECT number, bytes FROM segments"):
        database.run("UPDATE segments SET bytes = ? WHERE number = ?", (min(end, segments.length(number)), number))
    database.run("DELETE FROM segments WHERE bytes = 0 AND number < (SELECT MAX(number) FROM segments)")


def _make_cells(database: Database) -> None:
    """Make again what copies have in common, of the texts of articles that have lost it."""
    database.run("DELETE FROM cells WHERE number NOT IN (SELECT number FROM articles)")
    most = settings_from_json(database.fact("settings") or "{}").max_sentences
    for number, record in database.rows(
        "SELECT articles.number, record FROM articles LEFT JOIN cells USING (number) GROUP BY articles.number "
        "HAVING COUNT(cell) <> ? OR SUM(typeof(cell) <> 'integer')",
        (KEYS,),
    ):
        database.run("DELETE FROM cells WHERE number = ?", (number,))
        keep_cells(database, [number], [cells_of_record(record, most)])
