"""A news page as text, as a reader copies it from the browser.

    فارسی افغانستان العربیة English Türkçe          the bar of editions, the same on every page
    Politics                                        section
    2023-February-27  15:44                         date line

    Headline

    TEHRAN (XYZ)- First paragraph.

    Second paragraph.

Every part but the text may be missing, and the date may stand before or after section or headline. Form feeds part
several pages in one file. A text without bar and date is a headline and its body.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from dedup.article import UNDETERMINED
from dedup.read.dateline import Dateline, split_dateline
from dedup.read.editions import is_edition_bar, page_language, zone_of_edition
from dedup.read.header_lines import is_code, is_known_section, is_second_date, is_section, stated_date
from dedup.read.lines import ByteStream, DamagedStreamError, decode_line, iter_lines
from dedup.read.options import ReadOptions
from dedup.read.record import Row
from dedup.read.report import ReadReport
from dedup.read.zones import date_order_of
from dedup.text.stated_time import TimeRules, is_update_line, read_stated_time
from dedup.text.time_parts import DateOrder

__all__ = ["PageParts", "cut_dateline", "page_parts", "page_rows", "parse_page"]

_FORM_FEED = b"\f"
_HEADER_LINES = 8  # not counting blank ones
_HEADLINE_CHARACTERS = 220
_LEADS = 2  # paragraphs that may stand between headline and dateline


def page_rows(stream: ByteStream, file: str, options: ReadOptions, report: ReadReport) -> Iterator[Row]:
    """Yield each page of a file as a record with our own field names; what is no text goes to the report.

    Raises:
        DamagedStreamError: compressed data is damaged or cut, after what came before it has been yielded.
    """
    pages = 0
    for page in _pages(stream, options.max_record_bytes):
        if page.problem or not page.is_blank():
            pages += 1
        if page.problem:
            report.reject(file, page.line, page.problem, b"\n".join(page.lines))
        elif not page.is_blank():
            try:
                text = decode_page(page)
            except ValueError as error:
                report.reject(file, page.line, str(error), b"\n".join(page.lines))
                continue
            parts = parse_page(text, timezone=options.zone, date_order=options.date_order)
            yield Row(line=page.line, values=parts | {"file": file})
        if page.damage is not None:
            raise page.damage
    if not pages:
        report.reject(file, 1, "the page is empty")


@dataclass(slots=True, kw_only=True)
class _PageBytes:
    line: int
    lines: list[bytes] = field(default_factory=list)
    size: int = 0
    problem: str = ""
    damage: DamagedStreamError | None = None
    """Set on the last page of a damaged stream."""

    def is_blank(self) -> bool:
        return not any(line.strip() for line in self.lines)

    def add(self, line: bytes | None, size: int, limit: int) -> None:
        self.size += size + 1
        if line is None or self.size > limit + 1:
            self.problem = f"the page has {self.size - 1} bytes or more, more than max_record_bytes, {limit}"
            del self.lines[1:]
        if not self.problem and line is not None:
            self.lines.append(line)


def _pages(stream: ByteStream, limit: int) -> Iterator[_PageBytes]:
    page = _PageBytes(line=1)
    try:
        for line in iter_lines(stream, limit):
            first, *following = (None,) if line.data is None else line.data.split(_FORM_FEED)
            page.add(first, line.size if first is None else len(first), limit)
            for part in following:
                yield page
                page = _PageBytes(line=line.number)
                page.add(part, len(part or b""), limit)
    except DamagedStreamError as error:
        page.damage = error
    yield page


def decode_page(page: _PageBytes) -> str:
    """Return the text of a page.

    Raises:
        ValueError: a line of it is not UTF-8.
    """
    decoded = []
    for number, line in enumerate(page.lines, page.line):
        try:
            decoded.append(decode_line(line))
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
    return "\n".join(decoded)


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    opens: bool
    """Whether a blank line, or nothing, stands before it."""


@dataclass(slots=True, kw_only=True)
class PageParts:
    """What the lines of a page turn out to be."""

    date: str | None = None
    section: str | None = None
    kicker: str | None = None
    title: str = ""
    paragraphs: list[str] = field(default_factory=list)


def parse_page(text: str, *, timezone: tzinfo | None = None, date_order: DateOrder | None = None) -> dict[str, Any]:
    """Return the parts of a page that are there: title, body, language, published, section, city, agency, and for
    ``extra`` the ``dateline`` that was cut from the body and the ``kicker`` above the headline. A time that cannot be
    read, or only with a remark, is the text that states it.

    Args:
        text: one page.
        timezone: of times that state none; None is that of the edition where the language tells it, else UTC.
        date_order: of numbers before a year; None is that of the language where it is known.
    """
    parts = page_parts(text)
    body = "\n".join(parts.paragraphs)
    language = page_language(f"{parts.title}\n{body}", date_line=parts.date)
    dateline = cut_dateline(parts.paragraphs, language)
    published: datetime | str | None = None
    if parts.date is not None:
        rules = TimeRules(
            timezone=timezone or zone_of_edition(language),
            language=language if language != UNDETERMINED else "",
            order=date_order or date_order_of(language),
        )
        stated = read_stated_time(parts.date, rules)
        published = parts.date if stated.moment is None or stated.remark else stated.moment
    found = {
        "title": parts.title,
        "body": "\n".join(parts.paragraphs),
        "language": language if language != UNDETERMINED else None,
        "published": published,
        "section": parts.section,
        "city": dateline.city if dateline else None,
        "agency": dateline.agency if dateline else None,
        "dateline": dateline.text if dateline else None,
        "kicker": parts.kicker,
    }
    return {name: value for name, value in found.items() if value is not None}


def page_parts(text: str) -> PageParts:
    """Return the parts of a page, its dateline still in its first paragraph."""
    return _find_parts(_lines(text))


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    opens = True
    for raw in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = raw.strip().strip("\ufeff\u200e\u200f").strip()
        if line:
            lines.append(_Line(line, opens))
        opens = not line
    return lines


def _find_parts(lines: list[_Line]) -> PageParts:
    parts = PageParts()
    bar = next((index for index, line in enumerate(lines[:_HEADER_LINES]) if is_edition_bar(line.text)), None)
    if bar is not None:
        lines = lines[:bar] + lines[bar + 1 :]
    lines = _without_codes(lines)
    before, after = _cut_date(lines, parts)
    if parts.date is not None:
        rest = _around_date(before, after, parts)
    else:
        rest = _after_bar(lines, parts) if bar is not None else lines
    if parts.title:
        parts.paragraphs += [line.text for line in rest]
    elif rest:
        if bar is not None or parts.date is not None:
            rest = _cut_kicker(rest, parts)
        parts.title = rest[0].text
        parts.paragraphs += [line.text for line in rest[1:]]
    return parts


def _without_codes(lines: list[_Line]) -> list[_Line]:
    """Lines without the code of an article in its header; what stands below one opens where that did."""
    kept: list[_Line] = []
    opens = False
    for index, line in enumerate(lines):
        if index < _HEADER_LINES and is_code(line.text):
            opens = opens or line.opens
        else:
            kept.append(_Line(line.text, line.opens or opens))
            opens = False
    return kept


def _cut_date(lines: list[_Line], parts: PageParts) -> tuple[list[_Line], list[_Line]]:
    """The lines before and after the date line, which may run over several ("Published", "Updated")."""
    for index, line in enumerate(lines[:_HEADER_LINES]):
        stated = stated_date(line.text)
        if stated is not None:
            parts.date, parts.section = stated
            end = index + 1
            while end < len(lines[:_HEADER_LINES]) and is_second_date(lines[end].text):
                end += 1
            return [one for one in lines[:index] if not is_update_line(one.text)], lines[end:]
    for index, line in enumerate(lines[:_HEADER_LINES]):
        if is_update_line(line.text):  # better than none
            parts.date = line.text
            return lines[:index], lines[index + 1 :]
    return lines, []


def _around_date(before: list[_Line], after: list[_Line], parts: PageParts) -> list[_Line]:
    """Find the section, before or after the date, and the headline where that stands before the date."""
    if before and (not all(is_section(line.text) for line in before) or not _has_headline(after)):
        *above, title = before if len(before) < 3 else before[:2]
        parts.title = title.text
        if above and is_section(above[0].text):
            parts.section = parts.section or above[0].text
        elif above:  # no section, so the longer line below is a lead
            parts.title = above[0].text
            parts.paragraphs.append(title.text)
        parts.paragraphs += [line.text for line in before[2:]]
        return after
    if before:
        parts.section = " / ".join(line.text for line in before)
        return after
    return _after_bar(after, parts) if parts.section is None else after


def _after_bar(lines: list[_Line], parts: PageParts) -> list[_Line]:
    """Cut the section off lines that begin right after bar or date."""
    if len(lines) < 2 or not is_section(lines[0].text) or not _has_headline(lines[1:]):
        return lines
    if is_known_section(lines[0].text) or (not lines[0].opens and lines[1].opens):
        parts.section = lines[0].text
        return lines[1:]
    return lines


def _cut_kicker(lines: list[_Line], parts: PageParts) -> list[_Line]:
    """A short line right above the headline, in one block with it."""
    if len(lines) < 3 or lines[1].opens or not lines[2].opens or not _has_headline(lines[1:]):
        return lines
    kicker, title = lines[0].text, lines[1].text
    if kicker.endswith((":", "؛", "…", "...")) or len(kicker) <= 0.6 * len(title):
        parts.kicker = kicker
        return lines[1:]
    return lines


def _has_headline(lines: list[_Line]) -> bool:
    """Whether lines begin with a headline: no long paragraph, no dateline, not the last line, no full stop."""
    if len(lines) < 2:
        return False
    text = lines[0].text
    return (
        len(text) <= _HEADLINE_CHARACTERS
        and not text.endswith((".", "۔"))
        and split_dateline(text, language=UNDETERMINED)[0] is None
    )


def cut_dateline(paragraphs: list[str], language: str) -> Dateline | None:
    """Cut the dateline from the first paragraph, or from a later one below leads, in place, and return it."""
    for index, paragraph in enumerate(paragraphs[: _LEADS + 1]):
        dateline, rest = split_dateline(paragraph, language=language)
        if dateline is not None:
            paragraphs[index] = rest
            return dateline
    return None
