"""Articles of a store as fingerprints, to be scored with each other."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup.evidence.hashed import HashedEvidence
from dedup.evidence.packed import packed_columns
from dedup.store.database import Database
from dedup.store.segments import ArticleVectors, Place, Segments

if TYPE_CHECKING:
    from dedup.encode.fingerprint import Fingerprints

__all__ = ["Known", "StoredArticles", "fingerprints_of", "without_vectors"]

_MOST_HELD = 8_192
"""Articles whose fingerprints are kept in memory, those looked at last: about 15 KB each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What an article is compared by."""

    id: str
    language: str
    hours: float
    """Publication in hours since 1970 UTC; NaN where unknown."""
    vectors: ArticleVectors
    evidence: bytes
    """Packed; see ``dedup.evidence.packed``."""


class StoredArticles:
    """Reads what articles are compared by, and keeps the last ones in memory.

    Args:
        database: Of the store.
        segments: Likewise.
    """

    def __init__(self, database: Database, segments: Segments) -> None:
        self._database, self._segments = database, segments
        self._held: OrderedDict[int, Known] = OrderedDict()

    def forget(self) -> None:
        """Let go of what is held."""
        self._held.clear()

    def known(self, numbers: Sequence[int]) -> dict[int, Known]:
        """Return articles by their numbers; within a transaction."""
        found = {number: self._held[number] for number in numbers if number in self._held}
        missing = [number for number in numbers if number not in found]
        for number, key, language, hours, evidence, *where in self._database.rows_among(
            "SELECT number, id, language, hours, evidence, segment, place, sentences, checksum FROM articles "
            "WHERE number IN ({})",
            missing,
        ):
            place = Place(segment=where[0], place=where[1], sentences=where[2], checksum=where[3])
            found[number] = Known(
                id=key,
                language=language,
                hours=float("nan") if hours is None else hours,
                vectors=self._segments.read(place),
                evidence=evidence,
            )
        for number in numbers:
            self._held[number] = found[number]
            self._held.move_to_end(number)
        while len(self._held) > _MOST_HELD:
            self._held.popitem(last=False)
        return found


def fingerprints_of(articles: Sequence[Known]) -> Fingerprints:
    """Return the fingerprints of ``n`` articles, equal to those that a batch run makes of them."""
    from dedup.encode.fingerprint import Fingerprints

    tags = sorted({article.language for article in articles})
    number = {tag: place for place, tag in enumerate(tags)}
    counts = [len(article.vectors.scales) for article in articles]
    return Fingerprints(
        codes=np.concatenate([article.vectors.codes for article in articles]),
        scales=np.concatenate([article.vectors.scales for article in articles]),
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        weights=np.concatenate([article.vectors.weights for article in articles]),
        documents=np.stack([article.vectors.document for article in articles]),
        languages=np.array([number[article.language] for article in articles], np.int64),
        evidence=packed_columns([article.evidence for article in articles]),
        hours=_hours(articles),
    )


def _hours(articles: Sequence[Known]) -> npt.NDArray[np.float64]:
    return np.array([article.hours for article in articles], np.float64)


def without_vectors(
    hours: npt.NDArray[np.float64],
    languages: npt.NDArray[np.int64],
    evidence: HashedEvidence,
    *,
    asked: HashedEvidence,
) -> Fingerprints:
    """Return fingerprints of ``n`` articles without any vector, and of their evidence what those asked can share.

    Args:
        hours: float64 ``[n]``.
        languages: int64 ``[n]``.
        evidence: Of the ``n`` articles.
        asked: Of those with which they are compared.
    """
    from dedup.encode.fingerprint import Fingerprints

    names, places = (
        mentions.among(np.unique(of_asked.keys))
        for mentions, of_asked in ((evidence.names, asked.names), (evidence.places, asked.places))
    )
    return Fingerprints(
        codes=np.empty((0, 0), np.int8),
        scales=np.empty(0, np.float32),
        offsets=np.zeros(len(hours) + 1, np.int64),
        weights=np.empty(0, np.float32),
        documents=np.empty((len(hours), 0), np.float32),
        languages=languages,
        evidence=replace(packed_columns([]), names=names, places=places, marks_names=evidence.marks_names),
        hours=hours,
    )
