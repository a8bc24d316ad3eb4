"""Good and bad records in any mixture: the good ones come out, in order, and every line is accounted for."""

from __future__ import annotations

import gzip
import json
import random
import tracemalloc
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup.read import ReadOptions, ReadReport, Reject, read_articles

BOUND = 2000
BAD_LINES = (
    b'{"title": "cut off',
    b"plain words",
    b'["a list"]',
    b'[{"title": "not closed"',
    b"17",
    b"null",
    b'{"title": 5, "body": "x"}',
    b'{"title": ["x"], "body": "x"}',
    b'{"title": "x", "body": {"text": "x"}}',
    b'{"id": ["x"], "title": "x"}',
    b'{"title": "\xff\xfe", "body": "wrong bytes"}',
    b'{"title": "cut \xd8"}',
    b'{"title": "", "body": ""}',
    b'{"title": "  \\u200c ", "body": null}',
    b"{}",
    b'{"id": "only an id"}',
    b'{"title": "a\\u0000b"}',
    b'{"title": "half \\ud83d"}',
    b'{"title": "x", "other": ["\\udc00"]}',
    b'{"title": NaN}',
    b'{"title": "x", "n": ' + b"9" * 5000 + b"}",
    b'{"title": "' + b"x" * BOUND + b'"}',
    b'{"title": "deep", "x": ' + b"[" * 900 + b"]" * 900 + b"}",
    b"[" * 1500,
    b'{"id": "good-0", "title": "an id that is taken"}',
)
OPTIONS = ReadOptions(max_record_bytes=BOUND)


def good_line(number: int) -> bytes:
    return json.dumps({"id": f"good-{number}", "title": f"خبر {number}", "body": "متن"}, ensure_ascii=False).encode()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.sampled_from(["good", "blank", *range(len(BAD_LINES))]), max_size=30), st.booleans(), st.booleans())
def test_any_mixture(tmp_path: Path, kinds: list[str | int], zipped: bool, windows: bool) -> None:
    lines = [good_line(0)]
    for kind in kinds:
        if isinstance(kind, int):
            lines.append(BAD_LINES[kind])
        else:
            lines.append(good_line(len(lines)) if kind == "good" else b"  ")
    data = (b"\r\n" if windows else b"\n").join(lines) + b"\n"
    path = tmp_path / "news.jsonl"
    path.write_bytes(gzip.compress(data) if zipped else data)
    report = ReadReport()
    ids = [article.id for article in read_articles(path, options=OPTIONS, report=report)]
    assert ids == ["good-0", *(f"good-{n}" for n, kind in enumerate(kinds, 1) if kind == "good")]
    assert report.rejected == sum(isinstance(kind, int) for kind in kinds)
    assert report.read + report.rejected + report.blank_lines == len(lines)
    assert [reject.line for reject in report.rejects] == [n for n, kind in enumerate(kinds, 2) if isinstance(kind, int)]


def test_a_thousand_bad_among_a_thousand_good(tmp_path: Path) -> None:
    kinds = [True] * 1000 + [False] * 1000
    random.Random(7).shuffle(kinds)
    lines, wanted = [good_line(0)], ["good-0"]
    for number, good in enumerate(kinds, 1):
        lines.append(good_line(number) if good else BAD_LINES[number % len(BAD_LINES)])
        wanted += [f"good-{number}"] * good
    (tmp_path / "news.jsonl").write_bytes(b"\n".join(lines))
    rejects: list[Reject] = []
    report = ReadReport(sink=rejects.append)
    articles = list(read_articles(tmp_path, options=OPTIONS, report=report))
    assert [article.id for article in articles] == wanted
    assert (report.read, report.rejected, report.blank_lines) == (1001, 1000, 0)
    assert len(rejects) == len(report.rejects) == 1000
    assert all(reject.reason and reject.line and len(reject.excerpt) <= 200 for reject in rejects)
    assert all(json.dumps(reject.excerpt, ensure_ascii=False).encode() for reject in rejects)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """A gzip bomb: 64 MiB of one line, then 20 MiB of records, in some 100 KiB."""
    path = tmp_path / "bomb.jsonl.gz"
    record = json.dumps({"id": "same", "title": "x", "body": "y" * 10_000}).encode() + b"\n"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(64):
            file.write(b" " * (1 << 20))
        file.write(b"\n")
        for _ in range(2000):
            file.write(record)
    report = ReadReport()
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_articles(path, options=ReadOptions(max_record_bytes=1 << 20), report=report)) == 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20
    assert report.rejected == 2000
    assert report.rejects[0].reason == f"the line has {64 << 20} bytes, more than max_record_bytes, {1 << 20}"
