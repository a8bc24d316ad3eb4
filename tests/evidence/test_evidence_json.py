from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import CALIBRATED_LANGUAGES
from dedup.evidence.background import Background
from dedup.evidence.clock_columns import ArticleClocks
from dedup.evidence.counted import SLOTS
from dedup.evidence.day_columns import ArticleDays
from dedup.evidence.evidence_json import evidence_from_json, evidence_to_json
from dedup.evidence.extraction import ArticleEvidence, Extractor

floats = st.floats(allow_nan=False)
weighed = st.dictionaries(st.text(), st.tuples(floats, st.booleans()))
some_days = st.lists(st.integers(1, 10**6), max_size=6).map(tuple)
evidence = st.builds(
    ArticleEvidence,
    names=weighed,
    numbers=weighed,
    places=weighed,
    figures=st.dictionaries(st.sampled_from(SLOTS), st.lists(floats, max_size=4).map(tuple)),
    days=st.builds(
        ArticleDays,
        named=some_days,
        in_year=some_days,
        weekdays=st.integers(0, 127),
        months=st.integers(0, 4095),
        published=st.none() | st.integers(1, 10**6),
    ),
    clocks=st.builds(
        ArticleClocks,
        minutes=st.lists(st.integers(0, 1439), max_size=6).map(tuple),
        parts=st.integers(0, 63),
    ),
    marks_names=st.booleans(),
)


def through_json(one: ArticleEvidence) -> ArticleEvidence:
    return evidence_from_json(json.loads(json.dumps(evidence_to_json(one))))


@given(evidence)
def test_evidence_comes_back_equal_in_its_order_and_its_types(one: ArticleEvidence) -> None:
    back = through_json(one)
    assert back == one
    for kind in ("names", "numbers", "places", "figures"):
        assert list(getattr(back, kind).items()) == list(getattr(one, kind).items())
    assert type(back.days) is ArticleDays
    assert type(back.clocks) is ArticleClocks
    assert repr(back) == repr(one)


@pytest.mark.parametrize("language", CALIBRATED_LANGUAGES)
def test_so_does_that_of_a_text(language: str) -> None:
    text = "12 killed in Ankara on 27 Şubat 2023, ۶٫۳ ریشتر در تهران ۱۴۰۱/۱۲/۰۸, Qarib 3-1 Ba" + "9" * 400
    one = Extractor(Background()).of([text, "Again 40% on Monday."], language, datetime(2023, 2, 27, tzinfo=UTC))
    assert one.names or one.numbers
    assert through_json(one) == one


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        "evidence",
        [1, 2, 3, 4, 5, 6],
        [[["a"], [], []], [[], [], []], [[], [], []], [], [[], [], 0, 0, None], 1],
        [[["a"], ["b"], [0]], [[], [], []], [[], [], []], [], [[], [], 0, 0, None], 1],
        [[[], [], []], [[], [], []], [[], [], []], [[]], [[], [], 0, 0, None], 1],
        [[[], [], []], [[], [], []], [[], [], []], [], [[], [], 0, 0], 1],
    ],
)
def test_anything_else_is_refused(document: Any) -> None:
    with pytest.raises(ValueError, match="no evidence of an article"):
        evidence_from_json(document)
