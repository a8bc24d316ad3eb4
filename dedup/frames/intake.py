"""What a caller hands over as articles, row by row, with what is needed to give it back."""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any, Protocol

from dedup.article import Article
from dedup.errors import InputError, RecordError
from dedup.frames.plain import plain
from dedup.frames.rows import RowReader, excerpt
from dedup.frames.source import Source, open_batches, open_source
from dedup.read.ids import content_id
from dedup.read.options import ReadOptions
from dedup.read.report import ReadReport

__all__ = ["Articles", "Intake", "Origin", "article_from", "take"]

logger = logging.getLogger(__name__)

_ROWS_AT_ONCE = 8_192
_NAMES_SHOWN = 8


class Lazy(Protocol):
    """A frame that is not there yet, such as a LazyFrame of polars."""

    def collect(self, *args: Any, **values: Any) -> Any:
        """Return the frame."""


Articles = Iterable[Any] | Lazy
"""Articles, texts, mappings of field names to values, or a frame of pandas, polars, Arrow or datasets."""


class Origin:
    """Which article each row of the input became, and the input itself as long as the result is in this process.

    What is pickled is the ids alone: a frame can be as large as it likes, and who sent the work has it.
    """

    __slots__ = ("framed", "id_column", "row_ids", "source")

    def __init__(
        self, row_ids: Sequence[str | None], source: Source | None, id_column: str | None, framed: bool
    ) -> None:
        self.row_ids = tuple(row_ids)
        """The id of each row's article, None where the row was rejected; in the order of the input."""
        self.source = source
        self.id_column = id_column
        """The column that the ids come from, if any."""
        self.framed = framed
        """Whether the input was a frame."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Origin, (self.row_ids, None, self.id_column, self.framed)

    def alone(self) -> Origin:
        """Return the same without the input."""
        return Origin(self.row_ids, None, self.id_column, self.framed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What was taken in."""

    articles: list[Article]
    """In the order of the rows."""
    origin: Origin


def take(
    given: Articles,
    options: ReadOptions | None = None,
    report: ReadReport | None = None,
    *,
    stored: bool = False,
) -> Intake:
    """Return what was given as articles. A row that is no article is rejected, counted in ``report`` and passed by.

    Args:
        given: See ``Articles``.
        options: Names of fields and the time zone of times that state none; the rest is for files.
        report: Filled; a reject's ``line`` is its row, counted from 1.
        stored: Whether they are to be kept with those of other calls: a row without an id gets a hash of what it says,
            where else it gets its label or number, and what it carries becomes what JSON can hold.

    Raises:
        InputError: it is nothing of the kind, or a frame that has no column for title or body.
    """
    reader = RowReader(options or ReadOptions())
    source, rows = _open(given)
    id_column = None
    if source is not None:
        columns = _columns(source, reader, options or ReadOptions()) if source.lone is None else {}
        id_column = columns.get("id", [None])[0]
        rows = _frame_rows(source, columns)
    label = source.label if source else "<rows>"
    taking = _Taking(reader, ReadReport() if report is None else report, label, stored=stored)
    found = [taking.article(number, row) for number, row in enumerate(rows)]
    if rejected := found.count(None):
        logger.warning("%s: %d of %d rows rejected", label, rejected, len(found))
    labels = source.labels() if source is not None and id_column is None and not stored else None
    taking.name_all(found, labels)
    origin = Origin([article.id if article else None for article in found], source, id_column, source is not None)
    return Intake(articles=[article for article in found if article is not None], origin=origin)


def _open(given: Any) -> tuple[Source | None, Iterator[Any]]:
    """Return a frame as a source, or the rows of anything else."""
    if (source := open_source(given)) is not None:
        return source, iter(())
    if isinstance(given, str | bytes | PathLike):
        raise InputError(
            f"one {type(given).__name__} in place of a list: {str(given)[:60]!r}; give a list of texts, or for a file "
            "read_articles(path)"
        )
    if isinstance(given, Article):
        raise InputError("one article in place of several; give a list")
    if isinstance(given, Mapping):
        raise InputError(
            f"one mapping, of {_shown(given)}, in place of a list; give a list of mappings, a frame, or one split of a "
            "DatasetDict"
        )
    try:
        rows = iter(given)
    except TypeError as error:
        raise InputError(
            f"an object of type {type(given).__name__} holds no articles; give a list of articles, texts or mappings, "
            "or a frame of pandas, polars, Arrow or datasets"
        ) from error
    first = list(itertools.islice(rows, 1))
    if first and (source := open_batches(first[0], rows)) is not None:
        return source, iter(())
    return None, itertools.chain(first, rows)


