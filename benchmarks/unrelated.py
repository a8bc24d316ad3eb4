"""Real news no two articles of which are about one thing, though their times say that they might: for the fit.

The families are written to be confused, and say little of how alike two unrelated reports of one language can be. Real
news says it without a label: two articles that appeared more than ten days apart, with times drawn within one day.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import timedelta

import numpy as np

from benchmarks.datasets import distractors
from dedup.score.related import Unrelated
from dedup.score.training import LabelledArticle, ListedPairs
from dedup.text.language import with_language

__all__ = ["BEYOND", "LEAST_DAYS_APART", "UNRELATED_SHARE", "unrelated_news"]

UNRELATED_SHARE = 3.0
"""What all its pairs count beside those of the families that are about one thing."""
_ARTICLES = 2_400
_PART = 0.4
"""Of all pairs that are far enough apart: enough to learn from."""
BEYOND = 20_000
"""The articles drawn first are those among which NTREX is measured, and teach nothing."""
LEAST_DAYS_APART = 10.0
_DAYS = 1.0
_SEED = 20261130
_SECONDS_PER_DAY = 86_400.0


def unrelated_news() -> Unrelated:
    """Return articles of the unlabelled news with made times, and the pairs of them that are surely unrelated.

    Raises:
        DatasetUnavailableError: the news are not on this machine.
    """
    timed = (article for article in distractors(BEYOND + 4 * _ARTICLES)[BEYOND:] if article.published)
    articles = [with_language(article) for article in itertools.islice(timed, _ARTICLES)]
    appeared = np.array([article.published.timestamp() for article in articles if article.published]) / _SECONDS_PER_DAY
    one, other = np.triu_indices(len(articles), 1)
    drawn = np.random.default_rng(_SEED).random(len(one)) < _PART
    far = (np.abs(appeared[one] - appeared[other]) > LEAST_DAYS_APART) & drawn
    pairs = np.stack([one[far], other[far]], axis=1).astype(np.int64)
    dice = random.Random(_SEED)
    begin = min(article.published for article in articles if article.published)
    return Unrelated(
        labelled=[
            LabelledArticle(
                article=replace(article, published=begin + timedelta(days=dice.uniform(0, _DAYS))),
                story=article.id,
                family=article.id,
                text=None,
            )
            for article in articles
        ],
        listed=ListedPairs(pairs=pairs, same=np.zeros(len(pairs), np.bool_)),
        share=UNRELATED_SHARE,
    )
