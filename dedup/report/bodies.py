"""Bodies of articles, cut to a bound, and where their sentences stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dedup.report.sentence_spans import sentence_spans

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.report.options import ReportOptions

__all__ = ["body_bound", "body_rows"]

_LEAST = 200
"""Characters that a body keeps however many articles there are."""


def body_bound(articles: Sequence[Article], options: ReportOptions) -> int:
    """Return how many characters a body may have, so that all together keep to their bound."""
    longest = options.body_characters
    if sum(min(longest, len(article.body)) for article in articles) <= options.all_characters:
        return longest
    return max(min(_LEAST, longest), options.all_characters // len(articles))


def body_rows(articles: Sequence[Article], sentences: Mapping[int, Sequence[str]], bound: int) -> list[list[Any]]:
    """Return for each article its body, how many characters were cut off, and the spans of its sentences if known.

    Args:
        articles: In the order of their places.
        sentences: What was read of an article, by its place.
        bound: See ``body_bound``.
    """
    rows = []
    for place, article in enumerate(articles):
        body = _cut(article.body, bound)
        row: list[Any] = [body, len(article.body) - len(body)]
        if place in sentences:
            row.append(sentence_spans(article.title, body, sentences[place]))
        rows.append(row)
    return rows


def _cut(body: str, bound: int) -> str:
    if len(body) <= bound:
        return body
    kept = body[:bound]
    end = max(kept.rfind(" "), kept.rfind("\n"))
    return kept[:end] if end > bound // 2 else kept
