"""Packed evidence, against the columns that are made without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dedup.data.families import read_families
from dedup.evidence.background import Background
from dedup.evidence.clock_columns import ArticleClocks, compare_clocks
from dedup.evidence.columns import EvidenceColumns, all_judge, evidence_columns, shared_evidence
from dedup.evidence.counted import SLOTS
from dedup.evidence.day_columns import ArticleDays, compare_days
from dedup.evidence.extraction import ArticleEvidence, Extractor
from dedup.evidence.packed import pack_evidence, packed_columns
from dedup.evidence.place_columns import compare_places
from dedup.evidence.slot_columns import compare_slots

KEYS = st.text(max_size=4)
WEIGHED = st.dictionaries(KEYS, st.tuples(st.floats(0.01, 1), st.booleans()), max_size=5)
DAY = st.integers(datetime(1900, 1, 1, tzinfo=UTC).toordinal(), datetime(2100, 1, 1, tzinfo=UTC).toordinal())
DAYS = st.builds(
    ArticleDays,
    named=st.lists(DAY, max_size=6).map(tuple),
    in_year=st.lists(st.integers(1, 366), max_size=6).map(tuple),
    weekdays=st.integers(0, 127),
    months=st.integers(0, 4095),
    published=st.none() | DAY,
)
FIGURES = st.dictionaries(
    st.sampled_from(SLOTS), st.lists(st.floats(0, 1e9), min_size=1, max_size=4).map(lambda some: tuple(sorted(some)))
)
EVIDENCE = st.builds(
    ArticleEvidence,
    names=WEIGHED,
    numbers=WEIGHED,
    places=WEIGHED,
    figures=FIGURES,
    days=DAYS,
    clocks=st.builds(
        ArticleClocks,
        minutes=st.lists(st.integers(0, 1439), max_size=6).map(tuple),
        parts=st.integers(0, 63),
    ),
    marks_names=st.booleans(),
)


def compared(columns: EvidenceColumns, n: int) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Return all that is compared of evidence, for every two articles."""
    pairs = np.stack(np.triu_indices(n, 1), axis=1).astype(np.int64)
    return [
        *shared_evidence(columns.names, pairs, all_judge),
        *shared_evidence(columns.numbers, pairs, all_judge),
        *compare_places(columns.places, pairs),
        *compare_slots(columns.slots, pairs),
        *compare_days(columns.days, pairs),
        *compare_clocks(columns.clocks, pairs),
    ]


def assert_equal(articles: list[ArticleEvidence]) -> None:
    expected = evidence_columns(articles)
    found = packed_columns([pack_evidence(one) for one in articles])
    assert found.marks_names.tolist() == expected.marks_names.tolist()
    for one, other in zip(compared(found, len(articles)), compared(expected, len(articles)), strict=True):
        assert one.tolist() == other.tolist()  # to the last bit: sums do not depend on the order of keys


@given(articles=st.lists(EVIDENCE, min_size=1, max_size=5))
@settings(max_examples=30, deadline=None, phases=(Phase.generate,))
def test_any_evidence_compares_as_it_does_unpacked(articles: list[ArticleEvidence]) -> None:
    assert_equal(articles)


def test_the_evidence_of_written_articles_compares_as_it_does_unpacked() -> None:
    extractor = Extractor(Background())
    told = [one.article for one in read_families()][:60]
    assert_equal([extractor.of(one.text.splitlines(), one.language, one.published) for one in told])


def test_no_articles_have_no_evidence() -> None:
    assert len(packed_columns([]).marks_names) == 0


def test_evidence_that_was_cut_off_is_refused() -> None:
    whole = pack_evidence(Extractor(Background()).of(["Two died in Herat on Monday"], "en", None))
    with pytest.raises(ValueError, match="another length"):
        packed_columns([whole[:-1]])


@given(articles=st.lists(EVIDENCE, min_size=2, max_size=5), before=st.lists(st.booleans(), min_size=5, max_size=5))
@settings(max_examples=20, deadline=None, phases=(Phase.generate,))
def test_of_articles_that_were_stored_before_no_times_of_day_are_known(
    articles: list[ArticleEvidence], before: list[bool]
) -> None:
    packed = [pack_evidence(one) for one in articles]
    stored = [_without_clocks(one) if old else one for one, old in zip(packed, before, strict=False)]
    known = [replace(one, clocks=ArticleClocks()) if old else one for one, old in zip(articles, before, strict=False)]
    pairs = np.stack(np.triu_indices(len(articles), 1), axis=1).astype(np.int64)
    found, expected = packed_columns(stored).clocks, evidence_columns(known).clocks
    for one, other in zip(compare_clocks(found, pairs), compare_clocks(expected, pairs), strict=True):
        assert one.tolist() == other.tolist()


def _without_clocks(packed: bytes) -> bytes:
    # what is stored of times of day keeps its length, or stores get a new format
    return packed[:-13]


def test_what_is_stored_of_figures_keeps_its_meaning() -> None:
    # a store names a slot by its place: one that is new goes to the end, or stores get a new format
    told = """dead wounded missing detained magnitude percent money weight length area depth barrels volume votes houses
    age vehicles goals score ordinal"""
    assert " ".join(SLOTS) == " ".join(told.split())
    assert len(SLOTS) <= 255
