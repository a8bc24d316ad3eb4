"""Times of records: values of every type, the zone of the outlet, relative times, and what is warned of."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import SettingsError
from dedup.read import ArticleStream, ReadOptions, ReadReport, read_articles
from dedup.read.fields import FieldNames
from dedup.read.page import parse_page
from dedup.read.record import Converted, convert_record
from dedup.read.times import read_time
from dedup.read.zones import date_order_of, zone_of_outlet
from dedup.text.stated_time import TimeRules

AFTERNOON = datetime(2023, 2, 27, 15, 44, tzinfo=UTC)
TEHRAN = TimeRules(timezone=ZoneInfo("Asia/Tehran"))


def convert(values: dict[str, Any], **options: Any) -> Converted:
    return convert_record({"title": "t"} | values, names=FieldNames(), **options)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (1677512640, AFTERNOON),
        (1677512640000, AFTERNOON),
        (1677512640000000, AFTERNOON),
        (1677512640000000000, AFTERNOON),
        (1677512640.25, AFTERNOON.replace(microsecond=250000)),
        (1677512640123456, AFTERNOON.replace(microsecond=123456)),
        (941_025_600_000, datetime(1999, 10, 27, 12, tzinfo=UTC)),  # milliseconds before 2001 have 12 digits
        (20230227, datetime(2023, 2, 26, 20, 30, tzinfo=UTC)),
        (14011208, datetime(2023, 2, 26, 20, 30, tzinfo=UTC)),
        (202302271914, AFTERNOON),
        (20230227191400, AFTERNOON),
        ("1677512640", AFTERNOON),
        (" ۱۶۷۷۵۱۲۶۴۰\u200f", AFTERNOON),
        ({"$date": "2023-02-27T15:44:00Z"}, AFTERNOON),
        ({"$date": 1677512640000}, AFTERNOON),
        ({"$date": {"$numberLong": "1677512640000"}}, AFTERNOON),
        ("/Date(1677512640000)/", AFTERNOON),
        (r"\/Date(1677512640000+0330)\/", AFTERNOON),
        (datetime(2023, 2, 27, 19, 14), AFTERNOON),  # naive on purpose
        (datetime(2023, 2, 27, 18, 44, tzinfo=ZoneInfo("Europe/Istanbul")), AFTERNOON),
        (date(2023, 2, 27), datetime(2023, 2, 26, 20, 30, tzinfo=UTC)),
        (0, None),
        (44984.6555, None),  # a day of a spreadsheet
        (20231327, None),
        (99_999_999, None),
        (10**10, None),  # the year 2286
        (10**15 - 1, datetime(2001, 9, 9, 1, 46, 39, 999999, tzinfo=UTC)),
        (10**20, None),
        (-1677512640, None),
        (float("nan"), None),
        (True, None),
        (None, None),
        ([1677512640], None),
        ({"$date": None}, None),
        ({"$date": {"$date": {"$date": 1677512640}}}, None),
        ({}, None),
    ],
)
def test_values_of_every_type(value: object, wanted: datetime | None) -> None:
    moment = read_time(value, TEHRAN).moment
    assert moment == wanted
    assert moment is None or not isinstance(moment.tzinfo, ZoneInfo)


@given(st.integers(946_684_800, 2_082_758_399), st.integers(0, 10**9 - 1))
def test_parts_of_a_second_since_1970_come_back(seconds: int, nanoseconds: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    for digits, per_second in ((10, 1), (13, 10**3), (16, 10**6), (19, 10**9)):
        parts = nanoseconds * per_second // 10**9
        value = seconds * per_second + parts
        if len(str(value)) == digits:
            for stated in (value, str(value)):
                read = read_time(stated, TEHRAN).moment
                assert read is not None
                assert abs((read - moment) / timedelta(microseconds=1) - parts * 10**6 / per_second) <= 1


@pytest.mark.parametrize(
    ("record", "wanted"),
    [
        ({"lang": "fa"}, "+03:30"),
        ({"lang": "Dari"}, "+04:30"),
        ({"lang": "tr"}, "+03:00"),
        ({"lang": "ar"}, "+00:00"),
        ({"lang": "en"}, "+00:00"),
        ({}, "+00:00"),
        ({"lang": "ar-EG"}, "+02:00"),
        ({"lang": "ar_SA"}, "+03:00"),
        ({"lang": "en-IN"}, "+05:30"),
        ({"lang": "en-US"}, "+00:00"),  # several zones
        ({"lang": "ar", "url": "https://www.akhbar.example.iq/1"}, "+03:00"),
        ({"lang": "en", "url": "https://en.khabar.ir/news/1"}, "+03:30"),
        ({"lang": "en", "url": "https://example.com/ir/1"}, "+00:00"),
        ({"lang": "en", "url": "http://[bad/1"}, "+00:00"),
        ({"lang": "fa", "url": "https://www.example.co.uk/persian"}, "+03:30"),
        ({"lang": "ar", "source": "akhbar.eg"}, "+02:00"),
        ({"lang": "en", "source": "Tehran Morning Post"}, "+03:30"),
        ({"lang": "ar", "source": "صحيفة بغداد الجديدة"}, "+03:00"),
        ({"lang": "en", "source": "The Cairo and Tehran Review"}, "+00:00"),  # two cities
        ({"lang": "en", "city": "Tehran"}, "+00:00"),  # where the reporter was, not the newsroom
    ],
)
def test_a_time_without_a_zone_is_that_of_the_outlet(record: dict[str, str], wanted: str) -> None:
    published = convert(record | {"date": "2023-02-27 15:44"}).article.published
    assert published is not None
    assert published.isoformat() == f"2023-02-27T15:44:00{wanted}"
    given_zone = convert(record | {"date": "2023-02-27 15:44"}, timezone=ZoneInfo("Asia/Tokyo")).article.published
    assert given_zone is not None
    assert given_zone.isoformat() == "2023-02-27T15:44:00+09:00"
    stated = convert(record | {"date": "2023-02-27 15:44Z"}, timezone=ZoneInfo("Asia/Tokyo")).article.published
    assert stated == AFTERNOON


def test_every_zone_is_there() -> None:
    for tag in ("ar-LY", "ar-SO", "en-GB", "en-uk", "fa-TJ", "ar-PS"):
        assert zone_of_outlet(tag[:2], tag=tag) is not None
    assert zone_of_outlet("en", tag="en-Latn-GB") == ZoneInfo("Europe/London")
    assert zone_of_outlet("en", tag="en-150") is None


def test_orders_of_dates() -> None:
    assert [date_order_of(language) for language in ("fa", "fa-AF", "ar", "tr")] == ["dmy"] * 4
    assert [date_order_of("en", tag=tag) for tag in ("en-US", "en_GB", "en", "EN-ph")] == ["mdy", "dmy", None, "mdy"]
    assert date_order_of("de") is None


def test_what_can_mean_two_days_is_not_read_unless_one_is_told() -> None:
    converted = convert({"lang": "en", "date": "03/04/2025"})
    assert (converted.article.published, converted.article.extra) == (None, {"published_raw": "03/04/2025"})
    assert converted.warnings == (
        "date is no date that can be read: '03/04/2025'; it can be 2025-03-04 or 2025-04-03; --date-order "
        "tells which; in Python ReadOptions(date_order=...)",
    )
    assert convert({"date": "03/04/2025"}, date_order="mdy").article.published == datetime(2025, 3, 4, tzinfo=UTC)
    assert convert({"date": "03/04/2025"}, date_order="dmy").article.published == datetime(2025, 4, 3, tzinfo=UTC)
    assert convert({"date": "1415/01/01"}).warnings == (
        "date is no date that can be read: '1415/01/01'; it can be 1994-06-10 or 2036-03-20; say when it was retrieved "
        "with --as-of; in Python ReadOptions(as_of=...)",
    )
    # nothing is retrieved before it is published
    early = convert({"date": "03/04/2025", "crawled_at": "2025-03-05"})
    assert (early.article.published, early.warnings) == (datetime(2025, 3, 4, tzinfo=UTC), ())


def test_relative_times_are_told_from_when_the_record_was_retrieved() -> None:
    told = {"date": "2 hours ago"}
    without = convert(told)
    assert (without.article.published, without.article.extra) == (None, {"published_raw": "2 hours ago"})
    assert without.warnings[0].endswith(
        "it is told from another time; say when it was retrieved with --as-of; in Python ReadOptions(as_of=...)"
    )
    assert convert(told, as_of=AFTERNOON).article.published == AFTERNOON - timedelta(hours=2)
    converted = convert(told | {"fetched_at": 1677512640}, as_of=datetime(2000, 1, 1, tzinfo=UTC))
    assert converted.article.published == AFTERNOON - timedelta(hours=2)
    assert converted.article.extra == {"fetched_at": 1677512640}
    assert converted.warnings == ()


def test_days_are_those_of_the_zone() -> None:
    late = {"date": "دیروز", "retrieved": "2023-02-27T21:00:00Z"}  # it is the 28th in Tehran by then
    assert str(convert(late | {"lang": "fa"}).article.published) == "2023-02-27 00:00:00+03:30"
    assert str(convert(late | {"lang": "en"}).article.published) == "2023-02-26 00:00:00+00:00"


def test_a_reference_that_cannot_be_read_costs_a_warning_too() -> None:
    converted = convert({"date": "yesterday", "retrieved": "last week"})
    assert converted.article.published is None
    assert [warning.split(":")[0] for warning in converted.warnings] == [
        "retrieved is no date that can be read",
        "date is no date that can be read",
    ]
    assert convert({"date": "2023-02-27", "retrieved": "last week"}).warnings == ()  # not asked for


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Tue, 27 Feb 2023 15:44:00 GMT", "its weekday is another"),
        ("Updated: 27 Feb 2023 15:44 GMT", "it is the time of an update, and no other is stated"),
    ],
)
def test_what_is_odd_is_read_and_told(text: str, why: str) -> None:
    converted = convert({"date": text})
    assert converted.article.published == AFTERNOON
    assert converted.warnings == (f"date is read as 2023-02-27T15:44:00+00:00: {text!r}; {why}",)
    assert converted.article.extra == {}


def test_options_are_checked() -> None:
    assert ReadOptions().zone is None
    assert ReadOptions(timezone="UTC").zone == ZoneInfo("UTC")
    with pytest.raises(SettingsError, match="unknown time zone: 'Mars/Olympus'"):
        ReadOptions(timezone="Mars/Olympus")
    with pytest.raises(SettingsError, match="as_of is 2023-02-27T15:44:00, a time without a zone"):
        ReadOptions(as_of=datetime(2023, 2, 27, 15, 44))
    with pytest.raises(SettingsError, match="unknown order of dates: 'ymd'; use dmy or mdy"):
        ReadOptions(date_order="ymd")  # type: ignore[arg-type]  # on purpose


def test_files_and_streams_are_read_by_the_options(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    records = [
        {"title": "a", "date": "2 hours ago"},
        {"title": "b", "date": "03/04/2022"},
        {"title": "c", "date": "dün"},
    ]
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    options = ReadOptions(as_of=AFTERNOON, date_order="mdy", timezone="Europe/Istanbul")
    wanted = [
        AFTERNOON - timedelta(hours=2),
        datetime(2022, 3, 3, 21, tzinfo=UTC),
        datetime(2023, 2, 25, 21, tzinfo=UTC),
    ]
    assert [article.published for article in read_articles(path, options=options)] == wanted
    with path.open("rb") as file:
        stream = ArticleStream(file, options=options, report=ReadReport())
        found = []
        while not stream.ended:
            if article := stream.poll(5.0):
                found.append(article.published)
    assert found == wanted


BODY = "The bridge was opened after two years of work and the minister said that it had cost less than was planned."


@pytest.mark.parametrize(
    ("line", "published", "warnings"),
    [
        ("Published 2 hours ago", AFTERNOON - timedelta(hours=2), 0),
        ("Yesterday, 14:30", datetime(2023, 2, 26, 14, 30, tzinfo=UTC), 0),
        ("26 February, 14:30", datetime(2023, 2, 26, 14, 30, tzinfo=UTC), 0),
        ("03/04/2022 14:30", None, 1),
        ("Tuesday 27 February 2023", None, 1),
        ("Updated: 27 February 2023 15:44", AFTERNOON, 1),
        ("Updated: 28 February 2023 10:00\nPublished: 27 February 2023 15:44", AFTERNOON, 0),
        ("27 February 2023 15:44\nUpdated: 28 February 2023 10:00", AFTERNOON, 0),
        ("27 February 2023 15:44 | Updated: 28 February 2023 10:00", AFTERNOON, 0),
        ("27 February 2023 | 15:44 | News ID: 4711", AFTERNOON, 0),
        ("News ID: 4711 | 27 February 2023 15:44", AFTERNOON, 0),
        ("Date posted: 27 Feb 2023 15:44", AFTERNOON, 0),
    ],
)
def test_date_lines_of_pages(tmp_path: Path, line: str, published: datetime | None, warnings: int) -> None:
    path = tmp_path / "page.txt"
    path.write_text(f"English | Türkçe\n{line}\n\nNew bridge opened\n\n{BODY}\n\n{BODY}", encoding="utf-8")
    report = ReadReport()
    (article,) = read_articles(path, options=ReadOptions(as_of=AFTERNOON), report=report)
    assert (article.title, article.body) == ("New bridge opened", f"{BODY}\n{BODY}")
    assert (article.published, report.warnings) == (published, warnings)


def test_news_codes_are_no_part_of_a_date_line() -> None:
    for line in ("۸ اسفند ۱۴۰۱ | ۱۵:۴۴ | کد خبر : ۱۲۳۴", "کد خبر: 1234 | دوشنبه ۸ اسفند ۱۴۰۱ - ۱۵:۴۴"):
        page = parse_page(f"{line}\n\nپل نو باز شد\n\nاین پل پس از دو سال کار باز شد.\n\nاستاندار چنین گفت.")
        assert str(page["published"]) == "2023-02-27 15:44:00+03:30"
        assert page["title"] == "پل نو باز شد"
        assert "section" not in page


def test_a_line_of_bars_takes_no_time() -> None:
    started = time.perf_counter()
    parse_page("|" * 2_000_000 + "\n\nNew bridge\n\n" + BODY)
    assert time.perf_counter() - started < 2


def test_a_word_that_may_be_a_section_is_no_date_line() -> None:
    page = parse_page(f"English | Türkçe\nToday\n\nNew bridge opened\n\n{BODY}\n\n{BODY}")
    assert (page["section"], page["title"]) == ("Today", "New bridge opened")
    assert "published" not in page


def test_a_zone_that_is_given_holds_for_pages_too() -> None:
    body = "Köprü iki yıllık çalışmanın ardından açıldı, bakan maliyetin düşük kaldığını söyledi."
    text = f"27 Şubat 2023 15:44\n\nYeni köprü\n\n{body}\n\n{body}"
    assert str(parse_page(text)["published"]) == "2023-02-27 15:44:00+03:00"
    assert str(parse_page(text, timezone=UTC)["published"]) == "2023-02-27 15:44:00+00:00"
