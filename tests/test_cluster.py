from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from dedup import cluster
from dedup.cluster import ScoredBlock, cluster_blocks, cluster_pairs

Pairs = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]

THRESHOLD, ABSENT = 0.0, -4.0


def graph(n: int, seed: int, density: float) -> tuple[Pairs, Weights]:
    """Return a random graph whose weights are all different; some pairs are candidates, most of those against."""
    random = np.random.default_rng(seed)
    every = np.array(list(combinations(range(n), 2)), np.int64).reshape(-1, 2)
    pairs = every[random.random(len(every)) < density]
    return pairs, random.uniform(-8, 8, len(pairs))


def planted(n: int, seed: int) -> tuple[Pairs, Weights]:
    """Return a graph with groups in it: pairs of one group are mostly for, others mostly against or absent."""
    random = np.random.default_rng(seed)
    group = random.integers(0, max(1, n // 4), n)
    every = np.array(list(combinations(range(n), 2)), np.int64).reshape(-1, 2)
    same = group[every[:, 0]] == group[every[:, 1]]
    kept = random.random(len(every)) < np.where(same, 0.9, 0.3)
    return every[kept], random.normal(np.where(same, 2.5, -2.0), 2.0)[kept]


def keys(n: int) -> list[str]:
    return [f"a{i:04}" for i in range(n)]


def dense_average_linkage(n: int, pairs: Pairs, weights: Weights, threshold: float, absent: float) -> list[int]:
    """Cut scipy's average linkage over the full matrix, absent pairs filled in, at the threshold."""
    if n < 2:
        return list(range(n))
    matrix = np.full((n, n), absent)
    matrix[pairs[:, 0], pairs[:, 1]] = matrix[pairs[:, 1], pairs[:, 0]] = weights
    np.fill_diagonal(matrix, 0)
    # distances: the higher the log-odds, the nearer; shifted so that none is negative
    distance = 100 - squareform(matrix, checks=False)
    return [int(label) for label in fcluster(linkage(distance, "average"), 100 - threshold, criterion="distance")]


def partition(groups: npt.NDArray[np.int64] | list[int]) -> set[frozenset[int]]:
    members: dict[int, set[int]] = {}
    for position, group in enumerate(list(groups)):
        members.setdefault(int(group), set()).add(position)
    return {frozenset(one) for one in members.values()}


graphs = st.tuples(st.integers(0, 28), st.integers(0, 100_000), st.sampled_from([0.0, 0.15, 0.4, 1.0, -1.0])).map(
    lambda drawn: (drawn[0], *(planted(drawn[0], drawn[1]) if drawn[2] < 0 else graph(*drawn)))
)


@settings(max_examples=300)
@given(graphs, st.sampled_from([0.0, -1.5, 2.0]), st.sampled_from([-4.0, -8.0, -1.75]))
def test_groups_are_those_of_dense_average_linkage(
    drawn: tuple[int, Pairs, Weights], threshold: float, absent: float
) -> None:
    n, pairs, weights = drawn
    groups = cluster_pairs(keys(n), pairs, weights, threshold=threshold, absent=absent)
    assert partition(groups) == partition(dense_average_linkage(n, pairs, weights, threshold, absent))


def test_a_large_graph_too() -> None:
    pairs, weights = planted(250, 11)
    groups = cluster_pairs(keys(250), pairs, weights, threshold=THRESHOLD, absent=ABSENT)
    expected = partition(dense_average_linkage(250, pairs, weights, THRESHOLD, ABSENT))
    assert partition(groups) == expected
    assert 2 < len(expected) < 250


@given(graphs)
def test_the_order_of_articles_and_pairs_changes_nothing(drawn: tuple[int, Pairs, Weights]) -> None:
    n, pairs, weights = drawn
    weights = np.round(weights)  # with ties, where order could matter
    dice = np.random.default_rng(n * 1000 + len(pairs))
    names = keys(n)
    straight = cluster_pairs(names, pairs, weights, threshold=THRESHOLD, absent=ABSENT)
    place = dice.permutation(n)  # article i stands at place[i]
    shuffled_names = [""] * n
    for i, name in enumerate(names):
        shuffled_names[place[i]] = name
    order = dice.permutation(len(pairs))
    turned = place[pairs[order]].reshape(-1, 2)
    flipped = dice.random(len(turned)) < 0.5
    turned[flipped] = turned[flipped][:, ::-1]
    shuffled = cluster_pairs(shuffled_names, turned, weights[order], threshold=THRESHOLD, absent=ABSENT)
    assert {name: int(shuffled[place[i]]) for i, name in enumerate(names)} == {
        name: int(straight[i]) for i, name in enumerate(names)
    }


@given(graphs, graphs)
def test_parts_that_no_pair_connects_are_clustered_as_if_alone(
    one: tuple[int, Pairs, Weights], other: tuple[int, Pairs, Weights]
) -> None:
    (n, pairs, weights), (m, more_pairs, more_weights) = one, other
    together = cluster_pairs(
        keys(n + m),
        np.concatenate([pairs, more_pairs + n]),
        np.concatenate([weights, more_weights]),
        threshold=THRESHOLD,
        absent=ABSENT,
    )
    alone = cluster_pairs(keys(n), pairs, weights, threshold=THRESHOLD, absent=ABSENT)
    assert partition(together[:n]) == partition(alone)
    alone = cluster_pairs(keys(m), more_pairs, more_weights, threshold=THRESHOLD, absent=ABSENT)
    assert partition(together[n:]) == partition(alone)
    assert not set(together[:n].tolist()) & set(together[n:].tolist())


@given(graphs)
def test_groups_are_numbered_by_their_articles_with_the_smallest_keys(drawn: tuple[int, Pairs, Weights]) -> None:
    n, pairs, weights = drawn
    groups = cluster_pairs(keys(n), pairs, weights, threshold=THRESHOLD, absent=ABSENT)
    assert groups.dtype == np.int64
    assert list(dict.fromkeys(groups.tolist())) == list(range(len(set(groups.tolist()))))


@given(graphs)
def test_a_higher_threshold_never_joins_more_articles(drawn: tuple[int, Pairs, Weights]) -> None:
    n, pairs, weights = drawn
    finer, coarser = (
        partition(cluster_pairs(keys(n), pairs, weights, threshold=threshold, absent=ABSENT))
        for threshold in (3.0, 0.0)
    )
    assert all(any(group <= wider for wider in coarser) for group in finer)


def complete(members: list[int], weight: float) -> dict[tuple[int, int], float]:
    return dict.fromkeys(combinations(members, 2), weight)


def join(edges: dict[tuple[int, int], float], n: int) -> set[frozenset[int]]:
    pairs = np.array(list(edges), np.int64).reshape(-1, 2)
    return partition(cluster_pairs(keys(n), pairs, np.array(list(edges.values())), threshold=THRESHOLD, absent=ABSENT))


def test_a_bridge_between_two_tight_groups_does_not_join_them() -> None:
    left, bridge, right = [0, 1, 2, 3], 4, [5, 6, 7, 8]
    edges = complete(left, 6.0) | complete(right, 6.0)
    edges |= {(a, bridge): 2.0 for a in left} | {(bridge, b): 1.5 for b in right}
    assert join(edges, 9) == {frozenset([*left, bridge]), frozenset(right)}
    # single linkage would make one group of it; and so does this once the groups agree among themselves
    assert join(edges | {(a, b): 1.0 for a in left for b in right}, 9) == {frozenset(range(9))}


def test_a_chain_of_pairs_does_not_make_one_story() -> None:
    groups = join({(i, i + 1): 2.0 + i / 100 for i in range(19)}, 20)
    assert max(map(len, groups)) <= 2


def test_evidence_against_keeps_an_article_out() -> None:
    edges = complete([0, 1, 2], 5.0) | {(0, 3): 4.0, (1, 3): -6.0, (2, 3): -6.0}
    assert join(edges, 4) == {frozenset([0, 1, 2]), frozenset([3])}
    # the pairs being absent instead is evidence against as well, only less
    assert join(complete([0, 1, 2], 5.0) | {(0, 3): 4.5}, 4) == {frozenset([0, 1, 2]), frozenset([3])}
    assert join(complete([0, 1, 2], 5.0) | {(0, 3): 4.0, (1, 3): 1.0, (2, 3): -1.0}, 4) == {frozenset(range(4))}


def test_ties_go_to_the_smallest_keys() -> None:
    # 1 is as near to 0 as to 2, and the three do not go together
    edges = {(0, 1): 3.0, (1, 2): 3.0, (0, 2): -8.0}
    assert join(edges, 3) == {frozenset([0, 1]), frozenset([2])}
    pairs = np.array(list(edges), np.int64)
    groups = cluster_pairs(["c", "b", "a"], pairs, np.array(list(edges.values())), threshold=0.0, absent=ABSENT)
    assert partition(groups) == {frozenset([1, 2]), frozenset([0])}
    assert groups.tolist() == [1, 0, 0]


def test_an_average_at_the_threshold_does_not_join() -> None:
    assert join({(0, 1): 0.0}, 2) == {frozenset([0]), frozenset([1])}
    assert join({(0, 1): 0.0001}, 2) == {frozenset([0, 1])}
    # nor does an average of several pairs, one of which is above it
    assert join({(0, 1): 2.0, (0, 2): 1.0, (1, 2): -1.0}, 3) == {frozenset([0, 1]), frozenset([2])}
    assert join({(0, 1): 2.0, (0, 2): 1.0, (1, 2): -0.99}, 3) == {frozenset([0, 1, 2])}


def test_a_pair_without_a_number_joins_nothing_and_spoils_nothing() -> None:
    edges = {(0, 1): float("nan"), (2, 3): 2.0, (0, 4): 3.0, (1, 4): float("nan")}
    groups = join(edges, 5)
    assert frozenset([2, 3]) in groups
    assert not any({0, 1} <= group or {1, 4} <= group for group in groups)


@pytest.mark.parametrize("n", [0, 1, 3])
def test_without_pairs_every_article_is_alone(n: int) -> None:
    groups = cluster_pairs(keys(n), np.empty((0, 2), np.int64), np.empty(0), threshold=0.0, absent=-4.0)
    assert groups.tolist() == list(range(n))


def test_an_absent_pair_that_would_join_is_refused() -> None:
    with pytest.raises(ValueError, match=r"absent is 1\.0, above the threshold 0\.0"):
        cluster_pairs(["a"], np.empty((0, 2), np.int64), np.empty(0), threshold=0.0, absent=1.0)


def joined_one_by_one(n: int, pairs: Pairs, weights: Weights, threshold: float, absent: float) -> set[frozenset[int]]:
    """Join the nearest two groups of all, again and again, in whole fractions; ties go to the smallest members."""
    weight = dict.fromkeys(combinations(range(n), 2), absent)
    weight |= {(min(pair), max(pair)): value for pair, value in zip(pairs.tolist(), weights.tolist(), strict=True)}
    groups = [[i] for i in range(n)]
    while True:
        ways = []
        for a, b in combinations(sorted(groups), 2):
            total = sum(Fraction(weight[min(i, j), max(i, j)]) for i in a for j in b)
            ways.append((-total / (len(a) * len(b)), a[0], b[0], a, b))
        nearest = min(ways, default=None)
        if nearest is None or -nearest[0] <= threshold:
            return {frozenset(group) for group in groups}
        groups = [group for group in groups if group not in nearest[3:]] + [sorted(nearest[3] + nearest[4])]


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 11),
    st.integers(0, 100_000),
    st.sampled_from([0.4, 0.8, 1.0]),
    st.sampled_from([[-1, 2], [-4, 1, 3]]),
)
def test_ties_are_decided_as_if_joined_one_by_one(n: int, seed: int, density: float, values: list[int]) -> None:
    pairs, weights = graph(n, seed, density)
    weights = np.random.default_rng(seed).choice(values, len(weights)).astype(np.float64)
    groups = cluster_pairs(keys(n), pairs, weights, threshold=THRESHOLD, absent=ABSENT)
    assert partition(groups) == joined_one_by_one(n, pairs, weights, THRESHOLD, ABSENT)


