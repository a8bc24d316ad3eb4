"""Bytes of HTML and XML as text, whatever encoding they declare: what the bytes themselves say goes before a label.

Saved pages often declare the wrong encoding: the server's header is lost, a template was copied, the file was converted
and its label was not. What is here decides between UTF-8, UTF-16 and the code pages of the five languages by the bytes,
and believes a label where the bytes do not contradict it.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from dedup.read.editions import page_language
from dedup.read.lines import marked_encoding

__all__ = ["Decoded", "declared_encoding", "decode_markup"]

_HEAD = 8192  # bytes in which an encoding is declared
_FIRST_TAG = 48  # bytes in which there is hardly anything but a tag
_DECLARED = re.compile(
    rb"<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([\w.:-]{1,40})"
    rb"|<meta[^>]{0,400}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{1,40})",
    re.IGNORECASE,
)
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
_TAG = re.compile("<[^<>]{0,2000}>")
_ARABIC = ("cp1256", "iso8859-6")
_LATIN = ("cp1252", "cp1254", "iso8859-1", "iso8859-9", "iso8859-15", "ascii")
_AS_BROWSERS_DO = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254"}
_ENOUGH_UTF8 = 20  # characters of several bytes for each byte that is wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A document as text."""

    text: str
    encoding: str
    """As Python names it."""
    replaced: int = 0
    """Bytes that meant nothing, each now a U+FFFD."""


def declared_encoding(data: bytes) -> str | None:
    """Return the encoding that a document declares in an XML declaration or a ``meta``, as Python names it."""
    for match in _DECLARED.finditer(data[:_HEAD]):
        if name := _codec(next(filter(None, match.groups())).decode("ascii")):
            return name
    return None


def decode_markup(data: bytes, *, encoding: str | None = None, transport: str | None = None) -> Decoded:
    """Return a document as text.

    In this order: a byte order mark; ``encoding``; UTF-8 and UTF-16 where the bytes are that; what ``transport`` or the
    document declares, if the bytes can be it; and the code page of the script that the bytes show.

    Args:
        data: the document.
        encoding: the user's word.
        transport: the charset of the HTTP header that came with it.

    Raises:
        ValueError: the bytes are not in ``encoding``, or break the mark that they begin with.
    """
    if mark := marked_encoding(data):
        return _strictly(data, mark)
    if encoding is not None:
        return _strictly(data, codecs.lookup(encoding).name)
    if wide := _unmarked_utf16(data):
        return _replacing(data, wide)
    try:
        return Decoded(text=data.decode("utf-8"), encoding="utf-8")
    except UnicodeDecodeError:
        as_utf8 = _replacing(data, "utf-8")
    high = sum(character > "\x7f" for character in as_utf8.text) - as_utf8.replaced
    if high >= _ENOUGH_UTF8 * as_utf8.replaced:
        return as_utf8
    declared = _codec(transport or "") or declared_encoding(data)
    return _replacing(data, _code_page(data, declared))


def _strictly(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(text=data.decode(encoding).removeprefix("\ufeff"), encoding=encoding)
    except UnicodeDecodeError as error:
        raise ValueError(f"invalid {encoding} at byte {error.start} (0x{data[error.start]:02x})") from None


def _replacing(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace")
    return Decoded(text=text, encoding=encoding, replaced=text.count("\ufffd"))


def _codec(name: str) -> str | None:
    """Python's name of an encoding of text; None for what is none that a page can be in."""
    try:
        codec = codecs.lookup(name)
        "".encode(codec.name)  # refuses codecs that turn bytes into bytes, such as base64
    except (LookupError, ValueError):
        return None
    # a label in one-byte letters cannot stand in a document of wide ones
    return None if codec.name.startswith(("utf-16", "utf-32", "utf-7", "idna", "punycode", "unicode")) else codec.name


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without a mark: the tags are ASCII, so every other byte of them is zero."""
    head = data[:_FIRST_TAG]
    odd, even = head[1::2].count(0), head[::2].count(0)
    if max(odd, even) * 4 < len(head) or min(odd, even) * 8 > max(odd, even):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _code_page(data: bytes, declared: str | None) -> str:
    """The encoding of bytes that are not UTF-8.

    Letters of Arabic script are all above 127, so they stand side by side; in Turkish and its neighbours they stand
    between those of ASCII.
    """
    arabic = _stand_side_by_side(data)
    if declared is not None and declared != "utf-8" and declared not in _ARABIC + _LATIN:
        return declared if _fits(data, declared) else _AS_BROWSERS_DO["ascii"]
    if arabic:
        return declared if declared in _ARABIC and _fits(data, declared) else "cp1256"
    if _is_turkish(data):  # of the Latin pages only this one has ğ, ı and ş, at the places of ð, ý and þ
        return "cp1254"
    return _AS_BROWSERS_DO.get(declared, declared) if declared in _LATIN else "cp1252"


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _stand_side_by_side(data: bytes) -> bool:
    runs = [len(run) for run in _HIGH_BYTES.findall(data)]
    return sum(run for run in runs if run > 1) * 2 > sum(runs)


def _is_turkish(data: bytes) -> bool:
    text = data.decode("cp1254", "replace")
    if match := re.search(r"<html[^>]{0,400}?\slang\s{0,9}=\s{0,9}[\"']?(\w\w)", text[:_HEAD], re.IGNORECASE):
        return match[1].lower() == "tr"
    words = " ".join(line for line in _TAG.sub("\n", text).split("\n") if line.count(" ") > 4)
    return page_language(words) == "tr"
