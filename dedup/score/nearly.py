"""Sums that are known nearly: which of them are above a bound, as if they were known exactly.

A search has the products of article vectors from a matrix product, whose last bits depend on its shape. To multiply
each pair again takes longer than all that a screen looks at besides. So only those near the bound are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.score.signals import Pairs

__all__ = ["Products", "are_above", "slack_of"]

_Sums = Callable[[Pairs, npt.NDArray[np.float32] | None], npt.NDArray[np.float64]]

# Of float32 products, with much to spare.
_ROUNDING = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Products:
    """The products of the article vectors of pairs, for who has them."""

    values: npt.NDArray[np.float64]
    """float64 ``[p]``."""
    within: float = 0.0
    """How far each may be from the same product computed pair by pair."""

    def of(self, rows: npt.NDArray[np.int64] | slice) -> Products:
        """Return some of them."""
        return Products(values=self.values[rows], within=self.within)


def slack_of(weights: Mapping[str, float], products: Products | None) -> float:
    """Return how far the sum of signals by ``weights`` may be off for the products being off."""
    if products is None or not products.within:
        return 0.0
    return (abs(weights.get("document", 0.0)) + abs(weights.get("document_above", 0.0))) * products.within + _ROUNDING


def are_above(
    least: float, pairs: Pairs, sums: _Sums, products: Products | None, slack: float
) -> npt.NDArray[np.bool_]:
    """Tell which sums are above ``least``: bool ``[len(pairs)]``.

    Args:
        least: The bound.
        pairs: int64 ``[p, 2]``.
        sums: Returns the sum of each of some pairs, with their products, float32, or, without, multiplying anew.
        products: Those of ``pairs``.
        slack: How far sums may be off with them: those as near to the bound are computed again.
    """
    found = sums(pairs, None if products is None else products.values.astype(np.float32))
    doubtful = np.flatnonzero(np.abs(found - least) <= slack) if slack else np.empty(0, np.int64)
    if len(doubtful):
        found[doubtful] = sums(pairs[doubtful], None)
    above: npt.NDArray[np.bool_] = found > least
    return above
