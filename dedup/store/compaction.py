"""Disk given back: segments that hold mostly what is gone are written anew without it."""

from __future__ import annotations

from dedup.store.database import Database
from dedup.store.segments import Place, Segments

__all__ = ["reclaim"]

_LEAST_BYTES = 1 << 20
"""A smaller segment is not worth the work while anything in it is alive."""
_RECORDS_AT_ONCE = 4_096


def reclaim(database: Database, segments: Segments) -> list[int]:
    """Move what is alive out of segments that are mostly dead; within a transaction for writing.

    Returns:
        The files that no row points at any more, to be deleted once the transaction is done, and those that were left
        over where a process ended too early. No number is used again: who has an old file mapped may go on reading it.
    """
    ends = dict(database.rows("SELECT number, bytes FROM segments"))
    live = _live_bytes(database, segments)
    sparse = [
        number
        for number, end in ends.items()
        if end and 2 * live.get(number, 0) < end and (end > _LEAST_BYTES or number not in live)
    ]
    if sparse:
        if max(ends) in sparse:
            ends[max(ends) + 1] = 0
        for number in sparse:
            _move(database, segments, number, ends)
        database.run("DELETE FROM segments")
        database.run_many("INSERT INTO segments VALUES (?, ?)", [one for one in ends.items() if one[0] not in sparse])
        database.rows("PRAGMA incremental_vacuum")
    kept = {number for (number,) in database.rows("SELECT number FROM segments")}
    return [number for number in segments.numbers() if number not in kept]


def _live_bytes(database: Database, segments: Segments) -> dict[int, int]:
    rows = database.rows("SELECT segment, COUNT(*), SUM(sentences) FROM articles GROUP BY segment")
    sentence = segments.size(1) - segments.size(0)
    return {number: articles * segments.size(0) + sentences * sentence for number, articles, sentences in rows}


def _move(database: Database, segments: Segments, number: int, ends: dict[int, int]) -> None:
    rows = database.rows(
        "SELECT number, place, sentences, checksum FROM articles WHERE segment = ? ORDER BY place", (number,)
    )
    for start in range(0, len(rows), _RECORDS_AT_ONCE):
        some = rows[start : start + _RECORDS_AT_ONCE]
        read = [
            segments.read(Place(segment=number, place=place, sentences=sentences, checksum=checksum))
            for _, place, sentences, checksum in some
        ]
        places = segments.append(read, ends)
        for place in places:
            ends[place.segment] = place.place + segments.size(place.sentences)
        database.run_many(
            # the checksum stays: what was damaged on the way would not match it
            "UPDATE articles SET segment = ?, place = ? WHERE number = ?",
            [(place.segment, place.place, row[0]) for place, row in zip(places, some, strict=True)],
        )
