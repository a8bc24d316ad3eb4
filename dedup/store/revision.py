"""One change of a store: articles come and go, and the components that they touch are grouped anew.

Two groups join only where a pair between them is above the threshold. So a story lies within one component of the graph
of such pairs, and a component can be grouped without a look at any other. All pairs within a component are kept in the
store; where two components become one, the pairs between them are scored then, which gives what scoring them at once
would have given: a score depends on the two articles alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence, Set
from math import floor
from typing import Any

import numpy as np

from dedup.article import Article
from dedup.index import candidate_pairs
from dedup.store.database import Database
from dedup.store.neighbours import Indexed, Neighbours
from dedup.store.records import article_to_record
from dedup.store.regroup import Regrouping
from dedup.store.rules import Rules
from dedup.store.segments import ArticleVectors, Segments
from dedup.store.stored import StoredArticles

__all__ = ["Newcomer", "Revision"]

_SECONDS_PER_HOUR = 3600.0


class Newcomer:
    """An article that is to be stored, with what it is compared by."""

    __slots__ = ("article", "evidence", "vectors")

    def __init__(self, article: Article, vectors: ArticleVectors, evidence: bytes) -> None:
        self.article, self.vectors, self.evidence = article, vectors, evidence

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
        rules: Rules,
        *,
        cause: str,
        now: float,
    ) -> None:
        self._database, self._segments = database, segments
        self._neighbours, self._stored, self._rules = neighbours, stored, rules
        self._now = now
        self._regrouping = Regrouping(database, stored, rules, cause=cause, now=now)

    def remove(self, numbers: Sequence[int], kind: str) -> None:
        """Take articles out, and tell it as changes of ``kind``; those to be replaced are told by ``updated``."""
        rows = self._database.rows_among(
            "SELECT number, id, component, story FROM articles WHERE number IN ({})", list(numbers)
        )
        for number, key, component, story in rows:
            self._regrouping.lose(key, component, story, kind)
            self._database.run("DELETE FROM pairs WHERE a = ? OR b = ?", (number, number))
            self._database.run("DELETE FROM articles WHERE number = ?", (number,))
        if rows:
            self._database.set_fact("removals", str(int(self._database.fact("removals") or 0) + 1))

    def take_in(self, newcomers: Sequence[Newcomer]) -> None:
        """Store articles, and join the components that they connect. Their ids are new to the store."""
        numbers = self._insert(newcomers)
        self._neighbours.refresh()
        pairs = self._neighbours.pairs(_indexed(newcomers, numbers), self._rules.bounds)
        ordered = sorted({(min(pair), max(pair)) for pair in pairs})
        scored = self._scored(ordered)
        self._regrouping.touch(numbers)
        same = self._said_same([one.article.id for one in newcomers])
        self.connect(scored, same, fresh=set(numbers))

    def _insert(self, newcomers: Sequence[Newcomer]) -> list[int]:
        ends = dict(self._database.rows("SELECT number, bytes FROM segments"))
        places = self._segments.append((one.vectors for one in newcomers), ends)
        for place in places:
            ends[place.segment] = place.place + self._segments.size(place.sentences)
        for segment, end in ends.items():
            self._database.run("INSERT OR REPLACE INTO segments VALUES (?, ?)", (segment, end))
        numbers = []
        for one, place in zip(newcomers, places, strict=True):
            article, hours = one.article, one.hours
            cursor = self._database.run(
                "INSERT INTO articles (id, record, language, edition, hours, bucket, added, evidence, segment, place, "
                "sentences, checksum, component) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
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
        self._database.run_many("UPDATE articles SET component = ? WHERE number = ?", [(n, n) for n in numbers])
        return numbers

    def _scored(self, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int, float]]:
        """Return those of the pairs, by the numbers of articles, that say more than a pair that is no candidate."""
        numbers = sorted({number for pair in pairs for number in pair})
        place = {number: position for position, number in enumerate(numbers)}
        known = self._stored.known(numbers)
        log_odds = self._rules.log_odds(
            [known[number] for number in numbers], [(place[one], place[other]) for one, other in pairs]
        )
        telling = np.flatnonzero(log_odds > self._rules.absent).tolist()
        return [(*pairs[row], float(log_odds[row])) for row in telling]

    def _said_same(self, ids: Sequence[str]) -> list[tuple[int, int]]:
        """Return the pairs of articles in the store that a person took for one story, of which ``ids`` are one."""
        found = self._database.rows_among(
            "SELECT one.number, other.number FROM corrections JOIN articles AS one ON one.id = a "
            "JOIN articles AS other ON other.id = b WHERE same AND a IN ({})",
            list(ids),
        ) + self._database.rows_among(
            "SELECT one.number, other.number FROM corrections JOIN articles AS one ON one.id = a "
            "JOIN articles AS other ON other.id = b WHERE same AND b IN ({})",
            list(ids),
        )
        return [(int(one), int(other)) for one, other in found]

    def connect(
        self,
        scored: Sequence[tuple[int, int, float]],
        same: Iterable[tuple[int, int]] = (),
        *,
        fresh: Set[int] = frozenset(),
    ) -> None:
        """Join components by pairs above the threshold and by what people said, and keep the pairs within them.

        Args:
            scored: Pairs of articles with their log-odds: all those of each fresh article.
            same: Pairs that a person took for one story.
            fresh: Articles that came with ``scored``.
        """
        edges = [(one, other) for one, other, log_odds in scored if log_odds > self._rules.threshold]
        edges += same
        named = itertools.chain(*edges, *((one, other) for one, other, _ in scored))
        numbers = sorted({*fresh, *named})
        component = dict(
            self._database.rows_among("SELECT number, component FROM articles WHERE number IN ({})", numbers)
        )
        root = _Roots()
        for one, other in edges:
            root.join(component[one], component[other])
        between = self._joined(root, fresh)
        component = {number: root.of(before) for number, before in component.items()}
        self._database.run_many(
            "INSERT OR REPLACE INTO pairs VALUES (?, ?, ?)",
            [*(one for one in scored if component[one[0]] == component[one[1]]), *between],
        )
        self._regrouping.touch([number for number in component if number in fresh])
        self._regrouping.touch_components(root.of(component[one]) for one, _ in edges)

    def _joined(self, root: _Roots, fresh: Set[int]) -> list[tuple[int, int, float]]:
        """Give components that become one their common number, and score the pairs between them."""
        between: list[tuple[int, int, float]] = []
        for target, parts in root.parts().items():
            members = self._database.rows_among("SELECT number, component FROM articles WHERE component IN ({})", parts)
            # the pairs of fresh articles are scored already
            old = {number: part for number, part in members if number not in fresh}
            if len(set(old.values())) > 1:
                between += self._scored(self._candidates(old))
            self._database.run_many(
                "UPDATE articles SET component = ? WHERE component = ?", [(target, part) for part in parts]
            )
            self._regrouping.merge_components(target, parts)
        return between

    def _candidates(self, component: dict[int, int]) -> list[tuple[int, int]]:
        """Return the candidate pairs between components."""
        numbers = sorted(component)
        known = self._stored.known(numbers)
        languages = sorted({one.language for one in known.values()})
        found = candidate_pairs(
            np.stack([known[number].vectors.document for number in numbers]),
            np.array([known[number].hours for number in numbers], np.float64),
            np.array([languages.index(known[number].language) for number in numbers], np.int64),
            self._rules.bounds,
        )
        part = np.array([component[number] for number in numbers], np.int64)
        apart = found[part[found[:, 0]] != part[found[:, 1]]]
        return [(numbers[one], numbers[other]) for one, other in apart.tolist()]

    def correct(self, a: str, b: str, same: bool | None) -> None:
        """Keep what a person said of two articles, and group them by it; None takes back what was said."""
        if same is None:
            self._database.run("DELETE FROM corrections WHERE a = ? AND b = ?", (a, b))
        else:
            self._database.run("INSERT OR REPLACE INTO corrections VALUES (?, ?, ?, ?)", (a, b, int(same), self._now))
        rows = self._database.rows("SELECT number, story FROM articles WHERE id IN (?, ?) ORDER BY id", (a, b))
        self._regrouping.judge((a, b), [story for _, story in rows], same)
        self._regrouping.touch([number for number, _ in rows])
        if len(rows) == 2:
            pair = rows[0][0], rows[1][0]
            if same:
                self.connect([], [pair])
            elif same is None:
                # what was said may have kept their components apart, and with them the scores between those
                self.connect(self._scored(self._candidates(dict(zip(pair, pair, strict=True)))))

    def touch_all(self) -> None:
        """Have all articles grouped anew."""
        self._regrouping.touch_components(
            component for (component,) in self._database.rows("SELECT DISTINCT component FROM articles")
        )

    def settle(self) -> None:
        """Group what was touched, and write stories and changes."""
        self._regrouping.settle()


class _Roots:
    """Components that become one: a forest, the smallest of a tree its root."""

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}

    def of(self, one: int) -> int:
        parent = self._parent.get(one, one)
        while parent != one:
            one, parent = parent, self._parent.get(parent, parent)
        return one

    def join(self, one: int, other: int) -> None:
        one, other = sorted((self.of(one), self.of(other)))
        if one != other:
            self._parent[other] = one

    def parts(self) -> dict[int, list[int]]:
        """Return the components that become one, by their common number."""
        parts: dict[int, list[int]] = {}
        for one in sorted(self._parent):
            parts.setdefault(self.of(one), []).append(one)
        return {target: [target, *others] for target, others in parts.items()}


def _indexed(newcomers: Sequence[Newcomer], numbers: Sequence[int]) -> Indexed:
    hours = [one.hours for one in newcomers]
    return Indexed(
        numbers=np.array(numbers, np.int64),
        documents=np.stack([one.vectors.document for one in newcomers]),
        hours=np.array([np.nan if one is None else one for one in hours], np.float64),
        languages=[one.article.language for one in newcomers],
    )


def _storable(text: str | None) -> Any:
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8")
