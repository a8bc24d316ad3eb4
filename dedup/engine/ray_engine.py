"""The engine that shares a run among the machines of a Ray cluster."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.engine.base import Found, Work
from dedup.engine.cluster import Cluster, connected, require_ray
from dedup.engine.folder import JobFolder
from dedup.engine.job import COUNTS, Job, Limits, Told
from dedup.engine.reading import FilePart, mark_files
from dedup.engine.tables import record_of
from dedup.errors import EngineError, InputError
from dedup.stages import Progress

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.read.options import ReadOptions
    from dedup.read.report import ReadReport
    from dedup.read.sources import Source

__all__ = ["FilesToRead", "RayEngine", "file_parts"]

_BYTES_OF_A_PART = 64 << 20
_FILES_OF_A_PART = 2_000
_PACKAGES = ("numpy", "scipy", "sentencex", "py3langid", "tokenizers", "torch", "transformers", "sentence-transformers")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesToRead:
    """What a run reads."""

    sources: Sequence[Source]
    options: ReadOptions
    report: ReadReport
    """Filled, as by ``dedup.read_articles``, before there are stories."""


@dataclass(frozen=True, kw_only=True)
class RayEngine:
    """Finds stories on a Ray cluster: ``dedup.deduplicate(articles, engine=RayEngine(address="auto"))``.

    The stories are those of one machine, whatever the number of nodes and the size of the parts. What is lost with a
    worker or node is done again by Ray; what was done before this process was stopped is found in the folder.
    """

    address: str | None = None
    """Of the cluster, as for ``ray.init``; for ``None`` the one in ``RAY_ADDRESS``, or one on this machine."""
    folder: Path | None = None
    """Reached by all nodes under this name; for ``None`` a temporary one, for clusters of this machine alone."""
    resume: bool = False
    """Go on with what a run that was stopped has left in ``folder``."""
    limits: Limits = field(default_factory=Limits)
    options: Mapping[str, Any] = field(default_factory=dict)
    """Passed to ``ray.init``, such as ``num_cpus``."""

    def find(self, articles: Sequence[Article], work: Work, progress: Progress) -> Found:
        """Return the stories of ``articles``, which are in the order of their ids, all distinct.

        Raises:
            EngineError: Ray is not installed, not reached, or its nodes are lost again and again.
        """
        require_ray()
        digest = hashlib.blake2b(digest_size=16)
        for article in articles if self.folder is not None else ():
            digest.update(record_of(article).encode() + b"\n")
        manifest = {**_manifest(work, self.limits), "articles": digest.hexdigest()}
        with self._folder() as folder, connected(self.address, self.options) as cluster:
            folder.begin(manifest, resume=self.resume)
            job = Job(cluster, folder, work, self.limits, progress)
            parts = job.put(articles)
            if not parts:
                return _nothing()
            found = _found(job, job.find(parts), articles, cluster)
            folder.remove()
            return found

    @contextmanager
    def told(
        self, reading: FilesToRead, work: Work, progress: Progress, *, tables: Path | None = None
    ) -> Iterator[Told | None]:
        """Read files and find their stories without taking any of them in; None where there are no articles.

        Where ``tables`` is a folder, they are written into it as tables of articles, by the machines that have them.
        The folder of the run is removed when the context ends without an error: the stories are written by then.

        Raises:
            EngineError: as for ``find``.
            InputError: an input cannot be read, or is standard input.
        """
        require_ray()
        files = file_parts(reading.sources)
        with self._folder() as folder, connected(self.address, self.options) as cluster:
            marks = {label: mark for marks in cluster.call(mark_files, files) for label, mark in marks.items()}
            manifest = {**_manifest(work, self.limits), "reading": repr(reading.options), "files": marks}
            folder.begin(manifest, resume=self.resume)
            job = Job(cluster, folder, work, self.limits, progress)
            parts = job.read(files, reading.options, reading.report)
            told = job.find(parts) if parts else None
            if told is not None and tables is not None:
                job.write_tables(told, tables)
            yield told
            folder.remove()

    @contextmanager
    def _folder(self) -> Iterator[JobFolder]:
        if self.folder is not None:
            folder = JobFolder(self.folder.absolute())
            try:
                yield folder
            finally:
                folder.release()
            return
        address = self.address or os.environ.get("RAY_ADDRESS")
        if address not in {None, "local"}:
            raise EngineError(f"the cluster at {address} needs a folder that all its nodes reach; name one")
        with tempfile.TemporaryDirectory(prefix="dedup-ray-") as path:
            yield JobFolder(Path(path) / "job")


def _nothing() -> Found:
    none = np.empty((0, 2), np.int64)
    return Found(stories=(), pairs=none, log_odds=np.empty(0), followers=none, counts={}, seconds={})


def _found(job: Job, told: Told, articles: Sequence[Article], cluster: Cluster) -> Found:
    """Return what was found, by the places of the articles as they were given."""
    place = {article.id: number for number, article in enumerate(articles)}
    position = np.array([place[article_id] for article_id in job.numbers(told.layout)], np.int64)
    numbers, log_odds = told.edges()
    pairs = np.sort(position[numbers], axis=1)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    followers = position[told.followers()]
    return Found(
        stories=tuple(told.stories()),
        pairs=pairs[order],
        log_odds=log_odds[order],
        followers=followers[np.argsort(followers[:, 0])],
        counts={name: told.counts[name] for name in (*COUNTS, "cut", "followed")},
        seconds=dict(cluster.seconds),
    )


def file_parts(sources: Sequence[Source]) -> list[FilePart]:
    """Put files together, in their order, so that a task reads one large one or many small ones."""
    groups: list[list[Source]] = []
    room = files = 0
    for source in sources:
        if source.path is None:
            raise InputError("standard input cannot be read by other machines; give files")
        size = source.path.stat().st_size
        if not groups or size > room or files >= _FILES_OF_A_PART:
            groups.append([])
            room, files = _BYTES_OF_A_PART, 0
        groups[-1].append(source)
        room, files = room - size, files + 1
    return [FilePart(number=n, sources=tuple(group), base=os.getcwd()) for n, group in enumerate(groups)]  # noqa: PTH109 - text


def _manifest(work: Work, limits: Limits) -> dict[str, Any]:
    """Return everything but the articles that the results of tasks depend on."""
    from dedup import __version__

    encoder = work.encoder
    return {
        "dedup": __version__,
        "packages": {name: _version(name) for name in _PACKAGES},
        "settings": asdict(work.settings),
        "partition": limits.partition,
        "all_pairs": work.all_pairs,
        "encoder": [encoder.model, encoder.revision, encoder.settings],
        "calibration": hashlib.blake2b(work.calibration.to_json().encode(), digest_size=16).hexdigest(),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
