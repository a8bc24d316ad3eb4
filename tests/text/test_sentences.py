from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.text.sentences import split_sentences

CASES = {
    "en": [
        "The minister arrived on Monday.",
        "Prices rose by 7.3 percent to 1,250.50 dollars.",
        "“Nobody was hurt,” said Dr. Samadi of the U.N. mission.",
        "Will the talks go on?",
    ],
    "fa": [
        "زلزله‌ای به بزرگی ۵.۹ ریشتر فارس را لرزاند.",
        "آیا خسارتی گزارش شده است؟",
        "«هنوز آماری در دست نیست.»",
    ],
    "fa-AF": ["پولیس در ولسوالی پغمان دو تن را بازداشت کرد.", "ارزش آن ۳.۵ میلیون افغانی است."],
    "ar": ["وصل الوزير د. أحمد سالم إلى بغداد اليوم.", "هل تستأنف المحادثات؟", "بلغت النسبة 12.5 في المئة!"],
    "tr": ["Prof. Dr. Kaya konuştu.", "Toplantı 12. kez yapıldı.", "Enflasyon yüzde 3.5 oldu mu?"],
    "ur": ["وزیر اعظم نے کہا کہ بات چیت جاری رہے گی۔", "اجلاس کل ہوگا۔"],
    "ru": ["Министр прибыл в Казань.", "Переговоры продолжатся."],
}


@pytest.mark.parametrize(("language", "sentences"), CASES.items(), ids=CASES)
def test_a_paragraph_is_cut_where_its_sentences_end(language: str, sentences: list[str]) -> None:
    assert split_sentences(" ".join(sentences), language) == sentences


@pytest.mark.parametrize("language", ["und", "xx", "zh", "ps", "ku"])
def test_a_language_without_rules_of_its_own_is_cut_too(language: str) -> None:
    assert split_sentences("Aa bb. Cc dd! Ee ff?", language) == ["Aa bb.", "Cc dd!", "Ee ff?"]


def test_a_line_end_ends_a_sentence_and_nothing_else_is_a_sentence() -> None:
    assert split_sentences("no stop\n\n ***\n—\nanother line\n12", "en") == ["no stop", "another line", "12"]
    assert split_sentences("", "en") == []
    assert split_sentences(" \n…\n", "fa") == []


def test_limit_takes_the_first() -> None:
    text = "One here. Two here.\nThree here. Four here."
    assert split_sentences(text, "en", limit=3) == ["One here.", "Two here.", "Three here."]
    assert split_sentences(text, "en", limit=0) == []
    assert split_sentences(text, "en", limit=99) == split_sentences(text, "en")


SENTENCE_PARTS = st.sampled_from(
    [
        "Kaya",
        "konuştu",
        "3.5",
        "12.",
        "د.",
        "أحمد",
        "رفت",
        "۷.۳",
        "U.N.",
        "Dr.",
        "A.",
        "؟",
        "?",
        "!",
        "…",
        "«",
        "»",
        '"',
        "(",
        ")",
        ".",
        "۔",
        "،",
        "\n",
        "-",
    ]
)


@given(
    st.lists(SENTENCE_PARTS, max_size=30).map(" ".join), st.sampled_from(["fa", "fa-AF", "ar", "en", "tr", "ur", "und"])
)
def test_no_word_is_lost_or_moved(text: str, language: str) -> None:
    words = re.findall(r"\w+", text)
    sentences = split_sentences(text, language)
    assert re.findall(r"\w+", " ".join(sentences)) == words
    assert all(re.search(r"\w", sentence) and sentence == sentence.strip() for sentence in sentences)


def test_a_text_without_stops_is_cut_in_bounded_time_and_lost_nowhere() -> None:
    word = "کلمه "
    start = time.perf_counter()
    sentences = split_sentences(word * 50_000, "fa")
    assert time.perf_counter() - start < 10
    assert "".join(sentences).replace(" ", "") == "کلمه" * 50_000
