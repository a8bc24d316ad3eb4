"""What a run depended on and what it did, written down: so that it can be made again, and told from another.

>>> import dedup
>>> result = dedup.deduplicate(dedup.read_articles("news/"))  # doctest: +SKIP
>>> result.manifest().to_json()  # doctest: +SKIP
"""

from __future__ import annotations

from dedup.manifest.basis import Basis, basis_of
from dedup.manifest.difference import difference
from dedup.manifest.files import FileMark, mark_file
from dedup.manifest.manifest import FORMAT, Manifest, Times, mark_articles

__all__ = [
    "FORMAT",
    "Basis",
    "FileMark",
    "Manifest",
    "Times",
    "basis_of",
    "difference",
    "mark_articles",
    "mark_file",
]
