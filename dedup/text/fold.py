"""Make one of the spellings of a word: the key under which names of months, places and figures are looked up."""

from __future__ import annotations

import unicodedata

__all__ = ["fold_name", "fold_text"]

# What the canonical decomposition does not bring together. ء alone is written or left out at will.
_LETTERS = str.maketrans(
    {
        "ي": "ی",
        "ى": "ی",
        "ك": "ک",
        "ة": "ه",
        "ە": "ه",
        "ہ": "ه",
        "ھ": "ه",
        "ٱ": "ا",
        "ء": None,
        "ـ": None,
        "ı": "i",
        "ς": "σ",
    }
)
_DROPPED = ("Mn", "Cf")
_MOST_CHARACTERS = 16_384
"""Remembered at once: far more than the press of any country writes, and no more than a hostile text can make of it."""


class _Folded(dict[int, str]):
    """What becomes of each character, worked out when it first comes. To look it up is a tenth of the work."""

    def __missing__(self, character: int) -> str:
        decomposed = unicodedata.normalize("NFKD", chr(character)).lower()
        kept = "".join(one for one in decomposed if unicodedata.category(one) not in _DROPPED)
        folded = kept.translate(_LETTERS)
        if len(self) < _MOST_CHARACTERS:
            self[character] = folded
        return folded


_FOLDED = _Folded()


def fold_text(text: str) -> str:
    """Return ``text`` with the spellings of a letter made one: the same words, spaces and punctuation.

    Arabic and Persian forms of ya, kaf and ha, hamza and its carriers, diacritics, tatweel, joiners, marks on Latin
    letters, case, and the dotted and dotless Turkish i. The length may change.

    >>> fold_text("الإِثنـين، ٨ ŞUBAT / KASIM / Kasım / پنج‌شنبه")
    'الاثنین، ٨ subat / kasim / kasim / پنجشنبه'
    """
    return text.lower() if text.isascii() else text.translate(_FOLDED)


def fold_name(name: str) -> str:
    """Return the key under which a name is looked up: `fold_text` with only letters and digits left.

    >>> fold_name("كانون الثّاني") == fold_name("کانون‌الثانی"), fold_name("Rabi' al-Awwal")
    (True, 'rabialawwal')
    """
    folded = fold_text(name)
    return folded if folded.isalnum() else "".join(filter(str.isalnum, folded))
