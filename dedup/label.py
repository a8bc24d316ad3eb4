"""What a person says of a pair of articles."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Label"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Two articles, by their ids, and whether they tell the same story."""

    a: str
    b: str
    same: bool

    @property
    def pair(self) -> tuple[str, str]:
        """The two ids, the smaller first."""
        return min(self.a, self.b), max(self.a, self.b)
