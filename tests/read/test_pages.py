from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article, canonical_language
from dedup.read import ReadOptions, ReadReport, read_articles
from dedup.read.dateline import split_dateline
from dedup.read.editions import is_edition_bar, page_language
from dedup.read.page import parse_page

EXAMPLES = Path(__file__).parents[2] / "examples"
RECORDS = {
    record["id"]: record
    for line in (EXAMPLES / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    for record in [json.loads(line)]
} if (EXAMPLES / "articles.jsonl").exists() else {}  # fmt: skip
PAGES = sorted((EXAMPLES / "pages").glob("*.txt"))

BAR = "فارسی افغانستان العربیة English Türkçe"
PAGE = f"""{BAR}
Politics
2023-February-27  15:44

Minister Opens Bridge over the Karun

AHVAZ (CB)- The transport minister opened a bridge over the Karun on Monday, the third in the city.

It was built in two years, he said, and cost less than was planned for.

The old one is to be closed for repairs in the spring."""


def parse(text: str) -> dict[str, Any]:
    return parse_page(text)


def read(path: Path, **options: Any) -> list[Article]:
    return list(read_articles(path, options=ReadOptions(**options)))


def test_a_page_from_top_to_bottom(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_text(PAGE, encoding="utf-8")
    (article,) = read(path, timezone="Asia/Tehran")
    assert article == Article(
        id=article.id,
        title="Minister Opens Bridge over the Karun",
        body="The transport minister opened a bridge over the Karun on Monday, the third in the city.\n"
        "It was built in two years, he said, and cost less than was planned for.\n"
        "The old one is to be closed for repairs in the spring.",
        language="en",
        published=datetime(2023, 2, 27, 15, 44, tzinfo=ZoneInfo("Asia/Tehran")),
        edition="CB",
        section="Politics",
        city="Ahvaz",
        agency="CB",
        extra={"dateline": "AHVAZ (CB)- ", "file": str(path)},
    )
    assert article.id == read(path, timezone="Asia/Tehran")[0].id


@pytest.mark.skipif(not PAGES or not RECORDS, reason="the examples are not here")
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_example_pages_are_their_records(path: Path) -> None:
    record = RECORDS[path.stem]
    (article,) = read(path)
    assert article.title == record["title"]
    assert article.extra["dateline"] + article.body == record["body"]
    assert article.language == canonical_language(record["lang"])
    assert article.section == record["section"]
    assert (article.city or "").casefold().replace("\u0307", "") == record["city"].casefold().replace("\u0307", "")
    wanted = datetime.fromisoformat(record["published"])
    if article.language == "ar":  # such a page does not tell its zone
        wanted = wanted.replace(tzinfo=UTC)
    assert article.published == wanted


@pytest.mark.parametrize(
    ("line", "language", "wanted"),
    [
        ("۱۴۰۱/۱۲/۰۸ - ۱۵:۴۴", "fa", "2023-02-27T15:44+03:30"),
        ("تاریخ انتشار: دوشنبه ۸ اسفند ۱۴۰۱ - ۱۵:۴۴", "fa", "2023-02-27T15:44+03:30"),
        ("دوشنبه، ۸ حوت ۱۴۰۱ ساعت ۱۶:۱۴", "fa-AF", "2023-02-27T16:14+04:30"),
        ("تاريخ النشر: الإثنين 27 فبراير 2023 - 15:44", "ar", "2023-02-27T15:44+00:00"),
        ("نُشر في ٢٧ شباط/فبراير ٢٠٢٣ - ١٥:٤٤", "ar", "2023-02-27T15:44+00:00"),
        ("Yayın: 27 Şubat 2023 Pazartesi 15:44", "tr", "2023-02-27T15:44+03:00"),
        ("Yayın Tarihi: 27.02.2023 - 15:44 | Güncelleme: 27.02.2023 - 16:00", "tr", "2023-02-27T15:44+03:00"),
        ("Published: 27 February 2023, 15:44", "en", "2023-02-27T15:44+00:00"),
        ("Published 2023-02-27 15:44 GMT", "en", "2023-02-27T15:44+00:00"),
    ],
)
@pytest.mark.parametrize("bar", [BAR, "English | Türkçe | فارسی | العربية", None])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_date_lines_of_every_edition(line: str, language: str, wanted: str, bar: str | None, gap: str) -> None:
    texts = {
        "fa": ("بازگشایی پل کارون", "این پل پس از دو سال ساخت باز شد و به گفتهٔ استاندار هزینهٔ آن کمتر از برآورد بود."),
        "fa-AF": ("پل نو باز شد", "این پل پس از دو سال کار در ولسوالی پغمان باز شد و به گفته ولسوال مصرف آن کمتر بود."),
        "ar": (
            "افتتاح جسر جديد",
            "افتتح الوزير الجسر الثالث في المدينة بعد عامين من العمل وقال إن الكلفة أقل من المقدر.",
        ),
        "tr": (
            "Karun'a yeni köprü",
            "Köprü iki yıllık çalışmanın ardından açıldı, bakan maliyetin düşük kaldığını söyledi.",
        ),
        "en": ("New bridge", "The bridge was opened after two years and the minister said that it had cost less."),
    }
    title, body = texts[language]
    page = parse("\n".join(filter(None, (bar, line))) + gap + title + gap + body + gap + body)
    assert page == {
        "title": title,
        "body": f"{body}\n{body}",
        "language": language,
        "published": datetime.fromisoformat(wanted),
    }


def test_parts_in_other_places() -> None:
    rest = "The first paragraph of the text, which is long enough to be one.\n\nThe second paragraph."
    cases = {
        f"Quake Hits Kerman\n27 February 2023\n\nKERMAN (CB)- {rest}": ("Quake Hits Kerman", None, None),
        f"World\nQuake Hits Southern Kerman Again\n27 February 2023\n\n{rest}": (
            "Quake Hits Southern Kerman Again", "World", None),
        f"27 February 2023\nWorld\n\nQuake Hits Kerman\n\n{rest}": ("Quake Hits Kerman", "World", None),
        f"World | 27 February 2023\n\nQuake Hits Kerman\n\n{rest}": ("Quake Hits Kerman", "World", None),
        f"{BAR}\nWorld\n\nQuake Hits Kerman\n\n{rest}": ("Quake Hits Kerman", "World", None),
        f"{BAR}\n27 February 2023\n\nGovernor:\nQuake Was the Strongest in Years\n\n{rest}": (
            "Quake Was the Strongest in Years", None, "Governor:"),
        f"{BAR}\nWorld\n27 February 2023\nQuake Hits Kerman\n{rest}": ("Quake Hits Kerman", "World", None),
    }  # fmt: skip
    for text, (title, section, kicker) in cases.items():
        page = parse(text)
        assert (page["title"], page.get("section"), page.get("kicker")) == (title, section, kicker), text
        assert page["body"] == rest.replace("\n\n", "\n"), text


def test_a_lead_stays_in_the_body() -> None:
    page = parse(PAGE.replace("AHVAZ (CB)-", "Two years of work have come to their end.\n\nAHVAZ (CB)-"))
    assert page["body"].startswith("Two years of work have come to their end.\nThe transport minister")
    assert (page["city"], page["agency"]) == ("Ahvaz", "CB")


def test_plain_text_is_a_headline_and_its_body() -> None:
    assert parse("One\n\nTwo\nThree - 4") == {"title": "One", "body": "Two\nThree - 4"}
    assert parse("One") == {"title": "One", "body": ""}


def test_a_labelled_date_that_cannot_be_read_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_text(PAGE.replace("2023-February-27", "Published: 2023-February-31"), encoding="utf-8")
    report = ReadReport()
    (article,) = read_articles(path, report=report)
    assert (article.published, article.extra["published_raw"]) == (None, "2023-February-31  15:44")
    assert (article.title, report.warnings) == ("Minister Opens Bridge over the Karun", 1)


def test_form_feeds_part_pages_and_bad_ones_cost_themselves(tmp_path: Path) -> None:
    path = tmp_path / "pages.txt"
    good = PAGE.encode()
    path.write_bytes(b"\f".join([good, b"\n \n", b"bad\n\xff", b"long\n" * 400, good.replace(b"2023", b"2024"), b"\n"]))
    report = ReadReport()
    articles = list(read_articles(path, options=ReadOptions(max_record_bytes=1000), report=report))
    assert [article.published.year for article in articles if article.published] == [2023, 2024]
    assert [reject.reason.split(";")[0] for reject in report.rejects] == [
        "line 14: invalid UTF-8 at byte 0 of the line (0xff)",
        "the page has 2000 bytes or more, more than max_record_bytes, 1000",
    ]


@pytest.mark.parametrize("data", [b"", b"\n \n\f\n"])
def test_an_empty_page_is_a_reject(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "page.txt"
    path.write_bytes(data)
    report = ReadReport()
    assert list(read_articles(path, report=report)) == []
    assert report.rejects[0].reason == "the page is empty"


@pytest.mark.parametrize(
    ("text", "language", "city", "agency"),
    [
        ("TEHRAN (FNA)- Rest", "en", "Tehran", "FNA"),
        ("TEHRAN, Iran, Feb. 27 (MNW) – Rest", "en", "Tehran", "MNW"),
        ("Sana'a (CB) -- Rest", "en", "Sana'a", "CB"),
        ("SANA'A (CB) - Rest", "en", "Sana'a", "CB"),
        ("NEW YORK - Rest", "en", "New York", None),
        ("ARSAL, Lebanon - Rest", "en", "Arsal", None),
        ("ANKARA - KYA - Rest", "tr", "Ankara", "KYA"),
        ("DİYARBAKIR (KYA) - Rest", "tr", "Diyarbakır", "KYA"),
        ("IĞDIR (KYA) - Rest", "tr", "Iğdır", "KYA"),
        ("İZMİR (AO) - Rest", "en", "İzmir", "AO"),
        ("به گزارش خبرگزاری کرانه از تهران، Rest", "fa", "تهران", "خبرگزاری کرانه"),
        ("به گزارش خبرنگار نیم‌روز از بندر عباس، Rest", "fa", "بندر عباس", "نیم‌روز"),
        ("به گزارش کرانه از بصره، Rest", "fa", "بصره", "کرانه"),
        ("به گزارش خبرگزاری کرانه، Rest", "fa", None, "خبرگزاری کرانه"),
        ("خبرگزاری کرانه - تهران: Rest", "fa", "تهران", "خبرگزاری کرانه"),
        ("کابل (خبرگزاری سپین‌غر) - Rest", "fa-AF", "کابل", "خبرگزاری سپین‌غر"),
        ("طهران (النخيل) - Rest", "ar", "طهران", "النخيل"),
        ("بغداد - النخيل: Rest", "ar", "بغداد", "النخيل"),
        ("بغداد/ النخيل - Rest", "ar", "بغداد", "النخيل"),
        ("وكالة أنباء النخيل - طهران - Rest", "ar", "طهران", "وكالة أنباء النخيل"),
    ],
)
def test_datelines(text: str, language: str, city: str | None, agency: str | None) -> None:
    dateline, rest = split_dateline(text, language=language)
    assert dateline is not None
    assert (dateline.city, dateline.agency, rest) == (city, agency, "Rest")
    assert dateline.text + rest == text


@pytest.mark.parametrize(
    "text",
    [
        "The plan (PDF) - a long one - was dropped.",
        "Brent crude (the benchmark) - which rose - fell.",
        "Iran beat Turkey 3-1 (25-20) - a first.",
        "به گزارش پلیس از محل حادثه، دو خودرو با هم برخورد کردند.",
        "به گزارش سپیدار، یک آتش‌نشان جان باخت.",
        "به گزارش جام‌شهر به نقل از كرانه، پنج زائر درگذشتند.",
        "به گزارش سازمان جهانی بهداشت در سال گذشته، شمار بیماران کم شد.",
        "گذرگاه تورغندی - سرحدآباد از اول ماه باز می‌شود.",
        "كان المنتخب متقدماً 2-1 حتى الدقيقة الأخيرة.",
        "TEHRAN (FNA)- ",
        "",
    ],
)
def test_what_is_no_dateline_stays(text: str) -> None:
    assert split_dateline(text, language="und") == (None, text)


@given(st.text(st.sampled_from("AB ab.,()-–:/ نس‌\n'"), max_size=300))
def test_no_paragraph_takes_long_or_loses_text(text: str) -> None:
    dateline, rest = split_dateline(text, language="tr")
    assert (dateline.text if dateline else "") + rest == text


@given(st.text(max_size=400), st.booleans())
def test_any_text_is_a_page(text: str, with_bar: bool) -> None:
    page = parse(f"{BAR}\n{text}" if with_bar else text)
    assert {"title", "body"} <= page.keys()


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (BAR, True),
        ("Türkçe English", True),
        ("English • فارسی • دری • العربية", True),
        ("English", False),
        ("English teachers on strike", False),
        ("", False),
    ],
)
def test_edition_bars(line: str, wanted: bool) -> None:
    assert is_edition_bar(line) is wanted


@pytest.mark.parametrize(
    "text",
    [
        "12:30",
        "Der Minister sagte am Montag, dass die Brücke im Frühjahr eröffnet wird und weniger kostet.",
        "د افغانستان د بهرنیو چارو وزارت وایي چې دا پرېکړه به په راتلونکو ورځو کې عملي شي.",
        "Bakı ilə Tehran arasında yeni müqavilə imzalandı və hər iki tərəf bunu təsdiq edib.",
        "وزیر اعظم نے کہا ہے کہ یہ پل اگلے سال تک مکمل ہو جائے گا اور لاگت کم رہے گی۔",
    ],
)
def test_other_languages_are_left_to_the_detector(text: str) -> None:
    assert page_language(text) == "und"
