"""Fixtures under ``tests/read/fixtures``: a source that can be read, and beside it what was written down by hand.

``NN-name.expected.json`` holds:

    articles         every field of each; those that are left out are not known. A body may be a list of its lines; an
                     id that is left out is the one that is made, one such as "-2" that with the number of a copy
    rejected         line and reason of each reject; a reason that ends in … begins so
    warnings, skipped_records, blank_lines
                     how many, if any
    records          of the source, where `records_in` cannot tell: it breaks off, is none of the kind, or one record
                     holds several articles
    options          of `ReadOptions`
    stored_as        encoding of the file; the source is in UTF-8
    line_break       of the file; the source has "\\n"
    bytes_at         text in the source to the bytes, in hexadecimal, that the file has in its place
    compressed       "gz" or "zst"
    cut              bytes that are missing at the end
    name             of the file, where the ending of the source is not its own
    covers           what is awkward about it

Sources of Parquet, Arrow and web archives describe the file; see `tables` and `made_archives`.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from made_archives import make_archive
from tables import table_bytes
from zstandard import ZstdCompressor

from dedup.read import ReadOptions

__all__ = ["FORMATS", "Fixture", "fixtures"]

FIXTURES = Path(__file__).parent / "fixtures"
FORMATS = tuple(sorted(folder.name for folder in FIXTURES.iterdir()))
_ENDING = ".expected.json"
_ITEMS = {
    "newsml": re.compile(rb"<(?:[^\s<>/:]+:)?(?:newsItem|packageItem|conceptItem)[\s>]"),
    "nitf": re.compile(rb"<(?:\w+:)?nitf[\s>]"),
    "feed": re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]"),
    "warc": re.compile(rb"^=== \w", re.MULTILINE),
}


@dataclass(frozen=True)
class Fixture:
    """One source with what is expected of it."""

    expected: Path

    @property
    def form(self) -> str:
        return self.expected.parent.name

    @property
    def stem(self) -> str:
        return self.expected.name.removesuffix(_ENDING)

    @property
    def source(self) -> Path:
        (source,) = (path for path in self.expected.parent.glob(f"{self.stem}.*") if path != self.expected)
        return source

    @cached_property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(self.expected.read_text(encoding="utf-8"))
        return facts

    @property
    def options(self) -> ReadOptions:
        options = dict(self.facts.get("options", {}))
        if "as_of" in options:
            options["as_of"] = datetime.fromisoformat(options["as_of"])
        return ReadOptions(**options)

    def make(self, folder: Path) -> Path:
        """Write the file that the fixture stands for, as it is met in the wild."""
        made = folder / str(self.facts.get("name", self.source.name))
        if self.form in ("parquet", "arrow"):
            data, made = table_bytes(self.source), made.with_suffix(f".{self.form}")
        elif self.source.suffix == ".records":
            data, made = make_archive(self.source.read_text(encoding="utf-8")), made.with_suffix(".warc")
        else:
            data = self._stored()
        match self.facts.get("compressed"):
            case "gz":
                data = gzip.compress(data)
            case "zst":
                data = ZstdCompressor().compress(data)
        if "compressed" in self.facts and "name" not in self.facts:
            made = made.with_name(f"{made.name}.{self.facts['compressed']}")
        made.write_bytes(data[: len(data) - self.facts.get("cut", 0)])
        return made

    def _stored(self) -> bytes:
        data = self.source.read_bytes()
        if self.facts.keys() & {"stored_as", "line_break"}:
            text = data.decode().replace("\n", self.facts.get("line_break", "\n"))
            data = text.encode(self.facts.get("stored_as", "utf-8"))
        for mark, replacement in self.facts.get("bytes_at", {}).items():
            assert mark.encode() in data
            data = data.replace(mark.encode(), bytes.fromhex(replacement))
        return data

    def records(self) -> int:
        """Count the records of the source, blank lines among them, without reading it as the readers do."""
        return int(self.facts["records"]) if "records" in self.facts else records_in(self.source, self.form)


def fixtures() -> list[Fixture]:
    """Return all fixtures, format by format."""
    return [Fixture(path) for form in FORMATS for path in sorted((FIXTURES / form).glob(f"*{_ENDING}"))]


def records_in(source: Path, form: str) -> int:
    """Count the records of a source without reading it as the readers do."""
    data = source.read_bytes()
    match form:
        case "html":
            return 1
        case "page":
            return sum(bool(page.strip()) for page in data.split(b"\f"))
        case "csv" | "tsv":
            outside = b"".join(data.strip(b"\n").split(b'"')[::2])  # a line break within quotes is none of a row
            return outside.count(b"\n")
        case "jsonl" | "ninjs":
            return _objects_in(data)
        case "parquet" | "arrow":
            described = json.loads(data)
            return len(described["columns"][0]["values"]) if "columns" in described else 1
    return len(_ITEMS[form].findall(re.sub(rb"<!--.*?-->", b"", data.replace(b"\0", b""))))


def _objects_in(data: bytes) -> int:
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError):
        return len(data.removesuffix(b"\n").split(b"\n")) if not data.startswith(b"[") else data.count(b"\n {")
    return len(whole) if isinstance(whole, list) else 1
