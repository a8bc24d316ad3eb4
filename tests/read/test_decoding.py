from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.read.decoding import declared_encoding, decode_markup

TEXTS = {
    "fa": "سرپرست کتابخانه گفت که این نسخهٔ خطی سه سال است که برای مرمت به کارگاه رفته و از مهرماه دیده می‌شود.",
    "ar": "قالت مديرة المتحف إن المخطوطة التي عثر عليها في الدير ستعرض للجمهور بعد أن ينتهي خبراء الترميم من عملهم.",
    "tr": "Müze müdürü, yıllardır kayıp olan el yazmasının haftaya açılacağını ve ışığın kısılacağını söyledi.",
    "en": "The keeper said – with a smile – that the café’s cat, “Fig”, had been asleep on the manuscript for 3 weeks.",
}
STORED = [
    *((name, encoding) for name in TEXTS for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")),
    ("fa", "cp1256"),
    ("ar", "cp1256"),
    ("tr", "cp1254"),
    ("en", "cp1252"),
]
LABELS = [
    None,
    "utf-8",
    "UTF8",
    "iso-8859-1",
    "windows-1252",
    "windows-1256",
    "windows-1254",
    "iso-8859-9",
    "nonsense",
    "base64",
]


def as_code_page_has_it(text: str, encoding: str) -> str:
    """Without the Persian letters that windows-1256 lacks."""
    return text.encode(encoding, "ignore").decode(encoding).removeprefix("\ufeff")


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(("language", "encoding"), STORED)
def test_the_bytes_are_read_whatever_the_label_says(language: str, encoding: str, label: str | None) -> None:
    head = f'<meta charset="{label}">' if label else ""
    text = as_code_page_has_it(f"<html><head>{head}</head><body><p>{TEXTS[language]}</p></body></html>", encoding)
    decoded = decode_markup(text.encode(encoding))
    assert (decoded.text, decoded.replaced) == (text, 0)


@pytest.mark.parametrize(
    ("language", "encoding", "label"), [("ar", "iso8859-6", "iso-8859-6"), ("en", "mac-roman", "macintosh")]
)
def test_a_label_is_believed_where_the_bytes_allow_it(language: str, encoding: str, label: str) -> None:
    text = as_code_page_has_it(f'<meta charset="{label}"><p>{TEXTS[language]}', encoding)
    assert decode_markup(text.encode(encoding)).text == text


def test_other_scripts_by_their_label() -> None:
    for text, encoding in (
        ("Музей откроют для посетителей в мае", "windows-1251"),
        ("美術館は五月に開く", "shift_jis"),
    ):
        page = f'<?xml version="1.0" encoding="{encoding}"?><p>{text}</p>'
        assert decode_markup(page.encode(encoding)).text == page


def test_the_users_word_goes_before_guesses_but_not_before_a_mark() -> None:
    data = "قهوه".encode("cp1256")
    assert decode_markup(data, encoding="windows-1256").text == "قهوه"
    assert decode_markup(codecs.BOM_UTF8 + "قهوه".encode(), encoding="windows-1256").text == "قهوه"
    with pytest.raises(ValueError, match=r"invalid utf-8 at byte 0 \(0xde\)"):
        decode_markup(data, encoding="utf-8")


def test_a_few_wrong_bytes_do_not_make_another_encoding() -> None:
    data = (TEXTS["fa"] * 3).encode().replace("گفت".encode(), b"\xff\xfe", 1)
    decoded = decode_markup(data)
    assert (decoded.encoding, decoded.replaced) == ("utf-8", 2)
    assert decoded.text.replace("\ufffd", "") == (TEXTS["fa"] * 3).replace("گفت", "", 1)


def test_what_is_declared() -> None:
    assert declared_encoding(b'<?xml version="1.0" encoding="ISO-8859-9"?>') == "iso8859-9"
    assert declared_encoding(b'<META HTTP-EQUIV="Content-Type" CONTENT="text/html; CHARSET=windows-1256">') == "cp1256"
    assert declared_encoding(b"<meta charset='utf-16'><meta charset=utf-8>") == "utf-8"  # ASCII letters: not UTF-16
    assert declared_encoding(b"<p>charset=utf-8</p>") is None


@given(st.binary(max_size=400), st.sampled_from([None, "windows-1256", "utf-8", "x"]))
def test_any_bytes_become_text(data: bytes, transport: str | None) -> None:
    try:
        assert isinstance(decode_markup(data, transport=transport).text, str)
    except ValueError as error:
        assert str(error).startswith("invalid utf")  # noqa: PT017  # only a broken mark may raise
