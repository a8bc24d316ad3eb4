"""What a change has touched, grouped anew: which stories there are now, and what became of those there were."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.crowds import Following, nobody
from dedup.members import make_members, membership, with_followers
from dedup.score.scorer import LIMIT, probability_of
from dedup.store.changes import write_changes
from dedup.store.database import Database
from dedup.store.graph import Graph
from dedup.store.pairs import pair_of
from dedup.store.records import article_from_record
from dedup.store.replay import regrouped
from dedup.store.rules import Rules
from dedup.store.singles import Groups, stories_of_groups
from dedup.store.stored import StoredArticles, fingerprints_of
from dedup.store.succession import succeed
from dedup.story import story_id

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.relate.relations import Relation
    from dedup.story import Member

__all__ = ["Regrouping"]

_Numbers = npt.NDArray[np.int64]


class _Row(NamedTuple):
    """An article as far as its story goes."""

    number: int
    id: str
    story: int | None
    hours: float
    lead: int | None
    """Number of the article that it follows."""
    lead_log_odds: float
    lead_text_odds: float


class _Pairs(NamedTuple):
    """Pairs of positions of articles, with their log-odds; those that people judged are infinite."""

    ends: _Numbers
    log_odds: npt.NDArray[np.float64]


@dataclass(slots=True)
class _Lost:
    """What stories have lost before they are grouped."""

    replaced: dict[str, int] = field(default_factory=dict)
    """Id of an article that comes again → the story that it was in."""
    stories: set[int] = field(default_factory=set)
    told: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    """Kind of change and story → ids."""
    near: set[int] = field(default_factory=set)
    """Articles that were near to one that is gone."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Articles that are one story now."""

    places: list[int]
    story: int
    is_new: bool


