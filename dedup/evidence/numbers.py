"""Numbers of an article as values, whatever digits, separators and words they are written in.

۷٫۳, 7,3 in Turkish and 7.3 in English are one number; ۱۷۱ هزار و ۸۰۰ and 171,800 are another. Scores (3-1) keep their
order. Years are left out: they say when, not how many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dedup.article import primary_language
from dedup.text.digits import to_ascii_digits
from dedup.text.normalise import fold_persian_letters

__all__ = ["number_values"]

_TOKEN = re.compile(r"[0-9]+(?:[.,٫٬،'][0-9]+)*|[^\W\d_]+")
_SCORE = re.compile(r"(?<![0-9\-–/.:])([0-9]{1,3})\s?[-–]\s?([0-9]{1,3})(?![0-9\-–/.:])")
_THOUSANDS = {"point": re.compile(r"\.(?=\d{3}(?!\d))"), "comma": re.compile(r"[,،](?=\d{3}(?!\d))")}
_YEARS = (range(1900, 2100), range(1300, 1500))
_MOST_DIGITS = 18

_SCALES = {
    **dict.fromkeys(("hundred", "yüz", "صد", "مئة", "مائة"), 1e2),
    **dict.fromkeys(("thousand", "bin", "هزار", "ألف", "الف", "آلاف"), 1e3),
    **dict.fromkeys(("million", "mln", "milyon", "میلیون", "ملیون", "مليون", "ملايين"), 1e6),
    **dict.fromkeys(("billion", "bln", "bn", "milyar", "میلیارد", "ملیارد", "مليار", "مليارات"), 1e9),
    **dict.fromkeys(("trillion", "trilyon", "تریلیون", "تريليون"), 1e12),
}
# Words that are a number and nothing else: "one", "on", "bin", نه and ده mean other things too and are left out.
_WORDS: dict[str, float] = {
    word: float(value)
    for value, words in {
        2: "two iki دو اثنان اثنين",
        3: "three üç سه ثلاثة ثلاث",
        4: "four dört چهار أربعة أربع",
        5: "five beş پنج خمسة خمس",
        6: "six altı شش ستة ست",
        7: "seven yedi هفت سبعة سبع",
        8: "eight sekiz هشت ثمانية ثماني",
        9: "nine dokuz تسعة تسع",
        10: "ten عشرة عشر",
        11: "eleven یازده",
        12: "twelve دوازده",
        13: "thirteen سیزده",
        14: "fourteen چهارده",
        15: "fifteen پانزده",
        16: "sixteen شانزده",
        17: "seventeen هفده",
        18: "eighteen هجده هژده",
        19: "nineteen نوزده",
        20: "twenty yirmi بیست عشرين عشرون",
        30: "thirty otuz ثلاثين ثلاثون",
        40: "forty kırk چهل أربعين أربعون",
        50: "fifty elli پنجاه خمسين خمسون",
        60: "sixty altmış شصت ستين ستون",
        70: "seventy yetmiş هفتاد سبعين سبعون",
        80: "eighty seksen هشتاد ثمانين ثمانون",
        90: "ninety doksan نود تسعين تسعون",
    }.items()
    for word in words.split()
}
_WORDS = {fold_persian_letters(word): value for word, value in _WORDS.items()} | _WORDS
_SCALES = {fold_persian_letters(word): value for word, value in _SCALES.items()} | _SCALES


def number_values(sentences: Sequence[str], language: str) -> Iterator[tuple[int, str]]:
    """Yield the sentence and the value of every number, as a text that equals where the values do.

    >>> list(number_values(["A magnitude 7.3 quake killed two", "Galatasaray won 3-1"], "en"))
    [(0, '7.3'), (0, '2'), (1, '3-1')]
    >>> list(number_values(["7,3 büyüklüğünde, 1.250 kişi"], "tr")), list(number_values(["۷٫۳ ریشتر، ۱۷۱ هزار"], "fa"))
    ([(0, '7.3'), (0, '1250')], [(0, '7.3'), (0, '171000')])
    """
    decimal_comma = primary_language(language) in {"tr", "de", "fr", "es", "it", "ru", "pl", "az"}
    for number, sentence in enumerate(sentences):
        text = to_ascii_digits(sentence)
        for match in _SCORE.finditer(text):
            yield number, f"{int(match[1])}-{int(match[2])}"
        for value in _values(_TOKEN.findall(_SCORE.sub(" ", text)), decimal_comma=decimal_comma):
            yield number, value


def _values(tokens: list[str], *, decimal_comma: bool) -> Iterator[str]:
    position = 0
    while position < len(tokens):
        value = _value(tokens[position], decimal_comma=decimal_comma)
        position += 1
        if value is None:
            continue
        scaled = False
        while position < len(tokens) and tokens[position].lower() in _SCALES:
            value *= _SCALES[tokens[position].lower()]
            position += 1
            scaled = True
        if scaled or not (value.is_integer() and any(int(value) in years for years in _YEARS)):
            yield f"{value:.12g}"


def _value(token: str, *, decimal_comma: bool) -> float | None:
    if token[0] not in "0123456789":
        return _WORDS.get(token.lower())
    if len(token) > _MOST_DIGITS:
        return None
    plain = token.replace("٬", "").replace("'", "")
    if decimal_comma:
        plain = _THOUSANDS["point"].sub("", plain).replace(",", ".").replace("،", ".")
    else:
        plain = _THOUSANDS["comma"].sub("", plain).replace(",", ".").replace("،", ".")
    plain = plain.replace("٫", ".")
    # more than one point left: a date or a version, no quantity
    return float(plain) if plain.count(".") <= 1 else None
