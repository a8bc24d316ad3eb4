"""Rows for frames: an invented newsroom, between it rows that are no articles, and columns that dedup does not know."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fakes import FakeEncoder, fake_calibration, invented_news

from dedup.frames import Articles
from dedup.pipeline import Deduplication, deduplicate
from dedup.read import ReadOptions, ReadReport

ADDED = ["story", "probability", "relation", "of", "relation_probability", "representative"]
EMPTY_ROWS = (3, 8)
"""Rows of ``records`` without a text."""


def find(given: Articles, *, options: ReadOptions | None = None, report: ReadReport | None = None) -> Deduplication:
    return deduplicate(given, encoder=FakeEncoder(), calibration=fake_calibration(), options=options, report=report)


def records(*, ids: bool = False, stories: int = 3, seed: int = 41) -> list[dict[str, Any]]:
    """Return rows that stand in no order, each of all columns, two of them without a text."""
    articles = [
        article for story in zip(*invented_news(stories=stories, seed=seed, kin=0.2), strict=True) for article in story
    ]
    rows: list[dict[str, Any]] = [
        {
            "headline": article.title,
            "text": article.body,
            "lang": article.language,
            "date": article.published,
            "views": 10 * number,
            "score": number / 4,
        }
        | ({"guid": 1000 + 7 * number} if ids else {})
        for number, article in enumerate(articles)
    ]
    for place in EMPTY_ROWS:
        rows.insert(place, dict.fromkeys(rows[0]) | {"views": -place, "date": datetime(2026, 3, 2, tzinfo=UTC)})
        if ids:
            rows[place]["guid"] = place
    return rows


def rows_by_story(stories: list[str | None]) -> set[frozenset[int]]:
    """Return the rows of each story, from the column of their stories."""
    found: dict[str, set[int]] = {}
    for row, story in enumerate(stories):
        if story is not None:
            found.setdefault(story, set()).add(row)
    return {frozenset(rows) for rows in found.values()}


def expected_stories(rows: list[dict[str, Any]]) -> set[frozenset[int]]:
    """Return the rows of each story of ``rows`` as articles of which nothing but the text and time is told."""
    from dedup.article import Article

    articles = [
        Article(id=f"{number:03}", title=row["headline"], body=row["text"], language=row["lang"], published=row["date"])
        for number, row in enumerate(rows)
        if row["text"]
    ]
    return {frozenset(int(article.id) for article in story.articles) for story in find(articles).stories}
