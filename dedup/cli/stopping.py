"""Signals that ask a run to end: they are dealt with as Ctrl-C is, so that nothing half written stays."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

__all__ = ["SIGNALS", "StoppedBySignal", "exit_code_of", "heeding_signals"]

SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Of systemd, of ``kill``, of a terminal that is closed. Ctrl-C, SIGINT, is Python's own affair."""


class StoppedBySignal(KeyboardInterrupt):
    """Raised where the run is when one of the signals comes."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def exit_code_of(error: BaseException | None) -> int:
    """Return 128 and the number of the signal that ended a run, as shells have it; without one, that of Ctrl-C."""
    number = error.number if isinstance(error, StoppedBySignal) else signal.SIGINT
    return 128 + int(number)


@contextlib.contextmanager
def heeding_signals() -> Iterator[None]:
    """Within, a signal raises ``StoppedBySignal``; one that is ignored, as under ``nohup``, stays so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number, handler in before.items():
        if handler is signal.SIG_DFL:
            signal.signal(number, _stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is signal.SIG_DFL:
                signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of a handler
    raise StoppedBySignal(number)