def _columns(source: Source, reader: RowReader, options: ReadOptions) -> dict[str, list[str]]:
    """Return the columns of a frame that are part of an article; the others stay where they are, unread."""
    for field, name in options.fields.items():
        if name not in source.names:
            raise InputError(f"no column {name!r} for {field}; the columns are {_shown(source.names)}")
    columns = reader.names.candidates(source.names)
    if len(source) and not {"title", "body"} & columns.keys():
        raise InputError(
            f"no column for title or body among {_shown(source.taken())}; name it: "
            "options=dedup.ReadOptions(fields={'title': ..., 'body': ...})"
        )
    return columns


def _shown(names: Iterable[Any]) -> str:
    listed = [str(name)[:40] for name in names]
    more = f" and {len(listed) - _NAMES_SHOWN} more" if len(listed) > _NAMES_SHOWN else ""
    return ", ".join(map(repr, listed[:_NAMES_SHOWN])) + more if listed else "none"


def _frame_rows(source: Source, columns: Mapping[str, Sequence[str]]) -> Iterator[Any]:
    """Yield the rows of a frame, of a series its values; not all at once as Python's own values."""
    names = [name for several in columns.values() for name in several]
    for start in range(0, len(source), _ROWS_AT_ONCE):
        stop = min(start + _ROWS_AT_ONCE, len(source))
        if source.lone is not None:
            yield from source.cells(source.lone, start, stop)
        else:
            for values in zip(*(source.cells(name, start, stop) for name in names), strict=True):
                yield dict(zip(names, values, strict=True))


class _Taking:
    """What the rows of one call share: the report, and the ids that are taken."""

    def __init__(self, reader: RowReader, report: ReadReport, label: str, *, stored: bool) -> None:
        self._reader, self._report, self._label, self._stored = reader, report, label, stored
        self._rows: dict[str, int] = {}
        self._unnamed: list[int] = []

    def article(self, number: int, row: Any) -> Article | None:
        """Return a row as an article, its id empty where it has none; None where it is rejected."""
        try:
            converted = self._reader.read(row)
            article = converted.article
            if self._stored and article is not row and article.extra:
                article = replace(article, extra=_as_json(article.extra))
            self._claim(article, number, given=article is row)
        except RecordError as error:
            self._report.reject(self._label, number + 1, str(error), excerpt(row))
            return None
        for warning in converted.warnings:
            self._report.warn(self._label, number + 1, warning)
        self._report.read += 1
        return article

    def _claim(self, article: Article, number: int, *, given: bool) -> None:
        """Take the id of a row for it. An article that was ``given`` keeps its id, even an empty one."""
        if not (article.id or given):
            self._unnamed.append(number)
            return
        first = self._rows.setdefault(article.id, number)
        # two articles of one id are a mistake of the program's, and later an error
        if first != number and not given:
            raise RecordError(f"the id {article.id[:80]!r} is taken by row {first + 1}")

    def name_all(self, found: list[Article | None], labels: Sequence[str] | None) -> None:
        """Give an id to each article without one, after all that have one: what is made up gives way."""
        width = len(str(len(found) - 1))

        def number_of(row: int, article: Article) -> Iterator[str]:  # noqa: ARG001 - one of two ways
            name = labels[row] if labels is not None else f"{row:0{width}}"
            return (f"{'row-' * times}{name}" for times in itertools.count())

        def hash_of(row: int, article: Article) -> Iterator[str]:  # noqa: ARG001 - the other
            name = content_id(article)
            return itertools.chain([name], (f"{name}-{times}" for times in itertools.count(2)))

        names: Callable[[int, Article], Iterator[str]] = hash_of if self._stored else number_of
        for row in self._unnamed:
            if (article := found[row]) is not None:
                name = next(name for name in names(row, article) if name not in self._rows)
                self._rows[name] = row
                found[row] = replace(article, id=name)


def _as_json(extra: Mapping[str, Any]) -> Any:
    """Return what a row carries as a reader of JSON would have found it; a time as text."""
    return json.loads(json.dumps(extra, default=_other))


def _other(value: Any) -> Any:
    found = plain(value)
    return str(value) if found is value else found


def article_from(given: Article | str | Mapping[str, Any], *, default_id: str | None = None) -> Article:
    """Return one article, text or mapping as an article, where it has no id with ``default_id`` or a hash of it.

    Raises:
        RecordError: it is none.
    """
    article = RowReader(ReadOptions()).read(given).article
    return article if article.id else replace(article, id=default_id or content_id(article))