class Regrouping:
    """Groups what a revision touches.

    Args:
        database: Of the store.
        stored: Likewise.
        graph: Likewise.
        rules: Likewise.
        cause: What was called.
        now: Seconds since 1970.
    """

    def __init__(
        self, database: Database, stored: StoredArticles, graph: Graph, rules: Rules, *, cause: str, now: float
    ) -> None:
        self._database, self._stored, self._graph, self._rules = database, stored, graph, rules
        self._cause, self._now = cause, now
        self._touched: set[int] = set()
        self._lost = _Lost()
        self._beside: set[int] = set()
        """Articles whose stories are looked at for what follows them or has done so."""
        self._refollowing: set[int] = set()
        """Articles that follow another one than before, or none."""
        self._judged: set[str] = set()
        """Ids of articles of which people said something just now."""
        self._changes: list[tuple[Any, ...]] = []

    def lose(self, key: str, story: int, kind: str, near: Iterable[int]) -> None:
        """Take note that an article is gone, and which were near to it."""
        self._lost.near.update(near)
        self._lost.stories.add(story)
        if kind == "updated":
            self._lost.replaced[key] = story
        else:
            self._lost.told.setdefault((kind, story), []).append(key)

    def let_go(self, number: int, near: Iterable[int]) -> None:
        """Take note that an article which is in a story follows another now, and which were near to it."""
        story = self._database.value("SELECT story FROM articles WHERE number = ?", (number,))
        if story is not None:  # none has it that came just now
            self._lost.near.update(near)
            self._lost.stories.add(story)

    def follow(self, followers: Sequence[int], leads: Sequence[int]) -> None:
        """Take note that these articles follow others than before, or none, and whom they follow."""
        self._refollowing.update(followers)
        self._beside.update(followers, leads)

    def touch(self, numbers: Sequence[int]) -> None:
        """Take note that these articles are to be grouped."""
        self._touched.update(numbers)

    def judge(self, pair: tuple[str, str], stories: Sequence[int], same: bool | None) -> None:
        """Take note of what a person said of two articles, of which those in the store are in ``stories``."""
        self._judged.update(pair)
        if stories:
            probability = None if same is None else float(same)
            other = stories[1] if len(set(stories)) > 1 else None
            self._tell("corrected", stories[0], other, sorted(pair), pair, probability)

    def settle(self) -> None:
        """Write the stories that there are now, and the changes."""
        for (kind, story), ids in sorted(self._lost.told.items()):
            self._tell(kind, story, None, sorted(ids))
        self._graph.begin()
        changed = [*self._compared(self._touched), *self._left_behind()]
        groups = regrouped(self._graph, changed, Groups(self._database).of)
        stories, singles = stories_of_groups(self._database, self._graph, self._whole(groups), self._lost.near)
        rows = self._rows([number for story in stories for number in story])
        place = {row.number: position for position, row in enumerate(rows)}
        story_of = {number: position for position, story in enumerate(stories) for number in story}
        by_story: list[list[int]] = [[] for _ in stories]
        for row in rows:
            by_story[story_of[row.number if row.lead is None else row.lead]].append(place[row.number])
        parts = sorted(by_story)
        self._follow(rows, self._pairs(rows, parts), parts)
        self._database.run_many(
            "UPDATE articles SET alone = ?1 WHERE number = ?2 AND alone <> ?1",
            [(row.number in singles, row.number) for row in rows if row.lead is None],
        )
        write_changes(self._database, self._changes)

    def _left_behind(self) -> list[int]:
        """Return the articles that are still there of the stories that have lost some."""
        return [
            number
            for (number,) in self._database.rows_among(
                "SELECT number FROM articles WHERE lead IS NULL AND story IN ({})", sorted(self._lost.stories)
            )
        ]

    def _compared(self, numbers: Iterable[int]) -> list[int]:
        """Return those of some articles that follow none."""
        rows = self._database.rows_among(
            "SELECT number FROM articles WHERE lead IS NULL AND number IN ({})", sorted(numbers)
        )
        return [number for (number,) in rows]

    def _whole(self, groups: Sequence[Sequence[int]]) -> list[Sequence[int]]:
        """Return groups, and those that are as they were of other articles of the same stories."""
        inside = {number for group in groups for number in group}
        near = [*inside, *self._beside]
        others = Groups(self._database).of(sorted(set(self._together(sorted(near))) - inside))
        return [*groups, *sorted(set(others.values()))]

    def _together(self, numbers: Sequence[int]) -> list[int]:
        """Return the articles of the stories that articles are in, those that follow none."""
        stories = self._database.rows_among("SELECT DISTINCT story FROM articles WHERE number IN ({})", list(numbers))
        return [
            number
            for (number,) in self._database.rows_among(
                "SELECT number FROM articles WHERE lead IS NULL AND story IN ({})",
                [story for (story,) in stories if story is not None],
            )
        ]

    def _rows(self, numbers: Sequence[int]) -> list[_Row]:
        """Return articles that follow none, and those that follow them, in the order of their ids."""
        columns = "number, id, story, hours, lead, lead_log_odds, lead_text_odds"
        found = [
            row
            for name in ("number", "lead")
            for row in self._database.rows_among(
                f"SELECT {columns} FROM articles WHERE {name} IN ({{}})",  # noqa: S608 - fixed texts
                list(numbers),
            )
        ]
        rows = [
            _Row(number, key, story, math.inf if hours is None else hours, lead, _number(log_odds), _number(text_odds))
            for number, key, story, hours, lead, log_odds, text_odds in found
        ]
        return sorted(rows, key=lambda row: row.id)

    def _pairs(self, rows: Sequence[_Row], parts: Sequence[list[int]]) -> _Pairs:
        """Return the pairs that tell something: within groups, within the stories before, and where they would join.

        Of one that follows another, the pair with that.
        """
        numbers = [row.number for row in rows]
        is_compared = [row.lead is None for row in rows]
        place = {number: position for position, number in enumerate(numbers)}
        before: dict[int, list[int]] = {}
        for position, row in enumerate(rows):
            if row.story is not None:
                before.setdefault(row.story, []).append(position)
        together = ([place for place in part if is_compared[place]] for part in (*parts, *before.values()))
        ends = {pair for part in together for pair in itertools.combinations(part, 2)}
        compared = [row.number for row in rows if row.lead is None]
        for here, others in zip(compared, self._graph.joining(compared), strict=True):
            ends.update(pair_of(place[here], place[other]) for other in others if other in place)
        placed = sorted(ends)
        pairs = [pair_of(numbers[one], numbers[other]) for one, other in placed]
        told = [place for place, worth in enumerate(self._graph.worth(pairs)) if worth]
        ordered, log_odds = [placed[one] for one in told], self._graph.log_odds([pairs[one] for one in told])
        for position, row in enumerate(rows):
            if row.lead is not None:
                ordered.append(pair_of(position, place[row.lead]))
                log_odds.append(row.lead_log_odds)
        return _Pairs(np.array(ordered, np.int64).reshape(len(ordered), 2), np.array(log_odds, np.float64))

    def _follow(self, rows: Sequence[_Row], pairs: _Pairs, parts: Sequence[list[int]]) -> None:
        """Find out which story each group is, write what is new of it, and tell what happened."""
        before = {row.id: row.story for row in rows if row.story is not None} | self._lost.replaced
        after = succeed([[rows[place].id for place in part] for part in parts], before)
        groups = [
            _Group(part, story if story is not None else self._new_story(rows, part), story is None)
            for part, story in zip(parts, after.kept, strict=True)
        ]
        changed = [group for group in groups if self._is_changed(group, rows)]
        self._write_members(changed, rows, pairs)
        for story, heir in after.merged.items():
            self._database.run("UPDATE stories SET successor = ? WHERE number = ?", (groups[heir].story, story))
        nearest = _Nearest(pairs, [place for group in changed for place in group.places], len(rows))
        for group in changed:
            self._tell_group(group, rows, before, after.merged, groups, nearest)

    def _new_story(self, rows: Sequence[_Row], part: Sequence[int]) -> int:
        """Return the number of a new story, whose id is that which a batch run would give it, if no other had it."""
        first = min((rows[place].hours, rows[place].id) for place in part)[1]
        key, tries = story_id(first), 0
        while self._database.value("SELECT 1 FROM stories WHERE id = ?", (key,)):
            tries += 1
            key = story_id(f"{first}\n{tries}")
        return int(self._database.run("INSERT INTO stories (id) VALUES (?)", (key,)).lastrowid or 0)

    def _is_changed(self, group: _Group, rows: Sequence[_Row]) -> bool:
        """Tell whether a story is not what it was: article came or went, or a person said something of one."""
        if group.is_new or group.story in self._lost.stories:
            return True
        members = [rows[place] for place in group.places]
        if any(
            row.story != group.story or row.id in self._judged or row.number in self._refollowing for row in members
        ):
            return True
        size = self._database.value("SELECT COUNT(*) FROM articles WHERE story = ?", (group.story,))
        return bool(size != len(members))

    def _write_members(self, groups: Sequence[_Group], rows: Sequence[_Row], pairs: _Pairs) -> None:
        places = sorted(place for group in groups for place in group.places)
        if not places:
            return
        story = {place: group.story for group in groups for place in group.places}
        members = self._members([rows[place] for place in places], [story[place] for place in places], places, pairs)
        self._database.run_many(
            "UPDATE articles SET story = ?, probability = ?, relation = ?, of = ?, relation_probability = ? "
            "WHERE number = ?",
            [
                (story[place], one.probability, one.relation, one.of, one.relation_probability, rows[place].number)
                for place, one in zip(places, members, strict=True)
            ],
        )

    def _members(
        self, rows: Sequence[_Row], stories: Sequence[int], places: Sequence[int], pairs: _Pairs
    ) -> list[Member]:
        """Return articles as members of their stories, as a batch run makes them."""
        from dedup.relate.relations import relations_of_followers

        following = _following(rows)
        # those that follow others are alone until they are taken along
        groups = np.where(following.follows, -1 - np.arange(len(rows)), np.array(stories, np.int64))
        here = np.full(max(places) + 1, -1)
        here[list(places)] = np.arange(len(places))
        ends = pairs.ends[(pairs.ends <= places[-1]).all(axis=1)]
        log_odds = pairs.log_odds[(pairs.ends <= places[-1]).all(axis=1)]
        among = (here[ends] >= 0).all(axis=1) & (log_odds > self._rules.absent)
        bounded = np.clip(log_odds[among], -LIMIT, LIMIT)
        probability = membership(groups, here[ends[among]], bounded, self._rules.absent)
        numbers = [row.number for row in rows]
        records = dict(self._database.rows_among("SELECT number, record FROM articles WHERE number IN ({})", numbers))
        articles = [article_from_record(records[number]) for number in numbers]
        relations = relations_of_followers(self._relations(articles, numbers, groups, following.others), following)
        return list(make_members(articles, with_followers(probability, following), relations))

    def _relations(
        self, articles: Sequence[Article], numbers: Sequence[int], groups: _Numbers, compared: _Numbers
    ) -> list[Relation | None]:
        """Return the relations of those articles that are compared: of the others, and without a calibration, None."""
        from dedup.relate.relations import relate_articles

        found: list[Relation | None] = [None] * len(articles)
        weights = self._rules.calibration.relations
        if weights is None:
            return found
        of_those = [numbers[place] for place in compared.tolist()]
        known = self._stored.known(of_those)
        relations = relate_articles(
            [articles[place] for place in compared.tolist()],
            groups[compared],
            fingerprints_of([known[number] for number in of_those]),
            weights,
            max_sentences=self._rules.settings.max_sentences,
        )
        for place, one in zip(compared.tolist(), relations, strict=True):
            found[place] = one if one.of is None else replace(one, of=int(compared[one.of]))
        return found

    def _tell_group(
        self,
        group: _Group,
        rows: Sequence[_Row],
        before: Mapping[str, int],
        merged: Mapping[int, int],
        groups: Sequence[_Group],
        nearest: _Nearest,
    ) -> None:
        """Tell what happened to one story: who is new, who came from where."""
        origin: dict[int | None, list[int]] = {}
        for place in group.places:
            origin.setdefault(before.get(rows[place].id), []).append(place)
        fresh = origin.pop(None, [])
        if group.is_new and not origin:
            self._tell_pair("created", group.story, None, fresh, rows, nearest.within(fresh))
            return
        for story, places in sorted(origin.items()):
            if story is None or story == group.story:
                continue
            moved = set(places)
            others = [place for place in group.places if place not in moved]
            if story in merged and groups[merged[story]] is group:
                found = nearest.between(places, others)
                self._tell_pair("merged", group.story, story, places, rows, found)
            else:
                left = [place for one in groups if one.story == story for place in one.places]
                self._tell_pair("split", story, group.story, places, rows, nearest.between(places, left))
        among = set(group.places)
        for place in fresh:
            self._tell_pair("joined", group.story, None, [place], rows, nearest.between([place], among))
        again = [place for place in group.places if rows[place].id in self._lost.replaced]
        if again:
            self._tell_pair("updated", group.story, None, again, rows, None)

    def _tell_pair(
        self,
        kind: str,
        story: int,
        other: int | None,
        places: Sequence[int],
        rows: Sequence[_Row],
        nearest: tuple[int, int, float] | None,
    ) -> None:
        pair = (rows[nearest[0]].id, rows[nearest[1]].id) if nearest else None
        probability = float(probability_of(np.array([nearest[2]]))[0]) if nearest else None
        self._tell(kind, story, other, [rows[place].id for place in places], pair, probability)

    def _tell(
        self,
        kind: str,
        story: int,
        other: int | None,
        ids: Sequence[str],
        pair: tuple[str, str] | None = None,
        probability: float | None = None,
    ) -> None:
        self._changes.append((self._now, kind, self._cause, story, other, ids, pair, probability))


