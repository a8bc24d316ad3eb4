from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.errors import RecordError
from dedup.read.fields import USUAL_NAMES, FieldNames
from dedup.read.ids import IdRegister, content_id
from dedup.read.record import Converted, convert_record
from dedup.text.calendar import fold_name


def convert(values: dict[str, Any], *, fields: dict[str, str] | None = None, timezone: str = "UTC") -> Converted:
    return convert_record(values, names=FieldNames(fields), timezone=ZoneInfo(timezone))


def article(**values: Any) -> Article:
    return convert({"title": "t"} | values).article


def test_every_field_has_its_place() -> None:
    values = {
        "guid": 17,
        "Headline": " T ",
        "articleBody": "a\r\nb\rc",
        "lang": "prs",
        "pubDate": "Mon, 27 Feb 2023 15:44:00 +0330",
        "link": "https://example.org/1",
        "Outlet": "Caspian Bureau",
        "Category": "Politics",
        "city": "Tehran",
        "agency": "CB",
        "story": {"of": [1, 2]},
        "empty": None,
    }
    converted = convert(values)
    assert converted.warnings == ()
    assert converted.article == Article(
        id="17",
        title="T",
        body="a\nb\nc",
        language="fa-AF",
        published=datetime.fromisoformat("2023-02-27T15:44:00+03:30"),
        url="https://example.org/1",
        edition="Caspian Bureau",
        section="Politics",
        city="Tehran",
        agency="CB",
        extra={"story": {"of": [1, 2]}, "empty": None},
    )


def test_usual_names_mean_one_field_each() -> None:
    folded = [fold_name(name) for names in USUAL_NAMES.values() for name in names]
    assert all(folded)
    owners = {fold_name(name): field for field, names in USUAL_NAMES.items() for name in names}
    for field, names in USUAL_NAMES.items():
        assert all(owners[fold_name(name)] == field for name in names)


@pytest.mark.parametrize("key", ["published_at", "publishedAt", "Published At", "PUBLISHED-AT"])
def test_case_and_joints_of_names_do_not_matter(key: str) -> None:
    assert article(**{key: "2023-02-27"}).published == datetime(2023, 2, 27, tzinfo=UTC)


def test_the_best_name_wins_and_the_others_are_kept() -> None:
    found = convert({"description": "d", "text": "t", "content": "c", "body": " "}).article
    assert (found.body, found.extra) == ("t", {"description": "d", "content": "c"})
    assert convert({"description": "d"}).article.body == "d"


def test_explicit_names_win_over_usual_ones() -> None:
    found = convert({"kop": "K", "title": "T", "Text": "x"}, fields={"title": "kop", "body": "TEXT"}).article
    assert (found.title, found.body, found.extra) == ("K", "x", {"title": "T"})
    swapped = convert({"title": "b", "body": "t"}, fields={"title": "body", "body": "title"}).article
    assert (swapped.title, swapped.body) == ("t", "b")


