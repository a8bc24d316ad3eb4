"""Stories from vectors that are there already."""

from __future__ import annotations

from dedup.given_vectors.clustering import cluster_vectors, group_rows, near_rows
from dedup.given_vectors.linkage import Linkage
from dedup.given_vectors.rows import Given, StoredRows, WholeRows, digests_of, exact_of, steps_of

__all__ = [
    "Given",
    "Linkage",
    "StoredRows",
    "WholeRows",
    "cluster_vectors",
    "digests_of",
    "exact_of",
    "group_rows",
    "near_rows",
    "steps_of",
]
