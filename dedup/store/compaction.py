"""Disk given back: segments that hold mostly what is gone are written anew without it."""

from __future__ import annotations

from collections.abc import Sequence

from dedup.store.database import Database
from dedup.store.segments import Place, Segments

__all__ = ["keep_places", "reclaim"]

_LEAST_BYTES = 1 << 20
"""A smaller segment is not worth the work while anything in it is alive."""
_RECORDS_AT_ONCE = 4_096


def reclaim(database: Database, segments: Segments) -> list[int]:
    """Move what is alive out of segments that are mostly dead; within a transaction for writing.

    Returns:
        The files that no row points at any more, to be deleted once the transaction is done, and those that were left
        over where a process ended too early. No number is used again: who has an old file mapped may go on reading it.
    """
    known = database.rows("SELECT number, bytes, live FROM segments")
    sparse = [number for number, end, live in known if end and 2 * live < end and (end > _LEAST_BYTES or not live)]
    if sparse:
        last = max(number for number, _, _ in known)
        if last in sparse:
            database.run("INSERT INTO segments (number, bytes) VALUES (?, 0)", (last + 1,))
        for number in sparse:
            _move(database, segments, number)
            database.run("DELETE FROM segments WHERE number = ?", (number,))
        database.rows("PRAGMA incremental_vacuum")
    kept = {number for (number,) in database.rows("SELECT number FROM segments")}
    return [number for number in segments.numbers() if number not in kept]


def keep_places(database: Database, segments: Segments, places: Sequence[Place]) -> None:
    """Take note of articles that were written to segments: up to where those count, and how much of them is alive."""
    for place in places:
        size = segments.size(place.sentences)
        database.run("INSERT OR IGNORE INTO segments (number, bytes) VALUES (?, 0)", (place.segment,))
        database.run(
            "UPDATE segments SET bytes = MAX(bytes, ?), live = live + ? WHERE number = ?",
            (place.place + size, size, place.segment),
        )


def _move(database: Database, segments: Segments, number: int) -> None:
    rows = database.rows(
        "SELECT number, place, sentences, checksum FROM articles WHERE segment = ? ORDER BY place", (number,)
    )
    for start in range(0, len(rows), _RECORDS_AT_ONCE):
        some = rows[start : start + _RECORDS_AT_ONCE]
        read = [
            segments.read(Place(segment=number, place=place, sentences=sentences, checksum=checksum))
            for _, place, sentences, checksum in some
        ]
        places = segments.append(read, dict(database.rows("SELECT number, bytes FROM segments")))
        keep_places(database, segments, places)
        database.run_many(
            # the checksum stays: what was damaged on the way would not match it
            "UPDATE articles SET segment = ?, place = ? WHERE number = ?",
            [(place.segment, place.place, row[0]) for place, row in zip(places, some, strict=True)],
        )
