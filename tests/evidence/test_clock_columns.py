"""Times of day compared by the column, beside what a person would say of two articles."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.data.families import read_families
from dedup.evidence.clock_columns import (
    EVERY_PART,
    MOST_CLOCKS,
    ArticleClocks,
    article_clocks,
    clock_columns,
    compare_clocks,
)
from dedup.evidence.clocks import DAY_PARTS
from dedup.text.passage import article_sentences

CLOCKS = st.builds(
    ArticleClocks,
    minutes=st.lists(st.integers(0, 1439), max_size=MOST_CLOCKS, unique=True).map(tuple),
    parts=st.integers(0, int(EVERY_PART)),
)


def apart(one: int, other: int) -> int:
    return min((one - other) % 1440, (other - one) % 1440)


def hours_of(parts: int) -> set[int]:
    """Return the quarters of an hour of a day in which something may have happened."""
    return {
        quarter % 96
        for bit, (first, last) in enumerate(DAY_PARTS.values())
        if parts >> bit & 1
        for quarter in range(int(first * 4), int(last * 4))
    }


@given(articles=st.lists(CLOCKS, min_size=2, max_size=6))
def test_it_is_what_each_pair_says(articles: list[ArticleClocks]) -> None:
    pairs = np.array([(i, j) for i in range(len(articles)) for j in range(len(articles)) if i != j])
    found = compare_clocks(clock_columns(articles), pairs)
    for row, (i, j) in enumerate(pairs.tolist()):
        one, other = articles[i], articles[j]
        gaps = [apart(a, b) for a in one.minutes for b in other.minutes]
        assert found.shared[row] == bool(gaps and min(gaps) <= 15)
        assert found.in_conflict[row] == bool(gaps and min(gaps) > 60)
        both = one.parts > 0 and other.parts > 0
        meet = bool(hours_of(one.parts) & hours_of(other.parts))
        assert found.parts_shared[row] == (both and meet)
        assert found.parts_in_conflict[row] == (both and not meet)


def test_of_no_articles_and_no_pairs() -> None:
    columns = clock_columns([])
    assert columns.minutes.shape == (0, MOST_CLOCKS)
    assert all(len(part) == 0 for part in compare_clocks(columns, np.empty((0, 2), np.int64)))


def test_only_the_lead_counts() -> None:
    told = [
        "A fire",
        "It began at 9:20 a.m.",
        "Nobody was hurt",
        "By 11:00 a.m. it was out",
        "At 5 p.m. schools closed",
    ]
    found = article_clocks(told)
    assert found.minutes == (560, 660)
    assert article_clocks([*told[:1], "Nothing.", "Nothing.", "On Friday morning"]).parts == 0


def test_a_timetable_is_cut() -> None:
    assert len(article_clocks([" ".join(f"{hour}:15" for hour in range(13, 24))]).minutes) == MOST_CLOCKS


def test_two_fires_of_one_day_and_their_reports() -> None:
    reports = [
        ["Fire in a shop kills three", "The blaze started at 9:20 this morning."],
        ["آتش‌سوزی جان سه تن را گرفت", "آتش ساعت نه و بیست دقیقه صبح امروز آغاز شد."],
        ["Depo yangınında bir itfaiyeci öldü", "Yangın saat 14.00 sıralarında başladı."],
    ]
    found = compare_clocks(clock_columns(map(article_clocks, reports)), np.array([[0, 1], [0, 2], [1, 2]]))
    assert found.shared.tolist() == [1, 0, 0]
    assert found.in_conflict.tolist() == [0, 1, 1]


def test_what_it_tells_among_the_families_that_ship() -> None:
    labelled = read_families()
    columns = clock_columns(article_clocks(article_sentences(one.article, 12)) for one in labelled)
    pairs = np.array(
        [(i, j) for i, one in enumerate(labelled) for j, other in enumerate(labelled[:i]) if one.family == other.family]
    )
    same = np.array([labelled[i].story == labelled[j].story for i, j in pairs.tolist()])
    found = compare_clocks(columns, pairs)
    assert found.shared.sum() > 100
    assert found.in_conflict.sum() > 150
    # as docs/how-it-works.md says
    assert same[found.shared > 0].mean() > 0.96
    assert same[found.in_conflict > 0].mean() < 0.12
