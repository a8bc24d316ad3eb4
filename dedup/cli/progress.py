"""One line of progress: how far a stage is, how fast it goes, how long it will take."""

from __future__ import annotations

import shutil
import time
from collections import deque

import click

__all__ = ["CLEAR_LINE", "ProgressLine", "time_span"]

CLEAR_LINE = "\r\033[K"
_BAR_CHARACTERS = 24
_COUNT_EVERY = 1_000
_DRAW_EVERY_SECONDS = 0.1
_WINDOW_SECONDS = 20.0
"""The rate is that of the last so many seconds: what was found in the cache at the start tells nothing of the rest."""
_LEAST_SECONDS = 2.0
"""A rate of less is a guess."""


class ProgressLine:
    """A line on standard error, drawn over itself.

    Args:
        stage: What is being done.
        total: How much there is to do; None where nobody knows.
    """

    def __init__(self, stage: str, total: int | None) -> None:
        self._stage = stage
        self._total = total
        self._done = 0
        self._shown = ""
        self._drawn = float("-inf")
        self._past: deque[tuple[float, int]] = deque()
        """Moments of the last seconds, and what was done by then."""

    def advance(self, done: int) -> None:
        """Take in that so much more is done."""
        before, self._done = self._done, self._done + done
        now = time.monotonic()
        if not self._is_due(before, now):
            return
        self._drawn = now
        self._note(now)
        text = self._text(now)[: shutil.get_terminal_size().columns - 1]
        if text != self._shown:
            self._shown = text
            click.echo(f"{CLEAR_LINE}{text}", err=True, nl=False, color=True)

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            click.echo(CLEAR_LINE, err=True, nl=False, color=True)

    def _is_due(self, before: int, now: float) -> bool:
        if self._total is None:
            return before // _COUNT_EVERY != self._done // _COUNT_EVERY
        return now - self._drawn >= _DRAW_EVERY_SECONDS or self._done >= self._total

    def _note(self, now: float) -> None:
        self._past.append((now, self._done))
        while len(self._past) > 2 and now - self._past[1][0] >= _WINDOW_SECONDS:
            self._past.popleft()

    def _text(self, now: float) -> str:
        rate = self._rate(now)
        speed = f"  {rate:,.0f}/s" if rate >= 10 else f"  {rate:.1f}/s" if rate else ""
        if self._total is None:
            return f"{self._stage}: {self._done // _COUNT_EVERY * _COUNT_EVERY:,}{speed}"
        share = min(1.0, self._done / self._total)
        full = round(share * _BAR_CHARACTERS)
        left = f"  {time_span((self._total - self._done) / rate)} left" if rate and self._done < self._total else ""
        bar = "#" * full + "-" * (_BAR_CHARACTERS - full)
        return f"{self._stage:<10} [{bar}] {share:4.0%} of {self._total:,}{speed}{left}"

    def _rate(self, now: float) -> float:
        """Return how much was done in a second of late; 0 where that is not known yet."""
        then, done = self._past[0]
        return (self._done - done) / (now - then) if now - then >= _LEAST_SECONDS else 0.0


def time_span(seconds: float) -> str:
    """Return a span of time for people.

    >>> time_span(8.2), time_span(194), time_span(7_500)
    ('8 s', '3 min 14 s', '2 h 5 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3_600:,} h {whole % 3_600 // 60} min"
