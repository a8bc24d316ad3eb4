"""XML files as UTF-8 that an XML parser takes, whatever they declare and whichever bytes are wrong in them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from dedup.read.decoding import decode_markup
from dedup.read.lines import ByteStream, as_utf8, iter_chunks, look_ahead, marked_encoding
from dedup.read.options import ReadOptions

__all__ = ["WRONG_BYTE", "xml_chunks"]

WRONG_BYTE = "\ufdd0"
"""Stands where a byte could not be decoded, or is a NUL. No text has this character: Unicode keeps it for such ends."""

_HEAD = 512  # bytes in which the XML declaration ends
_TELLING = 1 << 14  # bytes that tell an encoding
_WITHOUT_MARK = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
_WRONG = re.compile("[\x00\ud800-\udfff]")
_REFUSED_BY_XML = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def xml_chunks(stream: ByteStream, options: ReadOptions) -> Iterator[bytes]:
    """Yield an XML file as UTF-8 without byte order mark, in pieces.

    A byte order mark says what the bytes are, then ``options.encoding``, then the bytes themselves, and the declaration
    only where these do not contradict it. A byte that remains wrong becomes `WRONG_BYTE`, and so spoils its own item
    only; control characters that XML does not have become spaces.

    Raises:
        DamagedStreamError: compressed data is damaged or cut, after what came before it has been yielded.
    """
    head, stream = look_ahead(stream, _HEAD)
    wide = next((name for start, name in _WITHOUT_MARK if head.startswith(start)), None)
    told = marked_encoding(head) is not None or options.encoding is not None
    if told or wide:
        stream = as_utf8(stream, options.encoding if told else wide)
    for text in _decoded(iter_chunks(stream), "utf-8" if told or wide else None, head):
        yield _REFUSED_BY_XML.sub(" ", _WRONG.sub(WRONG_BYTE, text)).encode()


def _decoded(chunks: Iterator[bytes], encoding: str | None, head: bytes) -> Iterator[str]:
    """Text of pieces; without an encoding the first that is not ASCII decides, with what the head declares."""
    decoder: codecs.IncrementalDecoder | None = None
    for chunk in chunks:
        if decoder is None:
            if encoding is None and chunk.isascii():
                yield chunk.decode("ascii")
                continue
            chunk = _enough(chunk, chunks)  # more of the same
            encoding = encoding or decode_markup(head.partition(b"?>")[0] + b"?>" + _whole(chunk)).encoding
            # half a surrogate pair is a wrong character in the wide encodings, a wrong byte in the others
            wide = encoding.startswith("utf-16")
            decoder = codecs.getincrementaldecoder(encoding)("surrogatepass" if wide else "surrogateescape")
        yield decoder.decode(chunk)
    if decoder is not None:
        try:
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError:  # half a character of an encoding of several bytes
            yield WRONG_BYTE


def _enough(chunk: bytes, chunks: Iterator[bytes]) -> bytes:
    """A piece with so many of the next that it tells an encoding: a pipe gives what is there, be it half a letter."""
    while len(chunk) < _TELLING and (more := next(chunks, b"")):
        chunk += more
    return chunk


def _whole(chunk: bytes) -> bytes:
    """A piece without a character that is cut at its end."""
    return chunk[: max(chunk.rfind(b"<"), chunk.rfind(b" "), chunk.rfind(b"\n"))] or chunk
