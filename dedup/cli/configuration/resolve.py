"""Which value an option has where the command line says nothing, and where that value comes from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click

from dedup.cli.configuration.file import ConfigFile, find_config, read_config
from dedup.cli.configuration.schema import Place, Table, configurable, key_of, schema_of, shared_table
from dedup.cli.configuration.values import from_variable

__all__ = ["Setting", "configure", "configured_where", "default_of", "setting_of", "settings_of"]

Source = Literal["environment", "file", "default"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """An option and its value."""

    place: Place
    value: Any
    """As the command line would have it; None where there is none."""
    source: Source
    where: str | None
    """The variable, or the file with the table; None for a default."""

    @property
    def shown(self) -> Any:
        """The value as what it is: a number, not the digits of it."""
        if self.value is None:
            return None
        value = self.place.option.type_cast_value(self.place.context(), self.value)
        if isinstance(value, (list, tuple)):
            return list(value)
        return value if isinstance(value, (bool, int, float)) else str(value)

    @property
    def default(self) -> Any:
        """What the value would be if nobody had set it."""
        return default_of(self.place)


def configure(context: click.Context, named: Path | None) -> Path | None:
    """Give the command that is about to run what file and environment say; return the file, if any.

    Raises:
        SettingsError: what they say cannot be.
    """
    path = find_config(named)
    file = read_config(path, schema_of(context.find_root().command)) if path is not None else None
    table = _table_of(context)
    values = {
        setting.place.option.name: setting.value
        for setting in settings_of(context.command, table, file)
        if setting.source != "default"
    }
    context.default_map = {**(context.default_map or {}), **{name: one for name, one in values.items() if name}}
    return path


def configured_where(context: click.Context, path: Path | None) -> dict[str, str]:
    """Return where the options of a command are set that are set in the file ``path`` or by a variable, by parameter.

    Raises:
        SettingsError: what they say cannot be.
    """
    file = read_config(path, schema_of(context.find_root().command)) if path is not None else None
    settings = settings_of(context.command, _table_of(context), file)
    return {one.place.option.name: one.where for one in settings if one.place.option.name and one.where}


def _table_of(context: click.Context) -> Table:
    names: list[str] = []
    one: click.Context | None = context
    while one is not None and one.parent is not None:
        names.insert(0, one.info_name or "")
        one = one.parent
    return tuple(names)


def settings_of(command: click.Command, table: Table, file: ConfigFile | None) -> Iterator[Setting]:
    """Yield every option of a command that can be set, with its value.

    Raises:
        SettingsError: an environment variable has a value that cannot be.
    """
    for option in configurable(command):
        yield setting_of(Place(table=table, key=key_of(option), option=option, command=command), file)


def setting_of(place: Place, file: ConfigFile | None) -> Setting:
    """Return an option with its value.

    Raises:
        SettingsError: an environment variable has a value that cannot be.
    """
    option = place.option
    for variable in place.variables:
        if text := os.environ.get(variable):
            given = from_variable(place, text, variable)
            return Setting(place=place, value=given, source="environment", where=variable)
    for table in (place.table, shared_table(option)):
        if table and file is not None and (table, place.key) in file.values:
            where = f"{file.path} [{'.'.join(table)}]"
            return Setting(place=place, value=file.values[table, place.key], source="file", where=where)
    return Setting(place=place, value=default_of(place), source="default", where=None)


def default_of(place: Place) -> Any:
    """Return the default of an option; None where it has none."""
    value = place.option.get_default(place.context(), call=False)
    # click has a mark of its own for "none", which is of no public type
    return value if isinstance(value, (str, int, float, list, tuple)) else None
