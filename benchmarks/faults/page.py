"""What came of the faults as tables of a page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from benchmarks.faults.fault import Fault, Row
from benchmarks.markdown import replace_between_markers

__all__ = ["page_text", "write_page"]

_LONGEST_LINE = 160


def write_page(rows: Sequence[Row], path: Path, *, lacking: Sequence[Fault] = ()) -> None:
    """Write the tables between the markers ``faults`` of a page, and which faults are not among them."""
    replace_between_markers(path, "faults", page_text(rows, lacking=lacking))


def page_text(rows: Sequence[Row], *, lacking: Sequence[Fault] = ()) -> str:
    """Return a table for each area, in the order of the rows, and what has not been caused yet."""
    parts = [f"{len(rows)} faults, each as it must be."]
    for area, some in groupby(rows, key=lambda row: row.fault.area):
        lines = ["| fault | how it was caused | code | what was said | what was there afterwards |"]
        lines += ["| :-- | :-- | --: | :-- | :-- |", *map(_row, some)]
        parts += [f"## {area}", "\n".join(lines)]
    if lacking:
        lines = [f"- {_cell(one.what)}: {_cell(one.how)}" for one in lacking]
        parts += ["## Not caused yet", "\n".join(["Those that this page has no outcome of:", "", *lines])]
    return "\n\n".join(parts)


def _row(row: Row) -> str:
    one = row.fault
    code = f"{one.code}" if one.code >= 0 else f"killed ({-one.code})"
    return f"| {' | '.join(_cell(text) for text in (one.what, one.how, code, _said(row.line), one.left))} |"


def _said(line: str) -> str:
    if not line:
        return ""
    shown = line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
