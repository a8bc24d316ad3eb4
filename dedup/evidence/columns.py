"""The evidence of many articles as sparse columns, so that pairs are compared by the hundred thousand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.evidence.background import Background, number_rarity
from dedup.evidence.day_columns import DayColumns, collect_days
from dedup.evidence.mentions import Mentions, Weighed, mention_columns, row_sums
from dedup.evidence.names import name_skeletons, name_words
from dedup.evidence.numbers import NumberMention, number_mentions
from dedup.evidence.place_columns import PLACE_MARK, weighed_places
from dedup.evidence.places import place_mentions
from dedup.evidence.skeleton import is_arabic_script
from dedup.evidence.slot_columns import SlotCollector, SlotColumns

__all__ = [
    "EvidenceColumns",
    "NameWeights",
    "Shared",
    "collect_evidence",
    "shared_evidence",
    "weighed_names",
    "weighed_numbers",
]

# The headline and what follows it: who, where and how many of the event itself, before any background.
_LEAD_SENTENCES = 3
_SHORT_SKELETON = 3
_SHORT_SKELETON_WEIGHT = 0.3
# Words commoner than this are no names, and sharing them says nothing.
_LEAST_RARITY = 0.35
_PAIRS_AT_ONCE = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceColumns:
    """Evidence of ``n`` articles."""

    names: Mentions
    numbers: Mentions
    places: Mentions
    slots: SlotColumns
    days: DayColumns
    marks_names: npt.NDArray[np.bool_]
    """bool ``[n]``: whether the script tells names from other words, as Latin does by capitals."""


class Shared(NamedTuple):
    """What pairs of articles share of one kind of evidence: float64 ``[pairs]`` each."""

    mass: npt.NDArray[np.float64]
    """Worth of the mentions shared, the lesser of both directions."""
    lead_mass: npt.NDArray[np.float64]
    """The same for what stands in the lead of both."""
    part: npt.NDArray[np.float64]
    """Part of an article's mentions that the other has too, averaged over the directions that can be judged."""
    lead_part: npt.NDArray[np.float64]
    """Part of the mentions in an article's lead that stand anywhere in the other, averaged likewise."""
    known: npt.NDArray[np.float64]
    """1 where both articles have any mention, else 0; the parts are then 0 too."""


def collect_evidence(
    passages: Sequence[Sequence[str]],
    languages: Sequence[str],
    published: Sequence[datetime | None],
    background: Background,
) -> EvidenceColumns:
    """Collect the evidence of ``n`` articles from the sentences that are read of them and their times."""
    weights, slots = NameWeights(background), SlotCollector()
    told = list(zip(passages, languages, strict=True))

    def numbers() -> Iterator[Weighed]:
        for passage, language in told:
            found = list(number_mentions(passage, language))
            slots.add(found)
            yield weighed_numbers(found)

    # article by article: what is found in one is let go of before the next is read
    return EvidenceColumns(
        places=mention_columns(
            weighed_places(place_mentions(passage, language), language, background) for passage, language in told
        ),
        names=mention_columns(weighed_names(passage, language, weights) for passage, language in told),
        numbers=mention_columns(numbers()),
        slots=slots.columns(),
        days=collect_days(passages, published),
        marks_names=np.array([not is_arabic_script(language) for language in languages], np.bool_),
    )


class NameWeights:
    """What each word is worth as a name, worked out once however often it stands in the corpus."""

    def __init__(self, background: Background) -> None:
        self._background = background
        self._known: dict[tuple[str, str], tuple[tuple[str, float], ...]] = {}

    def of(self, word: str, language: str) -> tuple[tuple[str, float], ...]:
        """Return the skeletons of a word with their worth; none for a word too common to be a name."""
        key = (word, language)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._weigh(word, language)
        return found

    def _weigh(self, word: str, language: str) -> tuple[tuple[str, float], ...]:
        found = sorted(name_skeletons(word, language))
        if not found:
            return ()
        rarity = min(self._background.rarity(skeleton, language) for skeleton in found)
        if rarity < _LEAST_RARITY:
            return ()
        # squared: one rare name says more than two that are half as rare
        worth = rarity**2 / len(found)
        return tuple(
            (skeleton, worth * (1.0 if len(skeleton) >= _SHORT_SKELETON else _SHORT_SKELETON_WEIGHT))
            for skeleton in found
        )


