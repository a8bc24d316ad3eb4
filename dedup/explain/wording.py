"""Signals in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["KIND_WORDS", "SIGNAL_WORDS"]

SIGNAL_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "document": "similarity of the articles as a whole",
        "document_above": "similarity of the articles beyond 0.5",
        "coverage": "how well the sentences of each are covered by the other",
        "coverage_above": "the same beyond 0.4",
        "coverage_better": "how well one of them is covered, the better of both",
        "headline": "similarity of the first sentences",
        "same_language": "one language",
        "same_language_coverage": "coverage within one language",
        "few_sentences": "how short the shorter article is",
        "few_sentences_coverage": "coverage where one is short",
        "names_shared": "names shared",
        "names_shared_in_leads": "names shared in both leads",
        "names_part": "part of the names that is shared",
        "names_lead_part": "part of the lead's names that the other has",
        "names_known": "both have names",
        "numbers_shared": "numbers shared",
        "numbers_shared_in_leads": "numbers shared in both leads",
        "numbers_part": "part of the numbers that is shared",
        "numbers_lead_part": "part of the lead's numbers that the other has",
        "numbers_known": "both have numbers",
        "figures_agreeing": "figures that agree",
        "figures_in_conflict": "figures in conflict",
        "ordinals_agreeing": "ordinals that agree",
        "ordinals_in_conflict": "ordinals in conflict",
        "days_shared": "a day named in both",
        "days_in_conflict": "different days named",
        "days_apart": "days between the days they speak of",
        "weekdays_shared": "a weekday named in both",
        "weekdays_in_conflict": "different weekdays named",
        "months_shared": "a month named in both",
        "months_in_conflict": "different months named",
        "clocks_shared": "a time of day told by both",
        "clocks_in_conflict": "different times of day told",
        "dayparts_shared": "a part of the day named in both",
        "dayparts_in_conflict": "different parts of the day named",
        "places_lead_part": "part of the lead's places that the other names",
        "places_known": "both name places",
        "hours": "part of a day between publications, up to one",
        "days": "days between publications beyond the first",
        "related": "how far it is sure that they are about one thing at all",
        "clipped": "cut to the bounds of log-odds",
        "rounded": "rounded to four decimals",
        "recomputed": "vectors computed again differ in their last bits",
    }
)
"""What each ``Contribution.signal`` means."""

KIND_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "dated": "times known on both sides",
        "undated": "two languages, a time unknown",
        "undated_one_language": "one language, a time unknown",
    }
)
"""What each ``Explanation.kind`` means."""
