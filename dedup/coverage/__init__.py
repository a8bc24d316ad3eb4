"""Which story ran where: editions or languages against stories, and what one ran and another did not.

>>> import dedup
>>> stories = dedup.deduplicate(dedup.read_articles("news/")).stories  # doctest: +SKIP
>>> for gap in dedup.find_gaps(stories, dedup.GapQuery(have=("fa",), lack=("fa-AF",))):  # doctest: +SKIP
...     print(gap.story.headline, gap.first.article.url)
"""

from __future__ import annotations

from dedup.coverage.gaps import Gap, GapQuery, find_gaps, gaps_in
from dedup.coverage.matrix import Appearance, Column, Coverage, CoverageRow, coverage_of
from dedup.coverage.story_files import read_stories

__all__ = [
    "Appearance",
    "Column",
    "Coverage",
    "CoverageRow",
    "Gap",
    "GapQuery",
    "coverage_of",
    "find_gaps",
    "gaps_in",
    "read_stories",
]
