"""The results of ``python -m benchmarks.hostile`` for people."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.environment import measured_on
from benchmarks.hostile.cost import MEASURED
from benchmarks.markdown import replace_between_markers, table

__all__ = ["PARTS", "part_text", "write_page"]

PARTS = ("cost", "files", "disguises", "attacks")


def part_text(results: Mapping[str, Any], part: str) -> str:
    """Return what was measured of a part, as Markdown."""
    if part not in results:
        return f"Not measured yet: `python -m benchmarks.hostile {part}`."
    rows = results[part]["rows"]
    made = {"cost": _cost, "files": _files, "disguises": _disguises, "attacks": _attacks}[part](rows)
    return f"{made}\n\n{measured_on(results[part]['environment'])}"


def write_page(results: Mapping[str, Any], path: Path) -> None:
    """Write what was measured into the page.

    Raises:
        MarkerError: the page lacks a marker.
    """
    for part in PARTS:
        if part in results:
            replace_between_markers(path, f"hostile-{part}", part_text(results, part))


def _cost(rows: Mapping[str, Any]) -> str:
    lines = [
        [
            kind,
            f"{run['articles']:,}",
            str(run["seconds"]),
            str(run["cpu_seconds"]),
            str(run["own_mb"]),
            f"{run['pairs_scored']:,}",
            f"{run['followed']:,}",
            _ends(run),
        ]
        for kind, found in rows.items()
        for run in found["runs"]
    ]
    lines += [
        [
            kind,
            "exponent",
            *(f"{found['exponents'][name]:.2f}" for name in MEASURED),
            "",
            "",
        ]
        for kind, found in rows.items()
    ]
    return table(
        ["articles", "", "seconds", "CPU seconds", "MB", "pairs scored", "followed", "stories, the largest"], lines
    )


def _ends(run: Mapping[str, Any]) -> str:
    return f"{run['stories']:,}, {run['largest']:,}" + (", ends apart" if run["ends_apart"] else "")


def _files(rows: Mapping[str, Any]) -> str:
    return table(
        ["file", "what is said", "MB", "seconds", "peak MB", "exit"],
        [
            [name, run["said"], str(run["file_mb"]), str(run["seconds"]), str(run["peak_mb"]), str(run["status"])]
            for name, run in rows.items()
        ],
    )


def _disguises(rows: Mapping[str, Any]) -> str:
    return table(
        ["disguise", "", "articles", "joined"],
        [[name, "", str(run["articles"]), str(run["joined"])] for name, run in rows.items()],
    )


def _attacks(rows: Mapping[str, Any]) -> str:
    return table(
        ["attack", "", "pairs of stories", "still apart", "joined the other story"],
        [[name, "", str(run["pairs"]), str(run["apart"]), str(run["joined_the_other"])] for name, run in rows.items()],
    )
