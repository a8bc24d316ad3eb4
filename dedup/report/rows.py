"""A run as plain rows: what the page knows of stories, articles and pairs before anything is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dedup.story import Member, Story, headline_of

if TYPE_CHECKING:
    from dedup.article import Article

__all__ = ["article_rows", "safe_url", "story_rows"]

_LONGEST_TITLE = 400
_LONGEST_NAME = 120
_LONGEST_URL = 2_000
_ELLIPSIS = "…"


def article_rows(stories: Sequence[Story], places: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the articles in the order of ``places``, each with its place in its story.

    Args:
        stories: All of the run.
        places: Of the articles, by their ids: 0 to their number.
    """
    rows: list[dict[str, Any]] = [{} for _ in places]
    for number, story in enumerate(stories):
        for member in story.members:
            rows[places[member.article.id]] = _article_row(member, number, places)
    return rows


def story_rows(stories: Sequence[Story], places: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the stories in their order, articles as places in ``article_rows``."""
    return [
        {
            "id": story.id,
            "articles": [places[article.id] for article in story.articles],
            "representative": places[story.representative.id],
        }
        for story in stories
    ]


def _article_row(member: Member, story: int, places: Mapping[str, int]) -> dict[str, Any]:
    article = member.article
    row: dict[str, Any] = {
        "id": article.id,
        "title": cut(headline_of(article), _LONGEST_TITLE),
        "untitled": not article.title,
        "language": article.language,
        "edition": _name(article.edition),
        "published": article.published.isoformat() if article.published else None,
        "time": _milliseconds(article.published),
        "url": safe_url(article.url),
        "story": story,
        "probability": member.probability,
        "relation": member.relation,
        "of": places.get(member.of) if member.of is not None else None,
        "relationProbability": member.relation_probability,
        **_known(article),
    }
    return {name: value for name, value in row.items() if value is not None and value is not False}


def _known(article: Article) -> dict[str, str | None]:
    return {"section": _name(article.section), "city": _name(article.city), "agency": _name(article.agency)}


def _name(name: str | None) -> str | None:
    return cut(name, _LONGEST_NAME) if name else None


def cut(text: str, longest: int) -> str:
    """Return ``text``, with an ellipsis at its end where it is longer than ``longest``."""
    return text if len(text) <= longest else text[: longest - 1] + _ELLIPSIS


def _milliseconds(time: datetime | None) -> int | None:
    return round(time.timestamp() * 1000) if time else None


def safe_url(url: str | None) -> str | None:
    """Return an address that a page may link to, or None: http or https with a host, and nothing that hides.

    >>> [safe_url(url) for url in ("https://example.org/a", "javascript:alert(1)", "//example.org", None)]
    ['https://example.org/a', None, None, None]
    """
    if not url or len(url) > _LONGEST_URL or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and host and "@" not in parts.netloc else None