def _following(rows: Sequence[_Row]) -> Following:
    place = {row.number: position for position, row in enumerate(rows)}
    found = nobody(len(rows))
    for position, row in enumerate(rows):
        if row.lead is not None:
            found.lead[position] = place[row.lead]
            found.log_odds[position], found.text_odds[position] = row.lead_log_odds, row.lead_text_odds
    return found


def _number(value: float | None) -> float:
    return math.nan if value is None else value


class _Nearest:
    """The surest pairs between articles of the stories that have changed."""

    def __init__(self, pairs: _Pairs, places: Sequence[int], n: int) -> None:
        there = np.zeros(n, np.bool_)
        there[list(places)] = True
        among = there[pairs.ends].all(axis=1)
        self._of: dict[int, list[tuple[int, float]]] = {}
        for (one, other), value in zip(pairs.ends[among].tolist(), pairs.log_odds[among].tolist(), strict=True):
            self._of.setdefault(one, []).append((other, value))
            self._of.setdefault(other, []).append((one, value))

    def within(self, places: Sequence[int]) -> tuple[int, int, float] | None:
        """Return the surest pair of these articles, with its log-odds."""
        return self.between(places, places)

    def between(self, some: Sequence[int], others: Collection[int]) -> tuple[int, int, float] | None:
        """Return the surest pair with one article of each, with its log-odds; of equals the first by ids."""
        among = others if isinstance(others, set) else set(others)
        found = [
            (-value, *pair_of(one, other)) for one in some for other, value in self._of.get(one, ()) if other in among
        ]
        if not found:
            return None
        value, one, other = min(found)
        return one, other, -value
