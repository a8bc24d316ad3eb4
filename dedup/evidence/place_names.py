"""The names of countries and cities, by language: the table that ships with the package, ready to be looked up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple

from dedup.article import primary_language
from dedup.evidence.skeleton import is_arabic_script
from dedup.text.fold import fold_text

__all__ = ["LANGUAGES", "PlaceNames", "country_of", "english_name", "is_country", "place_key", "place_names"]

LANGUAGES = ("en", "tr", "ar", "fa")
"""The columns of the table; Dari spellings stand among the Persian ones."""

_TABLE = "places.tsv"
_BEGINNING = 4
_MARKS = re.compile(r"['’‘`ʿʾʻ]")
_NO_LETTER = re.compile(r"[\W\d_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceNames:
    """The places that a language has names for."""

    places: Mapping[str, str]
    """Key of a name → id of the place: ISO 3166 code of a country, GeoNames number of a city."""
    most_words: Mapping[str, int]
    """First word of a key → the most words that a key has that begins with it."""
    beginnings: frozenset[str]
    """The first four letters of each first word of a key; the word where it has fewer."""


def place_key(name: str) -> str:
    """Return the key of a name: its folded words with a space between.

    >>> place_key("Sana'a"), place_key("İZMİR"), place_key("کی‌یف"), place_key("Guinea-Bissau")
    ('sanaa', 'izmir', 'کییف', 'guinea bissau')
    """
    return _NO_LETTER.sub(" ", fold_text(_MARKS.sub("", name))).strip()


def is_country(place: str) -> bool:
    """Tell whether an id is that of a country."""
    return not place.isdigit()


def country_of(place: str) -> str:
    """Return the country that a place is in; a country is in itself."""
    return place if is_country(place) else _read_table().countries[place]


def english_name(place: str) -> str:
    """Return the main name of a place in English, for people.

    >>> english_name("EG"), english_name("281184")
    ('Egypt', 'Jerusalem')
    """
    return _read_table().english[place]


def place_names(language: str) -> PlaceNames:
    """Return the names of places in a language; in one that the table lacks, those of English or, by script, Persian.

    >>> place_names("tr").places["kudus"] == place_names("fa-AF").places["قدس"]
    True
    """
    primary = primary_language(language)
    if primary not in LANGUAGES:
        primary = "fa" if is_arabic_script(language) else "en"
    return _read_table().names[primary]


class _Table(NamedTuple):
    names: Mapping[str, PlaceNames]
    """By language."""
    countries: Mapping[str, str]
    """Id of a place → that of its country."""
    english: Mapping[str, str]


@cache
def _read_table() -> _Table:
    names: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    countries: dict[str, str] = {}
    english: dict[str, str] = {}
    for place, country, name, *cells in _rows():
        countries[place] = country
        english[place] = name
        for language, cell in zip(LANGUAGES, cells, strict=True):
            if cell:
                # keys as they are: to fold forty thousand names takes longer than all else that a run imports
                names[language].update(dict.fromkeys(cell.split("|"), place))
    return _Table({language: _indexed(some) for language, some in names.items()}, countries, english)


def _rows() -> Iterator[list[str]]:
    text = resources.files("dedup.data").joinpath(_TABLE).read_text("utf-8")
    # what the table is made of, and its heads
    for line in text.splitlines()[2:]:
        yield line.split("\t")


def _indexed(places: Mapping[str, str]) -> PlaceNames:
    most: dict[str, int] = {}
    for key in places:
        words = 1 + key.count(" ")
        first = key if words == 1 else key.partition(" ")[0]
        if words > most.get(first, 0):
            most[first] = words
    return PlaceNames(places=places, most_words=most, beginnings=frozenset(word[:_BEGINNING] for word in most))
