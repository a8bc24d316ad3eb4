"""Which story each of the vectors is in that are given: a vector a line, or a row."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dedup.write.delimited import write_delimited
from dedup.write.json_lines import json_line
from dedup.write.kinds import Kind
from dedup.write.output import STANDARD_OUTPUT, Destination, open_output
from dedup.write.typed import write_typed

__all__ = ["write_vector_stories"]


def write_vector_stories(
    rows: Iterable[tuple[int | str, int | str]],
    destination: str | Path | Destination = STANDARD_OUTPUT,
    *,
    by_id: bool = False,
) -> None:
    """Write vectors, each with the first of its story, as JSON lines or, by the ending of the destination, as a table.

    Args:
        rows: Vector and first vector of its story, by row or id, in the order in which they are to stand.
        destination: As for ``write_stories``.
        by_id: Whether they are ids.

    Raises:
        OutputError: as for ``write_stories``.
    """
    destination = destination if isinstance(destination, Destination) else Destination.of(destination)
    name, kind = ("id", "text") if by_id else ("row", "count")
    told = ({name: one, "story": first} for one, first in rows)
    if destination.typed:
        kinds: dict[str, Kind] = {name: kind, "story": kind}  # type: ignore[dict-item]  # one of two literals
        write_typed(destination, kinds, told)
        return
    with open_output(destination) as file:
        if destination.format == "jsonl":
            file.writelines(json_line(row) for row in told)
        else:
            write_delimited(file, (name, "story"), told, destination.format)
