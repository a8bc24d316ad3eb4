"""The table of stated times, and properties of the reader of all of them."""

from __future__ import annotations

import re
import time as clock
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hijridate import Gregorian, Hijri
from hypothesis import example, given
from hypothesis import strategies as st

from dedup.read.fields import FieldNames
from dedup.read.record import Converted, convert_record
from dedup.text.calendar import MONTH_TABLES, WEEKDAY_TABLES, Calendar, MonthTable, to_gregorian
from dedup.text.calendar_names import MONTH_BY_KEY, WEEKDAY_BY_KEY
from dedup.text.stated_time import StatedTime, TimeRules, is_date_line, read_stated_time
from dedup.text.time_words import LABELS
from dedup.text.time_words import MONTHS as MONTHS_BY_KEY
from dedup.text.time_words import WEEKDAYS as WEEKDAYS_BY_KEY

TABLE = Path(__file__).with_name("stated_times.txt")
RETRIEVED = "2023-02-27T12:14:00Z"
_ROW = re.compile(r"(?P<language>\S+) (?P<text>.*?) => (?P<wanted>.*)")
_MOMENT = re.compile(r"([GJH])(\d+)-(\d+)-(\d+) (\S+) ([+-]\d\d):(\d\d)")


def rows() -> list[tuple[str, str, str]]:
    found = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            match = _ROW.fullmatch(line)
            assert match, line
            text = re.sub(r"\\u([0-9a-f]{4})", lambda escape: chr(int(escape[1], 16)), match["text"])
            found.append((match["language"], text, match["wanted"]))
    return found


def jalali_ordinal(year: int, month: int, day: int) -> int:
    """The day of a Jalali date by the rule of 33 years, which holds from 1210 to 1498: no table, no library.

    Leap are the years that leave 1, 5, 9, 13, 17, 22, 26 or 30 when divided by 33. 1 Farvardin 1400 was 21 March 2021.
    """
    leap = (1, 5, 9, 13, 17, 22, 26, 30)
    before = sum(365 + (past % 33 in leap) for past in range(1210, year))
    anchor = sum(365 + (past % 33 in leap) for past in range(1210, 1400))
    months = 31 * (month - 1) if month <= 7 else 186 + 30 * (month - 7)
    assert 1 <= day <= (31 if month <= 6 else 30 if month <= 11 or year % 33 in leap else 29)
    return date(2021, 3, 21).toordinal() + before - anchor + months + day - 1


def day_of(calendar: str, year: int, month: int, day: int) -> date:
    if calendar == "G":
        return date(year, month, day)
    if calendar == "J":
        return date.fromordinal(jalali_ordinal(year, month, day))
    lunar = Hijri(year, month, day).to_gregorian()
    return date(lunar.year, lunar.month, lunar.day)


def moment_of(wanted: str) -> datetime:
    match = _MOMENT.fullmatch(wanted)
    assert match, wanted
    calendar, year, month, day, at, hours, minutes = match.groups()
    offset = timedelta(minutes=60 * int(hours) + int(hours[0] + minutes))
    at = at + "0" * (-len(at.partition(".")[2]) % 3 if "." in at else 0)
    return datetime.combine(
        day_of(calendar, int(year), int(month), int(day)), time.fromisoformat(at), tzinfo=timezone(offset)
    )


def convert(language: str, text: str, **fields: object) -> Converted:
    values = {"title": "t", "published": text, "retrieved": RETRIEVED} | fields
    if language != "und":
        values["language"] = language
    return convert_record(values, names=FieldNames())


@pytest.mark.parametrize(("language", "text", "wanted"), rows())
def test_the_table(language: str, text: str, wanted: str) -> None:
    converted = convert(language, text)
    read = converted.article.published
    if wanted.startswith("-"):
        assert read is None
        assert wanted[1:].strip() in converted.warnings[0]
        assert converted.article.extra["published_raw"] == text
    else:
        assert read is not None, converted.warnings
        assert (read, read.utcoffset()) == (moment_of(wanted), moment_of(wanted).utcoffset())


def test_the_table_is_whole() -> None:
    found = rows()
    assert len(found) == len(set(found)) >= 300
    assert sum(wanted.startswith("-") for _, _, wanted in found) >= 50
    assert {language[:2] for language, _, _ in found} == {"un", "en", "fa", "ar", "tr"}


# Properties: what is written by other code than ours comes back.

days = st.dates(min_value=date(1990, 1, 1), max_value=date(2035, 12, 31))
minutes = st.times().map(lambda at: at.replace(second=0, microsecond=0))
digits = st.sampled_from(["0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"])
ZONES = ("Asia/Tehran", "Asia/Kabul", "Europe/Istanbul", "Africa/Cairo", "America/New_York", "UTC")


