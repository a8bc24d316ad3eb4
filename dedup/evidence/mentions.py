"""Weighed mentions of one kind, in many articles, as columns."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = [
    "MentionCollector",
    "Mentions",
    "SharedMentions",
    "Weighed",
    "mention_columns",
    "numbered_mentions",
    "shared_mentions",
    "worth_totals",
]

Weighed = dict[str, tuple[float, bool]]
"""Key → what it is worth, and whether it stands in the lead."""

_Numbers = npt.NDArray[np.int64]
_Sums = npt.NDArray[np.float64]


class Mentions(NamedTuple):
    """One kind of evidence of ``n`` articles: ``m`` mentions, those of one article after those of another."""

    starts: _Numbers
    """int64 ``[n + 1]``: where the mentions of each article begin."""
    keys: _Numbers
    """int64 ``[m]``: a number from 0 to ``distinct`` for each key; no article has one twice."""
    worth: npt.NDArray[np.float32]
    """float32 ``[m]``."""
    in_lead: npt.NDArray[np.bool_]
    """bool ``[m]``: whether it stands in the lead."""
    distinct: int
    """How many keys there are."""
    totals: _Sums
    """float64 ``[n]``: worth of all mentions of an article."""
    lead_totals: _Sums
    """float64 ``[n]``: worth of those in its lead."""


class SharedMentions(NamedTuple):
    """What the articles of each pair share, by what it is worth in the first and in the second: float64 ``[2, pairs]``.

    The sums are exact, and so the same in whatever order they are taken: float64 holds the sum of thousands of float32
    numbers that lie between 0.001 and 1.
    """

    anywhere: _Sums
    in_both_leads: _Sums
    of_lead: _Sums
    """What stands in the lead of the one, and anywhere in the other."""


class MentionCollector:
    """Collects the mentions of articles, one article after the other. Of each only numbers are kept."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._keys, self._values, self._in_lead, self._counts = array("q"), array("f"), array("b"), array("q")

    def add(self, weighed: Weighed) -> None:
        """Add the mentions of the next article."""
        number = self._number
        self._counts.append(len(weighed))
        self._keys.extend([number.setdefault(key, len(number)) for key in weighed])
        self._values.extend([worth for worth, _ in weighed.values()])
        self._in_lead.extend([lead for _, lead in weighed.values()])

    def columns(self) -> Mentions:
        """Return the mentions of all articles added."""
        return numbered_mentions(
            np.array(self._counts, np.int64),
            np.array(self._keys, np.int64),
            np.array(self._values, np.float32),
            np.array(self._in_lead, np.bool_),
            len(self._number),
        )


def numbered_mentions(
    counts: _Numbers,
    keys: _Numbers,
    worth: npt.NDArray[np.float32],
    in_lead: npt.NDArray[np.bool_],
    distinct: int,
) -> Mentions:
    """Put mentions into columns.

    Args:
        counts: int64 ``[n]``, mentions of each article.
        keys: int64 ``[mentions]``, a number from 0 to ``distinct`` for each key; those of one article after those of
            another, each once.
        worth: float32 ``[mentions]``.
        in_lead: bool ``[mentions]``.
        distinct: How many keys there are.
    """
    totals, lead_totals = worth_totals(np.repeat(np.arange(len(counts)), counts), worth, in_lead, len(counts))
    return Mentions(
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        keys=keys,
        worth=worth,
        in_lead=in_lead,
        distinct=distinct,
        totals=totals,
        lead_totals=lead_totals,
    )


def worth_totals(
    rows: _Numbers, worth: npt.NDArray[np.float32], in_lead: npt.NDArray[np.bool_], articles: int
) -> tuple[_Sums, _Sums]:
    """Return what the mentions of each article are worth together, and those in its lead: float64 ``[articles]``.

    Args:
        rows: int64 ``[m]``, the article of each mention.
        worth: float32 ``[m]``.
        in_lead: bool ``[m]``.
        articles: How many there are.
    """
    exact = worth.astype(np.float64)
    whole = np.bincount(rows, exact, articles).astype(np.float64)
    return whole, np.bincount(rows, exact * in_lead, articles).astype(np.float64)


def mention_columns(weighed: Iterable[Weighed]) -> Mentions:
    """Put the mentions of ``n`` articles into columns."""
    collector = MentionCollector()
    for one in weighed:
        collector.add(one)
    return collector.columns()


def shared_mentions(mentions: Mentions, pairs: _Numbers) -> SharedMentions:
    """Return what the articles of ``pairs`` share: int64 ``[p, 2]``, positions.

    The article of a pair that is in more of the pairs is looked up once for all of them.
    """
    occurrences = np.bincount(pairs.ravel(), minlength=len(mentions.starts))
    turned = (occurrences[pairs[:, 1]] > occurrences[pairs[:, 0]]).astype(np.int64)
    rows = np.arange(len(pairs))
    hubs = pairs[rows, turned]
    order = np.argsort(hubs, kind="stable")
    pair, of_hub, of_other = _matches(mentions, hubs[order], pairs[rows, 1 - turned][order])
    pair = order[pair]
    swap = turned[pair] == 1
    left, right = np.where(swap, of_other, of_hub), np.where(swap, of_hub, of_other)
    in_leads = mentions.in_lead[left], mentions.in_lead[right]

    def summed(counted: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]) -> _Sums:
        return np.stack(
            [
                np.bincount(pair, mentions.worth[side] * counts, len(pairs))
                for side, counts in zip((left, right), counted, strict=True)
            ]
        )

    everywhere = np.ones(len(pair), np.bool_)
    both = in_leads[0] & in_leads[1]
    return SharedMentions(
        anywhere=summed((everywhere, everywhere)), in_both_leads=summed((both, both)), of_lead=summed(in_leads)
    )


def _matches(mentions: Mentions, hubs: _Numbers, others: _Numbers) -> tuple[_Numbers, _Numbers, _Numbers]:
    """Return the mentions that pairs share: the pair, the mention of its hub, that of its other article.

    Pairs of one hub follow each other.
    """
    counts = np.diff(mentions.starts)[others]
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    of_other = np.repeat(mentions.starts[others] - (ends - counts), counts) + np.arange(total)
    keys = mentions.keys[of_other]
    # where the hub at hand has each key, -1 where it has none
    place = np.full(max(1, mentions.distinct), -1, np.int32)
    of_hub = np.empty(total, np.int32)
    first = np.flatnonzero(np.diff(hubs, prepend=-1))
    bounds = [*(ends - counts)[first].tolist(), total]
    for hub, (begin, end) in zip(hubs[first].tolist(), itertools.pairwise(bounds), strict=True):
        start, stop = mentions.starts[hub], mentions.starts[hub + 1]
        own = mentions.keys[start:stop]
        place[own] = np.arange(start, stop)
        of_hub[begin:end] = place[keys[begin:end]]
        place[own] = -1
    shared = np.flatnonzero(of_hub >= 0)
    pair = np.searchsorted(ends, shared, side="right")
    return pair, of_hub[shared].astype(np.int64), of_other[shared]
