"""Text of strangers on a terminal: harmless, and of a known width."""

from __future__ import annotations

import unicodedata

__all__ = ["display_width", "fit", "printable", "size"]

_UNITS = ("bytes", "KiB", "MiB", "GiB")
_JOINERS = "\u200c\u200d"


def printable(text: str) -> str:
    """Return ``text`` on one line and without what could steer a terminal: escapes, other controls, direction marks.

    >>> printable("red \\x1b[31m alert\\n\\u202etxt")
    'red  [31m alert  txt'
    """
    return "".join(character if _is_harmless(character) else " " for character in text)


def _is_harmless(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def display_width(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes.

    >>> [display_width(text) for text in ("abc", "新聞", "می‌رود", "é")]
    [3, 4, 5, 1]
    """
    return sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(text: str, columns: int) -> str:
    """Return ``text``, made printable, its spaces made single, cut with an ellipsis where it is wider than ``columns``.

    >>> fit("Deprem bölgesine yardım", 10)
    'Deprem bö…'
    """
    text = " ".join(printable(text).split())
    if display_width(text) <= columns:
        return text
    width, kept = 1, []
    for character in text:
        width += _width(character)
        if width > columns:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"


def size(count: float) -> str:
    """Return a size for people.

    >>> size(512), size(5 * 1024**2)
    ('512 bytes', '5.0 MiB')
    """
    if count < 1024:
        return f"{count:,.0f} bytes"
    for unit in _UNITS[1:]:
        count /= 1024
        if count < 1024 or unit == _UNITS[-1]:
            break
    return f"{count:,.1f} {unit}"
