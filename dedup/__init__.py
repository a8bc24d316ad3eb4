"""Find the same news story across languages.

>>> import dedup
>>> result = dedup.deduplicate(dedup.read_articles("news/"))  # doctest: +SKIP
>>> for story in result.stories:  # doctest: +SKIP
...     print(story.headline, story.languages, [article.url for article in story.articles])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.coverage import Coverage, Gap, GapQuery, coverage_of, find_gaps, read_stories
    from dedup.encode.base import Encoder
    from dedup.encode.static import StaticEncoder
    from dedup.encode.transformer import TransformerEncoder
    from dedup.encode.vectors import VectorCache
    from dedup.engine import RayEngine
    from dedup.errors import (
        BundledModelError,
        CacheError,
        CalibrationError,
        DedupError,
        EncoderError,
        EngineError,
        InputError,
        LanguageTagError,
        OutputError,
        RecordError,
        SettingsError,
        StoreBusyError,
        StoreDamagedError,
        StoreError,
    )
    from dedup.estimator import StoryClusterer
    from dedup.evidence.content_cache import ContentCache
    from dedup.explain.explanation import Explanation
    from dedup.explain.pair import Pair, explain_pair
    from dedup.given_vectors import cluster_vectors
    from dedup.label import Label
    from dedup.pipeline import Deduplication, deduplicate
    from dedup.read import ReadOptions, ReadReport, Reject, read_articles
    from dedup.report import ReportOptions, write_report
    from dedup.score.calibration import Calibration, load_calibration
    from dedup.settings import Settings
    from dedup.store import Change, Match, Store
    from dedup.story import Member, Story

__version__ = "0.1.0"

# Loaded when first used, so that `import dedup` stays instant.
_HOMES = {
    "Article": "dedup.article",
    "BundledModelError": "dedup.errors",
    "CacheError": "dedup.errors",
    "Calibration": "dedup.score.calibration",
    "CalibrationError": "dedup.errors",
    "Change": "dedup.store",
    "ContentCache": "dedup.evidence.content_cache",
    "Coverage": "dedup.coverage",
    "DedupError": "dedup.errors",
    "Deduplication": "dedup.pipeline",
    "Encoder": "dedup.encode.base",
    "EncoderError": "dedup.errors",
    "EngineError": "dedup.errors",
    "Explanation": "dedup.explain.explanation",
    "Gap": "dedup.coverage",
    "GapQuery": "dedup.coverage",
    "InputError": "dedup.errors",
    "Label": "dedup.label",
    "LanguageTagError": "dedup.errors",
    "Match": "dedup.store",
    "Member": "dedup.story",
    "OutputError": "dedup.errors",
    "Pair": "dedup.explain.pair",
    "RayEngine": "dedup.engine",
    "ReadOptions": "dedup.read",
    "ReadReport": "dedup.read",
    "RecordError": "dedup.errors",
    "Reject": "dedup.read",
    "ReportOptions": "dedup.report",
    "Settings": "dedup.settings",
    "SettingsError": "dedup.errors",
    "StaticEncoder": "dedup.encode.static",
    "Store": "dedup.store",
    "StoreBusyError": "dedup.errors",
    "StoreDamagedError": "dedup.errors",
    "StoreError": "dedup.errors",
    "Story": "dedup.story",
    "StoryClusterer": "dedup.estimator",
    "TransformerEncoder": "dedup.encode.transformer",
    "VectorCache": "dedup.encode.vectors",
    "cluster_vectors": "dedup.given_vectors",
    "coverage_of": "dedup.coverage",
    "deduplicate": "dedup.pipeline",
    "explain_pair": "dedup.explain.pair",
    "find_gaps": "dedup.coverage",
    "load_calibration": "dedup.score.calibration",
    "read_articles": "dedup.read",
    "read_stories": "dedup.coverage",
    "write_report": "dedup.report",
}

__all__ = [
    "Article",
    "BundledModelError",
    "CacheError",
    "Calibration",
    "CalibrationError",
    "Change",
    "ContentCache",
    "Coverage",
    "DedupError",
    "Deduplication",
    "Encoder",
    "EncoderError",
    "EngineError",
    "Explanation",
    "Gap",
    "GapQuery",
    "InputError",
    "Label",
    "LanguageTagError",
    "Match",
    "Member",
    "OutputError",
    "Pair",
    "RayEngine",
    "ReadOptions",
    "ReadReport",
    "RecordError",
    "Reject",
    "ReportOptions",
    "Settings",
    "SettingsError",
    "StaticEncoder",
    "Store",
    "StoreBusyError",
    "StoreDamagedError",
    "StoreError",
    "Story",
    "StoryClusterer",
    "TransformerEncoder",
    "VectorCache",
    "__version__",
    "cluster_vectors",
    "coverage_of",
    "deduplicate",
    "explain_pair",
    "find_gaps",
    "load_calibration",
    "read_articles",
    "read_stories",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dedup' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