def in_time(n: int, window: float, seed: int, density: float) -> tuple[Pairs, Weights, Weights]:
    """Return a graph of articles in a row in time, with pairs within the window only, and the times."""
    random = np.random.default_rng(seed)
    hours = np.cumsum(random.exponential(1.0, n))
    i, j = np.triu_indices(n, 1)
    kept = (hours[j] - hours[i] <= window) & (random.random(len(i)) < density)
    pairs = np.stack([i[kept], j[kept]], axis=1)
    return pairs, np.round(random.normal(0.3, 3, len(pairs)), random.integers(0, 4)), hours


def blocks_of(pairs: Pairs, weights: Weights, hours: Weights, window: float, step: int) -> Iterator[ScoredBlock]:
    """Yield the pairs of ``step`` articles after the other, with those before them, and who is settled then."""
    n, settled = len(hours), 0
    for start in range(0, n, step):
        mine = (pairs[:, 1] >= start) & (pairs[:, 1] < start + step)
        low = int(np.searchsorted(hours, hours[min(start + step, n - 1)] - window))
        yield ScoredBlock(pairs=pairs[mine], log_odds=weights[mine], settled=np.arange(settled, max(settled, low)))
        settled = max(settled, low)


@settings(max_examples=150, deadline=None)
@given(
    n=st.integers(0, 80),
    seed=st.integers(0, 100_000),
    window=st.sampled_from([2.0, 8.0, 30.0]),
    density=st.sampled_from([0.1, 0.5, 1.0]),
    step=st.sampled_from([1, 3, 20]),
    at_once=st.sampled_from([1, 10, 100]),
)
def test_pairs_in_blocks_make_the_groups_of_all_at_once(
    n: int, seed: int, window: float, density: float, step: int, at_once: int
) -> None:
    pairs, weights, hours = in_time(n, window, seed, density)
    names = [f"{number:04}" for number in np.random.default_rng(seed).permutation(n)]
    expected = cluster_pairs(names, pairs, weights, threshold=THRESHOLD, absent=ABSENT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster, "_FEWEST_PAIRS", at_once)
        blocks = blocks_of(pairs, weights, hours, window, step)
        found = cluster_blocks(cluster.rank_of(names), blocks, threshold=THRESHOLD, absent=ABSENT)
    np.testing.assert_array_equal(found, expected)


