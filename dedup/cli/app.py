"""The command ``dedup`` and its commands, one file each, loaded when one is called: ``dedup --help`` stays instant."""

from __future__ import annotations

from importlib import import_module

import click

from dedup import __version__
from dedup.cli.edge import EXIT_CODES, Edge

__all__ = ["COMMANDS", "app"]

COMMANDS = {
    "cluster": "Group articles into stories.",
    "unique": "Keep one article of each story.",
    "explain": "Say why two articles are taken for one story, or not.",
    "evaluate": "Measure STORIES against REFERENCE.",
    "calibrate": "Fit a calibration to your labels, or to another model.",
    "demo": "Group the example articles and show what was found.",
    "cache": "Show or clear what is kept on disk.",
}
"""Name of each command, which is also that of its module and its object there, and what the list of commands says."""


class _Commands(Edge):
    """The group of all commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names, in the order in which the help lists them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Load one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"dedup.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="dedup %(version)s")
def app() -> None:
    """Find the same news story across languages.

    Articles go in as JSON lines, CSV, TSV or pages of text; stories come out: translations, reprints, independent
    reports and updates of one event together, other events apart.
    """
