"""JSON lines as they come: articles of a feed that has no end, such as standard input behind ``tail -f``."""

from __future__ import annotations

import io
import os
import queue
import sys
import threading
from dataclasses import replace

from dedup.article import Article
from dedup.errors import InputError, RecordError
from dedup.read.fields import FieldNames
from dedup.read.ids import content_id
from dedup.read.jsonl import parse_line
from dedup.read.lines import DamagedStreamError, Line, iter_lines
from dedup.read.ninjs import NoArticleError, known_row
from dedup.read.options import ReadOptions
from dedup.read.record import Row, convert_as_asked
from dedup.read.report import ReadReport
from dedup.read.sources import as_buffered, open_stream

__all__ = ["ArticleStream", "standard_input"]

_LINES_AHEAD = 8
"""Lines that may lie read and not asked for: each can be as long as ``max_record_bytes``."""
_LABEL = "<stdin>"


class ArticleStream:
    """Articles of JSON lines, each as soon as its line is there. Memory does not grow with the stream.

    What is no article is rejected, as by ``read_articles``. An id may come again: what that means, the reader of a feed
    must know. An article without an id gets the one that ``read_articles`` gives it; a full copy gets the same.

    Args:
        stream: Of bytes; read, and closed at its end, by a thread of its own, for which no process waits.
        options: As for ``read_articles``; the format is JSON lines.
        report: Filled by ``poll``.
    """

    def __init__(self, stream: io.BufferedReader, *, options: ReadOptions, report: ReadReport) -> None:
        self._options, self._report = options, report
        self._names, self._own_names = FieldNames(options.fields), FieldNames(own=True)
        self._lines: queue.Queue[Line | Exception | None] = queue.Queue(_LINES_AHEAD)
        self.ended = False
        """Whether nothing will come any more."""
        threading.Thread(target=self._read, args=(stream,), name="dedup reader", daemon=True).start()

    def poll(self, seconds: float) -> Article | None:
        """Return the next article; ``None`` where none came in time, its line was rejected, or the stream has ended.

        Raises:
            InputError: the stream cannot be read any further.
        """
        try:
            came = self._lines.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None
        if isinstance(came, Line):
            return self._article(came)
        self.ended = True
        if isinstance(came, DamagedStreamError):
            self._report.reject(_LABEL, came.line, str(came))
        elif isinstance(came, OSError):
            raise InputError(f"cannot read {_LABEL}: {came.strerror or came}; check what writes to it") from came
        elif came is not None:
            raise came
        return None

    def _read(self, stream: io.BufferedReader) -> None:
        """Hand on lines, and how they ended."""
        end: Exception | None = None
        try:
            with stream, open_stream(stream, self._options.encoding) as lines:
                for line in iter_lines(lines, self._options.max_record_bytes):
                    self._lines.put(line)
        except Exception as error:  # noqa: BLE001 - raised where articles are asked for
            end = error
        self._lines.put(end)

    def _article(self, line: Line) -> Article | None:
        if line.data is not None and not line.data.strip():
            self._report.blank_lines += 1
            return None
        try:
            row = known_row(Row(line=line.number, values=parse_line(line, self._options)), self._options)
            names = self._own_names if row.named else self._names
            converted = convert_as_asked(row.values, names, self._options, timezone=row.timezone)
        except (ValueError, RecordError, RecursionError) as error:
            self._report.reject(_LABEL, line.number, str(error), line.data or b"")
            return None
        except NoArticleError as reason:
            self._report.skip_record(_LABEL, line.number, str(reason))
            return None
        for warning in converted.warnings:
            self._report.warn(_LABEL, line.number, warning)
        self._report.read += 1
        article = converted.article
        return article if article.id else replace(article, id=content_id(article))


def standard_input() -> io.BufferedReader:
    """Return standard input, for a thread that may still be reading when the process ends.

    Raises:
        InputError: there is none.
    """
    if sys.stdin is None:
        raise InputError("standard input is closed; name a file, or pipe articles into the command")
    try:
        # not Python's own stream: at its end the interpreter would wait for, and die of, the lock that a reader holds
        return io.BufferedReader(io.FileIO(os.dup(sys.stdin.fileno()), "rb"))
    except (OSError, ValueError):  # no file behind it, as in tests
        return as_buffered(sys.stdin.buffer)
