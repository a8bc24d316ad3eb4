"""Which pairs a report holds, and which of them it explains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, islice
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup.score.scorer import log_odds_of, probability_of
from dedup.story import Story

if TYPE_CHECKING:
    from dedup.pipeline import Deduplication

__all__ = ["PairRow", "pair_rows", "pairs_to_explain"]

PairRow = tuple[int, int, float]
"""Two places of articles, the smaller first, and the probability that they tell one story."""

_DECIMALS = 6
_ALL_PAIRS_OF = 12
"""Of a story with more articles only pairs that mean something are explained: the nearest, and copies and originals."""


def pair_rows(result: Deduplication, most: int) -> list[PairRow]:
    """Return at most ``most`` scored pairs, sorted: those of nearest articles, then those in the greatest doubt."""
    pairs, log_odds = result.scored.pairs, result.scored.log_odds
    doubt = np.abs(log_odds - log_odds_of(result.settings.threshold))
    order = np.lexsort((pairs[:, 1], pairs[:, 0], doubt, ~_is_nearest(pairs, log_odds)))
    chosen = np.sort(order[:most])
    probability = np.round(probability_of(log_odds[chosen]), _DECIMALS).tolist()
    return [(a, b, p) for (a, b), p in zip(pairs[chosen].tolist(), probability, strict=True)]


def _is_nearest(pairs: npt.NDArray[np.int64], log_odds: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Tell of each pair whether one of its articles has no surer one."""
    nearest = np.zeros(len(pairs), np.bool_)
    for side in (0, 1):
        order = np.lexsort((-log_odds, pairs[:, side]))
        articles = pairs[order, side]
        first = np.ones(len(order), np.bool_)
        first[1:] = articles[1:] != articles[:-1]
        nearest[order[first]] = True
    return nearest


def pairs_to_explain(
    stories: Sequence[Story], places: Mapping[str, int], rows: Sequence[PairRow], threshold: float, most: int
) -> list[tuple[int, int]]:
    """Return at most ``most`` pairs, the most telling first: copies with their originals, each article with its
    nearest, pairs in doubt, then all others of small stories."""
    return list(islice(dict.fromkeys(_by_use(stories, places, rows, threshold)), most))


def _by_use(
    stories: Sequence[Story], places: Mapping[str, int], rows: Sequence[PairRow], threshold: float
) -> Iterator[tuple[int, int]]:
    together = {places[article.id]: number for number, story in enumerate(stories) for article in story.articles}
    inside = [row for row in rows if together[row[0]] == together[row[1]]]
    nearest: dict[int, PairRow] = {}
    for row in inside:
        for place in row[:2]:
            if place not in nearest or row[2] > nearest[place][2]:
                nearest[place] = row
    for story in stories:
        for member in story.members:
            place = places[member.article.id]
            if member.of is not None and member.of in places:
                yield _ordered(place, places[member.of])
            if place in nearest:
                yield nearest[place][:2]
    doubtful = sorted((row for row in rows if 0.05 < row[2] < 0.95), key=lambda row: (abs(row[2] - threshold), row))
    yield from (row[:2] for row in doubtful)
    for story in stories:
        if len(story.members) <= _ALL_PAIRS_OF:
            yield from (_ordered(places[a.id], places[b.id]) for a, b in combinations(story.articles, 2))
    yield from (row[:2] for row in inside)


def _ordered(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)
