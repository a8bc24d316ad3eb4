from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from dedup.text.copies import copy_key


def test_case_and_punctuation_do_not_matter_and_words_do() -> None:
    assert copy_key(["The fire, at noon.", "Nobody hurt!"]) == copy_key(["the FIRE at noon", "nobody hurt"])
    assert copy_key(["The fire at noon"]) != copy_key(["The flood at noon"])


def test_keys_stay_what_they_are_for_they_are_compared_across_versions() -> None:
    assert copy_key(["سیل در لرستان دو پل را برد."]) == copy_key(["سیل در لرستان دو پل را برد"])
    assert copy_key(["Two bridges closed after the flood."]) == KNOWN


KNOWN = 379009480665727532


@given(st.lists(st.text(max_size=20), max_size=4))
def test_every_text_has_a_key(sentences: list[str]) -> None:
    assert 0 <= copy_key(sentences) < 2**63
    assert copy_key(sentences) == copy_key([" ".join(sentences)])


def test_the_key_is_shared_by_the_part_of_runs_that_texts_share() -> None:
    dice = random.Random(5)
    shared = 0
    for _ in range(1_000):
        words = [f"w{dice.randrange(10**6)}" for _ in range(102)]  # 100 runs of three
        other = words.copy()
        other[50] = "changed"  # three of them gone and three new: 97 of 103 are shared
        shared += copy_key([" ".join(words)]) == copy_key([" ".join(other)])
    assert 0.91 < shared / 1_000 < 0.97  # four standard deviations about 0.942
