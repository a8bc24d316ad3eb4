"""The scored pairs of a run, held in half the memory of plain arrays, from scoring until they are put in order."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from dedup.cluster import ScoredBlock

__all__ = ["HeldPairs"]

_Numbers = npt.NDArray[np.int64]

_UNITS = 1e4
"""Log-odds are rounded to four decimals: whole numbers of such units give them back to the last bit."""


class HeldPairs:
    """Blocks of scored pairs, 12 bytes a pair.

    Args:
        articles: How many there are.
    """

    def __init__(self, articles: int) -> None:
        self._articles = articles
        self._blocks: list[tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], _Numbers]] = []

    def add(self, pairs: _Numbers, log_odds: npt.NDArray[np.float64], settled: _Numbers) -> None:
        """Hold a block, see ``ScoredBlock``; log-odds as ``dedup.score.scorer.rounded_log_odds`` gives them."""
        self._blocks.append((pairs.astype(np.int32), np.rint(log_odds * _UNITS).astype(np.int32), settled))

    def blocks(self, threshold: float) -> Iterator[ScoredBlock]:
        """Yield the blocks, with those pairs only that can matter for groups at a threshold.

        Two groups join only where a pair between them is above it. So groups stay within the parts that such pairs
        connect, and whatever is said of articles in different parts is not asked for.
        """
        part = self._parts(threshold)
        for pairs, units, settled in self._blocks:
            near = part[pairs[:, 0]] == part[pairs[:, 1]]
            yield ScoredBlock(pairs=pairs[near].astype(np.int64), log_odds=units[near] / _UNITS, settled=settled)

    def _parts(self, threshold: float) -> npt.NDArray[np.int32]:
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        # a little below too, whatever clustering rounds: more pairs than needed change nothing
        above = [pairs[units > threshold * _UNITS - 1] for pairs, units, _ in self._blocks]
        joined = np.concatenate([np.empty((0, 2), np.int32), *above])
        shape = (self._articles, self._articles)
        graph = coo_array((np.ones(len(joined), np.int8), (joined[:, 0], joined[:, 1])), shape=shape)
        parts: npt.NDArray[np.int32] = connected_components(graph, directed=False)[1]
        return parts

    def give_up(self) -> tuple[_Numbers, npt.NDArray[np.float64]]:
        """Return all pairs, sorted, and their log-odds, and hold none any more."""
        total = sum(len(pairs) for pairs, _, _ in self._blocks)
        keys, units = np.empty(total, np.int64), np.empty(total, np.int32)
        end = total
        while self._blocks:
            some, of_some, _ = self._blocks.pop()
            keys[end - len(some) : end] = some[:, 0].astype(np.int64) * self._articles + some[:, 1]
            units[end - len(some) : end] = of_some
            end -= len(some)
        order = np.argsort(keys)
        log_odds = units[order] / _UNITS
        keys = keys[order]
        del order, units
        pairs = np.empty((total, 2), np.int64)
        np.divmod(keys, max(1, self._articles), out=(pairs[:, 0], pairs[:, 1]))
        return pairs, log_odds
