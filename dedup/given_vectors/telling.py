"""Stories of vectors by name: each vector with the first of its story."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dedup.given_vectors.clustering import cluster_vectors, time_order

if TYPE_CHECKING:
    from dedup.given_vectors.files import Piece
    from dedup.given_vectors.linkage import Linkage

__all__ = ["group_and_tell"]


def group_and_tell(given: Piece, linkage: Linkage) -> tuple[Iterator[tuple[int | str, int | str]], int]:
    """Return each vector with the first of its story, by id or row, and how many stories there are.

    The first is the one with the smallest id; without ids the earliest. Vectors are in the order of the earliest of
    their story, then of time: as an engine tells them.

    Raises:
        InputError: two vectors have one id, or one is no finite number.
    """
    labels = cluster_vectors(
        given.vectors,
        hours=given.hours,
        ids=given.ids,
        similarity=linkage.similarity,
        window_hours=linkage.window_hours,
        far=linkage.far,
    )
    order = time_order(given.vectors, given.hours, given.ids)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    stories = int(labels.max(initial=-1)) + 1
    earliest = np.full(stories, len(order))
    np.minimum.at(earliest, labels, place)
    first = order[earliest].tolist()
    if given.ids is not None:
        smallest: dict[int, int] = {}
        for row in sorted(range(len(labels)), key=given.ids.__getitem__):
            smallest.setdefault(int(labels[row]), row)
        first = [smallest[story] for story in range(stories)]
    told = np.lexsort((place, earliest[labels])).tolist()
    names = given.ids if given.ids is not None else range(len(labels))
    return ((names[row], names[first[labels[row]]]) for row in told), stories
