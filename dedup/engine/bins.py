"""Bins of whole components: articles that no story joins with those of another bin."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup.engine.folder import JobFolder
from dedup.engine.layout import Layout, pair_name
from dedup.engine.tables import edges_of, followers_of

if TYPE_CHECKING:
    from dedup.engine.base import Work

__all__ = ["edges_among", "join_singles", "numbers_of_bin", "sort_into_bins", "write_bins"]

_Numbers = npt.NDArray[np.int64]


def sort_into_bins(folder: JobFolder, layout: Layout, names: Sequence[str], size: int, work: Work) -> dict[str, Any]:
    """Write which articles each bin has; see ``write_bins``. Groups join only where a pair is above the threshold."""
    from dedup.stages import cuts

    # a little below too: more edges than needed change nothing
    return write_bins(folder, layout, names, size, cuts(work.settings, work.calibration)[0] - 1e-3)


def write_bins(folder: JobFolder, layout: Layout, names: Sequence[str], size: int, least: float) -> dict[str, Any]:
    """Write the numbers of the articles of each bin: whole components of the graph of edges above ``least``.

    A bin has about ``size`` articles, and more where one component has.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    articles = int(layout.starts[-1])
    edges = [np.empty((0, 2), np.int64)]
    for name in names:
        pairs, log_odds = edges_of(folder.read_table("pairs", name))
        edges.append(pairs[log_odds > least])
    joined = np.concatenate(edges)
    graph = coo_array((np.ones(len(joined), np.int8), (joined[:, 0], joined[:, 1])), shape=(articles, articles))
    return _write_labelled(folder, "bins", connected_components(graph, directed=False)[1], size)


def join_singles(
    folder: JobFolder, layout: Layout, bins: Sequence[str], names: Sequence[str], size: int, work: Work
) -> dict[str, Any]:
    """Join single articles to the groups that they are near to, and write which articles and groups each story bin has.

    Those that follow others, which are in no pair, are with these.

    Args:
        folder: Of the run.
        layout: Of its parts.
        bins: Names of the bins that have been grouped.
        names: Of the parts that were compared.
        size: About how many articles a story bin has: whole groups.
        work: What the run is.
    """
    from dedup.stages import with_singletons

    groups = np.empty(int(layout.starts[-1]), np.int64)
    for name in bins:
        table = folder.read_table("groups", name)
        groups[table.column("article").to_numpy()] = table.column("group").to_numpy()
    alone = np.bincount(groups, minlength=len(groups))[groups] == 1
    pairs, log_odds = [np.empty((0, 2), np.int64)], [np.empty(0)]
    for name in names:
        some, values = edges_of(folder.read_table("pairs", name))
        kept = alone[some].any(axis=1) & (values > work.calibration.absent_log_odds)
        pairs.append(some[kept])
        log_odds.append(values[kept])
    joined = with_singletons(groups, np.concatenate(pairs), np.concatenate(log_odds), work.settings, work.calibration)
    for part in layout.parts:
        articles, leads, _, _ = followers_of(folder.read_table("crowds", part.name))
        joined[articles] = joined[leads]
    return _write_labelled(folder, "singles", joined, size)


def _write_labelled(folder: JobFolder, stage: str, label: npt.NDArray[Any], size: int) -> dict[str, Any]:
    """Write tables of about ``size`` articles, whole labels, in the order of their first articles."""
    import pyarrow

    articles = len(label)
    # in the order of their first articles, so that the articles of a bin lie in few parts
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
        inside = np.sort(ordered[start:end])
        folder.write_table(stage, f"{number:05}", pyarrow.table({"article": inside, "group": label[inside]}))
    return {"bins": len(bounds) - 1, "largest": int(counts.max(initial=0))}


def numbers_of_bin(folder: JobFolder, name: str) -> _Numbers:
    """Return the numbers of the articles of a bin, sorted: int64 ``[n]``."""
    numbers: _Numbers = folder.read_table("bins", name).column("article").to_numpy().astype(np.int64)
    return numbers


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
    parts = [part for part, _ in layout.by_part(numbers)]
    for other in parts:
        for one in parts:
            name = pair_name(one, other)
            if name not in pair_names:
                continue
            pairs, log_odds = edges_of(folder.read_table("pairs", name))
            place = np.minimum(np.searchsorted(numbers, pairs), len(numbers) - 1)
            inside = (numbers[place] == pairs).all(axis=1)
            yield other, pairs[inside], log_odds[inside]
