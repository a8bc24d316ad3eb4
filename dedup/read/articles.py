"""The way from inputs to articles, format by format and record by record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dedup.article import Article
from dedup.errors import InputError, RecordError
from dedup.read.fields import FieldNames
from dedup.read.ids import IdRegister, Ids
from dedup.read.lines import ByteStream, DamagedStreamError
from dedup.read.options import ReadOptions
from dedup.read.packages import MissingPackageError, require_packages
from dedup.read.readers import READERS
from dedup.read.record import Row, convert_as_asked
from dedup.read.report import ReadReport
from dedup.read.sources import Source, find_sources, open_source

__all__ = ["SourceReader", "excerpt_of", "read_articles"]

_DEFAULT_OPTIONS = ReadOptions()


def read_articles(
    *inputs: str | Path, options: ReadOptions = _DEFAULT_OPTIONS, report: ReadReport | None = None
) -> Iterator[Article]:
    """Return the articles of files and folders, in the order in which they stand there, one at a time.

    A record that is no article is rejected, counted in ``report`` and passed by; so is a record whose id an earlier
    one has. Files may be compressed with gzip or zstd. Memory does not grow with a file's size, but by some 16 bytes of
    hash an article.

    Args:
        inputs: files, folders (read with all below them, sorted; hidden files, and links that leave the folder, are
            left out), patterns such as ``news/**/*.html`` (read as folders are) and ``-`` for standard input,
            which holds JSON lines unless ``options.format`` says otherwise.
        options: field names, time zone, encoding, format and bounds.
        report: filled while the articles are consumed.

    Raises:
        InputError: at once for an input that is missing, unreadable or of unknown kind; later where a file that was
            named fails while it is being read.
    """
    report = ReadReport() if report is None else report
    sources = find_sources(inputs, options, report)
    return SourceReader(options, report, IdRegister()).read_all(sources)


class SourceReader:
    """What the records of one call share: options, report, the ids seen."""

    def __init__(self, options: ReadOptions, report: ReadReport, ids: Ids) -> None:
        self._options = options
        self._report = report
        self._ids = ids
        self.row: Row | None = None
        """That of the article which was yielded last."""
        self._names = FieldNames(options.fields)
        self._own_names = FieldNames(own=True)  # of formats whose reader names the fields

    def read_all(self, sources: Sequence[Source]) -> Iterator[Article]:
        """Yield the articles of files, in order.

        Raises:
            InputError: a file that was named fails while it is being read.
        """
        for source in sources:
            try:
                require_packages(source.format.packages, kind=f"{source.format.name} files")
                with open_source(source, self._options) as stream:
                    yield from self._read(source, stream)
            except MissingPackageError as error:
                if source.named:
                    raise
                self._report.reject(source.label, 0, str(error))
            except DamagedStreamError as error:
                self._report.reject(source.label, error.line, str(error))
            except OSError as error:
                message = f"cannot read {source.label}: {error.strerror or error}"
                if source.named:
                    raise InputError(f"{message}; check the file") from error
                self._report.reject(source.label, 0, message)

    def _read(self, source: Source, stream: ByteStream) -> Iterator[Article]:
        names = self._own_names if source.format.names_fields else self._names
        for row in READERS[source.format.name](stream, source.label, self._options, self._report):
            article = self._article(source, row, self._own_names if row.named else names)
            if article is not None:
                self._report.read += 1
                self.row = row
                yield article

    def _article(self, source: Source, row: Row, names: FieldNames) -> Article | None:
        try:
            converted = convert_as_asked(row.values, names, self._options, timezone=row.timezone)
            article = self._with_id(converted.article, source, row)
        except (RecordError, RecursionError) as error:
            self._report.reject(source.label, row.line, str(error), excerpt_of(row.values))
            return None
        for warning in converted.warnings:
            self._report.warn(source.label, row.line, warning)
        return article

    def _with_id(self, article: Article, source: Source, row: Row) -> Article:
        if not article.id:
            return self._ids.name(article, file=source.label, line=row.line)
        if first := self._ids.claim(article.id, file=source.label, line=row.line):
            raise RecordError(f"the id {article.id[:80]!r} is taken by line {first[1]} of {first[0]}")
        return article


def excerpt_of(values: Mapping[str, Any]) -> str:
    """Return a record as text, for a report."""
    try:
        return json.dumps(dict(values), ensure_ascii=False, default=str)
    except (RecursionError, ValueError):
        return ""
