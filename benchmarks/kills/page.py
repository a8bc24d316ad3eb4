"""What kills have shown, as text and tables of a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.environment import measured_on
from benchmarks.markdown import replace_between_markers, table

__all__ = ["PARTS", "part_text", "write_page"]

Part = Mapping[str, Any]


def write_page(results: Mapping[str, Part], path: Path) -> None:
    """Write what has been measured between the markers ``kills-PART`` of a page."""
    for name in PARTS:
        replace_between_markers(path, f"kills-{name}", part_text(results, name))


def part_text(results: Mapping[str, Part], name: str) -> str:
    """Return the text of a part."""
    if name not in results:
        return f"Not measured yet: `python -m benchmarks.kills {name}`."
    found = results[name]
    faults = [f"A fault was found: {fault}." for fault in found["faults"]]
    measured = f"{measured_on(found['environment'])}; `python -m benchmarks.kills {name}`."
    return "\n\n".join([*PARTS[name](found), *faults, measured])


def _batch(found: Part) -> list[str]:
    while_ = found["killed_while"]
    rows = [
        ["runs that were killed, and resumed until they ended", found["runs"]],
        ["kills, those of resumed runs among them", found["kills"]],
        ["… before anything was kept of the articles", while_.get("reading", 0)],
        ["… when contents of articles were kept, and no output was there", while_.get("working", 0)],
        ["… when the stories were written, and not yet all of the rest", while_.get("writing", 0)],
        ["runs whose outputs were others than those of an undisturbed run", int(bool(found["faults"]))],
    ]
    return [
        f"{found['articles']:,} articles and {found['rejected']:,} records that are none, the fast encoder, its "
        "vectors kept in a cache that was not there before. Each run writes stories, scored pairs, rejected records "
        "and its manifest; in turn as JSON lines, gzipped tables, and Parquet and Arrow.",
        _counts(rows),
    ]


def _store(found: Part) -> list[str]:
    rows = [["kills", found["kills"]]]
    rows += [[f"… during `{kind}`", count] for kind, count in found["interrupted"].items()]
    rows += [
        ["calls that had returned, and were all there", found["calls_told"]],
        ["calls that were cut short, and were there whole", found["held_though_untold"]],
        ["kills after which something was not as it must be", int(bool(found["faults"]))],
    ]
    return [
        "A process adds, replaces, removes, expires and corrects without a rest, and is killed at a moment drawn from "
        f"its first {found['longest_seconds']:g} seconds.",
        _counts(rows),
    ]


def _counts(rows: list[list[Any]]) -> str:
    return table(["what", "", "times"], [[name, "", f"{count:,}"] for name, count in rows])


PARTS: Mapping[str, Callable[[Part], list[str]]] = {"batch": _batch, "store": _store}
"""What is told of each part, by its name."""
