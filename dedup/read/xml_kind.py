"""XML files of whichever kind their root element tells: NewsML-G2, NITF, or a feed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from dedup.read.feed import feed_rows
from dedup.read.formats import REGISTRY
from dedup.read.lines import ByteStream, iter_chunks, look_ahead
from dedup.read.newsml import NEWSML_ROOTS, newsml_rows
from dedup.read.nitf import nitf_rows
from dedup.read.options import ReadOptions
from dedup.read.packages import require_packages
from dedup.read.record import Row
from dedup.read.report import ReadReport
from dedup.read.xml_bytes import xml_chunks
from dedup.read.xml_items import local_name

__all__ = ["root_name", "xml_rows"]

_HEAD = 1 << 16  # bytes in which the root element begins
_FEED_ROOTS = frozenset(("rss", "feed", "RDF"))
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_ROOT = re.compile(rb"<([^\s<>/!?'\"=]{1,200})[\s/>]")


def xml_rows(stream: ByteStream, file: str, options: ReadOptions, report: ReadReport) -> Iterator[Row]:
    """Yield the records of a file of NewsML-G2, of NITF, or of a feed.

    Raises:
        DamagedStreamError: compressed data is damaged or cut, after what came before it has been yielded.
        MissingPackageError: it is a feed, and the package that reads feeds is not installed.
    """
    head, stream = look_ahead(stream, _HEAD)
    root = root_name(head, options)
    if root in NEWSML_ROOTS:
        yield from newsml_rows(stream, file, options, report)
    elif root == "nitf":
        yield from nitf_rows(stream, file, options, report)
    elif root in _FEED_ROOTS:
        require_packages(REGISTRY["feed"].packages, kind="feeds")
        yield from feed_rows(stream, file, options, report)
    elif not head.strip():
        next(iter_chunks(stream), None)  # damage, if that is why there is nothing
        report.reject(file, 1, "the file is empty")
    else:
        what = f"the root element is <{root[:60]}>" if root else "no root element"
        report.reject(file, 1, f"{what}: neither NewsML-G2 nor NITF nor a feed; name its format if it is one", head)


def root_name(head: bytes, options: ReadOptions) -> str:
    """Return the local name of the first element that a file begins; empty where there is none.

    Args:
        head: the beginning of the file.
        options: for the encoding.
    """
    text = b"".join(xml_chunks(io.BufferedReader(io.BytesIO(head)), options))
    match = _ROOT.search(_COMMENT.sub(b"", text))
    return local_name(match[1].decode("utf-8", "replace")) if match else ""
