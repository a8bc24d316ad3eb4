"""What an engine is: articles in, stories out, by whatever machines it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.encode.base import Encoder
from dedup.errors import SettingsError
from dedup.given_vectors.linkage import Linkage
from dedup.given_vectors.rows import Given
from dedup.index import SearchWork
from dedup.score.calibration import Calibration
from dedup.settings import Settings
from dedup.stages import Progress
from dedup.story import Story

__all__ = ["ENGINES", "Engine", "Found", "Work", "engine_named"]

ENGINES = ("ray",)
"""Engines by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What every part of a run needs to know."""

    settings: Settings
    encoder: Encoder
    calibration: Calibration
    all_pairs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an engine found among articles that it was given."""

    stories: tuple[Story, ...]
    """In the order in which they are told; their articles without ``extra``."""
    pairs: npt.NDArray[np.int64]
    """int64 ``[p, 2]``, positions in what was given, the smaller first, sorted."""
    log_odds: npt.NDArray[np.float64]
    """float64 ``[p]``."""
    followers: npt.NDArray[np.int64]
    """int64 ``[f, 2]``, positions likewise: each article that follows another of its crowd, and which; by article."""
    counts: dict[str, int]
    """As ``Deduplication.counts``."""
    seconds: dict[str, float]
    """Time that each stage took."""


class Engine(Protocol):
    """Finds stories with more than one process."""

    def find(self, articles: Sequence[Article], work: Work, progress: Progress) -> Found:
        """Return the stories of ``articles``, which are in the order of their ids, all distinct.

        Raises:
            EngineError: it is not installed, not reached, or lost for good.
        """

    def group(self, given: Given, linkage: Linkage, work: SearchWork) -> npt.NDArray[np.int64]:
        """Return the story of each vector, as ``dedup.cluster_vectors`` numbers them: int64 ``[n]``.

        Args:
            given: Checked.
            linkage: When groups join.
            work: Counts what is done.

        Raises:
            InputError: a vector holds what is no finite number.
            EngineError: as for ``find``.
        """


def engine_named(engine: Engine | str) -> Engine:
    """Return the engine that is meant by a name; an engine is returned as it is.

    Raises:
        SettingsError: there is none of that name.
    """
    if not isinstance(engine, str):
        return engine
    if engine != "ray":
        raise SettingsError(f"there is no engine {engine!r}; use one of {', '.join(ENGINES)}, or none")
    from dedup.engine.ray_engine import RayEngine

    return RayEngine()