def most_held(n: int, window: float, patch: pytest.MonkeyPatch) -> int:
    pairs, weights, hours = in_time(n, window, 5, 0.5)
    held: list[int] = []
    look_through = cluster._OpenPairs._look_through

    def counted(self: cluster._OpenPairs) -> None:
        look_through(self)
        held.append(self._left_over)

    patch.setattr(cluster, "_FEWEST_PAIRS", 100)
    patch.setattr(cluster._OpenPairs, "_look_through", counted)
    blocks = blocks_of(pairs, weights, hours, window, 10)
    groups = cluster_blocks(np.arange(n), blocks, threshold=THRESHOLD, absent=ABSENT)
    # all are connected, and yet they are not one group
    assert len(set(groups.tolist())) > n / 20
    return max(held)


def test_a_chain_through_the_whole_archive_is_held_by_the_window_only(monkeypatch: pytest.MonkeyPatch) -> None:
    short, long = (most_held(n, 20.0, monkeypatch) for n in (300, 1500))
    assert 0 < long <= 2 * short


def test_a_complete_group_joins_whatever_its_size() -> None:
    assert join(complete(list(range(60)), 1.0), 60) == {frozenset(range(60))}
    # of one pair too few above the threshold, the average still is
    assert join(complete(list(range(60)), 1.0) | {(3, 4): -2.0}, 60) == {frozenset(range(60))}


