"""Vectors of a store: files that only grow, read through memory maps, a checksum for each article.

A segment begins with 16 bytes: ``DEDUPVEC``, the version of this layout and the dimension as little-endian uint32.
Articles follow, each as its article vector (float32 ``[dimension]``), its sentences' codes (int8 ``[sentences,
dimension]``), their scales and weights (float32 ``[sentences]`` each), as ``Fingerprints`` has them. Where each begins,
how many sentences it has and the CRC-32 of its bytes stands in the database, which alone says what counts: bytes that
no row points at were never acknowledged.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from dedup.encode.base import Vectors
from dedup.errors import StoreDamagedError, StoreError

__all__ = ["ArticleVectors", "Place", "Segments", "sync_folder"]

_MAGIC = b"DEDUPVEC"
_LAYOUT = 1
_HEADER = struct.Struct("<8sII")
_MOST_BYTES = 64 << 20
"""A segment that is larger is followed by the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the vectors of an article are."""

    segment: int
    place: int
    """Byte at which they begin."""
    sentences: int
    checksum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleVectors:
    """The vectors of one article, as ``Fingerprints`` has them."""

    document: Vectors
    """float32 ``[dimension]``."""
    codes: npt.NDArray[np.int8]
    """int8 ``[sentences, dimension]``."""
    scales: npt.NDArray[np.float32]
    """float32 ``[sentences]``."""
    weights: npt.NDArray[np.float32]
    """float32 ``[sentences]``."""

    def to_bytes(self) -> bytes:
        """Return the bytes that a segment holds."""
        return b"".join(
            [
                self.document.astype("<f4").tobytes(),
                self.codes.astype(np.int8).tobytes(),
                self.scales.astype("<f4").tobytes(),
                self.weights.astype("<f4").tobytes(),
            ]
        )


class Segments:
    """The segments in a folder.

    Args:
        folder: Made when the first article is written.
        dimension: Length of a vector.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        self._folder = folder
        self._dimension = dimension
        self._maps: dict[int, mmap.mmap] = {}

    def append(self, vectors: Iterable[ArticleVectors], ends: Mapping[int, int]) -> list[Place]:
        """Write the vectors of articles behind what is there, to disk, and return where they are.

        Args:
            vectors: Of the articles.
            ends: Bytes of each segment that count; the last is cut there, and grows.

        Raises:
            StoreError: they cannot be written; nothing that counted has changed.
        """
        records = [(len(one.scales), one.to_bytes()) for one in vectors]
        places: list[Place] = []
        number = max(ends, default=1)
        end = ends.get(number, 0)
        while records:
            if end >= _MOST_BYTES:
                number, end = number + 1, 0
            room = max(1, sum(1 for _ in _fitting(records, _MOST_BYTES - end)))
            with self._errors(), self._open(number, end) as file:
                end = max(end, _HEADER.size)
                for sentences, record in records[:room]:
                    file.write(record)
                    places.append(Place(segment=number, place=end, sentences=sentences, checksum=zlib.crc32(record)))
                    end += len(record)
                file.flush()
                os.fsync(file.fileno())
            records = records[room:]
        return places

    def _open(self, number: int, end: int) -> IO[bytes]:
        """Return a segment to be written from ``end`` on; one that is new has its header."""
        path = self.path(number)
        self._forget(number)
        if not end:
            self._folder.mkdir(exist_ok=True)
            path.write_bytes(_HEADER.pack(_MAGIC, _LAYOUT, self._dimension))
            sync_folder(self._folder)
            sync_folder(self._folder.parent)
            end = _HEADER.size
        size = path.stat().st_size
        if size < end:
            raise StoreDamagedError(f"{path} has {size} bytes, {end} were written; repair the store")
        file = path.open("r+b")
        file.truncate(end)
        file.seek(end)
        return file

    def read(self, place: Place) -> ArticleVectors:
        """Return the vectors of an article; a copy.

        Raises:
            StoreDamagedError: they are not there whole.
        """
        record = self._bytes(place)
        dimension, sentences = self._dimension, place.sentences
        codes_at, scales_at = 4 * dimension, (4 + sentences) * dimension
        return ArticleVectors(
            document=np.frombuffer(record, "<f4", dimension).astype(np.float32),
            codes=np.frombuffer(record, np.int8, sentences * dimension, codes_at).reshape(sentences, dimension),
            scales=np.frombuffer(record, "<f4", sentences, scales_at).astype(np.float32),
            weights=np.frombuffer(record, "<f4", sentences, scales_at + 4 * sentences).astype(np.float32),
        )

    def document(self, place: Place) -> Vectors:
        """Return the article vector alone: float32 ``[dimension]``."""
        whole = self._mapped(place.segment, place.place + 4 * self._dimension)
        return np.frombuffer(whole[place.place : place.place + 4 * self._dimension], "<f4").astype(np.float32)

    def size(self, sentences: int) -> int:
        """Return how many bytes an article of so many sentences takes."""
        return 4 * self._dimension + sentences * (self._dimension + 8)

    def is_whole(self, place: Place) -> bool:
        """Tell whether the vectors of an article are what was written."""
        try:
            return zlib.crc32(self._bytes(place)) == place.checksum
        except StoreDamagedError:
            return False

    def _bytes(self, place: Place) -> bytes:
        end = place.place + self.size(place.sentences)
        return self._mapped(place.segment, end)[place.place : end]

    def _mapped(self, number: int, end: int) -> mmap.mmap:
        found = self._maps.get(number)
        if found is None or len(found) < end:
            found = self._maps[number] = self._map(number)
        if len(found) < end:
            raise StoreDamagedError(
                f"{self.path(number)} ends at byte {len(found)}, vectors were written up to {end}; repair the store"
            )
        return found

    def _map(self, number: int) -> mmap.mmap:
        path = self.path(number)
        try:
            with path.open("rb") as file:
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:  # ValueError: an empty file
            raise StoreDamagedError(f"cannot read {path}: {error}; repair the store") from error
        if mapped[: _HEADER.size] != _HEADER.pack(_MAGIC, _LAYOUT, self._dimension):
            raise StoreDamagedError(f"{path} does not begin as a segment of this store does; repair the store")
        return mapped

    def path(self, number: int) -> Path:
        """Return where a segment is."""
        return self._folder / f"{number:06d}.vec"

    def name(self, number: int) -> str:
        """Return what a segment is called within the store."""
        return f"{self._folder.name}/{self.path(number).name}"

    def length(self, number: int) -> int:
        """Return how many bytes a segment has; 0 where it is not there."""
        path = self.path(number)
        return path.stat().st_size if path.is_file() else 0

    def numbers(self) -> list[int]:
        """Return the numbers of the files that are there, those that do not count too."""
        return sorted(int(path.stem) for path in self._folder.glob("*.vec") if path.stem.isdecimal())

    def delete(self, number: int) -> None:
        """Delete a segment. Who has it mapped goes on reading it."""
        self._forget(number)
        with self._errors():
            self.path(number).unlink(missing_ok=True)

    def forget_all_but(self, numbers: Iterable[int]) -> None:
        """Let go of the maps of other segments: the disk of a deleted one is free only when nobody has it mapped."""
        for number in self._maps.keys() - set(numbers):
            self._forget(number)

    def _forget(self, number: int) -> None:
        mapped = self._maps.pop(number, None)
        if mapped is not None:
            mapped.close()

    def close(self) -> None:
        """Let go of all maps."""
        for number in list(self._maps):
            self._forget(number)

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"cannot write vectors to {self._folder}: {error.strerror}; nothing of this change was kept: make "
                "room, or give the right to write, and do it again"
            ) from error


def _fitting(records: list[tuple[int, bytes]], room: int) -> Iterator[None]:
    for _, record in records:
        room -= len(record)
        if room < 0:
            return
        yield None


def sync_folder(folder: Path) -> None:
    """Make a new file's name as durable as what is in it, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
