from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hijridate import Gregorian
from hypothesis import example, given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from dedup.text.calendar import (
    MONTH_TABLES,
    WEEKDAY_TABLES,
    Calendar,
    MonthTable,
    WeekdayTable,
    fold_name,
    from_epoch,
    month_number,
    parse_datetime,
    to_gregorian,
    weekday_number,
)

TEHRAN = timezone(timedelta(hours=3, minutes=30))
DAY = datetime(2023, 2, 27, tzinfo=UTC)
AFTERNOON = datetime(2023, 2, 27, 15, 44, tzinfo=UTC)

DATE_LINES = {
    # ISO 8601
    "2023-02-27": DAY,
    "20230227": DAY,
    "2023-02-27T15:44": AFTERNOON,
    "2023-02-27 15:44": AFTERNOON,
    "2023-02-27t15:44:00z": AFTERNOON,
    "2023-02-27T15:44:00Z": AFTERNOON,
    "2023-02-27T15:44:00.123456Z": AFTERNOON.replace(microsecond=123456),
    "2023-02-27T15:44:00,5+00:00": AFTERNOON.replace(microsecond=500000),
    "2023-02-27T15:44:00+03:30": AFTERNOON.replace(tzinfo=TEHRAN),
    "2023-02-27T15:44:00+0330": AFTERNOON.replace(tzinfo=TEHRAN),
    "2023-02-27 15:44:00 +0330": AFTERNOON.replace(tzinfo=TEHRAN),
    "2023-02-27T15:44-05": AFTERNOON.replace(tzinfo=timezone(timedelta(hours=-5))),
    "20230227T154400Z": AFTERNOON,
    "20230227154400": AFTERNOON,
    "2023-02-27T154400": AFTERNOON,
    "20230227T1544+0330": AFTERNOON.replace(tzinfo=TEHRAN),
    "2023-02-27T15": AFTERNOON.replace(minute=0),
    "2023-02-27 15:44 UTC": AFTERNOON,
    "2023-02-27 15:44 GMT+3:30": AFTERNOON.replace(tzinfo=TEHRAN),
    # RFC 2822 and its kin
    "Mon, 27 Feb 2023 15:44:00 +0330": AFTERNOON.replace(tzinfo=TEHRAN),
    "Mon, 27 Feb 2023 15:44:00 GMT": AFTERNOON,
    "27 Feb 2023 15:44 +0000 (UTC)": AFTERNOON,
    "Mon, 27 Feb 2023 15:44:00 EST": AFTERNOON.replace(tzinfo=timezone(timedelta(hours=-5))),
    "Mon Feb 27 15:44:00 2023": AFTERNOON,
    "Mon Feb 27 15:44:00 UTC 2023": AFTERNOON,
    # English newspapers
    "2023-February-27  15:44": AFTERNOON,
    "Monday, February 27, 2023, 3:44 PM": AFTERNOON,
    "February 27th, 2023 at 3:44 p.m.": AFTERNOON,
    "27 February 2023": DAY,
    "3:44pm on Monday 27 Feb. 2023": AFTERNOON,
    "27 Feb 2023, 3 pm": AFTERNOON.replace(minute=0),
    "27 Feb 2023 12:05 am": DAY.replace(minute=5),
    "27 Feb 2023 12:05 pm": DAY.replace(hour=12, minute=5),
    # Farsi and Dari
    "۱۴۰۱/۱۲/۰۸ - ۱۵:۴۴": AFTERNOON,
    "1401-12-08T15:44": AFTERNOON,
    "۰۸/۱۲/۱۴۰۱": DAY,
    "دوشنبه ۸ اسفند ۱۴۰۱ - ۱۵:۴۴": AFTERNOON,
    "۸ اسفند ماه ۱۴۰۱ ساعت ۱۶": AFTERNOON.replace(hour=16, minute=0),
    "دو شنبه، ۸ اسفند ۱۴۰۱، ۳:۴۴ ب.ظ": AFTERNOON,
    "۸ اسفند ۱۴۰۱ ۹:۰۵ ق.ظ": DAY.replace(hour=9, minute=5),
    "دوشنبه، ۸ حوت ۱۴۰۱ ساعت ۱۶:۱۴": AFTERNOON.replace(hour=16, minute=14),
    "۸ حوت ۱۴۰۱ هجری شمسی": DAY,
    "۲۷ فوریه ۲۰۲۳ - ۱۵:۴۴": AFTERNOON,
    "27 فبروري 2023": DAY,
    "8 Esfand 1401": DAY,
    "8 Hut 1401 - 15:44": AFTERNOON,
    # Arabic
    "الإثنين 27 فبراير 2023 - 15:44": AFTERNOON,
    "الاثنين ٢٧ فبراير ٢٠٢٣ ٣:٤٤ م": AFTERNOON,
    "٢٧ شباط/فبراير ٢٠٢٣ - ١٥:٤٤": AFTERNOON,
    "27 شباط (فبراير) 2023، الساعة 3:44 مساءً": AFTERNOON,
    "27 فبراير 2023م": DAY,
    "27 فيفري 2023 - 09:05 ص": DAY.replace(hour=9, minute=5),
    "8 شعبان 1444": DAY + timedelta(days=1),
    "٨ شعبان ١٤٤٤ هـ": DAY + timedelta(days=1),
    "08/08/1444 هـ": DAY + timedelta(days=1),
    # Turkish
    "27 Şubat 2023 Pazartesi 15:44": AFTERNOON,
    "27 ŞUBAT 2023 PAZARTESİ, 15.44": AFTERNOON,
    "27.02.2023 - 15:44": AFTERNOON,
    "27.02.2023 15.44": AFTERNOON,
    "8 Şaban 1444": DAY + timedelta(days=1),
    # numbers alone
    "27/02/2023": DAY,
    "02/27/2023": DAY,
    "15:44 - 27/02/2023": AFTERNOON,
}

