"""How options are added to a command, and values that cannot be become a wrong use of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from dedup.cli.declared import Command
from dedup.errors import SettingsError

__all__ = ["Command", "add_options", "wrong_usage"]


def add_options(command: Command, *options: Callable[[Command], Command]) -> Command:
    """Add options, which the help lists in this order."""
    for option in reversed(options):  # click lists first what was added last
        command = option(command)
    return command


@contextmanager
def wrong_usage() -> Iterator[None]:
    """A value that cannot be is a wrong use of the command line."""
    try:
        yield
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
