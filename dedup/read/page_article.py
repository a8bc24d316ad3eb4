"""From a parsed web page to the fields of its articles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any
from urllib.parse import urlsplit

from dedup.article import UNDETERMINED
from dedup.read.boilerplate import mark_edition_bars, prune
from dedup.read.editions import choose_language, zone_of_edition
from dedup.read.json_ld import LinkedArticle, linked_articles
from dedup.read.main_text import main_lines
from dedup.read.markup import text_lines, words_of
from dedup.read.page import cut_dateline
from dedup.read.page_header import PageText, read_header, unclaimed_title, with_lead, without_header
from dedup.read.page_metadata import PageMetadata, absolute_url, page_metadata, stated_times
from dedup.read.several import alone, several_articles
from dedup.read.titles import TitleClaims, choose_title, same_title
from dedup.text.calendar import parse_datetime

__all__ = ["Fetched", "PageArticle", "articles_of"]

_MUCH_LONGER = 1.15  # times: JSON-LD's text is taken where the page shows less, as behind a paywall


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What an archive knows of a page."""

    address: str | None = None
    time: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageArticle:
    """One article of a page."""

    line: int
    values: dict[str, Any]
    """By our own field names; what is not known is left out."""
    timezone: tzinfo | None
    """Of its edition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """The part of a page that is one article, and what is said about it."""

    root: Any
    """A page of its own, without boilerplate; None where there is only JSON-LD."""
    line: int
    linked: LinkedArticle | None
    metadata: PageMetadata
    window: str | None = None


def articles_of(root: Any, *, text: str, fetched: Fetched) -> Iterator[PageArticle]:
    """Yield the articles of a page.

    Args:
        root: the page, parsed; changed.
        text: the page, before it was parsed.
        fetched: what is known of it from elsewhere.
    """
    for scope in _scopes(root, text, fetched.address):
        yield _article(scope, fetched)


def _scopes(root: Any, text: str, address: str | None) -> Iterator[_Scope]:
    metadata = page_metadata(root, text=text, address=address)
    linked = linked_articles(root)
    window = next((words_of(title) for title in root.xpath("//head/title|//title")), None)
    if elements := several_articles(root):
        for element in elements:
            yield _part(element, linked, metadata)
    elif len(whole := _different([article for article in linked if article.body])) > 1:
        common = replace(metadata, found={name: metadata.found.get(name, []) for name in ("edition", "language")})
        for article in whole:
            yield _Scope(root=None, line=article.line, linked=article, metadata=common)
    else:
        mark_edition_bars(root)
        headings = [words_of(heading) for heading in root.iter("h1")]
        prune(root)
        main = _main(linked, metadata, headings)
        yield _Scope(root=root, line=1, linked=main, metadata=metadata, window=window)


def _part(element: Any, linked: Sequence[LinkedArticle], metadata: PageMetadata) -> _Scope:
    """One of several articles of a page: of the page's own facts only those hold that are about the site."""
    page = alone(element)
    (first, *_) = page.xpath("//h1|//h2|//h3")
    prune(page)
    heading = next(iter(page.xpath("//h1|//h2|//h3")), first)  # it may stand in what is pruned
    title = words_of(heading)
    languages = [value for name in ("lang", "xml:lang") if (value := element.get(name))]
    links = [absolute_url(link, metadata.base) for link in heading.xpath(".//@href|ancestor::a/@href")]
    found = {
        "edition": metadata.found.get("edition", []),
        "language": [*languages, *metadata.found["language"]],
        "published": stated_times(page),
        "url": [link for link in links if link],
        "title": [title],
    }
    same = next((article for article in linked if same_title(article.title or "", title)), None)
    return _Scope(root=page, line=element.sourceline or 1, linked=same, metadata=replace(metadata, found=found))


def _different(articles: Sequence[LinkedArticle]) -> list[LinkedArticle]:
    return list({article.body: article for article in reversed(articles)}.values())[::-1]


def _main(linked: Sequence[LinkedArticle], metadata: PageMetadata, headings: Sequence[str]) -> LinkedArticle | None:
    """Which of the articles in JSON-LD the page is; the others are those that it links to."""
    titles = [*headings, *metadata.found.get("title", ())]
    for article in linked:
        if article.url and article.url in metadata.found["url"]:
            return article
    for article in linked:
        if any(same_title(article.title or "", title) for title in titles):
            return article
    return linked[0] if len(linked) == 1 else None


def _article(scope: _Scope, fetched: Fetched) -> PageArticle:
    linked, metadata = scope.linked or LinkedArticle(line=scope.line), scope.metadata
    text = _text_of(scope, linked)
    body = "\n".join(text.paragraphs)
    language = choose_language(
        f"{text.title or ''}\n{body}",
        stated=[linked.language, *metadata.found.get("language", ())],
        date_line=text.date,
    )
    dateline = cut_dateline(text.paragraphs, language)
    url = (linked.url and absolute_url(linked.url, metadata.base)) or None
    url = metadata.first("url") or url
    values = {
        "title": text.title,
        "body": "\n".join(text.paragraphs),
        "language": language if language != UNDETERMINED else None,
        "published": _published([linked.published, *metadata.found.get("published", ()), text.date], fetched),
        "url": url,
        "edition": linked.edition or metadata.first("edition") or _host(url),
        "section": linked.section or metadata.first("section") or text.section,
        "city": dateline.city if dateline else None,
        "agency": dateline.agency if dateline else None,
        "dateline": dateline.text if dateline else None,
        "kicker": text.kicker,
        "author": linked.author or metadata.first("author"),
        "updated": linked.updated or metadata.first("updated"),
        "retrieved": fetched.time,
    }
    known = {name: value for name, value in values.items() if value is not None}
    return PageArticle(line=scope.line, values=known, timezone=zone_of_edition(language))


def _published(candidates: Sequence[str | None], fetched: Fetched) -> str | None:
    """The first that is a time; else the first, to be told of; else when the page was fetched, since it was there."""
    stated = [candidate for candidate in candidates if candidate]
    for candidate in stated:
        if parse_datetime(candidate, timezone=None) is not None:
            return candidate
    return stated[0] if stated else fetched.time


def _host(url: str | None) -> str | None:
    return (urlsplit(url).hostname or "").removeprefix("www.") or None if url else None


def _text_of(scope: _Scope, linked: LinkedArticle) -> PageText:
    if scope.root is None:
        return PageText(title=linked.title, paragraphs=linked.body.split("\n"))
    lines = text_lines(scope.root)
    claims = TitleClaims(
        linked=linked.title,
        meta=scope.metadata.found.get("title", ()),
        window=scope.window,
        headings=[words_of(heading) for heading in scope.root.iter("h1")],
        lines=lines,
        site=linked.edition or scope.metadata.first("edition"),
    )
    title = choose_title(claims) or unclaimed_title(lines, scope.window)
    header = read_header(lines, title)
    main = main_lines(scope.root)
    if len(linked.body) > _MUCH_LONGER * sum(map(len, main)):
        main = linked.body.split("\n")
    return with_lead(without_header(main or header.below, header), header, scope.metadata.found.get("description", ()))
