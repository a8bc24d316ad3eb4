"""Contents of many articles, read in several processes where that is faster.

Reading is plain Python, which one process does on one core only. What workers are told, and answer, is lines of JSON.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Generator, Iterator, Sequence
from typing import IO

from dedup.article import Article
from dedup.evidence.background import Background
from dedup.evidence.content import Content, ContentReader
from dedup.evidence.messages import articles_line, parse_contents, start_line
from dedup.worker_processes import WorkerError, WorkerPool, worker_processes

__all__ = ["article_contents", "worker_count"]

logger = logging.getLogger(__name__)

_FEWEST_ARTICLES = 500
"""For fewer, little is saved: on two cores 500 articles take 3.7 s instead of 5.7, 250 take 2.4 instead of 2.8."""
_MOST_WORKERS = 8
"""One process takes in the answers of about so many."""
_ARTICLES_AT_ONCE = 32
_MODULE = "dedup.evidence.worker"


def worker_count(articles: int) -> int:
    """Return how many processes are to read so many articles: 0 where this one does it alone."""
    return 0 if articles < _FEWEST_ARTICLES else worker_processes(_MOST_WORKERS)


def article_contents(
    articles: Sequence[Article], background: Background, max_sentences: int, *, workers: int
) -> Generator[Content, None, None]:
    """Yield the content of each article, in order: the same however many processes read them.

    Workers that cannot start or that die are done without. Close the iterator to end them before its end.
    """
    done = 0
    if workers:
        try:
            with WorkerPool(workers, _MODULE, start_line(background, max_sentences), _line) as pool:
                for chunk, answer in pool.answers(_requests(articles, max_sentences)):
                    for content in _contents(chunk, answer):
                        done += 1
                        yield content
        except WorkerError as error:
            logger.warning("articles are read in one process, which takes longer: %s", error)
    reader = ContentReader(background, max_sentences)
    yield from map(reader.of, itertools.islice(articles, done, None))


def _requests(articles: Sequence[Article], max_sentences: int) -> Iterator[tuple[int, bytes]]:
    for first in range(0, len(articles), _ARTICLES_AT_ONCE):
        chunk = articles[first : first + _ARTICLES_AT_ONCE]
        yield len(chunk), articles_line(chunk, max_sentences)


def _line(answers: IO[bytes]) -> bytes | None:
    line: bytes = answers.readline()
    return line if line.endswith(b"\n") else None


def _contents(articles: int, answer: bytes) -> Sequence[Content]:
    try:
        contents = parse_contents(answer)
    except ValueError as error:
        raise WorkerError(f"a worker answers nonsense ({error})") from error
    if len(contents) != articles:
        raise WorkerError(f"a worker answers for {len(contents)} of {articles} articles")
    return contents
