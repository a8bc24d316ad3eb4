"""The engine that shares a run among the machines of a Ray cluster."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup.engine.base import Found, Work
from dedup.engine.cluster import Cluster, connected, require_ray
from dedup.engine.folder import JobFolder
from dedup.engine.job import COUNTS, Job, Limits, Told
from dedup.engine.reading import FilePart, mark_files
from dedup.engine.tables import record_of
from dedup.engine.vector_job import GroupedVectors, VectorJob, put_given
from dedup.errors import EngineError, InputError
from dedup.given_vectors.files import slices_of
from dedup.stages import Progress, no_progress

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.given_vectors.linkage import Linkage
    from dedup.given_vectors.rows import Given
    from dedup.index import SearchWork
    from dedup.read.options import ReadOptions
    from dedup.read.report import ReadReport
    from dedup.read.sources import Source

__all__ = ["FilesToRead", "RayEngine", "file_parts"]

_BYTES_OF_A_PART = 64 << 20
_FILES_OF_A_PART = 2_000
_ROWS_AT_ONCE = 4_096
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

    def group(self, given: Given, linkage: Linkage, work: SearchWork) -> npt.NDArray[np.int64]:
        """Return the story of each vector, as ``dedup.cluster_vectors`` numbers them: int64 ``[n]``.

        The vectors are copied into the folder, some at a time, and never all taken into memory.

        Raises:
            InputError: a vector holds what is no finite number.
            EngineError: as for ``find``.
        """
        require_ray()
        if not len(given.vectors):
            return np.empty(0, np.int64)
        mark = mark_given(given) if self.folder is not None else ""
        with self._folder() as folder, connected(self.address, self.options) as cluster:
            folder.begin({**_vector_manifest(linkage, self.limits), "given": mark}, resume=self.resume)
            slices = put_given(folder, given, self.limits.vectors)
            job = VectorJob(cluster, folder, linkage, self.limits, no_progress)
            grouped = job.group(slices, ranked=given.rank is not None, in_order=False)
            work.compared += grouped.counts["compared"]
            work.candidates += grouped.counts["candidates"]
            labels = grouped.labels(given.rank)
            folder.remove()
            return labels

    @contextmanager
    def grouped(
        self,
        paths: Sequence[Path],
        hours: Path | None,
        linkage: Linkage,
        progress: Progress,
        *,
        tables: Path | None = None,
    ) -> Iterator[GroupedVectors | None]:
        """Find the stories of vectors in files without taking any of them in; None where there are none.

        Where ``tables`` is a folder, they are written into it, by the machines that have them.
        The folder of the run is removed when the context ends without an error: the stories are written by then.

        Args:
            paths: As for ``dedup.given_vectors.files.slices_of``, absolute.
            hours: Likewise.
            linkage: When groups join.
            progress: Told how far each stage is.
            tables: A folder that all machines reach.

        Raises:
            InputError: a file cannot be read, or does not hold what it should.
            EngineError: as for ``find``.
        """
        require_ray()
        slices = slices_of(paths, hours, self.limits.vectors)
        files = [*paths, *([] if hours is None else [hours])]
        with self._folder() as folder, connected(self.address, self.options) as cluster:
            marks = dict(zip(map(str, files), cluster.call(mark_file, files), strict=True))
            folder.begin({**_vector_manifest(linkage, self.limits), "files": marks}, resume=self.resume)
            job = VectorJob(cluster, folder, linkage, self.limits, progress)
            grouped = job.group(slices, ids=slices[0].has_ids, in_order=tables is None) if slices else None
            if grouped is not None and tables is not None:
                job.write_tables(grouped, tables.absolute())
            yield grouped
            folder.remove()

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
            told = job.find(parts, in_order=tables is None) if parts else None
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
            raise EngineError(
                f"the cluster at {address} needs a folder that all its nodes reach; "
                "name one, with --work-folder or RayEngine(folder=...)"
            )
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


def _vector_manifest(linkage: Linkage, limits: Limits) -> dict[str, Any]:
    """Return everything but the vectors that the results of tasks on them depend on."""
    from dedup import __version__

    return {
        "dedup": __version__,
        "packages": {name: _version(name) for name in ("numpy", "scipy")},
        "linkage": asdict(linkage),
        "vectors": limits.vectors,
    }


def mark_given(given: Given) -> str:
    """Return the hash of vectors that are here."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(repr((given.vectors.shape, given.vectors.dtype.str)).encode())
    for start in range(0, len(given.vectors), _ROWS_AT_ONCE):
        digest.update(np.ascontiguousarray(given.vectors[start : start + _ROWS_AT_ONCE]).data)
    for more in (given.hours, given.rank):
        digest.update(b"" if more is None else np.ascontiguousarray(more).data)
    return digest.hexdigest()


def mark_file(path: Path) -> str:
    """Return the hash of what a file holds.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, partial(hashlib.blake2b, digest_size=16)).hexdigest()
    except OSError as error:
        raise InputError(
            f"cannot read {path} on the machine {os.uname().nodename}: {error.strerror}; give absolute paths of a "
            "folder that all machines reach"
        ) from error


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
