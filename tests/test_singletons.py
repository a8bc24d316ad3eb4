"""Single articles join the one story that they are near to: against plain loops, and in any order."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.cluster import cluster_pairs
from dedup.singletons import CLOSE, LEAST_MEMBERS, REACH, group_articles, join_singletons, near_log_odds

THRESHOLD, ABSENT = 0.0, -4.0
Edges = dict[tuple[int, int], float]
Parts = set[frozenset[int]]


def parts(labels: np.ndarray) -> Parts:
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}


def grouped(n: int, edges: Edges, *, threshold: float = THRESHOLD, absent: float = ABSENT) -> Parts:
    pairs = np.array(sorted(edges), np.int64).reshape(len(edges), 2)
    log_odds = np.array([edges[pair] for pair in sorted(edges)], np.float64)
    keys = [f"{number:04}" for number in range(n)]
    return parts(group_articles(keys, pairs, log_odds, threshold=threshold, absent=absent))


def plainly_grouped(n: int, edges: Edges, threshold: float, absent: float) -> Parts:
    """Do the same by looking at every single article and every group."""
    pairs = np.array(sorted(edges), np.int64).reshape(len(edges), 2)
    log_odds = np.array([edges[pair] for pair in sorted(edges)], np.float64)
    keys = [f"{number:04}" for number in range(n)]
    before = parts(cluster_pairs(keys, pairs, log_odds, threshold=threshold, absent=absent))
    after = {group: set(group) for group in before}
    for group in before:
        if len(group) > 1:
            continue
        (single,) = group
        near = []
        for other in before - {group}:
            told = [edges.get((min(single, member), max(single, member)), absent) for member in other]
            if sum(round((value - absent) * 1e6) for value in told) / len(told) > round(
                (max(threshold - REACH, absent) - absent) * 1e6
            ):
                near.append((other, max(told)))
        if len(near) == 1 and len(near[0][0]) >= LEAST_MEMBERS and near[0][1] > max(threshold - CLOSE, absent):
            after[near[0][0]].add(single)
            del after[group]
    return {frozenset(members) for members in after.values()}


def drawn(n: int, seed: int, density: float) -> Edges:
    dice = random.Random(seed)
    return {
        pair: round(dice.uniform(-3.9, 3), 4) for pair in itertools.combinations(range(n), 2) if dice.random() < density
    }


@given(
    n=st.integers(1, 24),
    seed=st.integers(0, 10_000),
    density=st.sampled_from([0.1, 0.3, 0.9]),
    threshold=st.sampled_from([-3.0, -1.0, 0.0, 1.5]),
    at_once=st.sampled_from([1, 7, 1 << 20]),
)
def test_it_is_what_plain_loops_give(n: int, seed: int, density: float, threshold: float, at_once: int) -> None:
    edges = drawn(n, seed, density)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dedup.singletons._PAIRS_AT_ONCE", at_once)
        assert grouped(n, edges, threshold=threshold) == plainly_grouped(n, edges, threshold, ABSENT)


@given(n=st.integers(2, 20), seed=st.integers(0, 10_000))
def test_the_order_of_articles_and_pairs_changes_nothing(n: int, seed: int) -> None:
    edges = drawn(n, seed, 0.4)
    pairs = np.array(sorted(edges), np.int64).reshape(len(edges), 2)
    log_odds = np.array([edges[pair] for pair in sorted(edges)], np.float64)
    keys = [f"{number:04}" for number in range(n)]
    straight = parts(group_articles(keys, pairs, log_odds, threshold=THRESHOLD, absent=ABSENT))
    dice = np.random.default_rng(seed)
    turn, order = dice.permutation(n), dice.permutation(len(pairs))
    place = np.argsort(turn)
    turned = place[pairs[order]][:, ::-1]
    found = group_articles([keys[old] for old in turn], turned, log_odds[order], threshold=THRESHOLD, absent=ABSENT)
    assert {frozenset(int(turn[member]) for member in group) for group in parts(found)} == straight


STORY = {(0, 1): 3.0, (0, 2): 3.0, (1, 2): 3.0}


def to_story(single: int, *log_odds: float) -> Edges:
    return {(member, single): value for member, value in enumerate(log_odds)}


def test_a_report_a_little_below_the_threshold_joins_its_story() -> None:
    assert grouped(4, STORY | to_story(3, 0.3, -1.2, -1.4)) == {frozenset({0, 1, 2, 3})}


def test_one_that_is_far_stays_alone() -> None:
    assert grouped(4, STORY | to_story(3, 0.3, -2.2, -2.7)) == {frozenset({0, 1, 2}), frozenset({3})}


def test_one_that_is_close_to_no_article_of_the_story_stays_alone() -> None:
    assert grouped(4, STORY | to_story(3, -0.6, -0.6, -0.6)) == {frozenset({0, 1, 2}), frozenset({3})}


def test_two_articles_are_too_few_a_story_to_join() -> None:
    assert grouped(3, {(0, 1): 3.0, (0, 2): 0.1, (1, 2): -0.4}) == {frozenset({0, 1}), frozenset({2})}


def test_between_two_stories_it_stays_alone() -> None:
    # the other one is of two articles: near all the same
    edges = STORY | {(4, 5): 3.0} | to_story(3, 0.2, -0.4, -0.3) | {(3, 4): -1.3, (3, 5): -1.2}
    assert grouped(6, edges) == {frozenset({0, 1, 2}), frozenset({4, 5}), frozenset({3})}


def test_two_single_articles_are_no_story() -> None:
    assert grouped(2, {(0, 1): -0.1}) == {frozenset({0}), frozenset({1})}


def test_a_single_article_near_another_one_stays_alone_too() -> None:
    # 3 may be one story with 4 as well as with the others; 4 is near to 3 alone, which is no story
    edges = STORY | to_story(3, 0.5, -0.6, -0.6) | {(3, 4): -0.5}
    assert grouped(5, edges) == {frozenset({0, 1, 2}), frozenset({3}), frozenset({4})}


def test_what_one_joins_changes_nothing_for_another() -> None:
    # with 3 in the story the average of 4 with it would be too low
    edges = STORY | to_story(3, 0.5, -2.0, -2.0) | to_story(4, 0.5, -2.0, -2.0)
    assert grouped(5, edges) == {frozenset({0, 1, 2, 3, 4})}


def test_what_a_person_called_different_is_never_near() -> None:
    assert grouped(4, STORY | to_story(3, 0.1, -0.3, -np.inf)) == {frozenset({0, 1, 2}), frozenset({3})}


def test_pairs_that_are_no_candidates_are_never_near() -> None:
    # where the threshold is low nothing would be far from anything
    assert near_log_odds(-3.0, ABSENT) == ABSENT
    assert grouped(5, STORY, threshold=-3.0) == {frozenset({0, 1, 2}), frozenset({3}), frozenset({4})}


@pytest.mark.parametrize("n", [0, 1, 3])
def test_without_pairs_nothing_joins(n: int) -> None:
    none = np.empty((0, 2), np.int64)
    groups = join_singletons(np.arange(n), none, np.empty(0), threshold=THRESHOLD, absent=ABSENT)
    assert groups.tolist() == list(range(n))
