"""What came of the faults, kept in a file, each with the run that caused it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.faults.fault import FAULTS, Fault, Row
from benchmarks.json_file import read_json, write_json

__all__ = ["Outcomes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Rows by the names of their faults, and under what each of the runs was that they are of."""

    rows: Mapping[str, Mapping[str, Any]]
    runs: Mapping[str, Mapping[str, Any]]
    """By when they began: see ``benchmarks.environment``; and the ``seconds`` that they took."""

    @classmethod
    def read(cls, path: Path) -> Outcomes:
        """Return what a file holds; nothing where there is none."""
        document = read_json(path)
        return cls(rows=document.get("faults", {}), runs=document.get("runs", {}))

    def row(self, one: Fault) -> Row | None:
        """Return what came of a fault; None where it was not caused yet."""
        kept = self.rows.get(one.name)
        return Row(fault=one, **kept) if kept is not None else None

    def as_they_must_be(self) -> set[str]:
        """Return the names of the faults of which what must come came."""
        return {name for name, kept in self.rows.items() if not kept["wrong"]}

    def with_row(self, row: Row, run: Mapping[str, Any]) -> Outcomes:
        """Return these with what came of one more; of faults that there are no more, nothing is kept."""
        new = {"line": row.line, "wrong": row.wrong, "run": row.run, "seconds": row.seconds}
        rows = {**self.rows, row.fault.name: new}
        rows = {one.name: rows[one.name] for one in FAULTS if one.name in rows}
        used = {kept["run"] for kept in rows.values()}
        return Outcomes(rows=rows, runs={key: one for key, one in {**self.runs, row.run: run}.items() if key in used})

    def write(self, path: Path) -> None:
        """Keep them in a file."""
        write_json(path, {"runs": dict(self.runs), "faults": dict(self.rows)})
