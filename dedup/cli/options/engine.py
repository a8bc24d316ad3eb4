"""Which machines do the work."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from dedup.cli.options.adding import Command, add_options
from dedup.cli.options.values import FolderPath

__all__ = ["EngineChoice", "engine_options"]

LOCAL = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineChoice:
    """Which machines do the work, and how it is cut for them."""

    engine: str
    address: str | None
    folder: Path | None
    partition: int

    @property
    def is_local(self) -> bool:
        """Whether this process does it."""
        return self.engine == LOCAL


def engine_options(command: Command) -> Command:
    """Add which machines do the work on articles; the command gets it as ``engine``."""
    return _with_engine(command, "Articles", 8_192)


def vector_engine_options(command: Command) -> Command:
    """Add which machines do the work on vectors; the command gets it as ``engine``."""
    return _with_engine(command, "Vectors", 32_768)


def _with_engine(command: Command, what: str, partition: int) -> Command:
    @functools.wraps(command)
    def with_engine(
        *args: Any, engine: str, address: str | None, work_folder: Path | None, partition: int, **others: Any
    ) -> Any:
        choice = EngineChoice(engine=engine, address=address, folder=work_folder, partition=partition)
        return command(*args, engine=choice, **others)

    return add_options(
        with_engine,
        click.option(
            "--engine",
            type=click.Choice([LOCAL, "ray"]),
            default=LOCAL,
            show_default=True,
            help="Who does the work: this process, or a Ray cluster, part by part, with the same stories. Needs pip "
            "install 'news-dedup[ray]'.",
        ),
        click.option(
            "--address",
            metavar="ADDRESS",
            help="The Ray cluster: auto for the one that this machine is part of, or HOST:6379. Without it the one in "
            "RAY_ADDRESS, else one is started on this machine.",
        ),
        click.option(
            "--work-folder",
            type=FolderPath(),
            metavar="FOLDER",
            help="Where the machines of a cluster keep what is done until the output is written; all reach it under "
            "this name. Without it a hidden folder beside the output, .FILE.ray.",
        ),
        click.option(
            "--partition",
            type=click.IntRange(min=1),
            default=partition,
            show_default=True,
            metavar="N",
            help=f"{what} of a part; a machine holds two parts for each of its cores.",
        ),
    )
