from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import CALIBRATED_LANGUAGES, UNDETERMINED, Article, canonical_language, primary_language
from dedup.errors import DedupError, LanguageTagError

SPELLINGS = {
    "fa-AF": ["fa-AF", "fa_AF", "FA-af", "prs", "PRS", "Dari", " dari ", "دری", "prs-AF", "fa-Arab-AF"],
    "fa": ["fa", "fa-IR", "fa_IR", "fas", "per", "pes", "Farsi", "Persian", "فارسی", "pes-Arab"],
    "ar": ["ar", "ar-EG", "ara", "arb", "Arabic", "العربية", "ar-001"],
    "en": ["en", "en-GB", "EN_us", "eng", "English", "en-Latn-GB-oxendict"],
    "tr": ["tr", "tr-TR", "tur", "Turkish", "Türkçe", "TÜRKÇE"],
    "ur": ["ur", "urd", "Urdu", "ur-PK"],
    "zh": ["zh", "zh-Hans-CN", "zh_TW"],
    "und": ["und", "UND"],
}


@pytest.mark.parametrize(
    ("spelling", "tag"), [(spelling, tag) for tag, spellings in SPELLINGS.items() for spelling in spellings]
)
def test_a_language_is_known_by_its_usual_names(spelling: str, tag: str) -> None:
    assert canonical_language(spelling) == tag


@pytest.mark.parametrize(
    "text", ["", " ", "klingon", "e", "12", "en--GB", "en-", "-en", "fa AF", "en/US", "\ud800", "a" * 1000]
)
def test_what_is_no_tag_is_refused_with_its_value(text: str) -> None:
    with pytest.raises(LanguageTagError, match=r"not a language tag: .*use a BCP 47 tag") as caught:
        canonical_language(text)
    assert isinstance(caught.value, DedupError)
    assert isinstance(caught.value, ValueError)


@given(st.text(max_size=20) | st.from_regex(r"[A-Za-z]{2,3}([-_][A-Za-z]{4})?([-_][A-Za-z]{2})?", fullmatch=True))
def test_a_canonical_tag_stays_as_it_is(text: str) -> None:
    try:
        tag = canonical_language(text)
    except LanguageTagError:
        return
    assert canonical_language(tag) == tag
    assert primary_language(tag) == tag or tag == "fa-AF"


def test_the_calibrated_languages_are_canonical() -> None:
    assert [canonical_language(tag) for tag in CALIBRATED_LANGUAGES] == list(CALIBRATED_LANGUAGES)
    assert {primary_language(tag) for tag in CALIBRATED_LANGUAGES} == {"fa", "ar", "en", "tr"}


def make(**values: Any) -> Article:
    return Article(**({"id": "1", "title": "t", "body": "b"} | values))


def test_an_article_needs_little_and_cannot_change() -> None:
    article = make()
    assert article.language == UNDETERMINED
    assert article.published is None
    assert article.extra == {}
    with pytest.raises(FrozenInstanceError):
        article.title = "other"  # type: ignore[misc]  # what must not be done


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no time zone.*UTC"):
        make(published=datetime(2026, 3, 2, 12))
    assert make(published=datetime(2026, 3, 2, 12, tzinfo=UTC)).published is not None


def test_extra_fields_are_a_copy() -> None:
    given = {"n": 1}
    article = make(extra=given)
    given["n"] = 2
    assert article.extra == {"n": 1}
    assert replace(article, title="x").extra == {"n": 1}


@pytest.mark.parametrize(
    ("title", "body", "text"),
    [("t", "b", "t\nb"), ("t", "", "t"), ("", "b", "b"), ("", "", ""), ("t", "a\nb", "t\na\nb")],
)
def test_the_text_is_headline_and_body(title: str, body: str, text: str) -> None:
    assert make(title=title, body=body).text == text
