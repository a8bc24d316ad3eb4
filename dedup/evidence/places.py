"""Countries and cities that an article names, in five languages: Almanya, آلمان, ألمانيا and Germany are one.

Names are looked up word by word, the longest first. What is written onto a name in its language is taken off: the
articles and prepositions of Arabic, the endings of Turkish and Persian, and what makes a country an adjective.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from dedup.article import primary_language
from dedup.evidence.place_names import PlaceNames, is_country, place_names
from dedup.evidence.skeleton import is_arabic_script
from dedup.evidence.word_table import WordTable
from dedup.text.fold import fold_text

__all__ = ["PlaceMention", "place_mentions"]

_WORD = re.compile(r"[^\W\d_]+(?:[\u200c'’][^\W\d_]+)*")
_APOSTROPHE = re.compile("['’]")
# Between two words of one name: the United Arab Emirates, Guinea-Bissau.
_JOINT = re.compile(r"(?:[ \u200c-]|\. ?)\Z")
_MOST_LETTERS = 40
_LEAST_STEM = 3
_MOST_LANGUAGES = 16

_ARABIC_PREFIXES = "وفبل"
_LEAST_AFTER_PREFIX = 4
# Folded, the longest first. Of countries alone: تهرانی is a family, Londralı may be one.
_ENDINGS = {
    "en": ("s",),
    "tr": ("lilar", "liler", "lular", "luler", "lar", "ler", "li", "lu"),
    "ar": ("یات", "یون", "یین", "یه", "ی"),
    "fa": ("ایها", "یهای", "یها", "یان", "های", "ها", "ای", "ی"),
}
_ADJECTIVE = "ی"
_ARTICLE = "ال"


class PlaceMention(NamedTuple):
    """A country or city as it stands in a text."""

    sentence: int
    text: str
    place: str
    """ISO 3166 code of a country, GeoNames number of a city."""


def place_mentions(sentences: Sequence[str], language: str) -> Iterator[PlaceMention]:
    """Yield every country and city of the sentences, in order, repeated ones too.

    In Latin script a name has a capital, and its word does not stand without one elsewhere in the article.

    >>> [found[1:] for found in place_mentions(["Vienna talks on Syria"], "en")]
    [('Vienna', '2761369'), ('Syria', 'SY')]
    >>> [found.place for found in place_mentions(["Viyana'da Suriye görüşmeleri"], "tr")]
    ['2761369', 'SY']
    >>> [found.place for found in place_mentions(["محادثات فيينا بشأن الأزمة السورية"], "ar")]
    ['2761369', 'SY']
    """
    tag = primary_language(language)
    split = [_WORD.findall(sentence) for sentence in sentences]
    common: set[str] | None = None if not is_arabic_script(language) else set()
    readings = _readings_in(tag)
    for number, words in enumerate(split):
        if not any(map(readings.__getitem__, words)):
            continue
        if common is None:
            common = {_bare(word) for some in split for word in some if word[0].islower()}
        for text, place in _found_in(sentences[number], words, tag):
            if _bare(text).lower() not in common:
                yield PlaceMention(number, text, place)


def _bare(word: str) -> str:
    """Return a word without what follows an apostrophe."""
    return _APOSTROPHE.split(word, maxsplit=1)[0]


class _Reading(NamedTuple):
    """A way to read a word as the first one of a place's name."""

    key: str
    most_words: int
    country: bool
    """Whether it can be a country only."""


@lru_cache(maxsize=_MOST_LANGUAGES)
def _readings_in(language: str) -> WordTable[tuple[_Reading, ...]]:
    return WordTable(partial(_readings, language=language))


def _readings(word: str, language: str) -> tuple[_Reading, ...]:
    """Return how a word can be read as the first one of a name, the likeliest first; nearly always not at all."""
    if len(word) > _MOST_LETTERS or word[0].islower():
        return ()
    names = place_names(language)
    whole = _folded(word)
    if not (_APOSTROPHE.search(word) or _may_be_place(names, whole, language)):
        return ()
    found: dict[str, _Reading] = {}
    for key, country, alone in _stems(word, whole, language):
        most = 1 if alone else names.most_words.get(key, 0)
        if key not in found and (most > 1 or _named(names, key, country) is not None):
            found[key] = _Reading(key, most, country)
    return tuple(found.values())


