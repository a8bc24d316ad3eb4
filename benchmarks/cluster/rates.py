"""What each stage takes of a core for an article: dated news, read from files, in parts of the usual size."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.cluster.killed import write_files
from benchmarks.cluster.nodes import measuring, nodes_of
from dedup.article import Article
from dedup.encode.base import Encoder
from dedup.encode.static import StaticEncoder
from dedup.engine import RayEngine
from dedup.engine.base import Work
from dedup.engine.cluster import Cluster, Stage
from dedup.engine.folder import JobFolder
from dedup.engine.ray_engine import FilesToRead
from dedup.engine.reading import settle_bucket
from dedup.read import ReadOptions, ReadReport
from dedup.read.sources import find_sources
from dedup.score.registry import calibration_for
from dedup.settings import Settings
from dedup.stages import no_progress

__all__ = ["measure_rates"]

_BUNDLED_ARTICLES = 200
_FEW = 20
"""Articles of a run whose time is that of its beginning: what is imported and loaded."""
_EMPTY_TASKS = 300
_NOWHERE = 10**12
"""A bucket that no id falls into."""


def measure_rates(articles: Sequence[Article]) -> dict[str, Any]:
    """Return what the stages of a run took with either model, what an empty task takes, and passing by others' ids.

    On one node of one core, so that one process does all; before each run there is one of a few articles, twice.
    """
    from dedup.encode.transformer import TransformerEncoder

    dated = [article for article in articles if article.published is not None]
    days = sorted(article.published.date() for article in dated if article.published)
    with nodes_of(1), tempfile.TemporaryDirectory() as folder:
        fast = _measured(dated, StaticEncoder(), Path(folder) / "fast")
        bundled = _measured(dated[:_BUNDLED_ARTICLES], TransformerEncoder(), Path(folder) / "bundled")
        empty = _empty_tasks(Path(folder) / "empty")
    return {
        "articles": len(dated),
        "days": (days[-1] - days[0]).days + 1 if days else 0,
        "fast": fast,
        "bundled": bundled,
        "driver_seconds_a_task": empty,
    }


def _measured(articles: Sequence[Article], encoder: Encoder, folder: Path) -> dict[str, Any]:
    folder.mkdir()
    for name in ("first", "few"):
        few = _run(articles[:_FEW], encoder, folder / name)
    return {**_run(articles, encoder, folder / "all"), "few": few}


def _run(articles: Sequence[Article], encoder: Encoder, folder: Path) -> dict[str, Any]:
    folder.mkdir()
    news, job, stages = folder / "news", folder / "job", dict[str, Any]()
    write_files(articles, news)
    work = Work(settings=Settings(), encoder=encoder, calibration=calibration_for(encoder))
    report = ReadReport()
    sources = find_sources((news,), ReadOptions(), report)
    files = FilesToRead(sources=sources, options=ReadOptions(), report=report)
    began = time.perf_counter()
    with RayEngine(folder=job).told(files, work, measuring(job, stages)) as told:
        assert told is not None
        chunks = sorted(path.stem for path in (job / "read").glob("*.parquet"))
        seconds = time.perf_counter() - began
        settle_bucket(JobFolder(job), _NOWHERE, chunks, _NOWHERE + 1)
        computed = time.process_time()
        settle_bucket(JobFolder(job), _NOWHERE, chunks, _NOWHERE + 1)
        passed_by = time.process_time() - computed
        kept = sum(path.stat().st_size for path in job.rglob("*") if path.is_file())
        counts = dict(told.counts)
    return {
        "articles": counts["articles"],
        "counts": counts,
        "stages": stages,
        "seconds": round(seconds, 1),
        "ids_passed_by_seconds": round(passed_by, 4),
        "work_folder_bytes": kept,
    }


def _empty_tasks(path: Path) -> float:
    """Return the seconds of a core that the driver has for a task that does nothing."""
    import ray

    path.mkdir()
    stage = Stage(name="empty", function=_nothing, tasks={f"{number:05}": () for number in range(_EMPTY_TASKS)})
    computed = time.process_time()
    Cluster(ray=ray).run(JobFolder(path), stage, no_progress)
    return round((time.process_time() - computed) / _EMPTY_TASKS, 5)


def _nothing(_: JobFolder) -> dict[str, Any]:
    return {}
