"""What people said of pairs of articles, as ``dedup calibrate --pairs`` reads it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dedup.label import Label
from dedup.write.delimited import write_delimited
from dedup.write.json_lines import json_line
from dedup.write.kinds import Kind
from dedup.write.output import STANDARD_OUTPUT, Destination, open_output
from dedup.write.typed import write_typed

__all__ = ["LABEL_COLUMNS", "write_labels"]

LABEL_COLUMNS = ("a", "b", "same")
_KINDS: dict[str, Kind] = {"a": "text", "b": "text", "same": "flag"}


def write_labels(labels: Iterable[Label], destination: str | Path | Destination = STANDARD_OUTPUT) -> None:
    """Write labels as ``{"a": id, "b": id, "same": true}`` or, by the ending of the destination, as a table.

    Raises:
        OutputError: as for ``write_stories``.
    """
    destination = destination if isinstance(destination, Destination) else Destination.of(destination)
    rows = ({"a": label.a, "b": label.b, "same": label.same} for label in labels)
    if destination.typed:
        write_typed(destination, _KINDS, rows)
        return
    with open_output(destination) as file:
        if destination.format == "jsonl":
            file.writelines(json_line(row) for row in rows)
        else:
            write_delimited(file, LABEL_COLUMNS, rows, destination.format)