def jalali_of(day: date) -> tuple[int, int, int]:
    year = day.year - 621
    year -= jalali_ordinal(year, 1, 1) > day.toordinal()
    passed = day.toordinal() - jalali_ordinal(year, 1, 1)
    month = passed // 31 if passed < 186 else 6 + (passed - 186) // 30
    return year, month + 1, day.toordinal() - jalali_ordinal(year, month + 1, 1) + 1


def numbers_of(calendar: Calendar, day: date) -> tuple[int, int, int]:
    match calendar:
        case Calendar.JALALI:
            return jalali_of(day)
        case Calendar.HIJRI:
            return Gregorian(day.year, day.month, day.day).to_hijri().datetuple()
    return day.year, day.month, day.day


def in_script(text: str, script: str) -> str:
    return text.translate(str.maketrans("0123456789", script))


@given(day=days)
def test_the_rule_of_33_years_is_the_calendar_of_its_libraries(day: date) -> None:
    assert to_gregorian(Calendar.JALALI, *jalali_of(day)) == day


@given(day=days, at=minutes, table=st.sampled_from(MONTH_TABLES), script=digits, data=st.data())
def test_every_calendar_comes_back_from_every_order(
    day: date, at: time, table: MonthTable, script: str, data: st.DataObject
) -> None:
    year, month, number = numbers_of(table.calendar, day)
    name = data.draw(st.sampled_from(table.names[month - 1]))
    weekday = data.draw(st.sampled_from([name for group in WEEKDAY_TABLES for name in group.names[day.weekday()]]))
    line = data.draw(
        st.sampled_from(
            [
                f"{number} {name} {year} {at:%H:%M}",
                f"{weekday} {number} {name} {year} - {at:%H:%M}",
                f"{at:%H:%M} - {number} {name} {year}, {weekday}",
                f"{name} {number}, {year} {at:%H:%M}",
                f"{year}-{name}-{number:02} {at:%H:%M}",
                f"{number:02}-{name}-{year} {at:%H.%M}",
                f"{number} {name} {year} {at:%H:%M} +03:30",
                f"تاریخ انتشار: {weekday}، {number} {name} {year} ساعت {at:%H:%M}",
                f"Güncelleme: 1 Ocak 1990 | Yayın: {number} {name} {year} {at:%H:%M}",
            ]
        )
    )
    offset = timedelta(hours=3, minutes=30) if "+03:30" in line else timedelta(hours=2)
    read = read_stated_time(in_script(line, script), TimeRules(timezone=timezone(timedelta(hours=2))))
    assert read == StatedTime(moment=datetime.combine(day, at, tzinfo=timezone(offset))), line


@given(day=days, at=minutes, calendar=st.sampled_from(Calendar), script=digits, mark=st.sampled_from("/-."))
def test_every_calendar_comes_back_from_numbers(
    day: date, at: time, calendar: Calendar, script: str, mark: str
) -> None:
    year, month, number = numbers_of(calendar, day)
    era = {Calendar.HIJRI: " هـ", Calendar.JALALI: " هـ.ش", Calendar.GREGORIAN: ""}[calendar]
    for text in (
        f"{year}{mark}{month:02}{mark}{number:02}{era} {at:%H:%M}",
        f"{number}{mark}{month}{mark}{year}{era} - {at:%H:%M}",
    ):
        read = read_stated_time(in_script(text, script), TimeRules(timezone=UTC, order="dmy"))
        assert read == StatedTime(moment=datetime.combine(day, at, tzinfo=UTC)), text


@given(day=days, at=minutes, order=st.sampled_from(["dmy", "mdy"]), mark=st.sampled_from("/-"))
def test_the_order_of_numbers_is_kept_or_asked_for(day: date, at: time, order: str, mark: str) -> None:
    stated = day.strftime({"dmy": "%d-%m-%Y", "mdy": "%m-%d-%Y"}[order]).replace("-", mark)
    known = read_stated_time(stated, TimeRules(order="dmy" if order == "dmy" else "mdy"))
    assert known.moment == datetime.combine(day, time(), tzinfo=UTC)
    unknown = read_stated_time(stated)
    if day.day <= 12 and day.day != day.month:
        assert (unknown.moment, unknown.lacks) == (None, "order")
        assert str(day) in unknown.remark
    else:
        assert unknown == known


@given(st.datetimes(datetime(1990, 1, 1), datetime(2035, 12, 31)), st.sampled_from(ZONES))
def test_offsets_are_those_of_the_day(at: datetime, name: str) -> None:
    """Oracle: of the two readings of a clock (PEP 495) the first, and its instant shown again."""
    at = at.replace(second=0, microsecond=0, fold=0)
    wanted = at.replace(tzinfo=ZoneInfo(name)).astimezone(UTC)
    read = read_stated_time(f"{at:%Y-%m-%d %H:%M}", TimeRules(timezone=ZoneInfo(name))).moment
    assert read is not None
    assert read == wanted
    assert read.replace(tzinfo=None) == wanted.astimezone(ZoneInfo(name)).replace(tzinfo=None)
    assert not isinstance(read.tzinfo, ZoneInfo)


