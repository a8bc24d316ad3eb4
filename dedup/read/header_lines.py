"""The lines above a news page's text: its section and its date, with the labels that they have in five languages."""

from __future__ import annotations

import re
from typing import NamedTuple

from dedup.text.fold import fold_name
from dedup.text.stated_time import is_date_line, is_update_line

__all__ = ["StatedDate", "is_code", "is_known_section", "is_second_date", "is_section", "stated_date"]

_CLOCK = re.compile(r"\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?!\S)")
_SECTION_WORDS, _SECTION_CHARACTERS = 4, 40
_DATE_LINE_CHARACTERS = 300
# "کد خبر: ۱۲۳۴" beside the date on many a page
_CODE = re.compile(
    r"(?:کد|شناسه|شماره|كود|رقم|haber|news|article)?\s?(?:خبر|مطلب|الخبر|الخبر|no|kodu|id|code)\s?[:#]\s?\d{1,12}",
    re.IGNORECASE,
)


class StatedDate(NamedTuple):
    """What a date line says."""

    date: str
    """As printed, without its label."""
    section: str | None = None


def _names(text: str) -> frozenset[str]:
    return frozenset(map(fold_name, text.split("|")))


_SECTIONS = _names(
    "Politics|Economy|Business|World|International|Society|Sport|Sports|Science|Technology|Health|Culture|Art|"
    "Middle East|Defense|Energy|Opinion|Iran|Turkey|Afghanistan|Iraq|Markets|Local|Regional|Nuclear|Environment|"
    "سیاسی|سیاست|اقتصادی|اقتصاد|اجتماعی|جامعه|بین‌الملل|جهان|ورزشی|ورزش|علمی|دانش|فرهنگی|فرهنگ|حوادث|سلامت|استان‌ها|"
    "صحت|امنیت|افغانستان|ایران|فناوری|دفاعی|هنر|انرژی|منطقه|زنان|تعلیم|"
    "السياسة|سياسة|الاقتصاد|اقتصاد|الرياضة|رياضة|العالم|العلوم|علوم|الصحة|صحة|الثقافة|ثقافة|المجتمع|محليات|"
    "عربي ودولي|دوليات|منوعات|تكنولوجيا|الشرق الأوسط|إيران|العراق|تركيا|"
    "Politika|Ekonomi|Dünya|Spor|Bilim|Sağlık|Kültür|Kültür Sanat|Gündem|Güncel|Toplum|Yaşam|Teknoloji|Eğitim|"
    "Çevre|Türkiye|Savunma|Enerji|Asayiş|Orta Doğu|Ortadoğu"
)


def _label(*spellings: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(spellings)})\s*[:：]?\s+", re.IGNORECASE)


_PUBLISHED_LABEL = _label(
    "تاریخ(?: و زمان)?(?: انتشار| نشر)?|زمان انتشار|نشر شده در|منتشر شده در",
    "تاريخ النشر|التاريخ|نُ?شرت? في",
    "yayın(?:lanma)?(?: tarihi)?|giriş(?: tarihi)?|tarih",
    "publish(?:ed|ing)?(?: date)?(?: on| at)?|posted(?: on)?|(?:news )?date",
)
_UPDATED_LABEL = _label(
    "(?:آخرین )?به[\u200c ]?روزرسانی",
    "آخر تحديث|تم التحديث",
    "(?:son )?güncell?eme(?: tarihi)?",
    "(?:last )?updated?(?: on| at)?",
)


def stated_date(line: str) -> StatedDate | None:
    """Return the date that a line states as a whole, after its label, or between bars beside a section.

    >>> stated_date("تاریخ انتشار: ۸ اسفند ۱۴۰۱")
    StatedDate(date='۸ اسفند ۱۴۰۱', section=None)
    >>> stated_date("World | 27 February 2023 15:44")
    StatedDate(date='27 February 2023 15:44', section='World')
    >>> stated_date("جامعه | ۲۳ آبان ۱۴۰۴ | ۰۷:۵۰")
    StatedDate(date='۲۳ آبان ۱۴۰۴ ۰۷:۵۰', section='جامعه')
    >>> stated_date("3 March 2026 | 21:15 Views: 311")
    StatedDate(date='3 March 2026 21:15', section=None)
    >>> stated_date("Giriş: 12.05.2026 03:14 - Güncelleme: 12.05.2026 03:40")
    StatedDate(date='12.05.2026 03:14', section=None)
    >>> stated_date("On 27 February 2023 the bridge was opened.") is None
    True
    """
    label = _PUBLISHED_LABEL.match(line)
    date = line[label.end() :] if label else line
    if label and (second := _UPDATED_LABEL.search(date)) and is_date_line(date[second.end() :]):
        date = date[: second.start()].rstrip(" |،,-–—")  # both dates in one line
    if is_date_line(date):
        return StatedDate(date)
    if len(line) > _DATE_LINE_CHARACTERS:
        return None
    pieces = [piece.strip() for piece in re.split(r"[|•]", line)]
    told = [piece for piece in pieces if not is_code(piece)]
    if len(told) < len(pieces):
        return stated_date(" | ".join(told))
    if len(pieces) > 1:
        pieces = _with_their_clocks(pieces)
        dates = [found.date for piece in pieces if (found := stated_date(piece)) is not None]
        others = [piece for piece in pieces if stated_date(piece) is None and not is_second_date(piece)]
        if dates and all(_is_short(other) for other in others):
            return StatedDate(dates[0], " / ".join(filter(is_section, others)) or None)
    # A label in so many words, and something like a date: say later that it could not be read.
    named = label and ":" in label[0] and re.match(r"\W*\d", date) and len(date) < _SECTION_CHARACTERS
    return StatedDate(date) if named else None


def _with_their_clocks(pieces: list[str]) -> list[str]:
    """Dates and the times of day that stand apart from them, together."""
    joined = pieces[:1]
    for piece in pieces[1:]:
        clock = _CLOCK.match(piece)
        if clock and is_date_line(together := f"{joined[-1]} {clock[0]}"):
            joined[-1], piece = together, piece[clock.end() :].strip()
        if piece:
            joined.append(piece)
    return joined


def is_second_date(line: str) -> bool:
    """Return whether a line states a further date, such as that of an update, after its label."""
    label = _UPDATED_LABEL.match(line) or _PUBLISHED_LABEL.match(line)
    return is_update_line(line) or (label is not None and is_date_line(line[label.end() :]))


def is_code(text: str) -> bool:
    """Return whether a line is nothing but the number under which a newsroom keeps an article.

    >>> is_code("کد خبر: ۸۴۱۲۳"), is_code("Haber Kodu: 90817"), is_code("Code: the new language of art")
    (True, True, False)
    """
    return _CODE.fullmatch(text) is not None


def is_known_section(text: str) -> bool:
    """Return whether a line is a usual name of a section, in any of the five languages."""
    return fold_name(text) in _SECTIONS


def is_section(text: str) -> bool:
    """Return whether a line is a usual name of a section, or could be one: a few words, no number, no sentence."""
    return is_known_section(text) or (_is_short(text) and not any(character.isdigit() for character in text))


def _is_short(text: str) -> bool:
    return (
        len(text) <= _SECTION_CHARACTERS
        and len(text.split()) <= _SECTION_WORDS
        and not text.endswith((".", "!", "?", "؟", ":", "…"))
    )
