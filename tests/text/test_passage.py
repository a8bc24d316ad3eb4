from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.text.passage import article_sentences, clean_text, exceeds_reading, read_passage


def article(title: str, body: str, language: str = "en") -> Article:
    return Article(id="1", title=title, body=body, language=language)


def test_the_headline_comes_first_then_the_body_in_order() -> None:
    read = article_sentences(article("A headline", "First here. Second here.\nThird here."), 12)
    assert read == ["A headline", "First here.", "Second here.", "Third here."]


def test_limit_counts_the_headline() -> None:
    one = article("A headline", "First here. Second here.\nThird here.")
    assert article_sentences(one, 1) == ["A headline"]
    assert article_sentences(one, 2) == ["A headline", "First here."]
    assert article_sentences(article("", "First here. Second here."), 1) == ["First here."]


def test_a_sentence_is_read_once() -> None:
    assert article_sentences(article("Same words.", "Same words. Same words.\nOther words."), 3) == [
        "Same words.",
        "Other words.",
    ]


def test_a_headline_of_two_lines_is_one_sentence() -> None:
    assert article_sentences(article("First line\nsecond line", ""), 12) == ["First line second line"]


def test_headline_or_body_alone_is_enough() -> None:
    assert article_sentences(article("Only a headline", ""), 12) == ["Only a headline"]
    assert article_sentences(article("", "Only a body."), 12) == ["Only a body."]


@pytest.mark.parametrize(("title", "body"), [("***", ""), ("", "!!!"), ("", "\u200f…"), ("—", "—"), ("\ud800", "")])
def test_there_is_always_a_sentence(title: str, body: str) -> None:
    assert len(article_sentences(article(title, body), 12)) >= 1


def test_persian_letters_are_folded_in_persian_and_dari_alone() -> None:
    assert clean_text("كابل ي", "fa") == clean_text("كابل ي", "fa-AF") == "کابل ی"
    assert clean_text("كابل ي", "ar") == clean_text("كابل ي", "und") == "كابل ي"
    # so a reprint by an outlet that writes Arabic letters reads the same
    sloppy, careful = article("تانكر در آبهاي", "متني ديگر.", "fa"), article("تانکر در آبهای", "متنی دیگر.", "fa")
    assert article_sentences(sloppy, 12) == article_sentences(careful, 12)


TEXTS = st.text(max_size=200) | st.text(st.characters(categories=["Cs", "Lo", "Po", "Cf", "Mn"]), max_size=40)


@given(TEXTS, TEXTS, st.integers(1, 12), st.sampled_from(["fa", "ar", "en", "tr", "und"]))
def test_sentences_are_few_distinct_and_clean(title: str, body: str, limit: int, language: str) -> None:
    read = article_sentences(article(title, body, language), limit)
    assert 1 <= len(read) <= limit
    assert len(set(read)) == len(read)


def test_what_lies_beyond_the_sentences_read_changes_nothing_and_costs_nothing() -> None:
    body = " ".join(f"Sentence number {i} of the body." for i in range(40))
    expected = article_sentences(article("A headline", body), 12)
    start = time.perf_counter()
    assert article_sentences(article("A headline", body + " More of it." * 500_000), 12) == expected
    endless = article_sentences(article("word " * 1_000_000, "word " * 1_000_000), 12)
    assert time.perf_counter() - start < 5
    assert sum(map(len, endless)) < 100_000


@pytest.mark.parametrize(
    ("title", "body", "limit", "cut"),
    [
        ("A headline", "First here. Second here.", 3, False),
        ("A headline", "First here. Second here.", 2, True),
        ("A headline.", "A headline. First here.", 2, False),  # what is repeated is read once
        ("", "Same here. Same here. Same here. Same here. Same here.", 2, True),  # not all of it was looked at
        ("", "", 1, False),
    ],
)
def test_it_is_known_whether_there_is_more(title: str, body: str, limit: int, cut: bool) -> None:
    assert read_passage(article(title, body), limit).cut is cut


@given(
    st.lists(st.sampled_from(["One bridge.", "Two roads.", "Three men.", "Four days."]), max_size=9), st.integers(1, 6)
)
def test_what_is_cut_is_what_more_sentences_would_add(sentences: list[str], limit: int) -> None:
    one = article("", " ".join(sentences))
    passage = read_passage(one, limit)
    assert passage.sentences == article_sentences(one, limit)
    if not passage.cut and sentences:
        assert passage.sentences == article_sentences(one, 100)
    elif len(sentences) <= 2 * limit:
        assert len(article_sentences(one, 100)) > limit or not sentences


def test_a_text_beyond_what_is_looked_at_is_told_by_its_length() -> None:
    assert not exceeds_reading(article("x" * 1_500, "y" * 3_000), 2)
    assert exceeds_reading(article("x" * 1_501, ""), 2)
    assert exceeds_reading(article("", "y" * 3_001), 2)
