"""Articles on their way into a store: their languages told, read, encoded, with what they are compared by."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from dedup.article import Article
from dedup.errors import InputError
from dedup.store.crowds import cells_of_articles
from dedup.store.opening import encoder_of
from dedup.store.records import article_from_record, article_to_record, is_text
from dedup.store.revision import Newcomer
from dedup.store.rules import Rules
from dedup.store.segments import ArticleVectors

if TYPE_CHECKING:
    from dedup.encode.base import Encoder
    from dedup.encode.fingerprint import Fingerprints
    from dedup.encode.vectors import VectorCache
    from dedup.evidence.content import Content, ContentReader

__all__ = ["NewcomerReader", "cells_of_record", "checked_articles"]


class NewcomerReader:
    """Reads and encodes articles by the rules of a store.

    Args:
        folder: That of the store, for messages.
        rules: Settings and calibration that it was made with.
        encoder: For None that which it was made with, loaded when it is first needed.
        cache: Vectors on disk; for None nothing is kept.
    """

    def __init__(self, folder: Path, rules: Rules, encoder: Encoder | None, cache: VectorCache | None) -> None:
        self._folder, self._rules, self._given_encoder, self.cache = folder, rules, encoder, cache

    @property
    def encoder(self) -> Encoder:
        """The encoder; the model is loaded when it is first used."""
        if self._given_encoder is None:
            self._given_encoder = encoder_of(self._rules.calibration, self._folder)
        return self._given_encoder

    def of(self, articles: Sequence[Article]) -> list[Newcomer]:
        """Return articles, their languages known, with what they are compared by.

        Raises:
            EncoderError: the model cannot be loaded.
        """
        from dedup.evidence.packed import pack_evidence
        from dedup.evidence.workers import article_contents, worker_count

        workers = worker_count(len(articles))
        background, most = self._rules.calibration.background, self._rules.settings.max_sentences
        contents = (
            list(article_contents(articles, background, most, workers=workers))
            if workers
            else [self._reader.of(article) for article in articles]
        )
        known = [
            replace(article, language=content.language, language_confidence=content.language_confidence)
            for article, content in zip(articles, contents, strict=True)
        ]
        vectors = self._vectors(known, contents)
        return [
            Newcomer(article, one, pack_evidence(content.evidence), content.copies)
            for article, one, content in zip(known, vectors, contents, strict=True)
        ]

    def vectors_of(self, articles: Sequence[Article]) -> list[ArticleVectors]:
        """Return the vectors of articles. Raises as ``of`` does."""
        return [one.vectors for one in self.of(articles)]

    @cached_property
    def _reader(self) -> ContentReader:
        """Kept, since it remembers what words are worth."""
        from dedup.evidence.content import ContentReader

        return ContentReader(self._rules.calibration.background, self._rules.settings.max_sentences)

    def _vectors(self, articles: Sequence[Article], contents: Sequence[Content]) -> list[ArticleVectors]:
        from dedup.encode.fingerprint import fingerprint_blocks
        from dedup.encode.vectors import encode_sentences
        from dedup.evidence.columns import evidence_columns

        passages = [content.sentences for content in contents]
        vectors = encode_sentences(list(itertools.chain.from_iterable(passages)), self.encoder, self.cache)
        calibration = self._rules.calibration
        fingerprints = fingerprint_blocks(
            articles, passages, evidence_columns([]), [vectors], calibration.dimension, calibration
        )
        return [_vectors_at(fingerprints, place) for place in range(len(articles))]


def checked_articles(articles: Iterable[Article]) -> list[Article]:
    """Return the articles in the order of their ids, none of which comes twice.

    Raises:
        InputError: one comes twice, or an article cannot be stored.
    """
    ordered = sorted(articles, key=lambda article: article.id)
    for one, next_one in itertools.pairwise(ordered):
        if one.id == next_one.id:
            raise InputError(f"two articles have the id {one.id!r}; give each its own")
    for article in ordered:
        article_to_record(article)
        if not is_text(article.id):
            raise InputError(f"the id {article.id!r} holds half a surrogate pair; give the article another")
    return ordered


def cells_of_record(record: str, max_sentences: int) -> list[int]:
    """Return the cells of an article that is stored; see ``dedup.crowds``."""
    from dedup.text.copies import copy_keys
    from dedup.text.passage import article_sentences

    article = article_from_record(record)
    return cells_of_articles([article], [copy_keys(article_sentences(article, max_sentences))])[0]


def _vectors_at(fingerprints: Fingerprints, place: int) -> ArticleVectors:
    rows = slice(*fingerprints.offsets[place : place + 2].tolist())
    return ArticleVectors(
        document=fingerprints.documents[place],
        codes=fingerprints.codes[rows],
        scales=fingerprints.scales[rows],
        weights=fingerprints.weights[rows],
    )
