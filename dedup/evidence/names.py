"""Words of an article that may be names, as consonant skeletons with their place in the text.

No tagger: in Latin script a capital makes a name, in Arabic script any word may be one, and how rare its skeleton is
in news of the language says what a shared one is worth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dedup.evidence.skeleton import is_arabic_script, skeletons
from dedup.evidence.word_table import WordTable

__all__ = ["NameMention", "name_mentions", "name_skeletons", "name_words"]

_WORD = re.compile(r"[^\W\d_]+(?:[\u200c'’][^\W\d_]+)*")
_SUFFIX = re.compile("['’]")
_LEAST_LETTERS = 3
_LEAST_CONSONANTS = 2
# A word longer than this is no name but a link or a text without spaces.
_MOST_LETTERS = 40


class NameMention(NamedTuple):
    """A word that may be a name, as it stands in a text."""

    sentence: int
    text: str
    skeletons: frozenset[str]


def name_mentions(sentences: Sequence[str], language: str) -> Iterator[NameMention]:
    """Yield every word that may be a name with its skeletons, in order, repeated words too."""
    for sentence, word in name_words(sentences, language):
        found = name_skeletons(word, language)
        if found:
            yield NameMention(sentence, word, found)


def name_words(sentences: Sequence[str], language: str) -> Iterator[tuple[int, str]]:
    """Yield the sentence and every word that may be a name, in order, repeated words too.

    In Latin script that is a word with a capital, but for one that stands without it elsewhere in the article: a
    sentence or a headline may begin any word with one.
    """
    if is_arabic_script(language):
        for number, sentence in enumerate(sentences):
            for word in _WORD.findall(sentence):
                yield number, word
        return
    words = [list(map(_BARE.__getitem__, _WORD.findall(sentence))) for sentence in sentences]
    common = {word for some in words for word in some if word[0].islower()}
    for number, some in enumerate(words):
        for word in some:
            if word[0].isupper() and word.lower() not in common:
                yield number, word


def _without_suffix(word: str) -> str:
    return _SUFFIX.split(word, maxsplit=1)[0]


_BARE = WordTable(_without_suffix)


def name_skeletons(word: str, language: str) -> frozenset[str]:
    """Return the skeletons of a word that may be a name; none where it is too short or too long for one."""
    if not _LEAST_LETTERS <= len(word) <= _MOST_LETTERS:
        return frozenset()
    found = skeletons(word, language)
    if all(len(one) >= _LEAST_CONSONANTS for one in found):
        return found
    return frozenset(one for one in found if len(one) >= _LEAST_CONSONANTS)