AGO = {
    "minutes": ("{} minutes ago", "{} دقیقه پیش", "قبل {} دقيقة", "{} dakika önce", "{} min ago", "منذ {} دقائق"),
    "hours": ("{} hours ago", "{} ساعت پیش", "منذ {} ساعات", "{} saat önce", "{}h ago", "حدود {} ساعت قبل"),
    "days": ("{} days ago", "{} روز پیش", "منذ {} أيام", "{} gün önce"),
    "weeks": ("{} weeks ago", "{} هفته قبل", "منذ {} أسابيع", "{} hafta önce"),
}


@given(
    st.datetimes(datetime(1990, 3, 1), datetime(2035, 12, 31), timezones=st.sampled_from([UTC])),
    st.sampled_from(sorted(AGO)),
    st.integers(1, 59),
    st.sampled_from(ZONES),
    digits,
)
def test_times_are_told_from_the_reference(reference: datetime, unit: str, count: int, name: str, script: str) -> None:
    rules = TimeRules(timezone=ZoneInfo(name), reference=reference)
    before = timedelta(**{unit: count})
    for form in AGO[unit]:
        text = in_script(form.format(count), script)
        read = read_stated_time(text, rules).moment
        assert read is not None, text
        if unit in ("minutes", "hours"):
            assert read == reference - before
        else:
            assert read.date() == reference.astimezone(ZoneInfo(name)).date() - before
        assert read_stated_time(text).lacks == "reference"


@given(st.text(max_size=220))
@example("٣" * 200)
@example("'" * 200)
@example("0" * 5000)
@example("1" * 19)
@example("9999-12-31T23:59-14:00")
@example("0001-01-01T00:00+14:00")
@example("2 " * 100)
def test_any_text_is_read_or_not(text: str) -> None:
    for rules in (TimeRules(), TimeRules(reference=datetime(1, 1, 1, tzinfo=UTC), timezone=ZoneInfo("Asia/Tehran"))):
        stated = read_stated_time(text, rules)
        assert stated.moment is None or stated.moment.utcoffset() is not None
    assert is_date_line(text) in (True, False)


# fmt: off
words = [
    *MONTHS_BY_KEY, *WEEKDAYS_BY_KEY, *LABELS, "1401", "1444", "2023", "23", "'23", "8", "27", "31", "12", "99",
    "15:44", "15.44", "27/02/2023", "1401-12-08", "2023-W09-1", "+03:30", "Z", "GMT", "am", "م", "ساعت", "saat", "ago",
    "önce", "hours", "قبل", "يومين",
    "دیروز", "ه", "هـ", "و", "th", "'te", "asia/tehran", "/", "-", "|", "،", "(", ")", ".",
    ":",
]
# fmt: on


@given(st.lists(st.sampled_from(words), max_size=12), st.sampled_from(["", " "]))
def test_any_words_of_dates_are_read_or_not(parts: list[str], joint: str) -> None:
    rules = TimeRules(reference=datetime(2023, 2, 27, tzinfo=UTC))
    stated = read_stated_time(joint.join(parts), rules)
    assert stated.moment is None or (1300 < stated.moment.year < 2200)


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1 ",
        "- ",
        "'",
        ".",
        "م",
        "ق.",
        "Rabi al-",
        "قبل ",
        "1:1",
        "2 hours ",
        "1/1/",
        "ه ",
        "a/",
        "+0",
        "(z ",
        "12:30 z(",
    ],
)
def test_no_text_takes_long(piece: str) -> None:
    """What is scanned is bounded, so the longest of it is the worst case, and anything longer costs nothing."""
    started = clock.perf_counter()
    for text in (piece * 200, (piece * 200)[:200], "2023-02-27 15:44 " + (piece * 200)[:180], piece * 1_000_000):
        read_stated_time(text)
    assert clock.perf_counter() - started < 0.5


def test_names_are_those_of_one_thing() -> None:
    """A name stands for one month, weekday or label, and none that evidence knows has changed."""
    assert set(MONTHS_BY_KEY).isdisjoint(WEEKDAYS_BY_KEY)
    assert set(LABELS).isdisjoint({*MONTHS_BY_KEY, *WEEKDAYS_BY_KEY})
    assert all(MONTHS_BY_KEY[key] == month for key, month in MONTH_BY_KEY.items())
    assert all(WEEKDAYS_BY_KEY[key] == number for key, number in WEEKDAY_BY_KEY.items())
