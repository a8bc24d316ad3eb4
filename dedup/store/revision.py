"""One change of a store: articles come and go, and what they touch is grouped anew."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor
from typing import Any

import numpy as np

from dedup.article import Article
from dedup.evidence.packed import hashed_evidence
from dedup.store.compaction import keep_places
from dedup.store.crowds import Crowds, cells_of_articles, full_cells, keep_cells
from dedup.store.database import Database
from dedup.store.graph import Graph
from dedup.store.neighbours import Indexed, Neighbours
from dedup.store.pairs import Pair
from dedup.store.records import article_to_record
from dedup.store.regroup import Regrouping
from dedup.store.rules import Rules
from dedup.store.segments import ArticleVectors, Segments
from dedup.store.stored import StoredArticles

__all__ = ["Newcomer", "Revision"]

_SECONDS_PER_HOUR = 3600.0
_PAIRS_AT_ONCE = 262_144


class Newcomer:
    """An article that is to be stored, with what it is compared by."""

    __slots__ = ("article", "copies", "evidence", "vectors")

    def __init__(self, article: Article, vectors: ArticleVectors, evidence: bytes, copies: tuple[int, ...]) -> None:
        self.article, self.vectors, self.evidence, self.copies = article, vectors, evidence, copies

    @property
    def hours(self) -> float | None:
        """Publication in hours since 1970 UTC."""
        return self.article.published.timestamp() / _SECONDS_PER_HOUR if self.article.published else None


class Revision:
    """A change, from its first article to the stories that come of it; within a transaction for writing.

    Args:
        database: Of the store.
        segments: Likewise.
        neighbours: Likewise, up to date.
        stored: Likewise.
        graph: Likewise.
        rules: Likewise.
        cause: What was called; see ``dedup.store.changes.CAUSES``.
        now: Seconds since 1970.
    """

    def __init__(
        self,
        database: Database,
        segments: Segments,
        neighbours: Neighbours,
        stored: StoredArticles,
        graph: Graph,
        rules: Rules,
        *,
        cause: str,
        now: float,
    ) -> None:
        self._database, self._segments = database, segments
        self._neighbours, self._stored, self._graph, self._rules = neighbours, stored, graph, rules
        self._now = now
        self._regrouping = Regrouping(database, stored, graph, rules, cause=cause, now=now)
        self._crowds = Crowds(database, stored, rules)
        self._cells: set[int] = set()
        """Cells in which something has changed of which it is not decided yet who follows whom in them."""

    def remove(self, numbers: Sequence[int], kind: str) -> None:
        """Take articles out, and tell it as changes of ``kind``; those to be replaced are told by ``updated``."""
        rows = self._database.rows_among(
            "SELECT number, id, story, segment, sentences FROM articles WHERE number IN ({})", list(numbers)
        )
        for number, key, story, segment, sentences in rows:
            self._database.run(
                "UPDATE segments SET live = live - ? WHERE number = ?", (self._segments.size(sentences), segment)
            )
            self._regrouping.lose(key, story, kind, self._part(number))
            self._cells |= self._crowds.cells_of([number])
            self._database.run("DELETE FROM cells WHERE number = ?", (number,))
            self._database.run("DELETE FROM articles WHERE number = ?", (number,))
        if rows:
            self._look_anew()

    def _part(self, number: int) -> list[int]:
        """Delete the pairs of an article, and return with which articles they were."""
        near = self._database.rows("SELECT b FROM pairs WHERE a = ?1 UNION SELECT a FROM pairs WHERE b = ?1", (number,))
        self._database.run("DELETE FROM pairs WHERE a = ?", (number,))
        self._database.run("DELETE FROM pairs WHERE b = ?", (number,))
        return [other for (other,) in near]

    def _look_anew(self) -> None:
        """Have every process look anew at which articles there are to be found."""
        self._database.set_fact("removals", str(int(self._database.fact("removals") or 0) + 1))

    def take_in(self, newcomers: Sequence[Newcomer]) -> None:
        """Store articles, and the pairs of them that are near. Their ids are new to the store."""
        numbers = self._insert(newcomers)
        following, freed = self._follow(set(numbers))
        fresh = [place for place, number in enumerate(numbers) if number not in following]
        asked = _indexed([newcomers[place] for place in fresh], [numbers[place] for place in fresh])
        self._find_pairs([asked, *self._stored_again(freed)])
        self._regrouping.touch(asked.numbers.tolist())

    def _follow(self, fresh: set[int]) -> tuple[set[int], list[int]]:
        """Decide who follows whom where that has changed.

        Returns:
            Those of the articles ``fresh`` that follow another, and those that were stored before and follow none any
            more.
        """
        moved = self._crowds.settle(self._cells)
        self._cells.clear()
        lost = sorted(moved.settled.keys() - fresh)
        for number in lost:
            self._regrouping.let_go(number, self._part(number))
        if lost or moved.freed:
            self._look_anew()
        self._regrouping.follow(
            [*moved.settled, *moved.led, *moved.freed], [*moved.settled.values(), *moved.led.values()]
        )
        self._regrouping.touch(moved.freed)
        return moved.settled.keys() & fresh, moved.freed

    def _stored_again(self, numbers: Sequence[int]) -> list[Indexed]:
        """Return articles that are stored, to be compared as all are."""
        if not numbers:
            return []
        known = self._stored.known(numbers)
        articles = [known[number] for number in numbers]
        return [
            Indexed(
                numbers=np.array(numbers, np.int64),
                documents=np.stack([one.vectors.document for one in articles]),
                hours=np.array([one.hours for one in articles], np.float64),
                languages=[one.language for one in articles],
                evidence=hashed_evidence([one.evidence for one in articles]),
            )
        ]

    def _find_pairs(self, asked: Sequence[Indexed]) -> None:
        """Find and keep the pairs of articles that are near."""
        self._neighbours.refresh()
        found = [
            pair for some in asked if len(some.numbers) for pair in self._neighbours.pairs(some, self._rules.bounds)
        ]
        pairs = sorted({(min(pair), max(pair)) for pair in found})
        for start in range(0, len(pairs), _PAIRS_AT_ONCE):
            self._keep_near(pairs[start : start + _PAIRS_AT_ONCE])

    def _keep_near(self, pairs: Sequence[Pair]) -> None:
        numbers = sorted({number for pair in pairs for number in pair})
        place = {number: position for position, number in enumerate(numbers)}
        known = self._stored.known(numbers)
        log_odds = self._rules.log_odds(
            [known[number] for number in numbers], [(place[one], place[other]) for one, other in pairs]
        ).tolist()
        self._graph.take_note(pairs, log_odds)
        self._database.run_many(
            "INSERT INTO pairs VALUES (?, ?, ?)",
            [(*pair, value) for pair, value in zip(pairs, log_odds, strict=True) if value > self._rules.near_log_odds],
        )

    def _insert(self, newcomers: Sequence[Newcomer]) -> list[int]:
        ends = dict(self._database.rows("SELECT number, bytes FROM segments"))
        places = self._segments.append((one.vectors for one in newcomers), ends)
        keep_places(self._database, self._segments, places)
        numbers = []
        for one, place in zip(newcomers, places, strict=True):
            article, hours = one.article, one.hours
            cursor = self._database.run(
                "INSERT INTO articles (id, record, language, edition, hours, bucket, added, evidence, segment, place, "
                "sentences, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    article.id,
                    article_to_record(article),
                    article.language,
                    _storable(article.edition),
                    hours,
                    None if hours is None else floor(hours / self._rules.bucket_hours),
                    self._now,
                    one.evidence,
                    place.segment,
                    place.place,
                    place.sentences,
                    place.checksum,
                ),
            )
            numbers.append(int(cursor.lastrowid or 0))
        cells = cells_of_articles([one.article for one in newcomers], [one.copies for one in newcomers])
        keep_cells(self._database, numbers, cells)
        for some in cells:
            self._cells.update(some)
        return numbers

    def correct(self, a: str, b: str, same: bool | None) -> None:
        """Keep what a person said of two articles, and group them by it; None takes back what was said."""
        if same is None:
            self._database.run("DELETE FROM corrections WHERE a = ? AND b = ?", (a, b))
        else:
            self._database.run("INSERT OR REPLACE INTO corrections VALUES (?, ?, ?, ?)", (a, b, int(same), self._now))
        rows = self._database.rows("SELECT number, story FROM articles WHERE id IN (?, ?) ORDER BY id", (a, b))
        self._regrouping.judge((a, b), [story for _, story in rows], same)
        self._regrouping.touch([number for number, _ in rows])
        # of whom something was said follows nobody
        self._cells |= self._crowds.cells_of([number for number, _ in rows])

    def touch_all(self) -> None:
        """Have all articles grouped anew."""
        self._regrouping.touch([number for (number,) in self._database.rows("SELECT number FROM articles")])
        self._database.run("UPDATE articles SET asked = NULL")
        self.touch_crowds()

    def touch_crowds(self) -> None:
        """Have it decided anew of all articles who follows whom."""
        rows = self._database.rows("SELECT cell FROM cells JOIN articles USING (number) WHERE lead IS NOT NULL")
        self._cells |= full_cells(self._database) | {cell for (cell,) in rows}

    def settle(self) -> None:
        """Group what was touched, and write stories and changes."""
        if self._cells:
            _, freed = self._follow(set())
            self._find_pairs(self._stored_again(freed))
        self._regrouping.settle()


def _indexed(newcomers: Sequence[Newcomer], numbers: Sequence[int]) -> Indexed:
    hours = [one.hours for one in newcomers]
    return Indexed(
        numbers=np.array(numbers, np.int64),
        documents=np.stack([one.vectors.document for one in newcomers]) if newcomers else np.empty((0, 0), np.float32),
        hours=np.array([np.nan if one is None else one for one in hours], np.float64),
        languages=[one.article.language for one in newcomers],
        evidence=hashed_evidence([one.evidence for one in newcomers]),
    )


def _storable(text: str | None) -> Any:
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8")
