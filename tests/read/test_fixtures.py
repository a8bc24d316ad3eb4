"""Every field of every file under ``fixtures``, against what was written down by hand beside it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from made_archives import make_archive
from zstandard import ZstdCompressor

from dedup.article import UNDETERMINED, Article
from dedup.read import ReadReport, Reject, read_articles

FIXTURES = Path(__file__).parent / "fixtures"
WEB = ("html", "feed", "warc")
PARTS = ("title", "language", "url", "edition", "section", "city", "agency")
CASES = sorted(path for form in WEB for path in (FIXTURES / form).glob("*.expected.json"))


def make(expected: Path, facts: dict[str, Any], folder: Path) -> Path:
    """The file that a fixture stands for: kept in UTF-8 so that it can be read, stored as it is met in the wild."""
    stem = expected.name.removesuffix(".expected.json")
    (source,) = (path for path in expected.parent.glob(f"{stem}.*") if path != expected)
    made = folder / source.name
    if source.suffix == ".records":
        data, made = make_archive(source.read_text(encoding="utf-8")), made.with_suffix(".warc")
    else:
        data = source.read_text(encoding="utf-8").encode(facts.get("stored_as", "utf-8"))
    if "wrong_byte_at" in facts:
        data = data.replace(facts["wrong_byte_at"].encode(), b"\xff")
    match facts.get("compressed"):
        case "gz":
            data, made = gzip.compress(data), made.with_name(made.name + ".gz")
        case "zst":
            data, made = ZstdCompressor().compress(data), made.with_name(made.name + ".zst")
    made.write_bytes(data[: len(data) - facts.get("cut", 0)])
    return made


def told(article: Article, path: Path) -> dict[str, Any]:
    """An article as fixtures tell it: what is not known is left out."""
    extra = dict(article.extra)
    assert extra.pop("file") == str(path)
    found: dict[str, Any] = {part: value for part in PARTS if (value := getattr(article, part)) is not None}
    if article.language == UNDETERMINED:
        del found["language"]
    found["body"] = article.body.split("\n") if article.body else []
    if article.published is not None:
        found["published"] = article.published.isoformat()
    return found | ({"extra": extra} if extra else {})


@pytest.mark.parametrize("expected", CASES, ids=lambda path: f"{path.parent.name}-{path.name.split('.')[0]}")
def test_every_field_of_every_file(expected: Path, tmp_path: Path) -> None:
    facts = json.loads(expected.read_text(encoding="utf-8"))
    path = make(expected, facts, tmp_path)
    rejects: list[Reject] = []
    report = ReadReport(sink=rejects.append)
    articles = list(read_articles(path, report=report))
    ids = [fields.pop("id", None) for fields in facts["articles"]]
    assert [told(article, path) for article in articles] == facts["articles"]
    for article, stated in zip(articles, ids, strict=True):
        assert article.id == stated if stated else article.id.startswith("a")
    wanted = facts.get("rejected", [])
    assert [
        (reject.line, reject.reason[: len(want["reason"])]) for reject, want in zip(rejects, wanted, strict=True)
    ] == [(want["line"], want["reason"]) for want in wanted]
    counts = (report.read, report.rejected, report.warnings, report.skipped_records, report.skipped_files)
    assert counts == (len(ids), len(wanted), facts.get("warnings", 0), facts.get("skipped_records", 0), 0)


@pytest.mark.parametrize("form", WEB)
def test_there_are_twenty_in_all_five_languages(form: str) -> None:
    cases = [json.loads(path.read_text(encoding="utf-8")) for path in CASES if path.parent.name == form]
    assert len(cases) >= 20
    languages = {article.get("language") for case in cases for article in case["articles"]}
    assert languages >= {"fa", "fa-AF", "ar", "en", "tr"}
