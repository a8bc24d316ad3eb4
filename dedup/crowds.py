"""Crowds: the same text many times over, and how its copies are taken along without comparing each with each.

Ten thousand copies of a text are fifty million pairs, all of which say the same. A **crowd** is the articles of one
day, one language and one key of their text (``dedup.text.copies``), where these are more than ``LEADS``. The first
``LEADS`` of a crowd lead it and are compared as all articles are. Each of the others is compared with the first
``GUIDES`` alone: where it is one story and one text with the one that it is surest of, it *follows* that one, and goes
where that goes. Where it is not, it is compared as all are. Unrelated texts may have a key in common, of a phrase that
many use: unless at least half of the articles behind the guides, leads too, are one story and one text with one of
these, nobody follows.

A text has several keys, for one changed word may change a key. They are gone through one after another, each time among
those that follow nobody yet; who leads a crowd follows nobody. So whoever is followed is compared as all articles are,
and was compared with each that follows it.

Who leads and who follows depends on the set of articles alone: the first are the earliest, of one time those with
smaller ids. Nothing changes for a text that comes up to ``LEADS`` times in a day. Those that follow do not count in
what is said of others: a text is worth no more for being sent ten thousand times.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.text.copies import KEYS, spread

if TYPE_CHECKING:
    from dedup.encode.fingerprint import Fingerprints
    from dedup.index import Bounds
    from dedup.score.calibration import Calibration

__all__ = [
    "GUIDES",
    "LEADS",
    "Asked",
    "CrowdRules",
    "Following",
    "Verdicts",
    "cells_of",
    "crowd_floor",
    "days_of",
    "find_following",
    "judge_by_fingerprints",
    "nobody",
]

_Numbers = npt.NDArray[np.int64]
_Values = npt.NDArray[np.float64]
_Mask = npt.NDArray[np.bool_]

LEADS = 32
"""Copies of a text within a day that are compared as all articles are. In the real news at hand no text comes as often;
the more there are, the more is compared with each other."""
GUIDES = 8
"""Those of them with which each further copy is compared."""
_EACH_KEY: npt.NDArray[np.uint64] = np.arange(KEYS, dtype=np.uint64)
_OTHERS_AT_ONCE = 32_768
_HOURS_A_DAY = 24.0
_NO_DAY = -(1 << 40)
"""Stands for the day of articles without a time: of one language they are as if of one day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """Which of ``n`` articles go where others go."""

    lead: _Numbers
    """int64 ``[n]``: the position of the article that each follows; its own where it follows none."""
    log_odds: _Values
    """float64 ``[n]``: of "same story", of the pair with that; 0 where it follows none."""
    text_odds: _Values
    """float64 ``[n]``: log-odds that the two are one text; NaN where no calibration says, 0 where it follows none."""

    @property
    def follows(self) -> _Mask:
        """Tell which articles follow another: bool ``[n]``."""
        mask: _Mask = self.lead != np.arange(len(self.lead))
        return mask

    @property
    def followers(self) -> _Numbers:
        """Return the articles that follow another, ascending: int64 ``[f]``."""
        return np.flatnonzero(self.follows)

    @property
    def others(self) -> _Numbers:
        """Return the articles that follow none, ascending: int64 ``[n - f]``."""
        return np.flatnonzero(~self.follows)

    @property
    def pairs(self) -> tuple[_Numbers, _Values]:
        """Return each follower with whom it follows, the smaller position first, and the log-odds of these pairs."""
        followers = self.followers
        pairs = np.sort(np.stack([followers, self.lead[followers]], axis=1), axis=1)
        return pairs, self.log_odds[followers]


class Asked(NamedTuple):
    """Articles of which it is asked whether they are copies of one of their guides."""

    others: _Numbers
    """int64 ``[k]``."""
    guides: _Numbers
    """int64 ``[k, GUIDES]``, in the order of time."""


