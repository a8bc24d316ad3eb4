"""What is taken from the text of an article before any model sees it: language, sentences, evidence."""

from __future__ import annotations

from dataclasses import dataclass

from dedup.article import Article
from dedup.evidence.background import Background
from dedup.evidence.extraction import ArticleEvidence, Extractor
from dedup.text.copies import copy_keys
from dedup.text.language import with_language
from dedup.text.passage import read_passage

__all__ = ["Content", "ContentReader"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What an article says, and in which language."""

    language: str
    """BCP 47 tag, detected where the source does not state it."""
    language_confidence: float
    sentences: list[str]
    """At least one, the headline first."""
    cut: bool
    """Whether the part of the article that is looked at, ``read_part``, has more sentences."""
    evidence: ArticleEvidence
    copies: tuple[int, ...]
    """What copies of the text have in common; see ``dedup.text.copies``."""


class ContentReader:
    """Reads the content of articles, one by one.

    Args:
        background: How common names and places are in news.
        max_sentences: Sentences read of each article.
    """

    def __init__(self, background: Background, max_sentences: int) -> None:
        self._extractor = Extractor(background)
        self._max_sentences = max_sentences

    def of(self, article: Article) -> Content:
        """Return the content of an article."""
        known = with_language(article)
        sentences, cut = read_passage(known, self._max_sentences)
        return Content(
            language=known.language,
            language_confidence=known.language_confidence,
            sentences=sentences,
            cut=cut,
            evidence=self._extractor.of(sentences, known.language, known.published),
            copies=copy_keys(sentences),
        )