def weighed_names(passage: Sequence[str], language: str, weights: NameWeights) -> Weighed:
    """Return the skeletons of an article that count as names, each with its worth."""
    weighed: Weighed = {}
    for sentence, word in name_words(passage, language):
        for skeleton, weight in weights.of(word, language):
            if skeleton not in weighed:
                weighed[skeleton] = (weight, sentence < _LEAD_SENTENCES)
    return weighed


def weighed_numbers(mentions: Iterable[NumberMention]) -> Weighed:
    """Return the values of an article's numbers, each with its worth."""
    weighed: Weighed = {}
    for mention in mentions:
        weighed.setdefault(mention.value, (number_rarity(mention.value), mention.sentence < _LEAD_SENTENCES))
    return weighed


def shared_evidence(
    mentions: Mentions, pairs: npt.NDArray[np.int64], judges: Callable[[npt.NDArray[np.int64]], npt.NDArray[np.float64]]
) -> Shared:
    """Compare one kind of evidence between the articles of each pair.

    Args:
        mentions: Evidence of ``n`` articles.
        pairs: int64 ``[p, 2]``.
        judges: For pairs as given, how far the mentions of the first article can be judged by the second: float64
            ``[p]``. Words in Arabic script that a Latin text lacks are seldom names, so that says nothing.
    """
    parts = [
        _compare(mentions, pairs[start : start + _PAIRS_AT_ONCE], judges)
        for start in range(0, len(pairs), _PAIRS_AT_ONCE)
    ]
    return (
        Shared(*(np.concatenate(column) for column in zip(*parts, strict=True)))
        if parts
        else Shared(*[np.empty(0)] * 5)
    )


def _compare(
    mentions: Mentions, pairs: npt.NDArray[np.int64], judges: Callable[[npt.NDArray[np.int64]], npt.NDArray[np.float64]]
) -> Shared:
    totals, lead_totals = mentions.totals, mentions.lead_totals
    mass, lead_mass, part, lead_part, judged = [], [], [], [], []
    for one, other in ((0, 1), (1, 0)):
        left, right = pairs[:, one], pairs[:, other]
        shared = row_sums(mentions.anywhere[left].multiply(mentions.there[right]))
        shared_leads = row_sums(mentions.lead[left].multiply(mentions.there_in_lead[right]))
        lead_shared = row_sums(mentions.lead[left].multiply(mentions.there[right]))
        weight = judges(pairs[:, [one, other]]) * (totals[left] > 0)
        mass.append(shared)
        lead_mass.append(shared_leads)
        part.append(weight * shared / np.maximum(totals[left], 1e-9))
        lead_part.append(weight * lead_shared / np.maximum(lead_totals[left], 1e-9))
        judged.append(weight)
    known = ((totals[pairs[:, 0]] > 0) & (totals[pairs[:, 1]] > 0)).astype(np.float64)
    weight = np.maximum(judged[0] + judged[1], 1e-9)
    return Shared(
        mass=np.minimum(*mass),
        lead_mass=np.minimum(*lead_mass),
        part=known * (part[0] + part[1]) / weight,
        lead_part=known * (lead_part[0] + lead_part[1]) / weight,
        known=known,
    )


def all_judge(pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Take both directions of every pair alike: for numbers."""
    return np.ones(len(pairs))


def names_judge(marks_names: npt.NDArray[np.bool_]) -> Callable[[npt.NDArray[np.int64]], npt.NDArray[np.float64]]:
    """Return how far names of one article can be judged by another.

    Within one script, and from a script that marks names to one that does not, fully; the other way round not at all.
    """

    def judge(pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        first, second = marks_names[pairs[:, 0]], marks_names[pairs[:, 1]]
        return np.where(first | ~second, 1.0, 0.0)

    return judge


def count_skeletons(passages: Iterable[tuple[Sequence[str], str]]) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """Count in how many articles each skeleton stands, by language: what ``Background`` is made of."""
    documents: dict[str, int] = {}
    frequencies: dict[str, dict[str, int]] = {}
    for passage, language in passages:
        documents[language] = documents.get(language, 0) + 1
        counts = frequencies.setdefault(language, {})
        found = {one for _, word in name_words(passage, language) for one in name_skeletons(word, language)}
        found |= {PLACE_MARK + mention.place for mention in place_mentions(passage, language)}
        for skeleton in found:
            counts[skeleton] = counts.get(skeleton, 0) + 1
    return documents, frequencies
