"""How common a name or number is in news: what sharing it is worth."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from dedup.article import primary_language
from dedup.evidence.skeleton import is_arabic_script

__all__ = ["Background", "LanguageBackground", "number_rarity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageBackground:
    """In how many articles of one language each skeleton stands."""

    frequencies: Mapping[str, int]
    greatest: float
    """Logarithm of one more than the articles counted."""

    def rarity(self, skeleton: str) -> float:
        """Return from 0 (in every article) to 1 (in none) how rare a skeleton is."""
        found = self.frequencies.get(skeleton)
        return 1.0 - math.log1p(found) / self.greatest if found else 1.0


@dataclass(frozen=True, kw_only=True)
class Background:
    """In how many of a number of articles of a language a skeleton stands; those that are not listed stand in few."""

    documents: Mapping[str, int] = field(default_factory=dict)
    """Language → number of articles counted."""
    frequencies: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Language → skeleton → articles that have it."""

    def rarity(self, skeleton: str, language: str) -> float:
        """Return from 0 (in every article) to 1 (in none) how rare a skeleton is: its idf over the greatest idf.

        A language that was not counted takes the counts of its script.
        """
        return self.in_language(language).rarity(skeleton)

    def in_language(self, language: str) -> LanguageBackground:
        """Return the background of one language, for many skeletons of it."""
        counted = self._counted_language(primary_language(language))
        total = self.documents.get(counted, 1)
        return LanguageBackground(
            frequencies=self.frequencies[counted] if total > 1 else {}, greatest=math.log1p(total)
        )

    def _counted_language(self, language: str) -> str:
        if language in self.documents:
            return language
        return "fa" if is_arabic_script(language) else "en"


@lru_cache(maxsize=65_536)
def number_rarity(value: str) -> float:
    """Return from 0 to 1 what sharing a number is worth: small and round ones stand in any article.

    >>> number_rarity("2") < number_rarity("40") < number_rarity("178")
    True
    """
    if "-" in value:
        return 0.8
    if value.endswith("."):  # an ordinal
        return 0.5
    digits = value.strip("0").replace(".", "")
    size = abs(float(value))
    if "." in value and size < 100:
        return 0.7 if len(digits) <= 2 else 1.0
    if len(digits) <= 1:
        return 0.2 if size <= 3 else 0.35
    return 0.5 if size <= 31 else 0.75 if len(digits) == 2 else 1.0
