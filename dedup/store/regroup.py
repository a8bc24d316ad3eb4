"""What a change has touched, grouped anew: which stories there are now, and what became of those there were."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.score.scorer import probability_of
from dedup.store.changes import write_changes
from dedup.store.database import Database
from dedup.store.graph import Graph
from dedup.store.members import Members
from dedup.store.pairs import pair_of
from dedup.store.replay import regrouped
from dedup.store.rows import Nearest, Row, RowPairs, read_rows
from dedup.store.rules import Rules
from dedup.store.singles import Groups, stories_of_groups
from dedup.store.stored import StoredArticles
from dedup.store.succession import succeed
from dedup.story import story_id

__all__ = ["Regrouping"]

_Numbers = npt.NDArray[np.int64]


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
        rows = read_rows(self._database, [number for story in stories for number in story])
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

    def _pairs(self, rows: Sequence[Row], parts: Sequence[list[int]]) -> RowPairs:
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
        return RowPairs(np.array(ordered, np.int64).reshape(len(ordered), 2), np.array(log_odds, np.float64))

    def _follow(self, rows: Sequence[Row], pairs: RowPairs, parts: Sequence[list[int]]) -> None:
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
        nearest = Nearest(pairs, [place for group in changed for place in group.places], len(rows))
        for group in changed:
            self._tell_group(group, rows, before, after.merged, groups, nearest)

    def _new_story(self, rows: Sequence[Row], part: Sequence[int]) -> int:
        """Return the number of a new story, whose id is that which a batch run would give it, if no other had it."""
        first = min((rows[place].hours, rows[place].id) for place in part)[1]
        key, tries = story_id(first), 0
        while self._database.value("SELECT 1 FROM stories WHERE id = ?", (key,)):
            tries += 1
            key = story_id(f"{first}\n{tries}")
        return int(self._database.run("INSERT INTO stories (id) VALUES (?)", (key,)).lastrowid or 0)

    def _is_changed(self, group: _Group, rows: Sequence[Row]) -> bool:
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

    def _write_members(self, groups: Sequence[_Group], rows: Sequence[Row], pairs: RowPairs) -> None:
        places = sorted(place for group in groups for place in group.places)
        if not places:
            return
        story = {place: group.story for group in groups for place in group.places}
        of_those = Members(self._database, self._stored, self._rules)
        members = of_those.of([rows[place] for place in places], [story[place] for place in places], places, pairs)
        self._database.run_many(
            "UPDATE articles SET story = ?, probability = ?, relation = ?, of = ?, relation_probability = ? "
            "WHERE number = ?",
            [
                (story[place], one.probability, one.relation, one.of, one.relation_probability, rows[place].number)
                for place, one in zip(places, members, strict=True)
            ],
        )

    def _tell_group(
        self,
        group: _Group,
        rows: Sequence[Row],
        before: Mapping[str, int],
        merged: Mapping[int, int],
        groups: Sequence[_Group],
        nearest: Nearest,
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
        rows: Sequence[Row],
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
