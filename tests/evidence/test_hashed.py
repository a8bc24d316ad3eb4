"""Names and places by hashes: compared as the whole evidence is, however they were put together."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.evidence.clock_columns import ArticleClocks
from dedup.evidence.day_columns import ArticleDays
from dedup.evidence.extraction import ArticleEvidence
from dedup.evidence.hashed import HashedEvidence
from dedup.evidence.mentions import Weighed, shared_mentions
from dedup.evidence.packed import hashed_evidence, pack_evidence, packed_columns

NO_DAYS = ArticleDays(named=(), in_year=(), weekdays=0, months=0, published=None)
WEIGHED = st.dictionaries(
    st.sampled_from("abcdefgh"), st.tuples(st.integers(1, 2**20).map(lambda n: n / 2**20), st.booleans()), max_size=6
)
ARTICLES = st.lists(st.tuples(WEIGHED, WEIGHED, st.booleans()), min_size=2, max_size=8)


def packed(drawn: list[tuple[Weighed, Weighed, bool]]) -> list[bytes]:
    return [
        pack_evidence(
            ArticleEvidence(
                names=names,
                numbers={},
                places=places,
                figures={},
                days=NO_DAYS,
                clocks=ArticleClocks(),
                marks_names=marks,
            )
        )
        for names, places, marks in drawn
    ]


@given(ARTICLES, st.integers(1, 7), st.randoms(use_true_random=False))
def test_what_is_asked_shares_the_same_as_by_the_whole_evidence(
    drawn: list[tuple[Weighed, Weighed, bool]], cut: int, dice: random.Random
) -> None:
    articles = packed(drawn)
    parts = [hashed_evidence(some) for some in (articles[:cut], articles[cut:]) if some]
    rows = np.array([0, *(dice.randrange(len(articles)) for _ in range(6))], np.int64)
    chosen = HashedEvidence.together(parts).chosen(rows)
    whole = packed_columns([articles[row] for row in rows.tolist()])
    asked = chosen.chosen(np.array([0]))
    pairs = np.array([(0, other) for other in range(1, len(rows))], np.int64)
    for hashed, of_asked, columns in (
        (chosen.names, asked.names, whole.names),
        (chosen.places, asked.places, whole.places),
    ):
        numbered = hashed.among(np.unique(of_asked.keys))
        assert numbered.totals.tolist() == columns.totals.tolist()
        assert numbered.lead_totals.tolist() == columns.lead_totals.tolist()
        for found, expected in zip(shared_mentions(numbered, pairs), shared_mentions(columns, pairs), strict=True):
            assert found.tolist() == expected.tolist()
    assert chosen.marks_names.tolist() == whole.marks_names.tolist()


def test_without_keys_nothing_is_shared() -> None:
    evidence = hashed_evidence(packed([({"a": (0.5, True)}, {}, True), ({"a": (0.5, True)}, {}, True)]))
    shared = shared_mentions(evidence.names.among(np.empty(0, np.int64)), np.array([[0, 1]]))
    assert shared.anywhere.tolist() == [[0.0], [0.0]]
    assert evidence.places.among(np.empty(0, np.int64)).totals.tolist() == [0.0, 0.0]
