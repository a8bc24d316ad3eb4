"""Files of labels and of pairs, row by row: JSON lines or CSV, plain or gzipped, in UTF-8."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Any, cast

from dedup.errors import InputError
from dedup.read.sources import as_buffered

__all__ = ["MAX_LINE_BYTES", "Shape", "read_rows", "required", "shown", "text_of"]

MAX_LINE_BYTES = 64 * 2**20
"""A line longer than this is refused. The row of a story of 100,000 articles has about 10 MiB."""

_GZIP_MAGIC = b"\x1f\x8b"
_STANDARD_INPUT = Path("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the rows of a file look like."""

    columns: tuple[str, ...]
    """What the header of a CSV file must name."""
    told: str
    """The shape in words, for messages."""


def read_rows(path: Path, shape: Shape) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield where a row stands (for messages) and the row. Never holds more than a line.

    The first line decides the format: JSON lines, or CSV with a header, separated by comma, semicolon or tab. ``-`` is
    standard input.

    Raises:
        InputError: the file cannot be read, is damaged, or is of another shape. The message names file and line.
    """
    name = Path("<stdin>") if path == _STANDARD_INPUT else path
    try:
        with _opened(path) as raw:
            zipped = raw.peek(len(_GZIP_MAGIC))[: len(_GZIP_MAGIC)] == _GZIP_MAGIC
            stream = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if zipped else raw
            yield from _rows(_lines(stream, name), name, shape)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{name}: damaged gzip file: {error}; pack it again") from error
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror or error}") from error


@contextmanager
def _opened(path: Path) -> Iterator[io.BufferedReader]:
    if path != _STANDARD_INPUT:
        with path.open("rb") as file:
            yield file
    elif sys.stdin is None:
        raise InputError("standard input is closed; name a file, or pipe rows into the command")
    else:
        yield as_buffered(sys.stdin.buffer)


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


def _rows(lines: Iterator[tuple[int, str]], path: Path, shape: Shape) -> Iterator[tuple[str, Mapping[str, Any]]]:
    filled = ((number, line) for number, line in lines if line.strip())
    first = next(filled, None)
    if first is None:
        return
    parse = _json_rows if first[1].lstrip().startswith(("{", "[")) else _csv_rows
    yield from parse(first, filled, path, shape)


def _json_rows(
    first: tuple[int, str], rest: Iterator[tuple[int, str]], path: Path, shape: Shape
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, line in chain([first], rest):
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{where}: not a JSON object ({error}); write one object a line") from error
        if not isinstance(row, dict):
            raise InputError(f"{where}: a JSON {type(row).__name__} where an object is needed; {shape.told}")
        yield where, row


def _csv_rows(
    first: tuple[int, str], rest: Iterator[tuple[int, str]], path: Path, shape: Shape
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    delimiter = next((mark for mark in ",;\t" if mark in first[1]), ",")
    # A quoted field may run over several lines, so the row's own lines are counted by the reader.
    reader = csv.reader((line for _, line in chain([first], rest)), delimiter=delimiter, strict=True)
    try:
        header = [name.strip().lower() for name in next(reader)]
        if not set(shape.columns) <= set(header):
            raise InputError(
                f"{path}: a CSV header {shown(header)} without the columns {' and '.join(shape.columns)}; {shape.told}"
            )
        for number, values in enumerate(reader, start=1):
            where = f"{path}, CSV row {number}"
            if len(values) != len(header):
                raise InputError(f"{where}: {len(values)} fields where the header has {len(header)}")
            yield where, dict(zip(header, values, strict=True))
    except csv.Error as error:
        raise InputError(f"{path}: not readable as CSV: {error}; {shape.told}") from error


def required(row: Mapping[str, Any], name: str, where: str, shape: Shape) -> str:
    """Return a field as text.

    Raises:
        InputError: it is absent, empty or no text.
    """
    value = text_of(row, name, where)
    if not value:
        raise InputError(f"{where}: no {name} in it; {shape.told}")
    return value


def text_of(row: Mapping[str, Any], name: str, where: str) -> str:
    """Return a field as text: numbers as written, absent and null as the empty string.

    Raises:
        InputError: it is a list, an object, a fraction or a truth value.
    """
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise InputError(f"{where}: {name} is {shown(value)} where text is needed")


def shown(value: object) -> str:
    """Return a value as a message shows it."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"
