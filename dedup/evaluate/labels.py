"""Which article belongs to which story: read from a reference or from a prediction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dedup.article import canonical_language
from dedup.errors import InputError, LanguageTagError
from dedup.evaluate.rows import Shape, read_rows, required, shown, text_of

__all__ = ["Labels", "read_labels"]

_SHAPE = Shape(
    columns=("id", "story"),
    told='each row is an article, {"id": …, "story": …}, or a story, {"id": …, "articles": [{"id": …}, …]}; '
    "a CSV file has the columns id and story",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The story of each article, and what else a reference says about it.

    Every mapping goes from an article's id. Only ``story`` has an entry for every article.
    """

    story: Mapping[str, str]
    language: Mapping[str, str] = field(default_factory=dict)
    """BCP 47 tags as ``dedup.article.canonical_language`` writes them."""
    family: Mapping[str, str] = field(default_factory=dict)
    """Stories of one family are easily confused: siblings."""
    relation: Mapping[str, str] = field(default_factory=dict)
    """How the article stands to its story: original, translation, reprint, independent, update."""
    of: Mapping[str, str] = field(default_factory=dict)
    """Which article it is a translation, reprint or update of."""
    published: Mapping[str, str] = field(default_factory=dict)
    """The time of publication as the file states it, not parsed."""


def read_labels(path: str | Path) -> Labels:
    """Read labels from JSON lines or CSV, plain or gzipped, in UTF-8.

    The first line decides the format. JSON lines hold one article a row, ``{"id": …, "story": …}``, or one story a
    row, ``{"id": …, "articles": [{"id": …}, …]}``, as dedup writes them; both may be mixed. An article may also state
    ``language`` (or ``lang``), ``family``, ``relation``, ``of`` and ``published``; a story may state ``family`` for
    all its articles. CSV has a header with at least the columns ``id`` and ``story``, separated by comma, semicolon or
    tab. Other fields are passed over.

    Raises:
        InputError: the file cannot be read, a row has another shape, an article stands in two rows, a language is no
            language tag, or there is no article at all. The message names file and line.
    """
    path = Path(path)
    collected = _Collected()
    for where, row in read_rows(path, _SHAPE):
        _add_row(collected, row, where)
    if not collected.story:
        raise InputError(f"{path}: no labelled article; {_SHAPE.told}")
    return Labels(
        story=collected.story,
        language=collected.language,
        family=collected.family,
        relation=collected.relation,
        of=collected.of,
        published=collected.published,
    )


@dataclass(slots=True)
class _Collected:
    """What was read so far: article id -> value."""

    story: dict[str, str] = field(default_factory=dict)
    language: dict[str, str] = field(default_factory=dict)
    family: dict[str, str] = field(default_factory=dict)
    relation: dict[str, str] = field(default_factory=dict)
    of: dict[str, str] = field(default_factory=dict)
    published: dict[str, str] = field(default_factory=dict)


def _add_row(collected: _Collected, row: Mapping[str, Any], where: str) -> None:
    if "articles" in row:
        story = required(row, "id", where, _SHAPE)
        articles = row["articles"]
        if not isinstance(articles, list):
            raise InputError(f"{where}: articles is {shown(articles)} where a list is needed; {_SHAPE.told}")
        for article in articles:
            member = {"id": article} if isinstance(article, str) else article
            if not isinstance(member, dict):
                raise InputError(f"{where}: the article {shown(article)} where an object is needed; {_SHAPE.told}")
            _add_article(collected, {"family": row.get("family")} | member, story, where)
    elif "story" in row:
        _add_article(collected, row, required(row, "story", where, _SHAPE), where)
    else:
        raise InputError(f"{where}: neither story nor articles in it; {_SHAPE.told}")


def _add_article(collected: _Collected, row: Mapping[str, Any], story: str, where: str) -> None:
    article = required(row, "id", where, _SHAPE)
    if article in collected.story:
        raise InputError(
            f"{where}: article {shown(article)} once more, in story {shown(story)} after story "
            f"{shown(collected.story[article])}; an article belongs to one story and stands in one row"
        )
    collected.story[article] = story
    language = text_of(row, "language", where) or text_of(row, "lang", where)
    if language:
        try:
            collected.language[article] = canonical_language(language)
        except LanguageTagError as error:
            raise InputError(f"{where}: {error}") from error
    for name, values in (
        ("family", collected.family),
        ("relation", collected.relation),
        ("of", collected.of),
        ("published", collected.published),
    ):
        value = text_of(row, name, where)
        if value:
            values[article] = value
