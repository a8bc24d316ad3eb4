"""The evidence of an article as a few hundred bytes, put into columns by the thousand: what a store keeps.

A key is kept as a hash of 64 bits: what counts is whether two articles have the same one. Two of a hundred million keys
share a hash with a chance of one in four thousand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from dedup.evidence.clock_columns import EVERY_PART, MOST_CLOCKS, ArticleClocks, ClockColumns, clock_columns
from dedup.evidence.columns import EvidenceColumns
from dedup.evidence.counted import SLOTS
from dedup.evidence.day_columns import MOST_DAYS, NO_DAY, DayColumns
from dedup.evidence.extraction import ArticleEvidence
from dedup.evidence.hashed import HashedEvidence, HashedMentions
from dedup.evidence.mentions import Mentions, Weighed, numbered_mentions, worth_totals
from dedup.evidence.slot_columns import MOST_VALUES, SlotColumns

__all__ = ["hashed_evidence", "pack_evidence", "packed_columns"]

_KINDS = ("names", "numbers", "places")

_HEAD = np.dtype(
    [
        ("counts", "<u2", len(_KINDS)),
        ("slots", "u1"),
        ("marks_names", "u1"),
        ("named", "<i4", MOST_DAYS),
        ("in_year", "<i4", MOST_DAYS),
        ("published", "<i4"),
        ("months", "<u2"),
        ("weekdays", "u1"),
    ]
)
_MENTION = np.dtype([("key", "<i8"), ("worth", "<f4"), ("lead", "u1")])
_SLOT = np.dtype([("slot", "u1"), ("values", "<f8", MOST_VALUES)])
_CLOCKS = np.dtype([("minutes", "<i2", MOST_CLOCKS), ("parts", "u1")])
_MOST_MENTIONS = 0xFFFF


def pack_evidence(evidence: ArticleEvidence) -> bytes:
    """Return the evidence of an article as bytes."""
    kinds = [_mentions(evidence.names), _mentions(evidence.numbers), _mentions(evidence.places)]
    slots = np.zeros(len(evidence.figures), _SLOT)
    slots["values"] = np.nan
    for row, (slot, values) in enumerate(evidence.figures.items()):
        slots[row]["slot"] = SLOTS.index(slot)
        slots[row]["values"][: len(values)] = values
    head = np.zeros(1, _HEAD)
    head["counts"] = [len(kind) for kind in kinds]
    head["slots"] = len(slots)
    head["marks_names"] = evidence.marks_names
    days = evidence.days
    for name, told in (("named", days.named), ("in_year", days.in_year)):
        head[name] = [*told, *[NO_DAY] * (MOST_DAYS - len(told))]
    head["published"] = NO_DAY if days.published is None else days.published
    head["months"], head["weekdays"] = days.months, days.weekdays
    return b"".join(
        [head.tobytes(), *(kind.tobytes() for kind in kinds), slots.tobytes(), _packed_clocks(evidence.clocks)]
    )


def _packed_clocks(clocks: ArticleClocks) -> bytes:
    packed = np.zeros(1, _CLOCKS)
    packed["minutes"], packed["parts"] = clock_columns([clocks])
    return packed.tobytes()


_NO_CLOCKS = _packed_clocks(ArticleClocks())


def packed_columns(articles: Sequence[bytes]) -> EvidenceColumns:
    """Put the evidence of ``n`` articles into columns: as ``evidence_columns`` does, but for the order of keys.

    Raises:
        ValueError: some are not what ``pack_evidence`` made.
    """
    heads, ends, by_kind = _opened(articles)
    slots = _ends_of_slots(heads, ends)
    figures = [one[end:slot] for one, end, slot in zip(articles, ends.tolist(), slots.tolist(), strict=True)]
    clocks = np.frombuffer(
        b"".join([one[slot:] or _NO_CLOCKS for one, slot in zip(articles, slots.tolist(), strict=True)]), _CLOCKS
    )
    return EvidenceColumns(
        **{name: _columns(counts, mentions) for name, (counts, mentions) in by_kind.items()},
        slots=_slot_columns(heads["slots"], np.frombuffer(b"".join(figures), _SLOT)),
        days=DayColumns(
            named=heads["named"].astype(np.int64),
            in_year=heads["in_year"].astype(np.int64),
            weekdays=heads["weekdays"].astype(np.uint8),
            months=heads["months"].astype(np.uint16),
            published=heads["published"].astype(np.int64),
        ),
        clocks=ClockColumns(minutes=clocks["minutes"].astype(np.int16), parts=clocks["parts"] & EVERY_PART),
        marks_names=heads["marks_names"].astype(np.bool_),
    )


def hashed_evidence(articles: Sequence[bytes]) -> HashedEvidence:
    """Return the names and places of ``n`` articles.

    Raises:
        ValueError: some are not what ``pack_evidence`` made.
    """
    heads, _, by_kind = _opened(articles)
    return HashedEvidence(
        names=_hashed(*by_kind["names"]),
        places=_hashed(*by_kind["places"]),
        marks_names=heads["marks_names"].astype(np.bool_),
    )


def _opened(
    articles: Sequence[bytes],
) -> tuple[npt.NDArray[np.void], npt.NDArray[np.int64], dict[str, tuple[npt.NDArray[np.int64], npt.NDArray[np.void]]]]:
    """Return the heads, where the mentions end, and of each kind how many an article has, and the mentions of all."""
    heads = np.frombuffer(b"".join([one[: _HEAD.itemsize] for one in articles]), _HEAD)
    counts = heads["counts"].astype(np.int64)
    ends = _HEAD.itemsize + counts.sum(axis=1) * _MENTION.itemsize
    rest = np.array([len(one) for one in articles], np.int64) - _ends_of_slots(heads, ends)
    # stores have articles of which no times of day were read
    if not ((rest == _CLOCKS.itemsize) | (rest == 0)).all():
        raise ValueError("evidence of an article has another length than it says")
    told = [one[_HEAD.itemsize : end] for one, end in zip(articles, ends.tolist(), strict=True)]
    mentions = np.frombuffer(b"".join(told), _MENTION)
    kind = np.repeat(np.tile(np.arange(len(_KINDS)), len(articles)), counts.ravel())
    return heads, ends, {name: (counts[:, place], mentions[kind == place]) for place, name in enumerate(_KINDS)}


def _ends_of_slots(heads: npt.NDArray[np.void], ends: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return where the figures of each article end, whose mentions end at ``ends``."""
    found: npt.NDArray[np.int64] = ends + heads["slots"].astype(np.int64) * _SLOT.itemsize
    return found


