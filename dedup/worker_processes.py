"""Processes of a run's own that do its work side by side.

They are programs of their own that are told what to do over pipes: nothing is forked beside the threads of a model, and
a script that calls dedup need not guard its main module.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Self, TypeVar

from dedup.threads import threads_allowed

__all__ = ["WorkerError", "WorkerPool", "pipes_of_worker", "worker_processes"]

_UNDER_WAY_PER_WORKER = 2
_T = TypeVar("_T")

ReadAnswer = Callable[[IO[bytes]], "bytes | None"]
"""Reads one answer; None where it is cut off."""


def worker_processes(most: int) -> int:
    """Return how many processes may work side by side, at most ``most``; 0 where this one does it alone.

    As many as matrix products may take threads: one thread (``OMP_NUM_THREADS=1``, or
    ``threadpoolctl.threadpool_limits(1)`` around the call) is one process.
    """
    # a program that has Python inside cannot be asked to run a module
    if not sys.executable or getattr(sys, "frozen", False):
        return 0
    threads = threads_allowed()
    return min(threads, most) if threads > 1 else 0


def pipes_of_worker() -> tuple[IO[bytes], IO[bytes]]:
    """Return, in a worker, where its requests come from and its answers go.

    It ends when the first does, so with the run that started it, however that ends.
    """
    # Ctrl-C reaches every process of a terminal; the run ends this one
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever prints must not get between the answers
    return source, answers


class WorkerError(Exception):
    """A worker did not do its work."""


class WorkerPool:
    """Worker processes, a thread for each that waits for its answers, and requests under way: a few for each.

    Args:
        number: How many.
        module: What each runs.
        start: What each is told first.
        read: Reads its answers.

    Raises:
        WorkerError: when it is entered, or answers are asked for: a process cannot be started, or has ended.
    """

    def __init__(self, number: int, module: str, start: bytes, read: ReadAnswer) -> None:
        self._number, self._module, self._start, self._read = number, module, start, read
        self._workers: list[_Worker] = []
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._threads = ThreadPoolExecutor(number, thread_name_prefix="dedup-worker")

    def __enter__(self) -> Self:
        try:
            for _ in range(self._number):
                self._workers.append(_Worker(self._module, self._start, self._read))
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

    def answers(self, requests: Iterable[tuple[_T, bytes]]) -> Generator[tuple[_T, bytes], None, None]:
        """Yield the answer to each request, in their order, each with what came with the request."""
        under_way: deque[tuple[_T, Future[bytes]]] = deque()
        for what, request in requests:
            under_way.append((what, self._threads.submit(self._exchange, request)))
            if len(under_way) > _UNDER_WAY_PER_WORKER * self._number:
                yield _ended(under_way.popleft())
        while under_way:
            yield _ended(under_way.popleft())

    @property
    def all_have_answered(self) -> bool:
        """Whether each of the processes has answered a request."""
        return all(worker.has_answered for worker in self._workers)

    def _exchange(self, request: bytes) -> bytes:
        worker = self._idle.get()
        try:
            return worker.exchange(request)
        finally:
            self._idle.put(worker)


def _ended(one: tuple[_T, Future[bytes]]) -> tuple[_T, bytes]:
    what, future = one
    return what, future.result()


class _Worker:
    """One process."""

    def __init__(self, module: str, start: bytes, read: ReadAnswer) -> None:
        self._start, self._read = start, read
        self.has_answered = False
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter and a module of this package
                # -P: what lies in the folder that the user happens to be in is no module of ours
                [sys.executable, "-P", "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # an error comes up again, with its traceback, when this process does it
                env=_environment(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except (OSError, ValueError) as error:
            raise WorkerError(f"no worker can be started ({error})") from error

    def exchange(self, request: bytes) -> bytes:
        """Send a request and return the answer."""
        source, answers = self._pipes
        try:
            # what comes first is longer than a pipe holds, and read only when the process is up: not for __init__
            source.write(self._start + request)
            source.flush()
            self._start = b""
            answer = self._read(answers)
        except OSError as error:
            raise WorkerError(f"a worker has ended ({error})") from error
        if answer is None:
            raise WorkerError(f"a worker has ended (exit status {self._process.wait()})")
        self.has_answered = True
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


def _environment() -> dict[str, str]:
    """Return the environment of a worker: it finds the modules that this process finds, and takes one thread."""
    path = [os.path.abspath(folder) for folder in sys.path]  # noqa: PTH100 - "" is the current folder
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**os.environ, **one_thread, "PYTHONPATH": os.pathsep.join(path)}
