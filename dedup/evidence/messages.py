"""What a run and its worker processes tell each other: lines of JSON, nothing else.

A run says once what the workers need to know, then sends chunks of articles; for each a worker answers with their
contents. Only what is read of an article is sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from dedup.article import Article
from dedup.evidence.background import Background
from dedup.evidence.content import Content, ContentReader
from dedup.evidence.evidence_json import evidence_from_json, evidence_to_json
from dedup.text.passage import read_part

__all__ = ["articles_line", "contents_line", "parse_articles", "parse_contents", "parse_start", "start_line"]


def start_line(background: Background, max_sentences: int) -> bytes:
    """Return what is said first."""
    return _line([max_sentences, dict(background.documents), {k: dict(v) for k, v in background.frequencies.items()}])


def parse_start(line: bytes) -> ContentReader:
    """Return the reader that ``start_line`` asks for."""
    max_sentences, documents, frequencies = _parse(line)
    return ContentReader(Background(documents=documents, frequencies=frequencies), max_sentences)


def articles_line(articles: Iterable[Article], max_sentences: int) -> bytes:
    """Return a chunk of articles, as far as they are read."""
    return _line(
        [
            (
                *read_part(article, max_sentences),
                article.language,
                article.language_confidence,
                article.edition,
                article.published.isoformat() if article.published else None,
            )
            for article in articles
        ]
    )


def parse_articles(line: bytes) -> list[Article]:
    """Return the articles of ``articles_line``, without what takes no part in their content."""
    return [
        Article(
            id="",
            title=title,
            body=body,
            language=language,
            language_confidence=confidence,
            edition=edition,
            published=datetime.fromisoformat(published) if published else None,
        )
        for title, body, language, confidence, edition, published in _parse(line)
    ]


def contents_line(contents: Iterable[Content]) -> bytes:
    """Return the answer to a chunk."""
    return _line(
        [
            (one.language, one.language_confidence, one.sentences, one.cut, evidence_to_json(one.evidence), one.copies)
            for one in contents
        ]
    )


def parse_contents(line: bytes) -> Sequence[Content]:
    """Return the contents of ``contents_line``.

    Raises:
        ValueError: it is no such line.
    """
    try:
        return [
            Content(
                language=language,
                language_confidence=confidence,
                sentences=sentences,
                cut=cut,
                evidence=evidence_from_json(evidence),
                copies=tuple(copies),
            )
            for language, confidence, sentences, cut, evidence, copies in _parse(line)
        ]
    except TypeError as error:
        raise ValueError(f"no contents of articles: {error}") from error


def _line(document: Any) -> bytes:
    # surrogatepass: JSON would make one character of two halves that stand beside each other
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def _parse(line: bytes) -> Any:
    return json.loads(line.decode("utf-8", "surrogatepass"))
