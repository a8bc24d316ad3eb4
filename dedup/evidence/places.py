"""Countries and cities that an article names, in five languages: Almanya, آلمان, ألمانيا and Germany are one.

Names are looked up word by word, the longest first. What is written onto a name in its language is taken off: the
articles and prepositions of Arabic, the endings of Turkish and Persian, and what makes a country an adjective.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from dedup.article import primary_language
from dedup.evidence.place_names import PlaceNames, is_country, place_names
from dedup.evidence.skeleton import is_arabic_script
from dedup.text.calendar_names import fold_text

__all__ = ["PlaceMention", "place_mentions"]

_WORD = re.compile(r"[^\W\d_]+(?:[\u200c'’][^\W\d_]+)*")
_APOSTROPHE = re.compile("['’]")
# Between two words of one name: the United Arab Emirates, Guinea-Bissau.
_JOINT = re.compile(r"(?:[ \u200c-]|\. ?)\Z")
_MOST_LETTERS = 40
_LEAST_STEM = 3

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
    for number, words in enumerate(split):
        for word in words:
            if _readings(word, tag):
                break
        else:
            continue
        if common is None:
            common = {_bare(word) for some in split for word in some if word[0].islower()}
        for text, place in _found_in(sentences[number], tag):
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


@lru_cache(maxsize=65_536)
def _readings(word: str, language: str) -> tuple[_Reading, ...]:
    """Return how a word can be read as the first one of a name, the likeliest first; nearly always not at all."""
    if len(word) > _MOST_LETTERS or word[0].islower():
        return ()
    names = place_names(language)
    found: dict[str, _Reading] = {}
    for key, country, alone in _stems(word, language):
        most = 1 if alone else names.most_words.get(key, 0)
        if key not in found and (most > 1 or _named(names, key, country) is not None):
            found[key] = _Reading(key, most, country)
    return tuple(found.values())


def _stems(word: str, language: str) -> Iterator[tuple[str, bool, bool]]:
    """Yield the keys that a word may stand for, whether only a country's, and whether an ending is taken off."""
    whole = _folded(word)
    bare = _folded(_bare(word))
    keys = [whole, bare] if bare != whole else [whole]
    adjectives = list(keys)
    if language == "ar":
        adjectives = _without_prefixes(whole)
        # جدة may stand in وجدة, but so may وجدة
        keys += [key for key in adjectives if len(key) >= _LEAST_AFTER_PREFIX and key != whole]
        adjectives += [key[2:] for key in adjectives if key.startswith("ال")]
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


@lru_cache(maxsize=65_536)
def _folded(word: str) -> str:
    return _APOSTROPHE.sub("", fold_text(word))


def _found_in(sentence: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield the names in a sentence as they stand there, and their places."""
    names = place_names(language)
    words = list(_WORD.finditer(sentence))
    position = 0
    while position < len(words):
        readings = _readings(words[position][0], language)
        if not readings:
            position += 1
            continue
        length, place = _longest(sentence, words, position, names, readings)
        if place is not None:
            yield sentence[words[position].start() : words[position + length - 1].end()], place
        position += length


def _longest(
    sentence: str, words: Sequence[re.Match[str]], position: int, names: PlaceNames, readings: Sequence[_Reading]
) -> tuple[int, str | None]:
    """Return of how many words the longest name is that begins at ``position``, and its place; 1 and None for none."""
    length, found = 1, None
    for reading in readings:
        key = ""
        for count, place in enumerate(range(position, min(position + reading.most_words, len(words))), start=1):
            if count == 1:
                key = reading.key
            elif _JOINT.match(sentence[words[place - 1].end() : words[place].start()]):
                key += f" {_folded(_bare(words[place][0]))}"
            else:
                break
            named = _named(names, key, reading.country)
            if named is not None and (count > length or found is None):
                length, found = count, named
    return length, found


def _named(names: PlaceNames, key: str, country: bool) -> str | None:
    """Return the place of a key, only a country if ``country``."""
    place = names.places.get(key)
    return place if place is not None and (is_country(place) or not country) else None
