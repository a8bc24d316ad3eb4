"""What of an article is read: its headline and the first sentences of its body."""

from __future__ import annotations

from dedup.article import Article, primary_language
from dedup.text.normalise import fold_arabic_letters, fold_persian_letters, normalise_text
from dedup.text.sentences import split_sentences

__all__ = ["article_sentences", "clean_text", "read_part"]

# A sentence has 150 characters on average; what is cut off beyond this could not be among the first sentences.
_CHARACTERS_PER_SENTENCE = 1_500


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
    title, body = (clean_text(text, article.language) for text in read_part(article, limit))
    title = title.replace("\n", " ")
    sentences = ([title] if title else []) + split_sentences(body, article.language, limit=2 * limit)
    return list(dict.fromkeys(sentences))[:limit] or [article.text[:200]]


def read_part(article: Article, limit: int) -> tuple[str, str]:
    """Return the beginnings of title and body: all that is read of ``article`` for ``limit`` sentences."""
    return article.title[:_CHARACTERS_PER_SENTENCE], article.body[: limit * _CHARACTERS_PER_SENTENCE]
