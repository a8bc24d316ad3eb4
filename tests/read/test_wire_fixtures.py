"""Twenty files of each of five formats, field by field, and no item without an account."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from tables import table_bytes

from dedup.article import Article
from dedup.read import ReadOptions, ReadReport, read_articles

FIXTURES = Path(__file__).parent / "fixtures"
FORMATS = ("ninjs", "newsml", "nitf", "parquet", "arrow")
EXPECTED = [path for form in FORMATS for path in sorted((FIXTURES / form).glob("*.expected.json"))]
LANGUAGES = {"fa", "fa-AF", "ar", "en", "tr"}
ABSENT: dict[str, Any] = {field.name: None for field in fields(Article)} | {
    "title": "",
    "body": "",
    "language_confidence": 1.0,
    "extra": {},
}


ABOUT_THE_FILE = {"newsml/19-deep-nesting": 1, "nitf/07-another-root": 1}
"""Rejects that stand for no record: what the file ends in, and its being none of the kind."""
_ITEMS = {
    "newsml": re.compile(rb"<(?:[^\s<>/:]+:)?(?:newsItem|packageItem|conceptItem)[\s>]"),
    "nitf": re.compile(rb"<(?:\w+:)?nitf[\s>]"),
}


def records_in(source: Path, form: str) -> int:
    """Count the records of a source without reading it as the readers do."""
    data = source.read_bytes()
    if form in _ITEMS:
        return len(_ITEMS[form].findall(re.sub(rb"<!--.*?-->", b"", data.replace(b"\0", b""))))
    if form == "ninjs":
        try:
            whole = json.loads(data)
        except (ValueError, RecursionError):
            lines = [line for line in data.splitlines() if line.strip()]
            return len(lines) if not data.startswith(b"[") else data.count(b"\n {")
        return len(whole) if isinstance(whole, list) else 1
    described = json.loads(data)
    return len(described["columns"][0]["values"]) if "columns" in described else 1


def source_of(expected: Path) -> Path:
    stem = expected.name.removesuffix(".expected.json")
    (source,) = (path for path in expected.parent.glob(f"{stem}.*") if path != expected)
    return source


def as_json(article: Article) -> dict[str, Any]:
    values = {field.name: getattr(article, field.name) for field in fields(Article)}
    values["published"] = article.published.isoformat() if article.published else None
    return values


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: f"{path.parent.name}/{path.name[:-14]}")
def test_every_field_of_every_file(expected: Path, tmp_path: Path) -> None:
    source, wanted = source_of(expected), json.loads(expected.read_text(encoding="utf-8"))
    form = expected.parent.name
    if form in ("parquet", "arrow"):
        path = tmp_path / f"{source.stem}.{form}"
        path.write_bytes(table_bytes(source))
    else:
        path = source
    report = ReadReport()
    articles = list(read_articles(path, options=ReadOptions(**wanted.get("options", {})), report=report))
    assert [as_json(article) for article in articles] == [ABSENT | article for article in wanted["articles"]]
    rejected = [
        {"line": reject.line, "reason": reject.reason.replace(f"{path.parent}/", "")} for reject in report.rejects
    ]
    assert rejected == wanted["rejected"]
    assert {reject.file for reject in report.rejects} <= {str(path)}
    assert (report.read, report.rejected) == (len(articles), len(rejected))
    assert (report.skipped_records, report.warnings) == (wanted.get("skipped_records", 0), wanted.get("warnings", 0))
    losses = ABOUT_THE_FILE.get(f"{form}/{source.stem}", 0)
    assert report.read + report.rejected + report.skipped_records == records_in(source, form) + losses
    json.dumps([dict(article.extra) for article in articles], allow_nan=False)  # what is carried can be written


@pytest.mark.parametrize("form", FORMATS)
def test_there_are_twenty_in_five_languages(form: str) -> None:
    expected = [path for path in EXPECTED if path.parent.name == form]
    assert [path.name[:2] for path in expected] == [f"{number:02}" for number in range(1, 21)]
    articles = [article for path in expected for article in json.loads(path.read_text(encoding="utf-8"))["articles"]]
    assert {article["language"] for article in articles} >= LANGUAGES
