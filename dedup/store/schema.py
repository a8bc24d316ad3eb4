"""The tables of a store, by format; an older one is brought up to date when it is opened for writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping

from dedup.errors import StoreError

__all__ = ["FORMAT", "create_tables", "migrate"]

FORMAT = 2
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
    lead INTEGER,                    -- the article of its crowd that it follows: it is then in no pair
    lead_log_odds REAL,              -- of the pair with that
    lead_text_odds REAL,             -- log-odds that the two are one text
    asked TEXT,                      -- guides with which it was compared, each time, and the answers, as JSON
    probability REAL,
    relation TEXT,
    of TEXT,
    relation_probability REAL
);
CREATE INDEX articles_by_bucket ON articles (bucket);
CREATE INDEX articles_by_story ON articles (story);
CREATE INDEX articles_by_segment ON articles (segment);
CREATE INDEX articles_by_lead ON articles (lead) WHERE lead IS NOT NULL;

-- what copies of a text have in common, of one day and language: see dedup.crowds
CREATE TABLE cells (number INTEGER, key INTEGER, cell INTEGER NOT NULL, PRIMARY KEY (number, key)) WITHOUT ROWID;
CREATE INDEX cells_by_cell ON cells (cell);

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


def _add_crowds(connection: sqlite3.Connection) -> None:
    """Make format 2 of 1: articles have cells, and may follow others.

    Stories are grouped anew by who opens the store, where any article may follow another: see ``Store.open``.
    """
    from dedup.store.rules import settings_from_json

    for column in ("lead INTEGER", "lead_log_odds REAL", "lead_text_odds REAL", "asked TEXT"):
        connection.execute(f"ALTER TABLE articles ADD COLUMN {column}")
    for statement in _statements(_TABLES):
        if " articles_by_lead " in statement or " cells" in statement:
            connection.execute(statement)
    (settings,) = connection.execute("SELECT value FROM facts WHERE name = 'settings'").fetchone()
    most = settings_from_json(settings).max_sentences
    last = 0
    while rows := connection.execute(
        "SELECT number, record FROM articles WHERE number > ? ORDER BY number LIMIT ?", (last, _ARTICLES_AT_ONCE)
    ).fetchall():
        for number, record in rows:
            cells = _cells_of(record, most)
            connection.executemany("INSERT INTO cells VALUES (?, ?, ?)", [(number, *one) for one in enumerate(cells)])
        last = rows[-1][0]
    connection.execute("INSERT OR REPLACE INTO facts VALUES ('crowds', 'due')")


def _cells_of(record: str, max_sentences: int) -> list[int]:
    """Return the cells of an article; none of one that cannot be read, which ``verify`` names."""
    from dedup.store.newcomers import cells_of_record

    try:
        return cells_of_record(record, max_sentences)
    except Exception:  # noqa: BLE001 - a record that is damaged can make anything go wrong
        return []


_ARTICLES_AT_ONCE = 1_024
_MIGRATIONS: Mapping[int, Callable[[sqlite3.Connection], None]] = {1: _add_crowds}
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
