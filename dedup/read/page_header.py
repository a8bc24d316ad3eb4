"""What stands around the headline of a web page, bar of editions, section and date, told from its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dedup.read.editions import is_edition_bar
from dedup.read.header_lines import is_known_section, is_second_date, is_section, stated_date
from dedup.read.page import page_parts
from dedup.read.titles import is_claimed, same_title

__all__ = ["PageHeader", "PageText", "read_header", "unclaimed_title", "with_lead", "without_header"]

_AROUND = 5  # lines above and below the headline in which section and date stand
_ABOVE = 8  # lines above the headline within what was taken for the text
_BEGINNING = 40
_KICKER_CHARACTERS = 120
_LEADING_ON = (":", "؛", "…", "...")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """Headline and text of an article, and what stood around them on the page."""

    title: str | None
    paragraphs: list[str]
    date: str | None = None
    section: str | None = None
    kicker: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHeader:
    """The lines around a headline."""

    title: str | None
    above: list[str]
    """Lines right above the headline, up to a bar of editions."""
    below: list[str]
    """All lines below the headline; all lines of the page if it is not among them."""
    date: str | None = None
    section: str | None = None

    def is_of(self, line: str) -> bool:
        """Whether a line belongs to the header rather than to the text."""
        if is_edition_bar(line) or stated_date(line) or is_second_date(line):
            return True
        return line in self.above and (line == self.section or is_known_section(line))


def unclaimed_title(lines: Sequence[str], window: str | None) -> str | None:
    """Return the headline of a page of which no heading or head claims one: as it is found in a page of text.

    Where the page begins with neither a bar of editions nor a date, the title of its window is better than a guess.
    """
    start = _last_bar(lines[:_BEGINNING])
    parts = page_parts("\n\n".join(lines[max(start, 0) : max(start, 0) + _BEGINNING]))
    if window and start < 0 and parts.date is None:
        return window
    return parts.title or None


def read_header(lines: Sequence[str], title: str | None) -> PageHeader:
    """Return what stands around the headline.

    Args:
        lines: all lines of the page.
        title: the headline, if it is known.
    """
    at = next((index for index, line in enumerate(lines) if title and same_title(line, title)), None)
    if at is None:
        return PageHeader(title=title, above=[], below=list(lines))
    bar = _last_bar(lines[:at])
    above, below = list(lines[max(bar + 1, at - _AROUND) : at]), list(lines[at + 1 :])
    stated = next(filter(None, map(stated_date, [*reversed(above), *below[:_AROUND]])), None)
    section = stated.section if stated else None
    if section is None:
        section = next(filter(is_known_section, reversed(above)), None)
    if section is None and above and 0 <= bar == at - len(above) - 1 and is_section(above[0]):
        section = above[0]  # nothing but bar, section, date and headline
    return PageHeader(title=title, above=above, below=below, date=stated.date if stated else None, section=section)


def without_header(paragraphs: Sequence[str], header: PageHeader) -> PageText:
    """Return a text without the lines of the header that stand at its beginning, the headline among them."""
    beginning = paragraphs[:_ABOVE]
    at = next((index for index, line in enumerate(beginning) if header.title and same_title(line, header.title)), None)
    above = list(paragraphs[: at or 0])
    text = list(paragraphs[at + 1 :]) if at is not None else list(paragraphs)
    leads = [line for line in above if len(line) > _KICKER_CHARACTERS and not header.is_of(line)]
    text = [line for line in text[:_AROUND] if not header.is_of(line)] + text[_AROUND:]
    return PageText(
        title=header.title,
        paragraphs=leads + text,
        date=header.date,
        section=header.section,
        kicker=_kicker(header, above),
    )


def with_lead(text: PageText, header: PageHeader, descriptions: Sequence[str]) -> PageText:
    """Return a text with the lead that stands below the headline, if it was not taken for text.

    Args:
        text: the text.
        header: what stands around its headline.
        descriptions: what the page says in its head that it is about: the lead is the line that says so too.
    """
    if header.title is None or not text.paragraphs:
        return text
    for line in header.below[:_AROUND]:
        if line in text.paragraphs or header.is_of(line):
            continue
        if any(is_claimed(line, description) for description in descriptions):
            return replace(text, paragraphs=[line, *text.paragraphs])
    return text


def _kicker(header: PageHeader, above: Sequence[str]) -> str | None:
    """The line right above the headline, if it was taken for text or leads on to it."""
    line = header.above[-1] if header.above else ""
    if not line or len(line) > _KICKER_CHARACTERS or header.is_of(line):
        return None
    return line if line in above or line.endswith(_LEADING_ON) else None


def _last_bar(lines: Sequence[str]) -> int:
    """Where the last bar of editions stands, -1 if there is none."""
    return max((index for index, line in enumerate(lines) if is_edition_bar(line)), default=-1)
