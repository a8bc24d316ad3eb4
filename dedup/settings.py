"""What a run can be told, with its defaults. Every figure says where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from dedup.errors import SettingsError
from dedup.story import preferred_languages

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of a run. The defaults are what every published figure was measured with.

    Raises:
        SettingsError: a value that cannot be.
    """

    threshold: float = 0.5
    """Least probability of "same story" at which two groups of articles join, averaged over their pairs in log-odds."""

    window_days: float = 7.0
    """Articles further apart in time are not compared, where both times are known. After a week the days apart outweigh
    all that speaks for one story."""

    max_sentences: int = 12
    """Sentences read of each article, the headline included."""

    candidate_similarity: float | None = None
    """Least similarity of two articles' vectors at which the pair is scored; ``None`` takes the calibration's."""

    keep: str = "earliest"
    """Which article represents a story: ``earliest``, ``longest``, or languages in order of preference (``fa,en``)."""

    def __post_init__(self) -> None:
        if not 0.0 < self.threshold < 1.0:
            raise SettingsError(f"threshold is {self.threshold}; it is a probability between 0 and 1, such as 0.5")
        if not self.window_days > 0:
            raise SettingsError(f"window_days is {self.window_days}; use a number of days above 0")
        if self.max_sentences < 1:
            raise SettingsError(f"max_sentences is {self.max_sentences}; use 1 or more")
        if self.candidate_similarity is not None and not -1.0 <= self.candidate_similarity <= 1.0:
            raise SettingsError(f"candidate_similarity is {self.candidate_similarity}; it is a cosine between -1 and 1")
        preferred_languages(self.keep)
