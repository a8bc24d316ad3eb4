from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.text.normalise import fold_arabic_letters, fold_persian_letters, normalise_text

ZWNJ = "\u200c"

# Letters, digits, signs and everything invisible that feeds of the five languages carry, dense enough to collide.
AWKWARD = st.text(
    alphabet=st.one_of(
        st.sampled_from("\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2066\u2069\ufeff\u00ad\u061c\u180e\ufe0f\ue000"),
        st.sampled_from("\u0640\u064b\u064e\u0651\u0653\u0654\u0655\u0670\u06d6\u0301\u0307\u0327"),
        st.sampled_from(" \t\n\r\x00\x0b\x85\u00a0\u2003\u2009\u202f\u2028\u3000"),
        st.sampled_from("اأإآىيیكکهةؤئeıİgĞşçñ۱١1²½٫.،؛«»"),
        st.sampled_from("ﻼﷲﮐﯾﬁＡ１！"),
        st.characters(),
        st.characters(categories=["Cs"]),
    ),
    max_size=40,
)

KEPT = {
    "digits of every script": "۱۲ ١٢ 12",
    "a power": "10² m½",
    "hamza carriers": "سؤال مسئول رأی إيران آب ةه",
    "Arabic and Persian yeh and kaf": "ي ی ى ك ک",
    "Turkish letters": "ığüşöç İĞÜŞÖÇ iI",
    "case": "Iran IRAN",
    "the joiner inside a Persian word": f"می{ZWNJ}رود",
    "lines": "a\nb\n\nc",
    "signs": "۷٫۳ 1,250.5 %12 -3 «x» ؟",
    "other scripts": "Россия اردو 東京",
}

