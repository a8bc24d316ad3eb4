"""Which pairs a person is asked about first: those that dedup is least sure of, and no boundary twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup.score.scorer import log_odds_of, probability_of

if TYPE_CHECKING:
    from dedup.pipeline import Deduplication

__all__ = ["Doubt", "pairs_in_doubt"]

_FARTHEST = 3.0
"""Log-odds from the threshold beyond which there is no doubt: for a threshold of 0.5 probabilities of 0.05 and 0.95."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Two articles of which a person should say whether they tell the same story."""

    a: int
    """Place of an article in ``Deduplication.articles``."""
    b: int
    """Place of another one, greater than ``a``."""
    probability: float
    """That they tell the same story."""


def pairs_in_doubt(result: Deduplication, most: int) -> list[Doubt]:
    """Return at most ``most`` pairs, in the order in which to ask.

    A pair of two stories asks whether the boundary between the two is right; a pair of one story, whether the one of
    its articles that belongs there less surely does belong there. Of each of these questions the pair whose log-odds
    are nearest the threshold is taken. Then the questions are asked in turns: in the first turn a story comes up once
    at most, in the second once more, those in the greatest doubt first in each; so one large story of doubtful joins
    does not take all the time of who answers. Ties go by the ids of the articles. The same run gives the same list.
    """
    pairs, log_odds = result.scored.pairs, result.scored.log_odds
    distance = np.abs(log_odds - log_odds_of(result.settings.threshold))
    near = np.flatnonzero(distance <= _FARTHEST)
    # the pairs are sorted by place, so that a stable sort settles ties by the ids
    near = near[np.argsort(distance[near], kind="stable")]
    stories, questions = _questions(result, pairs[near])
    _, first = np.unique(questions, axis=0, return_index=True)
    first.sort()
    chosen = near[first[_in_turns(stories[first].tolist(), most)]]
    probabilities = probability_of(log_odds[chosen]).tolist()
    return [Doubt(a=a, b=b, probability=p) for (a, b), p in zip(pairs[chosen].tolist(), probabilities, strict=True)]


def _questions(
    result: Deduplication, pairs: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the stories of each pair, the smaller number first, and what it asks; int64 ``[n, 2]`` both.

    What it asks are its two stories or, where these are one, the story and one behind the place of the article in
    question, below 0 so as to be no story.
    """
    places = {article.id: place for place, article in enumerate(result.articles)}
    story = np.zeros(len(places), np.int64)
    sure = np.zeros(len(places))
    for number, one in enumerate(result.stories):
        for member in one.members:
            place = places[member.article.id]
            story[place], sure[place] = number, member.probability
    stories = np.sort(story[pairs], axis=1)
    less_sure = np.where(sure[pairs[:, 0]] < sure[pairs[:, 1]], pairs[:, 0], pairs[:, 1])
    questions = stories.copy()
    inside = stories[:, 0] == stories[:, 1]
    questions[inside, 1] = -1 - less_sure[inside]
    return stories, questions


def _in_turns(stories: list[list[int]], most: int) -> list[int]:
    """Return positions of questions, given the stories that each is about, turn by turn, at most ``most``."""
    asked: Counter[int] = Counter()
    chosen: list[int] = []
    waiting = list(range(len(stories)))
    turn = 0
    while waiting and len(chosen) < most:
        turn += 1
        later = []
        for position in waiting:
            about = set(stories[position])
            if any(asked[story] >= turn for story in about):
                later.append(position)
            elif len(chosen) < most:
                chosen.append(position)
                asked.update(about)
        waiting = later
    return chosen
