"""The dateline that opens a report: city and agency, as each language's newsrooms write it."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Dateline", "place_of_dateline", "split_dateline"]

_LONGEST = 120  # characters in which a dateline must end
_LONGEST_CITY = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """The opening of a report, with what it says."""

    text: str
    """As printed, with the space after it: ``text`` and the rest make the paragraph again."""
    city: str | None = None
    """As printed, but ``TEHRAN`` as ``Tehran``."""
    agency: str | None = None


# No pattern repeats a repetition, and all are anchored and bounded, so none can backtrack for long.
_DASH = r"\s?[-–—ـ―]{1,2}\s*"
_DASH_OR_COLON = r"\s?(?:[-–—ـ―]{1,2}|:)\s*"
_CAPITAL = "[A-ZÀ-ÖØ-ÞĀĂĞİŞŠŽ]"
_CAPITALS = r"[A-ZÀ-ÖØ-ÞĀĂĞİŞŠŽ][A-ZÀ-ÖØ-ÞĀĂĞİŞŠŽ.'’/\- ]{1,40}?"
_LATIN_CITY = rf"(?P<city>{_CAPITAL}[\w.'’]{{1,24}}(?:[ \-]{_CAPITAL}[\w.'’]{{0,24}}){{0,3}})"
_LATIN_AGENCY = rf"[(\[](?P<agency>{_CAPITAL}[^()\[\]\n]{{1,40}})[)\]]"
_REGION_AND_DAY = r"(?:,[^()\n]{1,40}?)?"  # TEHRAN, Iran, Feb. 27 (XYZ) -
_ARABIC_WORD = r"[\u0620-\u065f\u066e-\u06d3\u200c]{1,20}"
_ARABIC_CITY = rf"(?P<city>{_ARABIC_WORD}(?: {_ARABIC_WORD}){{0,2}})"
_NAME_WORD = r"(?!نقل)[^\s،,:؛()]{1,25}"  # "X به نقل از Y" cites, and is no dateline
_NAME = rf"(?:{_NAME_WORD} ){{0,3}}?{_NAME_WORD}"
_IN_BRACKETS = r"[(«\[](?P<agency>[^()«»\[\]\n]{2,50})[)»\]]"
_PERSIAN_COMMA = r"\s?[،,:؛]\s*"
_OUTLET = r"(?:خبرگزاری|خبرگزاري|پایگاه|پايگاه|روزنامه|روزنامهٔ|وب‌سایت|شبکه|شبکهٔ|وكالة|وکاله|صحيفة|جريدة|قناة|شبكة)"

_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        # TEHRAN (FNA)-   Ankara (KYA) -   TEHRAN, Feb. 27 (XYZ) –
        rf"{_LATIN_CITY}{_REGION_AND_DAY}\s?{_LATIN_AGENCY}{_DASH}",
        # ANKARA - KYA -   KABUL-KYA-
        rf"(?P<city>{_CAPITALS})\s?[-–—]\s?(?P<agency>[A-ZÇĞİÖŞÜ]{{2,12}}){_DASH_OR_COLON}",
        # TEHRAN, Feb. 27 -   KABUL –
        rf"(?P<city>{_CAPITALS})(?:, [^()\n:]{{1,30}}?)?\s[-–—]{{1,2}}\s",
        # به گزارش خبرگزاری کرانه از تهران،   به گزارش خبرنگار کرانه در تهران،
        rf"به گزارش (?:خبرنگار (?P<agency>{_NAME})|(?P<outlet>{_OUTLET} {_NAME}))"
        rf" (?:از|در) {_ARABIC_CITY}{_PERSIAN_COMMA}",
        # به گزارش کرانه از تهران، with one word for each: "به گزارش پلیس از محل حادثه" names neither agency nor city
        rf"به گزارش (?P<agency>{_NAME_WORD}) از (?P<city>{_ARABIC_WORD}){_PERSIAN_COMMA}",
        # به گزارش خبرگزاری کرانه،
        rf"به گزارش (?:خبرنگار )?(?P<agency>{_OUTLET}(?: [^\s،,:؛]{{1,25}}){{1,3}}){_PERSIAN_COMMA}",
        # خبرگزاری کرانه - تهران:   وكالة أنباء النخيل - طهران -
        rf"(?P<agency>{_OUTLET}(?: [^\s()،,:؛\-–—]{{1,25}}){{1,3}})\s?[-–—ـ/]\s?{_ARABIC_CITY}{_DASH_OR_COLON}",
        # کابل (خبرگزاری سپین‌غر) -   طهران (النخيل) -
        rf"{_ARABIC_CITY}\s?{_IN_BRACKETS}{_DASH}",
        # طهران - النخيل -   بغداد/ النخيل:
        rf"{_ARABIC_CITY}\s?[-–—ـ/]\s?(?P<agency>{_ARABIC_WORD}(?: {_ARABIC_WORD}){{0,3}}){_DASH_OR_COLON}",
    )
)


def split_dateline(paragraph: str, *, language: str) -> tuple[Dateline | None, str]:
    """Return the dateline of a paragraph, if it opens with one, and the rest.

    Args:
        paragraph: the first paragraph of a body.
        language: BCP 47 tag; Turkish has its own small letters for I and İ.

    >>> split_dateline("TEHRAN (FNA)- Commander", language="en")
    (Dateline(text='TEHRAN (FNA)- ', city='Tehran', agency='FNA'), 'Commander')
    >>> split_dateline("به گزارش خبرگزاری کرانه از تهران، وزیر گفت", language="fa")[0].agency
    'خبرگزاری کرانه'
    >>> split_dateline("The plan - a costly one - was dropped.", language="en")[0] is None
    True
    """
    head = paragraph[:_LONGEST]
    for pattern in _PATTERNS:
        match = pattern.match(head)
        if match and match.end() < len(paragraph):
            found = match.groupdict()
            city = found.get("city")
            dateline = Dateline(
                text=match[0],
                city=_city_case(city.strip(), language) if city else None,
                agency=(found.get("agency") or found.get("outlet") or "").strip() or None,
            )
            return dateline, paragraph[match.end() :]
    return None, paragraph


def place_of_dateline(text: str, *, language: str) -> tuple[str | None, str | None]:
    """Return city and agency of a dateline that stands in a field of its own, with or without the dash at its end.

    >>> place_of_dateline("TEHRAN, March 2 (CB) -", language="en")
    ('Tehran', 'CB')
    >>> place_of_dateline("هرات، ۱۱ حوت", language="fa-AF")
    ('هرات', None)
    """
    text = text.strip().rstrip("-–—:").strip()
    dateline, _ = split_dateline(f"{text} - .", language=language)
    if dateline is not None:
        return dateline.city, dateline.agency
    city = re.split(r"[,،؛(/|]|\s[-–—]\s", text, maxsplit=1)[0].strip()
    return (_city_case(city, language) if 0 < len(city) <= _LONGEST_CITY else None), None


def _city_case(city: str, language: str) -> str:
    """``NEW YORK`` as ``New York``, ``SANA'A`` as ``Sana'a``, in Turkish ``DİYARBAKIR`` as ``Diyarbakır``."""
    if not city.isupper():
        return city
    return re.sub(r"[^\W_][^\s\-/]*", lambda word: word[0][0] + _lower(word[0][1:], language), city)


def _lower(text: str, language: str) -> str:
    if language == "tr":
        text = text.replace("I", "ı").replace("İ", "i")
    return text.replace("İ", "i").lower()
