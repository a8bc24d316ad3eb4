"""Dates as newsrooms write them, in three calendars and five languages; and words that only look like dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hijridate import Gregorian
from hypothesis import given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from dedup.evidence.dates import UNKNOWN_YEAR, DateMention, date_mentions
from dedup.text.calendar_names import MONTH_TABLES, WEEKDAY_TABLES, Calendar, MonthTable

WEDNESDAY = datetime(2023, 3, 1, 12, tzinfo=UTC)
DAY = date(2023, 2, 27)


def found_in(text: str, published: datetime | None = WEDNESDAY) -> list[DateMention]:
    return list(date_mentions([text], published))


def days(text: str, published: datetime | None = WEDNESDAY) -> list[str]:
    return [str(found.day) for found in found_in(text, published)]


ONE_DAY = [
    "۱۴۰۱/۱۲/۰۸",
    "1401/12/08 - 15:44",
    "27.02.2023",
    "27/02/2023",
    "02/27/2023",
    "2023-02-27",
    "7/8/1444 ه",
    "7/8/1444هـ",
    "1444/08/07 هجري",
    "27 Şubat 2023",
    "27 Şubat'ta başlayan görüşmeler",
    "27 ŞUBAT PAZARTESİ",
    "Olay, 27 Şubat Pazartesi günü oldu",
    "on February 27",
    "Feb. 27, 2023",
    "Monday, Feb 27",
    "the 27th of February",
    "February 27th, 2023",
    "روز دوشنبه ۸ اسفند",
    "۸ اسفندماه ۱۴۰۱",
    "۸ اسفند ماه",
    "دوشنبه، ۸ حوت",
    "۸ برج حوت",
    "به تاریخ ۲۷ فبروری",
    "۲۷ فوریه ۲۰۲۳",
    "8 Esfand",
    "الاثنين 27 فبراير",
    "27 شباط/فبراير 2023",
    "27 شباط (فبراير) الماضي",
    "٢٧ فيفري",
    "7 شعبان 1444",
    "7 من شعبان",
    "أول من أمس",
    "evvelsi gün",
    "the day before yesterday",
]


@pytest.mark.parametrize("text", ONE_DAY)
def test_one_day_in_every_calendar_and_language(text: str) -> None:
    assert days(text) == [str(DAY)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yesterday", "2023-02-28"),
        ("last night", "2023-02-28"),
        ("dün akşam", "2023-02-28"),
        ("دیروز", "2023-02-28"),
        ("روز گذشته در کابل", "2023-02-28"),
        ("شب گذشته", "2023-02-28"),
        ("أمس", "2023-02-28"),
        ("bugün", "2023-03-01"),
        ("اليوم", "2023-03-01"),
        ("tomorrow", "2023-03-02"),
        ("فردا", "2023-03-02"),
        ("on Tuesday", "2023-02-28"),
        ("salı günü", "2023-02-28"),
        ("سه شنبه", "2023-02-28"),
        ("سه‌شنبه", "2023-02-28"),
        ("يوم الثلاثاء", "2023-02-28"),
        ("on Wednesday", "2023-03-01"),
        ("last Wednesday", "2023-02-22"),
        ("next Tuesday", "2023-03-07"),
        ("gelecek salı günü", "2023-03-07"),
        ("الثلاثاء المقبل", "2023-03-07"),
        ("سه‌شنبه آینده", "2023-03-07"),
        ("next Wednesday", "2023-03-08"),
        ("Pazar günü", "2023-02-26"),
        ("۲۹ اسفند", "2023-03-20"),
        ("31 December", "2022-12-31"),  # of the nearest year, not of this one
        ("۱۲ می ۲۰۲۲", "2022-05-12"),
        ("۹ می در کابل", "2023-05-09"),
        ("30 كانون الثاني", "2023-01-30"),
        ("3 صفر 1444", "2022-08-30"),
    ],
)
def test_days_told_from_publication(text: str, expected: str) -> None:
    assert days(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "رئیس‌جمهور می‌گوید",
        "ساعت ۱۲ می‌شود",
        "۱۲ می باشد",
        "at least 5 may have died",
        "In May, 12 people were killed",
        "they march 3 miles",
        "به میزان ۳۰ درصد",
        "Pazar yeri",
        "Cuma Bey konuştu",
        "Salı pazarı",
        "امام جمعه تهران",
        "the Sunday Times",
        "برخورد نیسان با پراید",
        "3 - صفر",
        "۲ صفر",
        "½ May",
        "فصل ماه رمضان",
        "31/11/2023",
        "1401/13/01",
        "10.15.7 sürümü",
        "192.168.1.12",
        "phone 021-27-02-2023-11",
        "ara 12 kişi, 12 ara",
    ],
)
def test_words_that_only_look_like_dates(text: str) -> None:
    assert found_in(text) == []


def test_a_date_says_which_weekday_is_meant() -> None:
    assert days("سه‌شنبه ۹ حوت") == ["2023-02-28"]
    assert days("8 Mart 2023 Çarşamba") == ["2023-03-08"]
    assert days("Tuesday and on 3 March") == ["2023-02-28", "2023-03-03"]


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("in February", (2,)),
        ("şubat ayında", (2,)),
        ("في شباط", (2,)),
        ("ماه می", (5,)),
        ("in May 2022", (5,)),
        ("در ماه حوت", (2, 3)),
        ("اسفند ۱۴۰۱", (2, 3)),
        ("دی‌ماه", (12, 1)),
        ("در نیسان ۲۰۲۲", (4,)),
    ],
)
def test_a_month_without_a_day(text: str, months: tuple[int, ...]) -> None:
    (found,) = found_in(text)
    assert (found.day, found.weekday, found.months) == (None, None, months)


class TestWithoutPublication:
    def test_a_year_makes_a_day(self) -> None:
        assert days("27 Şubat 2023", None) == days("۱۴۰۱/۱۲/۰۸", None) == ["2023-02-27"]

    def test_without_one_it_is_a_day_of_any_year(self) -> None:
        (found,) = found_in("February 27", None)
        assert found.day == date(UNKNOWN_YEAR, 2, 27)
        (jalali,) = found_in("۸ اسفند", None)
        assert jalali.day is not None
        assert abs((jalali.day - date(UNKNOWN_YEAR, 2, 27)).days) <= 1
        assert found_in("February 29", None)[0].day == date(UNKNOWN_YEAR, 2, 29)

    def test_a_weekday_is_a_weekday_and_yesterday_nothing(self) -> None:
        (found,) = found_in("سه‌شنبه", None)
        assert (found.day, found.weekday) == (None, 1)
        assert found_in("yesterday, dün, أمس", None) == []

    def test_a_lunar_day_without_a_year_names_none(self) -> None:
        assert found_in("7 شعبان", None) == []


def persian(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))


def calendar_day(table: MonthTable, day: date) -> tuple[int, int, int]:
    """Return year, month and day by another way than the code under test takes: from the Gregorian day."""
    if table.calendar is Calendar.GREGORIAN:
        return day.year, day.month, day.day
    if table.calendar is Calendar.JALALI:
        found = JalaliDate(day)  # type: ignore[no-untyped-call]  # theirs
        return found.year, found.month, found.day
    lunar = Gregorian(day.year, day.month, day.day).to_hijri()
    return lunar.year, lunar.month, lunar.day


TABLES = [table for table in MONTH_TABLES if table.language in {"en", "fa", "fa-AF", "ar", "ar-SY", "tr"}]
DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


@given(DAYS, st.sampled_from(TABLES), st.integers(0, 3), st.booleans())
def test_a_written_day_is_found_as_that_day(day: date, table: MonthTable, spelling: int, with_weekday: bool) -> None:
    year, month, number = calendar_day(table, day)
    names = table.names[month - 1]
    name = names[spelling % len(names)]
    digits = persian if table.language.startswith("fa") else str
    text = f"{digits(number)} {name} {digits(year)}"
    weekdays = next((one for one in WEEKDAY_TABLES if one.language == table.language), None)
    if with_weekday and weekdays:
        text = f"{weekdays.names[day.weekday()][0]} {text}"
    assert days(f"x {text} y", None) == [str(day)], text


@given(DAYS, st.sampled_from("/.-"))
def test_a_day_in_digits_is_found_as_that_day(day: date, mark: str) -> None:
    jalali = JalaliDate(day)  # type: ignore[no-untyped-call]  # theirs
    for text in (
        f"{day.year}{mark}{day.month:02}{mark}{day.day:02}",
        f"{day.day}{mark}{day.month}{mark}{day.year}",
        mark.join(persian(part) for part in (jalali.year, jalali.month, jalali.day)),
    ):
        assert days(f"({text})", None) == [str(day)], text


@given(DAYS, st.integers(-120, 120), st.sampled_from(TABLES))
def test_a_day_without_its_year_is_the_nearest_to_publication(published: date, offset: int, table: MonthTable) -> None:
    day = published + timedelta(days=offset)
    _, month, number = calendar_day(table, day)
    if (month, number) in {(2, 29), (12, 30)} or table.names[month - 1][0] in {"می", "صفر"}:
        return  # not in every year; other words without one
    text = f"{number} {table.names[month - 1][0]}"
    assert days(text, datetime(published.year, published.month, published.day, tzinfo=UTC)) == [str(day)], text


@given(st.text(max_size=60), st.sampled_from([None, WEDNESDAY, datetime.min.replace(tzinfo=UTC)]))
def test_no_text_breaks_it(text: str, published: datetime | None) -> None:
    for found in date_mentions([text, f"{text} May", f"May {text}"], published):
        assert found.day or found.weekday is not None or found.months


@pytest.mark.parametrize("number", ["0" * 5_000, "01" + "2" * 5_000, "፩", "𐩀", "²"])
def test_odd_numbers_beside_a_month_are_no_days(number: str) -> None:
    assert found_in(f"{number} May {number}") == []


@pytest.mark.parametrize("published", [datetime.min, datetime.max])
def test_the_ends_of_the_calendar(published: datetime) -> None:
    text = "yesterday, tomorrow, Monday, next Monday, 1 January, 31 December, 1 Farvardin, 1 Ramadan"
    list(date_mentions([text], published.replace(tzinfo=UTC)))


def test_a_mention_shows_its_place_and_its_words() -> None:
    found = list(date_mentions(["None here", "زلزلهٔ ۸ اسفند ۱۴۰۱ در خوی"], WEDNESDAY))
    assert [(one.sentence, one.text) for one in found] == [(1, "۸ اسفند ۱۴۰۱")]


def test_a_lunar_day_of_two_months_ago_is_not_read_as_one_of_next_year() -> None:
    assert days("29 ذو الحجة", datetime(2014, 1, 1, tzinfo=UTC)) == ["2013-11-03"]
