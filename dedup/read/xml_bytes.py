"""XML files as UTF-8 that an XML parser takes, whatever they declare and whichever bytes are wrong in them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from dedup.read.lines import ByteStream, as_utf8, has_mark, iter_chunks
from dedup.read.options import ReadOptions

__all__ = ["WRONG_BYTE", "xml_chunks"]

WRONG_BYTE = "\ufdd0"
"""Stands where a byte could not be decoded, or is a NUL. No text has this character: Unicode keeps it for such ends."""

_HEAD = 1 << 12
_DECLARATION = re.compile(rb"\s{0,99}<\?xml[^>]{0,200}?\sencoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_WITHOUT_MARK = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
_WRONG = re.compile("[\x00\ud800-\udfff]")
_REFUSED_BY_XML = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def xml_chunks(stream: ByteStream, options: ReadOptions) -> Iterator[bytes]:
    """Yield an XML file as well-formed UTF-8 without byte order mark, in pieces.

    A byte order mark says what the bytes are, then ``options.encoding``, then the bytes themselves: where the first
    that are not ASCII are UTF-8, so is the file, although it may declare something else. Only then the declaration
    counts. A byte that remains wrong becomes `WRONG_BYTE`, and so spoils its own item only; control characters that XML
    does not have become spaces.

    Raises:
        DamagedStreamError: compressed data is damaged or cut, after what came before it has been yielded.
    """
    declared: str | None = None
    if has_mark(stream) or options.encoding is not None:
        stream = as_utf8(stream, options.encoding)
    elif encoding := _wide(stream.peek(2)[:2]):
        stream = as_utf8(stream, encoding)
    else:
        declared = _declared(stream.peek(_HEAD)[:_HEAD])
    for text in _decoded(iter_chunks(stream), declared):
        yield _REFUSED_BY_XML.sub(" ", _WRONG.sub(WRONG_BYTE, text)).encode()


def _decoded(chunks: Iterator[bytes], declared: str | None) -> Iterator[str]:
    decoder: codecs.IncrementalDecoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    undecided = declared is not None
    for chunk in chunks:
        if undecided and not chunk.isascii():
            undecided = False
            if not _is_utf8(chunk):
                decoder = codecs.getincrementaldecoder(declared or "utf-8")("surrogateescape")
        yield decoder.decode(chunk)
    try:
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError:  # half a character of an encoding of several bytes
        yield WRONG_BYTE


def _wide(head: bytes) -> str | None:
    return next((name for start, name in _WITHOUT_MARK if head == start), None)


def _declared(head: bytes) -> str | None:
    """The encoding that a file declares, if Python has it; a file of single bytes cannot be in a wide one."""
    match = _DECLARATION.match(head)
    if match is None:
        return None
    name = match[1].decode("ascii")
    try:
        "".encode(name)  # refuses codecs that turn bytes into bytes, such as base64
        name = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return None if name.startswith(("utf", "ascii", "idna", "punycode", "unicode", "raw")) else name


def _is_utf8(chunk: bytes) -> bool:
    """Whether a piece of a file is UTF-8, but for a character that is cut at its end."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(chunk)
    except UnicodeDecodeError:
        return False
    return True
