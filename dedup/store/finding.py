"""Finds the stories that an article may tell, without adding it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.article import Article
from dedup.evidence.packed import hashed_evidence
from dedup.store.database import Database
from dedup.store.matches import Match
from dedup.store.neighbours import Indexed, Neighbours
from dedup.store.records import is_text
from dedup.store.revision import Newcomer
from dedup.store.rules import Rules
from dedup.store.selection import read_stories
from dedup.store.stored import Known, StoredArticles
from dedup.story import Story

if TYPE_CHECKING:
    from dedup.encode.base import Encoder
    from dedup.encode.vectors import VectorCache

__all__ = ["Finder"]


class Finder:
    """Compares an article with those near it; within a transaction.

    Args:
        database: Of the store.
        neighbours: Likewise, up to date.
        stored: Likewise.
        rules: Likewise.
        encoder: For what is found to explain itself.
        cache: Likewise.
    """

    def __init__(
        self,
        database: Database,
        neighbours: Neighbours,
        stored: StoredArticles,
        rules: Rules,
        encoder: Encoder,
        cache: VectorCache | None,
    ) -> None:
        self._database, self._neighbours, self._stored, self._rules = database, neighbours, stored, rules
        self._encoder, self._cache = encoder, cache

    def matches(self, newcomer: Newcomer, limit: int | None) -> list[Match]:
        """Return the stories that an article may tell, the surest first, at most ``limit``."""
        article, hours = newcomer.article, newcomer.hours
        asked = Indexed(
            numbers=np.array([-1], np.int64),
            documents=newcomer.vectors.document[None, :],
            hours=np.array([np.nan if hours is None else hours]),
            languages=[article.language],
            evidence=hashed_evidence([newcomer.evidence]),
        )
        numbers = sorted(other for _, other in self._neighbours.pairs(asked, self._rules.bounds))
        known = self._stored.known(numbers)
        numbers = [number for number in numbers if known[number].id != article.id]
        here = Known(
            id=article.id,
            language=article.language,
            hours=asked.hours[0],
            vectors=newcomer.vectors,
            evidence=newcomer.evidence,
        )
        log_odds = self._rules.log_odds(
            [here, *(known[number] for number in numbers)], [(0, place + 1) for place in range(len(numbers))]
        )
        return self._matches_by_story(article, dict(zip(numbers, log_odds.tolist(), strict=True)), limit)

    def _matches_by_story(self, article: Article, log_odds: dict[int, float], limit: int | None) -> list[Match]:
        absent = self._rules.absent
        found: dict[int, list[tuple[float, str]]] = {}
        told = [number for number, value in log_odds.items() if value > absent]
        for number, key, story in self._database.rows_among(
            "SELECT number, id, story FROM articles WHERE number IN ({})", told
        ):
            found.setdefault(story, []).append((-log_odds[number], key))
        size = dict(
            self._database.rows_among(
                "SELECT story, COUNT(*) FROM articles WHERE lead IS NULL AND story IN ({}) GROUP BY story", list(found)
            )
        )
        asked = [article.id] if is_text(article.id) else []
        for (own,) in self._database.rows_among("SELECT story FROM articles WHERE lead IS NULL AND id IN ({})", asked):
            if own in size:
                size[own] -= 1  # it is not compared with itself
        average = {
            story: absent + sum(-value - absent for value, _ in pairs) / size[story] for story, pairs in found.items()
        }
        surest = sorted(found, key=lambda story: (-average[story], min(found[story])))[:limit]
        stories = read_stories(self._database, surest, self._rules.settings.keep)
        return [
            self._match(article, story, average[number], *min(found[number]))
            for number, story in zip(surest, stories, strict=True)
        ]

    def _match(self, asked: Article, story: Story, average: float, against: float, nearest: str) -> Match:
        from dedup.score.scorer import probability_of

        probability, of_nearest = probability_of(np.array([average, -against])).tolist()
        return Match(
            story=story,
            probability=probability,
            nearest=next(one for one in story.articles if one.id == nearest),
            nearest_probability=of_nearest,
            _asked=asked,
            _rules=self._rules,
            _encoder=self._encoder,
            _cache=self._cache,
        )
