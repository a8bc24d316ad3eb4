"""What is known of words: most of what comes has come before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["WordTable"]

_T = TypeVar("_T")

MOST_WORDS = 250_000
"""Remembered at once, 20-60 MB: those of some fifty thousand articles, whose rarest words come once."""


class WordTable(dict[str, _T], Generic[_T]):
    """What a function says of each word, asked once a word: ``table[word]``.

    A dictionary, since its look-up costs a third of a cached function's. Where it is full it begins anew.

    Args:
        work_out: A function of the word alone.
    """

    def __init__(self, work_out: Callable[[str], _T], *, most: int = MOST_WORDS) -> None:
        super().__init__()
        self._work_out = work_out
        self._most = most

    def __missing__(self, word: str) -> _T:
        if len(self) >= self._most:
            self.clear()
        found = self[word] = self._work_out(word)
        return found
