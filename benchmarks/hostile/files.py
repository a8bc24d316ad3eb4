"""Files that unpack to gigabytes, nest without end, expand, or are one gigantic article: what reading them takes."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import repeat
from pathlib import Path
from typing import Any

__all__ = ["FILES", "measure_file"]

_MEBIBYTE = 1 << 20
_SECONDS = 120
_ARTICLE = {"id": "a", "title": "Council votes for the bridge", "body": "The council voted 12 to 3 on Monday."}
_LINE = json.dumps(_ARTICLE).encode() + b"\n"
_XML = (
    '<?xml version="1.0"?><!DOCTYPE nitf [{}]>'
    "<nitf><body><body.head><hedline><hl1>{}</hl1></hedline></body.head></body></nitf>"
)


def _packed(path: Path, pieces: Iterable[bytes]) -> None:
    with gzip.open(path, "wb", compresslevel=6) as file:
        for piece in pieces:
            file.write(piece)


def _one_line(size: int) -> Iterator[bytes]:
    yield _LINE
    yield from repeat(b"x" * _MEBIBYTE, size)


def _blank_lines(size: int) -> Iterator[bytes]:
    yield _LINE
    yield from repeat(b"\n" * _MEBIBYTE, size // 4)


def _array(size: int) -> Iterator[bytes]:
    yield b"["
    yield from repeat(b"1," * (_MEBIBYTE // 2), size)


def _page(size: int) -> Iterator[bytes]:
    yield b"<html><body><p>"
    yield from repeat(b"x" * _MEBIBYTE, size)


def _feed(size: int) -> Iterator[bytes]:
    yield b'<?xml version="1.0"?><rss><channel><item><title>Council votes</title><description>'
    yield from repeat(b"x" * _MEBIBYTE, size)


def _zstd_line(path: Path, size: int) -> None:
    from zstandard import ZstdCompressor

    with path.open("wb") as file, ZstdCompressor().stream_writer(file) as writer:
        for piece in _one_line(size):
            writer.write(piece)


def _nested(path: Path, size: int) -> None:
    _packed(path, _one_line(size))
    _packed(path, [path.read_bytes()])


def _archive(path: Path, size: int) -> None:
    _packed(path, _page(size))
    payload = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n" + path.read_bytes()
    head = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://example.org/../../../etc/passwd\r\n"
        b"WARC-Date: 2026-03-02T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:../../x>\r\n"
        b"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n" % len(payload)
    )
    path.write_bytes(gzip.compress(head + payload + b"\r\n\r\n"))


def _text(text: str) -> Callable[[Path, int], None]:
    def write(path: Path, size: int) -> None:  # noqa: ARG001 - the text has its size
        path.write_text(text, encoding="utf-8")

    return write


def _record(**fields: Callable[[int], Any]) -> Callable[[Path, int], None]:
    """Return what writes one record with fields as large as is asked for, and a plain one."""

    def write(path: Path, size: int) -> None:
        one = _ARTICLE | {"id": "b"} | {name: make(size) for name, make in fields.items()}
        path.write_bytes(json.dumps(one).encode() + b"\n" + _LINE)

    return write


def _deep_json(path: Path, size: int) -> None:
    deep = b"[" * (1_000 * size) + b"]" * (1_000 * size)
    path.write_bytes(b'{"id": "b", "title": "x", "body": "y", "extra": ' + deep + b"}\n" + _LINE)


def _deep_page(path: Path, size: int) -> None:
    path.write_bytes(b"<div>" * 1_000 * size)


def _many_keys(path: Path, size: int) -> None:
    path.write_bytes(
        json.dumps(_ARTICLE | {"id": "b"} | {f"k{i}": i for i in range(1_000 * size)}).encode() + b"\n" + _LINE
    )


_ENTITIES = '<!ENTITY a "lol">' + "".join(
    f'<!ENTITY {one} "{f"&{before};" * 10}">' for before, one in zip("abcdefghi", "bcdefghij", strict=True)
)

FILES: Mapping[str, tuple[str, Callable[[Path, int], None]]] = {
    "gzip, a line of 1 GiB": ("a.jsonl.gz", lambda path, size: _packed(path, _one_line(size))),
    "gzip in gzip": ("b.jsonl.gz", _nested),
    "zstd, a line of 1 GiB": ("c.jsonl.zst", _zstd_line),
    "gzip, 256 million blank lines": ("d.jsonl.gz", lambda path, size: _packed(path, _blank_lines(size))),
    "gzip, an array of 1 GiB": ("e.json.gz", lambda path, size: _packed(path, _array(size))),
    "gzip, a web page of 1 GiB": ("f.html.gz", lambda path, size: _packed(path, _page(size))),
    "gzip, a feed of 1 GiB": ("g.xml.gz", lambda path, size: _packed(path, _feed(size))),
    "web archive, a packed page of 1 GiB": ("h.warc.gz", _archive),
    "JSON nested a million deep": ("i.jsonl", _deep_json),
    "a web page nested a million deep": ("j.html", _deep_page),
    "XML entities that expand to 3 GB": ("k.xml", _text(_XML.format(_ENTITIES, "&j;"))),
    "XML entity of a file": ("l.xml", _text(_XML.format('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"))),
    "a record with a million keys": ("m.jsonl", _many_keys),
    "an id of 1 MB": ("n.jsonl", _record(id=lambda size: "i" * 1_000 * size)),
    "a title of 10 MB": ("o.jsonl", _record(title=lambda size: "Council votes " * 700 * size)),
    "a title of 5 MB, one word": ("p.jsonl", _record(title=lambda size: "w" * 5_000 * size)),
    "an article of 100 MB": ("q.jsonl", _record(body=lambda size: "The council voted 12 to 3. " * 3_700 * size)),
    "an id that climbs out of its folder": ("r.jsonl", _record(id=lambda _: "../../../escaped")),
}
"""Name → name of the file, and what writes it, of a size in MiB, or in thousands of what it counts."""


def measure_file(name: str, folder: Path, size: int = 1_024) -> dict[str, Any]:
    """Return what ``dedup cluster`` makes of a file: time, memory, exit status, and why it rejected what."""
    file, write = FILES[name]
    path, output = folder / file, folder / "stories.jsonl"
    write(path, size)
    command = [sys.executable, "-m", "dedup", "cluster", str(path), "-o", str(output), "--encoder", "fast"]
    start = time.perf_counter()
    with (folder / "log").open("w+b") as log:
        child = subprocess.Popen([*command, "--quiet"], stdout=log, stderr=log, cwd=folder)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        said = log.read().decode("utf-8", "replace")
    rejects = output.with_name(output.name + ".rejects.jsonl")
    reasons = (
        [json.loads(line)["reason"] for line in rejects.read_text("utf-8").splitlines()] if rejects.exists() else []
    )
    found = {
        "file_mb": round(path.stat().st_size / 1e6, 2),
        "seconds": round(time.perf_counter() - start, 1),
        "peak_mb": round(used.ru_maxrss / 1024),
        "status": child.returncode,
        "traceback": "Traceback" in said,
        "said": (reasons or [said.strip().splitlines()[-1] if said.strip() else "read"])[0][:160],
    }
    for one in (path, output, rejects):
        one.unlink(missing_ok=True)
    return found
