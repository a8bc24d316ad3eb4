"""What a store says of an article that is not in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dedup.article import Article
from dedup.story import Story

if TYPE_CHECKING:
    from dedup.encode.base import Encoder
    from dedup.encode.vectors import VectorCache
    from dedup.explain.explanation import Explanation
    from dedup.store.rules import Rules

__all__ = ["Match"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A story that an article may tell too."""

    story: Story
    probability: float
    """That the article tells it: from the average log-odds of its pairs with all articles of the story."""
    nearest: Article
    """The article of the story that is surest to tell the same."""
    nearest_probability: float
    """Of "same story", of the two."""
    _asked: Article = field(repr=False)
    _rules: Rules = field(repr=False, compare=False)
    _encoder: Encoder = field(repr=False, compare=False)
    _cache: VectorCache | None = field(repr=False, compare=False)

    def explain(self, *, flips: bool = True) -> Explanation:
        """Return what ``nearest_probability`` is made of; see ``dedup.explain_pair``."""
        from dedup.explain.pair import explain_pair

        return explain_pair(
            self._asked,
            self.nearest,
            encoder=self._encoder,
            calibration=self._rules.calibration,
            settings=self._rules.settings,
            cache=self._cache,
            flips=flips,
        )
