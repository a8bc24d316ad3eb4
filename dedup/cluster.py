"""Scored pairs into groups: average linkage on log-odds, over the graph of candidate pairs.

Two groups of articles join while the log-odds of "same story", averaged over all pairs between them, are above the
threshold, the surest first. A single pair cannot chain two stories together: every other pair between them counts too,
and a pair that is no candidate counts as evidence against. Order-free and deterministic: articles are taken in the
order of their keys, ties go to the groups with the smallest members.

Pairs may come in blocks, in the order of time. A joined group is never nearer to a third than the nearer of its two
halves was (Bruynooghe 1978 calls the linkage reducible), which has two consequences for groups that no coming pair
touches: two that are each other's nearest can join at once, whatever comes later; and one that is above the threshold
with no other is done. So what is held is about what the window holds, even where a chain of articles runs through
the whole archive.

Average linkage: Sokal & Michener 1958 (UPGMA). Chains of nearest neighbours: Benzécri 1982, Murtagh 1983.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.linkage import Linkage

__all__ = ["ScoredBlock", "cluster_blocks", "cluster_pairs", "rank_of"]

_Numbers = npt.NDArray[np.int64]
_Sums = npt.NDArray[np.float64]

# Log-odds are counted in millionths, as whole numbers: sums of them are exact, whatever their order.
_UNITS = 1e6
_THRESHOLD_DECIMALS = 3
# Pairs are looked through when so many have come, and as many as were left over the last time: each pair is then
# looked at about twice.
_FEWEST_PAIRS = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredBlock:
    """Some of the candidate pairs with their log-odds, and the articles for which these were the last."""

    pairs: _Numbers
    """int64 ``[p, 2]``, positions of articles; each pair in one block, once."""
    log_odds: npt.NDArray[np.float64]
    """float64 ``[p]``."""
    settled: _Numbers
    """int64 ``[k]``: positions that are in no later block. Naming fewer costs memory, no more."""

    def above(self, least: float) -> ScoredBlock:
        """Return the block with those pairs only whose log-odds are above ``least``."""
        kept = self.log_odds > least
        return ScoredBlock(pairs=self.pairs[kept], log_odds=self.log_odds[kept], settled=self.settled)


def cluster_pairs(
    keys: Sequence[str],
    pairs: _Numbers,
    log_odds: npt.NDArray[np.float64],
    *,
    threshold: float,
    absent: float,
) -> _Numbers:
    """Return the group of each article: int64 ``[n]``, groups numbered by their article with the smallest key.

    Args:
        keys: ``n`` distinct keys; they alone order articles, so that the order of input changes nothing.
        pairs: int64 ``[p, 2]``, candidate pairs of positions in ``keys``, each once.
        log_odds: float64 ``[p]``, log-odds of "same story".
        threshold: Two groups join while their average log-odds are above it.
        absent: Log-odds that count for a pair that is not in ``pairs``; not above ``threshold``.
    """
    block = ScoredBlock(pairs=pairs, log_odds=log_odds, settled=np.empty(0, np.int64))
    return cluster_blocks(rank_of(keys), [block], threshold=threshold, absent=absent)


def cluster_blocks(rank: _Numbers, blocks: Iterable[ScoredBlock], *, threshold: float, absent: float) -> _Numbers:
    """Return what ``cluster_pairs`` does, from blocks of scored pairs, holding only those that can still matter.

    Args:
        rank: int64 ``[n]``, the place of each article in the order of keys; see ``rank_of``.
        blocks: Drawn one by one.
        threshold: As for ``cluster_pairs``.
        absent: As for ``cluster_pairs``.
    """
    if absent > threshold:
        raise ValueError(f"absent is {absent}, above the threshold {threshold}: every two articles would join")
    least = round((threshold - absent) * _UNITS, _THRESHOLD_DECIMALS)
    open_pairs = _OpenPairs(len(rank), least)
    for block in blocks:
        sums = np.rint((block.log_odds - absent) * _UNITS)
        # what is no number never joins: no average with it is above anything
        sums[np.isnan(sums)] = -np.inf
        open_pairs.add(rank[block.pairs], sums, rank[block.settled])
    return np.unique(open_pairs.groups()[rank], return_inverse=True)[1].astype(np.int64)


def rank_of(keys: Sequence[str]) -> _Numbers:
    """Return the place of each key in their order: int64 ``[n]``.

    >>> rank_of(["b", "c", "a"]).tolist()
    [1, 2, 0]
    """
    rank = np.empty(len(keys), np.int64)
    rank[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
    return rank


class _OpenPairs:
    """Pairs of groups that may still join, or be evidence against a join. A group is named by its smallest member."""

    def __init__(self, n: int, least: float) -> None:
        self._least = least
        self._parent = np.arange(n)
        """For each article a smaller one of its group, for the smallest itself."""
        self._size = np.ones(n, np.int64)
        self._settled = np.zeros(n, np.bool_)
        self._done = np.zeros(n, np.bool_)
        """Groups that will join no more."""
        self._alive = np.zeros(n, np.bool_)
        self._place = np.empty(n, np.int64)
        """Used and left behind by each look through the pairs, so that none takes longer for a larger archive."""
        self._blocks: list[tuple[_Numbers, _Sums]] = []
        self._new = self._left_over = 0

    def add(self, ends: _Numbers, sums: _Sums, settled: _Numbers) -> None:
        """Take in pairs of articles, and then that no more will come of those ``settled``."""
        self._blocks.append((ends, sums))
        self._settled[settled] = True
        self._new += len(ends)
        if self._new >= max(_FEWEST_PAIRS, self._left_over):
            self._look_through()

    def groups(self) -> _Numbers:
        """Return the smallest member of each article's group, once no more pairs come: int64 ``[n]``."""
        self._settled[:] = True
        self._look_through()
        return self._roots(self._parent)

    def _look_through(self) -> None:
        """Join what can be joined for good, and let go of the pairs that can no longer matter."""
        ends = np.concatenate([np.empty((0, 2), np.int64), *(ends for ends, _ in self._blocks)])
        sums = np.concatenate([np.empty(0), *(sums for _, sums in self._blocks)])
        joining = sums / (self._size[ends[:, 0]] * self._size[ends[:, 1]]) > self._least
        # a settled group that is above the threshold with no other is done
        self._alive[ends[joining]] = True
        kept = (self._alive[ends] | ~self._settled[ends]).all(axis=1)
        self._alive[ends[joining]] = False
        ends, sums = ends[kept], sums[kept]
        self._join(ends, sums, joining[kept])
        ends = self._roots(ends)
        kept = ~self._done[ends].any(axis=1) & (ends[:, 0] != ends[:, 1])
        self._blocks = [_summed(ends[kept], sums[kept])]
        self._new, self._left_over = 0, len(self._blocks[0][0])

    def _join(self, ends: _Numbers, sums: _Sums, joining: npt.NDArray[np.bool_]) -> None:
        """Join groups, part by part: the parts of the graph that pairs above the threshold connect."""
        groups, places = self._numbered(ends)
        part = _connected(places[joining], len(groups))
        parts = int(part.max(initial=-1)) + 1
        members = np.bincount(part, minlength=parts)
        settled = np.bincount(part[self._settled[groups]], minlength=parts)
        closed = settled == members
        # where every two are above the threshold all averages are, and all join
        agreeing = np.bincount(part[places[joining, 0]], minlength=parts)
        whole = closed & (agreeing == members * (members - 1) // 2)
        smallest = np.full(parts, len(self._parent))
        np.minimum.at(smallest, part, groups)
        in_whole = whole[part]
        self._parent[groups[in_whole]] = smallest[part[in_whole]]
        self._done[groups[closed[part]]] = True
        # an open part is worth a look once most of it is settled: else next to nothing could join in it
        linked = ~whole & (closed | (2 * settled > members))
        inside = (part[places[:, 0]] == part[places[:, 1]]) & linked[part[places[:, 0]]]
        self._link(groups, part, places[inside], sums[inside])

    def _link(self, groups: _Numbers, part: _Numbers, places: _Numbers, sums: _Sums) -> None:
        """Join groups within each part, by the pairs ``places`` that lie inside it."""
        order = np.argsort(part[places[:, 0]], kind="stable")
        places, sums = places[order], sums[order]
        part_of_pair = part[places[:, 0]]
        # within a part groups are numbered from 0, in their order
        by_part = np.argsort(part, kind="stable")
        first = np.searchsorted(part[by_part], np.arange(len(groups) + 1))
        number = np.empty_like(by_part)
        number[by_part] = np.arange(len(groups)) - first[part[by_part]]
        starts = np.flatnonzero(np.diff(part_of_pair, prepend=-1))
        for start, stop in itertools.pairwise([*starts.tolist(), len(places)]):
            one = int(part_of_pair[start])
            names = groups[by_part[first[one] : first[one + 1]]]
            linkage = Linkage(
                self._size[names].tolist(),
                zip(*number[places[start:stop]].T.tolist(), sums[start:stop].tolist(), strict=True),
                pending=np.flatnonzero(~self._settled[names]).tolist(),
                least=self._least,
            )
            for kept, gone in linkage.merged:
                self._parent[names[gone]] = names[kept]
                self._size[names[kept]] += self._size[names[gone]]
            self._done[names[list(linkage.done)]] = True

    def _numbered(self, ends: _Numbers) -> tuple[_Numbers, _Numbers]:
        """Return the distinct groups of pairs, sorted, and where among them the ends of each pair are."""
        flat = ends.ravel()
        last = np.arange(len(flat))
        self._place[flat] = last
        groups = np.sort(flat[self._place[flat] == last])
        self._place[groups] = np.arange(len(groups))
        return groups, self._place[ends]

    def _roots(self, articles: _Numbers) -> _Numbers:
        """Return the smallest members of the groups that ``articles`` are in."""
        while not np.array_equal(articles, above := self._parent[articles]):
            articles = above
        return articles


def _connected(pairs: _Numbers, n: int) -> _Numbers:
    """Return the number of the part that each of ``n`` is in, connected by ``pairs``: int64 ``[n]``."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return connected_components(graph, directed=False)[1].astype(np.int64) if n else np.empty(0, np.int64)


def _summed(ends: _Numbers, sums: _Sums) -> tuple[_Numbers, _Sums]:
    """Return every two groups once, with the sum over the pairs between them."""
    ends = np.sort(ends, axis=1)
    order = np.argsort(ends @ [ends.max(initial=0) + 1, 1])
    ends, sums = ends[order], sums[order]
    starts = np.flatnonzero((np.diff(ends, axis=0, prepend=-1) != 0).any(axis=1))
    return ends[starts], np.add.reduceat(sums, starts) if len(starts) else sums
