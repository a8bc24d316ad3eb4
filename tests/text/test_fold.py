from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.text.fold import fold_name, fold_text


@given(st.text())
def test_a_text_is_folded_letter_by_letter(text: str) -> None:
    assert fold_text(text) == "".join(map(fold_text, text))


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_spellings_that_unicode_holds_for_equal_fold_alike(text: str) -> None:
    # two spacing marks beside each other may change places in the normal form; no newsroom writes them
    spacing = {c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) == "Mc"}
    if not spacing:
        assert fold_text(unicodedata.normalize("NFC", text)) == fold_text(unicodedata.normalize("NFD", text))


@given(st.text())
def test_nothing_that_is_dropped_is_left(text: str) -> None:
    assert not {unicodedata.category(letter) for letter in fold_text(text)} & {"Mn", "Cf"}
    assert all(letter.isalnum() for letter in fold_name(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [("ISTANBUL", "ıstanbul"), ("İzmir", "izmir"), ("علي", "علی"), ("مُحَمَّد", "محمد"), ("ΣΑΣ", "σας"), ("كتاب", "کتاب")],
)
def test_spellings_of_one_word(one: str, other: str) -> None:
    assert fold_text(one) == fold_text(other)


def test_more_characters_than_are_remembered_fold_the_same() -> None:
    everything = "".join(map(chr, range(0x20, 0x20000, 3)))
    assert fold_text(everything) == "".join(map(fold_text, everything))
