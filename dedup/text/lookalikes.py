"""Letters that are there to look like others: written back as the letters that a reader takes them for.

*Теhrаn* with Cyrillic Т and а is *Tehran* to whoever reads it, and another word to whatever compares it. Letters are
folded by the word, and only where one word mixes scripts, which no language does (the mixed-script confusables of UTS
39); a word that is Russian or Greek throughout stays. Once a text has such a word, its words that are look-alikes from
end to end are folded too: *а* and *Сору* are then no Russian.

The table is small and made by hand: letters of the usual fonts that cannot be told apart by eye. No Unicode data are
copied.
"""

from __future__ import annotations

import re

__all__ = ["as_latin", "fold_lookalikes", "has_lookalikes"]

_AS_LATIN = dict(
    zip(
        # Cyrillic
        "АВЕЁЗІЇЈКМНОРСТУХЅԌԚԜҮӀаеёіїјкморстухѕԁԛԝүһӏѵ"
        # Greek
        "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹͿαγιϊκνορτυχϲϳό"
        # Armenian, Roman numerals that are single letters, letters of phonetic alphabets
        "ՕՏօոսհցⅠⅤⅩⅬⅭⅮⅯⅰⅴⅹⅼⅽⅾⅿɑɡɩʏ",
        "ABEË3IÏJKMHOPCTYXSGQWYIaeëiïjkmopctyxsdqwyhlvABEZHIKMNOPTYXCJayiïkvoptuxcjóOSonuhgIVXLCDMivxlcdmagiY",
        strict=True,
    )
)
_LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
_CYRILLIC, _GREEK = "\u0400-\u052f", "\u0370-\u03ff\u1f00-\u1fff"
_FOREIGN = re.compile(f"[{_CYRILLIC}{_GREEK}{''.join(_AS_LATIN)}]")
_WORDS = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f]+[^\W\d_]*)*")
_LETTERS_OF = {
    script: re.compile(f"[{letters}]") for script, letters in (("latin", _LATIN), ("other", _CYRILLIC + _GREEK))
}
_TO_LATIN = str.maketrans(_AS_LATIN)
# Back again, for a word of the other script with Latin letters in it: of several look-alikes the first.
_BACK = {
    script: str.maketrans(
        {latin: letter for letter, latin in reversed(_AS_LATIN.items()) if re.match(f"[{letters}]", letter)}
    )
    for script, letters in (("cyrillic", _CYRILLIC), ("greek", _GREEK))
}
_ONLY = {
    "cyrillic": re.compile(f"[{_CYRILLIC}\u0300-\u036f]+"),
    "greek": re.compile(f"[{_GREEK}\u0300-\u036f]+"),
}


def has_lookalikes(letters: str) -> bool:
    """Tell whether a text of these letters can hold a word of mixed scripts.

    >>> has_lookalikes("Tehran"), has_lookalikes("Россия"), has_lookalikes("Tehr\\u0430n")
    (False, False, True)
    """
    return bool(_FOREIGN.search(letters) and _LETTERS_OF["latin"].search(letters))


def as_latin(letters: str) -> str:
    """Return letters as the Latin ones that they look like, whatever they stand beside: a key, no text.

    >>> as_latin("Т\u0435hran"), as_latin("Россия")
    ('Tehran', 'Poccия')
    """
    return letters.translate(_TO_LATIN)


def fold_lookalikes(text: str) -> str:
    """Return ``text`` with the words that mix scripts written in one.

    In Latin where every letter has a Latin look-alike, else in Cyrillic or Greek where all of them have one there; a
    word that is neither stays as it is.

    >>> fold_lookalikes("T\\u0435hr\\u0430n and Россия"), fold_lookalikes("Р\\u006fссия"), fold_lookalikes("ТАСС")
    ('Tehran and Россия', 'Россия', 'ТАСС')
    """
    folded = _WORDS.sub(lambda word: _in_one_script(word[0]), text)
    return text if folded == text else _WORDS.sub(lambda word: _all_in_latin(word[0]), folded)


def _in_one_script(word: str) -> str:
    if word.isascii() or not (_FOREIGN.search(word) and _LETTERS_OF["latin"].search(word)):
        return word
    latin = word.translate(_TO_LATIN)
    if not _LETTERS_OF["other"].search(latin):
        return latin
    for script, table in _BACK.items():
        other = word.translate(table)
        if _ONLY[script].fullmatch(other):
            return other
    return word


def _all_in_latin(word: str) -> str:
    """Return a word of look-alikes alone as what it looks like."""
    if not _LETTERS_OF["other"].search(word):
        return word
    latin = word.translate(_TO_LATIN)
    return word if _LETTERS_OF["other"].search(latin) else latin
