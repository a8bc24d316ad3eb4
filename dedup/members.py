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
    from dedup.crowds import Following
    from dedup.relate.relations import Relation

__all__ = ["make_members", "membership", "with_followers"]

_DIGITS = 4
_PAIRS_AT_ONCE = 1 << 20


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
    above = np.zeros(len(groups))
    inside = _inside(groups, pairs)
    for side in (0, 1):
        np.add.at(above, pairs[inside, side], log_odds[inside] - absent)
    _, group = np.unique(groups, return_inverse=True)
    others = np.bincount(group, minlength=1)[group] - 1
    average = absent + above / np.maximum(others, 1)
    return np.where(others > 0, probability_of(average), 1.0)


def with_followers(probability: npt.NDArray[np.float64], following: Following) -> npt.NDArray[np.float64]:
    """Return ``probability`` with that of each article that follows another: of its pair with that, float64 ``[n]``."""
    found = probability.copy()
    followers = following.followers
    found[followers] = probability_of(following.log_odds[followers])
    return found


def _inside(groups: npt.NDArray[np.int64], pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return which pairs are of one group, a few of perhaps tens of millions: int64 ``[k]``, ascending."""
    starts = range(0, len(pairs), _PAIRS_AT_ONCE)
    found = [
        start + np.flatnonzero(groups[some[:, 0]] == groups[some[:, 1]])
        for start in starts
        for some in [pairs[start : start + _PAIRS_AT_ONCE]]
    ]
    return np.concatenate([np.empty(0, np.int64), *found])


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
