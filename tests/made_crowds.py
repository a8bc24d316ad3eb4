"""Copies of invented articles, for tests of crowds; how few make one can be lowered for them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from fakes import invented_news

from dedup import crowds
from dedup.article import Article

__all__ = ["copies_of", "crowded_news", "lower"]

_WORDS = ("tomorrow", "again", "there", "nobody")


def lower(monkeypatch: pytest.MonkeyPatch, leads: int = 4, guides: int = 2) -> None:
    """Have so few articles lead a crowd."""
    monkeypatch.setattr(crowds, "LEADS", leads)
    monkeypatch.setattr(crowds, "GUIDES", guides)


def copies_of(one: Article, count: int, dice: random.Random, *, changed: float = 0.5, days: int = 1) -> list[Article]:
    """Return an article ``count`` times, with ids in no order, some with a word changed, at times of some days."""
    assert one.published
    morning = one.published.replace(hour=1)
    found = []
    for number in range(count):
        words = one.body.split(" ")
        if dice.random() < changed:
            words[dice.randrange(len(words))] = dice.choice(_WORDS)
        # few moments, so that some are of one time
        published = morning + timedelta(days=dice.randrange(days), minutes=20 * dice.randrange(60))
        key = f"copy{dice.randrange(10**6):06}-{one.id}-{number}"
        found.append(replace(one, id=key, body=" ".join(words), published=published))
    return found


def crowded_news(
    seed: int, *, undated: float = 0.0, crowd: int = 14, languages: Sequence[str] = ("en", "fa")
) -> list[Article]:
    """Return three stories in some languages, kin to each other, and crowds of the first articles of two of them."""
    dice = random.Random(seed)
    stories = invented_news(stories=3, seed=seed % 5, languages=languages, kin=0.3)
    made = [article for story in stories for article in story]
    for story in stories[:2]:
        made += copies_of(story[0], crowd, dice, days=2)
    made = [replace(one, published=None) if dice.random() < undated else one for one in made]
    dice.shuffle(made)
    return made
