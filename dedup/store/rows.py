"""Articles of a store as far as their stories go, and the pairs between them that tell something."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.crowds import Following, nobody
from dedup.store.database import Database
from dedup.store.pairs import pair_of

__all__ = ["Nearest", "Row", "RowPairs", "following_of", "read_rows"]

_Numbers = npt.NDArray[np.int64]


class Row(NamedTuple):
    """An article as far as its story goes."""

    number: int
    id: str
    story: int | None
    hours: float
    lead: int | None
    """Number of the article that it follows."""
    lead_log_odds: float
    """Of the pair with that, as ``dedup.crowds.Following`` has them; NaN where there is none."""
    lead_text_odds: float


class RowPairs(NamedTuple):
    """Pairs of positions of articles, with their log-odds; those that people judged are infinite."""

    ends: _Numbers
    log_odds: npt.NDArray[np.float64]


def read_rows(database: Database, numbers: Sequence[int]) -> list[Row]:
    """Return articles that follow none, and those that follow them, in the order of their ids."""
    columns = "number, id, story, hours, lead, lead_log_odds, lead_text_odds"
    found = [
        row
        for name in ("number", "lead")
        for row in database.rows_among(
            f"SELECT {columns} FROM articles WHERE {name} IN ({{}})",  # noqa: S608 - fixed texts
            list(numbers),
        )
    ]
    rows = [
        Row(number, key, story, math.inf if hours is None else hours, lead, _number(log_odds), _number(text_odds))
        for number, key, story, hours, lead, log_odds, text_odds in found
    ]
    return sorted(rows, key=lambda row: row.id)


def following_of(rows: Sequence[Row]) -> Following:
    """Return who follows whom among articles, by their positions; of each the one that it follows is there too."""
    place = {row.number: position for position, row in enumerate(rows)}
    found = nobody(len(rows))
    for position, row in enumerate(rows):
        if row.lead is not None:
            found.lead[position] = place[row.lead]
            found.log_odds[position], found.text_odds[position] = row.lead_log_odds, row.lead_text_odds
    return found


class Nearest:
    """The surest pairs between articles of the stories that have changed."""

    def __init__(self, pairs: RowPairs, places: Sequence[int], n: int) -> None:
        there = np.zeros(n, np.bool_)
        there[list(places)] = True
        among = there[pairs.ends].all(axis=1)
        self._of: dict[int, list[tuple[int, float]]] = {}
        for (one, other), value in zip(pairs.ends[among].tolist(), pairs.log_odds[among].tolist(), strict=True):
            self._of.setdefault(one, []).append((other, value))
            self._of.setdefault(other, []).append((one, value))

    def within(self, places: Sequence[int]) -> tuple[int, int, float] | None:
        """Return the surest pair of these articles, with its log-odds."""
        return self.between(places, places)

    def between(self, some: Sequence[int], others: Collection[int]) -> tuple[int, int, float] | None:
        """Return the surest pair with one article of each, with its log-odds; of equals the first by ids."""
        among = others if isinstance(others, set) else set(others)
        found = [
            (-value, *pair_of(one, other)) for one in some for other, value in self._of.get(one, ()) if other in among
        ]
        if not found:
            return None
        value, one, other = min(found)
        return one, other, -value


def _number(value: float | None) -> float:
    return math.nan if value is None else value
