"""How many threads work is shared among, and how many processes the reading of articles."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import cache
from threading import Condition, Lock, Thread
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

__all__ = ["computed_ahead", "one_thread_each", "threads_allowed"]

_T = TypeVar("_T")


@cache
def _blas() -> ThreadpoolController:
    """Return what limits the threads of NumPy's matrix products, found once."""
    import numpy as np  # noqa: F401 - what is not loaded yet is not found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def threads_allowed() -> int:
    """Return as many threads as matrix products may take: what the machine has, or OMP_NUM_THREADS and its like.

    Within any limit that is set around the call, but for that of ``one_thread_each``.
    """
    return _limit.outside() or _threads_of_products()


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Let each matrix product take one thread, where several are computed side by side, or other work beside them.

    Threads that share a small product wait for each other, on a busy machine ten times as long, and after it they run
    idle for some time, in case another comes. Several may be in here at once, and the limit ends with the last of them.
    That should be the thread that came first: OpenBLAS takes its number of threads from one thread only.
    """
    _limit.enter()
    try:
        yield
    finally:
        _limit.leave()


def _threads_of_products() -> int:
    return max((library["num_threads"] for library in _blas().select(user_api="blas").info()), default=1)


class _Limit:
    """The limit of ``one_thread_each``, which holds for the whole process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._outside = 0
        self._limiter: Any = None

    def enter(self) -> None:
        with self._lock:
            if not self._inside:
                self._outside = _threads_of_products()
                self._limiter = _blas().limit(limits=1, user_api="blas")
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._limiter.restore_original_limits()

    def outside(self) -> int:
        """Return the threads that products may take outside; 0 where nobody is inside."""
        with self._lock:
            return self._outside if self._inside else 0


_limit = _Limit()


def computed_ahead(
    values: Generator[_T, None, None], weigh: Callable[[_T], int], most: int
) -> Generator[_T, None, None]:
    """Yield what a generator does, which a thread of its own computes meanwhile.

    What the generator raises is raised where its next value would have come. Close this one to end the other and its
    thread.

    Args:
        values: Computed in one other thread only.
        weigh: What a value weighs while it waits.
        most: The thread waits while those that wait weigh this or more.
    """
    line = _Line(values, weigh, most)
    thread = Thread(target=line.fill, name="dedup-ahead", daemon=True)
    thread.start()
    try:
        yield from line
    finally:
        line.close()
        thread.join()


class _Line(Generic[_T]):
    """Values that wait to be used."""

    def __init__(self, values: Generator[_T, None, None], weigh: Callable[[_T], int], most: int) -> None:
        self._values, self._weigh, self._most = values, weigh, most
        self._changed = Condition()
        self._waiting: deque[tuple[_T, int]] = deque()
        self._weight = 0
        self._ended = self._closed = False
        self._error: BaseException | None = None

    def fill(self) -> None:
        """Compute values until there are no more, or nobody wants any."""
        try:
            for value in self._values:
                with self._changed:
                    self._waiting.append((value, self._weigh(value)))
                    self._weight += self._waiting[-1][1]
                    self._changed.notify()
                    self._changed.wait_for(lambda: self._weight < self._most or self._closed)
                    if self._closed:
                        break
        except BaseException as error:  # noqa: BLE001 - raised again by whoever uses the values
            self._error = error
        finally:
            self._values.close()
            with self._changed:
                self._ended = True
                self._changed.notify()

    def close(self) -> None:
        """Want no more values."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def __iter__(self) -> Iterator[_T]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._ended)
                if not self._waiting:
                    break
                value, weight = self._waiting.popleft()
                self._weight -= weight
                self._changed.notify()
            yield value
        if self._error is not None:
            raise self._error
