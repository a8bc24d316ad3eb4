"""Crowds: the same text many times over, and how its copies are taken along without comparing each with each.

Ten thousand copies of a text are fifty million pairs, all of which say the same. So of the articles of one day, one
language and one `copy_key` only the first ``LEADS`` are compared as all articles are. Each of the others is compared
with the first ``GUIDES`` alone: where it is one story with one of them, it *follows* the one that it is surest of
all, and goes where that goes. Where it is one with none, it is compared as all articles are.

Who leads and who follows depends on the articles alone: the first are the earliest, of one time those with smaller
ids. Nothing changes for a text that comes up to ``LEADS`` times in a day. Those that follow do not count in what is
said of others: a text is worth no more for being sent ten thousand times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup.text.copies import copy_key

if TYPE_CHECKING:
    from dedup.encode.fingerprint import Fingerprints
    from dedup.index import Bounds
    from dedup.score.calibration import Calibration

__all__ = ["GUIDES", "LEADS", "Following", "copy_keys", "crowd_pairs", "find_following", "following", "nobody"]

_Numbers = npt.NDArray[np.int64]
_Values = npt.NDArray[np.float64]

LEADS = 32
"""Copies of a text within a day that are compared as all articles are. In the real news at hand no text comes as often;
the more there are, the more is compared with each other."""
GUIDES = 8
"""Those of them with which each further copy is compared."""
_PAIRS_AT_ONCE = 262_144
_HOURS_A_DAY = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """Articles that go where others go."""

    lead: _Numbers
    """int64 ``[n]``: the position of the article that each follows; its own where it follows none."""
    pairs: _Numbers
    """int64 ``[p, 2]``: the pairs of those that follow with those that lead their crowd, the smaller first."""
    log_odds: _Values
    """float64 ``[p]``."""

    @property
    def follows(self) -> npt.NDArray[np.bool_]:
        """Tell which articles follow another: bool ``[n]``."""
        return self.lead != np.arange(len(self.lead))

    @property
    def others(self) -> _Numbers:
        """Return the articles that follow none, ascending: int64 ``[k]``."""
        return np.flatnonzero(~self.follows)


def nobody(articles: int) -> Following:
    """Return that none of so many articles follows another."""
    return Following(lead=np.arange(articles), pairs=np.empty((0, 2), np.int64), log_odds=np.empty(0))


def crowd_pairs(keys: _Numbers, languages: _Numbers, hours: _Values, rank: _Numbers) -> _Numbers:
    """Return each article that may follow, with those that it may: int64 ``[p, 2]``, these first, in their order.

    Args:
        keys: int64 ``[n]``, of ``copy_key``.
        languages: int64 ``[n]``, a number for each language.
        hours: float64 ``[n]``, publication in hours since 1970; NaN where unknown.
        rank: int64 ``[n]``, the place of each article in the order of ids.
    """
    day = _days(hours)
    order = np.lexsort((rank, hours, day, languages, keys))  # NaN last, and alike
    alike = np.ones(len(order), np.bool_)
    for column in (keys[order], languages[order], day[order]):
        alike[1:] &= column[1:] == column[:-1]
    alike[:1] = False
    starts = np.flatnonzero(~alike)
    sizes = np.diff(starts, append=len(order))
    crowded = sizes > LEADS
    parts = [np.empty((0, 2), np.int64)]
    for start, size in zip(starts[crowded].tolist(), sizes[crowded].tolist(), strict=True):
        guides, others = order[start : start + GUIDES], order[start + LEADS : start + size]
        parts.append(np.stack([np.tile(guides, len(others)), np.repeat(others, GUIDES)], axis=1))
    return np.concatenate(parts)


def following(pairs: _Numbers, log_odds: _Values, articles: int, *, threshold: float, absent: float) -> Following:
    """Return who follows whom.

    Args:
        pairs: What ``crowd_pairs`` returned, those that are candidates, the leads of one article in their order.
        log_odds: float64 ``[p]``.
        articles: How many there are.
        threshold: Log-odds above which two articles are one story.
        absent: Log-odds that say no more than those of a pair that is no candidate: such pairs are not kept.
    """
    best = np.full(articles, -np.inf)
    np.maximum.at(best, pairs[:, 1], log_odds)
    lead = np.arange(articles)
    surest = np.flatnonzero((log_odds == best[pairs[:, 1]]) & (log_odds > threshold))[::-1]
    lead[pairs[surest, 1]] = pairs[surest, 0]  # of equals the first, which is written last
    kept = (lead[pairs[:, 1]] != pairs[:, 1]) & (log_odds > absent)
    return Following(lead=lead, pairs=np.sort(pairs[kept], axis=1), log_odds=log_odds[kept])


def copy_keys(passages: Sequence[Sequence[str]], languages: _Numbers, hours: _Values) -> _Numbers:
    """Return the key of each article that may be one of a crowd, any number for the others: int64 ``[n]``.

    Args:
        passages: The sentences that are read of each.
        languages: As for ``crowd_pairs``.
        hours: Likewise.
    """
    keys = np.full(len(passages), -1, np.int64)
    if len(passages) > LEADS:
        _, cell, size = np.unique(
            np.stack([languages, _days(hours)], axis=1), axis=0, return_inverse=True, return_counts=True
        )
        for place in np.flatnonzero(size[cell.ravel()] > LEADS).tolist():
            keys[place] = copy_key(passages[place])
    return keys


def find_following(
    fingerprints: Fingerprints,
    keys: _Numbers,
    calibration: Calibration,
    bounds: Bounds,
    *,
    threshold: float,
    max_sentences: int,
) -> Following:
    """Return who follows whom among articles in the order of their ids.

    Args:
        fingerprints: Of ``n`` articles.
        keys: int64 ``[n]``, see ``copy_keys``.
        calibration: Scores pairs.
        bounds: Of candidates.
        threshold: Log-odds above which two articles are one story.
        max_sentences: The most that any article has.
    """
    from dedup.index import are_candidates
    from dedup.score.pairs import score_pairs

    n = len(fingerprints)
    hours, languages = fingerprints.hours, fingerprints.languages
    asked = crowd_pairs(keys, languages, hours, np.arange(n))
    kept, log_odds = [np.empty((0, 2), np.int64)], [np.empty(0)]
    for start in range(0, len(asked), _PAIRS_AT_ONCE):
        some = asked[start : start + _PAIRS_AT_ONCE]
        some = some[are_candidates(fingerprints.documents, hours, languages, some, bounds)]
        enough, scored = score_pairs(fingerprints, some, calibration, max_sentences=max_sentences)
        kept.append(some[enough])
        log_odds.append(scored)
    return following(
        np.concatenate(kept), np.concatenate(log_odds), n, threshold=threshold, absent=calibration.absent_log_odds
    )


def _days(hours: _Values) -> _Values:
    """Return the day of each time, infinite where it is unknown, so that all such are equal."""
    known = ~np.isnan(hours)
    return np.where(known, np.floor(np.where(known, hours, 0) / _HOURS_A_DAY), np.inf)
