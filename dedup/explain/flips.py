"""What would have put a pair on the other side of the threshold, found by scoring it again with that changed.

Words are taken out of both texts, or the time of publication is moved, and the pair then passes through the very
functions that scored it; only its sentence vectors are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.explain.comparison import Comparison, Version
from dedup.explain.evidence import Evidence
from dedup.explain.explanation import Change, EvidenceItem, Flip, Mention
from dedup.score.coverage import sentence_coverage
from dedup.score.scorer import log_odds_of, probability_of, rounded_log_odds
from dedup.score.signals import SIGNALS, similarity_signals

__all__ = ["find_flips"]

# Of each kind of evidence, where many words stand for little each.
_MOST_ITEMS = 6
_MOST_FLIPS = 6
_MOST_COMBINED = 8
_MOST_DAYS = 7
_SIMILARITY_STEP = 0.01
# Stands for a word that is taken out, letter by letter, so that lengths and weights of sentences stay.
_NOTHING = "•"


_Flips = Callable[[float], bool]
"""Whether a sum puts the pair on the other side of the threshold."""


class _Tried(NamedTuple):
    changes: tuple[Change, ...]
    total: float


def find_flips(comparison: Comparison, evidence: Evidence) -> tuple[Flip, ...]:
    """Return changes after which the pair is on the other side of the threshold, the least one of evidence first.

    Single items of evidence; the time of publication, by the fewest days that do; where neither is enough the fewest
    found of them together; and how near the texts would have to be.
    """
    threshold = log_odds_of(comparison.settings.threshold)
    above = comparison.log_odds > threshold

    def flips(total: float) -> bool:
        return bool(_rounded(total) > threshold) != above

    changes = _evidence_changes(evidence)
    tried = _try(comparison, [(change,) for change in changes])
    now = comparison.total
    found = sorted(
        (one for one in tried if flips(one.total)), key=lambda one: (abs(one.total - now), one.changes[0].text)
    )[:_MOST_FLIPS]
    moved = _try(comparison, [(change,) for change in _time_changes(comparison, nearer=not above)])
    found += [one for one in moved if flips(one.total)][:1]
    if not found:
        helpful = [one for one in [*tried, *moved[-1:]] if (one.total < now) == above and one.total != now]
        helpful.sort(key=lambda one: (-abs(one.total - now), one.changes[0].text))
        together = [one.changes[0] for one in helpful[:_MOST_COMBINED]]
        found += _together(comparison, together, flips)
    found += _similar_enough(comparison, flips, nearer=not above)
    return tuple(_flip(one) for one in found)


def _rounded(total: float) -> float:
    return float(rounded_log_odds(np.array([total]))[0])


def _flip(tried: _Tried) -> Flip:
    log_odds = _rounded(tried.total)
    return Flip(changes=tried.changes, log_odds=log_odds, probability=float(probability_of(np.array([log_odds]))[0]))


def _try(comparison: Comparison, sets: Sequence[tuple[Change, ...]]) -> list[_Tried]:
    """Score the pair again with each set of changes."""
    if not sets:
        return []
    totals = comparison.totals_of([_changed(comparison.now, changes) for changes in sets])
    return [_Tried(changes, total) for changes, total in zip(sets, totals.tolist(), strict=True)]


def _changed(now: Version, changes: Iterable[Change]) -> Version:
    (a, b), (passage_a, passage_b) = now.articles, now.passages
    for change in changes:
        if change.item is not None:
            passage_a = _without(passage_a, change.item.a)
            passage_b = _without(passage_b, change.item.b)
        if change.days is not None and b.published is not None:
            b = replace(b, published=b.published + timedelta(days=change.days))
    return Version(articles=(a, b), passages=(passage_a, passage_b))


def _without(passage: tuple[str, ...], mentions: Iterable[Mention]) -> tuple[str, ...]:
    sentences = list(passage)
    for mention in mentions:
        # a whole word or number: no part of می‌رود and no 7 of 7.3
        pattern = rf"(?<![\w\u200c])(?<!\d[.,٫٬'’]){re.escape(mention.text)}(?![\w\u200c]|[.,٫٬'’]\d)"
        sentences[mention.sentence] = re.sub(
            pattern, lambda match: _NOTHING * len(match[0]), sentences[mention.sentence]
        )
    return tuple(sentences)


def _evidence_changes(evidence: Evidence) -> list[Change]:
    changes = []
    for items in evidence:
        taken: dict[str, int] = {}
        for item in items:
            taken[item.kind] = taken.get(item.kind, 0) + 1
            if taken[item.kind] <= _MOST_ITEMS:
                changes.append(Change(kind=item.kind, text=_words(item, items is evidence.conflicting), item=item))
    return changes


def _words(item: EvidenceItem, in_conflict: bool) -> str:
    """Return in words what is taken out."""
    spelt = [list(dict.fromkeys(mention.text for mention in side)) for side in (item.a, item.b)]
    shown = " / ".join(", ".join(texts) for texts in spelt if texts)
    if in_conflict:
        of = f" for {item.key}" if item.kind == "figure" else ""
        return f"without the {item.kind}s in conflict{of} ({shown})"
    where = f"shared {item.kind}" if item.a and item.b else item.kind
    if not (item.a and item.b):
        return f"without the {where} {shown}, only in {'A' if item.a else 'B'}"
    return f"without the {where} {shown if len(set(spelt[0]) | set(spelt[1])) > 1 else spelt[0][0]}"


def _time_changes(comparison: Comparison, *, nearer: bool) -> list[Change]:
    """Return moves of B's publication, the shortest first: towards that of A, or away from it."""
    a, b = comparison.now.articles
    if a.published is None or b.published is None:
        return []
    apart = (b.published - a.published).total_seconds() / timedelta(days=1).total_seconds()
    away = 1 if apart > 0 or (apart == 0 and comparison.order == (0, 1)) else -1
    if not nearer:
        return [_moved(away * days) for days in range(1, _MOST_DAYS + 1) if _can_move(b, away * days)]
    whole = [_moved(-away * days) for days in range(1, _MOST_DAYS + 1) if days < abs(apart)]
    same = Change(kind="published", text="if both had been published at the same time", days=-apart)
    return [*whole, same] if apart and abs(apart) <= _MOST_DAYS + 1 else whole


