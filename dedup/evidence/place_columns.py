"""The places that articles name, weighed: do two articles speak of the same ones?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.evidence.background import Background
from dedup.evidence.mentions import Mentions, Weighed, shared_mentions
from dedup.evidence.place_names import country_of
from dedup.evidence.places import PlaceMention

__all__ = ["LEAD_SENTENCES", "PLACE_MARK", "PlaceComparison", "compare_places", "weighed_places"]

LEAD_SENTENCES = 3
"""The headline and what follows it: the event itself, before any background."""
PLACE_MARK = "@"
"""Stands before the id of a place where places are counted beside skeletons of names."""

_PAIRS_AT_ONCE = 16_384
_LEAST_WORTH = 1e-9


class PlaceComparison(NamedTuple):
    """How the places of two articles agree: float64 ``[pairs]`` each."""

    lead_part: npt.NDArray[np.float64]
    """Part of the places in an article's lead, by what they are worth, that the other names anywhere, averaged over the
    directions whose lead names any. Of two cities of one country the country is shared."""
    known: npt.NDArray[np.float64]
    """1 where both name places, one of them in its lead, else 0; the part is then 0 too. Known and not shared, they are
    in conflict."""


def weighed_places(mentions: Iterable[PlaceMention], language: str, background: Background) -> Weighed:
    """Return the places of an article and the countries of its cities: what each is worth, whether it is in the lead.

    A place is worth how rare it is in news of the language: the country of half of all news next to nothing.
    """
    weighed: Weighed = {}
    for mention in mentions:
        for place in dict.fromkeys((mention.place, country_of(mention.place))):
            if place not in weighed:
                rarity = background.rarity(PLACE_MARK + place, language)
                weighed[place] = (rarity, mention.sentence < LEAD_SENTENCES)
    return weighed


def compare_places(mentions: Mentions, pairs: npt.NDArray[np.int64]) -> PlaceComparison:
    """Compare the places of both articles of each pair: int64 ``[p, 2]``."""
    starts = range(0, len(pairs), _PAIRS_AT_ONCE)
    found = [_compare(mentions, pairs[start : start + _PAIRS_AT_ONCE]) for start in starts]
    return PlaceComparison(*(np.concatenate(part) for part in zip(*found, strict=True)) if found else [np.empty(0)] * 2)


def _compare(mentions: Mentions, pairs: npt.NDArray[np.int64]) -> PlaceComparison:
    parts = np.zeros(len(pairs))
    for here, shared in zip(pairs.T, shared_mentions(mentions, pairs).of_lead, strict=True):
        parts += shared / np.maximum(mentions.lead_totals[here], _LEAST_WORTH)
    leads = (mentions.lead_totals[pairs] > 0).sum(axis=1)
    known = (mentions.totals[pairs] > 0).all(axis=1) & (leads > 0)
    return PlaceComparison(
        lead_part=np.where(known, parts / np.maximum(leads, 1), 0.0),
        known=known.astype(np.float64),
    )
