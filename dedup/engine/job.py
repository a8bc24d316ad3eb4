"""The stages of a run on a cluster, read top to bottom. Each leaves its results in the folder, part by part."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup.engine.base import Work
from dedup.engine.bins import join_singles, sort_into_bins
from dedup.engine.cluster import Cluster, Stage
from dedup.engine.crowds import follow_in_part
from dedup.engine.folder import JobFolder
from dedup.engine.layout import Layout, compared_parts, layout_of, numbered, pair_name
from dedup.engine.merging import Tables, merge_stories, merged_in_few, stories_in_order
from dedup.engine.parts import bin_stories, fingerprint_part, group_bin, score_parts, write_bin
from dedup.engine.reading import (
    FilePart,
    chunk_names,
    fill_report,
    gather_range,
    name_chunk,
    ranges_of,
    read_files,
    settle_bucket,
)
from dedup.engine.tables import article_table, articles_of, edges_of, followers_of, when_of
from dedup.stages import Progress
from dedup.story import Story

if TYPE_CHECKING:
    from pathlib import Path

    from dedup.article import Article
    from dedup.read.options import ReadOptions
    from dedup.read.report import ReadReport

__all__ = ["CLAIMS_OF_A_BUCKET", "COUNTS", "Job", "Limits", "Told"]

logger = logging.getLogger(__name__)

CLAIMS_OF_A_BUCKET = 1_000_000
"""Ids that one task settles."""
_NO_TABLES = Tables(stage="stories", names=())
COUNTS = ("compared", "candidates", "scored", "kept")
"""What is counted of the search for pairs; see ``dedup.Deduplication``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How a run is cut into parts, and what a task takes."""

    partition: int = 8_192
    """Articles of a part. A worker holds two parts, about 30 MB for a thousand articles together with what it does."""
    encoder_cpus: float = 1.0
    """Cores of a worker that encodes; with several it reads texts in as many processes."""
    encoder_gpus: float | None = None
    """GPUs of a worker that encodes; None takes one where the cluster has any and the encoder can use it."""
    vectors: int = 32_768
    """Vectors of a part, where vectors are given. A worker holds two parts, 2 bytes a component."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a job found; it is read from the folder as it is asked for."""

    folder: JobFolder
    layout: Layout
    pair_names: tuple[str, ...]
    bins: tuple[str, ...]
    tables: Tables
    """The stories in the order in which they are told, in few tables."""
    keep: str
    counts: Mapping[str, int]
    languages: Mapping[str, int]

    def stories(self) -> Iterator[Story]:
        """Yield all stories in the order in which they are told, holding a few of each table."""
        yield from stories_in_order(self.folder, self.tables, self.keep)

    def followers(self) -> npt.NDArray[np.int64]:
        """Return each article that follows another, and which, by their numbers: int64 ``[f, 2]``."""
        parts = [followers_of(self.folder.read_table("crowds", part.name)) for part in self.layout.parts]
        return np.concatenate([np.empty((0, 2), np.int64), *(np.stack(some[:2], axis=1) for some in parts)])

    def edges(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Return all scored pairs that were kept, by the numbers of articles: int64 ``[p, 2]`` and float64 ``[p]``."""
        parts = [edges_of(self.folder.read_table("pairs", name)) for name in self.pair_names]
        for part in self.layout.parts:
            articles, leads, log_odds, _ = followers_of(self.folder.read_table("crowds", part.name))
            parts.append((np.stack([articles, leads], axis=1), log_odds))
        pairs = np.concatenate([np.empty((0, 2), np.int64), *(pairs for pairs, _ in parts)])
        return pairs, np.concatenate([np.empty(0), *(log_odds for _, log_odds in parts)])


class Job:
    """One run.

    Args:
        cluster: Does the tasks.
        folder: Begun; see ``JobFolder.begin``.
        work: What every task needs to know.
        limits: How it is cut.
        progress: Told how far each stage is.
    """

    def __init__(self, cluster: Cluster, folder: JobFolder, work: Work, limits: Limits, progress: Progress) -> None:
        self._cluster, self._folder, self._work = cluster, folder, work
        self._limits, self._progress = limits, progress

    def read(self, files: Sequence[FilePart], options: ReadOptions, report: ReadReport) -> list[str]:
        """Read files, and return the names of the parts that their articles are in, in ranges of time."""
        size = self._limits.partition
        read = self._run("read", read_files, {part.name: (part,) for part in files}, options, size)
        chunks = [name for part in files for name in chunk_names(part, read[part.name])]
        asked = sum(result["read"] for result in read.values())
        buckets = max(1, math.ceil(asked / CLAIMS_OF_A_BUCKET))
        self._run("ids", settle_bucket, {str(bucket): (bucket,) for bucket in range(buckets)}, chunks, buckets)
        named = self._run("named", name_chunk, {chunk: (chunk,) for chunk in chunks}, buckets)
        fill_report(self._folder, files, list(read.values()), list(named.values()), report)
        ranges = {f"{number:05}": some for number, some in enumerate(ranges_of(named, size))}
        self._run("parts", gather_range, {name: (name, some) for name, some in ranges.items()})
        return list(ranges)

    def put(self, articles: Sequence[Article]) -> list[str]:
        """Write articles that are here into parts, in ranges of time, and return the names of the parts."""
        done = self._folder.result("parts", "all")
        if done is not None:
            return list(done["names"])
        size = self._limits.partition
        ordered = sorted(articles, key=lambda article: (when_of(article), article.id))
        names = []
        with self._timed("parts"):
            for number, start in enumerate(range(0, len(ordered), size)):
                names.append(f"{number:05}")
                self._folder.write_table("parts", names[-1], article_table(ordered[start : start + size]))
            self._folder.finish("parts", "all", {"names": names})
        return names

    def find(self, parts: Sequence[str], *, in_order: bool = True) -> Told:
        """Find the stories among the articles of some parts.

        Args:
            parts: Their names.
            in_order: Whether the stories will be asked for in order, for which many tables are made few.
        """
        work, folder = self._work, self._folder
        tasks: dict[str, tuple[Any, ...]] = {name: (name,) for name in parts}
        # a worker with several cores has processes for texts, so that a GPU waits less for them
        readers = int(self._limits.encoder_cpus) if self._limits.encoder_cpus > 1 else 0
        prints = self._run("fingerprints", fingerprint_part, tasks, work, readers, encodes=True)
        layout = layout_of(prints.items())
        of_crowds = {part.name: (number,) for number, part in enumerate(layout.parts)}
        crowds = self._run("crowds", follow_in_part, of_crowds, layout, work)
        compared = compared_parts(layout, 24 * work.settings.window_days)
        tasks = {pair_name(*pair): (pair,) for pair in compared}
        scored = self._run("pairs", score_parts, tasks, layout, work)
        names = tuple(scored)
        sorting = (layout, names, self._limits.partition, work)
        grouped = numbered(self._run("bins", sort_into_bins, {"all": ()}, *sorting)["all"]["bins"])
        self._run("groups", group_bin, grouped, layout, frozenset(names), work)
        joining = (layout, tuple(grouped), names, self._limits.partition, work)
        of_bins = numbered(self._run("singles", join_singles, {"all": ()}, *joining)["all"]["bins"])
        told = self._run("stories", bin_stories, of_bins, layout, frozenset(names), work)
        languages: dict[str, int] = {}
        for result in told.values():
            for language, count in result["languages"].items():
                languages[language] = languages.get(language, 0) + count
        counts = {name: sum(result[name] for result in scored.values()) for name in COUNTS}
        counts |= {name: sum(result[name] for result in prints.values()) for name in ("cut", "undated", "detected")}
        counts["followed"] = sum(result["followed"] for result in crowds.values())
        counts["kept"] += counts["followed"]  # of each the pair with whom it follows
        counts |= {"articles": int(layout.starts[-1]), "stories": sum(result["stories"] for result in told.values())}
        return Told(
            folder=folder,
            layout=layout,
            pair_names=names,
            bins=tuple(of_bins),
            tables=self._in_few(Tables(stage="stories", names=tuple(of_bins))) if in_order else _NO_TABLES,
            keep=work.settings.keep,
            counts=counts,
            languages=languages,
        )

    def _in_few(self, tables: Tables) -> Tables:
        keep = self._work.settings.keep
        return merged_in_few(
            tables, lambda stage, tasks, source: self._run(stage, merge_stories, tasks, source, stage, keep)
        )

    def write_tables(self, told: Told, folder: Path) -> None:
        """Write the stories as the rows of their articles, a table for each bin, into a folder.

        Raises:
            OutputError: it cannot be written.
        """
        tasks = {name: (name, str(folder), told.keep) for name in told.bins}
        self._run("output", write_bin, tasks)

    def numbers(self, layout: Layout) -> list[str]:
        """Return the id of each article by its number."""
        found: list[str] = []
        for part in layout.parts:
            some = articles_of(self._folder.read_table("parts", part.name))
            found += [article.id for article in sorted(some, key=lambda article: (when_of(article), article.id))]
        return found

    def _run(
        self,
        name: str,
        function: Any,
        tasks: Mapping[str, Sequence[Any]],
        *shared: Any,
        encodes: bool = False,
    ) -> dict[str, dict[str, Any]]:
        stage = Stage(
            name=name,
            function=function,
            tasks=tasks,
            shared=shared,
            cpus=self._limits.encoder_cpus if encodes else 1.0,
            gpus=self._encoder_gpus() if encodes else 0.0,
        )
        return self._cluster.run(self._folder, stage, self._progress)

    def _encoder_gpus(self) -> float:
        gpus = self._limits.encoder_gpus
        if gpus is not None:
            return gpus
        # what has no use for one would keep all but a few cores waiting
        return 1.0 if self._cluster.gpus and getattr(self._work.encoder, "uses_gpu", True) else 0.0

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self._cluster.seconds[stage] = round(time.perf_counter() - began, 3)
