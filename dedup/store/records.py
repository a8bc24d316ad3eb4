"""An article of a store as its row has it, and back."""

from __future__ import annotations

import json
import zlib
from datetime import datetime
from typing import Any

from dedup.article import Article
from dedup.errors import InputError
from dedup.evidence.evidence_json import evidence_from_json, evidence_to_json
from dedup.evidence.extraction import ArticleEvidence

__all__ = ["article_from_record", "article_to_record", "pack_evidence", "unpack_evidence"]

_FIELDS = ("id", "title", "body", "language", "language_confidence", "url", "edition", "section", "city", "agency")
# Of evidence little is said twice: a higher level takes longer and saves nothing.
_COMPRESSION = 1


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


def pack_evidence(evidence: ArticleEvidence) -> bytes:
    """Return evidence as compressed JSON."""
    return zlib.compress(json.dumps(evidence_to_json(evidence), separators=(",", ":")).encode(), _COMPRESSION)


def unpack_evidence(packed: bytes) -> ArticleEvidence:
    """Return the evidence that ``pack_evidence`` packed."""
    return evidence_from_json(json.loads(zlib.decompress(packed)))
