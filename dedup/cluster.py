"""Scored pairs into groups: average linkage on log-odds, over the graph of candidate pairs.

Two groups of articles join while the log-odds of "same story", averaged over all pairs between them, are above the
threshold, the surest first. A single pair cannot chain two stories together: every other pair between them counts too,
and a pair that is no candidate counts as evidence against. Order-free and deterministic: articles are taken in the
order of their keys, ties go to the groups with the smallest members.

A joined group is never nearer to a third than the nearer of its two halves was (Bruynooghe 1978 calls the linkage
reducible). So groups that are each other's nearest can join at once, all over the graph, and the outcome is that of
joining the nearest two of all, again and again (Murtagh 1983). The same holds for pairs that are yet to come: of groups
that no coming pair touches, those that are each other's nearest can join, and one that is above the threshold with no
other is done. So pairs may come in blocks, in the order of time, and what is held is about what the window holds, even
where a chain of articles runs through the whole archive.

Average linkage: Sokal & Michener 1958 (UPGMA).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

__all__ = [
    "Between",
    "ScoredBlock",
    "cluster_blocks",
    "cluster_pairs",
    "counted_log_odds",
    "counted_threshold",
    "join_blocks",
    "rank_of",
]

_Numbers = npt.NDArray[np.int64]
_Sums = npt.NDArray[np.float64]
_Mask = npt.NDArray[np.bool_]

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


class Between(Protocol):
    """Knows the sums over all pairs between groups itself, so that only those pairs need be given that can join."""

    def join(self, kept: _Numbers, gone: _Numbers) -> None:
        """Take note that each group ``gone`` is a part of the one ``kept`` from now on."""

    def forget_all_but(self, groups: _Numbers) -> None:
        """Take note that only these groups and single articles will be asked for."""

    def sums(self, ends: _Numbers) -> _Sums:
        """Return the sum over all pairs between each two groups, exact: float64 ``[len(ends)]``."""


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
    counted = (
        ScoredBlock(pairs=block.pairs, log_odds=counted_log_odds(block.log_odds, absent), settled=block.settled)
        for block in blocks
    )
    return join_blocks(rank, counted, counted_threshold(threshold, absent))


def counted_log_odds(log_odds: _Sums, absent: float) -> _Sums:
    """Return how much more than those of an absent pair log-odds are, in whole millionths: float64 ``[p]``.

    Sums of whole numbers are exact, whatever their order.
    """
    counted: _Sums = np.rint((log_odds - absent) * _UNITS)
    return counted


def counted_threshold(threshold: float, absent: float) -> float:
    """Return what the average of counted log-odds of two groups must be above for them to join."""
    return round((threshold - absent) * _UNITS, _THRESHOLD_DECIMALS)


def join_blocks(
    rank: _Numbers, blocks: Iterable[ScoredBlock], least: float, between: Between | None = None
) -> _Numbers:
    """Return the group of each article: int64 ``[n]``, numbered in the order of ``rank``.

    Args:
        rank: int64 ``[n]``.
        blocks: Their log-odds are such that sums of them are exact in float64, whatever their order.
        least: Two groups join while the average between them is above it.
        between: Tells the sums between groups, which it knows by the rank of their smallest member. For ``None`` they
            are those over the pairs given, the others counting 0, and ``least`` is not below 0.
    """
    open_pairs = _OpenPairs(len(rank), least, between)
    for block in blocks:
        # what is no number never joins: no average with it is above anything
        sums = np.where(np.isnan(block.log_odds), -np.inf, block.log_odds)
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


class _Pairs(NamedTuple):
    """Pairs of groups, and the sum over the pairs of articles between them."""

    ends: _Numbers
    sums: _Sums

    def those(self, chosen: npt.NDArray[np.bool_] | np.bool_) -> _Pairs:
        at = np.flatnonzero(chosen)
        return _Pairs(self.ends.take(at, axis=0), self.sums.take(at))


class _OpenPairs:
    """Pairs of groups that may still join, or be evidence against a join. A group is named by its smallest member."""

    def __init__(self, n: int, least: float, between: Between | None) -> None:
        self._least, self._between = least, between
        self._parent = np.arange(n)
        """For each article a smaller one of its group, for the smallest itself."""
        self._size = np.ones(n, np.int64)
        self._settled = np.zeros(n, np.bool_)
        self._marked = np.zeros(n, np.bool_)
        self._place = np.empty(n, np.int64)
        """Used and left behind by each look through the pairs, so that none takes longer for a larger archive."""
        self._waiting: list[_Pairs] = []
        self._new = self._left_over = 0

    def add(self, ends: _Numbers, sums: _Sums, settled: _Numbers) -> None:
        """Take in pairs of articles, and then that no more will come of those ``settled``."""
        self._waiting.append(_Pairs(ends, sums))
        self._settled[settled] = True
        self._new += len(ends)
        if self._new >= max(_FEWEST_PAIRS, self._left_over):
            self._look_through()

    def groups(self) -> _Numbers:
        """Return the smallest member of each article's group, once no more pairs come: int64 ``[n]``."""
        self._settled[:] = True
        self._look_through()
        roots = self._parent
        while not np.array_equal(roots, above := self._parent[roots]):
            roots = above
        return roots

    def _look_through(self) -> None:
        """Join what can be joined for good, and let go of the pairs that can no longer matter."""
        pairs = self._telling(_together(self._waiting))
        aside, all_kept = [], [np.empty(0, np.int64)]
        while len(pairs.ends):
            groups, places = self._numbered(pairs.ends)
            joining = self._joining(pairs)
            part = _connected(places[joining], len(groups))
            target = _targets(places[joining], self._average(pairs)[joining], part, self._settled[groups])
            gone = np.flatnonzero(target != np.arange(len(groups)))
            # where nothing joins now, nothing will before more pairs come or more articles are settled
            active = np.zeros(len(groups), np.bool_)
            active[part[gone]] = True
            busy = active[part[places[:, 0]]] & (part[places[:, 0]] == part[places[:, 1]])
            aside.append(pairs.those(~busy))
            kept = groups[target[gone]]
            self._join(kept, groups[gone])
            all_kept.append(kept)
            pairs = self._telling(self._renamed(pairs.those(busy), kept))
        left = self._telling(self._renamed(_together(aside), np.concatenate(all_kept)))
        if self._between is not None:
            self._between.forget_all_but(left.ends.ravel())
        self._waiting = [left]
        self._new, self._left_over = 0, len(left.ends)

    def _average(self, pairs: _Pairs) -> _Sums:
        average: _Sums = pairs.sums / (self._size[pairs.ends[:, 0]] * self._size[pairs.ends[:, 1]])
        return average

    def _joining(self, pairs: _Pairs) -> _Mask:
        joining: _Mask = self._average(pairs) > self._least
        return joining

    def _telling(self, pairs: _Pairs) -> _Pairs:
        """Leave out the pairs of groups that are done: settled, and above the threshold with no other."""
        joining = self._joining(pairs)
        if self._between is not None:
            return pairs.those(joining)
        near = pairs.ends[joining]
        self._marked[near] = True
        telling = (self._marked[pairs.ends] | ~self._settled[pairs.ends]).all(axis=1)
        self._marked[near] = False
        return pairs.those(telling)

    def _join(self, kept: _Numbers, gone: _Numbers) -> None:
        self._parent[gone] = kept
        np.add.at(self._size, kept, self._size[gone])
        if self._between is not None:
            self._between.join(kept, gone)

    def _renamed(self, pairs: _Pairs, kept: _Numbers) -> _Pairs:
        """Return the pairs by the present names of groups, every two once; ``kept`` are those that others joined."""
        ends = self._roots(pairs.ends)
        pairs = _Pairs(ends, pairs.sums).those(ends[:, 0] != ends[:, 1])
        self._marked[kept] = True
        changed = self._marked[pairs.ends].any(axis=1)
        self._marked[kept] = False
        summed = _summed(pairs.those(changed))
        if self._between is not None:
            summed = _Pairs(summed.ends, self._between.sums(summed.ends))
        return _together([pairs.those(~changed), summed])

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


