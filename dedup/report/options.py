"""What a report holds, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass

from dedup.errors import SettingsError

__all__ = ["ReportOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions:
    """What a report holds. What a bound leaves out, the page says.

    Raises:
        SettingsError: a bound is below 0.
    """

    title: str = "News stories"
    body_characters: int = 4_000
    """Most characters of an article's body; the page shows where it was cut."""
    all_characters: int = 40_000_000
    """Most characters of all bodies; for many articles each is cut shorter than ``body_characters``."""
    pairs: int = 100_000
    """Most pairs with their probability: each article's nearest, then those in the greatest doubt."""
    explained_pairs: int = 2_000
    """Most pairs with sentences side by side, shared and conflicting facts, and what counted."""
    review_pairs: int = 200
    """Most pairs that the page asks a person about: those in the greatest doubt, explained before all others."""

    def __post_init__(self) -> None:
        for name in ("body_characters", "all_characters", "pairs", "explained_pairs", "review_pairs"):
            if getattr(self, name) < 0:
                raise SettingsError(f"{name} is {getattr(self, name)}; it counts something: use 0 or more")
