"""The articles that a page describes in JSON-LD, schema.org's vocabulary, as search engines ask for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dedup.read.markup import fragment_text

__all__ = ["LinkedArticle", "linked_articles"]

_TYPES = frozenset(("article", "report", "blogposting", "liveblogposting", "socialmediaposting"))
_HOLDERS = ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item")
_MOST_NODES = 2000
_MOST_SCRIPTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedArticle:
    """One node of an article's type; what it does not say is None or empty."""

    line: int
    """Of its script in the page."""
    title: str | None = None
    body: str = ""
    published: str | None = None
    updated: str | None = None
    url: str | None = None
    language: str | None = None
    edition: str | None = None
    section: str | None = None
    author: str | None = None


def linked_articles(root: Any) -> list[LinkedArticle]:
    """Return the articles of a page's scripts in their order; what is no JSON is passed over."""
    articles = []
    for script in root.xpath("//script[contains(@type, 'ld+json')]")[:_MOST_SCRIPTS]:
        articles += [_article(node, script.sourceline or 1) for node in _nodes(_load(script.text or "")) if _is(node)]
    return articles


def _load(text: str) -> Any:
    text = text.strip().removeprefix("//").strip().removeprefix("<![CDATA[").removeprefix("<!--").strip()
    text = text.removesuffix("-->").removesuffix("]]>").rstrip("/ \n\t").rstrip(";")
    try:
        return json.loads(text, strict=False)  # line breaks within strings are common
    except (ValueError, RecursionError):
        return None


def _nodes(value: Any) -> Iterator[Mapping[str, Any]]:
    """Objects in the order of the document: those listed, and those that hold what the page is about."""
    waiting = [value]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        value = waiting.pop(0)
        if isinstance(value, list):
            waiting[:0] = value[:_MOST_NODES]
        elif isinstance(value, dict):
            yield value
            waiting[:0] = [value[key] for key in _HOLDERS if isinstance(value.get(key), (dict, list))]


def _is(node: Mapping[str, Any]) -> bool:
    kinds = node.get("@type")
    names = [kinds] if isinstance(kinds, str) else kinds if isinstance(kinds, list) else []
    short = [str(name).rstrip("/").rpartition("/")[2].rpartition(":")[2].lower() for name in names]
    return any(name in _TYPES or name.endswith("article") for name in short)


def _article(node: Mapping[str, Any], line: int) -> LinkedArticle:
    return LinkedArticle(
        line=line,
        title=_text(node.get("headline")) or _text(node.get("name")),
        body=fragment_text(body) if isinstance(body := node.get("articleBody"), str) else "",
        published=_text(node.get("datePublished")) or _text(node.get("dateCreated")),
        updated=_text(node.get("dateModified")),
        url=_text(node.get("url")) or _text(node.get("mainEntityOfPage"), "@id"),
        language=_text(node.get("inLanguage"), "alternateName", "name"),
        edition=_text(node.get("publisher"), "name") or _text(node.get("sourceOrganization"), "name"),
        section=_text(node.get("articleSection")),
        author=_text(node.get("author"), "name") or _text(node.get("creator"), "name"),
    )


def _text(value: Any, *keys: str) -> str | None:
    """The text of a value, of what it calls by the first of ``keys``, or of the first of a list; several names, all."""
    if isinstance(value, list):
        texts = [text for each in value[:20] if not isinstance(each, list) and (text := _text(each, *keys))]
        return (", ".join(texts) if keys else texts[0]) if texts else None
    if isinstance(value, dict):
        return next((text for key in (*keys, "@value") if (text := _text(value.get(key)))), None)
    return " ".join(fragment_text(value).split()) or None if isinstance(value, str) else None
