"""The scored pairs of a run, held in a third of the memory of arrays, from scoring until they are put in order."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from dedup.cluster import ScoredBlock

__all__ = ["HeldPairs"]

_Numbers = npt.NDArray[np.int64]
_Values = npt.NDArray[np.float64]

_UNITS = 1e4
"""Log-odds are rounded to four decimals: whole numbers of such units give them back to the last bit."""
# A pair and its log-odds in one number: pairs above, so that sorting numbers sorts pairs; units, which are within
# 80,000, in the lower bits.
_UNIT_BITS = 18
_ZERO = 1 << (_UNIT_BITS - 1)
_MOST_ARTICLES = 1 << ((63 - _UNIT_BITS) // 2)
_ROWS_AT_ONCE = 1 << 20


class HeldPairs:
    """Blocks of scored pairs, 8 bytes a pair.

    Args:
        articles: How many there are.

    Raises:
        ValueError: more than four million, of which no pair fits.
    """

    def __init__(self, articles: int) -> None:
        if articles > _MOST_ARTICLES:
            raise ValueError(f"{articles} articles are more than {_MOST_ARTICLES} in one run")
        self._articles = max(1, articles)
        self._blocks: list[tuple[_Numbers, _Numbers]] = []

    def add(self, pairs: _Numbers, log_odds: _Values, settled: _Numbers) -> None:
        """Hold a block, see ``ScoredBlock``; log-odds as ``dedup.score.scorer.rounded_log_odds`` gives them."""
        units = np.rint(log_odds * _UNITS).astype(np.int64) + _ZERO
        self._blocks.append(((pairs[:, 0] * self._articles + pairs[:, 1] << _UNIT_BITS) | units, settled))

    def blocks(self, threshold: float) -> Iterator[ScoredBlock]:
        """Yield the blocks, with those pairs only that can matter for groups at a threshold.

        Two groups join only where a pair between them is above it. So groups stay within the parts that such pairs
        connect, and whatever is said of articles in different parts is not asked for.
        """
        part = self._parts(threshold)
        for packed, settled in self._blocks:
            pairs = self._pairs(packed)
            near = part[pairs[:, 0]] == part[pairs[:, 1]]
            yield ScoredBlock(pairs=pairs[near], log_odds=_log_odds(packed[near]), settled=settled)

    def _parts(self, threshold: float) -> npt.NDArray[np.int32]:
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        # a little below too, whatever clustering rounds: more pairs than needed change nothing
        least = threshold - 1 / _UNITS
        above = [self._pairs(packed[_log_odds(packed) > least]) for packed, _ in self._blocks]
        joined = np.concatenate([np.empty((0, 2), np.int64), *above])
        shape = (self._articles, self._articles)
        graph = coo_array((np.ones(len(joined), np.int8), (joined[:, 0], joined[:, 1])), shape=shape)
        parts: npt.NDArray[np.int32] = connected_components(graph, directed=False)[1]
        return parts

    def give_up(self) -> tuple[_Numbers, _Values]:
        """Return all pairs, sorted, and their log-odds, and hold none any more."""
        packed = np.empty(sum(len(some) for some, _ in self._blocks), np.int64)
        end = len(packed)
        while self._blocks:
            some = self._blocks.pop()[0]
            packed[end - len(some) : end] = some
            end -= len(some)
        packed.sort()
        pairs = np.empty((len(packed), 2), np.int64)
        log_odds = packed.view(np.float64)  # in the same place: there may be a gigabyte of them
        for start in range(0, len(packed), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            pairs[rows], log_odds[rows] = self._pairs(packed[rows]), _log_odds(packed[rows])
        return pairs, log_odds

    def _pairs(self, packed: _Numbers) -> _Numbers:
        return np.stack(np.divmod(packed >> _UNIT_BITS, self._articles), axis=1)


def _log_odds(packed: _Numbers) -> _Values:
    return ((packed & ((1 << _UNIT_BITS) - 1)) - _ZERO) / _UNITS
