"""What the numbers of a sentence count: the word before a number or after it that tells, each for one number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from dedup.evidence.counted import TOLLS, leading_slot_of, slot_of
from dedup.evidence.word_table import WordTable
from dedup.text.calendar_names import MONTH_BY_KEY
from dedup.text.fold import fold_name

__all__ = ["NumberPlace", "folded_word", "is_day_of_month", "slots_of"]

NumberPlace = tuple[int, int, float]
"""First and last token of a number, and its value."""

_WORDS_AFTER = 5
# In Persian and Turkish the verb comes last: ۱۱ نفر بر اثر فروریختن ساختمانی در حلب جان باختند.
_WORDS_AFTER_PERSONS = 20
_PERSON_WORDS = "نفر تن کس kişi kişinin kişiyi kişiye people persons شخص شخصا أشخاص"
_PERSONS = frozenset(map(fold_name, _PERSON_WORDS.split()))
_WORDS_BEFORE = 2
_JOINER = "\u200c"
# "killed at least 12": what may stand between a word and its number
_ROUGHLY_WORDS = (
    "at least about around some nearly almost over more than up to another an estimated en az fazla yaklaşık "
    "حداقل دست کم دستکم حدود بیش از نزدیک به نحو حوالي أكثر من قرابة ما لا يقل عن على الأقل"
)
_ROUGHLY = frozenset(map(fold_name, _ROUGHLY_WORDS.split()))
_MOST_ROUGHLY = 4
_PAUSE = re.compile(r"[,،;؛:.!?؟]")
# Their numbers lie below, those of degrees of heat and of megawatts above.
_GREATEST_MAGNITUDE = 10
# Mostly other words, unless they have a capital; «می» begins any verb.
_OTHER_WORDS = frozenset({"may", "march", fold_name("می")})
_MOST_ABBREVIATION = 3
_LAST_OF_MONTH = 31
_BETWEEN = frozenset({"st", "nd", "rd", "th", "of", "the"})


def _folded(word: str) -> str:
    return fold_name(word) or word


_FOLDED = WordTable(_folded)


def folded_word(word: str) -> str:
    """Return the key of a word or sign."""
    return _FOLDED[word]


def slots_of(text: str, tokens: Sequence[re.Match[str]], numbers: Iterable[NumberPlace]) -> Iterator[str | None]:
    """Yield for each number what it counts or measures, None where no word tells.

    Before a number stand *killed* or ``$``, after it all others, up to the next number. A word that has told of one
    number does not tell of another: 3 ölü, 12 yaralı.
    """
    numbers = list(numbers)
    if not numbers:
        return
    keys = [_FOLDED[token[0]] for token in tokens]
    counted = {
        place
        for first, last, _ in numbers
        if not text.startswith(_JOINER, tokens[last].end())  # پنج‌منزله, of five storeys, is a word
        for place in range(first, last + 1)
    }
    taken: set[int] = set()
    for first, last, value in numbers:
        found = None
        for place, slot in _candidates(text, tokens, keys, first, last, counted):
            if place not in taken and not (slot == "magnitude" and value > _GREATEST_MAGNITUDE):
                taken.add(place)
                found = slot
                break
        yield found


def _candidates(
    text: str, tokens: Sequence[re.Match[str]], keys: Sequence[str], first: int, last: int, counted: set[int]
) -> Iterator[tuple[int, str]]:
    """Yield the place and the slot of each word that may tell of a number, the surest first."""
    place = _place_before(text, tokens, keys, first)
    leading = _leading_slot(keys, place, counted)
    if leading:
        yield place, leading
    are_persons = last + 1 < len(keys) and keys[last + 1] in _PERSONS
    for place in range(last + 1, min(last + 1 + (_WORDS_AFTER_PERSONS if are_persons else _WORDS_AFTER), len(tokens))):
        if place in counted or _leads(text, tokens, keys, place, counted):
            break
        slot = slot_of(keys[place]) or (slot_of(keys[place] + keys[place + 1]) if place + 1 < len(keys) else None)
        if slot and (place <= last + _WORDS_AFTER or slot in TOLLS):
            yield place, slot
    for place in range(first - 1, max(-1, first - 1 - _WORDS_BEFORE), -1):
        slot = slot_of(keys[place]) or (slot_of(keys[place - 1] + keys[place]) if place else None)
        if place in counted:
            break
        if slot:
            yield place, slot


def _place_before(text: str, tokens: Sequence[re.Match[str]], keys: Sequence[str], first: int) -> int:
    """Return the place of the word before a number, past such words as *at least*; -1 where there is none."""
    for place in range(first - 1, max(-1, first - 2 - _MOST_ROUGHLY), -1):
        if _PAUSE.search(text, tokens[place].end(), tokens[place + 1].start()):
            return -1
        if keys[place] not in _ROUGHLY:
            return place
    return -1


def _leading_slot(keys: Sequence[str], place: int, counted: set[int]) -> str | None:
    """Return the slot of the number that follows the word at ``place``; a word right after a number is of that one."""
    if place < 0 or place - 1 in counted:
        return None
    key = keys[place]
    return (
        leading_slot_of(key)
        or leading_slot_of(key.removeprefix("و"))  # وإصابة 30
        or (leading_slot_of(keys[place - 1] + key) if place else None)
    )


def _leads(text: str, tokens: Sequence[re.Match[str]], keys: Sequence[str], place: int, counted: set[int]) -> bool:
    """Tell whether the word at ``place`` stands before the next number and so tells of that."""
    for number in range(place + 1, min(place + 3 + _MOST_ROUGHLY, len(tokens))):
        if number in counted:
            before = _place_before(text, tokens, keys, number)
            return before in (place, place + 1) and _leading_slot(keys, before, counted) is not None
    return False


def is_day_of_month(tokens: Sequence[re.Match[str]], place: int, value: float) -> bool:
    """Tell whether a number is the day of a date: the name of a month stands beside it."""
    if not (value.is_integer() and 1 <= value <= _LAST_OF_MONTH):
        return False
    start = place + 1
    while start < len(tokens) and tokens[start][0] in _BETWEEN:
        start += 1
    after = [folded_word(token[0]) for token in tokens[start : start + 2]]
    if _is_month(tokens, start, after[:1]) or _is_month(tokens, start, after):
        return True
    return (
        place > 0
        and tokens[place - 1][0].isascii()
        and _is_month(tokens, place - 1, [folded_word(tokens[place - 1][0])])
    )


def _is_month(tokens: Sequence[re.Match[str]], place: int, keys: Sequence[str]) -> bool:
    key = "".join(keys)
    if key not in MONTH_BY_KEY:
        return False
    capital = tokens[place][0][0].isupper()
    return capital or (key not in _OTHER_WORDS and not (len(key) <= _MOST_ABBREVIATION and key.isascii()))
