"""The results of ``python -m benchmarks.cluster`` for people."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.environment import measured_on
from benchmarks.markdown import replace_between_markers, table

__all__ = ["PARTS", "part_text", "write_page"]

PARTS = ("same", "nodes", "driver", "vectors")


def part_text(results: Mapping[str, Any], part: str) -> str:
    """Return what was measured of a part, as Markdown."""
    return str(results.get(part))
def write_page(results: Mapping[str, Any], path: Path) -> None:
    """Write what was measured into the page."""
