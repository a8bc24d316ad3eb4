"""Scores of many pairs, by several processes where that is faster.

What it takes to compare two articles is thousands of short steps, between which threads of one process wait for each
other: two of them do a third more than one, and more do no more. Processes do not wait.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dedup.encode.fingerprint import Fingerprints
from dedup.encode.fingerprint_files import write_fingerprints
from dedup.evidence.background import Background
from dedup.score.calibration import Calibration
from dedup.score.messages import Request, parse_answer, read_frame, request_frame, start_line
from dedup.worker_processes import WorkerError, WorkerPool, worker_processes

__all__ = ["Scores", "score_blocks", "worker_count"]

logger = logging.getLogger(__name__)

Scores = tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]
"""As ``score_pairs`` returns them."""

_FEWEST_ARTICLES = 10_000
"""Fewer are compared within seconds."""
_MOST_WORKERS = 8
"""Each takes some 200 MB for the pairs that it is at."""
_MODULE = "dedup.score.worker"


def worker_count(articles: int) -> int:
    """Return how many processes are to score the pairs of so many articles: 0 where this one does it alone."""
    return 0 if articles < _FEWEST_ARTICLES else worker_processes(_MOST_WORKERS)


def score_blocks(
    fingerprints: Fingerprints,
    blocks: Iterable[Request],
    calibration: Calibration,
    *,
    max_sentences: int,
    workers: int,
) -> Generator[Scores, None, None]:
    """Yield the scores of each block of pairs, in order: the same however many processes there are.

    Workers that cannot start or that die, and a temporary folder without room, are done without. Close the iterator to
    end them before its end.
    """

    from dedup.score.pairs import score_pairs

    def score(request: Request) -> Scores:
        pairs, products = request
        return score_pairs(fingerprints, pairs, calibration, max_sentences=max_sentences, products=products)

    asked = iter(blocks)
    if workers:
        sent: deque[Request] = deque()
        try:
            with (
                _told(fingerprints, calibration, max_sentences) as (start, folder),
                WorkerPool(workers, _MODULE, start, read_frame) as pool,
            ):
                for scores in _answered(pool, asked, sent):
                    if pool.all_have_answered:
                        _delete_mapped(folder)
                    yield scores
        except WorkerError as error:
            logger.warning("pairs are scored in one process, which takes longer: %s", error)
        yield from map(score, sent)
    yield from map(score, asked)


@contextmanager
def _told(
    fingerprints: Fingerprints, calibration: Calibration, max_sentences: int
) -> Iterator[tuple[bytes, tempfile.TemporaryDirectory[str]]]:
    """Write what workers need into a temporary folder, and yield what they are told of it, and the folder."""
    with ExitStack() as stack:
        try:
            temporary = tempfile.TemporaryDirectory(prefix="dedup-score-")
            folder = Path(stack.enter_context(temporary))
            prints, file = folder / "fingerprints", folder / "calibration.json"
            prints.mkdir()
            write_fingerprints(fingerprints, prints)
            # how common names are was asked when the fingerprints were made
            file.write_text(replace(calibration, background=Background()).to_json(), "utf-8")
        except OSError as error:
            raise WorkerError(f"no room for what they are to compare ({error})") from error
        yield start_line(prints, file, max_sentences), temporary


def _delete_mapped(folder: tempfile.TemporaryDirectory[str]) -> None:
    """Delete files that all workers have mapped, and so have until they end: a kill is to leave none behind."""
    if os.name == "posix":  # elsewhere what is mapped cannot be deleted
        folder.cleanup()


def _answered(pool: WorkerPool, asked: Iterator[Request], sent: deque[Request]) -> Iterator[Scores]:
    """Yield the answers of workers; those to which there is none yet are in ``sent``."""

    def requests() -> Iterator[tuple[int, bytes]]:
        for request in asked:
            sent.append(request)
            yield len(request.pairs), request_frame(request)

    for pairs, answer in pool.answers(requests()):
        try:
            scores = parse_answer(answer, pairs)
        except ValueError as error:
            raise WorkerError(f"a worker answers nonsense ({error})") from error
        sent.popleft()
        yield scores