class Verdicts(NamedTuple):
    """What became of those that were asked."""

    lead: _Numbers
    """int64 ``[k]``, the guide that each follows; -1 where it follows none."""
    log_odds: _Values
    """float64 ``[k]``, of the pair with that guide."""
    text_odds: _Values
    """float64 ``[k]``, likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdRules:
    """What it takes to follow."""

    calibration: Calibration
    bounds: Bounds
    """Of candidates."""
    threshold: float
    """Log-odds above which two articles are one story."""
    max_sentences: int
    """The most that any article has."""


def nobody(articles: int) -> Following:
    """Return that none of so many articles follows another."""
    return Following(lead=np.arange(articles), log_odds=np.zeros(articles), text_odds=np.zeros(articles))


def crowd_floor() -> int:
    """Return how many articles a cell has at the least for one of them to follow another."""
    return LEADS + 1


def days_of(hours: _Values) -> _Values:
    """Return the day of each time, from 1970 on: float64 ``[n]``. Infinite where it is unknown: as if of one last day.

    Args:
        hours: float64 ``[n]``, publication in hours since 1970 UTC; NaN where unknown.
    """
    return np.where(np.isnan(hours), np.inf, np.floor(hours / _HOURS_A_DAY))


def cells_of(keys: Sequence[Sequence[int]] | _Numbers, languages: Sequence[str], hours: _Values) -> _Numbers:
    """Return a number for each language, day and key of each article: int64 ``[n, KEYS]``, from 0 on.

    Args:
        keys: Of ``copy_keys``, for each article.
        languages: BCP 47 tags.
        hours: float64 ``[n]``, publication in hours since 1970; NaN where unknown.
    """
    days = days_of(hours)
    day = np.where(np.isinf(days), _NO_DAY, days).astype(np.int64)
    tags = {tag: zlib.crc32(tag.encode("utf-8", "surrogatepass")) for tag in set(languages)}
    of_language = np.array([tags[tag] for tag in languages], np.uint64)
    place = spread(spread(of_language) + day.astype(np.uint64))
    texts = np.array(keys, np.uint64).reshape(len(languages), KEYS)
    # a key counts among its like alone: the first of one text is not the second of another
    texts = spread(texts + _EACH_KEY)
    return (spread(texts + place[:, None]) >> np.uint64(1)).astype(np.int64)


def find_following(
    cells: _Numbers,
    hours: _Values,
    rank: _Numbers,
    judge: Callable[[Asked], Verdicts],
    *,
    exempt: _Mask | None = None,
) -> Following:
    """Return who follows whom.

    Args:
        cells: int64 ``[n, KEYS]``, see ``cells_of``.
        hours: float64 ``[n]``, publication in hours since 1970; NaN where unknown.
        rank: int64 ``[n]``, the place of each article in the order of ids.
        judge: Says of articles of which of their guides they are copies: of each a function of these alone.
        exempt: bool ``[n]``, articles that follow nobody.
    """
    found = nobody(len(hours))
    # who is in no full cell neither leads nor follows
    near = np.flatnonzero(_in_full_cells(cells))
    if not len(near):
        return found
    order = near[np.lexsort((rank[near], hours[near]))]  # NaN last
    stays = np.zeros(len(hours), np.bool_) if exempt is None else exempt.copy()
    for column in range(cells.shape[1]):
        order = order[found.lead[order] == order]
        asked = _asked(order, cells[order, column])
        if not len(asked.question.others):
            continue
        said = judge(asked.question)
        others, agrees = asked.question.others, said.lead >= 0
        # where most have no more in common than the key, a phrase that is often used, it is no crowd
        is_crowd = 2 * np.bincount(asked.cell, weights=agrees) >= np.bincount(asked.cell)
        follows = agrees & is_crowd[asked.cell] & asked.may_follow & ~stays[others]
        stays[asked.leads[is_crowd].ravel()] = True
        followers = others[follows]
        found.lead[followers] = said.lead[follows]
        found.log_odds[followers], found.text_odds[followers] = said.log_odds[follows], said.text_odds[follows]
    return found


def _in_full_cells(cells: _Numbers) -> _Mask:
    full = np.zeros(len(cells), np.bool_)
    for column in cells.T:
        _, cell, size = np.unique(column, return_inverse=True, return_counts=True)
        full |= size[cell] >= crowd_floor()
    return full


class _Asking(NamedTuple):
    """Who is asked of the full cells of one key."""

    question: Asked
    cell: _Numbers
    """int64 ``[k]``: the number of the cell of each that is asked."""
    may_follow: _Mask
    """bool ``[k]``: whether it comes after those that lead."""
    leads: _Numbers
    """int64 ``[cells, LEADS]``."""


def _asked(order: _Numbers, cell: _Numbers) -> _Asking:
    """Return who is asked by one key: of each full cell all but the guides.

    Args:
        order: int64 ``[m]``, the articles that follow nobody yet, in the order of time.
        cell: int64 ``[m]``.
    """
    sort = np.argsort(cell, kind="stable")
    starts = np.flatnonzero(np.diff(cell[sort], prepend=-1))
    full = [some for some in np.split(order[sort], starts[1:]) if len(some) > LEADS]
    sizes = np.array([len(some) - GUIDES for some in full], np.int64)
    others = [np.empty(0, np.int64), *(some[GUIDES:] for some in full)]
    guides = np.array([some[:GUIDES] for some in full], np.int64).reshape(-1, GUIDES)
    leads = np.array([some[:LEADS] for some in full], np.int64).reshape(-1, LEADS)
    may_follow = [np.empty(0, np.bool_), *(np.arange(GUIDES, len(some)) >= LEADS for some in full)]
    return _Asking(
        question=Asked(np.concatenate(others), np.repeat(guides, sizes, axis=0)),
        cell=np.repeat(np.arange(len(full)), sizes),
        may_follow=np.concatenate(may_follow),
        leads=leads,
    )


def judge_by_fingerprints(fingerprints: Fingerprints, rules: CrowdRules, asked: Asked) -> Verdicts:
    """Return whom articles follow, which are in the order of their ids."""
    parts = [Verdicts(np.empty(0, np.int64), np.empty(0), np.empty(0))]
    for start in range(0, len(asked.others), _OTHERS_AT_ONCE):
        rows = slice(start, start + _OTHERS_AT_ONCE)
        parts.append(_judged(fingerprints, rules, Asked(asked.others[rows], asked.guides[rows])))
    lead, log_odds, text_odds = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Verdicts(lead, log_odds, text_odds)


def _judged(fingerprints: Fingerprints, rules: CrowdRules, asked: Asked) -> Verdicts:
    count = len(asked.others)
    row = np.repeat(np.arange(count), asked.guides.shape[1])
    guide = asked.guides.ravel()
    pairs = np.sort(np.stack([guide, asked.others[row]], axis=1), axis=1)
    log_odds = _log_odds(fingerprints, rules, pairs).reshape(asked.guides.shape)
    surest = log_odds.argmax(axis=1)  # of equals the first
    best = log_odds[np.arange(count), surest]
    lead = asked.guides[np.arange(count), surest]
    text_odds = np.full(count, np.nan)
    one_story = np.flatnonzero(best > rules.threshold)
    chosen = np.sort(np.stack([lead[one_story], asked.others[one_story]], axis=1), axis=1)
    text_odds[one_story] = _text_odds(fingerprints, rules, chosen)
    # NaN, where no calibration tells of texts, is not below
    follows = (best > rules.threshold) & ~(text_odds <= 0)
    return Verdicts(np.where(follows, lead, -1), best, text_odds)


def _log_odds(fingerprints: Fingerprints, rules: CrowdRules, pairs: _Numbers) -> _Values:
    """Return the log-odds of pairs: float64 ``[p]``, minus infinity of those that are no candidates."""
    from dedup.index import are_candidates
    from dedup.score.pairs import score_pairs

    found = np.full(len(pairs), -np.inf)
    near = np.flatnonzero(
        are_candidates(fingerprints.documents, fingerprints.hours, fingerprints.languages, pairs, rules.bounds)
    )
    enough, scored = score_pairs(fingerprints, pairs[near], rules.calibration, max_sentences=rules.max_sentences)
    found[near[enough]] = scored
    return found


def _text_odds(fingerprints: Fingerprints, rules: CrowdRules, pairs: _Numbers) -> _Values:
    """Return the log-odds that pairs are one text: float64 ``[p]``, NaN where the calibration does not tell."""
    from dedup.relate.signals import same_text_odds

    weights = rules.calibration.relations
    if weights is None:
        return np.full(len(pairs), np.nan)
    return same_text_odds(fingerprints, pairs, weights.same_text, max_sentences=rules.max_sentences)
