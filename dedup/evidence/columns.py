"""The evidence of many articles as sparse columns, so that pairs are compared by the hundred thousand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.evidence.clock_columns import ClockColumns, clock_columns
from dedup.evidence.day_columns import DayColumns, day_columns
from dedup.evidence.extraction import ArticleEvidence
from dedup.evidence.mentions import MentionCollector, Mentions, shared_mentions
from dedup.evidence.slot_columns import SlotCollector, SlotColumns

__all__ = ["EvidenceColumns", "Shared", "evidence_columns", "shared_evidence"]

# Their mentions, looked up one by one, stay in a core's cache: with twice as many it takes 1.7 times as long.
_PAIRS_AT_ONCE = 8_192


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceColumns:
    """Evidence of ``n`` articles."""

    names: Mentions
    numbers: Mentions
    places: Mentions
    slots: SlotColumns
    days: DayColumns
    clocks: ClockColumns
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


def evidence_columns(articles: Iterable[ArticleEvidence]) -> EvidenceColumns:
    """Put the evidence of ``n`` articles into columns. Each is let go of before the next is drawn."""
    names, numbers, places, slots = MentionCollector(), MentionCollector(), MentionCollector(), SlotCollector()
    days, clocks, marks_names = [], [], []
    for one in articles:
        names.add(one.names)
        numbers.add(one.numbers)
        places.add(one.places)
        slots.add(one.figures)
        days.append(one.days)
        clocks.append(one.clocks)
        marks_names.append(one.marks_names)
    return EvidenceColumns(
        names=names.columns(),
        numbers=numbers.columns(),
        places=places.columns(),
        slots=slots.columns(),
        days=day_columns(days),
        clocks=clock_columns(clocks),
        marks_names=np.array(marks_names, np.bool_),
    )


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
    shared = shared_mentions(mentions, pairs)
    part, lead_part, judged = [], [], []
    for one, other in ((0, 1), (1, 0)):
        left = pairs[:, one]
        weight = judges(pairs[:, [one, other]]) * (totals[left] > 0)
        part.append(weight * shared.anywhere[one] / np.maximum(totals[left], 1e-9))
        lead_part.append(weight * shared.of_lead[one] / np.maximum(lead_totals[left], 1e-9))
        judged.append(weight)
    known = ((totals[pairs[:, 0]] > 0) & (totals[pairs[:, 1]] > 0)).astype(np.float64)
    weight = np.maximum(judged[0] + judged[1], 1e-9)
    return Shared(
        mass=shared.anywhere.min(axis=0),
        lead_mass=shared.in_both_leads.min(axis=0),
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
