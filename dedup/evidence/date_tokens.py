"""The words and numbers of a sentence in which dates are looked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from dedup.evidence.word_table import WordTable
from dedup.text.fold import fold_name

__all__ = ["Token", "are_joined", "are_one_name", "keys_of", "tokens_of"]

_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+")
# What may stand between the words and numbers of one date: a space or two, a comma, "of", a slash between two names of
# one month, the bracket after the second, the full stop of an ordinal.
_JOINT = re.compile(r"[\s,،/.’'\u200c)]{0,3}\Z")
_WITHIN_NAME = re.compile(r"[\s’'\u200c-]{0,2}\Z")  # Dhu al-Qadah
_MOST_DIGITS = 4


class Token(NamedTuple):
    """A word or a number."""

    start: int
    end: int
    key: str
    """Folded; digits as they are."""
    number: int | None
    """The value of up to four digits."""


_KEYS = WordTable(fold_name)


def keys_of(text: str) -> map[str]:
    """Return the keys of all words and numbers."""
    return map(_KEYS.__getitem__, _TOKEN.findall(text))


def tokens_of(text: str) -> list[Token]:
    """Return the words and numbers of a text whose digits are ASCII ones."""
    return [_token(match) for match in _TOKEN.finditer(text)]


def _token(match: re.Match[str]) -> Token:
    # numerals other than 0-9, such as ½, are words here
    number = int(match[0]) if match[0][0] in "0123456789" and len(match[0]) <= _MOST_DIGITS else None
    return Token(match.start(), match.end(), _KEYS[match[0]], number)


def are_joined(tokens: Sequence[Token], left: int, right: int, text: str) -> bool:
    """Tell whether two tokens stand so near that they can be one date; False where one of them is not there."""
    return left >= 0 and right < len(tokens) and bool(_JOINT.match(text[tokens[left].end : tokens[right].start]))


def are_one_name(tokens: Sequence[Token], left: int, right: int, text: str) -> bool:
    """Tell whether two tokens that are there can be words of one name."""
    return bool(_WITHIN_NAME.match(text[tokens[left].end : tokens[right].start]))