def _moved(days: int) -> Change:
    number = f"{abs(days)} day{'s' if abs(days) > 1 else ''}"
    return Change(
        kind="published", text=f"if B had been published {number} {'later' if days > 0 else 'earlier'}", days=days
    )


def _can_move(article: Article, days: int) -> bool:
    try:
        return article.published is not None and bool(article.published + timedelta(days=days))
    except OverflowError:
        return False


def _together(comparison: Comparison, changes: Sequence[Change], flips: _Flips) -> list[_Tried]:
    """Return the shortest row of ``changes``, the most effective first, that flips, less what it can do without."""
    rows = _try(comparison, [tuple(changes[:count]) for count in range(2, len(changes) + 1)])
    enough = next((one for one in rows if flips(one.total)), None)
    if enough is None:
        return []
    for change in reversed(enough.changes):
        fewer = tuple(other for other in enough.changes if other is not change)
        left = _try(comparison, [fewer]) if len(fewer) > 1 else []
        if left and flips(left[0].total):
            enough = left[0]
    return [enough]


def _similar_enough(comparison: Comparison, flips: _Flips, *, nearer: bool) -> list[_Tried]:
    """Return the nearest mutual coverage at which the pair flips, all other similarities changed by as much."""
    now, pairs = comparison.fingerprints, np.array([comparison.order], np.int64)
    forward, backward, _ = sentence_coverage(now, pairs, comparison.settings.max_sentences)
    coverage = float(min(forward[0], backward[0]))
    bound = 1.0 - coverage if nearer else 1.0 + coverage
    steps = np.arange(1, int(bound / _SIMILARITY_STEP) + 1) * (_SIMILARITY_STEP if nearer else -_SIMILARITY_STEP)
    if not len(steps):
        return []
    rows = np.repeat(comparison.signals[None, :], len(steps), axis=0)
    value = dict(zip(SIGNALS, comparison.signals.tolist(), strict=True))

    def moved(similarity: float) -> npt.NDArray[np.float32]:
        within: npt.NDArray[np.float32] = np.clip(similarity + steps, -1, 1).astype(np.float32)
        return within

    columns = similarity_signals(
        moved(value["document"]),
        (moved(float(forward[0])), moved(float(backward[0]))),
        moved(value["headline"]),
        np.full(len(steps), now.counts.min(), np.int64),
        np.full(len(steps), now.languages[0] == now.languages[1], np.bool_),
    )
    for name, column in columns:
        rows[:, SIGNALS.index(name)] = column
    totals = comparison.totals(rows, np.full(len(steps), comparison.kind_number, np.int8)).tolist()
    for step, total in zip(steps.tolist(), totals, strict=True):
        if flips(total):
            wanted = coverage + step
            text = f"if the sentences were {'nearer' if nearer else 'further apart'}: mutual coverage {wanted:.2f}"
            text += f" in place of {coverage:.2f}"
            return [_Tried((Change(kind="similarity", text=text, similarity=round(wanted, 4)),), total)]
    return []
