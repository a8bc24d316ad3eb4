"""Weighed mentions of one kind, in many articles, as sparse columns."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["MentionCollector", "Mentions", "Weighed", "mention_columns", "numbered_mentions", "row_sums"]

Weighed = dict[str, tuple[float, bool]]
"""Key → what it is worth, and whether it stands in the lead."""


class Mentions(NamedTuple):
    """One kind of evidence of ``n`` articles: float32 ``[n, keys]``, sparse."""

    anywhere: csr_matrix
    """What each mention is worth."""
    lead: csr_matrix
    """The same for mentions in the lead alone."""
    there: csr_matrix
    """1 for every mention."""
    there_in_lead: csr_matrix
    """1 for every mention in the lead."""
    totals: npt.NDArray[np.float64]
    """float64 ``[n]``: worth of all mentions of an article."""
    lead_totals: npt.NDArray[np.float64]
    """float64 ``[n]``: worth of those in its lead."""


class MentionCollector:
    """Collects the mentions of articles, one article after the other. Of each only numbers are kept."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._keys, self._values, self._in_lead, self._counts = array("q"), array("f"), array("b"), array("q")

    def add(self, weighed: Weighed) -> None:
        """Add the mentions of the next article."""
        number = self._number
        self._counts.append(len(weighed))
        for key, (value, lead) in weighed.items():
            self._keys.append(number.setdefault(key, len(number)))
            self._values.append(value)
            self._in_lead.append(lead)

    def columns(self) -> Mentions:
        """Return the mentions of all articles added."""
        return numbered_mentions(
            np.array(self._counts, np.int64),
            np.array(self._keys, np.int64),
            np.array(self._values, np.float32),
            np.array(self._in_lead, np.bool_),
            len(self._number),
        )


def numbered_mentions(
    counts: npt.NDArray[np.int64],
    keys: npt.NDArray[np.int64],
    worth: npt.NDArray[np.float32],
    in_lead: npt.NDArray[np.bool_],
    distinct: int,
) -> Mentions:
    """Put mentions into columns.

    Args:
        counts: int64 ``[n]``, mentions of each article.
        keys: int64 ``[mentions]``, a number from 0 to ``distinct`` for each key; those of one article after those of
            another, each once.
        worth: float32 ``[mentions]``.
        in_lead: bool ``[mentions]``.
        distinct: How many keys there are.
    """
    rows = np.repeat(np.arange(len(counts)), counts)
    shape = (len(counts), max(1, distinct))
    anywhere = _matrix(rows, keys, worth, shape)
    lead_only = _matrix(rows[in_lead], keys[in_lead], worth[in_lead], shape)
    return Mentions(
        anywhere=anywhere,
        lead=lead_only,
        there=_presence(anywhere),
        there_in_lead=_presence(lead_only),
        totals=row_sums(anywhere),
        lead_totals=row_sums(lead_only),
    )


def mention_columns(weighed: Iterable[Weighed]) -> Mentions:
    """Put the mentions of ``n`` articles into columns."""
    collector = MentionCollector()
    for one in weighed:
        collector.add(one)
    return collector.columns()


def _matrix(
    rows: npt.NDArray[np.int64],
    columns: npt.NDArray[np.int64],
    values: npt.NDArray[np.float32],
    shape: tuple[int, int],
) -> csr_matrix:
    """Return the values, row by row as given, as a matrix whose columns are in order."""
    from scipy.sparse import csr_matrix

    starts = np.searchsorted(rows, np.arange(shape[0] + 1))
    # a copy: sorting would put the caller's values into another order than his other arrays
    matrix = csr_matrix((values, columns, starts), shape=shape, copy=True)
    matrix.sort_indices()
    return matrix


def row_sums(matrix: csr_matrix) -> npt.NDArray[np.float64]:
    """Return the sum of each row: float64 ``[n]``.

    The sums are exact, and so the same whatever the order of the columns, which depends on what else is in the corpus:
    float64 holds the sum of thousands of float32 numbers that lie between 0.001 and 1.
    """
    sums: npt.NDArray[np.float64] = matrix.astype(np.float64) @ np.ones(matrix.shape[1])
    return sums


def _presence(matrix: csr_matrix) -> csr_matrix:
    there = matrix.copy()
    there.data = np.ones_like(there.data)
    return there
