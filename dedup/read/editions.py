"""The language editions of a news site: their names in its bar, the language of a page, the zone of its times."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import tzinfo
from zoneinfo import ZoneInfo

from dedup.article import UNDETERMINED, canonical_language
from dedup.errors import LanguageTagError
from dedup.text.calendar import MONTH_TABLES, Calendar, fold_name
from dedup.text.language import dari_probability

__all__ = ["choose_language", "is_edition_bar", "page_language", "zone_of_edition"]


def _names(text: str) -> frozenset[str]:
    return frozenset(map(fold_name, text.split("|")))


_EDITION_NAMES = _names(
    "فارسی|افغانستان|دری|پشتو|پښتو|العربیة|العربية|عربی|عربي|English|Türkçe|Turkish|Türkce|Arabic|Persian|Farsi|Dari|Pashto|"
    "اردو|Urdu|Русский|Russian|Français|French|Deutsch|German|Español|Spanish|Kurdî|Kurdish|کوردی|Azərbaycan|"
    "Azərbaycanca|Тоҷикӣ|Ўзбек|Oʻzbek|中文|Chinese|עברית|Hebrew|हिन्दी|Italiano|Português|Bosanski|ایران|EN|FA|AR|TR"
)
_BAR_JOINTS = re.compile(r"[\s|•·/,،\-–]+")

_AFGHAN_MONTHS, _IRANIAN_MONTHS = (
    frozenset(
        fold_name(spelling)
        for table in MONTH_TABLES
        if table.calendar is Calendar.JALALI and table.language == language
        for group in table.names
        for spelling in group
    )
    for language in ("fa-AF", "fa")
)
_ZONES = {"fa": "Asia/Tehran", "fa-AF": "Asia/Kabul", "tr": "Europe/Istanbul"}

_WORD = re.compile(r"[^\W\d_]+")
# Letters of Pashto, Urdu, Kurdish and Azerbaijani, which share the scripts but are not among the five.
_FOREIGN_LETTERS = re.compile("[ټډړږښځڅېۍٹڈڑےںھێۆڕڵەəƏ]")
_PERSIAN_LETTERS = re.compile("[پچژگ]")
_ARABIC_LETTERS = re.compile("[ةىأإؤ]")
_FUNCTION_WORDS = {
    "fa": _names("از|که|را|در|است|به|این|با|برای|شد|شده|کرد|می|های|خود|گفت|بر|تا|یک"),
    "ar": _names("في|من|على|إلى|أن|التي|الذي|عن|مع|هذا|هذه|بعد|قال|وقال|إن|كما|بين|ما|لم|قد|خلال"),
    "en": _names("the|of|and|to|in|a|that|for|is|on|was|said|by|with|as|at|from|it|he|has|were"),
    "tr": _names("ve|bir|bu|ile|için|olarak|da|de|daha|dedi|en|olan|söyledi|göre|sonra|ise|kadar|çok"),
}
# Turkish says with suffixes what others say with function words; these two letters are nobody else's among the
# languages that are left once ə has ruled out Azerbaijani.
_TURKISH_LETTERS = re.compile("[ğĞı]")
_LEAST_TURKISH = 0.02  # of all characters; Turkish text has 0.04-0.08
_LEAST_EVIDENCE = 3  # function words
_LEAST_SHARE = 0.08  # of all words; running text has 0.15-0.45
_LEAST_WORDS = 6
_MOST_FOREIGN = 0.01  # of all characters: a name may be spelled as at home
_LEAD = 3.0  # times the runner-up in the same script
_SURE_OF_DARI, _SURE_OF_FARSI = 0.85, 0.15
_SAMPLE = 4000  # characters


def is_edition_bar(line: str) -> bool:
    """Return whether a line is nothing but names of language editions, two or more, in any order.

    >>> is_edition_bar("English | Türkçe | فارسی"), is_edition_bar("English football"), is_edition_bar("English")
    (True, False, False)
    """
    if len(line) > 200:
        return False
    names = [name for name in _BAR_JOINTS.split(line) if name]
    return len(names) >= 2 and all(fold_name(name) in _EDITION_NAMES for name in names)


def zone_of_edition(language: str) -> tzinfo | None:
    """Return the zone in which an edition prints its times; None where its language does not tell (ar, en)."""
    return ZoneInfo(_ZONES[language]) if language in _ZONES else None


def page_language(text: str, *, date_line: str | None = None) -> str:
    """Return fa, fa-AF, ar, en or tr where wording and date line leave no doubt, else ``und`` for a real detector.

    >>> page_language("The minister said that the line was to be opened in the spring of 2028.")
    'en'
    >>> page_language("پولیس ولسوالی پغمان گفت که این دو تن را در یک قریه بازداشت کرده است.")
    'fa-AF'
    """
    sample = text[:_SAMPLE]
    language = _by_function_words(sample)
    if language != "fa":
        return language
    months = {fold_name(word) for word in _WORD.findall(date_line or "")}
    if months & _AFGHAN_MONTHS:
        return "fa-AF"
    if months & _IRANIAN_MONTHS:
        return "fa"
    dari = dari_probability(sample)
    if _SURE_OF_FARSI < dari < _SURE_OF_DARI:
        return UNDETERMINED
    return "fa-AF" if dari >= _SURE_OF_DARI else "fa"


def choose_language(text: str, *, stated: Iterable[str | None], date_line: str | None = None) -> str:
    """Return the language that is stated, unless the wording leaves no doubt that it is another: templates are copied.

    Args:
        text: headline and body.
        stated: language tags or names, best first; those that are none are passed over.
        date_line: as for `page_language`.

    >>> choose_language("The line was to be opened in the spring, the minister said.", stated=["", "fa-IR"])
    'en'
    >>> choose_language("Spring", stated=[None, "tr_TR", "en"])
    'tr'
    """
    shown = page_language(text, date_line=date_line)
    for value in stated:
        try:
            tag = canonical_language(value or "")
        except LanguageTagError:
            continue
        # Dari that is stated is not gainsaid by words that Farsi has too
        return tag if shown == UNDETERMINED or (tag, shown) == ("fa-AF", "fa") else shown
    return shown


def _by_function_words(text: str) -> str:
    words = [fold_name(word) for word in _WORD.findall(text)]
    if len(words) < _LEAST_WORDS or len(_FOREIGN_LETTERS.findall(text)) > _MOST_FOREIGN * len(text):
        return UNDETERMINED
    if len(_TURKISH_LETTERS.findall(text)) >= _LEAST_TURKISH * len(text):
        return "tr"
    counts = {language: sum(word in known for word in words) for language, known in _FUNCTION_WORDS.items()}
    best = max(counts, key=counts.__getitem__)
    runner_up = max(count for language, count in counts.items() if language != best)
    if counts[best] < max(_LEAST_EVIDENCE, _LEAST_SHARE * len(words)) or counts[best] < _LEAD * runner_up:
        return UNDETERMINED
    if best in ("fa", "ar"):
        persian, arabic = len(_PERSIAN_LETTERS.findall(text)), len(_ARABIC_LETTERS.findall(text))
        return best if (persian > arabic) == (best == "fa") else UNDETERMINED
    return best
