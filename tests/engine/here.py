"""A cluster that is this process, for tests of what the tasks do; and runs by it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fakes import FakeEncoder, fake_calibration

from dedup.article import Article
from dedup.engine.base import Work
from dedup.engine.cluster import Stage
from dedup.engine.folder import JobFolder
from dedup.engine.job import Job, Limits, Told
from dedup.engine.ray_engine import file_parts
from dedup.read import ReadOptions, ReadReport
from dedup.read.sources import find_sources
from dedup.settings import Settings
from dedup.stages import Progress, no_progress
from dedup.story import Story

WORK = Work(settings=Settings(), encoder=FakeEncoder(), calibration=fake_calibration())


@dataclass
class Here:
    """Does tasks in this process, in whatever order ``shuffle`` says."""

    gpus: float = 0.0
    seconds: dict[str, float] = field(default_factory=dict)
    done: list[tuple[str, str]] = field(default_factory=list)
    """Stage and name of each task that was done, rather than found."""
    shuffle: Callable[[list[str]], None] = lambda names: None

    def run(self, folder: JobFolder, stage: Stage, progress: Progress) -> dict[str, dict[str, Any]]:
        names = list(stage.tasks)
        self.shuffle(names)
        for name in names:
            if folder.result(stage.name, name) is None:
                result = stage.function(folder, *stage.tasks[name], *stage.shared)
                folder.finish(stage.name, name, result)
                self.done.append((stage.name, name))
        return {name: json.loads((folder.path / stage.name / f"{name}.json").read_text()) for name in stage.tasks}


def find_here(articles: Sequence[Article], folder: Path, partition: int, here: Here | None = None) -> list[Story]:
    """Return the stories of articles, found part by part."""
    return list(told_here(articles, folder, partition, here).stories())


def told_here(articles: Sequence[Article], folder: Path, partition: int, here: Here | None = None) -> Told:
    """Return what is found of articles part by part."""
    cluster: Any = here or Here()
    job = Job(cluster, JobFolder(folder), WORK, Limits(partition=partition), no_progress)
    return job.find(job.put(articles))


def read_here(
    inputs: Sequence[Path], options: ReadOptions, folder: Path, partition: int, cluster: Any = None
) -> tuple[list[Story], ReadReport]:
    """Return the stories in files, and what reading met, part by part."""
    report = ReadReport()
    doer: Any = cluster or Here()
    job = Job(doer, JobFolder(folder), WORK, Limits(partition=partition), no_progress)
    sources = find_sources(tuple(inputs), options, report)
    parts = job.read(file_parts(sources), options, report)
    return list(job.find(parts).stories()) if parts else [], report
