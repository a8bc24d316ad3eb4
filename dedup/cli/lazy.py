"""Groups of commands that load a command when it is called: to list them takes no time."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

__all__ = ["LazyGroup"]


class LazyGroup(click.Group):
    """A group whose commands are modules of one package.

    Args:
        package: Where the modules are, each with the name of its command.
        summaries: Name of each command and what the list of commands says of it.
        attribute: Name of the command in its module; ``None`` where it is that of the module.
        options: As for ``click.Group``.
    """

    def __init__(
        self, *, package: str, summaries: Mapping[str, str], attribute: str | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        self._package, self._summaries, self._attribute = package, summaries, attribute

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names, in the order in which the help lists them."""
        return list(self._summaries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Load one command."""
        if cmd_name not in self._summaries:
            return None
        module = import_module(f"{self._package}.{cmd_name}")
        command: click.Command = getattr(module, self._attribute or cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._summaries.items()))
