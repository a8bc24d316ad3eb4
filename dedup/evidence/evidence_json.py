"""The evidence of an article as compact lists that JSON can hold, and back."""

from __future__ import annotations

from typing import Any

from dedup.evidence.clock_columns import EVERY_PART, MOST_CLOCKS, ArticleClocks
from dedup.evidence.clocks import DAY_MINUTES
from dedup.evidence.day_columns import ArticleDays
from dedup.evidence.extraction import ArticleEvidence
from dedup.evidence.mentions import Weighed

__all__ = ["evidence_from_json", "evidence_to_json"]


def evidence_to_json(evidence: ArticleEvidence) -> list[Any]:
    """Return the evidence as lists of strings and numbers, from which ``evidence_from_json`` makes an equal one.

    The order of mentions is kept, and every bit of a number too, where ``json`` writes it. A figure of hundreds of
    digits is infinite, which ``json`` writes in its own way.
    """
    days = evidence.days
    return [
        _weighed_to_json(evidence.names),
        _weighed_to_json(evidence.numbers),
        _weighed_to_json(evidence.places),
        [[slot, *values] for slot, values in evidence.figures.items()],
        [list(days.named), list(days.in_year), days.weekdays, days.months, days.published],
        [list(evidence.clocks.minutes), evidence.clocks.parts],
        int(evidence.marks_names),
    ]


def evidence_from_json(document: Any) -> ArticleEvidence:
    """Return the evidence of which ``evidence_to_json`` made ``document``.

    Raises:
        ValueError: it made no such document.
    """
    try:
        names, numbers, places, figures, (named, in_year, weekdays, months, published), clocks, marks_names = document
        return ArticleEvidence(
            names=_weighed_from_json(names),
            numbers=_weighed_from_json(numbers),
            places=_weighed_from_json(places),
            figures={str(slot): tuple(map(float, values)) for slot, *values in figures},
            days=ArticleDays(
                named=tuple(map(int, named)),
                in_year=tuple(map(int, in_year)),
                weekdays=int(weekdays),
                months=int(months),
                published=None if published is None else int(published),
            ),
            clocks=_clocks_from_json(clocks),
            marks_names=bool(marks_names),
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"no evidence of an article: {error}") from error


def _clocks_from_json(document: Any) -> ArticleClocks:
    minutes, parts = document
    clocks = ArticleClocks(minutes=tuple(map(int, minutes)), parts=int(parts))
    if len(clocks.minutes) > MOST_CLOCKS or not all(0 <= one < DAY_MINUTES for one in clocks.minutes):
        raise ValueError(f"no times of day: {clocks.minutes}")
    if not 0 <= clocks.parts <= EVERY_PART:
        raise ValueError(f"no parts of the day: {clocks.parts}")
    return clocks


def _weighed_to_json(weighed: Weighed) -> list[Any]:
    # three lists side by side are a third smaller than a list of threes
    return [list(weighed), [worth for worth, _ in weighed.values()], [int(lead) for _, lead in weighed.values()]]


def _weighed_from_json(document: Any) -> Weighed:
    keys, worths, leads = document
    return {str(key): (float(worth), bool(lead)) for key, worth, lead in zip(keys, worths, leads, strict=True)}
