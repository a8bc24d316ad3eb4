"""The pairs of a store as clustering sees them: those that are near are stored, others are scored when asked for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from dedup.cluster import counted_log_odds
from dedup.index import are_candidates
from dedup.store.database import Database
from dedup.store.pairs import Pair, pair_of
from dedup.store.rules import Rules
from dedup.store.stored import Known, StoredArticles

__all__ = ["Graph"]

_MOST_HELD = 500_000
"""Scores kept in memory: they never change."""


class Graph:
    """Articles and how much each two speak for one story, counted as ``dedup.cluster`` counts.

    A pair is worth its log-odds above those of a pair that is no candidate; 0 for one that is none or says less. One
    that a person judged is worth infinitely much, for or against.

    Args:
        database: Of the store.
        stored: Likewise.
        rules: Likewise.
    """

    def __init__(self, database: Database, stored: StoredArticles, rules: Rules) -> None:
        self._database, self._stored, self._rules = database, stored, rules
        self._worth: dict[Pair, float] = {}
        """Of pairs that no person judged. Numbers of articles are never given again."""
        self._said: dict[Pair, float] = {}
        self._joining: dict[int, dict[int, float]] = {}
        self._near: dict[int, list[int]] = {}
        self._ids: dict[int, str] = {}

    def begin(self) -> None:
        """Forget what may have changed since the last revision."""
        self._joining.clear()
        self._near.clear()
        self._ids.clear()
        if len(self._worth) > _MOST_HELD:
            self._worth.clear()
        self._said = {
            pair_of(a, b): math.inf if same else -math.inf
            for a, b, same in self._database.rows(
                "SELECT one.number, other.number, same FROM corrections JOIN articles AS one ON one.id = a "
                "JOIN articles AS other ON other.id = b"
            )
        }

    @property
    def least(self) -> float:
        """Two groups join while the average between them is above it."""
        return self._rules.least

    def id_of(self, number: int) -> str:
        """Return the id of an article."""
        if number not in self._ids:
            self._ids[number] = self._database.value("SELECT id FROM articles WHERE number = ?", (number,))
        return self._ids[number]

    @property
    def least_near(self) -> float:
        """A single article is near a group while the average between them is above it."""
        return self._rules.least_near

    @property
    def least_close(self) -> float:
        """It joins a group that is near where a pair with one of its articles is above it."""
        return self._rules.least_close

    def joining(self, numbers: Iterable[int]) -> list[dict[int, float]]:
        """Return for each article those that it would join by itself, with what the pair is worth."""
        wanted = list(numbers)
        self._read(wanted)
        return [self._joining[number] for number in wanted]

    def near(self, numbers: Iterable[int]) -> list[list[int]]:
        """Return for each article those whose story it may join, or that may join its."""
        wanted = list(numbers)
        self._read(wanted)
        return [self._near[number] for number in wanted]

    def _read(self, numbers: Iterable[int]) -> None:
        """Read the stored pairs of articles."""
        missing = [number for number in numbers if number not in self._joining]
        found: dict[int, dict[int, float]] = {number: {} for number in missing}
        for statement in (
            "SELECT a, b, log_odds FROM pairs WHERE a IN ({})",
            "SELECT b, a, log_odds FROM pairs WHERE b IN ({})",
        ):
            for one, other, log_odds in self._database.rows_among(statement, missing):
                found[one][other] = log_odds
        for number, others in found.items():
            self._near[number] = list(others)
            self._joining[number] = self._those_joining(others)
        for (one, other), said in self._said.items():
            for here, there in ((one, other), (other, one)):
                if here in found:
                    self._joining[here].pop(there, None)
                    if said > 0:
                        self._joining[here][there] = said
                        self._near[here].append(there)

    def _those_joining(self, others: dict[int, float]) -> dict[int, float]:
        """Return what pairs are worth that join by themselves, of log-odds."""
        joining = {number: log_odds for number, log_odds in others.items() if log_odds > self._rules.joining_log_odds}
        worth = counted_log_odds(np.array(list(joining.values()), np.float64), self._rules.absent_in_clusters)
        return dict(zip(joining, worth.tolist(), strict=True))

    def worth(self, pairs: Sequence[Pair]) -> list[float]:
        """Return what pairs are worth."""
        self._score([pair for pair in pairs if pair not in self._said and pair not in self._worth])
        return [self._said[pair] if pair in self._said else self._worth[pair] for pair in pairs]

    def take_note(self, pairs: Sequence[Pair], log_odds: Sequence[float]) -> None:
        """Remember pairs that were scored."""
        if len(self._worth) + len(pairs) <= _MOST_HELD:
            self._worth.update(zip(pairs, self._counted(np.array(log_odds, np.float64)), strict=True))

    def _counted(self, log_odds: npt.NDArray[np.float64]) -> list[float]:
        worth = counted_log_odds(log_odds, self._rules.absent_in_clusters)
        counted: list[float] = np.where(log_odds > self._rules.absent, worth, 0.0).tolist()
        return counted

    def log_odds(self, pairs: Sequence[Pair]) -> list[float]:
        """Return the log-odds of pairs; those of no candidates are the calibration's for them."""
        worth = np.array(self.worth(pairs), np.float64)
        # log-odds have four decimals
        found: list[float] = np.round(self._rules.absent_in_clusters + worth / 1e6, 4).tolist()
        return found

    def _score(self, pairs: Sequence[Pair]) -> None:
        if not pairs:
            return
        numbers = sorted({number for pair in pairs for number in pair})
        known = self._stored.known(numbers)
        articles = [known[number] for number in numbers]
        place = {number: position for position, number in enumerate(numbers)}
        placed = [(place[one], place[other]) for one, other in pairs]
        near = _candidates(articles, placed, self._rules)
        scored = self._rules.log_odds(articles, [pair for pair, is_near in zip(placed, near, strict=True) if is_near])
        log_odds = np.full(len(pairs), -np.inf)
        log_odds[near] = scored
        self._worth.update(zip(pairs, self._counted(log_odds), strict=True))


def _candidates(articles: Sequence[Known], pairs: Sequence[Pair], rules: Rules) -> npt.NDArray[np.bool_]:
    languages = sorted({one.language for one in articles})
    return are_candidates(
        np.stack([one.vectors.document for one in articles]),
        np.array([one.hours for one in articles], np.float64),
        np.array([languages.index(one.language) for one in articles], np.int64),
        np.array(pairs, np.int64),
        rules.bounds,
    )
