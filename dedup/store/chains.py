"""Average linkage worked out only where something has changed.

The outcome of joining the nearest two groups again and again does not depend on where one begins, as long as those
that join are each other's nearest (Murtagh 1983, nearest-neighbour chains; the linkage is reducible, Bruynooghe 1978).
So the group that an article ends in can be found from the article alone: follow nearest neighbours until two are each
other's, join them, go on, until the group that holds the article is above the threshold with no other. No article is
looked at that is not on the way.

This is how `verify` looks: it needs nothing but the pairs. What a change does is found from the stories that there are,
by `dedup.store.replay`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from dedup.store.pairs import Pair, pair_of

__all__ = ["Chains", "Weighed"]

_GROUPS_AT_ONCE = 16


class Weighed(Protocol):
    """Articles, by number, and what each two are worth."""

    @property
    def least(self) -> float:
        """Two groups join while the average between them is above it; a single pair that is not joining is not."""

    def id_of(self, number: int) -> str:
        """Return the id of an article: groups with smaller ids go first where averages are equal."""

    def joining(self, numbers: Iterable[int]) -> list[dict[int, float]]:
        """Return for each article all pairs of it that are above ``least``."""

    def worth(self, pairs: Sequence[Pair]) -> list[float]:
        """Return what pairs are worth, the smaller number first."""


class Chains:
    """Groups that articles end in, found one by one.

    A group is named by the number of its article while it is one, and below zero from then on.

    Args:
        graph: The articles.
    """

    def __init__(self, graph: Weighed) -> None:
        self._graph = graph
        self._name: dict[int, int] = {}
        """Of the group of an article that has joined another."""
        self._members: dict[int, list[int]] = {}
        self._keys: dict[int, str] = {}
        self._sums: dict[tuple[int, int], float] = {}
        """Over all pairs between two groups."""

    def group_of(self, number: int) -> list[int]:
        """Return the articles of the group that one ends in."""
        chain = [self._now(number)]
        while True:
            nearest = self._nearest(chain[-1])
            if nearest is None:
                if chain[-1] == self._now(number):
                    return sorted(self._in(chain[-1]))
                chain = [self._now(number)]
            elif len(chain) > 1 and nearest == chain[-2]:
                self._join(chain.pop(), chain.pop())
                chain = chain or [self._now(number)]
            else:
                chain.append(nearest)

    def _now(self, number: int) -> int:
        return self._name.get(number, number)

    def _in(self, group: int) -> list[int]:
        return self._members.get(group) or [group]

    def _join(self, one: int, other: int) -> None:
        name = -1 - len(self._members)
        self._members[name] = [*self._in(one), *self._in(other)]
        self._name.update(dict.fromkeys(self._members[name], name))

    def _key(self, group: int) -> str:
        """Return the smallest id of a group."""
        if group not in self._keys:
            self._keys[group] = min(map(self._graph.id_of, self._in(group)))
        return self._keys[group]

    def _nearest(self, group: int) -> int | None:
        """Return the group whose average with this one is greatest, of equals the first by key; None below the least.

        A pair that is not stored as joining is worth ``least`` at most, to the rounding: what bounds an average from
        above, and spares most of those that would have to be scored.
        """
        best: int | None = None
        average = self._graph.least
        waiting: list[int] = []
        room = _GROUPS_AT_ONCE
        for bound, is_exact, other in sorted(self._bounds(group), reverse=True):
            if bound < average:
                break
            if is_exact:
                best, average = self._better(best, average, other, bound)
                continue
            waiting.append(other)
            if len(waiting) == room:
                best, average = self._best_of(group, waiting, best, average)
                waiting, room = [], 4 * room
        return self._best_of(group, waiting, best, average)[0]

    def _better(self, best: int | None, average: float, other: int, of_other: float) -> tuple[int | None, float]:
        if of_other > average:
            return other, of_other
        if of_other == average and best is not None and self._key(other) < self._key(best):
            return other, average
        return best, average

    def _best_of(
        self, group: int, waiting: Sequence[int], best: int | None, average: float
    ) -> tuple[int | None, float]:
        for other, of_other in zip(waiting, self._averages(group, waiting), strict=True):
            best, average = self._better(best, average, other, of_other)
        return best, average

    def _bounds(self, group: int) -> list[tuple[float, bool, int]]:
        """Return the most that the average with a group can be, whether it is that, and the group.

        For all groups with which there is a joining pair.
        """
        sums: dict[int, float] = {}
        counts: dict[int, int] = {}
        name = self._name.get
        members = self._in(group)
        for others in self._graph.joining(members):
            for number, worth in others.items():
                other = name(number, number)
                sums[other] = sums.get(other, 0.0) + worth
                counts[other] = counts.get(other, 0) + 1
        sums.pop(group, None)
        most = self._graph.least + 1
        found = []
        for other, total in sums.items():
            pairs = len(members) * len(self._in(other))
            bound = (total + most * (pairs - counts[other])) / pairs
            found.append((bound, counts[other] == pairs, other))
        return found

    def _averages(self, group: int, others: Sequence[int]) -> list[float]:
        unknown = [other for other in others if (group, other) not in self._sums]
        pairs = [self._between(group, other) for other in unknown]
        worth = self._graph.worth([pair for some in pairs for pair in some])
        start = 0
        for other, some in zip(unknown, pairs, strict=True):
            self._sums[group, other] = self._sums[other, group] = sum(worth[start : start + len(some)])
            start += len(some)
        size = len(self._in(group))
        return [self._sums[group, other] / (size * len(self._in(other))) for other in others]

    def _between(self, group: int, other: int) -> list[Pair]:
        return [pair_of(a, b) for a in self._in(group) for b in self._in(other)]
