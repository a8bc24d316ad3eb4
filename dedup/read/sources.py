"""From what the user names, files, folders or ``-``, to the files that are read and the format of each."""

from __future__ import annotations

import gzip
import io
import logging
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dedup.errors import InputError
from dedup.read.bombs import Counted, bounded
from dedup.read.formats import COMPRESSED_ENDINGS, ENDINGS, FORMATS, REGISTRY, Format, format_of
from dedup.read.lines import ByteStream, as_utf8
from dedup.read.options import ReadOptions
from dedup.read.packages import require_packages
from dedup.read.paths import is_pattern, match_pattern, walk_folder
from dedup.read.report import ReadReport
from dedup.read.zstd import is_zstd, open_zstd

__all__ = ["STANDARD_INPUT", "Source", "as_buffered", "find_sources", "open_source", "open_stream"]

logger = logging.getLogger(__name__)

STANDARD_INPUT = "-"
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file to read."""

    path: Path | None
    """None is standard input."""
    format: Format
    named: bool
    """Whether the user named this file, rather than a folder that it lies in or a pattern that it matches."""

    @property
    def label(self) -> str:
        """The file's name in messages and reports."""
        return "<stdin>" if self.path is None else str(self.path)


def find_sources(inputs: tuple[str | Path, ...], options: ReadOptions, report: ReadReport) -> list[Source]:
    """Return the files that ``inputs`` name, in their order; files of a folder or pattern sorted by path.

    A folder or pattern without any file to read, beside inputs that have some, is told in the report.

    Raises:
        InputError: an input is missing, cannot be opened or has an unknown ending, a package for its format is missing,
            or there is no file to read in all of them.
    """
    if not inputs:
        raise InputError("nothing to read: name at least one file or folder, or - for standard input")
    sources: list[Source] = []
    empty: list[str] = []
    for given in inputs:
        if not isinstance(given, (str, os.PathLike)):
            raise InputError(f"not a path: {given!r}; give each file or folder as an argument of its own")
        if str(given) == STANDARD_INPUT:
            sources.append(Source(path=None, format=REGISTRY[options.format or "jsonl"], named=True))
        else:
            try:
                found, why_none = _at_path(Path(given), options, report)
            except OSError as error:  # a folder on the way may not be looked into, a name is too long
                raise InputError(f"cannot read {given}: {error.strerror}; check the path") from error
            sources.extend(found)
            if not found:
                empty.append(why_none)
    if empty and not sources:
        raise InputError(empty[0])
    for why in empty:
        report.find_nothing(why)
    return sources


def _at_path(path: Path, options: ReadOptions, report: ReadReport) -> tuple[list[Source], str]:
    """Return the files at one path, and what to say if there is none."""
    if path.is_dir():
        why_none = f"no readable file in folder: {path}; it needs one of {' '.join(ENDINGS)}"
        return _known(walk_folder(path, report), options, report), why_none
    if is_pattern(path):
        why_none = f"no readable file matches the pattern: {path}; check it; ** stands for folders at any depth"
        return _known(match_pattern(path, report), options, report), why_none
    return [_named_file(path, options)], ""


def _named_file(path: Path, options: ReadOptions) -> Source:
    if not path.exists():
        raise InputError(f"no such file or folder: {path}; check the path")
    file_format = _format(path, options)
    if file_format is None:
        raise InputError(
            f"unknown kind of file: {path}; rename it to one of {' '.join(ENDINGS)} (each also with "
            f"{' or '.join(COMPRESSED_ENDINGS)}) or give its format: {', '.join(FORMATS)}"
        )
    require_packages(file_format.packages, kind=f"{file_format.name} files")
    if path.is_file():  # opening a pipe to try it would use it up
        try:
            path.open("rb").close()
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror}; check its permissions") from error
    return Source(path=path, format=file_format, named=True)


def _format(path: Path, options: ReadOptions) -> Format | None:
    """With a format given, every file is of that format; else the ending decides."""
    return REGISTRY[options.format] if options.format else format_of(path)


def _known(paths: Iterable[Path], options: ReadOptions, report: ReadReport) -> list[Source]:
    """Those of the files that are of a known format."""
    sources = []
    for path in paths:
        file_format = _format(path, options)
        if file_format is None:
            report.skip(str(path), "unknown ending")
        else:
            sources.append(Source(path=path, format=file_format, named=False))
    return sources


@contextmanager
def open_source(source: Source, options: ReadOptions) -> Iterator[ByteStream]:
    """Open a source as the stream that its format's reader asks for, decompressed where its first bytes say so.

    Raises:
        OSError: it cannot be opened.
    """
    with ExitStack() as stack:
        raw = _standard_input() if source.path is None else stack.enter_context(source.path.open("rb"))
        stream = stack.enter_context(_decompressed(raw))
        yield stream if source.format.raw else as_utf8(stream, options.encoding)


@contextmanager
def open_stream(raw: io.BufferedReader, encoding: str | None) -> Iterator[ByteStream]:
    """Open bytes as a stream of UTF-8, decompressed where the first of them are gzip's or zstd's."""
    with _decompressed(raw) as stream:
        yield as_utf8(stream, encoding)


@contextmanager
def _decompressed(raw: io.BufferedReader) -> Iterator[ByteStream]:
    head = raw.peek(4)[:4]
    if head.startswith(_GZIP_MAGIC):
        packed = Counted(raw)
        with gzip.GzipFile(fileobj=packed) as unzipped:
            yield bounded(unzipped, packed)
    elif is_zstd(head):
        packed = Counted(raw)
        with open_zstd(io.BufferedReader(packed)) as decompressed:
            yield bounded(decompressed, packed)
    else:
        yield raw


def _standard_input() -> io.BufferedReader:
    if sys.stdin is None:
        raise InputError("standard input is closed; name a file, or pipe articles into the command")
    return as_buffered(sys.stdin.buffer)


def as_buffered(stream: BinaryIO) -> io.BufferedReader:
    """Return a stream of bytes as one that can peek."""
    return stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)  # type: ignore[arg-type]  # a test's BytesIO
