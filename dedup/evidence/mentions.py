"""Weighed mentions of one kind, in many articles, as sparse columns."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["Mentions", "Weighed", "mention_columns", "row_sums"]

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


def mention_columns(weighed: Iterable[Weighed]) -> Mentions:
    """Put the mentions of ``n`` articles into columns. Of each article in turn only numbers are kept."""
    number: dict[str, int] = {}
    keys, values, in_lead, counts = array("q"), array("f"), array("b"), array("q")
    for one in weighed:
        counts.append(len(one))
        for key, (value, lead) in one.items():
            keys.append(number.setdefault(key, len(number)))
            values.append(value)
            in_lead.append(lead)
    # keys in alphabetical order: sums over an article's keys run in the same order whatever else is in the corpus
    column = np.empty(len(number), np.int64)
    column[[number[key] for key in sorted(number)]] = np.arange(len(number))
    columns, worth = column[np.array(keys, np.int64)], np.array(values, np.float32)
    rows = np.repeat(np.arange(len(counts)), np.array(counts, np.int64))
    leads = np.array(in_lead, np.bool_)
    shape = (len(counts), max(1, len(number)))
    anywhere = _matrix(rows, columns, worth, shape)
    lead_only = _matrix(rows[leads], columns[leads], worth[leads], shape)
    return Mentions(
        anywhere=anywhere,
        lead=lead_only,
        there=_presence(anywhere),
        there_in_lead=_presence(lead_only),
        totals=row_sums(anywhere),
        lead_totals=row_sums(lead_only),
    )


def _matrix(
    rows: npt.NDArray[np.int64],
    columns: npt.NDArray[np.int64],
    values: npt.NDArray[np.float32],
    shape: tuple[int, int],
) -> csr_matrix:
    """Return the values, row by row as given, as a matrix whose columns are in order."""
    from scipy.sparse import csr_matrix

    starts = np.searchsorted(rows, np.arange(shape[0] + 1))
    matrix = csr_matrix((values, columns, starts), shape=shape)
    matrix.sort_indices()
    return matrix


def row_sums(matrix: csr_matrix) -> npt.NDArray[np.float64]:
    """Return the sum of each row: float64 ``[n]``."""
    sums: npt.NDArray[np.float64] = np.asarray(matrix.sum(axis=1), np.float64).ravel()
    return sums


def _presence(matrix: csr_matrix) -> csr_matrix:
    there = matrix.copy()
    there.data = np.ones_like(there.data)
    return there
