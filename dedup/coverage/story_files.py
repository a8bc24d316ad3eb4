"""Stories that dedup wrote, read again: what a run found, without the run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from dedup.article import UNDETERMINED, Article, canonical_language
from dedup.errors import InputError, LanguageTagError
from dedup.evaluate.rows import Shape, read_rows, required, shown, text_of
from dedup.story import Member, Story

__all__ = ["holds_stories", "read_stories"]

_SHAPE = Shape(
    columns=("story", "id"),
    told="stories are what 'dedup cluster' or 'dedup store list' writes, one a line with its articles, or as a table "
    "one article a row",
)


def read_stories(*paths: str | Path) -> list[Story]:
    """Read stories as ``write_stories`` wrote them: JSON lines, CSV or TSV, plain or gzipped; ``-`` is standard input.

    Their articles are without text, and those of a table without what a table leaves out.

    Raises:
        InputError: a file cannot be read, a row is no story, a story is in two places, or an article in two stories.
            The message names file and line.
    """
    stories: dict[str, Story] = {}
    story_of: dict[str, str] = {}
    for path in paths:
        for where, story in _stories(Path(path)):
            if story.id in stories:
                raise InputError(f"{where}: the story {shown(story.id)} stands before too; give the stories of one run")
            stories[story.id] = story
            for article in story.articles:
                if story_of.setdefault(article.id, story.id) != story.id:
                    raise InputError(
                        f"{where}: the article {shown(article.id)} is in the story {shown(story_of[article.id])} too; "
                        "give the stories of one run"
                    )
    return list(stories.values())


def holds_stories(path: Path) -> bool:
    """Tell whether the first row of a file is a story, or an article of one, as dedup writes it."""
    try:
        _, row = next(read_rows(path, _SHAPE), ("", {}))
    except InputError:
        return False
    return isinstance(row.get("articles"), list) or {"story", "representative", "relation_probability"} <= row.keys()


def _stories(path: Path) -> Iterator[tuple[str, Story]]:
    """Yield where a story stands and the story, those of a table in the order of their first rows."""
    tables: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for where, row in read_rows(path, _SHAPE):
        if "articles" in row:
            yield where, _story_of_row(row, where)
        else:
            tables.setdefault(required(row, "story", where, _SHAPE), []).append((where, row))
    for key, rows in tables.items():
        yield rows[0][0], _story_of_table(key, rows)


def _story_of_row(row: Mapping[str, Any], where: str) -> Story:
    entries = row["articles"]
    if not (isinstance(entries, list) and entries and all(isinstance(entry, dict) for entry in entries)):
        raise InputError(f"{where}: articles is {shown(entries)} where a list of articles is needed; {_SHAPE.told}")
    members = [_member(entry, where) for entry in entries]
    return _story(
        required(row, "id", where, _SHAPE),
        members,
        representative=text_of(row, "representative", where),
        headline=text_of(row, "headline", where),
    )


def _story_of_table(key: str, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> Story:
    members = [_member(row, where) for where, row in rows]
    marked = [text_of(row, "id", where) for where, row in rows if str(row.get("representative")).lower() == "true"]
    where, first = rows[0]
    return _story(key, members, representative=marked[0] if marked else "", headline=text_of(first, "headline", where))


def _story(key: str, members: Sequence[Member], *, representative: str, headline: str) -> Story:
    """Return a story as it was: its members stand in their order already."""
    place = next((i for i, member in enumerate(members) if member.article.id == representative), 0)
    kept = members[place]
    if not kept.article.title and headline:  # it was the beginning of a text that is not here
        kept = replace(kept, article=replace(kept.article, body=headline))
    return Story(id=key, members=(*members[:place], kept, *members[place + 1 :]), representative=kept.article)


def _member(row: Mapping[str, Any], where: str) -> Member:
    language = text_of(row, "language", where)
    extra = row.get("extra")
    named = {name: text_of(row, name, where) or None for name in ("url", "edition", "section", "city", "agency")}
    try:
        article = Article(
            id=required(row, "id", where, _SHAPE),
            title=text_of(row, "title", where),
            body="",
            language=canonical_language(language) if language else UNDETERMINED,
            published=_time(row, where),
            extra=extra if isinstance(extra, dict) else {},
            url=named["url"],
            edition=named["edition"],
            section=named["section"],
            city=named["city"],
            agency=named["agency"],
        )
    except LanguageTagError as error:
        raise InputError(f"{where}: {error}") from error
    return Member(
        article=article,
        probability=_probability(row, "probability", where) or 0.0,
        relation=text_of(row, "relation", where) or None,
        of=text_of(row, "of", where) or None,
        relation_probability=_probability(row, "relation_probability", where),
    )


def _time(row: Mapping[str, Any], where: str) -> datetime | None:
    text = text_of(row, "published", where)
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{where}: published is {shown(text)}, no time as dedup writes it; {_SHAPE.told}") from error
    if time.tzinfo is None:
        raise InputError(f"{where}: published is {shown(text)}, without a zone; {_SHAPE.told}")
    return time


def _probability(row: Mapping[str, Any], name: str, where: str) -> float | None:
    value = row.get(name)
    if value in (None, ""):
        return None
    try:
        number = float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not 0.0 <= number <= 1.0:
        raise InputError(f"{where}: {name} is {shown(value)} where a number from 0 to 1 is needed; {_SHAPE.told}")
    return number
