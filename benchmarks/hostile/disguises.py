"""Articles in disguise: the same to the eye, other characters. Do they still join their story?"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

from dedup.article import Article

__all__ = ["DISGUISES", "disguised"]

_CYRILLIC = dict(zip("aeopcyxsijABEKMHOPCTX", "аеорсухѕіјАВЕКМНОРСТХ", strict=True))
_GREEK = dict(zip("ovABEZHIKMNOPTYX", "ονΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", strict=True))
_PERSIAN = dict(zip("يىكه", "یىکہ", strict=True)) | {"ی": "ے", "ک": "ڪ"}
_PRESENTATION = {"ا": "ﺍ", "ل": "ﻝ", "م": "ﻡ", "ن": "ﻥ", "ر": "ﺭ", "د": "ﺩ", "ب": "ﺏ", "س": "ﺱ"}
_ZERO_WIDTH = "\u200b\u200d\u2060\ufeff"


def _swapped(*tables: Mapping[str, str]) -> Callable[[str, random.Random], str]:
    def swap(text: str, dice: random.Random) -> str:
        return "".join(
            next((table[one] for table in dice.sample(tables, len(tables)) if one in table), one)
            if dice.random() < 0.4
            else one
            for one in text
        )

    return swap


def _sprinkled(marks: str, part: float = 0.3, most: int = 1) -> Callable[[str, random.Random], str]:
    def sprinkle(text: str, dice: random.Random) -> str:
        return "".join(
            one + "".join(dice.choice(marks) for _ in range(dice.randint(1, most)))
            if one.isalpha() and dice.random() < part
            else one
            for one in text
        )

    return sprinkle


def _heaped(text: str, dice: random.Random) -> str:
    return "".join(
        one + "".join(dice.sample("\u0316\u0317\u0318\u0319\u031c\u031d\u0320\u0324\u0325", 5))
        if one.isalpha() and dice.random() < 0.3
        else one
        for one in text
    )


def _full_width(text: str, dice: random.Random) -> str:
    return "".join(
        chr(ord(one) + 0xFEE0)
        if "!" <= one <= "~" and dice.random() < 0.4
        else _PRESENTATION.get(one, one)
        if dice.random() < 0.4
        else one
        for one in text
    )


def _turned(text: str, dice: random.Random) -> str:
    """Write every third word from its end, in an override that turns it round again."""
    return " ".join(_overridden(word) if dice.random() < 0.3 else word for word in text.split(" "))


def _overridden(word: str) -> str:
    if not word.isalpha():
        return word
    mark = "\u202d" if any("\u0600" <= one <= "\u06ff" for one in word) else "\u202e"
    return f"{mark}{word[::-1]}\u202c"


DISGUISES: Mapping[str, Callable[[str, random.Random], str]] = {
    "none": lambda text, dice: text,  # noqa: ARG005 - what the others are measured against
    "homoglyphs": _swapped(_CYRILLIC, _GREEK, _PERSIAN),
    "zero-width marks": _sprinkled(_ZERO_WIDTH),
    "bidi marks": _sprinkled("\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2069\u061c"),
    "bidi overrides": _turned,
    "soft hyphens": _sprinkled("\u00ad"),
    "tags": _sprinkled("".join(map(chr, range(0xE0061, 0xE007B))), most=3),
    "heaped marks": _heaped,
    "struck through": _sprinkled("\u0335\u0336\u0337\u0338", part=1.0),
    "presentation forms and full width": _full_width,
}
"""Name → what makes a text another one that looks the same."""


def disguised(article: Article, disguise: str, seed: int = 1) -> Article:
    """Return an article in disguise, under another id; the same for the same seed."""
    dice = random.Random(f"{seed} {disguise} {article.id}")
    change = DISGUISES[disguise]
    return replace(
        article, id=f"{article.id}~disguised", title=change(article.title, dice), body=change(article.body, dice)
    )
