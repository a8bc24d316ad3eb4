"""How two articles of one story that are not directly alike hang together: the surest way through others."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

__all__ = ["Edge", "widest_path"]

Edge = tuple[str, str, float]
"""Two ids and how strongly they are connected."""


def widest_path(edges: Sequence[Edge], start: str, goal: str) -> list[str]:
    """Return the ids from ``start`` to ``goal`` on the path whose weakest edge is as strong as can be.

    The widest path (Pollack 1960, "The maximum capacity through a network"). Of several the one with the fewest edges,
    and of these the first in the order of ids. Empty where none leads there.

    >>> widest_path([("a", "b", 0.9), ("b", "c", 0.8), ("a", "c", 0.3)], "a", "c")
    ['a', 'b', 'c']
    """
    parent = {end: end for one, other, _ in edges for end in (one, other)}
    if start not in parent or goal not in parent:
        return []
    neighbours: dict[str, set[str]] = {end: set() for end in parent}
    width = _width(edges, parent, start, goal)
    for one, other, weight in edges:
        if width is not None and weight >= width:
            neighbours[one].add(other)
            neighbours[other].add(one)
    return _shortest(neighbours, start, goal)


def _width(edges: Sequence[Edge], parent: dict[str, str], start: str, goal: str) -> float | None:
    """Return the strength of the edge that connects the two when edges are added from the strongest down."""

    def root(end: str) -> str:
        while parent[end] != end:
            parent[end] = parent[parent[end]]
            end = parent[end]
        return end

    for one, other, weight in sorted(edges, key=lambda edge: -edge[2]):
        parent[root(one)] = root(other)
        if root(start) == root(goal):
            return weight
    return None


def _shortest(neighbours: Mapping[str, set[str]], start: str, goal: str) -> list[str]:
    steps_left = {goal: 0}
    queue = deque([goal])
    while queue:
        here = queue.popleft()
        for there in neighbours[here]:
            if there not in steps_left:
                steps_left[there] = steps_left[here] + 1
                queue.append(there)
    if start not in steps_left:
        return []
    path = [start]
    while path[-1] != goal:
        left = steps_left[path[-1]] - 1
        path.append(min(there for there in neighbours[path[-1]] if steps_left.get(there) == left))
    return path
