"""Candidate pairs: every two articles near enough in vector space and in time.

Which pairs are candidates depends on the two articles alone: similarity at least a bound, times at most a window
apart. No "nearest ten", which would make a pair depend on what else is in the corpus.

The search is exact: matrix products of tiles, 1,024 articles by 1,024, of those that time does not rule out. Vectors
are read tile by tile, so they may lie on disk, and what is held is the tiles of one window.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from dedup.encode.base import Vectors
from dedup.sketch import Sketch
from dedup.threads import one_thread_each, threads_allowed

__all__ = [
    "MARGIN",
    "Bounds",
    "CandidateBlock",
    "Rows",
    "SearchWork",
    "are_candidates",
    "candidate_blocks",
    "candidate_pairs",
    "may_be_candidates",
    "near_enough",
    "pair_products",
]

_Numbers = npt.NDArray[np.int64]

_ROWS_AT_ONCE = 1_024
_PAIRS_AT_ONCE = 262_144
# The last bits of a matrix product depend on its shape: it is searched with a margin, and what is found is compared
# again, pair by pair.
_ONES_AT_ONCE = 8_192
_FEWEST_TO_SKETCH = 65_536
# Of a tile in which more pairs are left than this, all products are faster.
_FEW = 1 / 100
MARGIN = 1e-4
"""How far a product of float32 unit rows may be from the same one computed in another order, with much to spare."""
_DECIMALS = 5


class Rows(Protocol):
    """Unit vectors that are read some at a time: an array, or anything that reads like one."""

    def __len__(self) -> int:
        """Return the number of vectors."""

    def __getitem__(self, rows: _Numbers, /) -> Vectors:
        """Return float32 ``[len(rows), dimension]``, each row the same whatever it is read with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How near two articles must be, in cosine and in time, to be worth a score."""

    similarity: float
    """Articles with times."""
    one_language: float
    """Articles with times and of one language, which are nearer to each other whatever they tell."""
    undated: float
    """Articles of two languages, one without a time or both."""
    window_hours: float
    """Most hours apart, where both times are known."""
    undated_one_language: float | None = None
    """Articles of one language, one without a time or both; ``None`` for ``undated``."""

    def least(self, *, timed: bool, one_language: bool) -> float:
        """Return the least cosine for a pair with or without both times, of one language or of two."""
        if timed:
            return self.one_language if one_language else self.similarity
        return self.undated if not one_language or self.undated_one_language is None else self.undated_one_language


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateBlock:
    """Some of the candidate pairs, each in one block only."""

    pairs: _Numbers
    """int64 ``[p, 2]``, ``i < j``, sorted."""
    products: npt.NDArray[np.float64]
    """float64 ``[p]``, of their rows; where those are not exact, within ``MARGIN`` of ``pair_products``."""
    settled: _Numbers
    """int64 ``[k]``: articles that are in no later block. Each is named once at most; those left at the end never."""


@dataclass(slots=True, kw_only=True)
class SearchWork:
    """What a search took, counted: the same on every machine."""

    compared: int = 0
    """Similarities computed."""
    candidates: int = 0
    """Pairs found."""
    scored: int = 0
    """Those of them that were worth a score; counted by whoever scores them."""


def are_candidates(
    documents: Vectors, hours: npt.NDArray[np.float64], languages: _Numbers, pairs: _Numbers, bounds: Bounds
) -> npt.NDArray[np.bool_]:
    """Tell which of ``pairs`` ``candidate_blocks`` would find: bool ``[p]``.

    Args:
        documents: As for ``candidate_blocks``.
        hours: Likewise.
        languages: Likewise.
        pairs: int64 ``[p, 2]``, positions.
        bounds: As for ``candidate_blocks``.
    """
    return near_enough(pair_products(documents, pairs), hours[pairs].T, languages[pairs].T, bounds)


def pair_products(documents: Vectors, pairs: _Numbers) -> npt.NDArray[np.float64]:
    """Return the product of each pair of rows, the same whatever else is multiplied: float64 ``[p]``."""
    return _products(documents, documents, pairs[:, 0], pairs[:, 1])


def near_enough(
    products: npt.NDArray[np.float64], hours: npt.NDArray[np.float64], languages: _Numbers, bounds: Bounds
) -> npt.NDArray[np.bool_]:
    """Tell which pairs are candidates: bool ``[p]``.

    Args:
        products: float64 ``[p]``, see ``pair_products``.
        hours: float64 ``[2, p]``, times of both, NaN where unknown.
        languages: int64 ``[2, p]``, a number for each language.
        bounds: As for ``candidate_blocks``.
    """
    least = _least_cosines(hours[0], hours[1], languages[0] == languages[1], bounds)
    near: npt.NDArray[np.bool_] = np.round(products, _DECIMALS) >= least
    return near


def may_be_candidates(
    products: npt.NDArray[np.float32],
    hours: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
    one_language: npt.NDArray[np.bool_],
    bounds: Bounds,
) -> npt.NDArray[np.bool_]:
    """Tell which pairs ``are_candidates`` need be asked about: bool ``[p]``.

    Args:
        products: float32 ``[p]``, of their rows, computed in whatever order.
        hours: float64 ``[p]`` each, times of both articles, NaN where unknown.
        one_language: bool ``[p]``.
        bounds: As for ``candidate_blocks``.
    """
    possible: npt.NDArray[np.bool_] = products >= _least_cosines(*hours, one_language, bounds) - 2 * MARGIN
    return possible


def candidate_pairs(documents: Rows, hours: npt.NDArray[np.float64], languages: _Numbers, bounds: Bounds) -> _Numbers:
    """Return all candidate pairs at once: int64 ``[pairs, 2]``, sorted. Arguments as for ``candidate_blocks``."""
    found = (block.pairs for block in candidate_blocks(documents, hours, languages, bounds))
    pairs = np.concatenate([np.empty((0, 2), np.int64), *found])
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def candidate_blocks(
    documents: Rows,
    hours: npt.NDArray[np.float64],
    languages: _Numbers,
    bounds: Bounds,
    *,
    exact: float | None = None,
    work: SearchWork | None = None,
    progress: Callable[[int], None] | None = None,
    across: int | None = None,
) -> Iterator[CandidateBlock]:
    """Yield all pairs ``(i, j)``, ``i < j``, that are worth a score, each once.

    Exact. Articles are taken in the order of their times, so that each is compared with its window only; an article
    without a time is compared with all. What a block holds depends on the corpus; which pairs there are does not.

    Args:
        documents: float32 ``[n, dimension]``, unit rows.
        hours: float64 ``[n]``, publication in hours; NaN where unknown.
        languages: int64 ``[n]``, a number for each language.
        bounds: Cosines are compared with them after rounding to five decimals.
        exact: Where products of rows are exact in float32, in whatever order they are summed: what makes cosines of
            them.
        work: Counts what is done.
        progress: Called with the number of articles searched since its last call.
        across: Only pairs of one of the first so many articles and one of the others, of which none is earlier; those
            without a time come after those with one, on both sides together. For ``None`` all pairs.

    Raises:
        ValueError: an article after ``across`` is earlier than one before it.
    """
    search = _Search(documents, hours, languages, bounds, exact, across)
    work = work or SearchWork()
    settled = 0
    threads = threads_allowed()
    with one_thread_each(), ThreadPoolExecutor(threads) as pool:
        for tile, (start, stop) in enumerate(search.tiles):
            if across is not None and stop <= across:
                continue
            low = search.begin(tile)
            others = search.others()
            for found in _gathered(_compared(search, others, pool, 2 * threads)):
                work.candidates += len(found.pairs)
                # an article without a time is compared with all: while there is one to come, no article is settled
                gone = search.order[settled:low] if search.all_timed else search.order[:0]
                settled = max(settled, low)
                yield CandidateBlock(pairs=found.pairs, products=found.products, settled=gone)
            work.compared += (stop - start) * max(0, (stop if across is None else across) - low)
            if progress is not None:
                progress(stop - start)


def _compared(search: _Search, others: Sequence[int], pool: ThreadPoolExecutor, at_once: int) -> Iterator[_Found]:
    """Yield the candidates between the tile turned to and each of ``others``, several tiles at a time."""
    for first in range(0, len(others), at_once):
        yield from list(pool.map(search.compare, others[first : first + at_once]))


class _Found(NamedTuple):
    pairs: _Numbers
    products: npt.NDArray[np.float64]


class _Tile(NamedTuple):
    """Vectors of some articles that follow each other, and their sketches where they help."""

    rows: Vectors
    sketches: Vectors | None

    def since(self, first: int) -> _Tile:
        return _Tile(self.rows[first:], None if self.sketches is None else self.sketches[first:])


class _Search:
    """Articles in the order of their times, cut into tiles. No tile has articles with and without a time."""

    def __init__(
        self,
        documents: Rows,
        hours: npt.NDArray[np.float64],
        languages: _Numbers,
        bounds: Bounds,
        exact: float | None,
        across: int | None = None,
    ) -> None:
        self.order = np.argsort(hours, kind="stable")  # NaN last
        if across is not None and not (np.sort(self.order[:across]) == np.arange(across)).all():
            raise ValueError("an article of the second part is earlier than one of the first; put them in order")
        self._across = across
        self._hours, self._languages = hours[self.order], languages[self.order]
        self._documents, self._bounds, self._exact = documents, bounds, exact
        n, self._timed = len(hours), int(np.count_nonzero(~np.isnan(hours)))
        edges = [*range(0, self._timed, _ROWS_AT_ONCE), *range(self._timed, n, _ROWS_AT_ONCE), n]
        self.tiles = list(itertools.pairwise(edges))
        """Where each begins and ends in the order."""
        self._tile = self._low = 0
        self._held: dict[int, _Tile] = {}
        """The tile turned to, and those before it that are in its window."""
        self._sketch = self._fitted_sketch()

    @property
    def all_timed(self) -> bool:
        """Whether every article has a time."""
        return self._timed == len(self.order)

    def begin(self, tile: int) -> int:
        """Turn to a tile, and return where what it is compared with begins: tiles look back only, and at themselves."""
        start = self.tiles[tile][0]
        if start < self._timed:
            oldest = self._hours[start] - self._bounds.window_hours
            self._low = int(np.searchsorted(self._hours[: self._timed], oldest))
            self._held = {one: rows for one, rows in self._held.items() if self.tiles[one][1] > self._low}
        else:
            # what is compared with all is too much to hold, and is read again for each tile
            self._low, self._held = 0, {}
        self._tile = tile
        self._held[tile] = self._read(tile)
        return self._low

    def others(self) -> range:
        """Return the tiles with which the one turned to is compared."""
        end = self._tile + 1
        if self._across is not None:
            end = sum(start < self._across for start, _ in self.tiles[:end])
        return range(self._low // _ROWS_AT_ONCE, end)

    def _read(self, tile: int) -> _Tile:
        rows = self._documents[self.order[slice(*self.tiles[tile])]]
        return _Tile(rows, None if self._sketch is None else self._sketch.of(rows))

    def _fitted_sketch(self) -> Sketch | None:
        """Return the sketch that makes this search faster, if any does."""
        if len(self.order) < _FEWEST_TO_SKETCH:
            return None
        spread = self._documents[self.order[np.linspace(0, len(self.order) - 1, _ROWS_AT_ONCE * 4).astype(np.int64)]]
        middle = len(self.order) // 2
        near = self._documents[self.order[middle : middle + _ROWS_AT_ONCE]]
        return Sketch.fit(spread, near, (self._least(0) - MARGIN) / (self._exact or 1))

    def compare(self, other: int) -> _Found:
        """Return the candidates between the tile turned to and one that is not after it."""
        start, first = self.tiles[self._tile][0], max(self.tiles[other][0], self._low)
        queries = self._held[self._tile]
        rows = (self._held.get(other) or self._read(other)).since(first - self.tiles[other][0])
        left, right, found = _above(queries, rows, (self._least(start) - MARGIN) / (self._exact or 1))
        if other == self._tile:
            later = left > right
            left, right, found = left[later], right[later], found[later]
        if self._across is not None:
            crossing = (left + start >= self._across) & (right + first < self._across)
            left, right, found = left[crossing], right[crossing], found[crossing]
        least = self._bound(left + start, right + first)
        if self._exact is not None:
            kept = np.round(found * self._exact, _DECIMALS) >= least
        else:
            doubtful = np.flatnonzero(np.abs(found - least) <= MARGIN)
            found[doubtful] = np.round(_products(queries.rows, rows.rows, left[doubtful], right[doubtful]), _DECIMALS)
            kept = found >= least
        one, two = self.order[left[kept] + start], self.order[right[kept] + first]
        pairs = np.stack([np.minimum(one, two), np.maximum(one, two)], axis=1)
        return _Found(pairs, found[kept])

    def _least(self, start: int) -> float:
        """Return the lowest bound that a pair with an article from ``start`` on can have."""
        timed = start < self._timed
        return min(self._bounds.least(timed=timed, one_language=one) for one in (False, True))

    def _bound(self, left: _Numbers, right: _Numbers) -> npt.NDArray[np.float64]:
        """Return the least similarity of each pair of places in the order; infinite where time rules the pair out."""
        one_language = self._languages[left] == self._languages[right]
        return _least_cosines(self._hours[left], self._hours[right], one_language, self._bounds)


def _least_cosines(
    left: npt.NDArray[np.float64], right: npt.NDArray[np.float64], one_language: npt.NDArray[np.bool_], bounds: Bounds
) -> npt.NDArray[np.float64]:
    """Return the least cosine of each pair by the times of both, in hours; infinite where time rules the pair out."""
    apart = np.abs(left - right)
    dated, undated = (
        np.where(one_language, *(float(bounds.least(timed=timed, one_language=one)) for one in (True, False)))
        for timed in (True, False)
    )
    # NaN is not greater: an unknown time rules nothing out
    dated[apart > bounds.window_hours] = np.inf
    return np.where(np.isnan(apart), undated, dated)


def _above(queries: _Tile, rows: _Tile, least: float) -> tuple[_Numbers, _Numbers, npt.NDArray[np.float64]]:
    """Return the rows of both whose product reaches ``least``, and the product."""
    if queries.sketches is not None and rows.sketches is not None:
        possible = queries.sketches @ rows.sketches.T >= np.float32(least)
        if np.count_nonzero(possible) < possible.size * _FEW:
            left, right = np.divmod(np.flatnonzero(possible), len(rows.rows))
            product = _products(queries.rows, rows.rows, left, right)
            near = product >= least
            return left[near], right[near], product[near]
    products = queries.rows @ rows.rows.T
    at = np.flatnonzero(products >= np.float32(least))
    left, right = np.divmod(at, len(rows.rows))
    return left, right, products.ravel()[at].astype(np.float64)


def _products(queries: Vectors, rows: Vectors, left: _Numbers, right: _Numbers) -> npt.NDArray[np.float64]:
    """Return the product of each pair alone: float64 ``[len(left)]``."""
    products = np.empty(len(left))
    for start in range(0, len(left), _ONES_AT_ONCE):
        some = slice(start, start + _ONES_AT_ONCE)
        products[some] = np.einsum("ij,ij->i", queries.take(left[some], axis=0), rows.take(right[some], axis=0))
    return products


def _gathered(compared: Iterator[_Found]) -> Iterator[_Found]:
    """Yield what was found in blocks that are neither small nor large, each sorted."""
    waiting: list[_Found] = []
    for found in compared:
        waiting.append(found)
        if sum(len(some.pairs) for some in waiting) >= _PAIRS_AT_ONCE:
            yield from _in_parts(waiting)
            waiting = []
    yield from _in_parts(waiting)


def _in_parts(found: Sequence[_Found]) -> Iterator[_Found]:
    """Yield what was found together, sorted, cut into parts that are not too large."""
    pairs = np.concatenate([np.empty((0, 2), np.int64), *(some.pairs for some in found)])
    order = np.argsort(pairs @ [pairs.max(initial=0) + 1, 1])
    products = np.concatenate([np.empty(0), *(some.products for some in found)])
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        some = order[start : start + _PAIRS_AT_ONCE]
        yield _Found(pairs[some], products[some])
