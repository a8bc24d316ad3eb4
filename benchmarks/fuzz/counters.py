"""How many records a file has, counted without dedup's readers. None where it cannot be told from the file alone."""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Callable, Collection, Mapping
from xml.etree import ElementTree

__all__ = ["COUNTERS", "json_records", "line_records", "rows_of"]

_MARKS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"),
          (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip


def _without_mark(data: bytes) -> bytes | None:
    """The file in UTF-8; None where it says that it is in something else, and is not."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if encoding is None:
        return data
    if encoding == "utf-8-sig":
        return data[3:]
    try:
        return data.decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None


def line_records(data: bytes) -> Collection[int] | None:
    """Lines, blank ones too."""
    text = _without_mark(data)
    return None if text is None else [text.count(b"\n") + (not text.endswith(b"\n") and bool(text))]


def json_records(data: bytes) -> Collection[int] | None:
    """Elements of an array; or lines, where the first is an object of its own, or begins nothing."""
    text = _without_mark(data)
    if text is None:
        return None
    try:
        whole = json.loads(text.decode("utf-8"))  # of bytes, json would guess another encoding
    except (ValueError, RecursionError):
        whole = None
    if isinstance(whole, list) and b"\n" not in text.strip():
        return [len(whole)]
    first = text.strip(b" \t\r\n").partition(b"\n")[0].strip()
    if not first.startswith((b"{", b"[")):
        return line_records(data)
    try:
        return line_records(data) if isinstance(json.loads(first.decode("utf-8")), dict) else None
    except (ValueError, RecursionError):
        return None


def rows_of(data: bytes, delimiters: str) -> Collection[int] | None:
    """Rows after the header, by a reading of quotes of our own, for each mark that may part the values.

    One more number is possible: the header alone, where it cannot be used.
    """
    text = _without_mark(data)
    if text is None or b"\x00" in text:
        return None
    lines = text.decode("utf-8", "replace").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0].strip():
        lines.pop(0)
    if not lines:
        return [0]
    return {1, *(_rows(lines, mark) - 1 for mark in delimiters)}  # names of columns may run over several lines


def _rows(lines: list[str], mark: str) -> int:
    rows, quoted = 0, False
    for line in lines:
        rows += not quoted
        quoted, broken = _ends_quoted(line + "\n", mark, quoted=quoted)
        if broken:
            quoted = False  # the row is given up, and the next line begins another
    return rows


def _ends_quoted(line: str, mark: str, *, quoted: bool) -> tuple[bool, bool]:
    """Whether a quote is open at the end of a line, and whether the line has an end in its midst."""
    start, after_quote, ended = not quoted, False, False
    for character in line:
        if ended and character not in "\r\n":
            return False, True
        if quoted and not after_quote:
            after_quote = character == '"'
        elif after_quote and character == '"':
            after_quote = False
        elif character == mark:
            start, quoted, after_quote = True, False, False
        elif character in "\r\n":
            start, quoted, after_quote, ended = False, False, False, True
        elif start and character == '"':
            start, quoted = False, True
        else:
            start, quoted, after_quote = False, False, False
    return quoted and not after_quote, False


def _page_records(data: bytes) -> Collection[int] | None:
    text = _without_mark(data)
    if text is None:
        return None
    return [max(1, sum(bool(page.strip()) for page in text.split(b"\f")))]


def _elements(*names: str) -> Callable[[bytes], Collection[int] | None]:
    def count(data: bytes) -> Collection[int] | None:
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            return None
        try:
            root = ElementTree.parse(io.BytesIO(data)).getroot()
        except (ElementTree.ParseError, ValueError, LookupError, RecursionError):
            return None
        if _local(root) not in ("newsMessage", "newsItem", "packageItem", "conceptItem", "nitf"):
            return None
        return [_outermost(root, names)]

    return count


def _outermost(root: ElementTree.Element, names: Collection[str]) -> int:
    waiting, found = [root], 0
    while waiting:
        element = waiting.pop()
        if _local(element) in names:
            found += 1
        else:
            waiting.extend(element)
    return found


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2].rpartition(":")[2]


def _warc_records(data: bytes) -> Collection[int] | None:
    """Records by their lengths, as long as each is where the one before it says."""
    position, found = 0, 0
    while head := re.compile(rb"\s*WARC/1\.[01]\r\n((?:[A-Za-z-]+:[^\r\n]*\r\n)*)\r\n").match(data, position):
        lengths = re.findall(rb"(?im)^Content-Length: ?(\d{1,9})\r$", head[1])
        if len(lengths) != 1 or b"Transfer" in head[1]:
            return None
        found, position = found + 1, head.end() + int(lengths[0])
        if data[position : position + 4] != b"\r\n\r\n":
            return None
    return [found] if found and not data[position:].strip() else None


def _table_rows(data: bytes) -> Collection[int] | None:
    """Rows, as Arrow reads the whole file at once."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        if data.startswith(b"PAR1"):
            return [parquet.read_table(pa.BufferReader(data), use_threads=False).num_rows]
        opened = pa.ipc.open_file if data.startswith(b"ARROW1") else pa.ipc.open_stream
        return [opened(pa.BufferReader(data)).read_all().num_rows]
    except (pa.ArrowException, OSError, ValueError, MemoryError):
        return None


COUNTERS: Mapping[str, Callable[[bytes], Collection[int] | None]] = {
    "jsonl": json_records,
    "ninjs": json_records,
    "csv": lambda data: rows_of(data, ",;\t|"),
    "tsv": lambda data: rows_of(data, "\t"),
    "page": _page_records,
    "newsml": _elements("newsItem", "packageItem", "conceptItem"),
    "nitf": _elements("nitf"),
    "xml": _elements("newsItem", "packageItem", "conceptItem", "nitf"),
    "warc": _warc_records,
    "parquet": _table_rows,
    "arrow": _table_rows,
}
"""Return the numbers of records that a file can be said to have; by the name of its format."""
