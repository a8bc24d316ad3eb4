"""Contents of many articles, read in several processes where that is faster.

Reading is plain Python, which one process does on one core only. The workers are programs of their own that are told
what to do in lines of JSON: nothing is forked beside the threads of a model, and a script that calls dedup need not
guard its main module.
"""

from __future__ import annotations

import itertools
import logging
import os
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Self

from dedup.article import Article
from dedup.evidence.background import Background
from dedup.evidence.content import Content, ContentReader
from dedup.evidence.messages import articles_line, parse_contents, start_line
from dedup.threads import threads_allowed

__all__ = ["article_contents", "worker_count"]

logger = logging.getLogger(__name__)

_FEWEST_ARTICLES = 500
"""For fewer, little is saved: on two cores 500 articles take 3.7 s instead of 5.7, 250 take 2.4 instead of 2.8."""
_MOST_WORKERS = 8
"""One process takes in the answers of about so many."""
_ARTICLES_AT_ONCE = 32
_CHUNKS_PER_WORKER = 2
_MODULE = "dedup.evidence.worker"


def worker_count(articles: int) -> int:
    """Return how many processes are to read so many articles: 0 where this one does it alone.

    As many as matrix products may take threads: one thread (``OMP_NUM_THREADS=1``, or
    ``threadpoolctl.threadpool_limits(1)`` around the call) is one process.
    """
    # a program that has Python inside cannot be asked to run a module
    if articles < _FEWEST_ARTICLES or not sys.executable or getattr(sys, "frozen", False):
        return 0
    threads = threads_allowed()
    return min(threads, _MOST_WORKERS) if threads > 1 else 0


def article_contents(
    articles: Sequence[Article], background: Background, max_sentences: int, *, workers: int
) -> Generator[Content, None, None]:
    """Yield the content of each article, in order: the same however many processes read them.

    Workers that cannot start or that die are done without. Close the iterator to end them before its end.
    """
    done = 0
    if workers:
        try:
            with _Pool(workers, background, max_sentences) as pool:
                for content in pool.contents(articles):
                    done += 1
                    yield content
        except _WorkerError as error:
            logger.warning("articles are read in one process, which takes longer: %s", error)
    reader = ContentReader(background, max_sentences)
    yield from map(reader.of, itertools.islice(articles, done, None))


class _WorkerError(Exception):
    """A worker did not do its work."""


class _Worker:
    """One process."""

    def __init__(self, start: bytes) -> None:
        self._start = start
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter and a module of this package
                # -P: what lies in the folder that the user happens to be in is no module of ours
                [sys.executable, "-P", "-m", _MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # an error comes up again, with its traceback, when this process reads
                env=_environment(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except (OSError, ValueError) as error:
            raise _WorkerError(f"no worker can be started ({error})") from error

    def exchange(self, line: bytes) -> bytes:
        """Send a chunk and return the answer."""
        source, answers = self._pipes
        try:
            # what comes first is longer than a pipe holds, and read only when the process is up: not for __init__
            source.write(self._start + line)
            source.flush()
            self._start = b""
            answer: bytes = answers.readline()
        except OSError as error:
            raise _WorkerError(f"a worker has ended ({error})") from error
        if not answer.endswith(b"\n"):
            raise _WorkerError(f"a worker has ended (exit status {self._process.wait()})")
        return answer

    def kill(self) -> None:
        """End the process, whatever it does; who waits for its answer gets none."""
        self._process.kill()

    def close(self) -> None:
        """Let go of a process that was killed."""
        self._process.wait()
        for pipe in self._pipes:
            try:
                pipe.close()
            except OSError:  # what was not sent cannot be sent any more
                continue

    @property
    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout


class _Pool:
    """Worker processes, a thread for each that waits for its answers, and chunks under way: a few for each."""

    def __init__(self, workers: int, background: Background, max_sentences: int) -> None:
        self._number = workers
        self._max_sentences = max_sentences
        self._start = start_line(background, max_sentences)
        self._workers: list[_Worker] = []
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="dedup-worker")

    def __enter__(self) -> Self:
        try:
            for _ in range(self._number):
                self._workers.append(_Worker(self._start))
                self._idle.put(self._workers[-1])
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        # they hold nothing that could be lost
        for worker in self._workers:
            worker.kill()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._workers:
            worker.close()

    def contents(self, articles: Sequence[Article]) -> Iterator[Content]:
        under_way: deque[tuple[int, Future[bytes]]] = deque()
        for first in range(0, len(articles), _ARTICLES_AT_ONCE):
            chunk = articles[first : first + _ARTICLES_AT_ONCE]
            line = articles_line(chunk, self._max_sentences)
            under_way.append((len(chunk), self._threads.submit(self._exchange, line)))
            if len(under_way) > _CHUNKS_PER_WORKER * self._number:
                yield from _answer(*under_way.popleft())
        while under_way:
            yield from _answer(*under_way.popleft())

    def _exchange(self, line: bytes) -> bytes:
        worker = self._idle.get()
        try:
            return worker.exchange(line)
        finally:
            self._idle.put(worker)


def _answer(articles: int, future: Future[bytes]) -> Sequence[Content]:
    try:
        contents = parse_contents(future.result())
    except ValueError as error:
        raise _WorkerError(f"a worker answers nonsense ({error})") from error
    if len(contents) != articles:
        raise _WorkerError(f"a worker answers for {len(contents)} of {articles} articles")
    return contents


def _environment() -> dict[str, str]:
    """Return the environment of a worker: it finds the modules that this process finds, and takes one thread."""
    path = [os.path.abspath(folder) for folder in sys.path]  # noqa: PTH100 - "" is the current folder
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**os.environ, **one_thread, "PYTHONPATH": os.pathsep.join(path)}