def _hashed(counts: npt.NDArray[np.int64], mentions: npt.NDArray[np.void]) -> HashedMentions:
    rows = np.repeat(np.arange(len(counts)), counts)
    worth, in_lead = mentions["worth"].astype(np.float32), mentions["lead"].astype(np.bool_)
    totals, lead_totals = worth_totals(rows, worth, in_lead, len(counts))
    return HashedMentions(
        counts=counts,
        keys=mentions["key"].astype(np.int64),
        worth=worth,
        in_lead=in_lead,
        totals=totals,
        lead_totals=lead_totals,
    )


def _mentions(weighed: Weighed) -> npt.NDArray[np.void]:
    some = list(weighed.items())[:_MOST_MENTIONS]
    found = np.empty(len(some), _MENTION)
    found["key"] = [_hash(key) for key, _ in some]
    found["worth"] = [worth for _, (worth, _) in some]
    found["lead"] = [lead for _, (_, lead) in some]
    return found


@lru_cache(maxsize=65_536)
def _hash(key: str) -> int:
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def _columns(counts: npt.NDArray[np.int64], mentions: npt.NDArray[np.void]) -> Mentions:
    distinct, keys = np.unique(mentions["key"], return_inverse=True)
    return numbered_mentions(
        counts,
        keys.astype(np.int64),
        mentions["worth"].astype(np.float32),
        mentions["lead"].astype(np.bool_),
        len(distinct),
    )


def _slot_columns(counts: npt.NDArray[np.uint8], figures: npt.NDArray[np.void]) -> SlotColumns:
    row = np.zeros((len(counts), len(SLOTS)), np.int32)
    row[np.repeat(np.arange(len(counts)), counts), figures["slot"]] = 1 + np.arange(len(figures))
    none = np.full((1, MOST_VALUES), np.nan)
    return SlotColumns(values=np.concatenate([none, figures["values"].astype(np.float64)]), row=row)