def _targets(pairs: _Numbers, average: _Sums, part: _Numbers, settled: _Mask) -> _Numbers:
    """Return for each group the one that it joins now, or itself: int64 ``[groups]``.

    Args:
        pairs: int64 ``[p, 2]``, groups by number; all pairs whose average is above the threshold.
        average: float64 ``[p]``.
        part: int64 ``[groups]``, the part of the graph that each is in, as ``pairs`` connect them.
        settled: bool ``[groups]``; the others may have nearer ones yet, and join with none.
    """
    n = len(part)
    number = np.arange(n)
    of, other = np.concatenate([pairs, pairs[:, ::-1]]).T
    best = np.full(n, -np.inf)
    np.maximum.at(best, of, np.tile(average, 2))
    tied = np.tile(average, 2) == best[of]
    nearest = np.full(n, n)
    np.minimum.at(nearest, of[tied], other[tied])
    target = number.copy()
    # each other's nearest, the smaller number first where several are as near
    has = np.flatnonzero(settled & (nearest < n))
    mutual = has[settled[nearest[has]] & (nearest[nearest[has]] == has) & (has < nearest[has])]
    target[nearest[mutual]] = mutual
    # as near to each other as to no fourth, such as copies: joined one by one they would stay so
    both = tied[: len(pairs)] & tied[len(pairs) :]
    copies = _connected(pairs[both], n)
    others = np.bincount(copies)[copies] - 1
    odd = ~settled | (np.bincount(of[tied], minlength=n) != others) | (_degrees(pairs[both], n) != others)
    _join_alike(target, copies, odd)
    # where every two are above the threshold all averages are, and all join
    _join_alike(target, part, ~settled | (_degrees(pairs, n) != np.bincount(part)[part] - 1))
    return target


def _join_alike(target: _Numbers, label: _Numbers, odd: _Mask) -> None:
    """Join those of one label to their smallest, unless one of them is odd."""
    smallest = np.full(label.max(initial=-1) + 1, len(label))
    np.minimum.at(smallest, label, np.arange(len(label)))
    even = np.bincount(label[odd], minlength=len(smallest))[label] == 0
    target[even] = smallest[label[even]]


def _degrees(pairs: _Numbers, n: int) -> _Numbers:
    return np.bincount(pairs.ravel(), minlength=n).astype(np.int64)


def _connected(pairs: _Numbers, n: int) -> _Numbers:
    """Return the number of the part that each of ``n`` is in, connected by ``pairs``: int64 ``[n]``."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    parts: _Numbers = connected_components(graph, directed=False)[1].astype(np.int64)
    return parts


def _together(pairs: Sequence[_Pairs]) -> _Pairs:
    ends = np.concatenate([np.empty((0, 2), np.int64), *(some.ends for some in pairs)])
    return _Pairs(ends, np.concatenate([np.empty(0), *(some.sums for some in pairs)]))


def _summed(pairs: _Pairs) -> _Pairs:
    """Return every two groups once, with the sum over what was given for them."""
    ends = np.sort(pairs.ends, axis=1)
    order = np.argsort(ends @ [ends.max(initial=0) + 1, 1])
    ends, sums = ends[order], pairs.sums[order]
    starts = np.flatnonzero((np.diff(ends, axis=0, prepend=-1) != 0).any(axis=1))
    return _Pairs(ends[starts], np.add.reduceat(sums, starts) if len(starts) else sums)
