"""What stands on a news page and is no part of the article: cookie banners, links to other news, share buttons, menus.

trafilatura drops much of it by itself, but less when it is told not to lose text, as it is here. So what can be told by
its name or its wording is taken out before.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, NamedTuple

from dedup.read.editions import is_edition_bar
from dedup.read.markup import words_of
from dedup.text.calendar import fold_name

__all__ = ["mark_edition_bars", "prune"]


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


_NAMES = _names(
    "related|relateds|relatednews|cookie|cookies|cookiebar|consent|gdpr|newsletter|newsletters|breadcrumb|breadcrumbs|"
    "share|sharing|sharebar|socials|social|comments|comment|disqus|respond|recommended|recommendation|recommendations|"
    "mostread|mostviewed|trending|readmore|alsoread|tags|taglist|sidebar|advert|adverts|advertisement|promo|paywall|"
    "copyright|skiplink|printonly"
)
_NAME_PAIRS = _names(
    "most read|most viewed|read more|read also|also read|see also|site footer|site header|sign up|skip link|tag list|"
    "post tags|article tags|news tags|short link"
)
_NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_ALWAYS = "//script|//style|//noscript|//template|//iframe|//form|//nav|//footer|//aside|//dialog|//button|//svg"
_OTHER_ROLES = frozenset(("navigation", "banner", "contentinfo", "dialog", "complementary", "search"))
_NEVER = frozenset(("html", "body", "main", "article", "h1"))
_SMALL = 1000  # characters, and elements
_MOST_OF_PAGE = 0.4
_LABEL_CHARACTERS, _LINK_CHARACTERS = 40, 300
_MOSTLY_LINK = 0.6
_OTHER_NEWS = tuple(
    sorted(
        map(
            fold_name,
            _names(
                "read more|read also|also read|see also|related|more on this|more from|you may also like|don't miss|"
                "most read|recommended|"
                "بیشتر بخوانید|بخوانید|همچنین بخوانید|مطالب مرتبط|اخبار مرتبط|خبرهای مرتبط|در همین رابطه|مرتبط|"
                "در همین زمینه|پربازدیدترین|پربیننده‌ترین|خبرهای دیگر|بیشتر بدانید|مطالب پیشنهادی|"
                "اقرأ أيضا|اقرأ أيضًا|إقرأ أيضا|اقرأ المزيد|إقرأ المزيد|أخبار ذات صلة|موضوعات ذات صلة|مواضيع ذات صلة|"
                "ذات صلة|الأكثر قراءة|شاهد أيضا|للمزيد|"
                "ilgili haber|ilgili haberler|ayrıca okuyun|bunlar da ilginizi çekebilir|benzer haberler|devamını oku|"
                "en çok okunanlar|öne çıkanlar|daha fazla"
            ),
        )
    )
)


def mark_edition_bars(root: Any) -> None:
    """Make each bar of language editions, which is a list or a table of links, one paragraph, in place."""
    sizes = _sizes(root)
    for element in root.xpath("//ul|//ol|//nav|//div|//p|//table|//tr|//header|//section"):
        if not sizes[element].is_small():
            continue
        text = " ".join(" ".join(element.itertext()).split())
        if len(element) and is_edition_bar(text):
            tail = element.tail
            element.clear()
            element.tag, element.text, element.tail = "p", text, tail


def prune(root: Any) -> None:
    """Take out of a page, in place, what is certainly no part of the article; never what holds most of its text."""
    for element in root.xpath(_ALWAYS):
        if element.tag != "form" or not element.xpath("(.//h1|.//p)[1]"):  # old sites wrap the whole page in a form
            _drop(element)
    sizes = _sizes(root)
    most = _MOST_OF_PAGE * sizes[root].characters
    for element in root.xpath("//*[@class or @id or @hidden or @style or @role]"):
        if element.tag in _NEVER or sizes[element].characters > most or sizes[element].headings:
            continue
        if _is_off(element) or _is_named_so(element):
            _drop(element)
    sizes = _sizes(root)
    for element in root.xpath("//p|//div|//li|//h2|//h3|//h4|//h5|//h6|//strong|//b|//section"):
        if sizes[element].is_small() and element.getparent() is not None:
            _drop_if_other_news(element)


class _Size(NamedTuple):
    """How much there is in an element."""

    characters: int
    elements: int
    headings: int
    """Of the first level."""

    def is_small(self) -> bool:
        return self.characters <= _SMALL and self.elements <= _SMALL


def _sizes(root: Any) -> dict[Any, _Size]:
    """The size of every element, found in one walk, since elements can lie within elements five hundred deep."""
    sizes: dict[Any, _Size] = {}
    for element in reversed(list(root.iter())):  # what is within an element comes after it
        inner = [sizes[child] for child in element]
        tails = sum(len(child.tail or "") for child in element)
        sizes[element] = _Size(
            characters=len(element.text or "") + tails + sum(size.characters for size in inner),
            elements=1 + sum(size.elements for size in inner),
            headings=(element.tag == "h1") + sum(size.headings for size in inner),
        )
    return sizes


def _is_off(element: Any) -> bool:
    hidden = element.get("hidden") is not None or "display:none" in element.get("style", "").replace(" ", "")
    return hidden or element.get("role") in _OTHER_ROLES


def _is_named_so(element: Any) -> bool:
    for name in f"{element.get('class', '')} {element.get('id', '')}".split()[:20]:
        parts = [part.lower() for part in _NAME_PARTS.findall(name[:80])]
        if _NAMES.intersection(parts) or _NAME_PAIRS.intersection(map(" ".join, pairwise(parts))):
            return True
    return False


def _drop_if_other_news(element: Any) -> None:
    """A line such as "Read more: ..." that is a link, or such a heading with the links below it."""
    text = words_of(element)
    if not fold_name(text[: 2 * _LABEL_CHARACTERS]).startswith(_OTHER_NEWS):
        return
    if _share_of_links(element, text) >= _MOSTLY_LINK and len(text) <= _LINK_CHARACTERS:
        _drop(element)
    elif len(text) <= _LABEL_CHARACTERS and fold_name(text) in _OTHER_NEWS:
        following = element.getnext()
        while following is not None and _share_of_links(following, words_of(following)) >= _MOSTLY_LINK:
            links, following = following, following.getnext()
            _drop(links)
        _drop(element)


def _share_of_links(element: Any, text: str) -> float:
    links = [element] if element.tag == "a" else element.iter("a")
    return sum(len(words_of(link)) for link in links) / len(text) if text else 0.0


def _drop(element: Any) -> None:
    if element.getparent() is not None:
        element.drop_tree()
