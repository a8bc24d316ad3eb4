from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.text.digits import to_ascii_digits


@pytest.mark.parametrize(
    ("given_text", "wanted"),
    [
        ("۰۱۲۳۴۵۶۷۸۹", "0123456789"),
        ("٠١٢٣٤٥٦٧٨٩", "0123456789"),
        ("०१२ 𝟘𝟙 ５", "012 01 5"),
        ("۳٫۵ درصد، ½ و x² و ①", "3٫5 درصد، ½ و x² و ①"),
        ("", ""),
        ("27.02.2023", "27.02.2023"),
    ],
)
def test_digits_of_every_script_become_ascii(given_text: str, wanted: str) -> None:
    assert to_ascii_digits(given_text) == wanted


@given(st.text())
def test_nothing_but_decimal_digits_changes(text: str) -> None:
    converted = to_ascii_digits(text)
    assert len(converted) == len(text)
    for before, after in zip(text, converted, strict=True):
        if unicodedata.category(before) == "Nd":
            assert after == str(unicodedata.decimal(before))
        else:
            assert after == before
