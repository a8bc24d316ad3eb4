from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article, canonical_language
from dedup.text.language import dari_probability, detect_language, with_language

EXAMPLES = Path(__file__).parents[2] / "examples" / "articles.jsonl"

TEXTS = {
    "fa": "مدیرکل مدیریت بحران استان فارس گفت: برق و آب ۲۳ روستا قطع شده و جاده در دو نقطه بسته است.",
    "fa-AF": "قوماندانی امنیه ولایت هرات می‌گوید که پولیس در ولسوالی گذره سه تن را به اتهام دزدی موتر بازداشت کرده است.",
    "ar": "قال المتحدث باسم الوزارة إن السلطات أغلقت الطريق الساحلي بعد الأمطار الغزيرة التي هطلت على المدينة.",
    "en": "The governor said that eleven rescue teams had reached the villages before nightfall on Tuesday.",
    "tr": "Vali, kurtarma ekiplerinin salı günü hava kararmadan köylere ulaştığını söyledi.",
    "ru": "Губернатор сообщил, что одиннадцать спасательных отрядов прибыли в посёлки до наступления темноты.",
    "ur": "گورنر نے کہا کہ گیارہ امدادی ٹیمیں منگل کی شام اندھیرا ہونے سے پہلے دیہات میں پہنچ گئیں۔",
}


@pytest.mark.parametrize(("language", "text"), TEXTS.items(), ids=TEXTS)
def test_a_sentence_tells_its_language(language: str, text: str) -> None:
    found, confidence = detect_language(text)
    assert found == language
    assert 0.5 < confidence <= 1


@pytest.mark.parametrize("text", ["", " \n", "12:30", "۱۴۰۱/۱۲/۰۸ - ۱۵:۴۴", "!!! …", "\u200c\u200f"])
def test_there_is_no_telling_without_letters(text: str) -> None:
    assert detect_language(text) == ("und", 0.0)


@given(st.text(max_size=60), st.none() | st.text(max_size=10))
def test_any_text_gets_a_tag_and_a_confidence(text: str, edition: str | None) -> None:
    language, confidence = detect_language(text, edition=edition)
    assert canonical_language(language) == language
    assert 0 <= confidence <= 1
    assert (language == "und") == (confidence == 0)


def test_invisible_marks_change_no_answer() -> None:
    for text in TEXTS.values():
        assert detect_language("\u202b" + text.replace(" ", " \u200f") + "\u202c") == detect_language(text)


def test_dari_is_told_by_its_words() -> None:
    assert dari_probability(TEXTS["fa-AF"]) > 0.9
    assert dari_probability(TEXTS["fa"]) < 0.1
    # the same words in a feed that writes Persian with Arabic letters
    assert dari_probability(TEXTS["fa-AF"].replace("ی", "ي").replace("ک", "ك")) == dari_probability(TEXTS["fa-AF"])


def test_an_afghan_edition_decides_where_words_do_not() -> None:
    plain = "این دیدار روز دوشنبه برگزار شد و دو طرف در بارهٔ همکاری گفت‌وگو کردند."
    assert detect_language(plain)[0] == "fa"
    assert detect_language(plain, edition="روزنامه آیینه کابل")[0] == "fa-AF"
    assert detect_language(plain, edition="Afghan Daily")[0] == "fa-AF"
    assert dari_probability(plain) < dari_probability(plain, edition="خبرگزاری افغان") < 1
    # many Iranian words outweigh it: an Iranian report reprinted in Kabul
    assert detect_language(TEXTS["fa"] + " شهرستان استاندار درصد بیمارستان", edition="کابل")[0] == "fa"


def test_the_examples_are_told_right() -> None:
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for line in EXAMPLES.read_text("utf-8").splitlines():
        record = json.loads(line)
        language = canonical_language(record["lang"])
        total[language] += 1
        right[language] += detect_language(record["title"] + "\n" + record["body"])[0] == language
    assert {language: right[language] / total[language] for language in ("ar", "en", "tr")} == {
        "ar": 1,
        "en": 1,
        "tr": 1,
    }
    assert right["fa"] / total["fa"] >= 0.9
    assert right["fa-AF"] / total["fa-AF"] >= 0.8


def test_a_stated_language_is_believed() -> None:
    article = Article(id="1", title="", body=TEXTS["fa-AF"], language="fa")
    assert with_language(article) is article


def test_a_language_that_is_not_stated_is_detected_and_nothing_else_changes() -> None:
    article = Article(
        id="1", title="Vali konuştu", body=TEXTS["tr"], published=datetime(2026, 3, 2, tzinfo=UTC), extra={"n": 1}
    )
    found = with_language(article)
    assert found.language == "tr"
    assert 0.5 < found.language_confidence <= 1
    assert (found.id, found.title, found.body, found.published, found.extra) == (
        article.id, article.title, article.body, article.published, article.extra,
    )  # fmt: skip
    assert with_language(Article(id="2", title="12", body="")).language == "und"
    assert with_language(Article(id="2", title="12", body="")).language_confidence == 0
