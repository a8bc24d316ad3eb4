"""The SQLite file of a store: everything but vectors. One transaction for each change, a snapshot for each reader."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dedup.errors import InputError, StoreBusyError, StoreDamagedError, StoreError
from dedup.store.schema import create_tables, migrate

__all__ = ["FILE", "Database"]

FILE = "store.sqlite"
_BUSY_SECONDS = 30
_MOST_VALUES = 30_000
"""SQLite takes 32,766 values in one statement."""


class Database:
    """A connection to the file, for one thread.

    Args:
        path: The file; it must exist unless ``create``.
        create: Make it where it is missing.
        write: Whether older formats may be brought up to date.

    Raises:
        StoreError: it cannot be opened, or is of a newer format.
        StoreDamagedError: it is no database.
    """

    def __init__(self, path: Path, *, create: bool, write: bool) -> None:
        self._path = path
        mode = "rwc" if create else "rw"
        with self._errors():
            # a reader too must be able to write the file beside it that tells who reads what
            self._connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=_BUSY_SECONDS, isolation_level=None
            )
        try:
            with self._errors():
                self._set_up(create=create, write=write)
        except BaseException:
            self._connection.close()
            raise

    def _set_up(self, *, create: bool, write: bool) -> None:
        run = self._connection.execute
        if create:
            run("PRAGMA auto_vacuum = INCREMENTAL")
        run("PRAGMA journal_mode = WAL")
        # a transaction that was acknowledged survives the power
        run("PRAGMA synchronous = FULL")
        run("PRAGMA foreign_keys = ON")
        with self.transaction(write=create or write):
            empty = not run("SELECT 1 FROM sqlite_master WHERE name = 'facts'").fetchone()
            if empty and not create:
                raise StoreDamagedError(f"{self._path} holds no store; name its folder, or create one by adding to it")
            if empty:
                create_tables(self._connection)
            try:
                migrate(self._connection, write=write, name=str(self._path.parent))
            except (TypeError, ValueError) as error:  # the format is no number, or is not there
                raise self._damaged(error) from error

    @contextlib.contextmanager
    def transaction(self, *, write: bool) -> Iterator[None]:
        """One state of the store is seen within; what is written takes effect at the end, or not at all."""
        with self._errors():
            self._connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        try:
            yield
            with self._errors():
                self._connection.execute("COMMIT")
        except BaseException:
            # SQLite itself has rolled back where the disk was full
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._connection.in_transaction

    def run(self, statement: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> sqlite3.Cursor:
        """Run a statement."""
        with self._errors():
            return self._connection.execute(statement, values)

    def run_many(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        """Run a statement once for each of ``rows``."""
        with self._errors():
            self._connection.executemany(statement, rows)

    def rows(self, statement: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        with self._errors():
            return self._connection.execute(statement, values).fetchall()

    def rows_among(self, statement: str, among: list[Any]) -> list[tuple[Any, ...]]:
        """Return all rows of a query in which ``{}`` stands for a list of values, each once."""
        found: list[tuple[Any, ...]] = []
        distinct = list(dict.fromkeys(among))
        for start in range(0, len(distinct), _MOST_VALUES):
            some = distinct[start : start + _MOST_VALUES]
            found += self.rows(statement.format(", ".join("?" * len(some))), tuple(some))
        return found

    def value(self, statement: str, values: tuple[Any, ...] = ()) -> Any:
        """Return the first value of the first row, None where there is no row."""
        with self._errors():
            row = self._connection.execute(statement, values).fetchone()
        return None if row is None else row[0]

    def fact(self, name: str) -> str | None:
        """Return one of the facts that the store keeps about itself."""
        found: str | None = self.value("SELECT value FROM facts WHERE name = ?", (name,))
        return found

    def set_fact(self, name: str, value: str) -> None:
        """Keep a fact."""
        self.run("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            # what the driver itself finds, a text that is none, has no code
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise StoreBusyError(
                    f"the store {self._path.parent} is locked by another process; try again, or wait longer"
                ) from error
            if code == sqlite3.SQLITE_FULL:
                raise StoreError(
                    f"the disk of the store {self._path.parent} is full; nothing of this change was kept: make room "
                    "and do it again"
                ) from error
            if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise self._damaged(error) from error
            remedy = "see that the disk is sound and has room, and that this user may write there, and do it again"
            raise StoreError(
                f"cannot use the store {self._path.parent}: {error}; nothing of this change was kept: {remedy}"
            ) from error
        except UnicodeEncodeError as error:
            raise InputError(f"{error.object!r} holds half a surrogate pair, which no text of a store does") from error
        except UnicodeDecodeError as error:  # SQLite names what is damaged in a message that is then no text either
            raise self._damaged(error) from error
        except sqlite3.ProgrammingError as error:
            raise StoreError(
                f"cannot use the store {self._path.parent}: {error}; it is used by the thread that opened it, until it "
                "is closed"
            ) from error
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> StoreDamagedError:
        return StoreDamagedError(f"{self._path} is damaged: {error}; nothing was written to it: restore it from a copy")
