"""A number is one value in every language's digits, separators and words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.evidence.background import number_rarity
from dedup.evidence.counted import SLOTS
from dedup.evidence.numbers import number_mentions


def values(text: str, language: str) -> list[str]:
    return [found.value for found in number_mentions([text], language)]


def slots(text: str, language: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for mention in number_mentions([text], language):
        if mention.slot:
            found.setdefault(mention.slot, []).append(mention.value)
    return found


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fa", "زلزله‌ای به بزرگی ۷٫۳ ریشتر", ["7.3"]),
        ("fa", "زلزلهٔ ۷.۳ ریشتری", ["7.3"]),
        ("tr", "7,3 büyüklüğünde deprem", ["7.3"]),
        ("en", "a magnitude 7.3 quake", ["7.3"]),
        ("ar", "زلزال بقوة ٧٫٣ درجات", ["7.3"]),
        ("tr", "1.250 kişi ve 2,5 milyon lira", ["1250", "2500000"]),
        ("en", "1,250 people and 2.5 million lira", ["1250", "2500000"]),
        ("fa", "۱۷۱ هزار نفر", ["171000"]),
        ("fa-AF", "۳ ملیون دالر", ["3000000"]),
        ("ar", "171 ألف شخص", ["171000"]),
        ("tr", "200 bin kişi", ["200000"]),
        ("en", "seven dead", ["7"]),
        ("fa", "هفت کشته", ["7"]),
        ("ar", "سبعة قتلى", ["7"]),
        ("tr", "yedi ölü", ["7"]),
        ("fa", "۱۷۱ هزار و ۸۰۰ نفر", ["171800"]),
        ("en", "171,800 people", ["171800"]),
        ("tr", "171 bin 800 kişi", ["171800"]),
        ("ar", "171 ألفا و800 شخص", ["171800"]),
        ("fa", "۲ میلیون و ۳۰۰ هزار دلار", ["2300000"]),
        ("en", "5 million, 300 people", ["5000000", "300"]),
        ("en", "twenty-five dead", ["25"]),
        ("tr", "yirmi beş ölü", ["25"]),
        ("fa", "بیست و پنج کشته", ["25"]),
        ("ar", "خمسة وعشرين قتيلا", ["25"]),
        ("fa", "بیست نفر و پنج زن", ["20", "5"]),
        ("en", "in 2023 and 1402", []),
        ("en", "no number here", []),
    ],
)
def test_values(language: str, text: str, expected: list[str]) -> None:
    assert values(text, language) == expected


def test_a_score_keeps_its_order() -> None:
    assert values("won 3-1", "en") == ["3-1"]
    assert values("lost 1-3", "en") == ["1-3"]
    assert values("با نتیجه ۳ - ۱", "fa") == ["3-1"]


def test_a_date_is_no_score() -> None:
    for text in ("on 2023-02-27", "27-28 February", "May 5-6", "Feb. 5-6"):
        assert not any("-" in value for value in values(text, "en")), text
    assert "27-28" not in values("27-28 Şubat", "tr")


def test_a_range_of_what_is_counted_is_no_score() -> None:
    assert slots("10-12 killed", "en") == {"dead": ["12"]}
    assert values("1-2 yaralı", "tr") == ["1", "2"]


@pytest.mark.parametrize("text", ["۳ بر ۱", "سه بر یک", "۳ بر یک", "۳-۱", "۳ – ۱"])
def test_a_score_as_persian_reads_it(text: str) -> None:
    assert slots(f"پرسپولیس با نتیجه {text} پیروز شد", "fa") == {"score": ["3-1"]}
    assert values("علاوه بر ۳ نفر", "fa") == ["3"]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fa", "زلزله ۶٫۳ ریشتری", {"magnitude": ["6.3"]}),
        ("fa", "زلزله‌ای به بزرگی ۶٫۳ ریشتر با ۱۲ کشته", {"magnitude": ["6.3"], "dead": ["12"]}),
        ("fa", "۶٫۳ ریشتر، ۱۲ نفر", {"magnitude": ["6.3"]}),
        ("en", "A magnitude 6.1 quake", {"magnitude": ["6.1"]}),
        ("en", "a 6.1-magnitude quake", {"magnitude": ["6.1"]}),
        ("tr", "6,1 büyüklüğünde deprem", {"magnitude": ["6.1"]}),
        ("ar", "زلزال بقوة 6.1 درجة", {"magnitude": ["6.1"]}),
        ("ar", "الحرارة 40 درجة", {}),
        ("tr", "3 ölü, 12 yaralı", {"dead": ["3"], "wounded": ["12"]}),
        ("tr", "en az bir kişi öldü, 30 kişi yaralandı", {"wounded": ["30"]}),
        ("tr", "12 can kaybı", {"dead": ["12"]}),
        ("ar", "مقتل 12 شخصا وإصابة 30", {"dead": ["12"], "wounded": ["30"]}),
        ("ar", "قتل 12 شخصا وأصيب 30 آخرون", {"dead": ["12"], "wounded": ["30"]}),
        ("ar", "12 قتيلا و30 جريحا", {"dead": ["12"], "wounded": ["30"]}),
        ("ar", "إصابة 30 شخصا", {"wounded": ["30"]}),
        ("en", "killed at least 12 people and injured 30", {"dead": ["12"], "wounded": ["30"]}),
        ("en", "12 killed, 30 wounded", {"dead": ["12"], "wounded": ["30"]}),
        ("en", "two were killed and 30 injured", {"dead": ["2"], "wounded": ["30"]}),
        ("en", "Dozens were killed and 30 injured", {"wounded": ["30"]}),
        ("fa", "۱۲ کشته و ۳۰ زخمی", {"dead": ["12"], "wounded": ["30"]}),
        ("fa", "کشته شدن ۱۲ نفر و زخمی شدن ۳۰ نفر", {"dead": ["12"], "wounded": ["30"]}),
        ("fa-AF", "جان باختن پنج تن", {"dead": ["5"]}),
        # the verb comes last, and تن is a person
        ("fa-AF", "در نتیجه آن چهار تن کشته و یازده تن دیگر زخمی شدند", {"dead": ["4"], "wounded": ["11"]}),
        ("fa", "۱۱ نفر بر اثر فروریختن ساختمانی در محلهٔ فردوس شهر حلب جان باختند", {"dead": ["11"]}),
        ("fa-AF", "پنج تن در ریزش یک تعمیر چهار‌منزله در شهر حلب کشته شدند", {"dead": ["5"]}),
        (
            "fa",
            "۱۱ نفر از روستاهای دور و نزدیک این استان دیروز با ۲۰ خودرو آمدند و دو نفر زخمی شدند",
            {"vehicles": ["20"], "wounded": ["2"]},
        ),
        ("tr", "11 kişinin çöken binanın altında kalarak hayatını kaybettiğini bildirdi", {"dead": ["11"]}),
        ("en", "12 people from several villages in the valley are said to have been killed", {"dead": ["12"]}),
        ("en", "12 tonnes of wheat from villages in which many had been killed", {"weight": ["12"]}),
        ("fa", "۳۶ درصد", {"percent": ["36"]}),
        ("fa", "۳۶٪ از ۱۲ نفر", {"percent": ["36"]}),
        ("tr", "yüzde 36", {"percent": ["36"]}),
        ("tr", "%36", {"percent": ["36"]}),
        ("en", "36 per cent", {"percent": ["36"]}),
        ("en", "3 per day", {}),
        ("ar", "36 بالمئة", {"percent": ["36"]}),
        ("en", "$30 million", {"money": ["30000000"]}),
        ("tr", "30 milyon dolar", {"money": ["30000000"]}),
        ("fa", "۳۰ میلیون دلاری", {"money": ["30000000"]}),
        ("fa-AF", "۳۰ ملیون دالر", {"money": ["30000000"]}),
        ("ar", "30 مليون دولار", {"money": ["30000000"]}),
        ("en", "a 35-year-old man", {"age": ["35"]}),
        ("tr", "35 yaşındaki", {"age": ["35"]}),
        ("fa", "جوان ۳۵ ساله", {"age": ["35"]}),
        ("en", "12 teams can compete", {}),
        ("en", "on February 5 killed three", {"dead": ["3"]}),
        ("fa", "۸ اسفند کشته", {}),
        ("en", "at 15:44 killed 3", {"dead": ["3"]}),
        ("en", "the 12th soldier killed", {"ordinal": ["12."]}),
        ("tr", "27. dakikada attığı gol", {"ordinal": ["27."]}),
    ],
)
def test_what_a_number_counts(language: str, text: str, expected: dict[str, list[str]]) -> None:
    assert slots(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "the fifth round"),
        ("en", "the 5th round"),
        ("tr", "beşinci tur"),
        ("tr", "5. tur"),
        ("tr", "5'inci tur"),
        ("fa", "دور پنجم"),
        ("fa", "پنجمین دور"),
        ("fa-AF", "دور پنجم"),
        ("ar", "الجولة الخامسة"),
    ],
)
def test_an_ordinal_is_one_in_every_language(language: str, text: str) -> None:
    assert values(text, language) == ["5."]
    assert slots(text, language) == {"ordinal": ["5."]}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "30 كانون الثاني"),
        ("ar", "تشرين الثاني"),
        ("ar", "ربيع الثاني"),
        ("en", "12th of March"),
        ("tr", "27. Şubat"),
    ],
)
def test_a_month_is_no_ordinal(language: str, text: str) -> None:
    assert "ordinal" not in slots(text, language)


def test_magnitudes_that_differ_are_different_values() -> None:
    assert values("magnitude 6.3", "en") != values("magnitude 6.1", "en")


@given(st.integers(10, 999_999).filter(lambda number: not (1300 <= number < 1500 or 1900 <= number < 2100)))
def test_grouped_and_plain_numbers_agree_in_all_languages(number: int) -> None:
    persian = str(number).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert (
        values(f"{number} people", "en")
        == values(f"{number:,} people", "en")
        == values(f"{number:,} kişi".replace(",", "."), "tr")
        == values(f"{persian} نفر", "fa")
        == [str(number)]
    )


@given(st.text(max_size=80), st.sampled_from(["ar", "fa", "en", "tr", "und"]))
def test_no_text_breaks_it_and_every_value_has_a_rarity(text: str, language: str) -> None:
    for value in values(text, language):
        assert 0 < number_rarity(value) <= 1


WORDS = (
    "killed wounded 3 12 30 two people , and $ % magnitude 6.1 بقوة مقتل وإصابة شخصا ölü yaralı yüzde 5. 3-1 May 27 "
    "کشته شدن و زخمی هزار 15:44 1401/12/08 بر"
)


@given(st.lists(st.sampled_from(WORDS.split()), max_size=14), st.sampled_from(["ar", "fa", "en", "tr"]))
def test_any_order_of_words_gives_mentions_that_stand_in_the_text(words: list[str], language: str) -> None:
    text = " ".join(words)
    for found in number_mentions(["", text], language):
        assert found.sentence == 1
        assert found.text in text
        assert found.slot is None or found.slot in SLOTS
        assert (found.slot == "ordinal") == found.value.endswith(".")
        assert (found.slot == "score") == ("-" in found.value)
