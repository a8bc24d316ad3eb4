"""Bins of whole components: articles that no story joins with those of another bin."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup.engine.folder import JobFolder
from dedup.engine.layout import Layout, pair_name
from dedup.engine.tables import edges_of

if TYPE_CHECKING:
    from dedup.engine.base import Work

__all__ = ["by_part", "edges_among", "numbers_of_bin", "sort_into_bins", "write_bins"]

_Numbers = npt.NDArray[np.int64]


def sort_into_bins(folder: JobFolder, layout: Layout, names: Sequence[str], size: int, work: Work) -> dict[str, Any]:
    """Write which articles each bin has; see ``write_bins``.

    Groups join, and single articles join groups, only along edges that are sure enough; see
    ``dedup.singletons.near_log_odds``.
    """
    from dedup.singletons import near_log_odds
    from dedup.stages import cuts

    # a little below too: more edges than needed change nothing
    least = near_log_odds(*cuts(work.settings, work.calibration)) - 1e-3
    return write_bins(folder, layout, names, size, least)


def write_bins(folder: JobFolder, layout: Layout, names: Sequence[str], size: int, least: float) -> dict[str, Any]:
    """Write the numbers of the articles of each bin: whole components of the graph of edges above ``least``.

    A bin has about ``size`` articles, and more where one component has.
    """
    import pyarrow
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    articles = int(layout.starts[-1])
    edges = [np.empty((0, 2), np.int64)]
    for name in names:
        pairs, log_odds = edges_of(folder.read_table("pairs", name))
        edges.append(pairs[log_odds > least])
    joined = np.concatenate(edges)
    graph = coo_array((np.ones(len(joined), np.int8), (joined[:, 0], joined[:, 1])), shape=(articles, articles))
    label = connected_components(graph, directed=False)[1]
    # components in the order of their first articles, so that the articles of a bin lie in few parts
    _, first, label, counts = np.unique(label, return_index=True, return_inverse=True, return_counts=True)
    place = np.empty(len(first), np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    ordered = np.argsort(place[label], kind="stable")
    ends = np.cumsum(counts[np.argsort(first)])
    bounds = [0]
    while bounds[-1] < articles:
        last = int(np.searchsorted(ends, bounds[-1] + size, side="left"))
        bounds.append(int(ends[min(last, len(ends) - 1)]))
    for number, (start, end) in enumerate(itertools.pairwise(bounds)):
        folder.write_table("bins", f"{number:05}", pyarrow.table({"article": np.sort(ordered[start:end])}))
    return {"bins": len(bounds) - 1, "largest": int(counts.max(initial=0))}


def numbers_of_bin(folder: JobFolder, name: str) -> _Numbers:
    """Return the numbers of the articles of a bin, sorted: int64 ``[n]``."""
    numbers: _Numbers = folder.read_table("bins", name).column("article").to_numpy().astype(np.int64)
    return numbers


def by_part(layout: Layout, numbers: _Numbers) -> list[tuple[int, _Numbers]]:
    """Return which rows of which parts are the articles of these numbers, part by part."""
    starts = layout.starts
    of = np.searchsorted(starts, numbers, side="right") - 1
    return [(int(part), numbers[of == part] - starts[part]) for part in np.unique(of)]


def edges_among(
    folder: JobFolder, layout: Layout, numbers: _Numbers, pair_names: frozenset[str]
) -> Iterator[tuple[int, _Numbers, npt.NDArray[np.float64]]]:
    """Yield the edges between some articles, from the tasks that compared their parts, after the later of both parts.

    Args:
        folder: Of the run.
        layout: Of its parts.
        numbers: Sorted.
        pair_names: Of the parts that were compared.
    """
    parts = [part for part, _ in by_part(layout, numbers)]
    for other in parts:
        for one in parts:
            name = pair_name(one, other)
            if name not in pair_names:
                continue
            pairs, log_odds = edges_of(folder.read_table("pairs", name))
            place = np.minimum(np.searchsorted(numbers, pairs), len(numbers) - 1)
            inside = (numbers[place] == pairs).all(axis=1)
            yield other, pairs[inside], log_odds[inside]
