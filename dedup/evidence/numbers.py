"""Numbers of an article as values, whatever digits, separators and words they are written in.

۷٫۳, 7,3 in Turkish and 7.3 in English are one number; ۱۷۱ هزار و ۸۰۰ and 171,800 are another. Scores (3-1) keep their
order. Years are left out: they say when, not how many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dedup.article import primary_language
from dedup.evidence.counted import slot_of
from dedup.evidence.number_slots import folded_word, is_day_of_month, slots_of
from dedup.evidence.word_table import WordTable
from dedup.text.digits import to_ascii_digits
from dedup.text.fold import fold_name
from dedup.text.normalise import fold_persian_letters

__all__ = ["NumberMention", "number_mentions"]

_TOKEN = re.compile(r"[0-9]+(?:[.,٫٬،'][0-9]+)*|[^\W\d_]+|[%٪$€£₺]")
_SCORE = re.compile(r"(?<![0-9\-–/.:])([0-9]{1,3})\s?[-–]\s?([0-9]{1,3})(?![0-9\-–/.:])")
_THOUSANDS = {"point": re.compile(r"\.(?=\d{3}(?!\d))"), "comma": re.compile(r"[,،](?=\d{3}(?!\d))")}
_YEARS = (range(1900, 2100), range(1300, 1500))
_MOST_DIGITS = 18
_DECIMAL_COMMA = frozenset({"tr", "de", "fr", "es", "it", "ru", "pl", "az"})
# Of a time, a date, a fraction: 15:44, 2023/02/27, 3/4. They count nothing.
_PARTS = re.compile(r"[0-9]{1,4}(?:[:/][0-9]{1,4}){1,2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_GOALS = {
    word: value for value, word in enumerate(("صفر", "یک", "دو", "سه", "چهار", "پنج", "شش", "هفت", "هشت", "نه", "ده"))
}
# In Persian a score is read ۳ بر ۱, in words too.
_READ_SCORE = re.compile(rf"(?<![\w.])([0-9]{{1,2}}|{'|'.join(_GOALS)}) بر ([0-9]{{1,2}}|{'|'.join(_GOALS)})(?![\w.])")
_DIGIT = re.compile("[0-9]")
_DIGITS = "0123456789"
_LEAST_SUMMED = 1e3
_LONGEST_MONTH = 20

_SCALES = {
    **dict.fromkeys(("hundred", "yüz", "صد", "مئة", "مائة"), 1e2),
    **dict.fromkeys(("thousand", "bin", "هزار", "ألف", "ألفا", "الف", "آلاف"), 1e3),
    **dict.fromkeys(("million", "mln", "milyon", "میلیون", "ملیون", "مليون", "مليونا", "ملايين"), 1e6),
    **dict.fromkeys(("billion", "bln", "bn", "milyar", "میلیارد", "ملیارد", "مليار", "مليارا", "مليارات"), 1e9),
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
_TENS = frozenset(float(value) for value in range(20, 100, 10))
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
        has_digits = _DIGIT.search(text) is not None
        if not has_digits and not any(map(_NUMBER_WORDS.__getitem__, _TOKEN.findall(text))):
            continue
        for start, end, value, slot in _found_in(text, has_digits=has_digits, decimal_comma=decimal_comma):
            yield NumberMention(number, sentence[start:end], value, slot)


_Found = tuple[int, int, str, str | None]
"""Where a number begins and ends in the text, its value and its slot."""


def _found_in(text: str, *, has_digits: bool, decimal_comma: bool) -> Iterator[_Found]:
    scores = list(_scores(text, has_digits=has_digits))
    yield from scores
    for start, end, _, _ in scores:
        text = text[:start] + " " * (end - start) + text[end:]
    tokens = list(_TOKEN.finditer(text))
    words = [token[0] for token in tokens]
    for place, ordinal in _ordinals(words):
        yield *tokens[place].span(), f"{ordinal}.", "ordinal"
    no_counts = [match.span() for match in _PARTS.finditer(text)] if has_digits else []
    ordinals = {}
    for match in _NUMERIC_ORDINAL.finditer(text) if has_digits else ():
        if not is_day_of_month(tokens, _place_at(tokens, match.start()), 1.0):
            ordinals[match.start()] = match
            yield *match.span(), f"{int(match[1])}.", "ordinal"
    numbers = [
        (first, last, value)
        for first, last, value in _values(text, tokens, decimal_comma=decimal_comma)
        if tokens[first].start() not in ordinals
    ]
    counting = [
        (first, last, value)
        for first, last, value in numbers
        if not is_day_of_month(tokens, first, value)
        and not any(start <= tokens[first].start() < end for start, end in no_counts)
    ]
    slots = dict(zip(counting, slots_of(text, tokens, counting), strict=True))
    for first, last, value in numbers:
        yield tokens[first].start(), tokens[last].end(), f"{value:.12g}", slots.get((first, last, value))


def _place_at(tokens: list[re.Match[str]], start: int) -> int:
    return next(place for place, token in enumerate(tokens) if token.end() > start)


def _scores(text: str, *, has_digits: bool) -> Iterator[_Found]:
    for match in _SCORE.finditer(text) if has_digits else ():
        if not _is_range(text, match):
            yield *match.span(), f"{int(match[1])}-{int(match[2])}", "score"
    if " بر " in text:
        for match in _READ_SCORE.finditer(text):
            home, away = (_GOALS[side] if side in _GOALS else int(side) for side in match.groups())
            yield *match.span(), f"{home}-{away}", "score"


def _is_range(text: str, match: re.Match[str]) -> bool:
    """Tell whether 27-28 February or 10-12 killed is meant: a word beside it says of what."""
    if int(match[1]) >= int(match[2]):
        return False
    after = _TOKEN.match(text, match.end() + 1)
    slot = slot_of(folded_word(after[0])) if after else None
    around = list(_TOKEN.finditer(text, max(0, match.start() - _LONGEST_MONTH), match.end() + 2 * _LONGEST_MONTH))
    places = [place for place, token in enumerate(around) if token.start() in (match.start(1), match.start(2))]
    return slot not in (None, "goals", "votes") or any(is_day_of_month(around, place, 1.0) for place in places)


def _is_number_word(token: str) -> bool:
    return token.lower() in _WORDS or folded_word(token) in _ORDINAL_WORDS


_NUMBER_WORDS = WordTable(_is_number_word)


def _ordinals(tokens: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the place and the value of every ordinal from the second on: a *first* stands in any article."""
    for place, token in enumerate(tokens):
        if _NUMBER_WORDS[token]:
            value = _ORDINAL_WORDS.get(folded_word(token))
            if value and not (place and folded_word(tokens[place - 1]) in _MONTH_STEMS):
                yield place, value


