"""Real news no two articles of which tell one story, though their times say that they might: what the fit learns from.

The families are written to be confused, and say little of how alike two unrelated reports of one language can be. Real
news says it without a label: two articles that appeared more than ten days apart, with times drawn within one week.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import timedelta

import numpy as np

from benchmarks.datasets import distractors
from dedup.score.training import LabelledArticle, ListedPairs, Unrelated
from dedup.text.language import with_language

__all__ = ["UNRELATED_SHARE", "unrelated_news"]

UNRELATED_SHARE = 0.2
"""What all its pairs count beside those of the families. With 0.1 four times as many of its pairs are more likely one
story than not; with 1.0 independent reports of the siblings begin to fall out of their stories."""
_ARTICLES = 600
_BEYOND = 20_000
"""The articles drawn first are those among which NTREX is measured, and teach nothing."""
_LEAST_DAYS_APART = 10.0
_WEEK_DAYS = 7.0
_SEED = 20261130
_SECONDS_PER_DAY = 86_400.0


def unrelated_news() -> Unrelated:
    """Return articles of the unlabelled news with made times, and the pairs of them that are surely unrelated.

    Raises:
        DatasetUnavailableError: the news are not on this machine.
    """
    timed = (article for article in distractors(_BEYOND + 4 * _ARTICLES)[_BEYOND:] if article.published)
    articles = [with_language(article) for article in itertools.islice(timed, _ARTICLES)]
    appeared = np.array([article.published.timestamp() for article in articles if article.published]) / _SECONDS_PER_DAY
    one, other = np.triu_indices(len(articles), 1)
    far = np.abs(appeared[one] - appeared[other]) > _LEAST_DAYS_APART
    pairs = np.stack([one[far], other[far]], axis=1).astype(np.int64)
    dice = random.Random(_SEED)
    begin = min(article.published for article in articles if article.published)
    return Unrelated(
        labelled=[
            LabelledArticle(
                article=replace(article, published=begin + timedelta(days=dice.uniform(0, _WEEK_DAYS))),
                story=article.id,
                family=article.id,
                text=None,
            )
            for article in articles
        ],
        listed=ListedPairs(pairs=pairs, same=np.zeros(len(pairs), np.bool_)),
        share=UNRELATED_SHARE,
    )
