"""Crowds in a store: which articles follow others, worked out again where something changed; see ``dedup.crowds``.

Who follows whom depends on the articles of full cells, and on these alone: so they are looked at from the cells in
which an article came, went or was judged by people, on to the full cells of all that are in them. The guides that an
article was asked about are kept with the answer, so that the answer is worked out again only where these are others.

An article of which people said something follows nobody: what they say is of itself.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from dedup.article import Article
from dedup.crowds import (
    Asked,
    CrowdRules,
    Following,
    Verdicts,
    cells_of,
    crowd_floor,
    find_following,
    judge_by_fingerprints,
)
from dedup.store.database import Database
from dedup.store.rules import Rules
from dedup.store.stored import StoredArticles, fingerprints_of
from dedup.text.copies import KEYS

__all__ = ["Crowds", "Moved", "cells_of_articles", "full_cells", "keep_cells"]

_OTHERS_AT_ONCE = 4_096
_SECONDS_PER_HOUR = 3600.0
Guides = tuple[int, ...]
Answer = tuple[int, float, float | None] | None
"""The guide of which an article is a copy, and the log-odds of the pair; None where it is of none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What has changed of who follows whom."""

    settled: dict[int, int] = field(default_factory=dict)
    """Articles that follow one now and did not before, and the one that they follow."""
    led: dict[int, int] = field(default_factory=dict)
    """Those that follow another one than before, and which."""
    freed: list[int] = field(default_factory=list)
    """Those that follow none now and did before."""


class _Row(NamedTuple):
    number: int
    id: str
    hours: float
    lead: int | None
    asked: str
    """Guides, each time that it was asked, and the answers, as JSON."""


class Crowds:
    """Decides who follows whom; within a transaction for writing.

    Args:
        database: Of the store.
        stored: Likewise.
        rules: Likewise.
    """

    def __init__(self, database: Database, stored: StoredArticles, rules: Rules) -> None:
        self._database, self._stored = database, stored
        self._rules = CrowdRules(
            calibration=rules.calibration,
            bounds=rules.bounds,
            threshold=rules.threshold,
            max_sentences=rules.settings.max_sentences,
        )

    def cells_of(self, numbers: Sequence[int]) -> set[int]:
        """Return the cells of articles."""
        rows = self._database.rows_among("SELECT cell FROM cells WHERE number IN ({})", list(numbers))
        return {cell for (cell,) in rows}

    def settle(self, cells: Iterable[int]) -> Moved:
        """Decide who follows whom where cells have changed, and write it."""
        rows = self._rows(self._reached(cells))
        if not rows:
            return Moved()
        judge = _Judge(self._stored, self._rules, rows)
        return self._written(rows, self._found(rows, judge), judge.asked)

    def wrong(self) -> list[int]:
        """Return the articles that follow another one than they would if it were decided now."""
        followers = self._database.rows("SELECT cell FROM cells JOIN articles USING (number) WHERE lead IS NOT NULL")
        rows = self._rows(self._reached(full_cells(self._database) | {cell for (cell,) in followers}))
        if not rows:
            return []
        found = self._found(rows, _Judge(self._stored, self._rules, [row._replace(asked="[]") for row in rows]))
        leads = [None if lead == place else rows[lead].number for place, lead in enumerate(found.lead.tolist())]
        return [row.number for row, lead in zip(rows, leads, strict=True) if lead != row.lead]

    def _found(self, rows: Sequence[_Row], judge: _Judge) -> Following:
        hours = np.array([row.hours for row in rows])
        return find_following(
            self._cells(rows), hours, np.arange(len(rows)), judge, exempt=self._judged_by_people(rows)
        )

    def _reached(self, cells: Iterable[int]) -> list[int]:
        """Return the articles of which cells decide, and of the full cells that these are in."""
        seen = set(cells)
        followers = self._database.rows_among(
            "SELECT number FROM cells JOIN articles USING (number) WHERE lead IS NOT NULL AND cell IN ({})",
            sorted(seen),
        )
        # who has followed in a cell that is full no more is decided of too
        found: set[int] = set()
        waiting = {number for (number,) in followers} | self._members(full_cells(self._database, seen))
        while waiting:
            found |= waiting
            fresh = self.cells_of(sorted(waiting)) - seen
            seen |= fresh
            waiting = self._members(full_cells(self._database, fresh)) - found
        return sorted(found)

    def _members(self, cells: Iterable[int]) -> set[int]:
        rows = self._database.rows_among("SELECT number FROM cells WHERE cell IN ({})", sorted(cells))
        return {number for (number,) in rows}

    def _rows(self, numbers: Sequence[int]) -> list[_Row]:
        """Return articles in the order of their ids."""
        found = self._database.rows_among(
            "SELECT number, id, hours, lead, asked FROM articles WHERE number IN ({})", list(numbers)
        )
        rows = [_Row(number, key, _number(hours), lead, asked or "[]") for number, key, hours, lead, asked in found]
        return sorted(rows, key=lambda row: row.id)

    def _cells(self, rows: Sequence[_Row]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        place = {row.number: position for position, row in enumerate(rows)}
        # a cell that a damaged store has lost is like no other
        cells = -1 - np.arange(len(rows) * KEYS, dtype=np.int64).reshape(len(rows), KEYS)
        for number, column, cell in self._database.rows_among(
            "SELECT number, key, cell FROM cells WHERE number IN ({})", list(place)
        ):
            cells[place[number], column] = cell
        return cells

    def _judged_by_people(self, rows: Sequence[_Row]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        judged = {key for pair in self._database.rows("SELECT a, b FROM corrections") for key in pair}
        return np.array([row.id in judged for row in rows], np.bool_)

    def _written(
        self, rows: Sequence[_Row], found: Following, asked: Sequence[Sequence[tuple[Guides, Answer]]]
    ) -> Moved:
        settled: dict[int, int] = {}
        led: dict[int, int] = {}
        freed: list[int] = []
        changed: list[tuple[int | None, float | None, float | None, str, int]] = []
        for place, row in enumerate(rows):
            follows = int(found.lead[place]) != place
            lead = rows[int(found.lead[place])].number if follows else None
            told = json.dumps(asked[place])
            if (lead, told) == (row.lead, row.asked):
                continue
            log_odds, text_odds = (
                float(values[place]) if follows and not np.isnan(values[place]) else None
                for values in (found.log_odds, found.text_odds)
            )
            changed.append((lead, log_odds, text_odds, told, row.number))
            if lead == row.lead:
                continue
            if lead is None:
                freed.append(row.number)
            else:
                (settled if row.lead is None else led)[row.number] = lead
        self._database.run_many(
            "UPDATE articles SET lead = ?, lead_log_odds = ?, lead_text_odds = ?, asked = ? WHERE number = ?",
            list(changed),
        )
        return Moved(settled=settled, led=led, freed=freed)


class _Judge:
    """Says whom articles follow: what they were told before where they are asked the same again."""

    def __init__(self, stored: StoredArticles, rules: CrowdRules, rows: Sequence[_Row]) -> None:
        self._stored, self._rules, self._rows = stored, rules, rows
        self._before = [
            {tuple(guides): None if answer is None else tuple(answer) for guides, answer in json.loads(row.asked)}
            for row in rows
        ]
        self.asked: list[list[tuple[Guides, Answer]]] = [[] for _ in rows]
        """What each article was asked, time after time, and the answers."""

    def __call__(self, asked: Asked) -> Verdicts:
        numbers = np.array([row.number for row in self._rows], np.int64)
        count = len(asked.others)
        found = Verdicts(np.full(count, -1), np.zeros(count), np.zeros(count))
        guides_of = [tuple(guides) for guides in numbers[asked.guides].tolist()]
        unknown = []
        for place, (other, guides) in enumerate(zip(asked.others.tolist(), guides_of, strict=True)):
            before = self._before[other]
            if guides not in before:
                unknown.append(place)
            elif (answer := before[guides]) is not None:
                found.lead[place] = asked.guides[place, guides.index(answer[0])]
                found.log_odds[place], found.text_odds[place] = answer[1], _number(answer[2])
        for start in range(0, len(unknown), _OTHERS_AT_ONCE):
            some = np.array(unknown[start : start + _OTHERS_AT_ONCE], np.int64)
            said = self._judged(Asked(asked.others[some], asked.guides[some]))
            for column, values in zip(found, said, strict=True):
                column[some] = values
        columns = (values.tolist() for values in found)
        for other, guides, lead, *odds in zip(asked.others.tolist(), guides_of, *columns, strict=True):
            answer = None if lead < 0 else (int(numbers[lead]), odds[0], None if math.isnan(odds[1]) else odds[1])
            self.asked[other].append((guides, answer))
        return found

    def _judged(self, asked: Asked) -> Verdicts:
        # in the order of ids, as a run has them
        places = np.unique(np.concatenate([asked.others, asked.guides.ravel()]))
        numbers = [self._rows[place].number for place in places.tolist()]
        known = self._stored.known(numbers)
        prints = fingerprints_of([known[number] for number in numbers])
        here = Asked(np.searchsorted(places, asked.others), np.searchsorted(places, asked.guides))
        said = judge_by_fingerprints(prints, self._rules, here)
        return Verdicts(np.where(said.lead >= 0, places[np.maximum(said.lead, 0)], -1), said.log_odds, said.text_odds)


def full_cells(database: Database, cells: Iterable[int] | None = None) -> set[int]:
    """Return those of some cells, or of all, that have so many articles that some may follow others."""
    least = f"GROUP BY cell HAVING COUNT(*) >= {crowd_floor()}"
    if cells is None:
        rows = database.rows(f"SELECT cell FROM cells {least}")  # noqa: S608 - a number of ours
    else:
        rows = database.rows_among(f"SELECT cell FROM cells WHERE cell IN ({{}}) {least}", list(cells))  # noqa: S608
    return {cell for (cell,) in rows}


def cells_of_articles(articles: Sequence[Article], copies: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the cells of articles, of what ``copy_keys`` says of their texts."""
    hours = [one.published.timestamp() / _SECONDS_PER_HOUR if one.published else np.nan for one in articles]
    found: list[list[int]] = cells_of(copies, [one.language for one in articles], np.array(hours, np.float64)).tolist()
    return found


def keep_cells(database: Database, numbers: Sequence[int], cells: Sequence[Sequence[int]]) -> None:
    """Keep the cells of articles, ``KEYS`` of each."""
    database.run_many(
        "INSERT INTO cells (cell, number, key) VALUES (?, ?, ?)",
        [
            (cell, number, key)
            for number, of_article in zip(numbers, cells, strict=True)
            for key, cell in enumerate(of_article)
        ],
    )


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
