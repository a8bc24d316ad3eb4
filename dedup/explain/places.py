"""Countries and cities that two texts share or of which they name different ones, as they stand in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dedup.evidence.place_columns import LEAD_SENTENCES, weighed_places
from dedup.evidence.place_names import country_of, english_name
from dedup.evidence.places import PlaceMention, place_mentions
from dedup.explain.comparison import Comparison
from dedup.explain.explanation import EvidenceItem, Mention

__all__ = ["place_items"]


def place_items(comparison: Comparison) -> tuple[list[EvidenceItem], list[EvidenceItem]]:
    """Return the places that count as shared, the most worth first, and the leads' places if none of them is.

    A place counts that stands in one of the leads; a city stands for its country too, where the other names that or
    another city of it.
    """
    left, right = (
        list(place_mentions(passage, article.language))
        for passage, article in zip(comparison.now.passages, comparison.now.articles, strict=True)
    )
    one, other = (
        weighed_places(found, article.language, comparison.calibration.background)
        for found, article in zip((left, right), comparison.now.articles, strict=True)
    )
    shared = [place for place in one.keys() & other.keys() if one[place][1] or other[place][1]]
    cities = {country_of(place) for place in shared if place != country_of(place)}
    items = [
        EvidenceItem(kind="place", key=english_name(place), a=a, b=b, worth=worth)
        for place in shared
        for a, b in [(_mentions(left, place), _mentions(right, place))]
        for worth in [round(min(one[place][0], other[place][0]), 4)]
        if worth > 0 and not (place in cities and not (_is_named(left, place) or _is_named(right, place)))
    ]
    items.sort(key=lambda item: (-item.worth, item.a[0].sentence, item.key))
    return items, [] if items else _in_conflict(left, right)


def _is_named(found: Iterable[PlaceMention], place: str) -> bool:
    return any(one.place == place for one in found)


def _mentions(found: Iterable[PlaceMention], place: str) -> tuple[Mention, ...]:
    """Return where a place stands, or where cities of it do that stand for it."""
    return tuple(
        dict.fromkeys(
            Mention(sentence=one.sentence, text=one.text)
            for one in found
            if place in (one.place, country_of(one.place))
        )
    )


def _in_conflict(left: Sequence[PlaceMention], right: Sequence[PlaceMention]) -> list[EvidenceItem]:
    a, b = ([one for one in found if one.sentence < LEAD_SENTENCES] for found in (left, right))
    if not (a and b):
        return []
    named = ("|".join(sorted({english_name(one.place) for one in found})) for found in (a, b))
    stands = [tuple(dict.fromkeys(Mention(sentence=one.sentence, text=one.text) for one in found)) for found in (a, b)]
    return [EvidenceItem(kind="place", key=" / ".join(named), a=stands[0], b=stands[1], worth=1.0)]
