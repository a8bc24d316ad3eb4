"""Pairs by the block, several blocks at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from dedup.threads import one_thread_each, threads_allowed

__all__ = ["fill_by_blocks"]

_PAIRS_A_THREAD = 16_384


def fill_by_blocks(pairs: int, fill: Callable[[slice], None], progress: Callable[[int], None] | None = None) -> None:
    """Call ``fill`` for slices that make up ``range(pairs)``, in threads where there is more than one.

    ``progress`` is called with the pairs done since its last call.
    """

    def done(start: int) -> int:
        stop = min(start + _PAIRS_A_THREAD, pairs)
        fill(slice(start, stop))
        return stop - start

    starts = range(0, pairs, _PAIRS_A_THREAD)
    threads = threads_allowed() if len(starts) > 1 else 1
    with one_thread_each():
        if threads == 1:
            _tell(map(done, starts), progress)
        else:
            with ThreadPoolExecutor(threads) as pool:
                _tell(pool.map(done, starts), progress)


def _tell(parts: Iterator[int], progress: Callable[[int], None] | None) -> None:
    for done in parts:
        if progress is not None:
            progress(done)
