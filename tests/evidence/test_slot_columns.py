"""Figures compared by columns, against a plain reading of the definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.evidence.numbers import number_mentions
from dedup.evidence.slot_columns import (
    LEAD_SENTENCES,
    SlotCollector,
    SlotColumns,
    SlotComparison,
    article_figures,
    compare_slots,
)

SAID = [
    "3 dead",
    "4 dead, 12 wounded",
    "5 dead, 40 wounded",
    "12 wounded",
    "magnitude 6.1",
    "magnitude 6.3",
    "won 3-1",
    "won 1-3",
    "the fifth round",
    "the 6th round",
    "36 percent",
    "$30 million",
    "17 people",
]
PASSAGES = st.lists(st.sampled_from(SAID), max_size=6)


def columns_of(passages: list[list[str]]) -> SlotColumns:
    collector = SlotCollector()
    for passage in passages:
        collector.add(article_figures(number_mentions(passage, "en")))
    return collector.columns()


def compared(passages: list[list[str]], one: int = 0, other: int = 1) -> list[float]:
    found: SlotComparison = compare_slots(columns_of(passages), np.array([[one, other]], np.int64))
    return [float(column[0]) for column in found]


def expected(one: list[str], other: list[str]) -> list[float]:
    """Return in how many slots two passages agree and differ, without and with ordinals, by sets of values."""
    values: list[dict[str, set[str]]] = []
    for passage in (one, other):
        slots: dict[str, set[str]] = {}
        for found in number_mentions(passage, "en"):
            if found.slot and found.sentence < LEAD_SENTENCES:
                slots.setdefault(found.slot, set()).add(found.value)
        values.append(slots)
    counts = [0.0] * 4
    for slot in values[0].keys() & values[1].keys():
        one_side, other_side = values[0][slot], values[1][slot]
        if one_side & other_side:
            counts[2 * (slot == "ordinal")] += 1
        elif not (slot in ("dead", "wounded") and any(near(a, b) for a in one_side for b in other_side)):
            counts[2 * (slot == "ordinal") + 1] += 1
    return counts


def near(one: str, other: str) -> bool:
    """Tell whether the lesser of two tolls is four fifths of the greater or more."""
    lesser, greater = sorted((int(one), int(other)))
    return 5 * lesser >= 4 * greater


@settings(max_examples=300)
@given(PASSAGES, PASSAGES, st.lists(PASSAGES, max_size=3))
def test_a_pair_is_compared_as_sets_say_and_knows_no_other_article(
    one: list[str], other: list[str], rest: list[list[str]]
) -> None:
    alone = compared([one, other])
    assert alone == expected(one, other)
    assert compared([other, one]) == alone
    assert compared([*rest, other, one], len(rest) + 1, len(rest)) == alone


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("magnitude 6.3", "magnitude 6.1", [0, 1, 0, 0]),
        ("magnitude 6.3", "a 6.3-magnitude quake", [1, 0, 0, 0]),
        ("won 3-1", "lost 1-3", [0, 1, 0, 0]),
        ("3 dead", "3 wounded", [0, 0, 0, 0]),
        ("3 dead, then 5 dead", "5 dead", [1, 0, 0, 0]),
        ("fifth round, 3 dead", "5th round, 4 dead", [0, 1, 1, 0]),
        # tolls rise: near each other they are neither
        ("11 dead, 41 wounded", "12 dead, 20 wounded", [0, 1, 0, 0]),
        ("4 dead", "5 dead", [0, 0, 0, 0]),
        ("0 dead", "1 dead", [0, 1, 0, 0]),
        ("magnitude 6.0", "magnitude 6.3", [0, 1, 0, 0]),
        ("fifth round", "sixth round", [0, 0, 0, 1]),
    ],
)
def test_agreement_and_conflict(one: str, other: str, expected: list[float]) -> None:
    assert compared([[one], [other]]) == expected


def test_figures_after_the_lead_say_nothing() -> None:
    long = ["Quake", "It shook Khoy", "None fled", "It was cold", "Last week 12 were killed"]
    assert compared([long, ["12 killed"]]) == [0, 0, 0, 0]


def test_no_pairs_and_no_articles() -> None:
    assert all(len(column) == 0 for column in compare_slots(columns_of([["3 dead"]]), np.empty((0, 2), np.int64)))
    assert columns_of([]).row.shape[0] == 0
