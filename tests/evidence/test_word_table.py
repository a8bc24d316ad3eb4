from __future__ import annotations

from dedup.evidence.word_table import WordTable


def test_each_word_is_worked_out_once() -> None:
    asked: list[str] = []

    def length(word: str) -> int:
        asked.append(word)
        return len(word)

    table = WordTable(length)
    assert [table[word] for word in ("one", "three", "one", "three")] == [3, 5, 3, 5]
    assert asked == ["one", "three"]


def test_a_full_table_begins_anew_and_says_the_same() -> None:
    table = WordTable(len, most=3)
    words = [letter * count for count in range(1, 5) for letter in "abcde"]
    for _ in range(2):
        assert [table[word] for word in words] == [len(word) for word in words]
        assert len(table) <= 3


def test_nothing_that_is_false_is_worked_out_again() -> None:
    asked: list[str] = []
    table = WordTable(lambda word: asked.append(word))
    assert [table["a"], table["a"]] == [None, None]
    assert asked == ["a"]
