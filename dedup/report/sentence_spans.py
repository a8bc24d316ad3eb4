"""Where the sentences that were compared stand in a text as it was published."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from dedup.text.lookalikes import as_latin
from dedup.text.normalise import fold_arabic_letters, fold_persian_letters, is_overridden, normalise_text

__all__ = ["Span", "sentence_spans", "utf16_length"]

Span = tuple[int, int, int]
"""0 for the title or 1 for the body, first position in it, position behind the last; in units of UTF-16, which is how
JavaScript counts."""


def sentence_spans(title: str, body: str, sentences: Sequence[str]) -> list[Span | None]:
    """Return where each sentence stands, None where it cannot be found; in a text that is written in another order than
    it is shown in, none can.

    Sentences are cleaned before they are compared: marks are gone, spaces made single, letters made equal. So what is
    looked for are letters and digits alone, in the order of the text.

    >>> sentence_spans("A  quake", "Four  died. Two fled.", ["A quake", "Two fled."])
    [(0, 0, 8), (1, 12, 20)]
    """
    if is_overridden(title) or is_overridden(body):
        return [None] * len(sentences)
    skeleton, places = _skeleton(title, body)
    spans: list[Span | None] = []
    start = 0
    for sentence in sentences:
        wanted, _ = _skeleton(sentence)
        found = skeleton.find(wanted, start) if wanted else -1
        if found < 0:
            spans.append(None)
            continue
        start = found + len(wanted)
        spans.append(_span((title, body), places[found], places[start - 1]))
    return spans


_Place = tuple[int, int]
"""Which text, and which character of it."""


def _span(texts: tuple[str, str], first: _Place, last: _Place) -> Span:
    text = texts[first[0]]
    end = last[1] + 1 if last[0] == first[0] else len(text)
    return first[0], utf16_length(text[: first[1]]), utf16_length(text[:end])


def _skeleton(*texts: str) -> tuple[str, list[_Place]]:
    """Return the letters and digits of the texts one after the other, and where each of them stands."""
    letters: list[str] = []
    places: list[_Place] = []
    for number, text in enumerate(texts):
        for place, character in enumerate(text):
            for letter in _letters(character):
                letters.append(letter)
                places.append((number, place))
    return "".join(letters), places


@lru_cache(maxsize=8192)
def _letters(character: str) -> str:
    kept = unicodedata.normalize("NFKD", normalise_text(character))
    bare = "".join(letter for letter in kept if letter.isalnum())
    return as_latin(fold_arabic_letters(fold_persian_letters(bare)))


def utf16_length(text: str) -> int:
    """Return how many units of UTF-16 a text takes.

    >>> utf16_length("a😀")
    3
    """
    return len(text) + sum(character > "\uffff" for character in text)
