"""Articles, fingerprints, edges and stories as tables on disk, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.encode.fingerprint import Fingerprints
from dedup.store.records import article_from_record, article_to_record
from dedup.store.segments import ArticleVectors
from dedup.store.stored import Known, fingerprints_of
from dedup.story import Member, Story, make_story
from dedup.text.copies import KEYS

if TYPE_CHECKING:
    import pyarrow

__all__ = [
    "NO_TIME",
    "article_table",
    "articles_of",
    "cells_in",
    "edge_table",
    "edges_of",
    "fingerprint_table",
    "follower_table",
    "followers_of",
    "known_of",
    "prints_of",
    "record_of",
    "stories_in",
    "story_of",
    "story_table",
    "when_of",
]

NO_TIME = 1e18
"""Stands for the hour of an article without one: after all others, and equal to itself, unlike NaN."""


def record_of(article: Article) -> str:
    """Return an article as one line of JSON in ASCII; what of ``extra`` JSON cannot hold becomes text."""
    extra = json.loads(json.dumps(dict(article.extra), default=str))
    return article_to_record(replace(article, extra=extra))


def when_of(article: Article) -> float:
    """Return what articles are put in order by: hours since 1970, those without a time last."""
    return article.published.timestamp() / 3600 if article.published else NO_TIME


def article_table(articles: Iterable[Article]) -> pyarrow.Table:
    """Return articles as a table: ``when``, ``tie`` and ``record``."""
    import pyarrow

    records = [
        (when_of(article), article.id.encode("utf-8", "surrogatepass"), record_of(article)) for article in articles
    ]
    when, tie, record = zip(*records, strict=True) if records else ((), (), ())
    return pyarrow.table(
        {
            "when": pyarrow.array(when, pyarrow.float64()),
            "tie": pyarrow.array(tie, pyarrow.binary()),
            "record": pyarrow.array(record, pyarrow.large_string()),
        }
    )


def articles_of(table: pyarrow.Table) -> list[Article]:
    """Return the articles of a table."""
    return [article_from_record(record) for record in table.column("record").to_pylist()]


def fingerprint_table(
    articles: Sequence[Article], prints: Fingerprints, evidence: Sequence[bytes], cells: npt.NDArray[np.int64]
) -> pyarrow.Table:
    """Return fingerprints as a table, an article a row, with its language, which is known by now, and its cells."""
    import pyarrow

    bounds = prints.offsets

    def of_sentences(values: npt.NDArray[Any], kind: str) -> list[bytes]:
        return [values[bounds[i] : bounds[i + 1]].astype(kind).tobytes() for i in range(len(articles))]

    binary = pyarrow.large_binary()
    return pyarrow.table(
        {
            "language": pyarrow.array([article.language for article in articles], pyarrow.string()),
            "confidence": pyarrow.array([article.language_confidence for article in articles], pyarrow.float64()),
            "hours": pyarrow.array(prints.hours, pyarrow.float64()),
            "document": pyarrow.array([row.astype("<f4").tobytes() for row in prints.documents], binary),
            "codes": pyarrow.array(of_sentences(prints.codes, "i1"), binary),
            "scales": pyarrow.array(of_sentences(prints.scales, "<f4"), binary),
            "weights": pyarrow.array(of_sentences(prints.weights, "<f4"), binary),
            "evidence": pyarrow.array(list(evidence), binary),
            "cells": pyarrow.array([row.astype("<i8").tobytes() for row in cells], binary),
        }
    )


def cells_in(table: pyarrow.Table) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the cells of articles (see ``dedup.crowds``) and their hours: int64 ``[n, KEYS]`` and float64 ``[n]``."""
    cells = b"".join(table.column("cells").to_pylist())
    return np.frombuffer(cells, "<i8").astype(np.int64).reshape(-1, KEYS), table.column("hours").to_numpy()


def follower_table(
    articles: npt.NDArray[np.int64],
    leads: npt.NDArray[np.int64],
    log_odds: npt.NDArray[np.float64],
    text_odds: npt.NDArray[np.float64],
) -> pyarrow.Table:
    """Return articles and which others they follow as a table, with the log-odds of these pairs."""
    import pyarrow

    return pyarrow.table({"article": articles, "lead": leads, "log_odds": log_odds, "text_odds": text_odds})


def followers_of(
    table: pyarrow.Table,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the columns of ``follower_table``."""
    articles, leads = (table.column(name).to_numpy().astype(np.int64) for name in ("article", "lead"))
    log_odds, text_odds = (table.column(name).to_numpy().astype(np.float64) for name in ("log_odds", "text_odds"))
    return articles, leads, log_odds, text_odds


def known_of(table: pyarrow.Table) -> list[Known]:
    """Return what the articles of a table are compared by."""
    columns = (
        table.column(name).to_pylist()
        for name in ("language", "hours", "document", "codes", "scales", "weights", "evidence")
    )
    return [
        Known(
            id="", language=language, hours=hours, vectors=_vectors(document, codes, scales, weights), evidence=evidence
        )
        for language, hours, document, codes, scales, weights, evidence in zip(*columns, strict=True)
    ]


def _vectors(document: bytes, codes: bytes, scales: bytes, weights: bytes) -> ArticleVectors:
    vector = np.frombuffer(document, "<f4")
    return ArticleVectors(
        document=vector,
        codes=np.frombuffer(codes, np.int8).reshape(-1, len(vector)),
        scales=np.frombuffer(scales, "<f4"),
        weights=np.frombuffer(weights, "<f4"),
    )


def prints_of(known: Sequence[Known]) -> Fingerprints:
    """Return the fingerprints of articles, to be scored with each other."""
    return fingerprints_of(known)


def edge_table(pairs: npt.NDArray[np.int64], log_odds: npt.NDArray[np.float64]) -> pyarrow.Table:
    """Return scored pairs as a table."""
    import pyarrow

    return pyarrow.table({"a": pairs[:, 0], "b": pairs[:, 1], "log_odds": log_odds})


def edges_of(table: pyarrow.Table) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the scored pairs of a table: int64 ``[p, 2]`` and float64 ``[p]``."""
    a, b = (table.column(name).to_numpy().astype(np.int64) for name in ("a", "b"))
    return np.stack([a, b], axis=1), table.column("log_odds").to_numpy().astype(np.float64)


def story_table(stories: Sequence[Story]) -> pyarrow.Table:
    """Return stories as a table, a story a row."""
    import pyarrow

    return pyarrow.table({"story": pyarrow.array([_story_line(story) for story in stories], pyarrow.large_string())})


def _story_line(story: Story) -> str:
    return json.dumps(
        [
            (record_of(one.article), one.probability, one.relation, one.of, one.relation_probability)
            for one in story.members
        ]
    )


def story_of(line: str, keep: str) -> Story:
    """Return the story of a row."""
    members = [
        Member(
            article=article_from_record(record),
            probability=probability,
            relation=relation,
            of=of,
            relation_probability=relation_probability,
        )
        for record, probability, relation, of, relation_probability in json.loads(line)
    ]
    return make_story(members, keep=keep)


def stories_in(lines: Iterable[str], keep: str) -> Iterator[Story]:
    """Yield the stories of rows."""
    return (story_of(line, keep) for line in lines)
