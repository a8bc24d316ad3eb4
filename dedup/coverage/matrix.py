"""The matrix of stories against the editions, or languages, that they ran in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from dedup.article import Article
from dedup.errors import SettingsError
from dedup.story import Member, Story

__all__ = ["SIDES", "Appearance", "Column", "Coverage", "CoverageRow", "Side", "coverage_of", "side_of"]

Side = Literal["edition", "language"]
SIDES: tuple[Side, ...] = get_args(Side)
"""What stories can be set against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """That a story ran in one edition or language: a cell of the matrix."""

    column: str
    """Name of the edition, or the language as a BCP 47 tag."""
    members: tuple[Member, ...]
    """Its articles there, one or more: the earliest first, those without a time last."""

    @property
    def first(self) -> Member:
        """The first article there; its relation says how it came about."""
        return self.members[0]

    @property
    def first_published(self) -> datetime | None:
        """When it first ran there, where that is known."""
        return self.first.article.published


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRow:
    """A story, and where it ran."""

    story: Story
    appearances: tuple[Appearance, ...]
    """In the order in which they came, those without a time last; where it did not run is not among them."""

    @property
    def ran_in(self) -> tuple[str, ...]:
        """Names of the columns in which it ran, in the order in which they came."""
        return tuple(appearance.column for appearance in self.appearances)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """An edition or a language, and what it ran."""

    name: str
    articles: int
    stories: int
    first: int
    """Stories of several columns that it was the first to run, by the times that are known."""
    alone: int
    """Stories that no other column ran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Which story ran where."""

    by: Side
    columns: tuple[Column, ...]
    """Those with the most stories first, then by name."""
    rows: tuple[CoverageRow, ...]
    """A row a story, in the order in which the stories were given."""
    unplaced: int
    """Articles that name no edition, and so are in no column."""


def coverage_of(stories: Iterable[Story], by: Side = "edition") -> Coverage:
    """Set stories against the editions, or languages, that they ran in.

    Args:
        stories: Of a run, of a store or of a file (``read_stories``).
        by: ``edition`` or ``language``. Farsi and Dari are two languages.

    Raises:
        SettingsError: ``by`` is neither.
    """
    side_of(by)
    rows = tuple(_row(story, by) for story in stories)
    articles: Counter[str] = Counter()
    ran: Counter[str] = Counter()
    first: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for row in rows:
        for appearance in row.appearances:
            articles[appearance.column] += len(appearance.members)
            ran[appearance.column] += 1
        if len(row.appearances) == 1:
            alone[row.appearances[0].column] += 1
        elif row.appearances and row.appearances[0].first_published is not None:
            first[row.appearances[0].column] += 1
    columns = (
        Column(name=name, articles=articles[name], stories=ran[name], first=first[name], alone=alone[name])
        for name in ran
    )
    return Coverage(
        by=by,
        columns=tuple(sorted(columns, key=lambda column: (-column.stories, column.name))),
        rows=rows,
        unplaced=sum(len(row.story.members) for row in rows) - articles.total(),
    )


def side_of(by: str) -> Side:
    """Return what stories are set against.

    Raises:
        SettingsError: it is neither ``edition`` nor ``language``.
    """
    for side in SIDES:
        if by == side:
            return side
    raise SettingsError(f"by is {by!r}; use edition or language")


def column_of(article: Article, by: Side) -> str | None:
    """Return which column an article is in; None where it names no edition."""
    return article.language if by == "language" else (article.edition or None)


def _row(story: Story, by: Side) -> CoverageRow:
    # the members of a story are in the order of time, and so are then those of a column, and the columns
    placed: dict[str, list[Member]] = {}
    for member in story.members:
        column = column_of(member.article, by)
        if column is not None:
            placed.setdefault(column, []).append(member)
    appearances = (Appearance(column=column, members=tuple(members)) for column, members in placed.items())
    return CoverageRow(story=story, appearances=tuple(appearances))