NO_DATES = (
    "",
    "now",
    "15:44",
    "2023",
    "February 2023",
    "27 February",
    "2018-09/2018-11 (newstest2019)",
    "2023-02-30",
    "2023-13-01",
    "۱۴۰۱/۱۲/۳۰",  # no leap year
    "31/12/1401",
    "27.02.23",
    "23-02-27",
    "Tuesday 27 February 2023",  # it was a Monday
    "سه‌شنبه ۸ اسفند ۱۴۰۱",
    "Friday 03/04/2023",  # 3 April was a Monday; that 4 March was no Friday either does not matter
    "27 February 1401",
    "8 Mart 1444",
    "8 اسفند 2023",
    "8 شعبان 2023",
    "08.12.1401 م",
    "27-28 Şubat 2023",
    "3 آب/أيلول 2026",
    "27 February 2023 25:00",
    "27 February 2023 15:60",
    "27 February 2023 13:00 am",
    "27 February 2023 0:30 pm",
    "27 February 2023 pm",
    "27 February 2023 15:44 16:44",
    "2023-02-27T15:44+99:00",
    "2023-02-27T15:44Z+03:30:11",
    "1677512640",
    "27 February 2023 by our reporter",
    "0023-02-27",
    "2023-02-27" + " " * 200,
)


@pytest.mark.parametrize(("line", "wanted"), DATE_LINES.items())
def test_date_lines(line: str, wanted: datetime) -> None:
    read = parse_datetime(line, timezone=None)
    assert read == wanted
    assert read is not None
    assert read.utcoffset() == wanted.utcoffset()


@pytest.mark.parametrize("line", NO_DATES)
def test_what_is_not_understood_is_none(line: str) -> None:
    assert parse_datetime(line, timezone=None) is None


def test_zone_is_for_times_without_one() -> None:
    tehran = ZoneInfo("Asia/Tehran")
    assert parse_datetime("2023-02-27 15:44", timezone=tehran) == AFTERNOON.replace(tzinfo=TEHRAN)
    assert parse_datetime("2023-02-27 15:44Z", timezone=tehran) == AFTERNOON
    assert parse_datetime("2023-02-27", timezone=tehran) == DAY.replace(tzinfo=TEHRAN)


def test_day_comes_before_month_where_both_are_possible() -> None:
    assert parse_datetime("03/04/2023", timezone=None) == datetime(2023, 4, 3, tzinfo=UTC)
    assert parse_datetime("Monday 03/04/2023", timezone=None) == datetime(2023, 4, 3, tzinfo=UTC)


days = st.dates(min_value=date(1921, 3, 21), max_value=date(2077, 11, 16))  # Jalali 1300, the end of Hijri 1500
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))


@given(days, clocks, st.sampled_from([UTC, TEHRAN, timezone(timedelta(hours=-7))]))
def test_standard_formats_of_the_library_come_back(day: date, clock: time, zone: timezone) -> None:
    moment = datetime.combine(day, clock, tzinfo=zone)
    assert parse_datetime(moment.isoformat(), timezone=None) == moment
    assert parse_datetime(format_datetime(moment), timezone=None) == moment
    assert parse_datetime(moment.strftime("%A, %d %B %Y %I:%M %p %z"), timezone=None) == moment
    assert parse_datetime(moment.ctime(), timezone=zone) == moment


@given(st.sampled_from(MONTH_TABLES), st.integers(0, 11), st.integers(1, 30), st.integers(1350, 1499))
@example(MONTH_TABLES[0], 1, 29, 1400)
def test_every_month_name_is_read_as_its_calendar_has_it(table: MonthTable, month: int, day: int, year: int) -> None:
    year = year + 600 if table.calendar is Calendar.GREGORIAN else year
    wanted = to_gregorian(table.calendar, year, month + 1, day)
    for name in table.names[month]:
        for line in (f"{day} {name} {year} - 15:44", f"{year}-{name}-{day} 15:44", f"{name} {day}, {year} 15:44"):
            read = parse_datetime(line, timezone=UTC)
            assert (read and read.date()) == wanted, line


