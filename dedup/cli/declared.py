"""Options that say where else they can be set: for all commands at once, for one command, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import click
from click.core import ParameterSource

__all__ = ["Command", "OnceOption", "SharedOption", "Table", "once_option", "said_here", "shared_option"]

Command = Callable[..., Any]

Table = Literal["reading", "stories", "model", "messages"]
"""Tables of ``dedup.toml`` that hold for every command."""


class SharedOption(click.Option):
    """An option that means the same in every command that has it, and is set once for all of them."""

    def __init__(self, *args: Any, table: Table, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.table = table


class OnceOption(click.Option):
    """An option that is said on the command line each time: neither ``dedup.toml`` nor the environment can say it."""


def shared_option(table: Table, *flags: str, **attributes: Any) -> Callable[[Command], Command]:
    """Return ``click.option`` for an option that ``dedup.toml`` has in ``table``."""
    return click.option(*flags, cls=SharedOption, table=table, **attributes)


def once_option(*flags: str, **attributes: Any) -> Callable[[Command], Command]:
    """Return ``click.option`` for an option that is only ever said on the command line."""
    return click.option(*flags, cls=OnceOption, **attributes)


def said_here(name: str) -> bool:
    """Whether the parameter of that name was said on the command line of the command that runs."""
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE
