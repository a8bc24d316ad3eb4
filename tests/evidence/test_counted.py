"""The table of words for what numbers count."""

from __future__ import annotations

import pytest

from dedup.evidence.counted import COUNTED_WORDS, LEADING_WORDS, SLOTS, leading_slot_of, slot_of
from dedup.text.fold import fold_name


def test_every_word_is_found_in_the_slot_in_which_it_stands() -> None:
    for table, found in ((COUNTED_WORDS, slot_of), (LEADING_WORDS, leading_slot_of)):
        for slot, words in table.items():
            for word in words.split():
                assert found(fold_name(word) or word) == slot, word


def test_every_slot_has_a_column() -> None:
    assert set(COUNTED_WORDS) | set(LEADING_WORDS) <= set(SLOTS)
    assert len(set(SLOTS)) == len(SLOTS)
    assert {"score", "ordinal"} <= set(SLOTS)


@pytest.mark.parametrize("word", ["can", "per", "شخصا", "year", "old", "people", "نفر", "kişi", ""])
def test_words_that_tell_nothing(word: str) -> None:
    """English can is no Turkish can kaybı, and per is no percent."""
    assert slot_of(fold_name(word)) is None
    assert leading_slot_of(fold_name(word)) is None
