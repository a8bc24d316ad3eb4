"""Names across scripts: the consonants that a name keeps when it is written in Arabic or Latin letters.

سلامی, سلامي, Salami and Selami all become ``slm``. Vowels, doubled letters and what one script cannot write apart
(p and b, kh and h, v and w) are dropped or merged; letters that are transcribed in two ways (ث as th or s, ض as d or
z) give two skeletons. Compare the consonant keys of Pfeifer et al. 1996 and of Soundex for Arabic names.
"""

from __future__ import annotations

import re
import unicodedata

from dedup.article import primary_language

__all__ = ["is_arabic_script", "skeletons"]

_ARABIC_SCRIPT = frozenset({"ar", "fa", "ur", "ps", "ckb", "sd", "ug"})
_MOST_VARIANTS = 4

# Capitals stand for letters that are transcribed in two ways; see _VARIANTS.
_ARABIC = str.maketrans(
    {
        **dict.fromkeys("اأإآءؤئعىةویيېٱەّ\u200c", ""),
        **dict.fromkeys("بپ", "b"),
        **dict.fromkeys("تطٹ", "t"),
        "ث": "T",
        **dict.fromkeys("جژ", "j"),
        "چ": "c",
        **dict.fromkeys("حخهھہ", "h"),
        **dict.fromkeys("دڈ", "d"),
        **dict.fromkeys("ذض", "D"),
        "ر": "r",
        **dict.fromkeys("زظ", "z"),
        **dict.fromkeys("سص", "s"),
        "ش": "x",
        **dict.fromkeys("غگ", "g"),
        **dict.fromkeys("فڤ", "f"),
        **dict.fromkeys("قکك", "k"),
        "ل": "l",
        "م": "m",
        "ن": "n",
    }
)
_TURKISH = str.maketrans(
    {"İ": "i", "I": "ı", "ç": "ch", "ş": "sh", "ğ": "\u011f", "c": "j", "Ç": "ch", "Ş": "sh", "C": "j"}
)
_LATIN_PAIRS = (
    ("tsch", "C"),
    ("sch", "X"),
    ("tch", "C"),
    ("ch", "C"),
    ("sh", "X"),
    ("kh", "h"),
    ("gh", "g"),
    ("zh", "j"),
    ("ph", "f"),
    ("th", "T"),
    ("dh", "D"),
    ("ck", "k"),
    ("x", "ks"),
)
_LATIN = str.maketrans(
    {
        **dict.fromkeys("aeiouyvwæøœıə'’`ʿʾ-", ""),
        "p": "b",
        "q": "k",
        "c": "k",
        "C": "c",
        "X": "x",
        "\u011f": "G",
        "ß": "s",
        "đ": "d",
        "ł": "l",
    }
)
_VARIANTS = {"T": "ts", "D": "dz", "G": ("g", "")}
_TWO_WAYS = frozenset(_VARIANTS)
_DOUBLED = re.compile(r"(.)\1+")
_ARTICLE_LETTERS = "اولبفك"
_ARTICLES = re.compile("^(?:وال|بال|فال|كال|لل|ال)(?=...)|^[وبلف](?=....)")


def is_arabic_script(language: str) -> bool:
    """Tell whether a language is written in Arabic script.

    >>> is_arabic_script("fa-AF"), is_arabic_script("tr")
    (True, False)
    """
    return primary_language(language) in _ARABIC_SCRIPT


def skeletons(word: str, language: str) -> frozenset[str]:
    """Return the consonant skeletons of a word: one, or a few where a letter is transcribed in several ways.

    >>> [sorted(skeletons(*name)) for name in (("Salami", "en"), ("Selami", "tr"), ("سلامی", "fa"), ("سلامي", "ar"))]
    [['slm'], ['slm'], ['slm'], ['slm']]
    >>> skeletons("Erdoğan", "tr") & skeletons("أردوغان", "ar") & skeletons("Erdogan", "en")
    frozenset({'rdgn'})
    """
    primary = primary_language(language)
    if primary in _ARABIC_SCRIPT:
        return _arabic_skeletons(word, arabic=primary == "ar")
    return _variants(_latin_consonants(word, turkish=primary in {"tr", "az"}))


def _arabic_skeletons(word: str, *, arabic: bool) -> frozenset[str]:
    # Arabic writes چ as تش; a final ه is a vowel (خانه, ديالة as دیاله)
    bare = word.replace("تش", "چ") if arabic else word
    bare = bare.removesuffix("ه")
    # al-, wa-, bi-: the article is no part of the name; a single letter may or may not be a preposition
    stem = _ARTICLES.sub("", bare, count=1) if arabic and bare[:1] in _ARTICLE_LETTERS else bare
    without = _variants(stem.translate(_ARABIC))
    if stem == bare or bare.startswith(("ال", "وال", "بال", "لل")):
        return without
    return _variants(bare.translate(_ARABIC)) | without


def _latin_consonants(word: str, *, turkish: bool) -> str:
    if turkish:
        word = word.translate(_TURKISH)
    word = word.lower()
    if not word.isascii():
        word = "".join(letter for letter in unicodedata.normalize("NFD", word) if _keeps(letter))
        word = unicodedata.normalize("NFC", word).replace("g\u0306", "\u011f")
    for letters, one in _LATIN_PAIRS:
        word = word.replace(letters, one)
    return (word[:-1] if word.endswith("h") else word).translate(_LATIN)


def _keeps(letter: str) -> bool:
    # every accent goes but the breve, which makes g the soft ğ
    return letter == "\u0306" or not unicodedata.combining(letter)


def _variants(consonants: str) -> frozenset[str]:
    if _TWO_WAYS.isdisjoint(consonants):
        return frozenset((_DOUBLED.sub(r"\1", consonants),))
    found = [""]
    for letter in consonants:
        choices = _VARIANTS.get(letter, letter)
        found = [start + choice for start in found for choice in choices][:_MOST_VARIANTS]
    # doubled letters and repeated ones with only vowels between are written alike in one script and not in another
    return frozenset(_DOUBLED.sub(r"\1", one) for one in found)
