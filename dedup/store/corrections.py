"""What people said of pairs of articles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dedup.errors import InputError
from dedup.label import Label
from dedup.store.changes import Change
from dedup.store.database import Database

__all__ = ["Corrected", "Said", "check_consistent", "read_labels", "refusal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What became of labels that were given to a store."""

    changes: tuple[Change, ...]
    """What they changed."""
    kept: int
    """Labels that say something new."""
    unchanged: int
    """Labels that say what had been said before."""
    refused: tuple[tuple[int, str], ...]
    """Of the others the position among those that were given, from 0, and the reason."""


class Said:
    """Labels that are true together: "same" goes through others, "different" does not."""

    def __init__(self, labels: Iterable[Label] = ()) -> None:
        self._said: dict[tuple[str, str], bool] = {}
        self._root: dict[str, str] = {}
        # of a group of articles that are the same: the groups that are different, and the pair by which they are
        self._apart: dict[str, dict[str, tuple[str, str]]] = {}
        for label in labels:
            self.add(label)

    def of(self, pair: tuple[str, str]) -> bool | None:
        """Return what was said of a pair, the smaller id first; None where nothing was."""
        return self._said.get(pair)

    def why_not(self, label: Label) -> str | None:
        """Return what stands against a label; None where nothing does. What was said of its own pair gives way."""
        before = self.of(label.pair)
        if before is not None:
            return None if before == label.same else self._without(label.pair).why_not(label)
        a, b = self._find(label.pair[0]), self._find(label.pair[1])
        if not label.same:
            return "they are the same by way of what was said of others" if a == b else None
        if b not in self._apart.get(a, ()):
            return None
        one, other = self._apart[a][b]
        return f"{one!r} and {other!r}, which would be the same then, are different"

    def add(self, label: Label) -> None:
        """Take in a label against which nothing stands."""
        if self.of(label.pair) == (not label.same):  # a group cannot be parted: all is put together again
            others = self._without(label.pair)
            self._said, self._root, self._apart = others._said, others._root, others._apart
        self._said[label.pair] = label.same
        a, b = self._find(label.pair[0]), self._find(label.pair[1])
        if label.same:
            self._unite(a, b)
        else:
            self._apart.setdefault(a, {}).setdefault(b, label.pair)
            self._apart.setdefault(b, {}).setdefault(a, label.pair)

    def _without(self, pair: tuple[str, str]) -> Said:
        return Said(Label(a=one[0], b=one[1], same=same) for one, same in self._said.items() if one != pair)

    def _find(self, one: str) -> str:
        while (parent := self._root.get(one, one)) != one:
            self._root[one] = self._root.get(parent, parent)
            one = parent
        return one

    def _unite(self, a: str, b: str) -> None:
        if a == b:
            return
        if len(self._apart.get(a, ())) > len(self._apart.get(b, ())):
            a, b = b, a
        self._root[a] = b
        for other, pair in self._apart.pop(a, {}).items():
            del self._apart[other][a]
            self._apart[other].setdefault(b, pair)
            self._apart.setdefault(b, {}).setdefault(other, pair)


def read_labels(database: Database) -> list[Label]:
    """Return all that was said, in the order of ids."""
    rows = database.rows("SELECT a, b, same FROM corrections ORDER BY a, b")
    return [Label(a=a, b=b, same=bool(same)) for a, b, same in rows]


def check_consistent(database: Database, label: Label) -> None:
    """Refuse what cannot be true together with what was said before.

    Raises:
        InputError: it cannot; the message names what stands against it.
    """
    against = Said(read_labels(database)).why_not(label)
    if against is not None:
        raise InputError(refusal(label, against))


def refusal(label: Label, against: str) -> str:
    """Return why a label is refused, in words."""
    one, other = label.pair
    what = "the same" if label.same else "different"
    return f"{one!r} and {other!r} cannot be {what}: {against}; take that back first"
