"""Average linkage within one part of a graph, by chains of nearest neighbours.

From any group one goes to its nearest, from there to that one's nearest, and so on: each step is nearer than the last,
so the way ends at two groups that are each other's nearest. They join, whatever the others do (Benzécri 1982, Murtagh
1983). The groups that come out are those of joining the nearest two of all, again and again, without a queue of all
pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["Linkage"]


class Linkage:
    """Groups that join by the average over the pairs between them; pairs that are not there count 0.

    Args:
        sizes: Articles in each group. Groups are numbered by their smallest member: of two that are equally near, the
            one with the smaller number is nearer.
        pairs: Two groups and the sum over the pairs between them: a whole number, so that sums are exact, or -inf.
        pending: Groups that may have nearer ones yet, which are not known here; they join with none.
        least: Two groups join while the average between them is above this; not below 0.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        pairs: Iterable[tuple[int, int, float]],
        *,
        pending: Iterable[int] = (),
        least: float,
    ) -> None:
        self.merged: list[tuple[int, int]] = []
        """Groups that joined: the number that both have from then on, which is the smaller, and the other."""
        self.done: set[int] = set()
        """Groups that are above ``least`` with no other, and so will join no more."""
        self._least = least
        # Groups are held under a name, which is the number of any of those that joined, so that of two the one with
        # fewer neighbours can be given up; `number` is the smallest.
        self._number = list(range(len(sizes)))
        self._size = list(sizes)
        self._sums: list[dict[int, float]] = [{} for _ in sizes]
        for a, b, total in pairs:
            self._sums[a][b] = self._sums[b][a] = total
        self._pending = set(pending)
        self._gone: set[int] = set()
        self._link()

    def _link(self) -> None:
        waiting = set(self._pending)
        starts = list(range(len(self._size) - 1, -1, -1))
        while starts:
            chain = [starts.pop()]
            while chain and chain[-1] not in waiting and chain[-1] not in self._gone:
                nearest = self._nearest(chain[-1])
                if nearest is None:
                    self._finish(chain.pop())
                elif len(chain) > 1 and nearest == chain[-2]:
                    starts.append(self._join(chain.pop(), chain.pop()))
                else:
                    chain.append(nearest)
            # the nearest of each is the next, and the last is pending or waits for one that is: nothing that joins
            # elsewhere comes nearer
            waiting.update(chain)

    def _nearest(self, a: int) -> int | None:
        """Return the group with the largest average above the least, of several the one with the smallest number."""
        best, best_average = None, self._least
        size, number = self._size, self._number
        for b, total in self._sums[a].items():
            average = total / (size[a] * size[b])
            if average > best_average or (average == best_average and best is not None and number[b] < number[best]):
                best, best_average = b, average
        return best

    def _finish(self, a: int) -> None:
        for b in self._sums[a]:
            del self._sums[b][a]
        self._sums[a] = {}
        self._gone.add(a)
        self.done.add(self._number[a])

    def _join(self, a: int, b: int) -> int:
        """Join two groups and return the name of both from now on."""
        if len(self._sums[a]) < len(self._sums[b]):
            a, b = b, a
        sums, given_up = self._sums[a], self._sums[b]
        del sums[b], given_up[a]
        for other, total in given_up.items():
            del self._sums[other][b]
            sums[other] = self._sums[other][a] = sums.get(other, 0.0) + total
        self._sums[b] = {}
        self._gone.add(b)
        self._size[a] += self._size[b]
        kept, gone = sorted((self._number[a], self._number[b]))
        self._number[a] = kept
        self.merged.append((kept, gone))
        return a
