"""Numbers of an article as values, whatever digits, separators and words they are written in.

۷٫۳, 7,3 in Turkish and 7.3 in English are one number; ۱۷۱ هزار و ۸۰۰ and 171,800 are another. Scores (3-1) keep their
order. Years are left out: they say when, not how many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from dedup.article import primary_language
from dedup.evidence.counted import UNIT_SLOTS, slot_of
from dedup.text.calendar_names import fold_name
from dedup.text.digits import to_ascii_digits
from dedup.text.normalise import fold_persian_letters

__all__ = ["NumberMention", "number_mentions"]

_TOKEN = re.compile(r"[0-9]+(?:[.,٫٬،'][0-9]+)*|[^\W\d_]+|[%$€£]")
_SCORE = re.compile(r"(?<![0-9\-–/.:])([0-9]{1,3})\s?[-–]\s?([0-9]{1,3})(?![0-9\-–/.:])")
_THOUSANDS = {"point": re.compile(r"\.(?=\d{3}(?!\d))"), "comma": re.compile(r"[,،](?=\d{3}(?!\d))")}
_YEARS = (range(1900, 2100), range(1300, 1500))
_MOST_DIGITS = 18
_DECIMAL_COMMA = frozenset({"tr", "de", "fr", "es", "it", "ru", "pl", "az"})
_WORDS_AFTER = 5
_DIGITS = "0123456789"
_DIGIT = re.compile("[0-9]")

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


# From the second to the twentieth. Feminine and masculine, attributive and not.
_ORDINAL_WORDS: dict[str, int] = {
    fold_name(word): value
    for value, words in {
        2: "second ikinci دوم دومین الثاني الثانية ثانية",
        3: "third üçüncü سوم سومین الثالث الثالثة ثالثة",
        4: "fourth dördüncü چهارم چهارمین الرابع الرابعة رابعة",
        5: "fifth beşinci پنجم پنجمین الخامس الخامسة خامسة",
        6: "sixth altıncı ششم ششمین السادس السادسة سادسة",
        7: "seventh yedinci هفتم هفتمین السابع السابعة سابعة",
        8: "eighth sekizinci هشتم هشتمین الثامن الثامنة ثامنة",
        9: "ninth dokuzuncu نهم نهمین التاسع التاسعة تاسعة",
        10: "tenth onuncu دهم دهمین العاشر العاشرة عاشرة",
        11: "eleventh یازدهم یازدهمین",
        12: "twelfth دوازدهم دوازدهمین",
        13: "thirteenth سیزدهم سیزدهمین",
        14: "fourteenth چهاردهم چهاردهمین",
        15: "fifteenth پانزدهم پانزدهمین",
        16: "sixteenth شانزدهم شانزدهمین",
        17: "seventeenth هفدهم هفدهمین",
        18: "eighteenth هجدهم هجدهمین هژدهم",
        19: "nineteenth نوزدهم نوزدهمین",
        20: "twentieth yirminci بیستم بیستمین",
    }.items()
    for word in words.split()
}
# كانون الثاني is January
_MONTH_STEMS = frozenset(map(fold_name, ("كانون", "تشرين", "ربيع", "جمادى")))
# 12th, 5'inci; in Turkish a full stop before a small letter: 5. tur
_NUMERIC_ORDINAL = re.compile(
    r"(?<![\d.,])(\d{1,3})(?:st|nd|rd|th|['’](?:inci|ıncı|nci|ncı|üncü|uncu|ncü|ncu)|\.(?= [a-zçğıöşü]))(?!\w)"
)


class NumberMention(NamedTuple):
    """A number as it stands in a text."""

    sentence: int
    text: str
    value: str
    """Equal texts, equal values: ``7.3``, ``171800``; of a score both sides, ``3-1``; of an ordinal ``5.``."""
    slot: str | None
    """What it counts or measures, one of ``dedup.evidence.counted.SLOTS``, where a word beside it tells."""


def number_mentions(sentences: Sequence[str], language: str) -> Iterator[NumberMention]:
    """Yield every number of the sentences; within one, scores first.

    >>> [found[1:] for found in number_mentions(["A magnitude 7.3 quake killed two", "Galatasaray won 3-1"], "en")]
    [('7.3', '7.3', 'magnitude'), ('two', '2', 'dead'), ('3-1', '3-1', 'score')]
    >>> [found.value for found in number_mentions(["7,3 büyüklüğünde, 1.250 kişi"], "tr")]
    ['7.3', '1250']
    >>> [found.value for found in number_mentions(["۷٫۳ ریشتر، ۱۷۱ هزار"], "fa")]
    ['7.3', '171000']
    """
    decimal_comma = primary_language(language) in _DECIMAL_COMMA
    for number, sentence in enumerate(sentences):
        text = to_ascii_digits(sentence)
        if not _DIGIT.search(text) and not any(map(_is_number_word, _TOKEN.findall(text))):
            continue
        for match in _SCORE.finditer(text):
            value = f"{int(match[1])}-{int(match[2])}"
            yield NumberMention(number, sentence[slice(*match.span())], value, "score")
        without = _SCORE.sub(lambda match: " " * len(match[0]), text)
        tokens = list(_TOKEN.finditer(without))
        words = [token[0] for token in tokens]
        for place, ordinal in _ordinals(words):
            yield NumberMention(number, sentence[slice(*tokens[place].span())], f"{ordinal}.", "ordinal")
        for match in _NUMERIC_ORDINAL.finditer(without):
            yield NumberMention(number, sentence[slice(*match.span())], f"{int(match[1])}.", "ordinal")
        for first, last, value in _values(words, decimal_comma=decimal_comma):
            shown = sentence[tokens[first].start() : tokens[last].end()]
            yield NumberMention(number, shown, value, _slot(words, first, last))


@lru_cache(maxsize=65_536)
def _is_number_word(token: str) -> bool:
    return token.lower() in _WORDS or _folded(token) in _ORDINAL_WORDS


def _ordinals(tokens: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the place and the value of every ordinal from the second on: a *first* stands in any article."""
    for place, token in enumerate(tokens):
        value = _ORDINAL_WORDS.get(_folded(token))
        if value and not (place and _folded(tokens[place - 1]) in _MONTH_STEMS):
            yield place, value


