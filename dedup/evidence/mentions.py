"""Weighed mentions of one kind, in many articles, as sparse columns."""

from __future__ import annotations

from collections.abc import Sequence
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


def mention_columns(weighed: Sequence[Weighed]) -> Mentions:
    """Put the mentions of ``n`` articles into columns."""
    # keys in alphabetical order: sums over an article's keys run in the same order whatever else is in the corpus
    column = {key: i for i, key in enumerate(sorted({key for one in weighed for key in one}))}
    anywhere = _matrix([[(column[key], one[key][0]) for key in sorted(one)] for one in weighed], len(column))
    lead = _matrix([[(column[key], one[key][0]) for key in sorted(one) if one[key][1]] for one in weighed], len(column))
    return Mentions(
        anywhere=anywhere,
        lead=lead,
        there=_presence(anywhere),
        there_in_lead=_presence(lead),
        totals=row_sums(anywhere),
        lead_totals=row_sums(lead),
    )


def _matrix(rows: Sequence[Sequence[tuple[int, float]]], columns: int) -> csr_matrix:
    from scipy.sparse import csr_matrix

    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows], dtype=np.int64)])
    keys = np.array([key for row in rows for key, _ in row], np.int64)
    values = np.array([value for row in rows for _, value in row], np.float32)
    return csr_matrix((values, keys, starts), shape=(len(rows), max(1, columns)))


def row_sums(matrix: csr_matrix) -> npt.NDArray[np.float64]:
    """Return the sum of each row: float64 ``[n]``."""
    sums: npt.NDArray[np.float64] = np.asarray(matrix.sum(axis=1), np.float64).ravel()
    return sums


def _presence(matrix: csr_matrix) -> csr_matrix:
    there = matrix.copy()
    there.data = np.ones_like(there.data)
    return there
