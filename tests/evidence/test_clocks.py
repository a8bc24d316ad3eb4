"""Clocks and parts of the day as texts tell them, in five languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.evidence.clocks import DAY_PARTS, clock_mentions, day_part_mentions
from dedup.text.normalise import normalise_text


def readings(text: str) -> list[tuple[int, ...]]:
    return [found.minutes for found in clock_mentions([text])]


def at(hour: int, minute: int = 0) -> int:
    return hour * 60 + minute


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a half of the day is told, or can only be one
        ("The tremor came at 4:36 a.m. at a depth of 8.4 kilometres.", at(4, 36)),
        ("it had been hidden until 2:20 p.m. on Tuesday", at(14, 20)),
        ("Police were called at 5pm.", at(17)),
        ("The fire started at 9:20 this morning on the second floor", at(9, 20)),
        ("at 15:48 local time", at(15, 48)),
        ("at 12:30 a.m.", at(0, 30)),
        ("at 12:15 p.m.", at(12, 15)),
        ("Yangın saat 14.00 sıralarında çıktı.", at(14)),
        ("Bina saat 04.30 sularında çöktü.", at(4, 30)),
        ("AFAD, 13.58'deki depremin büyüklüğünü 4,9 olarak açıkladı.", at(13, 58)),
        ("yerel saatle 20.05'te", at(20, 5)),
        ("saat 8'de sabah", at(8)),
        ("ساعت ۶ و ۱۲ دقیقه صبح", at(6, 12)),
        ("زلزله ساعت ۱۵:۴۸ به وقت محلی روی داد", at(15, 48)),
        ("حدود ساعت ۱۴ در انباری", at(14)),
        ("ساعت هشت و ده دقیقه صبح امروز", at(8, 10)),
        ("ساعت نه و بیست و پنج دقیقه شب", at(21, 25)),
        ("ساعت دو شب", at(2)),
        ("ساعت یازده شب گذشته", at(23)),
        ("ساعت چهار و نیم عصر", at(16, 30)),
        ("ساعت یک و ربع بعد از ظهر", at(13, 15)),
        ("ساعت یازده پیش از ظهر", at(11)),
        ("ساعت دوازده و ده دقیقه ظهر", at(12, 10)),
        ("في الساعة 10:50 صباحا", at(10, 50)),
        ("عند الساعة الثالثة والنصف فجرا", at(3, 30)),
        ("عند الساعة الثامنة إلا الربع مساء", at(19, 45)),
        ("نحو الساعة الحادية عشرة ليلا", at(23)),
        ("الساعة 3 بعد ظهر الأحد", at(15)),
    ],
)
def test_a_clock_is_read(text: str, expected: int) -> None:
    assert readings(normalise_text(text)) == [(expected,)]


@pytest.mark.parametrize(
    ("text", "morning"),
    [
        ("at 9:20 on the second floor", at(9, 20)),
        ("saat 11.50 sularında", at(11, 50)),
        ("ساعت ۹:۲۰ امروز", at(9, 20)),
        ("الساعة 7", at(7)),
        ("ساعت نه و نیم", at(9, 30)),
    ],
)
def test_where_nothing_tells_which_half_of_the_day_it_may_be_either(text: str, morning: int) -> None:
    assert readings(text) == [(morning, morning + 12 * 60)]


@pytest.mark.parametrize(
    "text",
    [
        "The talks took 5 hours.",
        "Görüşme iki saat sürdü, 24 saat içinde 15 kişi öldü.",
        "پس از دو ساعت مهار شد، ۲۴ ساعت بعد",
        "استمرت ساعة ونصف الساعة",
        "Galatasaray won 3-1 and 25-22, 1.50 lira, %7.30, 10:1, 3:2.",
        "at 08:12 GMT on Tuesday",
        "في الساعة 10:50 بتوقيت غرينتش",
        "saat 45.70",
        "ساعت ۷۳:۸۰",
        "a magnitude 6.30 quake, version 2.10.4, 1:02:33",
        "2023-02-27T15:44:10",
    ],
)
def test_what_is_no_clock_of_the_place(text: str) -> None:
    assert readings(text) == []


def test_several_stand_where_they_stand() -> None:
    found = list(clock_mentions(["Nothing.", "At 14:50 and at 3.15 p.m., not at 16:00 GMT"]))
    assert [(one.sentence, one.text, one.minutes) for one in found] == [
        (1, "3.15 p.m", (at(15, 15),)),
        (1, "14:50", (at(14, 50),)),
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It struck before dawn on Wednesday", ["dawn"]),
        ("Tuesday morning and this afternoon", ["morning", "afternoon"]),
        ("overnight, at noon, in the evening, last night", ["dawn", "noon", "evening", "night"]),
        ("sabaha karşı, sabahı, öğle saatlerinde, öğleden sonra", ["dawn", "morning", "noon", "afternoon"]),
        ("akşamı, gecesi, gece yarısı", ["evening", "night", "dawn"]),
        ("بامداد، صبح، پیش از چاشت، ظهر", ["dawn", "morning", "morning", "noon"]),
        (
            "بعد از ظهر، بعدازظهر، عصر، شام، شب، نیمه‌شب",
            ["afternoon", "afternoon", "afternoon", "evening", "night", "dawn"],
        ),
        (
            "فجر الأربعاء، صباح، ظهر، بعد ظهر، عصرا، مساء، ليلا",
            ["dawn", "morning", "noon", "afternoon", "afternoon", "evening", "night"],
        ),
        ("Jamshid nightingale, morningside", []),
        ("می‌شب شب‌نشینی", []),
    ],
)
def test_parts_of_the_day(text: str, parts: list[str]) -> None:
    assert [found.part for found in day_part_mentions([text])] == parts


@given(st.text(max_size=200))
def test_whatever_the_text_what_is_found_stands_there(text: str) -> None:
    for found in clock_mentions([text]):
        assert found.text in text
        assert 1 <= len(found.minutes) <= 2
        assert all(0 <= minute < 24 * 60 for minute in found.minutes)
    for part in day_part_mentions([text]):
        assert part.text in text
        assert part.part in DAY_PARTS


_FORMS = (
    "at {h:02}:{m:02}",
    "saat {h:02}.{m:02}",
    "{h:02}.{m:02}'de",
    "ساعت {h:02}:{m:02}",
    "في الساعة {h:02}:{m:02}",
)


@given(hour=st.integers(0, 23), minute=st.integers(0, 59), form=st.sampled_from(_FORMS))
def test_any_time_in_any_form(hour: int, minute: int, form: str) -> None:
    (found,) = readings(form.format(h=hour, m=minute))
    if 10 <= hour <= 12:  # of twelve hours or of twenty-four
        assert found == (at(hour % 12, minute), at(hour % 12 + 12, minute))
    else:
        assert found == (at(hour, minute),)


@given(hour=st.integers(1, 12), minute=st.integers(0, 59), half=st.sampled_from(["a.m.", "p.m.", "am", "PM"]))
def test_halves_of_the_day_are_those_of_the_clock_of_twelve_hours(hour: int, minute: int, half: str) -> None:
    expected = at(hour % 12 + 12 * (half[0].lower() == "p"), minute)
    assert readings(f"at {hour}:{minute:02} {half} on Friday") == [(expected,)]
