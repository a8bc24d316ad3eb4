"""The evidence of one article: the names, numbers, places, figures, days and times of day that it tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from dedup.evidence.background import Background, number_rarity
from dedup.evidence.clock_columns import ArticleClocks, article_clocks
from dedup.evidence.day_columns import ArticleDays, article_days
from dedup.evidence.mentions import Weighed
from dedup.evidence.names import name_skeletons, name_words
from dedup.evidence.numbers import NumberMention, number_mentions
from dedup.evidence.place_columns import PLACE_MARK, weighed_places
from dedup.evidence.places import place_mentions
from dedup.evidence.skeleton import is_arabic_script
from dedup.evidence.slot_columns import Figures, article_figures
from dedup.evidence.word_table import WordTable

__all__ = [
    "ArticleEvidence",
    "Extractor",
    "NameWeights",
    "count_skeletons",
    "weighed_names",
    "weighed_numbers",
]

# The headline and what follows it: who, where and how many of the event itself, before any background.
_LEAD_SENTENCES = 3
_SHORT_SKELETON = 3
_SHORT_SKELETON_WEIGHT = 0.3
# Words commoner than this are no names, and sharing them says nothing.
_LEAST_RARITY = 0.35
_MOST_LANGUAGES = 16  # with words remembered at once

_Worths = tuple[tuple[str, float], ...]
"""Skeletons, and what sharing each is worth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleEvidence:
    """What an article tells that another can tell too."""

    names: Weighed
    numbers: Weighed
    places: Weighed
    figures: Figures
    days: ArticleDays
    clocks: ArticleClocks
    marks_names: bool
    """Whether the script tells names from other words, as Latin does by capitals."""


class Extractor:
    """Extracts evidence, article by article; remembers what each word is worth.

    Args:
        background: How common names and places are in news.
    """

    def __init__(self, background: Background) -> None:
        self._background = background
        self._weights = NameWeights(background)

    def of(self, passage: Sequence[str], language: str, published: datetime | None) -> ArticleEvidence:
        """Return the evidence of an article, from the sentences that are read of it and its time."""
        numbers = list(number_mentions(passage, language))
        return ArticleEvidence(
            names=weighed_names(passage, language, self._weights),
            numbers=weighed_numbers(numbers),
            places=weighed_places(place_mentions(passage, language), language, self._background),
            figures=article_figures(numbers),
            days=article_days(passage, published),
            clocks=article_clocks(passage),
            marks_names=not is_arabic_script(language),
        )


class NameWeights:
    """What each word is worth as a name, worked out once however often it stands in the corpus."""

    def __init__(self, background: Background) -> None:
        self._background = background
        self._known: dict[str, WordTable[_Worths]] = {}

    def in_language(self, language: str) -> WordTable[_Worths]:
        """Return the skeletons of each word of a language with their worth; none for a word too common for a name."""
        known = self._known.get(language)
        if known is None:
            if len(self._known) >= _MOST_LANGUAGES:
                self._known.clear()
            known = self._known[language] = WordTable(_NameWeight(self._background, language))
        return known


class _NameWeight:
    """What a word of one language is worth as a name."""

    def __init__(self, background: Background, language: str) -> None:
        self._rarity = background.in_language(language).rarity
        self._language = language

    def __call__(self, word: str) -> _Worths:
        found = sorted(name_skeletons(word, self._language))
        if not found:
            return ()
        rarity = min(map(self._rarity, found))
        if rarity < _LEAST_RARITY:
            return ()
        # squared: one rare name says more than two that are half as rare
        worth = rarity**2 / len(found)
        return tuple(
            [
                (skeleton, worth * (1.0 if len(skeleton) >= _SHORT_SKELETON else _SHORT_SKELETON_WEIGHT))
                for skeleton in found
            ]
        )


def weighed_names(passage: Sequence[str], language: str, weights: NameWeights) -> Weighed:
    """Return the skeletons of an article that count as names, each with its worth."""
    weighed: Weighed = {}
    known = weights.in_language(language)
    for sentence, word in name_words(passage, language):
        for skeleton, weight in known[word]:
            if skeleton not in weighed:
                weighed[skeleton] = (weight, sentence < _LEAD_SENTENCES)
    return weighed


def weighed_numbers(mentions: Iterable[NumberMention]) -> Weighed:
    """Return the values of an article's numbers, each with its worth."""
    weighed: Weighed = {}
    for mention in mentions:
        weighed.setdefault(mention.value, (number_rarity(mention.value), mention.sentence < _LEAD_SENTENCES))
    return weighed


def count_skeletons(passages: Iterable[tuple[Sequence[str], str]]) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """Count in how many articles each skeleton stands, by language: what ``Background`` is made of."""
    documents: dict[str, int] = {}
    known: dict[str, WordTable[frozenset[str]]] = {}
    frequencies: dict[str, dict[str, int]] = {}
    for passage, language in passages:
        documents[language] = documents.get(language, 0) + 1
        counts = frequencies.setdefault(language, {})
        skeletons = known.setdefault(language, WordTable(partial(name_skeletons, language=language)))
        found = {one for _, word in name_words(passage, language) for one in skeletons[word]}
        found |= {PLACE_MARK + mention.place for mention in place_mentions(passage, language)}
        for skeleton in found:
            counts[skeleton] = counts.get(skeleton, 0) + 1
    return documents, frequencies
