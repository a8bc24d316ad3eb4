"""Byte streams as lines of bounded length, in UTF-8 whatever they were."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from dedup.read.options import NAME_ENCODING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = [
    "DAMAGE",
    "BombError",
    "BrokenDataError",
    "ByteStream",
    "DamagedStreamError",
    "Line",
    "as_utf8",
    "decode_line",
    "iter_chunks",
    "iter_lines",
    "look_ahead",
    "marked_encoding",
    "read_up_to",
]

ByteStream: TypeAlias = io.BufferedReader | gzip.GzipFile
"""What this room reads from: both have ``peek``, ``read1`` and a bounded ``readline``."""

_CHUNK = 1 << 16
_MOST_BLANK = 1_000_000  # lines that follow each other; a file of 260 KB can unpack to as many as take an hour
_MARKS = (  # longest first: UTF-16's mark begins UTF-32's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class BrokenDataError(Exception):
    """Raised by a stream of ours in the midst of reading: its zstd data are damaged or cut."""


class BombError(Exception):
    """Raised by a stream of ours in the midst of reading: there is nothing in it but size."""


DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, BrokenDataError, BombError)
"""What a stream of compressed data raises where they are damaged or cut."""


class DamagedStreamError(Exception):
    """A compressed stream breaks off; what came before has been handed out."""

    def __init__(self, line: int, cause: BaseException) -> None:
        kind = "zstd" if isinstance(cause, BrokenDataError) else "gzip"
        super().__init__(
            f"{cause}; the rest of the file is not read"
            if isinstance(cause, BombError)
            else f"damaged {kind} data, the rest of the file is lost: {cause}"
        )
        self.line = line
        self.is_bomb = isinstance(cause, BombError)
        """Whether there is nothing in it but size."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file."""

    number: int
    """Counted from 1."""
    data: bytes | None
    """Without its line break; None where it is longer than the bound."""
    size: int
    """In bytes, without the line break."""


def iter_lines(stream: ByteStream, limit: int) -> Iterator[Line]:
    """Yield the lines of ``stream``; a line of more than ``limit`` bytes is read past and never held.

    Raises:
        DamagedStreamError: compressed data is damaged or cut; the line that it broke is lost. Or a million blank lines
            follow each other.
    """
    number = told = whole = 0
    try:
        while data := stream.readline(limit + 2):  # room for \r\n
            number += 1
            text = data.rstrip(b"\r\n") if data.endswith(b"\n") else data
            if text:
                told = number
            elif number - told > _MOST_BLANK:
                raise BombError(f"more than {_MOST_BLANK} blank lines follow each other")
            if len(text) <= limit:
                whole = number
                yield Line(number, text, len(text))
                continue
            size = len(data)
            while not data.endswith(b"\n") and (more := stream.readline(_CHUNK)):
                size += len(more)
                data = data[-1:] + more  # \r\n can fall apart between two pieces
            whole = number
            yield Line(number, None, size - (len(data) - len(data.rstrip(b"\r\n")) if data.endswith(b"\n") else 0))
    except DAMAGE as error:
        raise DamagedStreamError(whole + 1, error) from error


def read_up_to(stream: ByteStream, limit: int) -> tuple[bytes, DamagedStreamError | None]:
    """Return the first ``limit + 1`` bytes or all there are, and the damage that ended them early, if any."""
    chunks: list[bytes] = []
    size = 0
    try:
        while size <= limit and (chunk := stream.read1(min(_CHUNK, limit + 1 - size))):
            chunks.append(chunk)
            size += len(chunk)
    except DAMAGE as error:
        data = b"".join(chunks)
        return data, DamagedStreamError(data.count(b"\n") + 1, error)
    return b"".join(chunks), None


def iter_chunks(stream: ByteStream) -> Iterator[bytes]:
    """Yield all that there is, in pieces of at most 64 KiB.

    Raises:
        DamagedStreamError: compressed data is damaged or cut, after what came before it has been yielded.
    """
    line = 1
    try:
        while chunk := stream.read1(_CHUNK):
            line += chunk.count(b"\n")
            yield chunk
    except DAMAGE as error:
        raise DamagedStreamError(line, error) from error


def look_ahead(stream: ByteStream, size: int) -> tuple[bytes, ByteStream]:
    """Return the first ``size`` bytes, fewer only where there are no more, and a stream that begins with them again.

    `peek` gives what a pipe has at hand, which can be a single byte. Damage is raised where the bytes before it end.
    """
    head, damage = read_up_to(stream, size - 1)
    return head, io.BufferedReader(_Rejoined(head, stream, damage), max(size, _CHUNK))


def decode_line(data: bytes) -> str:
    """Return a line as text.

    Raises:
        ValueError: it is not UTF-8; the message has the offset of the first wrong byte in the line.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"invalid UTF-8 at byte {error.start} of the line (0x{data[error.start]:02x}); {NAME_ENCODING}"
        ) from None


def as_utf8(stream: ByteStream, encoding: str | None) -> ByteStream:
    """Return a stream of UTF-8 without byte order mark over one of ``encoding``, or of what its mark says.

    What cannot be decoded becomes invalid UTF-8, so that it is found, and rejected, in the line where it stands.

    Raises:
        DamagedStreamError: compressed data is damaged from its very beginning.
    """
    try:
        head = stream.peek(4)[:4]
    except DAMAGE as error:
        raise DamagedStreamError(1, error) from error
    mark, marked = _mark(head)
    name = codecs.lookup(marked or encoding or "utf-8").name
    if name in ("utf-8", "ascii", "utf-8-sig"):
        stream.read(len(mark))
        return stream
    return io.BufferedReader(_Transcoder(stream, name), _CHUNK)


def marked_encoding(data: bytes) -> str | None:
    """Return the encoding that the byte order mark at the beginning of ``data`` tells, None where there is none."""
    return _mark(data)[1]


def _mark(head: bytes) -> tuple[bytes, str | None]:
    return next(((mark, name) for mark, name in _MARKS if head.startswith(mark)), (b"", None))


class _Transcoder(io.RawIOBase):
    """Reads a stream of any encoding as UTF-8."""

    def __init__(self, stream: ByteStream, encoding: str) -> None:
        super().__init__()
        self._stream = stream
        # The wide encodings can carry lone surrogates, the others bytes without meaning: both pass as surrogates,
        # which are then written as the invalid UTF-8 that they are.
        wide = encoding.startswith(("utf-16", "utf-32"))
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass" if wide else "surrogateescape")
        self._pending = b""
        self._done = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        while not self._pending and not self._done:
            chunk = self._stream.read1(_CHUNK)
            self._done = not chunk
            try:
                text = self._decoder.decode(chunk, final=self._done)
            except UnicodeDecodeError:  # beyond what the handlers can carry, such as half a character at the end
                self._pending, self._done = b"\xff", True
            else:
                self._pending = text.encode("utf-8", "surrogatepass")
        view = memoryview(buffer).cast("B")
        count = min(len(view), len(self._pending))
        view[:count] = self._pending[:count]
        self._pending = self._pending[count:]
        return count


class _Rejoined(io.RawIOBase):
    """A stream from which a beginning has been read, with it before it again."""

    def __init__(self, head: bytes, stream: ByteStream, damage: DamagedStreamError | None) -> None:
        super().__init__()
        self._head, self._stream, self._damage = head, stream, damage

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if not self._head and self._damage is not None:
            raise self._damage
        data = self._head[: len(view)] if self._head else self._stream.read1(len(view))
        self._head = self._head[len(data) :]
        view[: len(data)] = data
        return len(data)
