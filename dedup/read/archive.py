"""Web archives, WARC: the pages among their records, one at a time, whatever the archive's size."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any

from dedup.read.lines import DAMAGE, ByteStream, DamagedStreamError
from dedup.read.options import ReadOptions
from dedup.read.page_article import Fetched
from dedup.read.record import Row
from dedup.read.report import ReadReport
from dedup.read.webpage import WebPage, page_articles

__all__ = ["archive_rows"]

_PAGES = ("text/html", "application/xhtml+xml")
_FOUND = ("200", "203")
_CHUNK = 1 << 16
_MOST_HEADER_BYTES = 1 << 18


class _BrokenArchiveError(Exception):
    """It cannot be told where the next record starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Payload:
    """What a record holds, after the headers of HTTP."""

    stream: Any
    kind: str
    """The type of its content, such as ``text/html``."""
    charset: str | None
    encoding: str
    """With which it is compressed, such as ``gzip``; empty for none."""
    found: bool
    """Whether the server had it."""


def archive_rows(stream: ByteStream, file: str, options: ReadOptions, report: ReadReport) -> Iterator[Row]:
    """Yield the articles of the pages in a web archive: responses and resources that are HTML and were found (200).

    Other records are counted as skipped. Lines count records: that of an article is the number of its record, from 1.

    Raises:
        DamagedStreamError: compressed data is damaged or cut, after what came before it has been yielded.
    """
    from warcio.exceptions import ArchiveLoadFailed

    archive = _Archive(stream)
    try:
        for record in archive.records():
            try:
                page = _page(record, file, archive.number, options)
            except ValueError as error:
                report.reject(file, archive.number, str(error))
                continue
            if page is None:
                report.skipped_records += 1
            else:
                yield from page_articles(page, options, report)
    except (_BrokenArchiveError, ArchiveLoadFailed) as error:
        report.reject(file, archive.number, f"broken WARC, the rest of the file is lost: {error}")
    if not archive.number:
        report.reject(file, 1, "the archive is empty")


class _Archive:
    """Records of an archive, and a stream whose lines are bounded, as warcio's parser of headers asks for it."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._header_bytes = 0
        self.number = 0

    def records(self) -> Iterator[Any]:
        """Yield warcio's records; each is read past before the next.

        Raises:
            _BrokenArchiveError, ArchiveLoadFailed: no next record can be found.
            DamagedStreamError: the compressed data are damaged.
        """
        from warcio.recordloader import ArcWarcRecordLoader

        loader = ArcWarcRecordLoader(verify_http=False, arc2warc=False)
        while first := self._first_line():
            self.number += 1
            record = loader.parse_record_stream(self, first, known_format="warc", no_record_parse=True)
            if record.length is None:
                raise _BrokenArchiveError("a record without Content-Length")
            yield record
            while record.raw_stream.read(_CHUNK):
                pass
            _check_whole(record)

    def _first_line(self) -> bytes:
        self._header_bytes = 0
        while (line := self.readline()) and not line.strip():
            self._header_bytes = 0
        return line

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes, fewer only at the end."""
        self._header_bytes = 0  # what comes now is no header
        try:
            return self._stream.read(size)
        except DAMAGE as error:
            raise DamagedStreamError(self.number + 1, error) from error

    def readline(self, size: int | None = None) -> bytes:
        """Return a line, or its first ``size`` bytes."""
        most = _MOST_HEADER_BYTES + 1
        try:
            line = self._stream.readline(most if size is None else min(size, most))
        except DAMAGE as error:
            raise DamagedStreamError(self.number + 1, error) from error
        self._header_bytes += len(line)
        if self._header_bytes > _MOST_HEADER_BYTES:
            raise _BrokenArchiveError(f"the headers of a record have more than {_MOST_HEADER_BYTES} bytes")
        return line


def _check_whole(record: Any) -> None:
    missing = record.raw_stream.limit
    if missing and not record.raw_stream.read(1):
        raise _BrokenArchiveError(f"it ends {missing} bytes before the end of this record")


