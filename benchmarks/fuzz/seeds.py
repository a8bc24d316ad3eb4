"""Sound files that mutations begin with: the fixtures of the readers' tests and the examples, by format."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import chain
from pathlib import Path

__all__ = ["ROOT", "every_seed", "seeds_of", "use_test_helpers"]

ROOT = Path(__file__).resolve().parent.parent.parent
_FIXTURES = ROOT / "tests" / "read" / "fixtures"
_EXAMPLES = ROOT / "examples"
_LARGEST = 24_000  # bytes; small inputs are many inputs
_COLUMNS = ("id", "title", "text", "language", "published", "url", "edition")


def use_test_helpers() -> None:
    """Let modules of the tests be imported: what makes fixtures of their sources, and the model without weights."""
    for folder in (ROOT / "tests", ROOT / "tests" / "read"):
        if str(folder) not in sys.path:
            sys.path.append(str(folder))


@cache
def seeds_of(name: str) -> tuple[bytes, ...]:
    """Return the sound files of a format, by the name of its reader."""
    return tuple(data[:_LARGEST] if name not in ("parquet", "arrow") else data for data in _FILES[name]())


@cache
def every_seed() -> tuple[bytes, ...]:
    """Return the files of all formats, for splices between them."""
    return tuple(data for name in _FILES for data in seeds_of(name))


def _records() -> list[dict[str, object]]:
    lines = (_EXAMPLES / "articles.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines[::9]]


def _json_lines() -> Iterator[bytes]:
    lines = (_EXAMPLES / "articles.jsonl").read_bytes().splitlines()
    for start in range(0, 60, 6):
        yield b"\n".join(lines[start : start + 6]) + b"\n"
    yield json.dumps(_records()[:5], ensure_ascii=False).encode()
    yield json.dumps(_records()[:4], ensure_ascii=False, indent=2).encode()
    yield "\n".join(json.dumps(one, indent=1) for one in _records()[:3]).encode()
    yield "\n".join(json.dumps(one, ensure_ascii=False) for one in _records()[:3]).encode("utf-16")
    yield from (path.read_bytes() for path in sorted((_FIXTURES / "ninjs").glob("*.jsonl")))


def _delimited(delimiter: str) -> Iterator[bytes]:
    for start in (0, 4, 8):
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL if start == 4 else csv.QUOTE_MINIMAL)
        writer.writerow(_COLUMNS)
        for record in _records()[start : start + 4]:
            writer.writerow([record.get(column, record.get("body", "")) for column in _COLUMNS])
        yield out.getvalue().encode()
        yield out.getvalue().replace("\r\n", "\n").encode("utf-8-sig")


def _pages() -> Iterator[bytes]:
    pages = [path.read_bytes() for path in sorted((_EXAMPLES / "pages").glob("*.txt"))]
    yield from pages
    yield b"\f".join(pages[:3])


def _fixtures(form: str) -> Iterator[bytes]:
    for expected in sorted((_FIXTURES / form).glob("*.expected.json")):
        stem = expected.name.removesuffix(".expected.json")
        (source,) = (path for path in expected.parent.glob(f"{stem}.*") if path != expected)
        stored_as = json.loads(expected.read_bytes()).get("stored_as", "utf-8")
        data = source.read_bytes()
        yield data if stored_as == "utf-8" else data.decode("utf-8").encode(stored_as)


def _archives() -> Iterator[bytes]:
    use_test_helpers()
    from made_archives import make_archive

    for source in sorted((_FIXTURES / "warc").glob("*.records")):
        yield make_archive(source.read_text("utf-8"))


def _tables(form: str) -> Iterator[bytes]:
    use_test_helpers()
    from tables import table_bytes

    for source in sorted((_FIXTURES / form).glob("*.json")):
        if not source.name.endswith(".expected.json"):
            yield table_bytes(source)


_FILES: Mapping[str, Callable[[], Iterator[bytes]]] = {
    "jsonl": _json_lines,
    "csv": lambda: chain(_delimited(","), _delimited(";"), _delimited("|")),
    "tsv": lambda: _delimited("\t"),
    "page": _pages,
    "html": lambda: _fixtures("html"),
    "feed": lambda: _fixtures("feed"),
    "warc": _archives,
    "ninjs": lambda: _fixtures("ninjs"),
    "newsml": lambda: _fixtures("newsml"),
    "nitf": lambda: _fixtures("nitf"),
    "xml": lambda: chain(_fixtures("newsml"), _fixtures("nitf"), _fixtures("feed")),
    "parquet": lambda: _tables("parquet"),
    "arrow": lambda: _tables("arrow"),
}
