"""What of an article is read: its headline and the first sentences of its body."""

from __future__ import annotations

from typing import NamedTuple

from dedup.article import Article, primary_language
from dedup.text.normalise import fold_arabic_letters, fold_persian_letters, normalise_text
from dedup.text.sentences import split_sentences

__all__ = ["Passage", "article_sentences", "clean_text", "exceeds_reading", "read_part", "read_passage"]

# A sentence has 150 characters on average; what is cut off beyond this could not be among the first sentences.
_CHARACTERS_PER_SENTENCE = 1_500


class Passage(NamedTuple):
    """What is read of an article."""

    sentences: list[str]
    """At least one, the headline first, cleaned, each once."""
    cut: bool
    """Whether ``read_part`` of the article has more."""


def clean_text(text: str, language: str) -> str:
    """Return ``text`` normalised for its language."""
    text = normalise_text(text)
    primary = primary_language(language)
    if primary == "ar":
        return fold_arabic_letters(text)
    return fold_persian_letters(text) if primary == "fa" else text


def article_sentences(article: Article, limit: int) -> list[str]:
    """Return at most ``limit`` sentences of ``article``, the headline first, cleaned, each once.

    A headline counts as one sentence. A body that opens by repeating the headline gives it once.
    """
    return read_passage(article, limit).sentences


def read_passage(article: Article, limit: int) -> Passage:
    """Return the sentences of ``article_sentences``, and whether there are more in ``read_part`` of the article."""
    title, body = read_part(article, limit)
    title = clean_text(title, article.language).replace("\n", " ")
    found = split_sentences(clean_text(body, article.language), article.language, limit=2 * limit + 1)
    distinct = list(dict.fromkeys(([title] if title else []) + found[: 2 * limit]))
    return Passage(
        sentences=distinct[:limit] or [article.text[:200]],
        cut=len(found) > 2 * limit or len(distinct) > limit,
    )


def read_part(article: Article, limit: int) -> tuple[str, str]:
    """Return the beginnings of title and body: all that is read of ``article`` for ``limit`` sentences."""
    return article.title[:_CHARACTERS_PER_SENTENCE], article.body[: limit * _CHARACTERS_PER_SENTENCE]


def exceeds_reading(article: Article, limit: int) -> bool:
    """Whether ``read_part`` is less than the whole."""
    return len(article.title) > _CHARACTERS_PER_SENTENCE or len(article.body) > limit * _CHARACTERS_PER_SENTENCE
