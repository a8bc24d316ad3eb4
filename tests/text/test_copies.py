from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from dedup.text.copies import KEYS, copy_keys


def test_case_and_punctuation_do_not_matter_and_words_do() -> None:
    assert copy_keys(["The fire, at noon.", "Nobody hurt!"]) == copy_keys(["the FIRE at noon", "nobody hurt"])
    assert not set(copy_keys(["The fire at noon"])) & set(copy_keys(["The flood at noon"]))


def test_keys_stay_what_they_are_for_stores_keep_them() -> None:
    assert copy_keys(["سیل در لرستان دو پل را برد."]) == copy_keys(["سیل در لرستان دو پل را برد"])
    assert copy_keys(["Two bridges closed after the flood."]) == KNOWN


KNOWN = (1515008193265272879, 2484879526553063853, 1170254320037299547, 307553206976312601)


@given(st.lists(st.text(max_size=20), max_size=4))
def test_every_text_has_keys(sentences: list[str]) -> None:
    keys = copy_keys(sentences)
    assert len(keys) == KEYS
    assert all(0 <= key < 2**63 for key in keys)
    assert keys == copy_keys([" ".join(sentences)])


def test_keys_are_shared_by_the_part_of_runs_that_texts_share() -> None:
    dice = random.Random(5)
    shared = [0] * KEYS
    none = 0
    for _ in range(1_000):
        words = [f"w{dice.randrange(10**6)}" for _ in range(102)]  # 100 runs of three
        other = words.copy()
        other[50] = "changed"  # three of them gone and three new: 97 of 103 are shared
        same = [one == two for one, two in zip(copy_keys([" ".join(words)]), copy_keys([" ".join(other)]), strict=True)]
        shared = [count + one for count, one in zip(shared, same, strict=True)]
        none += not any(same)
    # four standard deviations about 0.942, of each key; seldom none at all, for they are drawn independently
    assert all(0.91 < count / 1_000 < 0.97 for count in shared)
    assert none < 5
