"""The command ``dedup`` and its commands, one file each, loaded when one is called: ``dedup --help`` stays instant."""

from __future__ import annotations

from pathlib import Path

import click

from dedup import __version__
from dedup.cli.console import CONFIG_HELP, Console
from dedup.cli.edge import Edge, ending
from dedup.cli.lazy import LazyGroup

__all__ = ["COMMANDS", "app"]

COMMANDS = {
    "cluster": "Group articles into stories.",
    "unique": "Keep one article of each story.",
    "gaps": "List what one edition or language ran and another did not.",
    "vectors": "Group vectors that you have, of any model, into stories.",
    "store": "Keep stories on disk, and add articles as they come.",
    "report": "Group articles into stories and show them as a page of HTML.",
    "explain": "Say why two articles are taken for one story, or not.",
    "evaluate": "Measure STORIES against REFERENCE.",
    "calibrate": "Fit a calibration to your labels, or to another model.",
    "demo": "Group the example articles and show what was found.",
    "cache": "Show or clear what is kept on disk.",
    "config": "Show what every option is set to, and where.",
    "completion": "Print what lets a shell complete commands, options, choices and files.",
}
"""Name of each command, which is also that of its module and its object there, and what the list of commands says."""


class _Commands(LazyGroup, Edge):
    """The group of all commands."""


@click.group(
    cls=_Commands,
    package="dedup.cli",
    summaries=COMMANDS,
    epilog=ending("dedup cluster news/ -o stories.jsonl", "dedup store add news.store news/", "dedup cluster --help"),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="dedup %(version)s")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help=CONFIG_HELP)
@click.pass_obj
def app(console: Console, *, config: Path | None) -> None:
    """Find the same news story across languages.

    Articles go in as JSON lines, CSV, pages, feeds and more; stories come out: translations, reprints, independent
    reports and updates of one event together, other events apart.
    """
    console.config = config
