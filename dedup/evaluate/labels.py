"""Which article belongs to which story: read from a reference or from a prediction."""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO, Any, cast

from dedup.article import canonical_language
from dedup.errors import InputError, LanguageTagError

__all__ = ["MAX_LINE_BYTES", "Labels", "read_labels"]

MAX_LINE_BYTES = 64 * 2**20
"""A line longer than this is refused. The row of a story of 100,000 articles has about 10 MiB."""

_GZIP_MAGIC = b"\x1f\x8b"
_ROW_SHAPES = (
    'each row is an article, {"id": …, "story": …}, or a story, {"id": …, "articles": [{"id": …}, …]}; '
    "a CSV file has the columns id and story"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The story of each article, and what else a reference says about it.

    Every mapping goes from an article's id. Only ``story`` has an entry for every article.
    """

    story: Mapping[str, str]
    language: Mapping[str, str] = field(default_factory=dict)
    """BCP 47 tags as :func:`dedup.article.canonical_language` writes them."""
    family: Mapping[str, str] = field(default_factory=dict)
    """Stories of one family are easily confused: siblings."""
    relation: Mapping[str, str] = field(default_factory=dict)
    """How the article stands to its story: original, translation, reprint, independent, update."""
    published: Mapping[str, str] = field(default_factory=dict)
    """The time of publication as the file states it, not parsed."""


def read_labels(path: str | Path) -> Labels:
    """Read labels from JSON lines or CSV, plain or gzipped, in UTF-8.

    The first line decides the format. JSON lines hold one article a row, ``{"id": …, "story": …}``, or one story a
    row, ``{"id": …, "articles": [{"id": …}, …]}``, as dedup writes them; both may be mixed. An article may also state
    ``language`` (or ``lang``), ``family``, ``relation`` and ``published``; a story may state ``family`` for all its
    articles. CSV has a header with at least the columns ``id`` and ``story``, separated by comma, semicolon or tab.
    Other fields are passed over.

    Raises:
        InputError: the file cannot be read, a row has another shape, an article stands in two rows, a language is no
            language tag, or there is no article at all. The message names file and line.
    """
    path = Path(path)
    collected = _Collected()
    try:
        with path.open("rb") as raw:
            zipped = raw.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
            raw.seek(0)
            stream = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if zipped else raw
            for where, row in _rows(_lines(stream, path), path):
                _add_row(collected, row, where)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: damaged gzip file: {error}; pack it again") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    if not collected.story:
        raise InputError(f"{path}: no labelled article; {_ROW_SHAPES}")
    return Labels(
        story=collected.story,
        language=collected.language,
        family=collected.family,
        relation=collected.relation,
        published=collected.published,
    )


@dataclass(slots=True)
class _Collected:
    """What was read so far: article id -> value."""

    story: dict[str, str] = field(default_factory=dict)
    language: dict[str, str] = field(default_factory=dict)
    family: dict[str, str] = field(default_factory=dict)
    relation: dict[str, str] = field(default_factory=dict)
    published: dict[str, str] = field(default_factory=dict)


def _lines(stream: IO[bytes], path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line number, from 1, and the text of each line; never hold more than one line."""
    number = 0
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(raw) > MAX_LINE_BYTES:
            raise InputError(
                f"{path}, line {number}: longer than {MAX_LINE_BYTES:,} bytes; write one article or one story a line"
            )
        try:
            yield number, raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path}, line {number}: not UTF-8 at byte {error.start} of the line; save the file as UTF-8"
            ) from error


def _rows(lines: Iterator[tuple[int, str]], path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield where a row stands (for messages) and the row, of JSON lines or CSV."""
    filled = ((number, line) for number, line in lines if line.strip())
    first = next(filled, None)
    if first is None:
        return
    parse = _json_rows if first[1].lstrip().startswith(("{", "[")) else _csv_rows
    yield from parse(first, filled, path)


def _json_rows(
    first: tuple[int, str], rest: Iterator[tuple[int, str]], path: Path
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, line in chain([first], rest):
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{where}: not a JSON object ({error}); write one object a line") from error
        if not isinstance(row, dict):
            raise InputError(f"{where}: a JSON {type(row).__name__} where an object is needed; {_ROW_SHAPES}")
        yield where, row


def _csv_rows(
    first: tuple[int, str], rest: Iterator[tuple[int, str]], path: Path
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    delimiter = next((mark for mark in ",;\t" if mark in first[1]), ",")
    # A quoted field may run over several lines, so the row's own lines are counted by the reader.
    reader = csv.reader((line for _, line in chain([first], rest)), delimiter=delimiter, strict=True)
    try:
        header = [name.strip().lower() for name in next(reader)]
        if not {"id", "story"} <= set(header):
            raise InputError(f"{path}: a CSV header {header!r} without the columns id and story; {_ROW_SHAPES}")
        for number, values in enumerate(reader, start=1):
            where = f"{path}, CSV row {number}"
            if len(values) != len(header):
                raise InputError(f"{where}: {len(values)} fields where the header has {len(header)}")
            yield where, dict(zip(header, values, strict=True))
    except csv.Error as error:
        raise InputError(f"{path}: not readable as CSV: {error}; {_ROW_SHAPES}") from error


def _add_row(collected: _Collected, row: Mapping[str, Any], where: str) -> None:
    if "articles" in row:
        story = _required(row, "id", where)
        articles = row["articles"]
        if not isinstance(articles, list):
            raise InputError(f"{where}: articles is {_shown(articles)} where a list is needed; {_ROW_SHAPES}")
        for article in articles:
            member = {"id": article} if isinstance(article, str) else article
            if not isinstance(member, dict):
                raise InputError(f"{where}: the article {_shown(article)} where an object is needed; {_ROW_SHAPES}")
            _add_article(collected, {"family": row.get("family")} | member, story, where)
    elif "story" in row:
        _add_article(collected, row, _required(row, "story", where), where)
    else:
        raise InputError(f"{where}: neither story nor articles in it; {_ROW_SHAPES}")


def _add_article(collected: _Collected, row: Mapping[str, Any], story: str, where: str) -> None:
    article = _required(row, "id", where)
    if article in collected.story:
        raise InputError(
            f"{where}: article {article!r} once more, in story {story!r} after story {collected.story[article]!r}; "
            "an article belongs to one story and stands in one row"
        )
    collected.story[article] = story
    language = _text(row, "language", where) or _text(row, "lang", where)
    if language:
        try:
            collected.language[article] = canonical_language(language)
        except LanguageTagError as error:
            raise InputError(f"{where}: {error}") from error
    for name, values in (
        ("family", collected.family),
        ("relation", collected.relation),
        ("published", collected.published),
    ):
        value = _text(row, name, where)
        if value:
            values[article] = value


def _required(row: Mapping[str, Any], name: str, where: str) -> str:
    value = _text(row, name, where)
    if not value:
        raise InputError(f"{where}: no {name} in it; {_ROW_SHAPES}")
    return value


def _text(row: Mapping[str, Any], name: str, where: str) -> str:
    """Return a field as text: numbers as written, absent and null as the empty string."""
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise InputError(f"{where}: {name} is {_shown(value)} where text is needed")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"
