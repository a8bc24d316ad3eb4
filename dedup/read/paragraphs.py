"""Text of marked-up bodies, HTML, XHTML and NITF, one paragraph a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape
from xml.etree.ElementTree import Element  # nothing is parsed with it: only a tree to walk

from dedup.errors import RecordError
from dedup.read.markup import MarkupError, parse_html, text_lines
from dedup.read.packages import require_packages
from dedup.read.record import clean_text

__all__ = ["element_text", "html_text", "line_text", "line_texts", "plain_text"]

_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav", "ol",
    "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
    # NITF's own
    "block", "body.content", "bq", "credit", "hl1", "hl2", "lead", "note", "tagline",
))  # fmt: skip
"""Elements before and after which a paragraph ends."""
_APART = frozenset(("br", "byttl", "story.date"))
"""Elements of a line that stand apart from what is before them: a by-line's title, a dateline's date."""
_CELLS = frozenset(("td", "th"))
_DROPPED = frozenset((
    "audio", "canvas", "figure", "head", "iframe", "img", "media", "noscript", "object", "script", "style", "svg",
    "template", "textarea", "title", "video",
))  # fmt: skip
"""Elements whose text is none of the article's: code, and pictures with their captions."""
_SPACE = re.compile(r"\s+")


class _Paragraphs:
    """Collects text between tags as paragraphs."""

    def __init__(self) -> None:
        self._paragraphs: list[str] = []
        self._pieces: list[str] = []
        self._dropped = 0  # how many elements deep in one that is left out

    def start(self, tag: str) -> None:
        """Take the start of an element."""
        if self._dropped or tag in _DROPPED:
            self._dropped += 1
        elif tag in _BLOCKS:
            self._break()
        elif tag in _CELLS:
            self._pieces.append(" ")

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if self._dropped:
            self._dropped -= 1
        elif tag in _BLOCKS:
            self._break()

    def data(self, text: str) -> None:
        """Take text."""
        if not self._dropped:
            self._pieces.append(text)

    def close(self) -> str:
        """Return the paragraphs, one a line."""
        self._break()
        return "\n".join(self._paragraphs)

    def _break(self) -> None:
        paragraph = _SPACE.sub(" ", "".join(self._pieces)).strip()
        if paragraph:
            self._paragraphs.append(paragraph)
        self._pieces.clear()


def element_text(element: Element | None) -> str:
    """Return the text of an element that an XML reader has built, one paragraph a line; empty for None."""
    builder = _Paragraphs()
    if element is not None:
        _walk(element, builder)
    return builder.close()


def _walk(element: Element, builder: _Paragraphs) -> None:
    """As deep as the reader lets elements be."""
    builder.start(element.tag)
    builder.data(element.text or "")
    for child in element:
        _walk(child, builder)
        builder.data(child.tail or "")
    builder.end(element.tag)


def line_text(element: Element | None) -> str:
    """Return the text of an element that is a single line, such as a headline; empty for None."""
    return "" if element is None else " ".join("".join(_pieces(element)).split())


def line_texts(elements: Iterable[Element]) -> list[str]:
    """Return the texts of elements that have one, each a line."""
    return [text for each in elements if (text := line_text(each))]


def _pieces(element: Element) -> Iterator[str]:
    if element.tag in _APART:
        yield " "
    yield element.text or ""
    for child in element:
        yield from _pieces(child)
        yield child.tail or ""


def html_text(markup: str, *, name: str) -> str:
    """Return the text of HTML or XHTML, whole or a fragment, well-formed or not, one paragraph a line.

    Args:
        markup: nothing that it refers to is loaded.
        name: of the field, for messages.

    Raises:
        MissingPackageError: lxml is not installed.
        RecordError: the markup holds a NUL or a lone surrogate, or is nested too deeply.
    """
    markup = clean_text(markup, name=name)
    if "<" not in markup:
        return plain_text(unescape(markup))
    require_packages(("lxml.html",), kind=f"bodies in HTML ({name})")
    try:
        root = parse_html(f"<html><body>{markup}</body></html>")
    except MarkupError as error:
        raise RecordError(f"{name} cannot be read as HTML: {error}") from None
    for figure in list(root.iter("figure")):
        figure.drop_tree()
    return "\n".join(text_lines(root))


def plain_text(text: str) -> str:
    """Return lines without space around them; blank ones are left out.

    >>> plain_text("  one\\n\\n\\ttwo ")
    'one\\ntwo'
    """
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())
