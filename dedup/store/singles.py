"""Single articles of a store, and the stories that they join: what ``dedup.singletons`` does, where something changed.

Articles that follow others of a crowd take no part. One that average linkage leaves alone is marked so. The story that
it joins is told by the groups near it and by nothing else, so it is looked at again when one of these has changed; what
it joins changes nothing for another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dedup.singletons import LEAST_MEMBERS
from dedup.store.database import Database
from dedup.store.graph import Graph
from dedup.store.pairs import pair_of

__all__ = ["Group", "Groups", "joined_groups", "stories_of_groups"]

Group = tuple[int, ...]
"""Numbers of the articles that average linkage puts together, ascending."""


class Groups:
    """The groups of articles: those found just now, and those stored of articles that were not looked at.

    Args:
        database: Of the store.
        found: Groups found just now.
    """

    def __init__(self, database: Database, found: Iterable[Sequence[int]] = ()) -> None:
        self._database = database
        self._of: dict[int, Group] = {}
        for group in found:
            self._keep(tuple(sorted(group)))

    def _keep(self, group: Group) -> None:
        self._of.update(dict.fromkeys(group, group))

    def of(self, numbers: Iterable[int]) -> dict[int, Group]:
        """Return the groups of articles."""
        wanted = list(dict.fromkeys(numbers))
        self._read([number for number in wanted if number not in self._of])
        return {number: self._of[number] for number in wanted}

    def _read(self, numbers: list[int]) -> None:
        stories: set[int] = set()
        for number, story, alone in self._database.rows_among(
            "SELECT number, story, alone FROM articles WHERE number IN ({})", numbers
        ):
            if alone:
                self._keep((number,))
            else:
                stories.add(story)
        members: dict[int, list[int]] = {}
        for number, story in self._database.rows_among(
            "SELECT number, story FROM articles WHERE NOT alone AND lead IS NULL AND story IN ({})", sorted(stories)
        ):
            members.setdefault(story, []).append(number)
        for group in members.values():
            self._keep(tuple(sorted(group)))


def joined_groups(graph: Graph, singles: Sequence[int], groups: Groups) -> dict[int, Group]:
    """Return the groups that single articles join; those that join none are left out."""
    near = dict(zip(singles, graph.near(singles), strict=True))
    of = groups.of(other for others in near.values() for other in others)
    asked = [(single, group) for single, others in near.items() for group in sorted({of[other] for other in others})]
    worth = iter(graph.worth([pair_of(single, member) for single, group in asked for member in group]))
    found: dict[int, list[Group]] = {}
    close: set[tuple[int, Group]] = set()
    for single, group in asked:
        told = [next(worth) for _ in group]
        if sum(told) / len(group) > graph.least_near:
            found.setdefault(single, []).append(group)
        if max(told) > graph.least_close:
            close.add((single, group))
    return {
        single: some[0]
        for single, some in found.items()
        if len(some) == 1 and len(some[0]) >= LEAST_MEMBERS and (single, some[0]) in close
    }


def stories_of_groups(
    database: Database, graph: Graph, groups: Sequence[Sequence[int]], beside: Iterable[int]
) -> tuple[list[list[int]], set[int]]:
    """Return the stories that groups make with the single articles near them, and the articles that are single.

    Stories beyond the groups are among them where a single article goes to them or comes from them.

    Args:
        database: Of the store.
        graph: Of the store.
        groups: All groups that may not be what is stored; the articles of whole stories before, and what is new.
        beside: Articles that were near to one that is gone.
    """
    known = Groups(database, groups)
    inside = {number for group in groups for number in group}
    singles = sorted(group[0] for group in groups if len(group) == 1)
    outside = _singles_near(database, graph, inside, beside)
    joined = joined_groups(graph, [*singles, *outside], known)
    moved = [single for single in outside if joined.get(single) != _joined_before(database, single, known)]
    reached = {number for single in (*singles, *moved) for number in joined.get(single, ())}
    others = _whole_stories(database, {*moved, *reached} - inside)
    # of the single articles outside only those that have moved are elsewhere than before
    staying = {number: _joined_before(database, number, known) for number, alone in others.items() if alone}
    target: Mapping[int, Group | None] = {**staying, **{single: joined.get(single) for single in (*singles, *moved)}}
    stories = {group: list(group) for group in known.of([*sorted(inside), *sorted(others)]).values()}
    for single, group in target.items():
        if group is not None:
            stories[group].append(single)
            del stories[single,]
    return list(stories.values()), set(target)


def _singles_near(database: Database, graph: Graph, inside: set[int], beside: Iterable[int]) -> list[int]:
    """Return the single articles outside that are near to one inside, or that were to one that is gone."""
    numbers = {other for others in graph.near(sorted(inside)) for other in others} | set(beside)
    return sorted(
        number
        for (number,) in database.rows_among(
            "SELECT number FROM articles WHERE alone AND lead IS NULL AND number IN ({})", sorted(numbers - inside)
        )
    )


def _joined_before(database: Database, single: int, groups: Groups) -> Group | None:
    """Return the group that a single article is stored with."""
    other = database.value(
        "SELECT MIN(number) FROM articles WHERE NOT alone AND lead IS NULL "
        "AND story = (SELECT story FROM articles WHERE number = ?)",
        (single,),
    )
    return None if other is None else groups.of([other])[other]


def _whole_stories(database: Database, numbers: Iterable[int]) -> dict[int, bool]:
    """Return the articles of the stories that articles are stored in, and whether each is single."""
    stories = {
        story for (story,) in database.rows_among("SELECT story FROM articles WHERE number IN ({})", sorted(numbers))
    }
    return {
        number: bool(alone)
        for number, alone in database.rows_among(
            "SELECT number, alone FROM articles WHERE lead IS NULL AND story IN ({})", sorted(stories)
        )
    }
