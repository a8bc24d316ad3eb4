"""The stages of grouping vectors that are given, read top to bottom; see ``dedup.engine.job``."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.engine.bins import write_bins
from dedup.engine.cluster import Cluster, Stage
from dedup.engine.folder import JobFolder
from dedup.engine.job import CLAIMS_OF_A_BUCKET, Limits
from dedup.engine.layout import compared_parts, layout_of, numbered, pair_name
from dedup.engine.merging import Tables, merge_vectors, merged_in_few
from dedup.engine.reading import ranges_of
from dedup.engine.vectors import (
    check_ids,
    compare_parts,
    gather_vectors,
    group_bin,
    store_slice,
    told_of_table,
    write_vector_bin,
)
from dedup.errors import InputError
from dedup.given_vectors.files import Slice
from dedup.given_vectors.linkage import Linkage
from dedup.given_vectors.rows import Given
from dedup.stages import Progress

__all__ = ["GroupedVectors", "VectorJob", "put_given"]

_ROWS_AT_ONCE = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupedVectors:
    """Stories of vectors; they are read from the folder as they are asked for."""

    folder: JobFolder
    bins: tuple[str, ...]
    tables: Tables
    """The vectors in the order in which they are told, in few tables."""
    vectors: int
    stories: int
    by_key: bool
    """Whether the order of keys, rather than that of time, says which is the first vector of a story."""
    counts: Mapping[str, int]

    def labels(self, rank: npt.NDArray[np.int64] | None) -> npt.NDArray[np.int64]:
        """Return the story of each vector, as ``dedup.cluster_vectors`` numbers them: int64 ``[n]``."""
        first = np.empty(self.vectors, np.int64)
        for name in self.bins:
            table = self.folder.read_table("stories", name, ["row", "first_row", "first_number"])
            leads = table.column("first_number" if rank is None else "first_row").to_numpy()
            first[table.column("row").to_numpy()] = leads if rank is None else rank[leads]
        return np.unique(first, return_inverse=True)[1].astype(np.int64)

    def rows(self) -> Iterator[tuple[int | str, int | str]]:
        """Yield each vector with the first of its story, by id or row: by the earliest of each story, then by time."""
        for _, _, one, first in heapq.merge(
            *(told_of_table(self.folder, self.tables.stage, name, self.by_key) for name in self.tables.names)
        ):
            yield one, first


class VectorJob:
    """One run over vectors.

    Args:
        cluster: Does the tasks.
        folder: Begun; see ``JobFolder.begin``.
        linkage: When groups join.
        limits: How it is cut.
        progress: Told how far each stage is.
    """

    def __init__(
        self, cluster: Cluster, folder: JobFolder, linkage: Linkage, limits: Limits, progress: Progress
    ) -> None:
        self._cluster, self._folder, self._linkage = cluster, folder, linkage
        self._limits, self._progress = limits, progress

    def group(
        self, slices: Sequence[Slice], *, ids: bool = False, ranked: bool = False, in_order: bool = True
    ) -> GroupedVectors:
        """Find the stories among the vectors of some slices.

        Args:
            slices: Of all of them.
            ids: Whether they have ids.
            ranked: Whether they have ranks.
            in_order: Whether they will be asked for in order, for which many tables are made few.

        Raises:
            InputError: two have one id, or not all have the same length.
        """
        size, linkage = self._limits.vectors, self._linkage
        names = [f"{number:05}" for number in range(len(slices))]
        stored = self._run("slices", store_slice, dict(zip(names, zip(names, slices, strict=True), strict=True)), size)
        lengths = sorted({length for result in stored.values() for length in result["dimensions"]})
        if len(lengths) > 1:
            raise InputError(
                f"vectors have {lengths[0]} components, and others {lengths[1]}; give vectors of one model"
            )
        pieces = {name: piece for result in stored.values() for name, piece in result["pieces"].items()}
        vectors = sum(piece["read"] for piece in pieces.values())
        if ids:
            buckets = max(1, math.ceil(vectors / CLAIMS_OF_A_BUCKET))
            tasks = {str(bucket): (bucket,) for bucket in range(buckets)}
            self._run("ids", check_ids, tasks, list(pieces), buckets)
        ranges = {f"{number:05}": some for number, some in enumerate(ranges_of(pieces, size))}
        parts = self._run("parts", gather_vectors, {name: (name, some) for name, some in ranges.items()})
        layout = layout_of(parts.items())
        compared = {pair_name(*pair): (pair,) for pair in compared_parts(layout, linkage.window_hours)}
        found = self._run("pairs", compare_parts, compared, layout, linkage)
        sorting = (layout, tuple(found), size, -math.inf)
        bins = self._run("bins", write_bins, {"all": ()}, *sorting)["all"]["bins"]
        of_bins = numbered(bins)
        by_key = ids or ranked
        told = self._run("stories", group_bin, of_bins, layout, frozenset(found), linkage, by_key)
        tables = Tables(stage="stories", names=tuple(of_bins))
        if in_order:
            tables = merged_in_few(
                tables, lambda stage, tasks, source: self._run(stage, merge_vectors, tasks, source, stage)
            )
        return GroupedVectors(
            folder=self._folder,
            bins=tuple(of_bins),
            tables=tables,
            vectors=vectors,
            stories=sum(result["stories"] for result in told.values()),
            by_key=by_key,
            counts={name: sum(result[name] for result in found.values()) for name in ("compared", "candidates")},
        )

    def write_tables(self, grouped: GroupedVectors, folder: Path) -> None:
        """Write the vectors with their stories, a table for each bin, into a folder.

        Raises:
            OutputError: it cannot be written.
        """
        tasks = {name: (name,) for name in grouped.bins}
        self._run("output", write_vector_bin, tasks, str(folder), grouped.by_key)

    def _run(self, name: str, function: Any, tasks: Mapping[str, Sequence[Any]], *shared: Any) -> dict[str, Any]:
        stage = Stage(name=name, function=function, tasks=tasks, shared=shared)
        return self._cluster.run(self._folder, stage, self._progress)


def put_given(folder: JobFolder, given: Given, size: int) -> list[Slice]:
    """Write vectors that are here into the folder, some at a time, and return the slices of them."""
    place = folder.path / "given"
    place.mkdir(exist_ok=True)
    paths = {name: place / f"{name}.npy" for name in ("vectors", "hours", "rank")}
    if folder.result("given", "all") is None:
        shape, kind = given.vectors.shape, given.vectors.dtype
        mapped = np.lib.format.open_memmap(paths["vectors"], "w+", kind, shape)
        for start in range(0, len(mapped), _ROWS_AT_ONCE):
            mapped[start : start + _ROWS_AT_ONCE] = given.vectors[start : start + _ROWS_AT_ONCE]
        mapped.flush()
        np.save(paths["hours"], given.hours)
        if given.rank is not None:
            np.save(paths["rank"], given.rank)
        folder.finish("given", "all", {"vectors": len(mapped)})
    return [
        Slice(
            path=paths["vectors"],
            start=start,
            stop=min(start + size, len(given.vectors)),
            number=start,
            hours=paths["hours"],
            rank=None if given.rank is None else paths["rank"],
        )
        for start in range(0, len(given.vectors), size)
    ]
