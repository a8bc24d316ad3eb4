"""ninjs among other JSON: known where it plainly is ninjs, left alone where it is not, told or not told."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.read import ArticleStream, ReadOptions, ReadReport, read_articles
from dedup.read.ninjs import is_ninjs, ninjs_values

ITEM = {"uri": "urn:x:1", "type": "text", "versioncreated": "2026-03-02T07:00:00Z", "headline": "H", "body_text": "B"}
FIXTURES = Path(__file__).parent / "fixtures" / "ninjs"


def read(path: Path, report: ReadReport | None = None, **options: Any) -> list[Article]:
    return list(read_articles(path, options=ReadOptions(**options), report=report))


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (ITEM, True),
        ({"standard": {"name": "ninjs"}, "headline": "H"}, True),
        ({"$standard": {"name": "ninjs", "version": "1.4"}}, True),
        ({"uri": "u", "headlines": [], "versionCreated": "2026-03-02"}, True),
        ({"uri": "u", "headline": "H", "body_xhtml": "<p/>", "byline": "N"}, True),
        ({"URI": "u", "Body_Text": "b", "PubStatus": "usable"}, True),
        ({"uri": "u", "body_text": "b"}, False),
        ({"uri": "u", "byline": "N", "slugline": "S"}, False),
        ({"uri": 5, "body_text": "b", "versioncreated": "2026-03-02"}, False),
        ({"body_text": "b", "versioncreated": "2026-03-02", "pubstatus": "usable"}, False),
        ({"standard": "ninjs", "title": "t"}, False),
        ({"uri": "u", "title": "t", "text": "b", "date": "2026-03-02", "source": "s"}, False),
        ({}, False),
    ],
)
def test_what_is_plainly_ninjs(values: dict[str, Any], wanted: bool) -> None:
    assert is_ninjs(values) is wanted


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.ndjson"])
def test_a_format_that_is_named_holds(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(json.dumps(ITEM) + "\n", encoding="utf-8")
    (known,) = read(path)
    assert (known.id, known.body, known.extra) == ("urn:x:1", "B", {"type": "text"})
    (told,) = read(path, format="ninjs")
    assert told == known
    (plain,) = read(path, format="jsonl")
    assert (plain.title, plain.body, plain.published) == ("H", "", None)
    assert plain.extra["body_text"] == "B"


def test_fields_that_the_user_names_go_first(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    items = [ITEM | {"kop": "Title of their own"}, ITEM | {"uri": "urn:x:2"}, {"kop": "Not ninjs", "body": "B"}]
    path.write_text("".join(json.dumps(each) + "\n" for each in items), encoding="utf-8")
    found = read(path, fields={"title": "kop"})
    assert [article.title for article in found] == ["Title of their own", "H", "Not ninjs"]
    assert found[0].extra == {"type": "text", "headline": "H"}


@pytest.mark.parametrize("indent", [None, 0, 2, "\t"])
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_objects_over_several_lines(tmp_path: Path, indent: int | str | None, count: int, ending: str) -> None:
    path = tmp_path / "a.json"
    items = [{"id": str(number), "title": f"T{number}", "tags": ["a", {}]} for number in range(count)]
    text = "\n".join(json.dumps(each, indent=indent) for each in items)
    path.write_bytes(text.replace("\n", ending).encode())
    report = ReadReport()
    assert [article.title for article in read(path, report)] == [f"T{number}" for number in range(count)]
    assert report.rejected == 0


def test_a_break_in_an_object_over_several_lines_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{\n"title": "one"\n}\n{\n"title": two\n}\n{\n"title": "three"\n}\n', encoding="utf-8")
    report = ReadReport()
    assert [article.title for article in read(path, report)] == ["one"]
    assert [(reject.line, reject.reason[:43]) for reject in report.rejects] == [
        (4, "broken JSON, the rest of the file is lost: ")
    ]
    assert read(path, max_array_bytes=9) == []


def test_a_first_line_that_is_cut_costs_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"title": "cut",\n{"title": "two"}\n', encoding="utf-8")
    report = ReadReport()
    assert [article.title for article in read(path, report)] == ["two"]
    assert [reject.line for reject in report.rejects] == [1]


def test_a_stream_knows_them_too() -> None:
    lines = [ITEM, {"title": "plain"}, ITEM | {"uri": "u2", "pubstatus": "canceled"}, ITEM | {"headline": 3}]
    data = io.BytesIO("".join(json.dumps(each) + "\n" for each in lines).encode())
    report = ReadReport()
    stream = ArticleStream(io.BufferedReader(data), options=ReadOptions(), report=report)
    found = []
    while not stream.ended:
        if (article := stream.poll(1)) is not None:
            found.append(article)
    assert [(article.title, article.body) for article in found] == [("H", "B"), ("plain", "")]
    assert (report.read, report.rejected, report.skipped_records) == (2, 1, 1)


ITEMS = [
    each
    for path in sorted(FIXTURES.glob("*.ninjs"))
    if "1256" not in path.name
    for each in [json.loads(path.read_text(encoding="utf-8").split("\n{")[0])]
]


@given(st.sampled_from(ITEMS), st.sampled_from([str.upper, str.title, lambda name: name.replace("_", "")]))
def test_the_case_of_names_does_not_matter(item: dict[str, Any], spell: Any) -> None:
    ours = ("id", "title", "body", "language", "published", "url", "edition", "city", "agency", "section")
    plain = ninjs_values(item, fields={})
    spelled = ninjs_values({spell(name): value for name, value in item.items()}, fields={})
    assert {name: spelled.get(name) for name in ours} == {name: plain.get(name) for name in ours}


@given(st.sampled_from(ITEMS))
def test_nothing_of_an_item_is_lost(item: dict[str, Any]) -> None:
    values = ninjs_values(item, fields={})
    for name, value in item.items():
        kept = values.get(name, values.get(f"ninjs_{name}"))
        used = any(value == each or (isinstance(value, str) and "<" in value) for each in values.values())
        single = isinstance(value, list) and len(value) == 1
        assert kept == value or used or single or not value, name


@pytest.mark.parametrize("key", ["place", "places", "located", "infosources", "infosource", "subject", "subjects"])
@pytest.mark.parametrize(
    "value", [7, 0.5, True, "Basra", {"name": "Basra", "rel": "located"}, [7, None, ["x"]], {}, []]
)
def test_a_field_of_another_kind_does_not_cost_the_item(tmp_path: Path, key: str, value: object) -> None:
    item = {
        "uri": "urn:x:1",
        "type": "text",
        "versioncreated": "2026-03-02T07:20:00Z",
        "headline": "H",
        "body_text": "B",
    }
    (tmp_path / "a.ninjs").write_text(json.dumps(item | {key: value}))
    report = ReadReport()
    (article,) = read_articles(tmp_path / "a.ninjs", report=report)
    assert (article.title, article.body, report.rejected) == ("H", "B", 0)
    if key in ("place", "places") and isinstance(value, dict) and value:
        assert article.city == "Basra"


def test_a_rel_that_is_no_text_marks_nothing(tmp_path: Path) -> None:
    item = {
        "uri": "urn:x:1",
        "type": "text",
        "versioncreated": "2026-03-02T07:20:00Z",
        "headline": "H",
        "body_text": "B",
    }
    places = [{"name": "Kabul", "rel": ["located"]}, {"name": "Basra", "rel": "dateline"}]
    (tmp_path / "a.ninjs").write_text(json.dumps(item | {"places": places}))
    (article,) = read_articles(tmp_path / "a.ninjs")
    assert article.city == "Basra"
