"""What reading has left behind: rejected records, warnings, skipped files."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from dedup.errors import OutputError

__all__ = ["MAX_REJECTS_HELD", "ReadReport", "Reject", "RejectsFile", "make_excerpt"]

logger = logging.getLogger(__name__)

MAX_REJECTS_HELD = 1000
"""So many rejects a report keeps in memory; a sink gets all."""
EXCERPT_CHARACTERS = 200
_MOST_LOGGED = 5  # of a kind: one bad export can bring a million


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """One record that did not become an article."""

    file: str
    line: int
    """Counted from 1, the first line of the record; 0 where the file as a whole could not be read."""
    reason: str
    excerpt: str = ""
    """How the record begins, at most 200 characters."""


def make_excerpt(data: str | bytes) -> str:
    """Return the beginning of ``data`` as text that can be shown and written: no line breaks, no lone surrogates."""
    head = data[: 4 * EXCERPT_CHARACTERS]
    text = head.decode("utf-8", "replace") if isinstance(head, bytes) else head
    printable = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return " ".join(printable.replace("\x00", "\\x00").split())[:EXCERPT_CHARACTERS]


@dataclass(slots=True, kw_only=True)
class ReadReport:
    """Counts what a call of `read_articles` meets; filled while the iterator is consumed.

    In a file of JSON lines every line is an article, a reject or blank: ``read + rejected + blank_lines`` lines.
    """

    sink: Callable[[Reject], None] | None = None
    """Called with each reject, such as a `RejectsFile`."""
    read: int = 0
    """Articles handed out."""
    rejected: int = 0
    blank_lines: int = 0
    warnings: int = 0
    """Articles' fields that could not be understood and were set aside."""
    skipped_files: int = 0
    """Files in folders that are of no known format, links that leave their folder, pipes, sockets and devices."""
    skipped_records: int = 0
    """Records that hold no article and are no mistake either: requests, redirects and images of web archives; packages,
    pictures without a text and withdrawn items of news agencies."""
    empty_inputs: list[str] = field(default_factory=list)
    """Of each folder and pattern without any file to read, beside inputs that have some, what there is to say."""
    rejects: list[Reject] = field(default_factory=list)
    """The first `MAX_REJECTS_HELD`."""

    def counts(self) -> dict[str, int]:
        """Return all that was counted, by the names of the fields."""
        names = ("read", "rejected", "blank_lines", "warnings", "skipped_files", "skipped_records")
        return {name: getattr(self, name) for name in names} | {"empty_inputs": len(self.empty_inputs)}

    def reject(self, file: str, line: int, reason: str, excerpt: str | bytes = "") -> None:
        """Count, keep, log and pass on one reject."""
        reject = Reject(file=file, line=line, reason=make_excerpt(reason), excerpt=make_excerpt(excerpt))
        self.rejected += 1
        if len(self.rejects) < MAX_REJECTS_HELD:
            self.rejects.append(reject)
        self._log(self.rejected, "rejected", reject.file, reject.line, reject.reason)
        if self.sink is not None:
            self.sink(reject)

    def warn(self, file: str, line: int, message: str) -> None:
        """Count a field that was set aside; log the first few."""
        self.warnings += 1
        self._log(self.warnings, "not understood", file, line, make_excerpt(message))

    def find_nothing(self, why: str) -> None:
        """Keep and log that an input has no file to read."""
        self.empty_inputs.append(why)
        logger.warning("%s", why)

    def skip(self, file: str, why: str) -> None:
        """Count a file of a folder that is left out."""
        self.skipped_files += 1
        logger.info("skipped %s: %s", file, why)

    def skip_record(self, file: str, line: int, why: str) -> None:
        """Count a record that is left out although nothing is wrong with it."""
        self.skipped_records += 1
        logger.info("skipped %s:%d: %s", file, line, why)

    @staticmethod
    def _log(count: int, kind: str, file: str, line: int, message: str) -> None:
        if count <= _MOST_LOGGED:
            logger.warning("%s:%d: %s: %s", file, line, kind, message)
        if count == _MOST_LOGGED:
            logger.warning("further lines with '%s' are counted but not logged", kind)


class RejectsFile:
    """A sink that writes rejects as JSON lines: ``with RejectsFile(path) as sink: ReadReport(sink=sink)``.

    The file appears under its name, whole, when the context ends, also when it ends by an error. Without any reject
    no file is made and one of an earlier run stays.

    Raises:
        OutputError: the file cannot be written.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._part = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __call__(self, reject: Reject) -> None:
        """Write one reject."""
        try:
            if self._file is None:
                # names of files can be any bytes: what is no text is written as the escape that JSON has for it
                self._file = self._part.open("w", encoding="utf-8", errors="backslashreplace", newline="\n")
            self._file.write(json.dumps(asdict(reject), ensure_ascii=False) + "\n")
        except OSError as error:
            raise OutputError(self._message(error)) from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None:
            return
        try:
            self._file.close()
            self._part.replace(self.path)
        except OSError as failure:
            self._part.unlink(missing_ok=True)
            raise OutputError(self._message(failure)) from failure
        finally:
            self._file = None

    def _message(self, error: OSError) -> str:
        return f"cannot write rejected records to {self.path}: {error.strerror}; choose another file"