def _values(tokens: list[str], *, decimal_comma: bool) -> Iterator[tuple[int, int, str]]:
    """Yield the first and last token of each number and its value."""
    position = 0
    while position < len(tokens):
        first = position
        value = _value(tokens[position], decimal_comma=decimal_comma)
        position += 1
        if value is None:
            continue
        while position < len(tokens) and tokens[position].lower() in _SCALES:
            value *= _SCALES[tokens[position].lower()]
            position += 1
        scaled = position > first + 1
        if scaled or not (value.is_integer() and any(int(value) in years for years in _YEARS)):
            yield first, position - 1, f"{value:.12g}"


def _slot(tokens: list[str], first: int, last: int) -> str | None:
    """Return what a number counts: the nearest word after it that tells, up to the next number, else one before it."""
    before = next((slot for slot in map(_slot_of_token, tokens[max(0, first - 2) : first][::-1]) if slot), None)
    if before in UNIT_SLOTS:
        return before
    for token in tokens[last + 1 : last + 1 + _WORDS_AFTER]:
        if token[0] in _DIGITS or token.lower() in _WORDS:
            break
        slot = _slot_of_token(token)
        if slot:
            return slot
    # "killed two", «جان پنج تن»: the verb stands before its number
    return before


@lru_cache(maxsize=65_536)
def _folded(token: str) -> str:
    return fold_name(token) or token


def _slot_of_token(token: str) -> str | None:
    return slot_of(_folded(token))


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