def test_a_pair_without_a_number_in_a_later_block_keeps_groups_apart() -> None:
    blocks = [
        ScoredBlock(pairs=np.array([pair]), log_odds=np.array([weight]), settled=np.empty(0, np.int64))
        for pair, weight in {(0, 1): 3.0, (1, 2): 3.0, (0, 2): float("nan")}.items()
    ]
    groups = cluster_blocks(np.arange(3), blocks, threshold=THRESHOLD, absent=ABSENT)
    assert partition(groups) == {frozenset([0, 1]), frozenset([2])}


def test_many_copies_of_one_article_join_in_few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[int] = []
    targets = cluster._targets

    def counted(*given: Pairs) -> Pairs:
        rounds.append(len(given[0]))
        return targets(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(cluster, "_targets", counted)
    # copies, and two that are near to most of them: not every two are above the threshold
    edges = complete(list(range(150)), 5.0) | {(i, 150): 4.0 for i in range(100)} | {(i, 151): 4.5 for i in range(90)}
    assert join(edges, 152) == {frozenset(range(150)) | {150, 151}}
    assert len(rounds) < 6


class TotalsOf:
    """Sums between groups from a table of all pairs, as one knows them who has the articles themselves."""

    def __init__(self, table: Weights) -> None:
        self._table = table
        self._members = {i: [i] for i in range(len(table))}

    def join(self, kept: Pairs, gone: Pairs) -> None:
        for one, other in zip(kept.tolist(), gone.tolist(), strict=True):
            self._members[one] += self._members.pop(other)

    def forget_all_but(self, groups: Pairs) -> None:
        for group in [group for group, members in self._members.items() if len(members) > 1]:
            if group not in set(groups.tolist()):
                del self._members[group]

    def sums(self, ends: Pairs) -> Weights:
        pairs = [(self._members[a], self._members[b]) for a, b in ends.tolist()]
        return np.array([self._table[np.ix_(a, b)].sum() for a, b in pairs])


@settings(max_examples=100, deadline=None)
@given(n=st.integers(2, 11), seed=st.integers(0, 100_000), at_once=st.sampled_from([1, 10, 1000]))
def test_one_who_knows_the_sums_needs_only_the_pairs_that_can_join(n: int, seed: int, at_once: int) -> None:
    random = np.random.default_rng(seed)
    pairs, weights, hours = in_time(n, 8.0, seed, 1.0)
    weights = np.rint(weights * 4)
    table = np.full((n, n), -16.0)
    table[pairs[:, 0], pairs[:, 1]] = table[pairs[:, 1], pairs[:, 0]] = weights
    near = weights > 0.5
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster, "_FEWEST_PAIRS", at_once)
        blocks = blocks_of(pairs[near], weights[near], hours, 8.0, int(random.integers(1, 9)))
        groups = cluster.join_blocks(np.arange(n), blocks, 0.5, TotalsOf(table))
    assert partition(groups) == joined_one_by_one(n, pairs, weights, 0.5, -16.0)