CHANGED = {
    "bidi controls": ("\u202bتهران\u202c\u200f \u2066(FNA)\u2069", "تهران (FNA)"),
    "zero-width marks": ("a\u200bb\u200dc\ufeff\u2060", "abc"),
    "half a surrogate pair": ("a\ud800b\udc00", "ab"),
    "soft hyphens": ("de\u00advel\u00adop", "develop"),
    "tatweel": ("الرئيـــس", "الرئيس"),
    "vowel marks": ("مُحَمَّدٌ", "محمد"),
    "superscript alef": ("هٰذا", "هذا"),
    "presentation forms": ("ﻣﺤﻤﺪ ﻼ ﮐ", "محمد لا ک"),
    "full-width Latin": ("ＡＢＣ１２", "ABC12"),
    "odd spaces": ("a\u00a0\u2003 \tb\u202fc", "a b c"),
    "spaces at line ends": ("  a \n b  ", "a\nb"),
    "controls": ("a\x00b\x1fc\u2028d", "a b c d"),
    "carriage returns": ("a\r\nb", "a\nb"),
    "a decomposed letter": ("I\u0307stanbul", "İstanbul"),
    "a decomposed hamza": ("ا\u0654حمد", "أحمد"),
    "a letter and its accent kept apart by a mark": ("e\u200d\u0301", "é"),
    "a joiner at the edge of a word": (f"می{ZWNJ} رود {ZWNJ}او{ZWNJ}", "می رود او"),
    "a joiner between two spaces": (f"a {ZWNJ} b", "a b"),
    "two joiners": (f"می{ZWNJ}{ZWNJ}رود", f"می{ZWNJ}رود"),
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_tells_events_apart_stays(text: str) -> None:
    assert normalise_text(text) == text


@pytest.mark.parametrize(("text", "expected"), CHANGED.values(), ids=CHANGED)
def test_what_no_reader_sees_goes(text: str, expected: str) -> None:
    assert normalise_text(text) == expected


@given(AWKWARD)
def test_a_normalised_text_stays_as_it_is(text: str) -> None:
    once = normalise_text(text)
    assert normalise_text(once) == once
    assert unicodedata.is_normalized("NFC", once)


@given(AWKWARD)
def test_no_letter_or_digit_is_lost(text: str) -> None:
    def letters(value: str) -> list[str]:
        # tatweel and the small Quranic letters are letters to Unicode and marks to a reader
        marks = "\u0640\u06e5\u06e6"
        return [c for c in unicodedata.normalize("NFKD", value) if c.isalnum() and c not in marks]

    assert letters(normalise_text(text)) == letters(text)


@given(AWKWARD)
def test_lines_are_kept_and_hold_no_odd_space(text: str) -> None:
    lines = normalise_text(text).split("\n")
    assert len(lines) <= text.count("\n") + 1
    for line in lines:
        assert line == line.strip()
        assert "  " not in line


@pytest.mark.parametrize(
    "run", [ZWNJ, " ", "\u200b", "\u064e", "\u0651\u064e", "\u0327\u0301", "\u0654", f"{ZWNJ} ", "\u00a0\n"]
)
def test_a_long_run_of_one_character_costs_no_more_than_a_text(run: str) -> None:
    start = time.perf_counter()
    normalise_text("ا" + run * 200_000 + "ا")
    assert time.perf_counter() - start < 5


def test_persian_letters_are_folded_only_where_asked() -> None:
    assert normalise_text("كابل الي") == "كابل الي"
    assert fold_persian_letters("كابل الي ى") == "کابل الی ی"
    assert fold_persian_letters("أ إ ئ ؤ ة ه ۱ ١") == "أ إ ئ ؤ ة ه ۱ ١"


@given(AWKWARD)
def test_folding_changes_no_length(text: str) -> None:
    assert len(fold_persian_letters(text)) == len(text)


HOMOGLYPHS = {
    "Cyrillic in Latin": ("T\u0435hr\u0430n", "Tehran"),
    "Greek in Latin": ("L\u03bfnd\u03bfn", "London"),
    "Armenian in Latin": ("T\u0585kat", "Tokat"),
    "Latin in Cyrillic": ("Р\u006f\u0063\u0063ия", "Россия"),
    "Latin in Greek": ("Αθ\u0068να", "Αθ\u0068να"),  # no Greek letter looks like h: it is left alone
    "look-alikes from end to end, beside a mixed word": ("T\u0435hr\u0430n \u0441\u043e\u0440\u0443", "Tehran copy"),
    "Roman numerals as letters": ("mini\u217cers", "minilers"),
    "letters of mathematics": ("\U0001d413\U0001d41e\U0001d421\U0001d42b\U0001d41a\U0001d427", "Tehran"),
    "circled letters": ("\u24c9ehran", "Tehran"),
}

UNSEEN = {
    "tags": ("Teh\U000e0072\U000e0061ran", "Tehran"),
    "variation selectors of the supplement": ("Teh\U000e0100ran", "Tehran"),
    "a grapheme joiner and fillers": ("Te\u034fh\u3164r\u115fan", "Tehran"),
    "a joiner between Latin letters": (f"Teh{ZWNJ}ran", "Tehran"),
    "joiners between all letters": (ZWNJ.join("خبرگزاری"), "خبرگزاری"),
    "Latin turned round by an override": ("in \u202enarheT\u202c today", "in Tehran today"),
    "Arabic turned round by an override": ("\u202dدادغب\u202c", "بغداد"),
    "an override that shows what stands there": ("\u202eبغداد\u202c \u202dBaghdad\u202c", "بغداد Baghdad"),
    "an override that is never taken back": ("\u202enarheT\nTehran", "Tehran\nTehran"),
    "letters struck through": ("T\u0336e\u0336h\u0336ran", "Tehran"),
    "marks heaped on letters": ("Te\u0316\u0317\u0318\u0319hr\u0300\u0301\u0302\u0303an", "Tehran"),
}

LEFT_ALONE = {
    "Russian, Greek and Armenian": "Россия ТАСС Αθήνα Երևան",
    "an acronym of look-alikes": "TASS (ТАСС) reported",
    "a unit": "5 μm, β-carotene, α2",
    "two marks on one letter": "e\u0323\u0301".replace("e\u0323", "ẹ"),
    "joiners in Persian": f"نمی{ZWNJ}خواسته{ZWNJ}اند",
    "negated signs": "≠ ∉",
}


@pytest.mark.parametrize(
    ("given_text", "expected"), [*HOMOGLYPHS.values(), *UNSEEN.values()], ids=[*HOMOGLYPHS, *UNSEEN]
)
def test_what_is_there_to_escape_a_comparison_goes(given_text: str, expected: str) -> None:
    assert normalise_text(given_text) == expected
    assert normalise_text(expected) == expected


@pytest.mark.parametrize("text", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_what_only_resembles_a_disguise_stays(text: str) -> None:
    assert normalise_text(text) == unicodedata.normalize("NFC", text)


def test_arabic_is_written_with_arabic_letters() -> None:
    assert fold_arabic_letters("وکالة الأنباء فی چاد، گولف") == "وكالة الأنباء في چاد، گولف"


@pytest.mark.parametrize(
    "text", ["a\u0430" * 200_000, "\u202e" * 400_000, ("\u202ea" * 200_000), f"ab{ZWNJ}" * 200_000]
)
def test_no_disguise_takes_long(text: str) -> None:
    start = time.process_time()
    normalise_text(text)
    assert time.process_time() - start < 3


MIXED = st.text(alphabet="aeopcyTHMаеорсуТНМжιοανΑθ\u0301\u0336\u0316\u202e\u202c\u202d\u200cبد ", max_size=24)


@settings(max_examples=300)
@given(MIXED)
def test_folding_look_alikes_twice_changes_nothing_more(text: str) -> None:
    once = normalise_text(text)
    assert normalise_text(once) == once