@given(days, st.sampled_from(WEEKDAY_TABLES), st.integers(0, 6))
def test_a_weekday_confirms_or_refutes(day: date, table: WeekdayTable, weekday: int) -> None:
    for name in table.names[weekday]:
        read = parse_datetime(f"{name} {day.isoformat()}", timezone=UTC)
        assert (read is not None) == (day.weekday() == weekday)


@given(st.text(max_size=140))
@example("٣" * 120)
@example("- " * 60)
@example("Rabi al-" * 15)
def test_no_text_raises(text: str) -> None:
    read = parse_datetime(text, timezone=None)
    assert read is None or read.tzinfo is not None


@given(days)
def test_conversions_follow_the_calendar_day_by_day(day: date) -> None:
    """Oracles: the inverse conversions of the two libraries."""
    jalali = JalaliDate.to_jalali(day.year, day.month, day.day)  # type: ignore[no-untyped-call]  # theirs
    assert to_gregorian(Calendar.JALALI, jalali.year, jalali.month, jalali.day) == day
    if day >= date(1924, 8, 1):
        hijri = Gregorian(day.year, day.month, day.day).to_hijri()
        assert to_gregorian(Calendar.HIJRI, hijri.year, hijri.month, hijri.day) == day


@pytest.mark.parametrize(
    ("calendar", "year", "month", "day", "wanted"),
    [
        (Calendar.JALALI, 1403, 12, 30, date(2025, 3, 20)),  # leap
        (Calendar.JALALI, 1404, 12, 30, None),
        (Calendar.JALALI, 1401, 13, 1, None),
        (Calendar.JALALI, 1401, 0, 1, None),
        (Calendar.HIJRI, 1444, 9, 1, date(2023, 3, 23)),
        (Calendar.HIJRI, 1342, 1, 1, None),  # before Umm al-Qura's tables
        (Calendar.HIJRI, 1444, 7, 30, None),
        (Calendar.GREGORIAN, 2024, 2, 29, date(2024, 2, 29)),
        (Calendar.GREGORIAN, 2023, 2, 29, None),
        (Calendar.GREGORIAN, 0, 1, 1, None),
    ],
)
def test_known_days(calendar: Calendar, year: int, month: int, day: int, wanted: date | None) -> None:
    assert to_gregorian(calendar, year, month, day) == wanted


def test_tables_agree_with_each_other() -> None:
    meanings = defaultdict(set)
    for table in MONTH_TABLES:
        assert len(table.names) == 12
        for number, group in enumerate(table.names, 1):
            for name in group:
                meanings[fold_name(name)].add((table.calendar, number))
                assert month_number(name) == (table.calendar, number)
    assert all(len(meaning) == 1 for meaning in meanings.values())
    for weekdays in WEEKDAY_TABLES:
        assert len(weekdays.names) == 7
        for number, group in enumerate(weekdays.names):
            for name in group:
                assert weekday_number(name) == number
                assert fold_name(name) not in meanings


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("آب/أغسطس", (Calendar.GREGORIAN, 8)),
        ("كانون الثّاني", (Calendar.GREGORIAN, 1)),
        ("كـانون الثاني (يناير)", (Calendar.GREGORIAN, 1)),
        ("کانون‌الثانی", (Calendar.GREGORIAN, 1)),
        ("ابريل", (Calendar.GREGORIAN, 4)),
        ("KASIM", (Calendar.GREGORIAN, 11)),
        ("kasim", (Calendar.GREGORIAN, 11)),
        ("HAZİRAN", (Calendar.GREGORIAN, 6)),
        ("فروردين", (Calendar.JALALI, 1)),
        ("ثور", (Calendar.JALALI, 2)),
        ("ذي الحجة", (Calendar.HIJRI, 12)),
        ("ربيع الآخر", (Calendar.HIJRI, 4)),
        ("Sha'ban", (Calendar.HIJRI, 8)),
        ("آب/أيلول", None),
        ("monthly", None),
        ("", None),
        ("/", None),
    ],
)
def test_month_names_in_many_spellings(name: str, wanted: tuple[Calendar, int] | None) -> None:
    assert month_number(name) == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("الأَربعاء", 2), ("الاربعاء", 2), ("چهار شنبه", 2), ("پنج‌شنبه", 3), ("CUMARTESİ", 5), ("Sun", 6), ("day", None)],
)
def test_weekday_names_in_many_spellings(name: str, wanted: int | None) -> None:
    assert weekday_number(name) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (1677512640, AFTERNOON),
        (1677512640.0, AFTERNOON),
        (1677512640000, AFTERNOON),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (-1, None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
    ],
)
def test_epochs(value: float, wanted: datetime | None) -> None:
    assert from_epoch(value) == wanted
