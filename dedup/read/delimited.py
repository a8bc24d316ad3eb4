"""Comma, semicolon, tab or bar separated values with a header line."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

from dedup.read.fields import FieldNames, shown_columns
from dedup.read.lines import ByteStream, decode_line, iter_lines
from dedup.read.options import NAME_FIELDS, ReadOptions
from dedup.read.record import Row
from dedup.read.report import ReadReport

__all__ = ["delimited_rows", "tab_rows"]

_DELIMITERS = ",;\t|"
_NOT_CLOSED = "a quote that is opened in this row is not closed; the rest of the file is lost"


def delimited_rows(
    stream: ByteStream, file: str, options: ReadOptions, report: ReadReport, *, delimiter: str | None = None
) -> Iterator[Row]:
    """Yield the rows of a file as records named by its header; what is no row goes to the report.

    Without ``delimiter``, the one of ``, ; tab |`` under which the header has the most names that are known. A row
    may have fewer values than the header, but not more.

    Raises:
        DamagedStreamError: compressed data is damaged or cut, after what came before it has been yielded.
    """
    feed = _Feed(stream, options.max_record_bytes)
    names = FieldNames(options.fields)
    header_line = ""
    try:
        header_line = next((line for line in feed if line.strip()), "")
        if not header_line:
            return
        feed.row_start = feed.number
        delimiter = delimiter or _sniff_delimiter(header_line, names)
        header = _header(header_line, feed, delimiter, options.max_record_bytes)
    except (csv.Error, ValueError) as error:
        report.reject(file, feed.row_start, f"the header line cannot be used: {error}", header_line)
        return
    if feed.problem or not {"title", "body"} & names.candidates(header).keys():
        problem = feed.problem or f"no column for title or body among {shown_columns(header)}; {NAME_FIELDS}"
        report.reject(file, feed.row_start, f"the header line cannot be used: {problem}", header_line)
        return
    for line, values in _rows(feed, delimiter, file, options, report):
        if len(values) > len(header):
            reason = f"{len(values)} values where the header names {len(header)}"
            report.reject(file, line, reason, _as_text(values))
        else:
            yield Row(line=line, values=dict(zip(header, values, strict=False)))


def tab_rows(stream: ByteStream, file: str, options: ReadOptions, report: ReadReport) -> Iterator[Row]:
    """Yield the rows of a file of values separated by tabs, as `delimited_rows` does."""
    return delimited_rows(stream, file, options, report, delimiter="\t")


def _header(first: str, feed: _Feed, delimiter: str, limit: int) -> list[str]:
    """The names of the columns; one within quotes may run over several lines."""
    header = _next_row(csv.reader(chain([first], feed), delimiter=delimiter), limit)
    if feed.ended:
        raise ValueError(_NOT_CLOSED)
    return _unique(header)


def _rows(
    feed: _Feed, delimiter: str, file: str, options: ReadOptions, report: ReadReport
) -> Iterator[tuple[int, list[str]]]:
    """The line where each row starts and its values."""
    reader = csv.reader(feed, delimiter=delimiter)
    while True:
        feed.begin_row()
        try:
            values = _next_row(reader, options.max_record_bytes)
        except StopIteration:
            return
        except (csv.Error, ValueError) as error:
            report.reject(file, feed.row_start, str(error))
            continue
        if not values:
            report.blank_lines += 1
        elif feed.problem or feed.ended:
            report.reject(file, feed.row_start, feed.problem or _NOT_CLOSED, _as_text(values))
        else:
            yield feed.row_start, values


def _next_row(reader: Iterator[list[str]], limit: int) -> list[str]:
    """The csv module's bound on a field is one for the whole process: set it for no longer than it is needed."""
    before = csv.field_size_limit(limit + 1)  # the feed's own bound on a row comes first
    try:
        return next(reader)
    finally:
        csv.field_size_limit(before)


class _Feed:
    """The lines of a file as the csv module wants them, with what went wrong in the row that is being read."""

    def __init__(self, stream: ByteStream, limit: int) -> None:
        self._lines = iter_lines(stream, limit)
        self._limit = limit
        self._row_bytes = 0
        self.number = 0
        self.row_start = 1
        self.problem = ""
        self.ended = False
        """Whether a line was asked for and there was none: in the midst of a row, where one asks within quotes only."""

    def begin_row(self) -> None:
        self.row_start, self._row_bytes, self.problem = self.number + 1, 0, ""

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.ended = True
            raise StopIteration
        self.number = line.number
        self._row_bytes += line.size + 1
        if line.data is None or self._row_bytes > self._limit + 1:
            size = self._row_bytes - 1
            raise ValueError(f"the row has {size} bytes or more, more than max_record_bytes, {self._limit}")
        try:
            return decode_line(line.data) + "\n"
        except ValueError as error:
            self.problem = self.problem or str(error)
            return line.data.decode("utf-8", "replace") + "\n"


def _sniff_delimiter(header: str, names: FieldNames) -> str:
    def promise(delimiter: str) -> tuple[int, int]:
        columns = next(csv.reader([header], delimiter=delimiter))
        return len(names.candidates(columns)), len(columns)

    return max(_DELIMITERS, key=promise)  # of equals the first


def _unique(header: list[str]) -> list[str]:
    """Column names without spaces around them; a name that comes again gets its column's number."""
    seen: set[str] = set()
    unique = []
    for number, column in enumerate(header, 1):
        name = column.strip()
        name = f"{name}_{number}" if name in seen or not name else name
        seen.add(name)
        unique.append(name)
    return unique


def _as_text(values: list[Any]) -> str:
    return json.dumps(values, ensure_ascii=False)
