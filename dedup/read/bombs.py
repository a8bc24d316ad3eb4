"""Compressed data that are there to be large: they unpack to hundreds of times their size, as no text does."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from dedup.read.lines import BombError, ByteStream

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["Counted", "bounded"]

_FREE = 1 << 24
"""Bytes that anything may unpack to."""
_MOST_TIMES = 200
"""What more may come out for each byte that went in. Text gives 3 to 10, the same article ten thousand times 300, for
which there is room in what is free; zeros give a thousand in gzip and thirty thousand in zstd."""
_BUFFER = 1 << 16


class Counted(io.RawIOBase):
    """A stream of compressed bytes that knows how many were read."""

    def __init__(self, raw: io.BufferedReader) -> None:
        super().__init__()
        self._raw = raw
        self.count = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read some bytes."""
        view = memoryview(buffer).cast("B")
        data = self._raw.read1(len(view))
        view[: len(data)] = data
        self.count += len(data)
        return len(data)


def bounded(unpacked: ByteStream, packed: Counted) -> io.BufferedReader:
    """Return a stream of what is unpacked that raises `BombError` where that is too much for what went in."""
    return io.BufferedReader(_Bounded(unpacked, packed), _BUFFER)


class _Bounded(io.RawIOBase):
    def __init__(self, unpacked: ByteStream, packed: Counted) -> None:
        super().__init__()
        self._unpacked, self._packed = unpacked, packed
        self._came = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self._unpacked.read1(len(view))
        self._came += len(data)
        if self._came > _FREE + _MOST_TIMES * self._packed.count:
            raise BombError(
                f"it unpacks to more than {_MOST_TIMES} times its size, as a decompression bomb does; "
                "unpack it yourself if you trust it"
            )
        view[: len(data)] = data
        return len(data)
