"""Stores of invented news, what a batch run makes of the same articles, and what a log of changes says they hold."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from fakes import FakeEncoder, fake_calibration, invented_news

from dedup.article import Article
from dedup.members import membership
from dedup.pipeline import Deduplication, deduplicate
from dedup.score.calibration import Calibration
from dedup.score.scorer import log_odds_of
from dedup.settings import Settings
from dedup.singletons import group_articles
from dedup.store import Change, Store
from dedup.story import Story

__all__ = [
    "START",
    "WINDOW",
    "batch",
    "calibration",
    "corrected_batch",
    "groups",
    "holdings",
    "news",
    "open_store",
    "replay",
    "told",
]

START = datetime(2020, 1, 1, tzinfo=UTC)
"""Long ago: an article without a time goes by when it was added, which no expiry of these days touches."""
WINDOW = Settings(window_days=2)


@cache
def calibration() -> Calibration:
    """Return the fake calibration as a store keeps it: JSON rounds the means."""
    return Calibration.from_json(fake_calibration().to_json(), name="fake")


def open_store(folder: Path, settings: Settings | None = WINDOW, **values: Any) -> Store:
    return Store.open(folder, encoder=FakeEncoder(), calibration=calibration(), settings=settings, **values)


def news(
    seed: int, *, stories: int = 8, languages: Sequence[str] | None = None, undated: float = 0.15
) -> list[Article]:
    """Return articles over 30 days, those of one story up to four days apart, some of them without a time."""
    dice = random.Random(seed)
    made = []
    for story in _texts(seed % 4, stories, tuple(languages or ("fa", "fa-AF", "ar", "en", "tr"))):
        first = START + timedelta(hours=dice.uniform(0, 26 * 24))
        for article in story:
            published = None if dice.random() < undated else first + timedelta(hours=dice.uniform(0, 96))
            made.append(replace(article, published=published))
    dice.shuffle(made)
    return made


@cache
def _texts(seed: int, stories: int, languages: tuple[str, ...]) -> list[list[Article]]:
    return invented_news(stories=stories, seed=seed, languages=languages, kin=0.35)


def batch(articles: Iterable[Article], settings: Settings = WINDOW, rules: Calibration | None = None) -> Deduplication:
    return deduplicate(articles, settings, encoder=FakeEncoder(), calibration=rules or calibration())


def corrected_batch(
    articles: Iterable[Article],
    labels: Mapping[tuple[str, str], bool],
    settings: Settings = WINDOW,
    rules: Calibration | None = None,
) -> dict[frozenset[str], dict[str, float]]:
    """Return the stories of a batch run that took the word of people for its pairs: with each article's probability."""
    result = batch(articles, settings, rules)
    keys = [article.id for article in result.articles]
    place = {key: position for position, key in enumerate(keys)}
    found = dict(zip(map(tuple, result.scored.pairs.tolist()), result.scored.log_odds.tolist(), strict=True))
    for (a, b), same in labels.items():
        if a in place and b in place:
            found[min(place[a], place[b]), max(place[a], place[b])] = np.inf if same else -np.inf
    pairs = np.array(sorted(found), np.int64).reshape(len(found), 2)
    log_odds = np.array([found[pair] for pair in sorted(found)], np.float64)
    threshold, absent = log_odds_of(settings.threshold), (rules or calibration()).absent_log_odds
    labelled = group_articles(keys, pairs, log_odds, threshold=threshold, absent=min(absent, threshold))
    bounded = np.where(log_odds == -np.inf, absent, np.clip(log_odds, -8, 8))
    probability = membership(labelled, pairs, bounded, absent)
    stories: dict[int, dict[str, float]] = {}
    for key, group, sure in zip(keys, labelled.tolist(), probability.tolist(), strict=True):
        stories.setdefault(group, {})[key] = round(sure, 4)
    return {frozenset(story): story for story in stories.values()}


def told(stories: Iterable[Story]) -> dict[frozenset[str], dict[str, tuple[Any, ...]]]:
    """Return all that is said of stories and their members, but for the ids of stories."""
    return {
        frozenset(one.id for one in story.articles): {
            one.article.id: (one.article, one.probability, one.relation, one.of, one.relation_probability)
            for one in story.members
        }
        for story in stories
    }


def groups(stories: Iterable[Story]) -> set[frozenset[str]]:
    return {frozenset(article.id for article in story.articles) for story in stories}


def holdings(store: Store) -> dict[str, set[str]]:
    """Return which articles each story has, by ids."""
    return {story.id: {article.id for article in story.articles} for story in store.stories()}


def replay(changes: Iterable[Change], held: Mapping[str, set[str]] | None = None) -> dict[str, set[str]]:
    """Return which articles each story has after ``changes`` of what it had; every change must be possible."""
    stories = {story: set(articles) for story, articles in (held or {}).items()}
    for change in changes:
        articles = set(change.articles)
        assert len(articles) == len(change.articles), change
        if change.kind in ("created", "joined"):
            assert (change.story in stories) == (change.kind == "joined"), change
            assert not any(articles & there for there in stories.values()), change
            stories.setdefault(change.story, set()).update(articles)
        elif change.kind in ("removed", "expired"):
            assert articles <= stories[change.story], change
            stories[change.story] -= articles
        elif change.kind in ("merged", "split"):
            assert change.other is not None, change
            giver, taker = (change.other, change.story) if change.kind == "merged" else (change.story, change.other)
            assert articles, change
            assert articles <= stories[giver], change
            stories[giver] -= articles
            stories.setdefault(taker, set()).update(articles)
        elif change.kind == "updated":
            assert articles <= stories[change.story], change
        else:
            assert change.kind == "corrected", change
    return {story: articles for story, articles in stories.items() if articles}
