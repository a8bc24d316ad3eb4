"""Every field of every file under ``fixtures``, as it was written down by hand, and no record without account."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from fixture_files import FORMATS, Fixture, fixtures

from dedup.article import UNDETERMINED, Article
from dedup.read import FORMATS as ALL_FORMATS
from dedup.read import ReadReport, Reject, read_articles
from dedup.read.ids import content_id

CASES = fixtures()
ABSENT: dict[str, Any] = {field.name: None for field in fields(Article)} | {
    "title": "",
    "body": "",
    "language": UNDETERMINED,
    "language_confidence": 1.0,
    "extra": {},
}
NAMES_ITS_FILE = {"page", "html", "feed", "warc"}


def as_json(article: Article) -> dict[str, Any]:
    values = {field.name: getattr(article, field.name) for field in fields(Article)}
    values["published"] = article.published.isoformat() if article.published else None
    values["extra"] = dict(article.extra)
    return values


def stated(wanted: dict[str, Any], article: Article, form: str, path: Path) -> dict[str, Any]:
    """All fields of an article that a fixture states; an id that it does not is the one that is made."""
    whole = ABSENT | {"id": content_id(article)} | wanted
    if whole["id"].startswith("-"):
        whole["id"] = content_id(article) + whole["id"]
    if isinstance(whole["body"], list):
        whole["body"] = "\n".join(whole["body"])
    if form in NAMES_ITS_FILE:
        whole["extra"] = {"file": str(path)} | whole["extra"]
    return whole


def told(reject: Reject, wanted: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A reject as fixtures tell it: of a reason that ends in … as much as is told."""
    reason = reject.reason.replace(f"{folder}/", "")
    beginning = wanted["reason"].removesuffix("…")
    if beginning != wanted["reason"] and reason.startswith(beginning):
        reason = wanted["reason"]
    return {"line": reject.line, "reason": reason}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.form}-{case.stem}")
def test_every_field_of_every_file(case: Fixture, tmp_path: Path) -> None:
    facts = case.facts
    path = case.make(tmp_path)
    report = ReadReport()
    articles = list(read_articles(path, options=case.options, report=report))
    assert [as_json(article) for article in articles] == [
        stated(wanted, article, case.form, path) for wanted, article in zip(facts["articles"], articles, strict=True)
    ]
    wanted_rejects = facts.get("rejected", [])
    rejects = [told(reject, wanted, tmp_path) for reject, wanted in zip(report.rejects, wanted_rejects, strict=True)]
    assert rejects == wanted_rejects
    assert {reject.file for reject in report.rejects} <= {str(path)}
    counts = ("warnings", "skipped_records", "blank_lines", "skipped_files")
    assert {name: getattr(report, name) for name in counts} == {name: facts.get(name, 0) for name in counts}
    assert (report.read, report.rejected) == (len(articles), len(wanted_rejects))
    accounted = report.read + report.rejected + report.skipped_records + report.blank_lines
    assert accounted == case.records()
    json.dumps([dict(article.extra) for article in articles], allow_nan=False)  # what is carried can be written


@pytest.mark.parametrize("form", FORMATS)
def test_there_are_twenty_in_all_five_languages(form: str) -> None:
    cases = [case for case in CASES if case.form == form]
    assert [case.stem[:2] for case in cases] == [f"{number:02}" for number in range(1, len(cases) + 1)]
    assert len(cases) >= 20
    languages = {article.get("language") for case in cases for article in case.facts["articles"]}
    assert languages >= {"fa", "fa-AF", "ar", "en", "tr"}


def test_there_are_fixtures_of_every_format() -> None:
    assert set(FORMATS) == set(ALL_FORMATS) - {"xml"}  # which is NewsML-G2, NITF or a feed
