"""Values by key in one SQLite file, each with a checksum: what is kept on disk because it can be made again.

Several processes may read and write one file. One that is damaged is set aside and begun anew; an entry that a disk has
changed counts as absent, for SQLite has no checksums.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from dedup.errors import CacheError

__all__ = ["Entries", "KeyedFile", "chunks"]

logger = logging.getLogger(__name__)

_SEAL_BYTES = 4
_DAMAGE = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What a damaged file makes of a statement: SQLite names what is wrong in a message that may be no text either."""
_QUERY_KEYS = 500
_BUSY_SECONDS = 60
_RETRY_SECONDS = 0.02

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """What a file holds."""

    name: str
    """What they are called in messages, such as "vectors"; also the name of the table."""
    file: str
    """What the file is called in messages."""
    column: str
    """The name of the column of values."""
    unsealed_bytes: int | None = None
    """The length of values from before there were checksums, which that alone tells."""
    page_bytes: int = 4_096
    """Pages of a new file: a power of two. A value of more than a quarter of a page takes a page of its own."""


class KeyedFile:
    """One file.

    Args:
        path: Where; ``:memory:`` for one that ends with the process.
        entries: What it holds.
        private: Whether a new one is for its owner alone to read.

    Raises:
        CacheError: it cannot be opened.
    """

    def __init__(self, path: Path, entries: Entries, *, private: bool = False) -> None:
        self.path = path
        self._entries = entries
        self._private = private
        try:
            self._connection = self._open()
        except _DAMAGE as error:
            self._set_aside(error)
            self._connection = self._open()

    def _open(self) -> sqlite3.Connection:
        """Return a connection; a ``DatabaseError`` means that the file is damaged."""
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                return self._connect()
            except sqlite3.OperationalError as error:
                if _is_damage(error):
                    raise
                # SQLite waits for a lock itself, but not where two processes set up a new file at once
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if busy and time.monotonic() < deadline:
                    time.sleep(_RETRY_SECONDS)
                    continue
                # not the file's contents but its place: no permission, no such folder, a full disk, locked for too long
                raise CacheError(
                    f"cannot open the {self._entries.file} {self.path}: {error}; set DEDUP_CACHE to a folder you can "
                    "write to"
                ) from error

    def _connect(self) -> sqlite3.Connection:
        if self._private:
            # SQLite gives the files that it puts beside this one the same permissions
            with contextlib.suppress(OSError):
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
        table, column = self._entries.name, self._entries.column
        try:
            connection.execute(f"PRAGMA page_size = {self._entries.page_bytes}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(
                f"CREATE TABLE IF NOT EXISTS {table} (key BLOB PRIMARY KEY, {column} BLOB NOT NULL) WITHOUT ROWID"
            )
        except BaseException:
            connection.close()
            raise
        return connection

    def _set_aside(self, error: Exception) -> None:
        aside = self.path.with_suffix(".damaged")
        file = self._entries.file
        logger.warning("the %s %s is damaged (%s); set aside as %s and begun anew", file, self.path, error, aside.name)
        try:
            self.path.replace(aside)
            for journal in ("-wal", "-shm"):
                self.path.with_name(self.path.name + journal).unlink(missing_ok=True)
        except OSError as refused:
            raise CacheError(
                f"the {file} {self.path} is damaged and cannot be moved: {refused}; delete it or set DEDUP_CACHE"
            ) from refused

    def find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the values that are there, by key. Entries that are not as they were written count as absent.

        Raises:
            CacheError: the file cannot be read, for other reasons than damage.
        """
        try:
            return self._find(keys)
        except _DAMAGE as error:
            if not _is_damage(error):
                raise CacheError(
                    f"cannot read the {self._entries.file} {self.path}: {error}; set DEDUP_CACHE"
                ) from error
            # damage beyond the first page shows when a page is read
            self._connection.close()
            self._set_aside(error)
            self._connection = self._open()
            return {}

    def _find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        table, column = self._entries.name, self._entries.column
        found: dict[bytes, bytes] = {}
        for chunk in chunks(keys, _QUERY_KEYS):
            marks = ",".join("?" * len(chunk))
            query = f"SELECT key, CAST({column} AS BLOB) FROM {table} WHERE key IN ({marks})"  # noqa: S608 - names above
            for key, blob in self._connection.execute(query, chunk):
                value = self._whole(key, blob)
                if value is not None:
                    found[key] = value
        return found

    def _whole(self, key: object, blob: object) -> bytes | None:
        """Return the value of an entry if that is what was written."""
        if not (isinstance(key, bytes) and isinstance(blob, bytes)):  # a page is damaged in which they lie
            return None
        if len(blob) == self._entries.unsealed_bytes:
            return blob
        value = blob[:-_SEAL_BYTES]
        return value if blob[-_SEAL_BYTES:] == _seal(key, value) else None

    def add(self, values: Iterable[tuple[bytes, bytes]]) -> bool:
        """Store values, and tell whether they are. A full disk or a lost permission costs the file, not the run."""
        table = self._entries.name
        try:
            with self._transaction():
                self._connection.executemany(
                    f"INSERT OR REPLACE INTO {table} VALUES (?, ?)",  # noqa: S608 - a name above
                    ((key, value + _seal(key, value)) for key, value in values),
                )
        except (sqlite3.Error, UnicodeDecodeError) as error:
            logger.warning("%s are not kept in %s: %s", table, self.path, error)
            return False
        return True

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def chunks(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the values in parts of ``size``."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _seal(key: bytes, data: bytes) -> bytes:
    """Return the checksum of an entry: a vector that a disk has changed is still a vector."""
    return zlib.crc32(data, zlib.crc32(key)).to_bytes(_SEAL_BYTES, "little")


def _is_damage(error: Exception) -> bool:
    """Tell whether an error is about what is in the file, rather than about its place, its disk or who has it open."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    # SQLITE_ERROR: tables or columns that are not there, a file of a format that SQLite does not know
    return not isinstance(error, sqlite3.OperationalError) or code in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT)
