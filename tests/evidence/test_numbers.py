"""A number is one value in every language's digits, separators and words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.evidence.background import number_rarity
from dedup.evidence.numbers import number_values


def values(text: str, language: str) -> list[str]:
    return [value for _, value in number_values([text], language)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fa", "زلزله‌ای به بزرگی ۷٫۳ ریشتر", ["7.3"]),
        ("fa", "زلزلهٔ ۷.۳ ریشتری", ["7.3"]),
        ("tr", "7,3 büyüklüğünde deprem", ["7.3"]),
        ("en", "a magnitude 7.3 quake", ["7.3"]),
        ("ar", "زلزال بقوة ٧٫٣ درجات", ["7.3"]),
        ("tr", "1.250 kişi ve 2,5 milyon lira", ["1250", "2500000"]),
        ("en", "1,250 people and 2.5 million lira", ["1250", "2500000"]),
        ("fa", "۱۷۱ هزار نفر", ["171000"]),
        ("fa-AF", "۳ ملیون دالر", ["3000000"]),
        ("ar", "171 ألف شخص", ["171000"]),
        ("tr", "200 bin kişi", ["200000"]),
        ("en", "seven dead", ["7"]),
        ("fa", "هفت کشته", ["7"]),
        ("ar", "سبعة قتلى", ["7"]),
        ("tr", "yedi ölü", ["7"]),
        ("en", "in 2023 and 1402", []),
        ("en", "no number here", []),
    ],
)
def test_values(language: str, text: str, expected: list[str]) -> None:
    assert values(text, language) == expected


def test_a_score_keeps_its_order() -> None:
    assert values("won 3-1", "en") == ["3-1"]
    assert values("lost 1-3", "en") == ["1-3"]
    assert values("با نتیجه ۳ - ۱", "fa") == ["3-1"]


def test_a_date_is_no_score() -> None:
    assert values("on 2023-02-27", "en") == [] or "-" not in "".join(values("on 2023-02-27", "en"))


def test_magnitudes_that_differ_are_different_values() -> None:
    assert values("magnitude 6.3", "en") != values("magnitude 6.1", "en")


@given(st.integers(10, 999_999).filter(lambda number: not (1300 <= number < 1500 or 1900 <= number < 2100)))
def test_grouped_and_plain_numbers_agree_in_all_languages(number: int) -> None:
    persian = str(number).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert (
        values(f"{number} people", "en")
        == values(f"{number:,} people", "en")
        == values(f"{number:,} kişi".replace(",", "."), "tr")
        == values(f"{persian} نفر", "fa")
        == [str(number)]
    )


@given(st.text(max_size=80), st.sampled_from(["ar", "fa", "en", "tr", "und"]))
def test_no_text_breaks_it_and_every_value_has_a_rarity(text: str, language: str) -> None:
    for value in values(text, language):
        assert 0 < number_rarity(value) <= 1
