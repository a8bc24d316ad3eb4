"""The figures of articles by what they count, as columns: do two articles give one value for one thing?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.evidence.counted import SLOTS, TOLLS
from dedup.evidence.numbers import NumberMention

__all__ = [
    "LEAD_SENTENCES",
    "MOST_VALUES",
    "Figures",
    "SlotCollector",
    "SlotColumns",
    "SlotComparison",
    "are_near_tolls",
    "article_figures",
    "compare_slots",
    "slot_values",
    "value_as_number",
]

LEAD_SENTENCES = 4
"""Figures stand a little later than names and days."""

Figures = Mapping[str, tuple[float, ...]]
"""Slot → its values in an article's lead, at most 4, ascending; see ``value_as_number``."""

MOST_VALUES = 4
"""Values of a slot that are kept of an article."""

_NONE = np.nan
_NEAR_TOLLS = 0.8
"""Tolls rise while reports come in: those of which the lesser is this part of the greater, or more, are in no conflict.
Of the families' and siblings' pairs with such, 66% are of one event, of those further apart 26%, of all 46%."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotColumns:
    """Figures in the leads of ``n`` articles."""

    values: npt.NDArray[np.float64]
    """float64 ``[rows, 4]``, padded with NaN: the values of one slot of one article a row; row 0 is empty."""
    row: npt.NDArray[np.int32]
    """int32 ``[n, len(SLOTS)]``: where in ``values`` an article's slot is; 0 where it has none."""


class SlotComparison(NamedTuple):
    """In how many slots two articles agree and in how many they differ: float64 ``[pairs]`` each.

    A slot with tolls that lie near each other is neither.
    """

    agreeing: npt.NDArray[np.float64]
    in_conflict: npt.NDArray[np.float64]
    ordinals_agreeing: npt.NDArray[np.float64]
    """1 where one ordinal stands in both (*the fifth round*), counted apart: it counts nothing."""
    ordinals_in_conflict: npt.NDArray[np.float64]


class SlotCollector:
    """Collects the figures of articles, one after the other."""

    def __init__(self) -> None:
        self._values = [[_NONE] * MOST_VALUES]
        self._rows: list[list[int]] = []

    def add(self, figures: Figures) -> None:
        """Add the figures of the next article."""
        row = [0] * len(SLOTS)
        for slot, values in figures.items():
            row[SLOTS.index(slot)] = len(self._values)
            self._values.append([*values, *[_NONE] * (MOST_VALUES - len(values))])
        self._rows.append(row)

    def columns(self) -> SlotColumns:
        """Return the figures of all articles added."""
        return SlotColumns(
            values=np.array(self._values, np.float64),
            row=np.array(self._rows, np.int32).reshape(len(self._rows), len(SLOTS)),
        )


def article_figures(mentions: Iterable[NumberMention]) -> Figures:
    """Return the figures of an article by its numbers."""
    return {
        slot: tuple(sorted(map(value_as_number, found))[:MOST_VALUES]) for slot, found in slot_values(mentions).items()
    }


def slot_values(mentions: Iterable[NumberMention]) -> dict[str, set[str]]:
    """Return the values of each slot that the lead fills."""
    values: dict[str, set[str]] = {}
    for mention in mentions:
        if mention.slot and mention.sentence < LEAD_SENTENCES:
            values.setdefault(mention.slot, set()).add(mention.value)
    return values


def value_as_number(value: str) -> float:
    """Return a value as a number, of which equal ones mean equal values; 3-1 is no 1-3."""
    home, score, away = value.partition("-")
    return float(home) * 1000 + float(away) if score else float(value.rstrip("."))


def compare_slots(columns: SlotColumns, pairs: npt.NDArray[np.int64]) -> SlotComparison:
    """Compare the figures of both articles of each pair: int64 ``[p, 2]``."""
    agreeing, in_conflict = np.zeros((2, len(pairs))), np.zeros((2, len(pairs)))
    for slot, name in enumerate(SLOTS):
        kind = int(name == "ordinal")
        left, right = columns.row[pairs[:, 0], slot], columns.row[pairs[:, 1], slot]
        both = np.flatnonzero((left > 0) & (right > 0))
        one, other = columns.values[left[both]], columns.values[right[both]]
        same = (one[:, :, None] == other[:, None, :]).any(axis=(1, 2))
        differ = ~same & ~are_near_tolls(name, one, other)
        agreeing[kind, both[same]] += 1
        in_conflict[kind, both[differ]] += 1
    return SlotComparison(
        agreeing=agreeing[0],
        in_conflict=in_conflict[0],
        ordinals_agreeing=agreeing[1],
        ordinals_in_conflict=in_conflict[1],
    )


def are_near_tolls(slot: str, one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Tell of which rows two values are tolls near each other, which are in no conflict: bool ``[p]``.

    Args:
        slot: What the values are of.
        one: float64 ``[p, 4]``, padded with NaN.
        other: Likewise.
    """
    if slot not in TOLLS:
        return np.zeros(len(one), np.bool_)
    left, right = one[:, :, None], other[:, None, :]
    near = np.minimum(left, right) >= _NEAR_TOLLS * np.maximum(left, right)
    found: npt.NDArray[np.bool_] = np.asarray(near.any(axis=(1, 2)))
    return found
