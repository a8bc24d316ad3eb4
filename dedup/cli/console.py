"""What is said on standard error: messages, log records, progress. How much, the user says with -q, -v and --debug."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from dedup.cli.text import printable

__all__ = ["Console", "console_logging", "console_options", "say"]

Command = TypeVar("Command", bound=Callable[..., Any])
Item = TypeVar("Item")

_COUNT_EVERY = 1_000
_BAR_CHARACTERS = 24
_CLEAR_LINE = "\r\033[K"
# Said at the usual level though it is but information: it explains a wait of many seconds.
_WAITS = "dedup.encode.bundled"
# Rejected records and fields that were set aside are told in the summary; one by one only to who asks.
_TOLD_AT_THE_END = "dedup.read.report"


@dataclass(slots=True)
class Console:
    """How much is said; set by the options of the command before it runs."""

    quiet: bool = False
    verbose: bool = False
    debug: bool = False

    def tell(self, message: str) -> None:
        """Say something that is neither result nor error, unless asked to be quiet."""
        if not self.quiet:
            say(message, prefix="")

    def wants(self, record: logging.LogRecord) -> bool:
        """Whether a log record is to be shown."""
        if self.debug:
            return True
        if self.quiet:
            return record.levelno >= logging.ERROR
        if record.name == _TOLD_AT_THE_END and not self.verbose:
            return record.levelno >= logging.ERROR
        if record.name.startswith("py.warnings"):
            return self.verbose
        return record.levelno >= (logging.INFO if self.verbose or record.name == _WAITS else logging.WARNING)

    @contextmanager
    def progress(self, stage: str, total: int) -> Iterator[Callable[[int], None]]:
        """Draw a bar on a terminal while a stage runs; a ``dedup.pipeline.Progress``."""
        bar = _Line(stage, total) if self._draws() and total else None
        try:
            yield bar.advance if bar else _ignore
        finally:
            if bar:
                bar.clear()

    def counting(self, items: Iterable[Item], stage: str) -> Iterator[Item]:
        """Yield ``items`` and show on a terminal how many there have been."""
        if not self._draws():
            yield from items
            return
        line = _Line(stage, None)
        try:
            for item in items:
                yield item
                line.advance(1)
        finally:
            line.clear()

    def _draws(self) -> bool:
        return not self.quiet and sys.stderr.isatty()


class _Line:
    """One line of progress on standard error, drawn over itself."""

    def __init__(self, stage: str, total: int | None) -> None:
        self._stage = stage
        self._total = total
        self._done = 0
        self._shown = ""

    def advance(self, done: int) -> None:
        self._done += done
        if self._total is None:
            text = f"{self._stage}: {self._done // _COUNT_EVERY * _COUNT_EVERY:,}"
        else:
            share = min(1.0, self._done / self._total)
            full = round(share * _BAR_CHARACTERS)
            text = f"{self._stage:<10} [{'#' * full}{'-' * (_BAR_CHARACTERS - full)}] {share:4.0%} of {self._total:,}"
        if text != self._shown:
            self._shown = text
            click.echo(f"{_CLEAR_LINE}{text}", err=True, nl=False)

    def clear(self) -> None:
        if self._shown:
            click.echo(_CLEAR_LINE, err=True, nl=False)


def _ignore(done: int) -> None:
    pass


def say(message: str, *, prefix: str = "dedup: ") -> None:
    """Print one line on standard error, whatever stands in ``message``; a line of progress gives way to it."""
    clear = _CLEAR_LINE if sys.stderr.isatty() else ""
    click.echo(f"{clear}{prefix}{printable(message)}", err=True)


class _Handler(logging.Handler):
    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        if self._console.wants(record):
            level = f"{record.levelname.lower()}: " if record.levelno != logging.INFO else ""
            say(f"{level}{record.getMessage()}")


@contextmanager
def console_logging(console: Console) -> Iterator[None]:
    """Show the library's log records, and Python's warnings, for as long as a command runs."""
    handler = _Handler(console)
    loggers = [logging.getLogger(name) for name in ("dedup", "py.warnings")]
    before = [(logger.level, logger.propagate) for logger in loggers]
    logging.captureWarnings(capture=True)
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate


def console_options(command: Command) -> Command:
    """Add the options that say how much is said."""
    for name, help_text in (
        ("--debug", "Show the traceback of an error, and every log record."),
        ("--verbose/-v", "Say more: what was found on the way, and the first records and fields that were set aside."),
        ("--quiet/-q", "Say nothing but errors."),
    ):
        flags = name.split("/")
        command = click.option(
            *flags, is_flag=True, expose_value=False, is_eager=True, callback=_set_flag, help=help_text
        )(command)
    return command


def _set_flag(context: click.Context, option: click.Parameter, value: bool) -> None:
    if value and option.name:
        setattr(context.ensure_object(Console), option.name, True)