def _values(text: str, tokens: list[re.Match[str]], *, decimal_comma: bool) -> Iterator[tuple[int, int, float]]:
    """Yield the first and last token of each number and its value."""
    position = 0
    for first, token in enumerate(tokens):
        if first < position or not (token[0][0] in _DIGITS or _NUMBER_WORDS[token[0]]):
            continue
        value, scale, position = _term(tokens, first, decimal_comma=decimal_comma)
        if value is None:
            continue
        scaled = scale > 1
        while scale >= _LEAST_SUMMED:
            # ۱۷۱ هزار و ۸۰۰, 171 bin 800: what follows is smaller than the scale before it
            start = position + 1 if position < len(tokens) and tokens[position][0] == "و" else position
            more, scale_of_more, stop = _term(tokens, start, decimal_comma=decimal_comma)
            if more is None or more >= scale or not (start > position or _is_spaced(text, tokens, position)):
                break
            if start == position and not decimal_comma:
                break
            value, scale, position = value + more, scale_of_more, stop
        if scaled or not (value.is_integer() and any(int(value) in years for years in _YEARS)):
            yield first, position - 1, value


def _term(tokens: list[re.Match[str]], position: int, *, decimal_comma: bool) -> tuple[float | None, float, int]:
    """Return the value of a number up to its scale (171 thousand), that scale, and where the words go on."""
    if position >= len(tokens):
        return None, 1, position
    value = _value(tokens[position][0], decimal_comma=decimal_comma)
    position += 1
    if value is None:
        return None, 1, position
    if tokens[position - 1][0][0] not in _DIGITS:
        units, position = _rest_of_word_number(tokens, position, value)
        value += units
    scale = 1.0
    while position < len(tokens) and tokens[position][0].lower() in _SCALES:
        scale *= _SCALES[tokens[position][0].lower()]
        position += 1
    return value * scale, scale, position


def _rest_of_word_number(tokens: list[re.Match[str]], position: int, value: float) -> tuple[float, int]:
    """Return what follows the first word of twenty-five, yirmi beş, بیست و پنج, خمسة وعشرين, and where words go on."""
    if position < len(tokens):
        word = tokens[position][0].lower()
        if value in _TENS:
            start = position + 1 if word == "و" and position + 1 < len(tokens) else position
            units = _WORDS.get(tokens[start][0].lower(), 0.0)
            if 0 < units < 10:
                return units, start + 1
        tens = _WORDS.get(word[1:], 0.0) if word.startswith("و") else 0.0
        if value < 10 and tens in _TENS:
            return tens, position + 1
    return 0.0, position


def _is_spaced(text: str, tokens: list[re.Match[str]], position: int) -> bool:
    """Tell whether nothing but space stands before a token that is there."""
    return position < len(tokens) and text[tokens[position - 1].end() : tokens[position].start()].isspace()


def _value(token: str, *, decimal_comma: bool) -> float | None:
    if token[0] not in _DIGITS:
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
