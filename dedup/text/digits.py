"""Decimal digits of every script as ASCII digits."""

from __future__ import annotations

import re

__all__ = ["to_ascii_digits"]

_FOREIGN_DIGITS = re.compile(r"[^\D0-9]+")  # Python's \d is Unicode category Nd


def to_ascii_digits(text: str) -> str:
    """Return ``text`` with each Unicode decimal digit (category Nd) as ``0``-``9`` and all else as it was.

    Signs, separators, fractions and superscripts are no decimal digits and stay. The length stays the same, so
    offsets into ``text`` hold in the result.

    >>> to_ascii_digits("۱۴۰۱/۱۲/۰۸ - ٣٫٥ - x²")
    '1401/12/08 - 3٫5 - x²'
    """
    return (
        text
        if text.isascii()
        else _FOREIGN_DIGITS.sub(lambda digits: "".join([str(int(digit)) for digit in digits[0]]), text)
    )
