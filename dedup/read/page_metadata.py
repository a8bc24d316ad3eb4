"""What a web page says about itself in its head: OpenGraph, ``meta``, ``link``, ``time`` and ``lang``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from dedup.read.markup import words_of

__all__ = ["PageMetadata", "absolute_url", "page_metadata", "stated_times"]

_META: Mapping[str, tuple[str, ...]] = {
    "title": ("og:title", "twitter:title", "dc.title", "dcterms.title", "parsely-title", "sailthru.title", "headline"),
    "description": ("og:description", "description", "twitter:description", "dc.description"),
    "published": (
        "article:published_time",
        "og:published_time",
        "datepublished",
        "article:published",
        "parsely-pub-date",
        "sailthru.date",
        "publishdate",
        "publish-date",
        "publish_date",
        "pubdate",
        "publication_date",
        "dc.date.issued",
        "dcterms.issued",
        "dcterms.created",
        "dc.date",
        "dcterms.date",
        "cxenseparse:recs:publishtime",
        "date",
        "datecreated",
    ),
    "updated": ("article:modified_time", "og:updated_time", "datemodified", "lastmod", "dcterms.modified"),
    "edition": ("og:site_name", "article:publisher_name", "dc.publisher", "dcterms.publisher", "application-name"),
    "section": ("article:section", "og:article:section", "articlesection", "parsely-section", "section", "dc.subject"),
    "author": ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author"),
    "url": ("og:url", "twitter:url", "parsely-link"),
    "language": ("content-language", "dc.language", "inlanguage", "og:locale", "language"),
}
_FIELD_OF = {name: (ours, rank) for ours, names in _META.items() for rank, name in enumerate(names)}
_SAVED_FROM = re.compile(
    r"saved (?:from url=\(\d{1,6}\)|with SingleFile\s{1,9}url:\s{0,9})(https?://[^\s<>\"']{1,2000})"
)
_HEAD = 4096  # characters in which a browser notes whence it saved a page


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMetadata:
    """What a page says about itself, best first."""

    base: str | None = None
    """The address to which relative ones are relative."""
    found: Mapping[str, list[str]] = field(default_factory=dict)

    def first(self, name: str) -> str | None:
        """Return the best value of a field."""
        return next(iter(self.found.get(name, ())), None)


def page_metadata(root: Any, *, text: str, address: str | None = None) -> PageMetadata:
    """Return what is said in a page's head, and in its ``time`` elements and microdata.

    Args:
        root: the page, parsed.
        text: the page, before it was parsed: a browser that saved it notes its address in a comment.
        address: from which the page was fetched, if that is known.
    """
    ranked: dict[str, list[tuple[int, str]]] = {}
    for name, value in _meta(root):
        if (place := _FIELD_OF.get(name)) and value:
            ranked.setdefault(place[0], []).append((place[1], value))
    found = {name: [value for _, value in sorted(values, key=lambda pair: pair[0])] for name, values in ranked.items()}
    saved = _SAVED_FROM.search(text[:_HEAD])
    known = next((one for one in (address, saved[1] if saved else None) if one and _can_be_taken_apart(one)), None)
    canonical = root.xpath("//link[contains(concat(' ', translate(@rel, 'CAN', 'can'), ' '), ' canonical ')]/@href")
    stated = [url for link in (*canonical, *found.get("url", ())) if (url := absolute_url(link, known))]
    # a canonical address that is no more than the site's says nothing of the page
    found["url"] = sorted(stated + ([known] if known else []), key=lambda url: urlsplit(url).path in ("", "/"))
    base = next(filter(None, (absolute_url(href, known) for href in root.xpath("//base/@href"))), None)
    base = base or known or next(iter(stated), None)
    found["language"] = [*_stated_languages(root), *found.get("language", ())]
    found["published"] = [*found.get("published", ()), *stated_times(root)]
    return PageMetadata(base=base, found=found)


def absolute_url(url: str, base: str | None) -> str | None:
    """Return an address of the web in full, None where it is none."""
    try:
        full = urljoin(base or "", url.strip())
        parts = urlsplit(full)
    except ValueError:
        return None
    return full if parts.scheme in ("http", "https") and parts.hostname else None


def _can_be_taken_apart(url: str) -> bool:
    try:
        urlsplit(url)
    except ValueError:  # brackets that hold no address of IPv6
        return False
    return True


def _meta(root: Any) -> Iterator[tuple[str, str]]:
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        if name and (content := " ".join((element.get("content") or "").split())):
            name = name.strip().lower()
            if name in _META["author"] and content.startswith(("http://", "https://")):
                continue  # OpenGraph's authors are addresses of profiles
            yield name, content


def _stated_languages(root: Any) -> Iterator[str]:
    for element in [root, *root.xpath("//body[@lang]"), *root.xpath("//article[@lang]")[:1]]:
        for name in ("lang", "xml:lang", "{http://www.w3.org/XML/1998/namespace}lang"):
            if value := (element.get(name) or "").strip():
                yield value


def stated_times(root: Any) -> list[str]:
    """Return a page's machine-readable times: those marked as of publication, then the first ``time`` there is."""
    return list(_times(root))


def _times(root: Any) -> Iterator[str]:
    marked = "//*[@itemprop='datePublished' or @pubdate or contains(@class, 'published')]"
    for element in [*root.xpath(marked)[:5], *root.xpath("//article//time")[:1], *root.xpath("//time")[:1]]:
        if value := element.get("datetime") or element.get("content") or words_of(element):
            yield value
