"""Ctrl-C that waits until what is being written is written."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

__all__ = ["Interrupt", "putting_off_interrupts"]


@dataclass(slots=True)
class Interrupt:
    """Whether Ctrl-C was pressed."""

    asked: bool = False
    _at_once: bool = False

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Let Ctrl-C raise ``KeyboardInterrupt`` within: here nothing is lost by it."""
        self._at_once = True
        try:
            yield
        finally:
            self._at_once = False

    def handle(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature of a handler
        """Take note of Ctrl-C; the second time it does not wait."""
        if self.asked or self._at_once:
            raise KeyboardInterrupt
        self.asked = True


@contextmanager
def putting_off_interrupts() -> Iterator[Interrupt]:
    """Yield what tells whether Ctrl-C was pressed, which else does nothing the first time."""
    interrupt = Interrupt()
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        yield interrupt
        return
    before = signal.signal(signal.SIGINT, interrupt.handle)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)