def _page(record: Any, file: str, number: int, options: ReadOptions) -> WebPage | None:
    """The page that a record holds; None if it holds something else.

    Raises:
        ValueError: it holds a page that cannot be read.
    """
    payload = _payload(record) if record.rec_type in ("response", "resource") else None
    if payload is None or payload.kind not in _PAGES or not payload.found:
        return None
    limit = options.max_record_bytes
    data = _decompressed(payload, limit)
    if len(data) > limit:
        raise ValueError(f"the page has more than max_record_bytes, {limit}")
    _check_whole(record)
    headers = record.rec_headers
    fetched = Fetched(
        address=(headers.get_header("WARC-Target-URI") or "").strip("<> ") or None, time=headers.get_header("WARC-Date")
    )
    return WebPage(data=data, file=file, line=number, charset=payload.charset, fetched=fetched)


def _payload(record: Any) -> _Payload | None:
    from warcio.bufferedreaders import ChunkedDataReader
    from warcio.recordloader import ArcWarcRecordLoader
    from warcio.statusandheaders import StatusAndHeadersParserException

    kind = record.rec_headers.get_header("Content-Type") or ""
    if record.rec_type == "resource":
        return _Payload(stream=record.raw_stream, found=True, encoding="", **_content_type(kind))
    if not kind.lower().startswith("application/http"):
        return None
    try:
        http = ArcWarcRecordLoader(verify_http=False).http_parser.parse(record.raw_stream)
    except (StatusAndHeadersParserException, EOFError):
        return None
    chunked = (http.get_header("Transfer-Encoding") or "").strip().lower() == "chunked"
    return _Payload(
        stream=ChunkedDataReader(record.raw_stream) if chunked else record.raw_stream,
        found=http.get_statuscode() in _FOUND,
        encoding=(http.get_header("Content-Encoding") or "").strip().lower().replace("identity", ""),
        **_content_type(http.get_header("Content-Type") or ""),
    )


def _content_type(value: str) -> dict[str, Any]:
    header = Message()
    header["Content-Type"] = " ".join(value.split())
    charset = header.get_param("charset")
    return {"kind": header.get_content_type(), "charset": charset if isinstance(charset, str) else None}


def _decompressed(payload: _Payload, limit: int) -> bytes:
    """Up to ``limit + 1`` bytes of what a server sent compressed.

    Raises:
        ValueError: the data are damaged, or compressed in a way that is not known here.
    """
    if payload.encoding not in ("", "gzip", "x-gzip", "deflate"):
        raise ValueError(f"a page in the content encoding {payload.encoding[:40]!r}, which is not read; use gzip")
    pieces: list[bytes] = []
    size = 0
    for piece in _inflated(payload, limit) if payload.encoding else _pieces(payload.stream):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            break
    return b"".join(pieces)[: limit + 1]


def _pieces(stream: Any) -> Iterator[bytes]:
    while piece := stream.read(_CHUNK):
        yield piece


def _inflated(payload: _Payload, limit: int) -> Iterator[bytes]:
    inflate: Any = None
    for piece in _pieces(payload.stream):
        if inflate is None:
            plain = payload.encoding == "deflate" and piece[0] & 0x0F != 8  # raw, as some servers send it
            gzipped = piece.startswith(b"\x1f\x8b")
            if payload.encoding != "deflate" and not gzipped:
                yield from (piece, *_pieces(payload.stream))  # archived as it was shown
                return
            inflate = zlib.decompressobj(-zlib.MAX_WBITS if plain else 32 + zlib.MAX_WBITS)
        try:
            yield inflate.decompress(piece, limit + 1)
        except zlib.error as error:
            raise ValueError(f"damaged {payload.encoding} data in the page: {error}") from None
    if inflate is not None and not inflate.eof:
        raise ValueError(f"{payload.encoding} data of the page are cut")
