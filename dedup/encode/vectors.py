"""Vectors of sentences kept on disk by content, so that no sentence is encoded twice.

One SQLite file for each model, revision and settings. A vector is rounded to float16 as soon as it is computed, and the
rounded one is used from then on: a run that computes it and a run that finds it see the same numbers.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from dedup.encode.base import Encoder
from dedup.errors import CacheError

__all__ = ["HalfVectors", "VectorCache", "count_known", "encode_sentences"]

HalfVectors = npt.NDArray[np.float16]
"""float16 ``[n, dimension]``, rows of about length 1."""

logger = logging.getLogger(__name__)

_KEY_BYTES = 16
_SEAL_BYTES = 4
_DAMAGE = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What a damaged file makes of a statement: SQLite names what is wrong in a message that may be no text either."""
_QUERY_KEYS = 500
_CHUNK_SENTENCES = 2_048
_BUSY_SECONDS = 60
_RETRY_SECONDS = 0.02


class VectorCache:
    """Vectors on disk. Several processes may read and write one file; a damaged one is set aside and begun anew.

    Raises:
        CacheError: the file cannot be opened or written.
    """

    def __init__(self, path: Path, dimension: int) -> None:
        self.path = path
        self.dimension = dimension
        self.is_open = True
        try:
            self._connection = self._open()
        except _DAMAGE as error:
            self._set_aside(error)
            self._connection = self._open()

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

    def _open(self) -> sqlite3.Connection:
        """Return a connection; a ``DatabaseError`` means that the file is damaged."""
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                return self._connect()
            except sqlite3.OperationalError as error:
                if _is_damage(error):
                    raise
                # SQLite waits for a lock itself, but not where two processes set up a new file at once
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if busy and time.monotonic() < deadline:
                    time.sleep(_RETRY_SECONDS)
                    continue
                # not the file's contents but its place: no permission, no such folder, a full disk, locked for too long
                raise CacheError(
                    f"cannot open the vector cache {self.path}: {error}; set DEDUP_CACHE to a folder you can write to"
                ) from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
            )
        except BaseException:
            connection.close()
            raise
        return connection

    def _set_aside(self, error: Exception) -> None:
        aside = self.path.with_suffix(".damaged")
        logger.warning(
            "the vector cache %s is damaged (%s); set aside as %s and begun anew", self.path, error, aside.name
        )
        try:
            self.path.replace(aside)
            for journal in ("-wal", "-shm"):
                self.path.with_name(self.path.name + journal).unlink(missing_ok=True)
        except OSError as refused:
            raise CacheError(
                f"the vector cache {self.path} is damaged and cannot be moved: {refused}; delete it or set DEDUP_CACHE"
            ) from refused

    def find(self, keys: Sequence[bytes]) -> dict[bytes, HalfVectors]:
        """Return the vectors that are there, by key. Entries that are not as they were written count as absent."""
        try:
            return self._find(keys)
        except _DAMAGE as error:
            if not _is_damage(error):
                raise CacheError(f"cannot read the vector cache {self.path}: {error}; set DEDUP_CACHE") from error
            # damage beyond the first page shows when a page is read
            self._connection.close()
            self._set_aside(error)
            self._connection = self._open()
            return {}

    def _find(self, keys: Sequence[bytes]) -> dict[bytes, HalfVectors]:
        found: dict[bytes, HalfVectors] = {}
        for chunk in _chunks(keys, _QUERY_KEYS):
            marks = ",".join("?" * len(chunk))
            query = f"SELECT key, CAST(vector AS BLOB) FROM vectors WHERE key IN ({marks})"  # noqa: S608 - marks only
            for key, blob in self._connection.execute(query, chunk):
                if isinstance(blob, bytes) and self._is_whole(key, blob):
                    found[key] = np.frombuffer(blob, np.float16, self.dimension)
        return found

    def _is_whole(self, key: bytes, blob: bytes) -> bool:
        """Tell whether an entry is what was written; of one from before there were checksums its length alone tells."""
        size = 2 * self.dimension
        return len(blob) == size or (len(blob) == size + _SEAL_BYTES and blob[size:] == _seal(key, blob[:size]))

    def add(self, rows: Iterable[tuple[bytes, HalfVectors]]) -> None:
        """Store vectors. A full disk or a lost permission costs the cache, not the run."""
        try:
            with self._transaction():
                self._connection.executemany(
                    "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                    ((key, (data := vector.tobytes()) + _seal(key, data)) for key, vector in rows),
                )
        except (sqlite3.Error, UnicodeDecodeError) as error:
            logger.warning("vectors are not kept in %s: %s", self.path, error)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self.is_open = False
        self._connection.close()

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
    for chunk in _chunks(missing, _CHUNK_SENTENCES):
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


def _seal(key: bytes, data: bytes) -> bytes:
    """Return the checksum of an entry: SQLite has none, and a vector that a disk has changed is still a vector."""
    return zlib.crc32(data, zlib.crc32(key)).to_bytes(_SEAL_BYTES, "little")


def _is_damage(error: Exception) -> bool:
    """Tell whether an error is about what is in the file, rather than about its place, its disk or who has it open."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    # SQLITE_ERROR: tables or columns that are not there, a file of a format that SQLite does not know
    return not isinstance(error, sqlite3.OperationalError) or code in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT)


def _key(sentence: str) -> bytes:
    # surrogatepass: JSON can spell half a surrogate pair
    return hashlib.blake2b(sentence.encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).digest()


def _chunks(values: Sequence[bytes], size: int) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
