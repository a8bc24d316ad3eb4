"""What is said on standard error: messages, log records, progress. How much, the user says with -q, -v and --debug."""

from __future__ import annotations

import functools
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from dedup.cli.colour import COLOUR_CHOICES, wants_colour
from dedup.cli.declared import once_option, shared_option
from dedup.cli.progress import CLEAR_LINE, ProgressLine
from dedup.cli.streams import close_standard_error
from dedup.cli.text import printable

__all__ = ["CONFIG_HELP", "Console", "console_logging", "console_options", "say"]

Command = Callable[..., Any]
Item = TypeVar("Item")

CONFIG_HELP = (
    "Take settings from here. Without it from DEDUP_CONFIG, else from the nearest dedup.toml: in this folder or above."
)
_MARKED = {"error:": "red", "warning:": "yellow"}
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
    color: bool | None = None
    """Whether there is colour; None leaves it to whether a stream is a terminal."""
    config: Path | None = None
    """The file of settings: until the command is known the one that is named, then the one that is used."""

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
        bar = ProgressLine(stage, total) if self._draws() and total else None
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
        line = ProgressLine(stage, None)
        try:
            for item in items:
                yield item
                line.advance(1)
        finally:
            line.clear()

    def _draws(self) -> bool:
        return not self.quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def _ignore(done: int) -> None:
    pass


def say(message: str, *, prefix: str = "dedup: ", color: bool | None = None) -> None:
    """Print one line on standard error, whatever stands in ``message``; a line of progress gives way to it.

    ``color`` is needed only after the command has ended; before, its ``--color`` holds.
    """
    clear = CLEAR_LINE if sys.stderr.isatty() else ""
    word, space, rest = printable(message).partition(" ")
    if word in _MARKED:
        word = click.style(word, fg=_MARKED[word], bold=True)
    try:
        if clear:
            click.echo(clear, err=True, nl=False, color=True)
        click.echo(f"{prefix}{word}{space}{rest}", err=True, color=color)
    except OSError:  # full, or whoever read it has gone: that nobody hears is no reason to stop
        close_standard_error()


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
    """Add the options that every command has: where its settings are, and how much it says."""
    said = functools.partial(shared_option, "messages", expose_value=False, is_eager=True)
    flag = functools.partial(said, is_flag=True, callback=_set_flag)
    options = (
        once_option(
            "--config",
            type=click.Path(path_type=Path),
            metavar="FILE",
            expose_value=False,
            is_eager=True,
            callback=_configure,
            help=CONFIG_HELP,
        ),
        said(
            "--color",
            type=click.Choice(COLOUR_CHOICES),
            default="auto",
            show_default=True,
            callback=_set_color,
            help="Colour: auto is on terminals, but where NO_COLOR or FORCE_COLOR is set.",
        ),
        flag("--quiet", "-q", help="Say nothing but errors."),
        flag(
            "--verbose",
            "-v",
            help="Say more: what was found on the way, and the first records and fields that were set aside.",
        ),
        flag("--debug", help="Show the traceback of an error, and every log record."),
    )
    for option in reversed(options):  # click lists first what was added last, and takes them in that order
        command = option(command)
    return command


def _configure(context: click.Context, option: click.Parameter, named: Path | None) -> None:  # noqa: ARG001 - click's signature
    if context.resilient_parsing:  # the shell asks how a command goes on
        return
    from dedup.cli.configuration import configure

    console = context.ensure_object(Console)
    console.config = configure(context, named or console.config)


def _set_color(context: click.Context, option: click.Parameter, choice: str) -> None:  # noqa: ARG001 - click's signature
    context.color = context.ensure_object(Console).color = wants_colour(choice)


def _set_flag(context: click.Context, option: click.Parameter, value: bool) -> None:
    if not value or not option.name:
        return
    console = context.ensure_object(Console)
    contrary = {"quiet": "verbose", "verbose": "quiet"}.get(option.name)
    if contrary and getattr(console, contrary):
        if context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE:
            raise click.UsageError("--quiet and --verbose contradict each other; give one of them")
        return  # the command line, which click takes first, goes before what is set elsewhere
    setattr(console, option.name, True)
