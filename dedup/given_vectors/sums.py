"""Sums of products over all pairs between groups of vectors."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from dedup.encode.base import Vectors
from dedup.given_vectors.rows import STEPS

__all__ = ["GroupSums", "UnitRows"]

_Numbers = npt.NDArray[np.int64]

_ROWS_AT_ONCE = 1_024
_PAIRS_AT_ONCE = 65_536


class UnitRows(Protocol):
    """Unit vectors in whole steps; see ``dedup.given_vectors.rows``."""

    dimension: int
    exact: float

    def __len__(self) -> int:
        """Return the number of vectors."""

    def __getitem__(self, rows: _Numbers, /) -> Vectors:
        """Return float32 ``[len(rows), dimension]``."""


class _Batch(NamedTuple):
    """Which two groups, and the members of both."""

    places: list[int]
    these: list[list[int]]
    those: list[list[int]]


class GroupSums:
    """Sums of products over all pairs between groups: mostly the product of the sums of both.

    Articles are named by their ranks, groups by their smallest. All numbers are whole in steps of 2^-24, and exact.
    """

    def __init__(
        self, rows: UnitRows, hours: npt.NDArray[np.float64], rank: _Numbers, window_hours: float, far: float
    ) -> None:
        self._rows, self._window = rows, window_hours
        self._far = round(far / rows.exact * STEPS**2) / STEPS**2
        self._row = np.argsort(rank)
        self._hours = hours[self._row]
        self._earliest, self._latest = self._hours.copy(), self._hours.copy()
        self._members: dict[int, list[int]] = {}
        """Of groups of two and more."""
        self._slot = np.full(len(rank), -1)
        self._sums = np.empty((0, rows.dimension))

    def join(self, kept: _Numbers, gone: _Numbers) -> None:
        """Make each group ``gone`` a part of the one ``kept``."""
        order = np.argsort(kept, kind="stable")
        kept, gone = kept[order], gone[order]
        starts = np.flatnonzero(np.diff(kept, prepend=-1))
        if len(starts):
            totals = self._vectors(kept[starts]) + np.add.reduceat(self._vectors(gone), starts)
            self._store(kept[starts], totals)
        np.fmin.at(self._earliest, kept, self._earliest[gone])
        np.fmax.at(self._latest, kept, self._latest[gone])
        for one, other in zip(kept.tolist(), gone.tolist(), strict=True):
            self._members.setdefault(one, [one]).extend(self._members.pop(other, [other]))

    def forget_all_but(self, groups: _Numbers) -> None:
        """Let go of groups that will not be asked for again."""
        kept = set(groups.tolist())
        for name in [name for name in self._members if name not in kept]:
            del self._members[name]
        left = np.array(list(self._members), np.int64)
        self._sums = self._sums[self._slot[left]]
        self._slot[left] = np.arange(len(left))

    def sums(self, ends: _Numbers) -> npt.NDArray[np.float64]:
        """Return the sum over the pairs between each two groups: float64 ``[len(ends)]``."""
        sums = np.empty(len(ends))
        for start in range(0, len(ends), _ROWS_AT_ONCE):
            some = ends[start : start + _ROWS_AT_ONCE]
            sums[start : start + len(some)] = np.einsum("ij,ij->i", *map(self._vectors, some.T))
        latest, earliest = self._latest[ends].max(axis=1), self._earliest[ends].min(axis=1)
        apart = np.flatnonzero(latest - earliest > self._window)
        for batch in self._batches(ends[apart]):
            np.add.at(sums, apart[batch.places], self._beyond(batch))
        return sums

    def _batches(self, ends: _Numbers) -> Iterator[_Batch]:
        """Yield the members of each two groups, many at a time, the larger ones in parts."""
        batch = _Batch([], [], [])
        room = _PAIRS_AT_ONCE
        for place, (a, b) in enumerate(ends.tolist()):
            these, those = self._members.get(a) or [a], self._members.get(b) or [b]
            step = max(1, _PAIRS_AT_ONCE // len(those))
            for start in range(0, len(these), step):
                part = these[start : start + step]
                if len(part) * len(those) > room and batch.places:
                    yield batch
                    batch, room = _Batch([], [], []), _PAIRS_AT_ONCE
                batch.places.append(place)
                batch.these.append(part)
                batch.those.append(those)
                room -= len(part) * len(those)
        if batch.places:
            yield batch

    def _beyond(self, batch: _Batch) -> npt.NDArray[np.float64]:
        """Return what pairs further apart than the window count, less their products: float64 ``[len(places)]``."""
        sizes = np.array([list(map(len, batch.these)), list(map(len, batch.those))])
        pairs = sizes.prod(axis=0)
        of = np.repeat(np.arange(len(pairs)), pairs)
        # the pairs of one batch's place are numbered through, by its first group's members and then by its second's
        number = np.arange(len(of)) - (np.cumsum(pairs) - pairs)[of]
        first = np.cumsum(sizes, axis=1) - sizes
        left = np.fromiter(chain.from_iterable(batch.these), np.int64)[first[0][of] + number // sizes[1][of]]
        right = np.fromiter(chain.from_iterable(batch.those), np.int64)[first[1][of] + number % sizes[1][of]]
        far = np.abs(self._hours[left] - self._hours[right]) > self._window
        of, left, right = of[far], left[far], right[far]
        articles, places = np.unique(np.stack([left, right]), return_inverse=True)
        rows = self._rows[self._row[articles]]
        left, right = places.reshape(2, -1)
        more = np.empty(len(of))
        for start in range(0, len(of), _ROWS_AT_ONCE):
            some = slice(start, start + _ROWS_AT_ONCE)
            more[some] = self._far - np.einsum("ij,ij->i", rows[left[some]], rows[right[some]]).astype(np.float64)
        return np.bincount(of, weights=more, minlength=len(pairs)).astype(np.float64)

    def _vectors(self, groups: _Numbers) -> npt.NDArray[np.float64]:
        """Return the sum of the vectors of each group: float64 ``[len(groups), dimension]``."""
        slots = self._slot[groups]
        single = slots < 0
        vectors = self._sums[slots] if len(self._sums) else np.empty((len(groups), self._rows.dimension))
        vectors[single] = self._rows[self._row[groups[single]]]
        return vectors

    def _store(self, groups: _Numbers, totals: npt.NDArray[np.float64]) -> None:
        new = self._slot[groups] < 0
        first = len(self._sums)
        self._slot[groups[new]] = first + np.arange(np.count_nonzero(new))
        self._sums = np.concatenate([self._sums, totals[new]])
        self._sums[self._slot[groups[~new]]] = totals[~new]
