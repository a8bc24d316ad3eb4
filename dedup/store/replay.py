"""Average linkage gone through again where something has changed, and only there.

Joining groups, the surest pair first, gives each of the last groups a tree: which of its parts joined, and at what
average. Averages only fall on the way (the linkage is reducible, Bruynooghe 1978), so they serve as a clock: a group is
there from the moment when it was formed until the moment when it joins another. Who knows the articles of the last
group knows its tree, for what joined within it joined by the pairs within it.

An article that comes, or of whose pairs one has changed, is *loose*: nothing is known of what it will do. All else goes
as it went before, until something loose joins a group at a moment when it is there. What this group was to be a part of
is then never formed; the other parts of that are loose from then on. So moments are gone through in order, and of all
groups that are near only those are looked into that something loose could reach; the others are as they were, since
any two groups of them have not come nearer to each other.

Of two joins with equal averages that of the smaller ids is the earlier; so moments are in one order, with no two equal.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dedup.store.chains import Weighed
from dedup.store.pairs import pair_of

__all__ = ["regrouped"]

_FIRST_LOOK = 16
"""Articles that are looked at together, the nearest first; then four times as many."""
Moment = tuple[Any, ...]
"""Minus the average, and the smallest ids of the two groups: the earlier, the smaller."""
_BEGINNING: Moment = (-math.inf,)
Fellows = Callable[[Iterable[int]], Mapping[int, Sequence[int]]]


@dataclass(slots=True, eq=False)
class _Group:
    """Articles that are together from one moment on."""

    members: list[int]
    key: str
    """The smallest id."""
    formed: Moment = _BEGINNING
    parts: tuple[_Group, ...] = ()
    becomes: _Group | None = None
    """What it will be a part of, if nothing loose comes between."""
    is_gone: bool = False
    near: dict[int, tuple[float, int]] | None = field(default=None, repr=False)
    """Each article with which there is a joining pair: what these pairs are worth together, and how many there are."""


def regrouped(graph: Weighed, changed: Iterable[int], fellows: Fellows) -> list[list[int]]:
    """Return the groups of all articles that a change can have moved: whole groups of before, as those of now.

    Args:
        graph: The articles as they are now.
        changed: Those that came, lost one of their group, or were judged.
        fellows: Returns for each article those that are still there of the group that it was in, itself included.
    """
    return _Replay(graph, fellows).groups(changed)


class _Replay:
    def __init__(self, graph: Weighed, fellows: Fellows) -> None:
        self._graph, self._fellows = graph, fellows
        self._end: Moment = (-graph.least,)
        self._last: dict[int, Sequence[int]] = {}
        """Of articles that were near something loose."""
        self._lowest: dict[int, _Group] = {}
        """Of each article that was looked at: the first group that it is in, from which ``becomes`` leads on."""
        self._loose: dict[int, _Group] = {}
        """By ``id``."""
        self._joins: list[tuple[Moment, int, _Group, _Group]] = []
        self._count = itertools.count()

    def groups(self, changed: Iterable[int]) -> list[list[int]]:
        loose = sorted({one for fellows in self._fellows(sorted(set(changed))).values() for one in fellows})
        for number in loose:
            self._loosen(self._alone(number))
        self._graph.joining(loose)
        for group in list(self._loose.values()):
            self._look(group)
        while self._joins:
            moment, _, one, other = heapq.heappop(self._joins)
            if one.is_gone:
                continue
            if other.is_gone or moment >= self._ends(other):
                self._look(one)
            else:
                self._join(one, other, moment)
        return sorted(sorted(group.members) for group in self._loose.values())

    def _alone(self, number: int) -> _Group:
        self._lowest[number] = _Group([number], self._graph.id_of(number))
        return self._lowest[number]

    def _loosen(self, group: _Group) -> None:
        group.becomes = None
        self._loose[id(group)] = group

    def _ends(self, group: _Group) -> Moment:
        return group.becomes.formed if group.becomes else self._end

    def _look(self, group: _Group) -> None:
        """Take note of the first join of a loose group."""
        found = self._first_join(group)
        if found:
            heapq.heappush(self._joins, (found[0], next(self._count), group, found[1]))

    def _join(self, one: _Group, other: _Group, moment: Moment) -> None:
        fresh = self._cut_out(other)
        joined = _Group([*one.members, *other.members], min(one.key, other.key), moment)
        joined.near = _together(self._near(one), self._near(other), joined.members)
        self._lowest.update(dict.fromkeys(joined.members, joined))
        for group in (one, other):
            group.is_gone = True
            group.near = None
            self._loose.pop(id(group), None)
        for group in (joined, *fresh):
            self._loosen(group)
        for group in (joined, *fresh):
            self._look(group)

    def _cut_out(self, group: _Group) -> list[_Group]:
        """Return what is loose when a group does not become what it would have become."""
        fresh = []
        while group.becomes:
            larger = group.becomes
            larger.is_gone = True
            fresh += [part for part in larger.parts if part is not group]
            group.becomes = None
            group = larger
        self._loose.pop(id(group), None)
        return fresh

    def _near(self, group: _Group) -> dict[int, tuple[float, int]]:
        if group.near is None:
            found: dict[int, tuple[float, int]] = {}
            for others in self._graph.joining(group.members):
                for number, worth in others.items():
                    total, count = found.get(number, (0.0, 0))
                    found[number] = (total + worth, count + 1)
            for number in group.members:
                found.pop(number, None)
            group.near = found
        return group.near

    def _first_join(self, group: _Group) -> tuple[Moment, _Group] | None:
        """Return the moment at which a loose group would join another, and that; None if it would not.

        A pair that is not joining is worth ``least`` at most, to the rounding: this bounds averages from above, and
        spares scoring most pairs.
        """
        near, size = self._near(group), len(group.members)
        most = self._graph.least + 1
        bounds = sorted(((total + most * (size - count)) / size, number) for number, (total, count) in near.items())
        self._learn_groups(near)
        best: tuple[Moment, _Group] | None = None
        seen: set[int] = set()
        room = _FIRST_LOOK
        while bounds and (best is None or -bounds[-1][0] <= best[0][0]):
            some = [number for _, number in reversed(bounds[-room:])]
            del bounds[-room:]
            room *= 4
            self._grow_trees(some)
            others = []
            for other in itertools.chain.from_iterable(map(self._path, some)):
                if id(other) not in seen:
                    seen.add(id(other))
                    others.append(other)
            best = self._first_of(group, others, best)
        return best

    def _path(self, number: int) -> Iterator[_Group]:
        group: _Group | None = self._lowest[number]
        while group:
            yield group
            group = group.becomes

    def _first_of(
        self, group: _Group, others: Sequence[_Group], best: tuple[Moment, _Group] | None
    ) -> tuple[Moment, _Group] | None:
        """Return the earliest join of a group with one of others, or ``best`` where that is earlier."""
        near = self._near(group)
        most = self._graph.least + 1
        exact: list[tuple[_Group, float]] = []
        open_: list[_Group] = []
        for other in others:
            pairs = len(group.members) * len(other.members)
            known = [near[number] for number in other.members if number in near]
            total, count = sum(worth for worth, _ in known), sum(of_one for _, of_one in known)
            bound = (total + most * (pairs - count)) / pairs
            if (-bound,) < self._ends(other) and (best is None or -bound <= best[0][0]):
                if count == pairs:
                    exact.append((other, bound))
                else:
                    open_.append(other)
        for other, average in itertools.chain(exact, self._averages(group, open_)):
            moment = (-average, *sorted((group.key, other.key)))
            if self._can_join(group, other, moment) and (best is None or moment < best[0]):
                best = moment, other
        return best

    def _can_join(self, group: _Group, other: _Group, moment: Moment) -> bool:
        """Tell whether both groups are there at a moment.

        Infinite averages come of what people said. They do not fall, for one infinite pair makes an average infinite;
        but their order does not matter either, for all of them join in the end.
        """
        have_come = max(group.formed, other.formed) <= moment or moment[0] == -math.inf
        return have_come and moment < self._ends(other)

    def _averages(self, group: _Group, others: Sequence[_Group]) -> Iterator[tuple[_Group, float]]:
        pairs = [[pair_of(a, b) for a in group.members for b in other.members] for other in others]
        worth = iter(self._graph.worth(list(itertools.chain.from_iterable(pairs))) if others else ())
        for other, some in zip(others, pairs, strict=True):
            yield other, sum(itertools.islice(worth, len(some))) / len(some)

    def _learn_groups(self, numbers: Iterable[int]) -> None:
        unknown = [number for number in numbers if number not in self._lowest and number not in self._last]
        if unknown:
            self._last.update(self._fellows(unknown))

    def _grow_trees(self, numbers: Sequence[int]) -> None:
        """Have the trees of the groups that articles were in at last."""
        groups: dict[int, list[int]] = {}
        for number in numbers:
            if number not in self._lowest:
                for one in self._last[number]:
                    self._alone(one)
                last = sorted(self._last[number], key=self._graph.id_of)
                if len(last) > 1:
                    groups[last[0]] = last
        pairs = {first: [pair_of(*pair) for pair in itertools.combinations(of, 2)] for first, of in groups.items()}
        worth = iter(self._graph.worth(list(itertools.chain.from_iterable(pairs.values()))) if pairs else ())
        for first, last in groups.items():
            self._grow([self._lowest[one] for one in last], list(itertools.islice(worth, len(pairs[first]))))

    def _grow(self, groups: list[_Group], worth: Sequence[float]) -> None:
        """Join single articles, in the order of their ids, until they are one group again."""
        for one, other, average in joins_within(len(groups), worth):
            parts = (groups[one], groups[other])
            joined = _Group(
                [*parts[0].members, *parts[1].members], parts[0].key, (-average, parts[0].key, parts[1].key), parts
            )
            for part in parts:
                part.becomes = joined
            groups[one] = joined


def joins_within(n: int, worth: Sequence[float]) -> Iterator[tuple[int, int, float]]:
    """Yield the joins that make ``n`` articles one group: two places and the average; the smaller stands for both.

    Args:
        n: Articles, in the order of their ids.
        worth: Of each pair, in the order of ``itertools.combinations``.
    """
    sums = np.zeros((n, n))
    sums[np.triu_indices(n, 1)] = worth
    sums += sums.T
    sizes = np.ones(n)
    here = np.ones(n, np.bool_)
    nearest = [-1] * n
    average = np.full(n, -math.inf)

    def look(row: int) -> None:
        later = np.flatnonzero(here[row + 1 :]) + row + 1
        if len(later):
            averages = sums[row, later] / (sizes[row] * sizes[later])
            place = int(np.argmax(averages))
            nearest[row], average[row] = int(later[place]), averages[place]
        else:
            nearest[row], average[row] = -1, -math.inf

    for row in range(n):
        look(row)
    for _ in range(n - 1):
        there = [row for row in range(n) if here[row] and nearest[row] >= 0]
        one = max(there, key=lambda row: (average[row], -row))
        other = nearest[one]
        yield one, other, float(average[one])
        here[other] = False
        sums[one] += sums[other]
        sums[:, one] += sums[:, other]
        sizes[one] += sizes[other]
        for row in range(n):
            if here[row] and (row == one or nearest[row] in (one, other)):
                look(row)


def _together(
    one: Mapping[int, tuple[float, int]], other: Mapping[int, tuple[float, int]], members: Iterable[int]
) -> dict[int, tuple[float, int]]:
    found = dict(one)
    for number, (total, count) in other.items():
        before, counted = found.get(number, (0.0, 0))
        found[number] = (before + total, counted + count)
    for number in members:
        found.pop(number, None)
    return found
