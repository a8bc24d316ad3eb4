"""HTML as lines of text: one for each paragraph, heading, item and row of a table."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from copy import deepcopy
from functools import lru_cache
from typing import Any

__all__ = ["MarkupError", "fragment_text", "parse_html", "text_lines", "words_of"]


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


_BLOCKS = _names(
    "address|article|aside|blockquote|body|caption|center|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|"
    "footer|form|h1|h2|h3|h4|h5|h6|header|hgroup|hr|legend|li|listing|main|menu|nav|ol|option|p|pre|section|summary|table|"
    "tbody|tfoot|thead|tr|ul|"
    "item|list|quote|row"  # trafilatura's own
)
_BREAKS = _names("br|lb")
_CELLS = _names("td|th|cell")
_NO_TEXT = _names(
    "script|style|noscript|template|iframe|object|embed|applet|svg|math|canvas|audio|video|map|select|textarea|button|"
    "title|link|meta"
)
_LOOKS_MARKED_UP = re.compile(r"<[a-zA-Z/!][^<>]*>")
_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DEEPEST = 500  # elements within elements; browsers stop at 512
_CDATA, _CDATA_END = "<![CDATA[", "]]>"


class MarkupError(ValueError):
    """A document that is not read: nothing in it, or nested beyond bounds."""


@lru_cache(maxsize=1)
def _parser_class() -> Any:
    from lxml.html import HTMLParser

    return HTMLParser


def parse_html(text: str) -> Any:
    """Return the ``html`` element of a document, without comments; nothing is fetched.

    Raises:
        MarkupError: it is empty, or nested more than 500 deep.
    """
    from lxml.etree import LxmlError
    from lxml.html import document_fromstring

    # its own declaration of an encoding, wrong or not, has been heeded already
    parser = _parser_class()(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, collect_ids=False, huge_tree=True
    )
    try:
        root = document_fromstring(_without_cdata(text).encode("utf-8", "replace"), parser=parser)
    except (LxmlError, ValueError, AssertionError) as error:
        raise MarkupError(f"no HTML: {error}") from None
    root = _single_root(root)
    if _depth(root) > _DEEPEST:
        raise MarkupError(f"elements are nested more than {_DEEPEST} deep")
    _blank_odd_characters(root)
    return root


def _single_root(root: Any) -> Any:
    """One ``html`` element with all that there is: of odd markup libxml2 makes several, one beside another."""
    roots = [*reversed(list(root.itersiblings(preceding=True))), root, *root.itersiblings()]
    if len(roots) == 1:
        return root
    first, *others = roots
    for other in others:
        for child in [*other]:
            body = first.find("body")
            if child.tag == "body" and body is not None:
                _append(body, child.text or "", [*child])
                _append(first, child.tail or "", [])
            else:
                first.append(child)
        _append(first, other.text or "", [])
    return deepcopy(first)  # without the others, which are empty and still beside it


def _append(parent: Any, text: str, children: list[Any]) -> None:
    if text.strip() and len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    elif text.strip():
        parent.text = (parent.text or "") + text
    parent.extend(children)


def _depth(root: Any) -> int:
    from lxml.etree import iterwalk

    deepest = depth = 0
    for event, _ in iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def _blank_odd_characters(root: Any) -> None:
    """Make spaces of characters that HTML lets pass but lxml refuses to move from one element to another."""
    for element in root.iter():
        if element.text and _ODD.search(element.text):
            element.text = _ODD.sub(" ", element.text)
        if element.tail and _ODD.search(element.tail):
            element.tail = _ODD.sub(" ", element.tail)


def _without_cdata(text: str) -> str:
    """XHTML's CDATA sections as the text that they hold, which a parser of HTML would drop."""
    if _CDATA not in text:
        return text
    parts: list[str] = []
    position = 0
    while (start := text.find(_CDATA, position)) >= 0 and (end := text.find(_CDATA_END, start)) >= 0:
        content = text[start + len(_CDATA) : end]
        parts += (text[position:start], content if _in_script(text, start) else html.escape(content, quote=False))
        position = end + len(_CDATA_END)
    return "".join(parts) + text[position:]


def _in_script(text: str, position: int) -> bool:
    before = text[max(0, position - 200) : position].rstrip(" \t\r\n/*").lower()
    return before.endswith(">") and before[before.rfind("<") :].startswith(("<script", "<style"))


def text_lines(root: Any) -> list[str]:
    """Return what a reader sees of an element and all in it, as lines without superfluous space.

    Blocks and line breaks end a line; the cells of a row stand in one, a space between them.
    """
    lines: list[str] = []
    line: list[str] = []

    def end_line() -> None:
        if text := " ".join("".join(line).split()):
            lines.append(text)
        line.clear()

    for kind, value in _pieces(root):
        if kind == "text":
            line.append(value)
        elif kind == "break":
            end_line()
    end_line()
    return lines


def _pieces(root: Any) -> Iterator[tuple[str, str]]:
    from lxml.etree import iterwalk

    walk = iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        hidden = element is not root and (not tag or tag in _NO_TEXT)
        if tag in _BLOCKS or tag in _BREAKS or tag == "head":  # of a page, or what trafilatura calls a heading
            yield "break", ""
        elif tag in _CELLS:
            yield "text", " "
        if event == "start":
            if hidden:
                walk.skip_subtree()
            elif element.text:
                yield "text", element.text
        elif element is not root and element.tail:
            yield "text", element.tail


def fragment_text(text: str) -> str:
    """Return a piece of HTML, or of text with entities in it, as plain text, a paragraph a line.

    >>> fragment_text("<p>A &amp; B</p><p>C</p>"), fragment_text("x < y &mdash; z")
    ('A & B\\nC', 'x < y — z')
    """
    if not _LOOKS_MARKED_UP.search(text):
        return "\n".join(filter(None, (" ".join(line.split()) for line in html.unescape(text).splitlines())))
    try:
        return "\n".join(text_lines(parse_html(f"<html><body><div>{text}</div></body></html>")))
    except MarkupError:
        return ""


def words_of(element: Any) -> str:
    """Return all text of an element as one line."""
    return " ".join(text_lines(element))
