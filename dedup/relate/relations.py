"""The relation of each article to its story, and the article that it is of.

Three questions, each a linear model of the calibration: which article is the first report; which others are one text
with an article before them, and so reprints or translations; and of the rest, which are updates. A pure function of
the story's articles: neither their order nor other stories change it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.crowds import Following
from dedup.encode.fingerprint import Fingerprints
from dedup.errors import CalibrationError
from dedup.relate.signals import (
    ORIGINAL_SIGNALS,
    TEXT_SIGNALS,
    UPDATE_SIGNALS,
    Material,
    Numbers,
    compared_pairs,
    linear_scores,
    original_candidates,
    original_signals,
    projections,
    reading_order,
    text_signals,
    update_signals,
)
from dedup.score.relation_weights import RelationWeights
from dedup.score.scorer import probability_of
from dedup.score.signals import Pairs

__all__ = ["RELATIONS", "Relation", "follower_relation", "relate_articles", "relations_of_followers"]

RELATIONS = ("original", "reprint", "translation", "independent", "update")
"""The story's first report; the text of an earlier article in the same language; the same in another language; own
words; a later report with new facts."""

_LIMIT = 8.0
"""Log-odds beyond this say no more than the development data can back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How an article stands to its story."""

    kind: str
    """One of ``RELATIONS``."""
    of: int | None
    """Position of the article whose text it has, or that it updates; None for original and independent articles."""
    probability: float
    """Probability of ``kind``, given that the story is one."""


def relate_articles(
    articles: Sequence[Article],
    groups: npt.NDArray[np.int64],
    fingerprints: Fingerprints,
    weights: RelationWeights,
    *,
    max_sentences: int,
) -> list[Relation]:
    """Return the relation of each of ``n`` articles.

    Args:
        articles: In the order of their ids: it decides what nothing else does.
        groups: int64 ``[n]``, equal for the articles of one story.
        fingerprints: Of the articles.
        weights: From the calibration.
        max_sentences: The most that any article has.

    Raises:
        CalibrationError: the weights name a signal that this version does not know.
    """
    _check(weights)
    material = Material.of(articles, fingerprints, max_sentences)
    relations = [Relation(kind="original", of=None, probability=1.0) for _ in articles]
    stories = [reading_order(story, material) for story in _stories_of_several(groups)]
    if not stories:
        return relations
    pairs = compared_pairs(stories, material)
    similarity = text_signals(material, pairs)
    text_odds = linear_scores(weights.same_text, similarity)
    original = _original_probability(stories, pairs, similarity["coverage"], text_odds, material, weights)
    first = np.array([story[_most_likely(original[story])] for story in stories])
    update, first_odds = _against_first(stories, first, material, weights)
    found = _neighbours(pairs, text_odds, len(articles))
    for story, opening in zip(stories, first.tolist(), strict=True):
        order = [opening, *(article for article in story.tolist() if article != opening)]
        for article, relation in _story_relations(order, found, first_odds, update, fingerprints.languages):
            sure = original[opening] if article == opening else 1 - original[article]
            relations[article] = Relation(
                kind=relation.kind, of=relation.of, probability=round(float(sure) * relation.probability, 4)
            )
    return relations


def relations_of_followers(relations: Sequence[Relation | None], following: Following) -> list[Relation | None]:
    """Return ``relations`` with those of articles that follow others: they are reprints of what these have.

    Args:
        relations: Of ``n`` articles, those that follow others each a story by itself.
        following: Who follows whom.
    """
    found = list(relations)
    for article in following.followers.tolist():
        lead = int(following.lead[article])
        told = relations[lead]
        if told is not None:
            found[article] = follower_relation(told, lead, float(following.text_odds[article]))
    return found


def follower_relation(told: Relation, lead: int, text_odds: float) -> Relation:
    """Return the relation of an article that follows another, of which ``told`` is that.

    Args:
        told: Relation of the one that is followed.
        lead: Its position.
        text_odds: Log-odds that the two are one text.
    """
    of = told.of if told.kind == "reprint" and told.of is not None else lead
    probability = probability_of(_bounded(np.array([text_odds])))[0]
    return Relation(kind="reprint", of=of, probability=round(float(probability), 4))


def _check(weights: RelationWeights) -> None:
    for model, known in (
        (weights.same_text, TEXT_SIGNALS),
        (weights.original, ORIGINAL_SIGNALS),
        (weights.update, UPDATE_SIGNALS),
    ):
        unknown = sorted(set(model.coefficients) - set(known))
        if unknown:
            raise CalibrationError(
                f"the calibration weighs unknown signals of relations: {', '.join(unknown)}; "
                "fit it again with this version"
            )


def _stories_of_several(groups: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
    """Return the positions of each story of two and more articles, in ascending order."""
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    return [story for story in np.split(order, starts) if len(story) > 1]


def _original_probability(
    stories: Sequence[npt.NDArray[np.int64]],
    pairs: Pairs,
    coverage: Numbers,
    text_odds: Numbers,
    material: Material,
    weights: RelationWeights,
) -> Numbers:
    """Return for each article the probability that it is the first report of its story: float64 ``[n]``."""
    signals = original_signals(stories, pairs, coverage, probability_of(_bounded(text_odds)), material)
    scores = linear_scores(weights.original, signals, projections(weights.original, material.fingerprints.documents))
    probability = np.zeros(len(scores))
    for story in stories:
        shares = np.where(original_candidates(story, material.hours), np.exp(scores[story] - scores[story].max()), 0)
        probability[story] = shares / shares.sum()
    return probability


def _most_likely(probability: Numbers) -> int:
    return int(np.argmax(np.round(probability, 6)))  # of equals the first in the order of time


def _against_first(
    stories: Sequence[npt.NDArray[np.int64]],
    first: npt.NDArray[np.int64],
    material: Material,
    weights: RelationWeights,
) -> tuple[Numbers, Numbers]:
    """Compare all articles with the first reports of their stories.

    Returns:
        The probability that an article which is not the same text is an update, and the log-odds that it is the same
        text as the first report: float64 ``[n]`` each, 0 for the first reports themselves.
    """
    others = np.concatenate([story[story != opening] for story, opening in zip(stories, first, strict=True)])
    firsts = np.repeat(first, [len(story) - 1 for story in stories])
    similarity = text_signals(material, np.sort(np.stack([firsts, others], axis=1), axis=1))
    vectors = projections(weights.update, material.fingerprints.documents)
    signals = update_signals(firsts, others, similarity, material)
    odds = linear_scores(weights.update, signals, vectors[others] - vectors[firsts])
    update, text_odds = np.zeros(len(vectors)), np.zeros(len(vectors))
    update[others] = probability_of(_bounded(odds))
    text_odds[others] = linear_scores(weights.same_text, similarity)
    return update, text_odds


def _bounded(odds: Numbers) -> Numbers:
    return np.clip(odds, -_LIMIT, _LIMIT)


def _neighbours(pairs: Pairs, odds: Numbers, size: int) -> list[dict[int, float]]:
    found: list[dict[int, float]] = [{} for _ in range(size)]
    for (left, right), value in zip(pairs.tolist(), odds.tolist(), strict=True):
        found[left][right] = found[right][left] = value
    return found


def _story_relations(
    order: Sequence[int],
    found: Sequence[dict[int, float]],
    first_odds: Numbers,
    update: Numbers,
    languages: npt.NDArray[np.int64],
) -> Iterator[tuple[int, Relation]]:
    """Yield the articles of a story with their relations; probabilities are those of an article that is not the first.

    Articles that are one text form a group; the first of it is the source of the others. An article joins the group
    whose articles it resembles most, on average over those that it was compared with.
    """
    opening = order[0]
    group_of = {opening: opening}
    leader = {opening: opening}  # the first article with the same text in the same language
    place = {article: number for number, article in enumerate(order)}
    yield opening, Relation(kind="original", of=None, probability=1.0)
    for article in order[1:]:
        odds = found[article] | {opening: float(first_odds[article])}
        before = sorted((other for other in odds if other in group_of), key=place.__getitem__)
        group, same = _nearest_group([(group_of[other], odds[other]) for other in before])
        late = float(update[article])
        chances = {"copy": same, "independent": (1 - same) * (1 - late), "update": (1 - same) * late}
        kind = max(chances, key=lambda name: round(chances[name], 6))
        probability, of = chances[kind], None
        leader[article] = article
        if kind == "copy":
            copies = (other for other in before if group_of[other] == group and (other == group or odds[other] > 0))
            twin = next((other for other in copies if languages[other] == languages[article]), None)
            leader[article] = article if twin is None else leader[twin]
            kind, of = ("translation", group) if twin is None else ("reprint", leader[twin])
        elif kind == "update":
            of = opening
        group_of[article] = article if kind in {"independent", "update"} else group
        yield article, Relation(kind=kind, of=of, probability=probability)


def _nearest_group(odds: Sequence[tuple[int, float]]) -> tuple[int, float]:
    """Return the group that an article is nearest to, and the probability that it is one text with it.

    Args:
        odds: Group and log-odds of the articles that it was compared with, in the order of the story.
    """
    groups: dict[int, list[float]] = {}
    for group, value in odds:
        groups.setdefault(group, []).append(value)
    averages = {group: round(sum(values) / len(values), 6) for group, values in groups.items()}
    nearest = max(averages, key=averages.__getitem__)  # of equals the first
    return nearest, float(probability_of(_bounded(np.array(averages[nearest]))))
