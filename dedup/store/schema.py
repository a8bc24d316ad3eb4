"""The tables of a store, by format; an older one is brought up to date when it is opened for writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping

from dedup.errors import StoreError

__all__ = ["FORMAT", "create_tables", "migrate"]

FORMAT = 1
"""Raised with every change of the tables or of the segments' layout."""

_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE articles (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    record TEXT NOT NULL,            -- the article as JSON
    language TEXT NOT NULL,
    edition TEXT,
    hours REAL,                      -- publication, hours since 1970 UTC
    bucket INTEGER,                  -- the same in parts of the window
    added REAL NOT NULL,             -- seconds since 1970
    evidence BLOB NOT NULL,          -- packed
    segment INTEGER NOT NULL,        -- where its vectors are
    place INTEGER NOT NULL,
    sentences INTEGER NOT NULL,
    checksum INTEGER NOT NULL,       -- CRC-32 of its vectors
    story INTEGER REFERENCES stories (number),
    alone INTEGER NOT NULL DEFAULT 1,  -- whether average linkage leaves it alone, also where it joins a story
    probability REAL,
    relation TEXT,
    of TEXT,
    relation_probability REAL
);
CREATE INDEX articles_by_bucket ON articles (bucket);
CREATE INDEX articles_by_story ON articles (story);
CREATE INDEX articles_by_segment ON articles (segment);

-- of every two articles that would be one story by themselves, or of which one may join the other's: a < b
CREATE TABLE pairs (a INTEGER, b INTEGER, log_odds REAL NOT NULL, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE INDEX pairs_by_b ON pairs (b);

CREATE TABLE stories (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    successor INTEGER REFERENCES stories (number)
);

CREATE TABLE changes (
    cursor INTEGER PRIMARY KEY AUTOINCREMENT,
    time REAL NOT NULL,
    kind TEXT NOT NULL,
    cause TEXT NOT NULL,
    story INTEGER NOT NULL REFERENCES stories (number),
    other INTEGER REFERENCES stories (number),
    articles TEXT NOT NULL,          -- ids as JSON
    a TEXT,
    b TEXT,
    probability REAL
);

-- what people said of two articles, by id: a < b; it outlives the articles
CREATE TABLE corrections (a TEXT, b TEXT, same INTEGER NOT NULL, time REAL NOT NULL, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE INDEX corrections_by_b ON corrections (b);

-- what is beyond these bytes of a segment was never acknowledged
CREATE TABLE segments (
    number INTEGER PRIMARY KEY,
    bytes INTEGER NOT NULL,
    live INTEGER NOT NULL DEFAULT 0  -- bytes of articles that are still there
);
"""

_MIGRATIONS: Mapping[int, Callable[[sqlite3.Connection], None]] = {}
"""Format → what makes the next one of it, within the transaction in which the format is raised."""


def create_tables(connection: sqlite3.Connection) -> None:
    """Create the tables of the present format, in the transaction that is open."""
    for statement in _statements(_TABLES):
        connection.execute(statement)
    connection.execute("INSERT INTO facts VALUES ('format', ?)", (str(FORMAT),))


def migrate(connection: sqlite3.Connection, *, write: bool, name: str) -> None:
    """Bring the tables to the present format, in the transaction that is open.

    Raises:
        StoreError: they are of a newer format; or of an older one, and not opened for writing.
    """
    found = int(connection.execute("SELECT value FROM facts WHERE name = 'format'").fetchone()[0])
    if found > FORMAT:
        raise StoreError(f"the store {name} has format {found}, this version reads up to {FORMAT}; upgrade news-dedup")
    if found < FORMAT and not write:
        raise StoreError(f"the store {name} has format {found}, older than {FORMAT}; open it once for writing")
    for step in range(found, FORMAT):
        _MIGRATIONS[step](connection)
    if found < FORMAT:
        connection.execute("UPDATE facts SET value = ? WHERE name = 'format'", (str(FORMAT),))


def _statements(script: str) -> list[str]:
    """Split a script: ``executescript`` would commit the transaction that is open."""
    bare = "\n".join(line.partition("--")[0] for line in script.splitlines())
    return [statement.strip() for statement in bare.split(";") if statement.strip()]
