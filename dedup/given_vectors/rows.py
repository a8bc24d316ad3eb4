"""Rows of vectors in whole steps, so that sums of their products are exact: the same however they are put together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.encode.base import Vectors
from dedup.errors import InputError

__all__ = ["STEPS", "Given", "StoredRows", "WholeRows", "digests_of", "exact_of", "steps_of"]

_Numbers = npt.NDArray[np.int64]

STEPS = 4_096
"""Steps of a component from 0 to 1."""
# Squares of lengths outside these may be 0 or infinite in float32.
_SHORTEST, _LONGEST = np.float32(1e-12), np.float32(1e12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Vectors that are there already."""

    vectors: npt.NDArray[np.floating]
    """float ``[n, dimension]``; may be memory-mapped."""
    hours: npt.NDArray[np.float64]
    """float64 ``[n]``, NaN where unknown."""
    rank: _Numbers | None
    """int64 ``[n]``, the place of each in the order that ties and stories go by; ``None`` for the order of time, then
    of contents."""


def _length_of(dimension: int) -> float:
    # rounding adds up to half a step to each component, and so half the root of their number to the length
    return STEPS - math.sqrt(dimension) / 2 - 1


def exact_of(dimension: int) -> float:
    """Return what makes cosines of products of rows."""
    return (STEPS / _length_of(dimension)) ** 2


class WholeRows:
    """Rows of an array as unit vectors in whole steps of 1/4096, made as they are read.

    A product of two is a whole number of steps of 2^-24, at most 2^24, and so are the sums on the way to it: float32
    holds them exactly. Cosines are therefore the same however rows are put together, to about 0.0002 the true ones.

    Args:
        vectors: float ``[n, dimension]``, rows of any length.
        first: Number of the first row, for what is said of them.
    """

    def __init__(self, vectors: npt.NDArray[np.floating], *, first: int = 0) -> None:
        self._vectors, self._first = vectors, first
        self.dimension = vectors.shape[1]
        self._length = _length_of(self.dimension)
        self.exact = exact_of(self.dimension)
        """What makes cosines of products."""

    def __len__(self) -> int:
        return len(self._vectors)

    def __getitem__(self, rows: _Numbers, /) -> Vectors:
        read: Vectors = self._vectors[rows].astype(np.float32)
        squares = np.einsum("ij,ij->i", read, read)
        for row in np.flatnonzero(~((squares > _SHORTEST) & (squares < _LONGEST))).tolist():
            read[row] = _rescaled(self._vectors[rows[row]].astype(np.float64), self._first + int(rows[row]))
            squares[row] = max(float(read[row] @ read[row]), float(_SHORTEST))
        read *= (np.float32(self._length) / np.sqrt(squares))[:, None]
        np.rint(read, out=read)
        read /= np.float32(STEPS)
        return read


def steps_of(rows: Vectors) -> npt.NDArray[np.int16]:
    """Return what ``WholeRows`` reads as numbers of steps, which hold all of it in half the bytes."""
    return (rows * np.float32(STEPS)).astype(np.int16)


class StoredRows:
    """Rows that are kept as ``steps_of`` gives them; they read as those of ``WholeRows`` do.

    Args:
        steps: int16 ``[n, dimension]``.
    """

    def __init__(self, steps: npt.NDArray[np.int16]) -> None:
        self._steps = steps
        self.dimension = steps.shape[1]
        self.exact = exact_of(self.dimension)
        """What makes cosines of products."""

    def __len__(self) -> int:
        return len(self._steps)

    def __getitem__(self, rows: _Numbers, /) -> Vectors:
        read: Vectors = self._steps[rows].astype(np.float32)
        read /= np.float32(STEPS)
        return read


def _rescaled(vector: npt.NDArray[np.float64], row: int) -> npt.NDArray[np.float64]:
    """Return a vector whose length is no number in float32 with its largest component 1; zeros stay zeros."""
    largest = float(np.abs(vector).max(initial=0.0))
    if not np.isfinite(largest):
        raise InputError(f"row {row} of the vectors holds what is no finite number; leave the row out or mend it")
    return vector / largest if largest > 0 else vector


def digests_of(rows: Vectors) -> npt.NDArray[np.uint64]:
    """Return 64 bits of each row: its components' bits by odd numbers, in whole numbers, so in any order of summation.

    Multiply-shift hashing, Dietzfelbinger et al. 1997; the numbers are those of SplitMix64 (Steele et al. 2014).
    """
    seeds = np.arange(1, rows.shape[1] + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    seeds = (seeds ^ (seeds >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    seeds = (seeds ^ (seeds >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    # 0.0 and -0.0 are equal and differ in their bits
    bits = (rows + np.float32(0)).view(np.uint32).astype(np.uint64)
    digests: npt.NDArray[np.uint64] = bits @ (seeds | np.uint64(1))
    return digests
