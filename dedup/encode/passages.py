"""The sentences that are read of articles, and their vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dedup.article import Article
from dedup.encode.vectors import HalfVectors, encode_sentences
from dedup.text.passage import article_sentences

if TYPE_CHECKING:
    from dedup.encode.base import Encoder
    from dedup.encode.vectors import VectorCache

__all__ = ["encode_articles"]


def encode_articles(
    articles: Sequence[Article],
    encoder: Encoder,
    *,
    max_sentences: int,
    cache: VectorCache | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[list[list[str]], HalfVectors]:
    """Return the sentences of each article, and the vectors of all of them, one article after the other.

    Args:
        articles: Their languages known.
        encoder: The model.
        max_sentences: Sentences read of each.
        cache: Vectors on disk.
        progress: Called with the distinct sentences encoded since its last call.
    """
    passages = [article_sentences(article, max_sentences) for article in articles]
    sentences = [sentence for passage in passages for sentence in passage]
    return passages, encode_sentences(sentences, encoder, cache, progress=progress)
