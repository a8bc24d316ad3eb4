"""What ``dedup.toml`` can say: its tables and their keys, read off the options of all commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import click

from dedup.cli.declared import OnceOption, SharedOption

__all__ = ["Place", "Schema", "Table", "configurable", "key_of", "schema_of", "shared_table"]

Table = tuple[str, ...]
"""A table's name part by part: that of a group of shared options, or that of a command, ``("store", "add")``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An option, and where it is set."""

    table: Table
    key: str
    option: click.Option
    command: click.Command
    """One that has the option."""

    def context(self) -> click.Context:
        """Return a context to try values in, apart from that of the run."""
        return click.Context(self.command, info_name=self.command.name)

    @property
    def variables(self) -> tuple[str, ...]:
        """Environment variables that set the option, the one that goes before the others first."""
        shared = shared_table(self.option)
        of_one = [] if self.table == shared else [(*self.table, self.key)]
        of_all = [(self.key,)] if shared else []
        return tuple("_".join(("DEDUP", *parts)).upper().replace("-", "_") for parts in (*of_one, *of_all))


@dataclass(frozen=True, kw_only=True)
class Schema:
    """All that can be said."""

    shared: Mapping[Table, Mapping[str, Place]]
    """Tables that hold for every command."""
    commands: Mapping[Table, Mapping[str, Place]]
    """Tables of commands: every option that one has, the shared ones too."""

    @cached_property
    def tables(self) -> Mapping[Table, Mapping[str, Place]]:
        """All tables, the shared ones first."""
        return {**self.shared, **self.commands}

    def inner_names(self, table: Table) -> list[str]:
        """Return what tables there are in one: of the file as a whole those at its top."""
        inner = (one[len(table)] for one in self.tables if len(one) > len(table) and one[: len(table)] == table)
        return list(dict.fromkeys(inner))


def schema_of(root: click.Command) -> Schema:
    """Return what can be said of the commands below ``root``."""
    shared: dict[Table, dict[str, Place]] = {}
    commands: dict[Table, dict[str, Place]] = {}
    for table, command in _commands(root, ()):
        commands[table] = {}
        for option in configurable(command):
            key = key_of(option)
            commands[table][key] = Place(table=table, key=key, option=option, command=command)
            if common := shared_table(option):
                place = Place(table=common, key=key, option=option, command=command)
                shared.setdefault(common, {}).setdefault(key, place)
    return Schema(shared=shared, commands=commands)


def _commands(command: click.Command, name: Table) -> Iterator[tuple[Table, click.Command]]:
    if not isinstance(command, click.Group):
        yield name, command
        return
    context = click.Context(command)
    for inner in command.list_commands(context):
        found = command.get_command(context, inner)
        if found is not None:
            yield from _commands(found, (*name, inner))


def shared_table(option: click.Option) -> Table | None:
    """Return the table in which an option is set for all commands, if there is one."""
    return (option.table,) if isinstance(option, SharedOption) else None


def configurable(command: click.Command) -> list[click.Option]:
    """Return the options of a command that can be set elsewhere than on the command line."""
    return [
        option for option in command.params if isinstance(option, click.Option) and not isinstance(option, OnceOption)
    ]


def key_of(option: click.Option) -> str:
    """Return the key of an option: its first long name without the dashes."""
    return next(name for name in option.opts if name.startswith("--")).removeprefix("--")
