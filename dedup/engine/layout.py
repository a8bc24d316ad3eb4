"""How articles lie in parts: ranges of time, those without a time last, so that a part is compared with few others.

An article has a number: that of the first of its part, and its row.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.crowds import days_of
from dedup.engine.tables import NO_TIME

__all__ = ["Layout", "Part", "compared_parts", "layout_of", "numbered", "pair_name"]

_Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some articles that follow each other in time."""

    name: str
    articles: int
    first: tuple[float, str]
    """Hour and id of the first article."""
    last: float
    """The latest hour that is known; the first where none is."""
    undated: bool
    """Whether an article has no time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """All parts, in the order of time."""

    parts: tuple[Part, ...]

    @property
    def starts(self) -> _Numbers:
        """The number of each part's first article, and last of all how many there are: int64 ``[parts + 1]``."""
        return np.concatenate([[0], np.cumsum([part.articles for part in self.parts])]).astype(np.int64)

    def by_part(self, numbers: _Numbers) -> list[tuple[int, _Numbers]]:
        """Return the parts that articles are in, and their rows there: int64 ``[n]``, ascending."""
        of = np.searchsorted(self.starts, numbers, side="right") - 1
        return [(int(part), numbers[of == part] - self.starts[part]) for part in np.unique(of)]

    def days(self, part: int) -> tuple[float, float]:
        """Return the first and the last day of the articles of a part; infinite for those without a time."""
        one = self.parts[part]
        first, last = days_of(
            np.array([math.nan if one.first[0] >= NO_TIME else one.first[0], math.nan if one.undated else one.last])
        ).tolist()
        return first, last


def layout_of(results: Iterable[tuple[str, dict[str, Any]]]) -> Layout:
    """Return the parts, by name, of which tasks have said what they hold, in the order of time."""
    parts = [
        Part(
            name=name,
            articles=result["articles"],
            first=(result["first"][0], result["first"][1]),
            last=result["last"],
            undated=result["undated"] > 0,
        )
        for name, result in results
    ]
    return Layout(parts=tuple(sorted(parts, key=lambda part: part.first)))


def compared_parts(layout: Layout, window_hours: float) -> list[tuple[int, int]]:
    """Return which parts hold articles that may be near in time, the earlier first, each also with itself.

    An article without a time may be near to any: parts that have such ones, the last, are compared with all.
    """
    parts = layout.parts
    undated = next((place for place, part in enumerate(parts) if part.undated), len(parts))
    found = []
    for one, part in enumerate(parts):
        # in the order of time: the first that is too late is followed by later ones
        other = one
        while other < undated and (other == one or parts[other].first[0] - part.last <= window_hours):
            found.append((one, other))
            other += 1
        found += [(one, later) for later in range(max(one, undated), len(parts))]
    return found


def numbered(count: int) -> dict[str, tuple[str]]:
    """Return so many tasks, each with its own name."""
    return {f"{number:05}": (f"{number:05}",) for number in range(count)}


def pair_name(one: int, other: int) -> str:
    """Return the name of the task that compares two parts."""
    return f"{one:05}-{other:05}"
