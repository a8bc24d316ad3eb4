"""Which story a group of articles is: stories keep their ids while they grow, merge and split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Succession", "succeed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """How groups follow upon stories."""

    kept: tuple[int | None, ...]
    """For each group the story that it is, None for a new one."""
    merged: Mapping[int, int]
    """Story that is no more → place of the group that its largest part is in."""


def succeed(groups: Sequence[Sequence[str]], before: Mapping[str, int]) -> Succession:
    """Return which story each group is.

    A story goes where the most of its articles are; of equal parts where its smallest id is. A group to which several
    stories go is the oldest of them; the others are merged into it. A group to which none goes is new. Neither the
    order of groups nor that of articles changes anything.

    Args:
        groups: Ids of the articles of each, none twice.
        before: Id → story, by numbers that rise with age's fall: the oldest is the smallest. Articles that were in no
            story are left out.
    """
    parts: dict[int, list[tuple[int, str, int]]] = {}
    for place, group in enumerate(groups):
        counted = Counter(before[one] for one in group if one in before)
        for story, count in counted.items():
            smallest = min(one for one in group if before.get(one) == story)
            parts.setdefault(story, []).append((-count, smallest, place))
    goes_to = {story: min(found)[2] for story, found in parts.items()}
    kept: list[int | None] = [None] * len(groups)
    for story in sorted(goes_to):
        if kept[goes_to[story]] is None:
            kept[goes_to[story]] = story
    merged = {story: place for story, place in goes_to.items() if kept[place] != story}
    return Succession(kept=tuple(kept), merged=merged)
