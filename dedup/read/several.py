"""Pages that hold more than one article, each whole, as live pages and blogs do."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from dedup.read.markup import words_of

__all__ = ["alone", "several_articles"]

_LEAST_PARAGRAPHS = 2
_LEAST_PARAGRAPH = 40  # characters; in a teaser the only other line is "read more"
_LEAST_TEXT = 120
_LEAST_SHARE = 0.15  # of the longest of them
_HEADINGS = ".//h1|.//h2|.//h3"


def several_articles(root: Any) -> list[Any]:
    """Return the ``article`` elements of a page that hold each a heading and a full text, if there are two or more.

    Cards with a headline and a teaser are not counted, nor are articles within articles: comments are marked up so.
    """
    outermost = root.xpath("//article[not(ancestor::article or ancestor::aside or ancestor::nav or ancestor::footer)]")
    if len(outermost) < 2:
        return []
    sizes = [(element, _size(element)) for element in outermost]
    longest = max(size for _, size in sizes)
    full = [element for element, size in sizes if size >= max(1, _LEAST_SHARE * longest) and element.xpath(_HEADINGS)]
    return full if len(full) > 1 else []


def _size(element: Any) -> int:
    """Characters of the paragraphs of a full article; 0 for a card."""
    sizes = []
    for paragraph in element.iter("p"):
        text = len(words_of(paragraph))
        links = sum(len(words_of(link)) for link in paragraph.iter("a"))
        if text - links >= _LEAST_PARAGRAPH:
            sizes.append(text)
    return sum(sizes) if len(sizes) >= _LEAST_PARAGRAPHS and sum(sizes) >= _LEAST_TEXT else 0


def alone(article: Any) -> Any:
    """Return a page that holds nothing but a copy of an article."""
    from lxml.html import Element

    page, body = Element("html"), Element("body")
    page.append(body)
    copy = deepcopy(article)
    copy.tail = None
    body.append(copy)
    return page