def test_an_agency_alone_is_the_edition_too() -> None:
    assert (article(agency="CB").edition, article(agency="CB").agency) == ("CB", "CB")
    assert (article(agency="CB", source="S").edition, article(source="S").agency) == ("S", None)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, "neither title nor body holds text"),
        ({"title": None, "body": ""}, "neither title nor body holds text"),
        ({"title": "\u200b\ufeff \x07"}, "neither title nor body holds text"),
        ({"title": 5}, "title is a number, not text: 5"),
        ({"headline": ["x"]}, r"title \('headline'\) is a list, not text: \['x'\]"),
        ({"body": {"text": "x"}}, "body is an object"),
        ({"body": True}, "body is true or false"),
        ({"title": "x", "id": {}}, "id is an object"),
        ({"title": "x", "id": False}, "id is true or false"),
        ({"title": "a\x00b"}, "title holds a NUL character at 1"),
        ({"title": "x", "edition": "\x00"}, "edition holds a NUL"),
        ({"title": "a\ud800"}, "title holds a lone surrogate at 1"),
        ({"title": "x", "deep": {"list": ["\udfff"]}}, "a field holds a lone surrogate"),
        ({"title": "x", "\udfff": 1}, "a field holds a lone surrogate"),
        ({"title": "x", "deep": json.loads("[" * 500 + "]" * 500)}, "nested more than 100 deep"),
        ({"title": "x" * 9_999_999 + "\x00"}, "title holds a NUL character at 9999999: 'xxx"),
    ],
)
def test_bad_records_are_named(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(RecordError, match=reason) as caught:
        convert(values)
    assert len(str(caught.value)) < 200


def test_control_characters_become_spaces() -> None:
    assert article(body="a\x01b\x0bc\td\ne\x1f").body == "a b c\td\ne"


@pytest.mark.parametrize("value", ["not a language!", 5, ["fa"]])
def test_an_unknown_language_costs_a_warning(value: object) -> None:
    converted = convert({"title": "t", "lang": value})
    assert (converted.article.language, converted.article.extra) == ("und", {"language_raw": value})
    assert len(converted.warnings) == 1


@pytest.mark.parametrize("value", ["yesterday", "27.02.23", ["2023-02-27"], True, -5, float("inf"), 10**300])
def test_an_unreadable_time_costs_a_warning(value: object) -> None:
    converted = convert({"title": "t", "date": value})
    assert (converted.article.published, converted.article.extra) == (None, {"published_raw": value})
    assert "date is no date that can be read" in converted.warnings[0]


@pytest.mark.parametrize(
    "value",
    [
        "2023-02-27 15:44",
        "۱۴۰۱/۱۲/۰۸ - ۱۵:۴۴",
        datetime(2023, 2, 27, 15, 44),  # naive on purpose
        1677500040,
        1677500040000,
        "2023-02-27T12:14:00Z",
    ],
)
def test_times_of_every_type(value: object) -> None:
    found = convert({"title": "t", "date": value}, timezone="Asia/Tehran").article
    assert found.published == datetime(2023, 2, 27, 12, 14, tzinfo=UTC)


def test_a_day_is_its_midnight() -> None:
    assert article(date=date(2023, 2, 27)).published == datetime(2023, 2, 27, tzinfo=UTC)


def test_a_detail_that_is_no_text_stays_in_extra() -> None:
    converted = convert({"title": "t", "category": ["a", "b"], "source": {"name": "S"}})
    assert (converted.article.section, converted.article.edition) == (None, None)
    assert converted.article.extra == {"category": ["a", "b"], "source": {"name": "S"}}
    assert len(converted.warnings) == 2


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from([name for names in USUAL_NAMES.values() for name in names[:2]]) | st.text()


@given(st.dictionaries(keys, json_values, max_size=8))
def test_any_record_becomes_a_writable_article_or_a_record_error(values: dict[str, Any]) -> None:
    try:
        found = convert(values).article
    except RecordError:
        return
    assert found.title or found.body
    assert found.published is None or found.published.tzinfo is not None
    json.dumps([found.id, found.title, found.body, dict(found.extra)], ensure_ascii=False).encode()
    for key, value in values.items():  # nothing is lost: it is a field, in extra, or empty
        assert (
            key in found.extra
            or value is None
            or isinstance(value, (str, int, float))
            or value
            in (
                found.extra.get("published_raw"),
                found.extra.get("language_raw"),
            )
        )


def test_ids_come_from_content() -> None:
    first = article(body="b", source="S")
    assert content_id(first) == content_id(article(body="b", source="S", other="x"))
    others = [article(body="c", source="S"), article(body="b"), article(body="b", source="S", date="2023-02-27")]
    others.append(article(body="b", source="S", url="u"))
    assert len({content_id(other) for other in [first, *others]}) == 5
    assert content_id(convert({"title": "ab"}).article) != content_id(convert({"title": "a", "body": "b"}).article)
    assert len(content_id(first)) == 17
    assert content_id(first).startswith("a")


def test_copies_without_ids_are_numbered() -> None:
    register = IdRegister()
    names = [register.name(article(), file="f", line=line).id for line in range(4)]
    base = names[0]
    assert names == [base, f"{base}-2", f"{base}-3", f"{base}-4"]
    assert register.claim(f"{base}-3", file="g", line=9) == ("f", 2)
    assert register.claim(f"{base}-5", file="g", line=9) is None
    assert register.name(article(), file="h", line=1).id == f"{base}-6"
