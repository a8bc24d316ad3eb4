"""Inputs as batches of articles: files by number, standard input by what has come."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dedup.cli.store.interrupt import Interrupt

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.cli.options import Reading
    from dedup.read import ArticleStream, ReadReport

__all__ = ["Batching", "batches"]

_MOST_CHARACTERS = 1 << 26
"""Of text in one batch: an article can be as long as ``--max-record-bytes``."""
_POLL_SECONDS = 0.1
"""So long Ctrl-C may wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batching:
    """How much is added at once."""

    articles: int
    """At most."""
    seconds: float
    """After so long a batch of what came on standard input is not waited for any more."""


def batches(reading: Reading, report: ReadReport, batching: Batching, interrupt: Interrupt) -> Iterator[list[Article]]:
    """Return the articles of all inputs, in batches without an id that comes twice.

    Standard input is read as JSON lines as they come, unless another format is named. After Ctrl-C one batch more may
    follow, with what has come.

    Raises:
        InputError: at once for an input that is missing; later where one fails while it is being read.
        KeyboardInterrupt: Ctrl-C was pressed while a file was read.
    """
    from dedup.read import read_articles

    if "-" not in reading.inputs or reading.options.format not in (None, "jsonl"):
        articles = read_articles(*reading.inputs, options=reading.options, report=report)
        return _of_files(articles, batching, interrupt)
    parts: list[Iterator[list[Article]]] = []
    for is_stream, inputs in itertools.groupby(reading.inputs, lambda given: given == "-"):
        if is_stream:
            parts.append(_of_standard_input(reading, report, batching, interrupt))
        else:
            articles = read_articles(*inputs, options=reading.options, report=report)
            parts.append(_of_files(articles, batching, interrupt))
    return itertools.chain.from_iterable(parts)


def _of_files(articles: Iterator[Article], batching: Batching, interrupt: Interrupt) -> Iterator[list[Article]]:
    while not interrupt.asked:
        batch, characters = [], 0
        with interrupt.at_once():
            for article in articles:
                batch.append(article)
                characters += len(article.title) + len(article.body)
                if len(batch) >= batching.articles or characters >= _MOST_CHARACTERS:
                    break
        if not batch:
            return
        yield batch


def _of_standard_input(
    reading: Reading, report: ReadReport, batching: Batching, interrupt: Interrupt
) -> Iterator[list[Article]]:
    from dedup.read import ArticleStream, standard_input

    if interrupt.asked:
        return
    stream = ArticleStream(standard_input(), options=reading.options, report=report)
    while not (stream.ended or interrupt.asked):
        batch = _arrived(stream, batching, interrupt)
        if batch:
            yield batch


def _arrived(stream: ArticleStream, batching: Batching, interrupt: Interrupt) -> list[Article]:
    """Wait for an article, and return it with those that follow it in time; of one id the last."""
    batch: dict[str, Article] = {}
    characters, until = 0, float("inf")
    while not (stream.ended or interrupt.asked):
        left = until - time.monotonic()
        if left <= 0 and batch:
            break
        article = stream.poll(min(left, _POLL_SECONDS))
        if article is None:
            continue
        if not batch:
            until = time.monotonic() + batching.seconds
        batch[article.id] = article
        characters += len(article.title) + len(article.body)
        if len(batch) >= batching.articles or characters >= _MOST_CHARACTERS:
            break
    return list(batch.values())
