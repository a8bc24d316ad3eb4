"""Vectors of sentences kept on disk by content, so that no sentence is encoded twice.

One SQLite file for each model, revision and settings. A vector is rounded to float16 as soon as it is computed, and the
rounded one is used from then on: a run that computes it and a run that finds it see the same numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from dedup.encode.base import Encoder
from dedup.keyed_file import Entries, KeyedFile, chunks

__all__ = ["HalfVectors", "VectorCache", "count_known", "encode_sentences"]

HalfVectors = npt.NDArray[np.float16]
"""float16 ``[n, dimension]``, rows of about length 1."""

_KEY_BYTES = 16
_CHUNK_SENTENCES = 2_048


class VectorCache:
    """Vectors on disk. Several processes may read and write one file; a damaged one is set aside and begun anew.

    Raises:
        CacheError: the file cannot be opened or written.
    """

    def __init__(self, path: Path, dimension: int) -> None:
        self.path = path
        self.dimension = dimension
        self.is_open = True
        self._bytes = 2 * dimension
        entries = Entries(name="vectors", file="vector cache", column="vector", unsealed_bytes=self._bytes)
        self._file = KeyedFile(path, entries)

    @classmethod
    def for_encoder(cls, encoder: Encoder, folder: Path) -> VectorCache:
        """Open the cache in ``folder`` that belongs to ``encoder``: model, revision and settings."""
        return cls(cls.path_for(encoder, folder), encoder.dimension)

    @staticmethod
    def path_for(encoder: Encoder, folder: Path) -> Path:
        """Return the file in ``folder`` that belongs to ``encoder``, whether it is there or not."""
        identity = "\n".join((encoder.model, encoder.revision, encoder.settings, str(encoder.dimension)))
        name = hashlib.blake2b(identity.encode(), digest_size=8).hexdigest()
        return folder / f"vectors-{name}.sqlite"

    @classmethod
    def in_memory(cls, encoder: Encoder) -> VectorCache:
        """Return a cache that ends with the process: for work that meets the same sentences several times."""
        return cls(Path(":memory:"), encoder.dimension)

    def find(self, keys: Sequence[bytes]) -> dict[bytes, HalfVectors]:
        """Return the vectors that are there, by key. Entries that are not as they were written count as absent."""
        found = self._file.find(keys)
        return {key: np.frombuffer(data, np.float16) for key, data in found.items() if len(data) == self._bytes}

    def add(self, rows: Iterable[tuple[bytes, HalfVectors]]) -> None:
        """Store vectors. A full disk or a lost permission costs the cache, not the run."""
        self._file.add((key, vector.tobytes()) for key, vector in rows)

    def close(self) -> None:
        """Close the file."""
        self.is_open = False
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def count_known(sentences: Iterable[str], cache: VectorCache) -> tuple[int, int]:
    """Return how many distinct sentences there are, and of how many the vectors are in the cache."""
    keys = list({_key(sentence) for sentence in sentences})
    return len(keys), len(cache.find(keys))


def encode_sentences(
    sentences: Sequence[str],
    encoder: Encoder,
    cache: VectorCache | None = None,
    *,
    progress: Callable[[int], None] | None = None,
) -> HalfVectors:
    """Return float16 ``[len(sentences), dimension]``: each distinct sentence once from the cache or the encoder.

    ``progress`` is called with the number of distinct sentences done since its last call.
    """
    keys = [_key(sentence) for sentence in sentences]
    text_of = dict(zip(keys, sentences, strict=True))
    known = cache.find(list(text_of)) if cache is not None else {}
    if progress is not None:
        progress(len(known))
    missing = sorted((key for key in text_of if key not in known), key=lambda key: len(text_of[key]))
    for chunk in chunks(missing, _CHUNK_SENTENCES):
        computed = encoder.encode([text_of[key] for key in chunk]).astype(np.float16)
        fresh = dict(zip(chunk, computed, strict=True))
        if cache is not None:
            cache.add(fresh.items())
        known.update(fresh)
        if progress is not None:
            progress(len(chunk))
    vectors = np.empty((len(sentences), encoder.dimension), np.float16)
    for row, key in enumerate(keys):
        vectors[row] = known[key]
    return vectors


def _key(sentence: str) -> bytes:
    # surrogatepass: JSON can spell half a surrogate pair
    return hashlib.blake2b(sentence.encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).digest()
