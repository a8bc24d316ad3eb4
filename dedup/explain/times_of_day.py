"""The times of day that two texts tell, the same or different ones, as they stand in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from dedup.evidence.clock_columns import CLOCK_SENTENCES, NEAR_MINUTES, PART_SENTENCES, compare_clocks, minutes_apart
from dedup.evidence.clocks import ClockMention, DayPartMention, clock_mentions, day_part_mentions
from dedup.explain.comparison import Comparison
from dedup.explain.explanation import EvidenceItem, Mention

__all__ = ["time_of_day_items"]

_MINUTES = 60


def time_of_day_items(comparison: Comparison) -> tuple[list[EvidenceItem], list[EvidenceItem]]:
    """Return the clocks and parts of the day that the leads share, and those in conflict."""
    compared = compare_clocks(comparison.fingerprints.evidence.clocks, np.array([[0, 1]], np.int64))
    clocks = [list(clock_mentions(passage[:CLOCK_SENTENCES])) for passage in comparison.now.passages]
    parts = [list(day_part_mentions(passage[:PART_SENTENCES])) for passage in comparison.now.passages]
    shared: list[EvidenceItem] = []
    in_conflict: list[EvidenceItem] = []
    if compared.shared[0]:
        near = [[one for one in found if _is_near(one, others)] for found, others in (clocks, clocks[::-1])]
        shared.append(_item("clock", _clocks(near[0]), near))
    elif compared.in_conflict[0]:
        in_conflict.append(_item("clock", " / ".join(map(_clocks, clocks)), clocks))
    if compared.parts_shared[0]:
        shared.append(_item("day part", _parts(parts[0]), parts))
    elif compared.parts_in_conflict[0]:
        in_conflict.append(_item("day part", " / ".join(map(_parts, parts)), parts))
    return shared, in_conflict


def _is_near(one: ClockMention, others: Iterable[ClockMention]) -> bool:
    own = np.array([one.minutes], np.int16)
    return any(minutes_apart(own, np.array([other.minutes], np.int16))[0] <= NEAR_MINUTES for other in others)


def _clocks(found: Iterable[ClockMention]) -> str:
    minutes = sorted({minute for one in found for minute in one.minutes})
    return "|".join(f"{minute // _MINUTES:02}:{minute % _MINUTES:02}" for minute in minutes)


def _parts(found: Iterable[DayPartMention]) -> str:
    return "|".join(sorted({one.part for one in found}))


def _item(kind: str, key: str, found: Sequence[Sequence[ClockMention | DayPartMention]]) -> EvidenceItem:
    a, b = (tuple(dict.fromkeys(Mention(sentence=one.sentence, text=one.text) for one in side)) for side in found)
    return EvidenceItem(kind=kind, key=key, a=a, b=b, worth=1.0)
