"""Tasks on parts of the articles: which articles follow others of their crowd; see ``dedup.crowds``.

A crowd is of one day, and a day may lie in several parts. It is looked at by the task of the part in which it begins.
Parts are in the order of time, and so are the numbers of articles.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup.crowds import Asked, CrowdRules, Following, Verdicts, days_of, find_following, judge_by_fingerprints, nobody
from dedup.engine.base import Work
from dedup.engine.folder import JobFolder
from dedup.engine.layout import Layout
from dedup.engine.tables import cells_in, follower_table, followers_of, known_of, prints_of

if TYPE_CHECKING:
    from dedup.store.stored import Known

__all__ = ["follow_in_part", "followers_among", "followers_in"]

_Numbers = npt.NDArray[np.int64]

_OTHERS_AT_ONCE = 4_096


def follow_in_part(folder: JobFolder, part: int, layout: Layout, work: Work) -> dict[str, Any]:
    """Write which articles of the days that begin in a part follow others, and which."""
    from dedup.stages import crowd_rules

    numbers, cells, hours = _articles_of(folder, layout, part)
    rules = crowd_rules(work.settings, work.calibration)
    # of articles of one time those with smaller ids come first, in parts as in numbers
    found = find_following(
        cells, hours, np.arange(len(numbers)), lambda asked: _judged(folder, layout, numbers, rules, asked)
    )
    followers = found.followers
    table = follower_table(
        numbers[followers], numbers[found.lead[followers]], found.log_odds[followers], found.text_odds[followers]
    )
    folder.write_table("crowds", layout.parts[part].name, table)
    return {"followed": len(followers)}


def _articles_of(folder: JobFolder, layout: Layout, part: int) -> tuple[_Numbers, _Numbers, npt.NDArray[np.float64]]:
    """Return the numbers, cells and hours of the articles of all days that begin in a part."""
    after = layout.days(part - 1)[1] if part else -math.inf
    last = layout.days(part)[1]
    through = part
    while last > after and through + 1 < len(layout.parts) and layout.days(through + 1)[0] == last:
        through += 1
    numbers, cells, hours = [np.empty(0, np.int64)], [], [np.empty(0)]
    for one in range(part, through + 1):
        of_part, times = cells_in(folder.read_table("fingerprints", layout.parts[one].name, ["cells", "hours"]))
        days = days_of(times)
        own = np.flatnonzero((days > after) & (days <= last))
        numbers.append(layout.starts[one] + own)
        cells.append(of_part[own])
        hours.append(times[own])
    return np.concatenate(numbers), np.concatenate(cells), np.concatenate(hours)


def _judged(folder: JobFolder, layout: Layout, numbers: _Numbers, rules: CrowdRules, asked: Asked) -> Verdicts:
    """Return whom articles follow, read a few thousand at a time."""
    parts = []
    for start in range(0, len(asked.others), _OTHERS_AT_ONCE):
        rows = slice(start, start + _OTHERS_AT_ONCE)
        others, guides = asked.others[rows], asked.guides[rows]
        places = np.unique(np.concatenate([others, guides.ravel()]))
        prints = prints_of(_known(folder, layout, numbers[places]))
        here = Asked(np.searchsorted(places, others), np.searchsorted(places, guides))
        said = judge_by_fingerprints(prints, rules, here)
        lead = np.where(said.lead >= 0, places[np.maximum(said.lead, 0)], -1)
        parts.append(Verdicts(lead, said.log_odds, said.text_odds))
    lead, log_odds, text_odds = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Verdicts(lead, log_odds, text_odds)


def _known(folder: JobFolder, layout: Layout, numbers: _Numbers) -> list[Known]:
    found: list[Known] = []
    for part, rows in layout.by_part(numbers):
        found += known_of(folder.read_table("fingerprints", layout.parts[part].name).take(rows))
    return found


def followers_in(folder: JobFolder, layout: Layout, part: int) -> _Numbers:
    """Return the numbers of the articles of a part that follow others, ascending: int64 ``[f]``."""
    numbers = np.concatenate([followers_of(folder.read_table("crowds", name))[0] for name in _deciding(layout, [part])])
    start, end = layout.starts[part : part + 2]
    return np.sort(numbers[(numbers >= start) & (numbers < end)])


def followers_among(folder: JobFolder, layout: Layout, numbers: _Numbers, rank: _Numbers) -> Following:
    """Return who follows whom among articles, of which none is without the one that it follows.

    Args:
        folder: Of the run.
        layout: Of its parts.
        numbers: int64 ``[n]``, ascending.
        rank: int64 ``[n]``, the position that each is to have.
    """
    found = nobody(len(numbers))
    for name in _deciding(layout, (part for part, _ in layout.by_part(numbers))):
        articles, leads, log_odds, text_odds = followers_of(folder.read_table("crowds", name))
        here = np.isin(articles, numbers)
        places = rank[np.searchsorted(numbers, articles[here])]
        found.lead[places] = rank[np.searchsorted(numbers, leads[here])]
        found.log_odds[places], found.text_odds[places] = log_odds[here], text_odds[here]
    return found


def _deciding(layout: Layout, parts: Iterable[int]) -> list[str]:
    """Return the names of the parts whose tasks looked at the days of some parts."""
    found = set()
    for part in parts:
        found.add(part)
        first = part
        while first and layout.days(first - 1)[1] == layout.days(part)[0]:
            first -= 1
            if layout.days(first)[0] < layout.days(part)[0]:
                break
        found.add(first)
    return [layout.parts[part].name for part in sorted(found)]
