"""The reader of each format.

A reader turns the stream of one file into records, one at a time. What is no record it rejects in the report, with the
line and the reason, and goes on; it raises nothing but `DamagedStreamError`, for compressed data that break off.
Packages that only its format needs, named in `Format.packages`, it imports no sooner than it is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Protocol

from dedup.read.archive import archive_rows
from dedup.read.columnar import arrow_rows, parquet_rows
from dedup.read.delimited import delimited_rows, tab_rows
from dedup.read.feed import feed_rows
from dedup.read.lines import ByteStream
from dedup.read.newsml import newsml_rows
from dedup.read.ninjs import mixed_rows, ninjs_rows
from dedup.read.nitf import nitf_rows
from dedup.read.options import ReadOptions
from dedup.read.page import page_rows
from dedup.read.record import Row
from dedup.read.report import ReadReport
from dedup.read.webpage import webpage_rows
from dedup.read.xml_kind import xml_rows

__all__ = ["READERS", "Reader"]


class Reader(Protocol):
    """Yields the records of a file, called ``file`` in the report."""

    def __call__(self, stream: ByteStream, file: str, options: ReadOptions, report: ReadReport, /) -> Iterator[Row]:
        """Yield the records one at a time."""
        ...


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "jsonl": mixed_rows,
        "csv": delimited_rows,
        "tsv": tab_rows,
        "page": page_rows,
        "html": webpage_rows,
        "feed": feed_rows,
        "warc": archive_rows,
        "ninjs": ninjs_rows,
        "xml": xml_rows,
        "newsml": newsml_rows,
        "nitf": nitf_rows,
        "parquet": parquet_rows,
        "arrow": arrow_rows,
    }
)
"""Names of formats, as in `dedup.read.formats.REGISTRY`, to readers."""
