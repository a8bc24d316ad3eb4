"""Files compressed with zstd, as a stream of what is in them."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any

from dedup.read.lines import BrokenDataError
from dedup.read.packages import require_packages

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["is_zstd", "open_zstd"]

_MAGIC = b"\x28\xb5\x2f\xfd"
_SKIPPABLE_MAGIC_END = b"\x2a\x4d\x18"  # after a byte of 0x50-0x5f
_DICTIONARY_MAGIC = b"\x5d\x2a\x4d\x18"
_PIECE = 1024  # bytes in; at four bytes a block of 128 KiB, no more than 32 MiB come out
_BUFFER = 1 << 16
_LARGEST_WINDOW = 1 << 27  # bytes; what zstd itself allows without being told otherwise
_LARGEST_DICTIONARY = 1 << 24


def is_zstd(head: bytes) -> bool:
    """Return whether a file that begins so is zstd: with a frame, or with one to be skipped.

    >>> is_zstd(bytes.fromhex("28b52ffd00")), is_zstd(b"{}")
    (True, False)
    """
    return head.startswith(_MAGIC) or (head[1:4] == _SKIPPABLE_MAGIC_END and 0x50 <= head[0] <= 0x5F)


def open_zstd(raw: io.BufferedReader) -> io.BufferedReader:
    """Return what is in a file of any number of zstd frames; a dictionary at its front, as web archives have, is used.

    Memory is bounded whatever the data. Closing what is returned leaves ``raw`` open.

    Raises:
        MissingPackageError: the package ``zstandard`` is not installed.
    """
    require_packages(["zstandard"], kind="zstd files")
    return io.BufferedReader(_Zstd(raw), _BUFFER)


class _Zstd(io.RawIOBase):
    """Decompresses piece by piece, and knows, as the package's own stream does not, whether the last frame is whole."""

    def __init__(self, raw: io.BufferedReader) -> None:
        super().__init__()
        self._raw = raw
        self._frame: Any = None
        self._started = False
        self._compressed = b""
        self._plain = memoryview(b"")
        self._decompressor: Any = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        if self._decompressor is None:
            self._decompressor = self._make_decompressor()
        while not self._plain and self._advance():
            pass
        view = memoryview(buffer).cast("B")
        count = min(len(view), len(self._plain))
        view[:count] = self._plain[:count]
        self._plain = self._plain[count:]
        return count

    def _advance(self) -> bool:
        """Decompress one piece; False at the end."""
        from zstandard import ZstdError

        self._compressed = self._compressed or self._raw.read1(_PIECE)
        if not self._compressed:
            if self._started:
                raise BrokenDataError("it ends in the midst of a frame")
            return False
        if self._frame is None:
            self._frame = self._decompressor.decompressobj()
        try:
            self._plain = memoryview(self._frame.decompress(self._compressed))
        except ZstdError as error:
            raise BrokenDataError(str(error).removeprefix("zstd decompress error: ")) from error
        self._started = not self._frame.eof
        self._compressed = self._frame.unused_data
        if self._frame.eof:
            self._frame = None
        return True

    def _make_decompressor(self) -> Any:
        from zstandard import ZstdCompressionDict, ZstdDecompressor, ZstdError

        if self._raw.peek(4)[:4] != _DICTIONARY_MAGIC:
            return ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
        _, size = struct.unpack("<4sI", self._exactly(8))
        if size > _LARGEST_DICTIONARY:
            raise BrokenDataError(f"its dictionary has {size} bytes, more than {_LARGEST_DICTIONARY}")
        data = self._exactly(size)
        try:
            if data.startswith(_MAGIC):
                data = ZstdDecompressor().decompress(data, max_output_size=_LARGEST_DICTIONARY)
            return ZstdDecompressor(dict_data=ZstdCompressionDict(data), max_window_size=_LARGEST_WINDOW)
        except ZstdError as error:
            raise BrokenDataError(f"its dictionary cannot be used: {error}") from error

    def _exactly(self, size: int) -> bytes:
        data = self._raw.read(size)
        if len(data) < size:
            raise BrokenDataError("it ends in its dictionary")
        return data
