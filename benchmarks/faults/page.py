"""What came of the faults as tables of a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.environment import measured_on
from benchmarks.faults.fault import Fault, Row
from benchmarks.markdown import replace_between_markers

__all__ = ["page_text", "write_page"]

_COMMAND = "python -m benchmarks.faults --docs docs/robustness.md"
_LONGEST_LINE = 160


def write_page(
    rows: Sequence[Row], path: Path, *, runs: Mapping[str, Mapping[str, Any]], lacking: Sequence[Fault] = ()
) -> None:
    """Write the tables between the markers ``faults`` of a page, and which faults are not among them."""
    replace_between_markers(path, "faults", page_text(rows, runs=runs, lacking=lacking))


def page_text(rows: Sequence[Row], *, runs: Mapping[str, Mapping[str, Any]], lacking: Sequence[Fault] = ()) -> str:
    """Return a table for each area, in the order of the rows, when they were caused, and what has not been yet.

    ``runs`` are those of the rows, by when they began: see ``benchmarks.environment``.
    """
    parts = [f"{len(rows)} faults, each as it must be. {_told_of_runs(rows, runs)}"]
    for area, some in groupby(rows, key=lambda row: row.fault.area):
        lines = ["| fault | how it was caused | code | what was said | what was there afterwards |"]
        lines += ["| :-- | :-- | --: | :-- | :-- |", *map(_row, some)]
        parts += [f"## {area}", "\n".join(lines)]
    if lacking:
        lines = [f"- {_cell(one.what)}: {_cell(one.how)}" for one in lacking]
        parts += ["## Not caused yet", "\n".join(["Those that this page has no outcome of:", "", *lines])]
    return "\n\n".join(parts)


def _told_of_runs(rows: Sequence[Row], runs: Mapping[str, Mapping[str, Any]]) -> str:
    counts = Counter(row.run for row in rows)
    if len(counts) == 1:
        (run,) = counts
        minutes = max(1, round(runs[run]["seconds"] / 60))
        return f"All are of one run of `{_COMMAND}`, of {minutes} minutes. {measured_on(runs[run])}."
    told = "; ".join(f"{count} of a run begun {run[:16].replace('T', ' ')}" for run, count in sorted(counts.items()))
    return f"They are of several runs of `{_COMMAND}`: {told}."


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
