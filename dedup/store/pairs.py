"""Two articles of a store, whichever was named first."""

from __future__ import annotations

__all__ = ["Pair", "pair_of"]

Pair = tuple[int, int]
"""Numbers of two articles, the smaller first."""


def pair_of(one: int, other: int) -> Pair:
    """Return two numbers as a pair.

    >>> pair_of(7, 3)
    (3, 7)
    """
    return (one, other) if one < other else (other, one)
