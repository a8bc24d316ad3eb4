"""An article of a store as its row has it, and back."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from dedup.article import Article
from dedup.errors import InputError

__all__ = ["article_from_record", "article_to_record", "is_text"]

_FIELDS = ("id", "title", "body", "language", "language_confidence", "url", "edition", "section", "city", "agency")


def article_to_record(article: Article) -> str:
    """Return an article as JSON, all in ASCII: half a surrogate pair is no text to SQLite.

    Raises:
        InputError: a field of ``extra`` holds what JSON cannot.
    """
    record: dict[str, Any] = {name: getattr(article, name) for name in _FIELDS}
    record["published"] = article.published.isoformat() if article.published else None
    record["extra"] = dict(article.extra)
    try:
        return json.dumps(record, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise InputError(f"the article {article.id!r} has a field that JSON cannot hold: {error}") from error


def article_from_record(record: str) -> Article:
    """Return the article that ``article_to_record`` made ``record`` of."""
    fields = json.loads(record)
    published = fields.pop("published")
    return Article(published=datetime.fromisoformat(published) if published else None, **fields)


def is_text(value: str) -> bool:
    """Tell whether a string can be stored as text: half a surrogate pair cannot."""
    return value == value.encode("utf-8", "replace").decode("utf-8")
