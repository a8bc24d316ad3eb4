"""What people said of pairs of articles."""

from __future__ import annotations

from dataclasses import dataclass

from dedup.errors import InputError
from dedup.store.database import Database

__all__ = ["Label", "check_consistent", "read_labels"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Two articles, by their ids, and whether they tell the same story."""

    a: str
    b: str
    same: bool


def read_labels(database: Database) -> list[Label]:
    """Return all that was said, in the order of ids."""
    rows = database.rows("SELECT a, b, same FROM corrections ORDER BY a, b")
    return [Label(a=a, b=b, same=bool(same)) for a, b, same in rows]


def check_consistent(database: Database, pair: tuple[str, str], same: bool) -> None:
    """Refuse what cannot be true together with what was said before: "same" goes through others, "different" does not.

    Raises:
        InputError: it cannot; the message names what stands against it.
    """
    said = [label for label in read_labels(database) if (label.a, label.b) != pair]
    said.append(Label(a=pair[0], b=pair[1], same=same))
    root: dict[str, str] = {}

    def of(one: str) -> str:
        while (parent := root.get(one, one)) != one:
            root[one] = root.get(parent, parent)
            one = parent
        return one

    for label in said:
        if label.same:
            root[of(label.a)] = of(label.b)
    for label in said:
        if not label.same and of(label.a) == of(label.b):
            if (label.a, label.b) == pair:
                against = "they are the same by way of what was said of others"
            else:
                against = f"{label.a!r} and {label.b!r}, which would be the same then, are different"
            raise InputError(
                f"{pair[0]!r} and {pair[1]!r} cannot be {'the same' if same else 'different'}: {against}; take that "
                "back first"
            )
