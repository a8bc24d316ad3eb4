"""Thousands of articles a day: which of them that have nothing to do with each other fall into one story.

    python -m benchmarks.dense --docs docs/how-it-works.md

Real articles that appeared more than ten days apart, with times made within a day and a half, and the documents of
NTREX as if all had appeared on one day; judged with and without ``Calibration.related``.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.datasets import dataset, distractors
from benchmarks.markdown import replace_between_markers, table
from benchmarks.unrelated import BEYOND, LEAST_DAYS_APART
from dedup import Deduplication, deduplicate
from dedup.article import Article
from dedup.cache import cache_folder
from dedup.encode.named import BUNDLED, FAST, encoder_named
from dedup.encode.vectors import VectorCache
from dedup.errors import DedupError
from dedup.evaluate import Labels, evaluate
from dedup.score.calibration import Calibration, shipped_calibration

__all__ = ["Strangers", "as_if_within", "main", "strangers_of"]

_START = datetime(2026, 1, 1, tzinfo=UTC)
_ARTICLES = 3_000
_NEWS_HOURS = 36.0
_NTREX_HOURS = 24.0
_SEED = 20261130
_HEADER = (
    "encoder",
    "asked whether about one thing",
    "strangers' pairs joined",
    "strangers in a story",
    "NTREX",
    "NTREX, headlines",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strangers:
    """What a run makes of articles that really appeared long after each other."""

    pairs: int
    """Candidates; nearly all of them appeared more than ten days apart."""
    joined: int
    """Those that did, and are more likely one story than not."""
    articles: int
    """Articles in a story with another one that appeared so far from it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return 0, or 1 where the shared data are absent."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--docs", type=Path, help="write the table between the dense markers of this file")
    options = parser.parse_args(arguments)
    try:
        text = table(_HEADER, list(_rows()))
    except DedupError as error:
        print(error, file=sys.stderr)
        return 1
    print(text)
    if options.docs:
        notes = (
            f"{_ARTICLES:,} real articles with times made within {_NEWS_HOURS:g} hours; strangers appeared more than "
            f"{LEAST_DAYS_APART:g} days apart. NTREX: B-cubed precision / recall / F1 with times made within "
            f"{_NTREX_HOURS:g} hours."
        )
        replace_between_markers(options.docs, "dense", f"{text}\n\n{notes}")
    return 0


def _rows() -> Iterator[list[str]]:
    timed = (article for article in distractors(BEYOND) if article.published)
    news = list(itertools.islice(timed, _ARTICLES))
    for name in (BUNDLED, FAST):
        shipped = shipped_calibration(name)
        for answer, calibration in (("no", replace(shipped, related=None)), ("yes", shipped)):
            result = _run(as_if_within(_NEWS_HOURS, news), name, calibration)
            found = strangers_of(result, {article.id: article.published for article in news if article.published})
            print(name, answer, found, file=sys.stderr, flush=True)
            yield [
                name,
                answer,
                f"{found.joined / found.pairs:.2%}",
                f"{found.articles:,}",
                *(_ntrex(one, name, calibration) for one in ("ntrex", "ntrex-titles")),
            ]


def _ntrex(sample: str, encoder: str, calibration: Calibration) -> str:
    known = dataset(sample).load()
    result = _run(as_if_within(_NTREX_HOURS, known.articles), encoder, calibration)
    story = {article.id: one.id for one in result.stories for article in one.articles}
    scores = evaluate(Labels(story=story), known.labels).b_cubed
    return f"{scores.precision:.3f} / {scores.recall:.3f} / {scores.f1:.3f}"


def _run(articles: Sequence[Article], name: str, calibration: Calibration) -> Deduplication:
    encoder = encoder_named(name)
    with VectorCache.for_encoder(encoder, cache_folder("vectors")) as cache:
        return deduplicate(articles, encoder=encoder, calibration=calibration, cache=cache)


def as_if_within(hours: float, articles: Sequence[Article]) -> list[Article]:
    """Return the articles with times drawn within so many hours, always the same for the same articles."""
    dice = random.Random(_SEED)
    return [replace(article, published=_START + timedelta(hours=dice.uniform(0, hours))) for article in articles]


def strangers_of(result: Deduplication, appeared: dict[str, datetime]) -> Strangers:
    """Return what a run made of articles that really appeared long after each other, by their ids."""
    day = {one: time.timestamp() / timedelta(days=1).total_seconds() for one, time in appeared.items()}
    days = np.array([day[article.id] for article in result.articles])

    def are_strangers(pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        far: npt.NDArray[np.bool_] = np.abs(days[pairs[:, 0]] - days[pairs[:, 1]]) > LEAST_DAYS_APART
        return far

    # those that were scored and say less than a pair that is no candidate are not kept
    kept = result.scored.pairs
    joined = are_strangers(kept) & (result.scored.log_odds > 0)
    with_strangers: set[str] = set()
    for story in result.stories:
        of_story = [day[article.id] for article in story.articles]
        with_strangers.update(
            article.id
            for article in story.articles
            if any(abs(day[article.id] - other) > LEAST_DAYS_APART for other in of_story)
        )
    return Strangers(pairs=result.counts["candidates"], joined=int(joined.sum()), articles=len(with_strangers))


if __name__ == "__main__":
    logging.getLogger("dedup.read").setLevel(logging.ERROR)
    sys.exit(main())
