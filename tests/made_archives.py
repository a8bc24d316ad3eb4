"""Web archives out of sources that can be read: tests/read/fixtures/warc/*.records."""

from __future__ import annotations

import gzip
import io
import zlib

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

_RECORD = "\n=== "


def make_archive(source: str) -> bytes:
    """Return the archive that a source describes, written by warcio.

    A record begins with ``=== TYPE ADDRESS DATE [OPTION...]``. For a response or request the lines up to the first
    empty one are the headers of HTTP; for others the first line is the type of the content. What follows is the
    content. Options say how it is stored: ``encode:NAME`` (of text), ``gzip``, ``deflate``, ``chunked``; ``cut:N``
    ends the archive N bytes before the end of that record.
    """
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=False, warc_version="1.0")
    for piece in ("\n" + source).split(_RECORD)[1:]:
        head, _, rest = piece.partition("\n")
        kind, address, date, *options = head.split()
        writer.write_record(_record(writer, kind, address, date, rest, options))
        for option in options:
            if option.startswith("cut:"):
                return out.getvalue()[: -int(option.removeprefix("cut:")) - 4]
    return out.getvalue()


def _record(writer: WARCWriter, kind: str, address: str, date: str, rest: str, options: list[str]) -> object:
    http = None
    if kind in ("response", "request", "revisit"):
        head, _, content = rest.partition("\n\n")
        first, *lines = head.strip().split("\n")
        protocol, _, status = first.partition(" ")
        if kind == "request":
            protocol, status = first, ""
        http = StatusAndHeaders(status, [tuple(line.split(": ", 1)) for line in lines], protocol=protocol)
        content_type = None
    else:
        content_type, _, content = rest.partition("\n")
    data = _stored(content.rstrip("\n") + "\n", options)
    return writer.create_warc_record(
        address,
        kind,
        payload=io.BytesIO(data),
        length=len(data),
        warc_content_type=content_type or "",
        warc_headers_dict={"WARC-Date": date},
        http_headers=http,
    )


def _stored(content: str, options: list[str]) -> bytes:
    encoding = next((option.removeprefix("encode:") for option in options if option.startswith("encode:")), "utf-8")
    data = content.encode(encoding)
    if "gzip" in options:
        data = gzip.compress(data, mtime=0)
    if "deflate" in options:
        data = zlib.compress(data)
    if "chunked" in options:
        pieces = [data[start : start + 700] for start in range(0, len(data), 700)]
        data = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))
    return data
