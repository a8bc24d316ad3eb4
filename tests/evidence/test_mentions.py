"""What articles share, against a plain loop over their keys."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.evidence.mentions import Weighed, mention_columns, shared_mentions

WEIGHED = st.dictionaries(
    st.sampled_from("abcdefgh"), st.tuples(st.integers(1, 2**20).map(lambda n: n / 2**20), st.booleans()), max_size=8
)
DRAWN = st.lists(WEIGHED, min_size=2, max_size=9).flatmap(
    lambda articles: st.tuples(
        st.just(articles),
        st.lists(
            st.tuples(st.integers(0, len(articles) - 1), st.integers(0, len(articles) - 1)).filter(
                lambda pair: pair[0] != pair[1]
            ),
            max_size=30,
        ),
    )
)


def expected(one: Weighed, other: Weighed) -> tuple[float, float, float]:
    """Return what ``one`` shares with ``other``: anywhere, in both leads, of its lead."""
    shared = [key for key in one if key in other]
    return (
        sum(one[key][0] for key in shared),
        sum(one[key][0] for key in shared if one[key][1] and other[key][1]),
        sum(one[key][0] for key in shared if one[key][1]),
    )


@given(DRAWN)
def test_they_share_the_keys_that_both_have(drawn: tuple[list[Weighed], list[tuple[int, int]]]) -> None:
    articles, pairs = drawn
    found = shared_mentions(mention_columns(articles), np.array(pairs, np.int64).reshape(-1, 2))
    for place, (left, right) in enumerate(pairs):
        for side, (one, other) in enumerate(((left, right), (right, left))):
            got = tuple(float(sums[side, place]) for sums in found)
            assert got == expected(articles[one], articles[other])


@given(DRAWN)
def test_a_pair_shares_the_same_whatever_it_is_compared_with(
    drawn: tuple[list[Weighed], list[tuple[int, int]]],
) -> None:
    articles, pairs = drawn
    columns = mention_columns(articles)
    together = shared_mentions(columns, np.array(pairs, np.int64).reshape(-1, 2))
    for place, pair in enumerate(pairs):
        alone = shared_mentions(columns, np.array([pair], np.int64))
        assert [sums[:, 0].tolist() for sums in alone] == [sums[:, place].tolist() for sums in together]


def test_totals_are_those_of_each_article() -> None:
    columns = mention_columns([{}, {"b": (0.5, True), "a": (0.25, False)}, {"a": (1.0, True)}])
    assert columns.totals.tolist() == [0.0, 0.75, 1.0]
    assert columns.lead_totals.tolist() == [0.0, 0.5, 1.0]
