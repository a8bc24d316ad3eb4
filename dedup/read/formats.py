"""The input formats: what each is called, which endings its files have, and what its reader asks for.

A format is registered here by its facts and in `dedup.read.readers` by its reader; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from types import MappingProxyType

__all__ = ["COMPRESSED_ENDINGS", "ENDINGS", "FORMATS", "REGISTRY", "Format", "format_of"]

COMPRESSED_ENDINGS = (".gz", ".zst")
"""Endings that may stand after a format's own. The bytes decide whether a file is compressed, not its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One input format."""

    name: str
    """As in ``--format`` and `ReadOptions.format`."""
    endings: tuple[str, ...]
    """Of its files, in lower case, with the dot."""
    names_fields: bool = False
    """Whether its reader gives the fields our own names, so that ``ReadOptions.fields`` has nothing to say."""
    raw: bool = False
    """Whether its reader asks for the bytes as they are, only decompressed, and not for a stream of UTF-8: a format
    that is binary, or that declares its encoding itself."""
    packages: tuple[str, ...] = ()
    """Optional packages that its reader imports, by the names under which it does."""


_ALL = (
    Format(name="jsonl", endings=(".jsonl", ".ndjson", ".json")),
    Format(name="csv", endings=(".csv",)),
    Format(name="tsv", endings=(".tsv",)),
    Format(name="page", endings=(".txt",), names_fields=True),
    Format(
        name="html",
        endings=(".html", ".htm", ".xhtml"),
        names_fields=True,
        raw=True,
        packages=("lxml.html", "trafilatura"),
    ),
    Format(
        name="feed",
        endings=(".rss", ".atom", ".rdf"),
        names_fields=True,
        raw=True,
        packages=("lxml.html", "feedparser"),
    ),
    Format(
        name="warc",
        endings=(".warc",),
        names_fields=True,
        raw=True,
        packages=("lxml.html", "trafilatura", "warcio"),
    ),
    Format(name="ninjs", endings=(".ninjs",), names_fields=True),
    Format(name="xml", endings=(".xml",), names_fields=True, raw=True),
    Format(name="newsml", endings=(".newsml",), names_fields=True, raw=True),
    Format(name="nitf", endings=(".nitf",), names_fields=True, raw=True),
    Format(name="parquet", endings=(".parquet",), raw=True, packages=("pyarrow",)),
    Format(name="arrow", endings=(".arrow", ".feather", ".ipc"), raw=True, packages=("pyarrow",)),
)

REGISTRY: Mapping[str, Format] = MappingProxyType({each.name: each for each in _ALL})
"""Names to formats."""

FORMATS = tuple(REGISTRY)
"""Names of the formats. JSON lines (or an array); values separated by a sniffed delimiter, or by tabs; a news page as
text; a web page, RSS or Atom, a web archive; news agencies' JSON, XML of the kind that its root tells, NewsML-G2 and
NITF; Parquet and Arrow."""

_FORMAT_OF_ENDING = {ending: each for each in _ALL for ending in each.endings}
ENDINGS = tuple(_FORMAT_OF_ENDING)
"""The endings by which a file's format is known."""


def format_of(path: PurePath) -> Format | None:
    """Return the format that a file's name tells, by the ending below that of a compression; None if it tells none.

    >>> format_of(PurePath("news/2028-02.JSONL.gz")).name
    'jsonl'
    """
    name = PurePath(path.name.lower())
    if name.suffix in COMPRESSED_ENDINGS:
        name = name.with_suffix("")
    return _FORMAT_OF_ENDING.get(name.suffix)
