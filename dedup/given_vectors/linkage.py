"""When groups of vectors join."""

from __future__ import annotations

from dataclasses import dataclass

from dedup.errors import SettingsError

__all__ = ["Linkage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Linkage:
    """When two groups of vectors join.

    Raises:
        SettingsError: a value that it cannot have.
    """

    similarity: float = 0.8
    """Cosine that the average of all pairs between two groups is above, above -1 and below 1. What is right depends on
    the model: 0.8 is high where unrelated texts are near 0, and too low where they are near 0.75, as for E5 without its
    language means subtracted."""
    window_hours: float = 168.0
    """Most hours apart of two vectors that can be neighbours."""
    far: float | None = None
    """What two vectors further apart count, not above ``similarity``. For ``None`` so far below it that they speak half
    as much against a join as two equal vectors speak for it."""

    def __post_init__(self) -> None:
        if not -1 < self.similarity < 1:
            raise SettingsError(f"similarity is {self.similarity}; it is a cosine above -1 and below 1, such as 0.8")
        if not -1 <= self.far_similarity <= self.similarity:
            raise SettingsError(
                f"far is {self.far_similarity}; it is a cosine from -1 to the similarity, {self.similarity}"
            )
        if not self.window_hours > 0:
            raise SettingsError(f"window_hours is {self.window_hours}; use a number of hours above 0, such as 168")

    @property
    def far_similarity(self) -> float:
        """``far``, or what stands for it."""
        return self.similarity - (1 - self.similarity) / 2 if self.far is None else self.far
