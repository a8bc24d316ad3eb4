"""Articles in their groups: how sure the place of each is, and its relation to the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.score.scorer import probability_of
from dedup.story import Member

if TYPE_CHECKING:
    from dedup.relate.relations import Relation

__all__ = ["make_members", "membership"]

_DIGITS = 4


def membership(
    groups: npt.NDArray[np.int64],
    pairs: npt.NDArray[np.int64],
    log_odds: npt.NDArray[np.float64],
    absent: float,
) -> npt.NDArray[np.float64]:
    """Return for each article the probability of its place in its group: float64 ``[n]``; 1.0 where it is alone.

    It is that of the average log-odds of its pairs with the others of the group.

    Args:
        groups: int64 ``[n]``, equal for the articles of one group.
        pairs: int64 ``[p, 2]``, positions of articles.
        log_odds: float64 ``[p]``.
        absent: Log-odds that count for a pair that is not in ``pairs``.
    """
    inside = groups[pairs[:, 0]] == groups[pairs[:, 1]]
    above = np.zeros(len(groups))
    for side in (0, 1):
        np.add.at(above, pairs[inside, side], log_odds[inside] - absent)
    _, group = np.unique(groups, return_inverse=True)
    others = np.bincount(group, minlength=1)[group] - 1
    average = absent + above / np.maximum(others, 1)
    return np.where(others > 0, probability_of(average), 1.0)


def make_members(
    articles: Sequence[Article], probability: npt.NDArray[np.float64], relations: Sequence[Relation | None]
) -> Iterator[Member]:
    """Yield the articles with what is known of their places; relations name other articles by position."""
    for article, certainty, relation in zip(articles, probability.tolist(), relations, strict=True):
        yield Member(
            article=article,
            probability=round(certainty, _DIGITS),
            relation=relation.kind if relation else None,
            of=articles[relation.of].id if relation and relation.of is not None else None,
            relation_probability=relation.probability if relation else None,
        )
