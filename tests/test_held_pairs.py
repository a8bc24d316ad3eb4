from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.cluster import ScoredBlock, cluster_blocks
from dedup.held_pairs import HeldPairs
from dedup.score.scorer import rounded_log_odds


def scored(n: int, seed: int, density: float, blocks: int, mean: float = -2.0) -> list[ScoredBlock]:
    """Return pairs of ``n`` articles in blocks, in no order."""
    dice = np.random.default_rng(seed)
    pairs = np.stack(np.triu_indices(n, 1), axis=1)
    pairs = dice.permutation(pairs[dice.random(len(pairs)) < density])
    log_odds = rounded_log_odds(dice.normal(mean, 3.0, len(pairs)))
    parts = np.array_split(np.arange(len(pairs)), blocks)
    return [ScoredBlock(pairs=pairs[part], log_odds=log_odds[part], settled=np.empty(0, np.int64)) for part in parts]


def held_of(n: int, blocks: list[ScoredBlock]) -> HeldPairs:
    held = HeldPairs(n)
    for block in blocks:
        held.add(block.pairs, block.log_odds, block.settled)
    return held


@given(st.integers(0, 12), st.integers(0, 1000), st.sampled_from([0.2, 1.0]), st.integers(1, 4))
def test_what_is_given_up_is_what_was_held_in_order_to_the_last_bit(
    n: int, seed: int, density: float, parts: int
) -> None:
    blocks = scored(n, seed, density, parts)
    held = held_of(n, blocks)
    pairs, log_odds = held.give_up()
    assert pairs.dtype == np.int64
    assert log_odds.dtype == np.float64
    assert pairs.shape == (len(log_odds), 2)
    expected = sorted(
        (*pair, value) for block in blocks for pair, value in zip(block.pairs.tolist(), block.log_odds, strict=True)
    )
    assert [(*pair, value) for pair, value in zip(pairs.tolist(), log_odds, strict=True)] == expected
    assert held.give_up()[0].shape == (0, 2)


@given(st.integers(2, 14), st.integers(0, 2000), st.sampled_from([0.3, 1.0]), st.sampled_from([-2.5, 0.0, 1.3]))
def test_groups_are_those_of_all_pairs(n: int, seed: int, density: float, threshold: float) -> None:
    blocks, absent = scored(n, seed, density, 3), min(-4.0, threshold)
    held = held_of(n, blocks)
    order = np.arange(n)
    expected = cluster_blocks(order, blocks, threshold=threshold, absent=absent)
    found = cluster_blocks(order, held.blocks(threshold), threshold=threshold, absent=absent)
    np.testing.assert_array_equal(found, expected)


def test_pairs_between_parts_that_no_likely_pair_connects_are_left_out() -> None:
    pairs = np.array([[0, 1], [0, 2], [1, 2], [2, 3], [3, 4]], np.int64)
    held = HeldPairs(6)
    held.add(pairs, np.array([1.0, -1.0, 2.0, -0.5, 3.0]), np.array([5]))
    (block,) = held.blocks(0.0)
    assert block.pairs.tolist() == [[0, 1], [0, 2], [1, 2], [3, 4]]
    assert block.log_odds.tolist() == [1.0, -1.0, 2.0, 3.0]
    assert block.settled.tolist() == [5]


def test_log_odds_and_articles_may_be_the_greatest() -> None:
    last = 4_194_303
    held = HeldPairs(last + 1)
    held.add(np.array([[last - 1, last], [0, 1], [0, last]]), np.array([8.0, -8.0, 0.0]), np.empty(0, np.int64))
    pairs, log_odds = held.give_up()
    assert pairs.tolist() == [[0, 1], [0, last], [last - 1, last]]
    assert log_odds.tolist() == [-8.0, 0.0, 8.0]
    with pytest.raises(ValueError, match="4194305 articles"):
        HeldPairs(last + 2)


def test_there_may_be_none() -> None:
    assert list(HeldPairs(0).blocks(0.0)) == []
    assert HeldPairs(3).give_up()[1].tolist() == pytest.approx([])
