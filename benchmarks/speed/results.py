"""What was measured of speed, part by part, in one file: a part can be measured again, or more of it, on its own."""

from __future__ import annotations

from typing import Any

from benchmarks.environment import environment

__all__ = ["PARTS", "add_row", "begin_part", "exponent"]

PARTS = ("encoding", "runs", "vectors")

Document = dict[str, Any]
Row = dict[str, Any]

_KEY = ("size", "method", "encoder", "run")


def begin_part(document: Document, part: str, *, keep: bool) -> bool:
    """Make ready to add rows to a part; return whether those that are there stay.

    Rows stay where ``keep`` says so and they were measured on the same machine with the same versions, or else rows of
    two machines would stand in one table.
    """
    now = environment()
    before = document.get(part, {})
    same = all(before.get(what) == now[what] for what in ("machine", "versions"))
    stays = keep and same
    document[part] = now | {"rows": before["rows"] if stays else []}
    return stays


def add_row(document: Document, part: str, row: Row) -> None:
    """Add a row to a part, in place of one of the same size, method, encoder and run."""
    rows = document[part]["rows"]
    kept = [other for other in rows if any(other.get(name) != row.get(name) for name in _KEY)]
    document[part]["rows"] = sorted([*kept, row], key=_order)


def _order(row: Row) -> tuple[Any, ...]:
    """Smaller before larger, dedup before others, the first run before the second."""
    return row.get("size", 0), row["method"] != "dedup", row["method"], row.get("encoder", ""), row.get("run", "")


def exponent(sizes: list[int], values: list[float]) -> float | None:
    """Return b of the best a · size^b, by least squares of the logarithms; None for fewer than two sizes.

    >>> round(exponent([10, 100, 1000], [2.0, 20.0, 200.0]), 3)
    1.0
    """
    import numpy as np

    if len(set(sizes)) < 2:
        return None
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])
