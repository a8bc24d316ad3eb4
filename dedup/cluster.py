"""Scored pairs into groups: average linkage on log-odds, over the graph of candidate pairs.

Two groups of articles join while the log-odds of "same story", averaged over all pairs between them, are above the
threshold, the surest first. A single pair cannot chain two stories together: every other pair between them counts too,
and a pair that is no candidate counts as evidence against. Order-free and deterministic: articles are taken in the
order of their keys, ties go to the groups with the smallest members.

Average linkage: Sokal & Michener 1958 (UPGMA); the sparse form with a priority queue follows Day & Edelsbrunner 1984.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["cluster_pairs"]

_TIE_DECIMALS = 9


def cluster_pairs(
    keys: Sequence[str],
    pairs: npt.NDArray[np.int64],
    log_odds: npt.NDArray[np.float64],
    *,
    threshold: float,
    absent: float,
) -> npt.NDArray[np.int64]:
    """Return the group of each article: int64 ``[n]``, groups numbered by their article with the smallest key.

    Args:
        keys: ``n`` distinct keys; they alone order articles, so that the order of input changes nothing.
        pairs: int64 ``[p, 2]``, candidate pairs of positions in ``keys``, each once.
        log_odds: float64 ``[p]``, log-odds of "same story".
        threshold: Least average log-odds at which two groups join.
        absent: Log-odds that count for a pair that is not in ``pairs``; not above ``threshold``.
    """
    if absent > threshold:
        raise ValueError(f"absent is {absent}, above the threshold {threshold}: every two articles would join")
    rank = np.empty(len(keys), np.int64)
    rank[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
    group = np.arange(len(keys))
    for members, edges in _components(rank, pairs, log_odds, threshold):
        for position, first in zip(members, _link(members, edges, threshold, absent), strict=True):
            group[position] = first
    by_article: npt.NDArray[np.int64] = group[rank]
    return np.unique(by_article, return_inverse=True)[1].astype(np.int64)


_Edges = list[tuple[int, int, float]]


def _components(
    rank: npt.NDArray[np.int64], pairs: npt.NDArray[np.int64], log_odds: npt.NDArray[np.float64], threshold: float
) -> list[tuple[list[int], _Edges]]:
    """Return the parts of the graph in which groups can form, as ranks, with all candidate edges inside each.

    Groups join only where at least one pair between them is above the threshold; so parts that are connected by such
    pairs are clustered one by one, with the same result as all together.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    ends = rank[pairs]
    joining = log_odds > threshold
    graph = coo_matrix(
        (np.ones(int(joining.sum()), np.int8), (ends[joining, 0], ends[joining, 1])), shape=(len(rank), len(rank))
    )
    _, component = connected_components(graph, directed=False)
    members: dict[int, list[int]] = {}
    edges: dict[int, _Edges] = {}
    inside = component[ends[:, 0]] == component[ends[:, 1]]
    touched = np.unique(ends[joining])
    for article in touched.tolist():
        members.setdefault(int(component[article]), []).append(article)
    for (left, right), weight in zip(ends[inside].tolist(), log_odds[inside].tolist(), strict=True):
        edges.setdefault(int(component[left]), []).append((left, right, weight))
    return [(members[number], edges[number]) for number in members]


def _link(members: list[int], edges: _Edges, threshold: float, absent: float) -> list[int]:
    """Return for each of ``members``, in their order, the smallest member of its group."""
    # sums[a][b]: log-odds above `absent`, summed over the candidate pairs between the groups a and b. A group is named
    # by its smallest member.
    sums: dict[int, dict[int, float]] = {member: {} for member in members}
    for left, right, weight in sorted(edges):
        sums[left][right] = sums[right][left] = sums[left].get(right, 0.0) + weight - absent
    size = dict.fromkeys(members, 1)
    queue: list[tuple[float, int, int]] = []

    def offer(a: int, b: int) -> None:
        average = round(absent + sums[a][b] / (size[a] * size[b]), _TIE_DECIMALS)
        if average > threshold:
            heapq.heappush(queue, (-average, min(a, b), max(a, b)))

    for a in members:
        for b in sums[a]:
            if a < b:
                offer(a, b)
    group_of = {member: member for member in members}
    while queue:
        negative, a, b = heapq.heappop(queue)
        if a not in size or b not in size or b not in sums[a]:
            continue
        if -negative != round(absent + sums[a][b] / (size[a] * size[b]), _TIE_DECIMALS):
            continue  # the groups have changed since; their present average is in the queue too
        _merge(sums, size, a, b)
        group_of[b] = a
        for other in sorted(sums[a]):
            offer(a, other)
    return [_root(group_of, member) for member in members]


def _merge(sums: dict[int, dict[int, float]], size: dict[int, int], a: int, b: int) -> None:
    del sums[a][b]
    for other, total in sorted(sums.pop(b).items()):
        if other == a:
            continue
        del sums[other][b]
        sums[a][other] = sums[other][a] = sums[a].get(other, 0.0) + total
    size[a] += size.pop(b)


def _root(group_of: dict[int, int], member: int) -> int:
    while group_of[member] != member:
        member = group_of[member]
    return member