def _may_be_place(names: PlaceNames, whole: str, language: str) -> bool:
    """Tell whether one of ``_stems`` can be there: only where its first letters are, which is so of a third of words.

    A stem begins as the word does, or as it does without what Arabic writes before it. It has the word's first four
    letters, or its first three and nothing or one more letter.
    """
    starts = _without_prefixes(whole) if language == "ar" else [whole]
    for start in (*starts, *(start[2:] for start in starts if start.startswith(_ARTICLE))):
        stem = start[:_LEAST_STEM]
        if {start[: _LEAST_STEM + 1], stem, stem + _ADJECTIVE} & names.beginnings:
            return True
    return False


def _stems(word: str, whole: str, language: str) -> Iterator[tuple[str, bool, bool]]:
    """Yield the keys that a word may stand for, whether only a country's, and whether an ending is taken off."""
    bare = _folded(_bare(word)) if whole != word else whole
    keys = [whole, bare] if bare != whole else [whole]
    adjectives = list(keys)
    if language == "ar":
        adjectives = _without_prefixes(whole)
        # جدة may stand in وجدة, but so may وجدة
        keys += [key for key in adjectives if len(key) >= _LEAST_AFTER_PREFIX and key != whole]
        adjectives += [key[2:] for key in adjectives if key.startswith(_ARTICLE)]
    for key in keys:
        yield key, False, False
    for key in adjectives:
        if key not in keys:
            yield key, True, False
        for ending in _ENDINGS.get(language, ()):
            stem = key.removesuffix(ending)
            if stem != key and len(stem) >= _LEAST_STEM:
                yield stem, True, True
                if ending[0] == _ADJECTIVE:
                    yield stem + _ADJECTIVE, True, True
                    yield stem + _ADJECTIVE + "ه", True, True  # روسی of روسیه


def _without_prefixes(key: str) -> list[str]:
    """Return a folded Arabic word as it is and without *and*, *in* and *to* before it."""
    if len(key) <= _LEAST_STEM or key[0] not in _ARABIC_PREFIXES:
        return [key]
    return [key, key[1:], f"ا{key[1:]}"] if key.startswith("لل") else [key, key[1:]]


def _folded(word: str) -> str:
    folded = fold_text(word)
    return folded if folded.isalpha() else _APOSTROPHE.sub("", folded)


class _Sentence(NamedTuple):
    """A sentence and its words."""

    text: str
    words: Sequence[str]
    spans: Sequence[tuple[int, int]]
    """Where in the text each word begins and ends."""

    def has_joint_before(self, word: int) -> bool:
        """Tell whether a word and the one before it can be of one name."""
        return bool(_JOINT.match(self.text[self.spans[word - 1][1] : self.spans[word][0]]))


def _spans(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    end = 0
    for word in words:
        start = text.index(word, end)
        end = start + len(word)
        yield start, end


def _found_in(text: str, words: Sequence[str], language: str) -> Iterator[tuple[str, str]]:
    """Yield the names in a sentence of these words as they stand there, and their places."""
    names = place_names(language)
    known = _readings_in(language)
    sentence = _Sentence(text, words, list(_spans(text, words)))
    stop = 0
    for position, word in enumerate(words):
        readings = known[word]
        if not readings or position < stop:
            continue
        length, place = _longest(sentence, position, names, readings)
        stop = position + length
        if place is not None:
            yield text[sentence.spans[position][0] : sentence.spans[stop - 1][1]], place


def _longest(
    sentence: _Sentence, position: int, names: PlaceNames, readings: Sequence[_Reading]
) -> tuple[int, str | None]:
    """Return of how many words the longest name is that begins at ``position``, and its place; 1 and None for none."""
    length, found = 1, None
    for reading in readings:
        key = reading.key
        for count in range(1, min(reading.most_words, len(sentence.words) - position) + 1):
            if count > 1:
                word = position + count - 1
                if not sentence.has_joint_before(word):
                    break
                key += f" {_folded(_bare(sentence.words[word]))}"
            named = _named(names, key, reading.country)
            if named is not None and (count > length or found is None):
                length, found = count, named
    return length, found


def _named(names: PlaceNames, key: str, country: bool) -> str | None:
    """Return the place of a key, only a country if ``country``."""
    place = names.places.get(key)
    return place if place is not None and (is_country(place) or not country) else None
