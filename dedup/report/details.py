"""Pairs explained, as rows: sentences side by side, what both tell and where they differ, and what counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dedup.explain.wording import KIND_WORDS

if TYPE_CHECKING:
    from dedup.explain import EvidenceItem, Explanation, Mention

__all__ = ["detail_row"]

_LEAST_COUNTED = 0.005
_MOST_MENTIONS = 12
_MOST_ITEMS = 60
_MOST_LACKING = 12
_DECIMALS = 3


def detail_row(explanation: Explanation, places: Mapping[str, int]) -> dict[str, Any]:
    """Return an explanation as the page shows it; articles are places."""
    return {
        "a": places[explanation.a],
        "b": places[explanation.b],
        "probability": round(explanation.probability, 6),
        "logOdds": round(explanation.log_odds, _DECIMALS),
        "kind": KIND_WORDS.get(explanation.kind, explanation.kind),
        "notCompared": explanation.why_no_candidate,
        "together": explanation.same_story,
        "aligned": [[one.a, one.b, round(one.similarity, _DECIMALS), one.mutual] for one in explanation.aligned],
        "shared": _items(explanation.shared, _MOST_ITEMS),
        "conflicting": _items(explanation.conflicting, _MOST_ITEMS),
        "onlyA": _items(explanation.only_a, _MOST_LACKING),
        "onlyB": _items(explanation.only_b, _MOST_LACKING),
        "start": round(explanation.intercept, _DECIMALS),
        "counted": [
            [one.signal, one.value and round(one.value, _DECIMALS), round(one.log_odds, _DECIMALS)]
            for one in sorted(explanation.contributions, key=lambda one: -abs(one.log_odds))
            if abs(one.log_odds) >= _LEAST_COUNTED
        ],
        "path": [[places[step.a], places[step.b], round(step.probability, _DECIMALS)] for step in explanation.path],
    }


def _items(items: Sequence[EvidenceItem], most: int) -> list[list[Any]]:
    return [
        [one.kind, one.key, _mentions(one.a), _mentions(one.b), round(one.worth, _DECIMALS)] for one in items[:most]
    ]


def _mentions(mentions: Sequence[Mention]) -> list[list[Any]]:
    return [[one.sentence, one.text] for one in mentions[:_MOST_MENTIONS]]
