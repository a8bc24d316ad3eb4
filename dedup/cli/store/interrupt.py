"""Ctrl-C, and other signals to end, that wait until what is being written is written."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from dedup.cli.stopping import SIGNALS, StoppedBySignal

__all__ = ["Interrupt", "putting_off_interrupts"]


@dataclass(slots=True)
class Interrupt:
    """Whether Ctrl-C was pressed, or another signal came that asks to end."""

    asked: bool = False
    _at_once: bool = False
    _number: int = signal.SIGINT

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Let Ctrl-C raise ``KeyboardInterrupt`` within: here nothing is lost by it."""
        self._at_once = True
        try:
            yield
        finally:
            self._at_once = False

    def handle(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature of a handler
        """Take note of the signal; the second time it does not wait."""
        self._number = number
        if self.asked or self._at_once:
            raise self.error()
        self.asked = True

    def error(self) -> KeyboardInterrupt:
        """Return what ends the run."""
        return KeyboardInterrupt() if self._number == signal.SIGINT else StoppedBySignal(self._number)


@contextmanager
def putting_off_interrupts() -> Iterator[Interrupt]:
    """Yield what tells whether Ctrl-C was pressed, or another signal came, which else does nothing the first time."""
    interrupt = Interrupt()
    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, *SIGNALS)}
    heeded = {number: handler for number, handler in before.items() if handler not in (None, signal.SIG_IGN)}
    for number in heeded:
        signal.signal(number, interrupt.handle)
    try:
        yield interrupt
    finally:
        for number, handler in heeded.items():
            signal.signal(number, handler)
