"""Articles that average linkage leaves alone, and the one story that each of them is near to.

An independent report shares little with most of the others, and its average with its story is often a little below the
threshold, while it is far from everything else. So an article that is in no group joins a story where that story is the
only group near it, single articles counting too, and one of its articles is close. Between two stories it stays alone.
Near is what lies above the threshold less ``REACH``, close what lies above it less ``CLOSE``.

All of it goes by the groups as they were: what one article joins changes nothing for another, so that the order of
articles does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from dedup.cluster import cluster_pairs, counted_log_odds, counted_threshold

__all__ = ["CLOSE", "LEAST_MEMBERS", "REACH", "close_log_odds", "group_articles", "join_singletons", "near_log_odds"]

_Numbers = npt.NDArray[np.int64]
_Values = npt.NDArray[np.float64]

_PAIRS_AT_ONCE = 1 << 20

REACH = 1.5
"""Log-odds below the threshold at which a story is near. Cross-validated by family on what the scorers are fitted on,
B-cubed F1 of families and siblings, and the part of the families' siblings that are merged, were 0.758, 0.940 and 16%
without, and 0.785, 0.972 and 17% with it, at the same purity; anything from 1.0 to 2.0 does about as well. ECB+ dev,
the examples and NTREX stood beside and chose nothing."""

CLOSE = 0.5
"""Log-odds below the threshold at which an article of the story is close. Of 4,000 articles of real news 9 joined
stories without this, most of them wrongly, 6 with it, 3 at 0; at 0 independent reports of the siblings stay alone."""

LEAST_MEMBERS = 3
"""A story of fewer articles is joined by no single one: where it is none itself, nothing else would speak against. In a
sample of real news (4,000 of ``benchmarks.datasets.distractors``) 29 of the 31 single articles that joined had joined
two others, and most of them wrongly."""


def near_log_odds(threshold: float, absent: float) -> float:
    """Return the average log-odds above which an article is near a group; never below those of an absent pair."""
    return max(threshold - REACH, absent)


def close_log_odds(threshold: float, absent: float) -> float:
    """Return the log-odds above which an article is close to another one; never below those of an absent pair."""
    return max(threshold - CLOSE, absent)


def group_articles(
    keys: Sequence[str], pairs: _Numbers, log_odds: _Values, *, threshold: float, absent: float
) -> _Numbers:
    """Return the group of each article as a run makes them, of equal numbers for one story: int64 ``[n]``.

    Args:
        keys: As for ``dedup.cluster.cluster_pairs``, whose groups single articles then join.
        pairs: Likewise.
        log_odds: Likewise.
        threshold: Likewise.
        absent: Likewise.
    """
    groups = cluster_pairs(keys, pairs, log_odds, threshold=threshold, absent=absent)
    return join_singletons(groups, pairs, log_odds, threshold=threshold, absent=absent)


def join_singletons(
    groups: _Numbers, pairs: _Numbers, log_odds: _Values, *, threshold: float, absent: float
) -> _Numbers:
    """Return ``groups`` with each single article in the group of the one story that it is near to: int64 ``[n]``.

    Args:
        groups: int64 ``[n]``, numbered from 0.
        pairs: int64 ``[p, 2]``, positions of articles, each pair once; not all need be there, but those above
            ``near_log_odds`` and all others between an article and a group with which it has one.
        log_odds: float64 ``[p]``.
        threshold: That of the groups.
        absent: Log-odds that count for a pair that is not there.
    """
    sizes = np.bincount(groups, minlength=1)
    least = counted_threshold(near_log_odds(threshold, absent), absent)
    close = counted_threshold(close_log_odds(threshold, absent), absent)
    # an average is above only where a pair is
    above = [key[worth > least] for key, worth in _seen_from_singles(groups, sizes, pairs, log_odds, absent)]
    asked = np.unique(np.concatenate([np.empty(0, np.int64), *above]))
    if not len(asked):
        return groups.copy()
    sums, has_close = np.zeros(len(asked)), np.zeros(len(asked), np.bool_)
    for key, worth in _seen_from_singles(groups, sizes, pairs, log_odds, absent):
        place = np.minimum(np.searchsorted(asked, key), len(asked) - 1)
        counted = asked[place] == key
        place, worth = place[counted], worth[counted]
        sums += np.bincount(place, weights=worth, minlength=len(asked))  # of whole numbers: exact in any order
        has_close[place[worth > close]] = True
    of, near = np.divmod(asked, len(sizes))
    is_near = sums / sizes[near] > least
    of, near, has_close = of[is_near], near[is_near], has_close[is_near]
    only = (np.bincount(of, minlength=len(groups))[of] == 1) & (sizes[near] >= LEAST_MEMBERS) & has_close
    joined = groups.copy()
    joined[of[only]] = near[only]
    return joined


def _seen_from_singles(
    groups: _Numbers, sizes: _Numbers, pairs: _Numbers, log_odds: _Values, absent: float
) -> Iterator[tuple[_Numbers, _Values]]:
    """Yield the pairs of single articles, some at a time: one number for the article and the other's group, the worth.

    There may be tens of millions, and from each of two single articles a pair is seen.
    """
    alone = sizes[groups] == 1
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        rows = slice(start, start + _PAIRS_AT_ONCE)
        worth = counted_log_odds(log_odds[rows], absent)
        for here, there in ((0, 1), (1, 0)):
            at = alone[pairs[rows, here]]
            yield pairs[rows, here][at] * len(sizes) + groups[pairs[rows, there][at]], worth[at]
