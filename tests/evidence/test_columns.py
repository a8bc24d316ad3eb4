"""What two articles share, against a plain reading of the definition, and independent of all other articles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.evidence.background import Background
from dedup.evidence.columns import (
    EvidenceColumns,
    all_judge,
    evidence_columns,
    names_judge,
    shared_evidence,
)
from dedup.evidence.extraction import Extractor, count_skeletons
from dedup.evidence.mentions import mention_columns

RARE = Background()


def columns_of(passages: list[list[str]], languages: list[str], background: Background = RARE) -> EvidenceColumns:
    extractor = Extractor(background)
    return evidence_columns(extractor.of(*told, None) for told in zip(passages, languages, strict=True))


TORKHAM = ["Two killed at Torkham", "Mawlawi Safi said the clash began at 4.", "Nangarhar hospital took 17 wounded."]
TORKHAM_FA = ["دو کشته در تورخم", "مولوی صافی گفت درگیری ساعت ۴ آغاز شد.", "۱۷ زخمی به شفاخانه ننگرهار رسیدند."]
BOLDAK = ["Six killed at Boldak", "Haji Mamund said the clash began at 9.", "Chaman hospital took 31 wounded."]


def test_reports_of_one_event_share_more_than_siblings_across_scripts() -> None:
    evidence = columns_of([TORKHAM, TORKHAM_FA, BOLDAK], ["en", "fa-AF", "en"])
    pairs = np.array([[0, 1], [0, 2]])
    names = shared_evidence(evidence.names, pairs, names_judge(evidence.marks_names))
    numbers = shared_evidence(evidence.numbers, pairs, all_judge)
    assert names.mass[0] > names.mass[1]
    assert names.lead_part[0] > names.lead_part[1]
    assert numbers.part[0] > numbers.part[1] == 0


def test_names_of_latin_text_are_judged_by_arabic_script_and_not_the_other_way_round() -> None:
    judge = names_judge(np.array([True, False]))
    assert judge(np.array([[0, 1]])).tolist() == [1.0]
    assert judge(np.array([[1, 0]])).tolist() == [0.0]
    assert judge(np.array([[1, 1]])).tolist() == [1.0]


def test_numbers_shared_are_what_sets_say() -> None:
    passages = [["17 and 178 here"], ["178 there", "40 more"], ["nothing"]]
    evidence = columns_of(passages, ["en"] * 3)
    shared = shared_evidence(evidence.numbers, np.array([[0, 1], [0, 2]]), all_judge)
    # 178 is worth 1.0, 17 half of it, the round 40 a third
    assert shared.mass == pytest.approx([1.0, 0.0])
    assert shared.part[0] == pytest.approx((1 / 1.5 + 1 / 1.35) / 2)
    assert shared.known.tolist() == [1.0, 0.0]
    assert shared.part[1] == 0


def test_a_common_word_is_worth_less_and_the_commonest_nothing() -> None:
    documents, frequencies = count_skeletons([(["Tehran said"], "en")] * 99 + [(["Shiraz said"], "en")])
    background = Background(documents=documents, frequencies=frequencies)
    assert background.rarity("thrn", "en") < 0.1 < background.rarity("xrz", "en") < background.rarity("never", "en")
    evidence = columns_of([["Tehran"], ["Tehran"]], ["en", "en"], background)
    assert shared_evidence(evidence.names, np.array([[0, 1]]), all_judge).mass.tolist() == [0.0]


words = st.sampled_from(
    ["Torkham", "Boldak", "Safi", "Mamund", "Nangarhar", "Chaman", "17", "31", "178", "4", "Kabul", "Herat"]
)
passage = st.lists(st.lists(words, min_size=1, max_size=6).map(" ".join), min_size=1, max_size=4)


@settings(max_examples=60)
@given(passage, passage, st.lists(passage, max_size=4))
def test_a_pair_is_symmetric_and_does_not_know_what_else_there_is(
    one: list[str], other: list[str], rest: list[list[str]]
) -> None:
    alone = columns_of([one, other], ["en", "tr"])
    among = columns_of([*rest, other, one], ["en"] * len(rest) + ["tr", "en"])
    last = len(rest)
    for kind in ("names", "numbers"):
        judge = all_judge
        first = shared_evidence(getattr(alone, kind), np.array([[0, 1]]), judge)
        turned = shared_evidence(getattr(alone, kind), np.array([[1, 0]]), judge)
        within = shared_evidence(getattr(among, kind), np.array([[last + 1, last]] * 3), judge)
        for a, b, c in zip(first, turned, within, strict=True):
            assert a[0] == pytest.approx(b[0])
            assert (c == a[0]).all()  # to the last bit


def test_no_pairs() -> None:
    evidence = columns_of([["Kabul"]], ["en"])
    shared = shared_evidence(evidence.names, np.empty((0, 2), np.int64), all_judge)
    assert all(len(column) == 0 for column in shared)


def test_a_mention_in_the_lead_is_worth_there_what_it_is_worth_anywhere() -> None:
    weighed = [{"b": (0.5, True), "a": (0.9, False)}, {"c": (0.3, True), "a": (0.9, True), "b": (0.5, False)}]
    columns = mention_columns(weighed)
    assert columns.totals == pytest.approx([1.4, 1.7])
    assert columns.lead_totals == pytest.approx([0.5, 1.2])
    assert sorted(columns.worth[columns.in_lead].tolist()) == pytest.approx([0.3, 0.5, 0.9])
