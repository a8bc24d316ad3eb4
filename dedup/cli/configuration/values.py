"""Values of ``dedup.toml`` and of environment variables as the command line would have them, tried by their options."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import click

from dedup.cli.configuration.schema import Place
from dedup.cli.options.values import ModelName, takes
from dedup.errors import SettingsError

__all__ = ["from_file", "from_variable"]


def from_file(place: Place, value: Any, path: Path) -> Any:
    """Return a value of the file ``path`` as the option takes it, after it was tried.

    Paths that are not absolute are meant from the file's folder on.

    Raises:
        SettingsError: the option cannot have it; the message names file, table, key and value.
    """
    where = f"{path}: {place.key} = {_shown(value)} in [{'.'.join(place.table)}]"
    option = place.option
    if option.is_flag:
        if not isinstance(value, bool):
            raise _wrong(where, "it is only on or off", place)
        given: Any = value
    elif option.multiple:
        given = [_meant(option, one, path.parent, where, place) for one in _several(value, where, place)]
    else:
        given = _meant(option, value, path.parent, where, place)
    _try(place, given, where)
    return given


def from_variable(place: Place, text: str, variable: str) -> Any:
    """Return the text of an environment variable as the option takes it, after it was tried.

    Raises:
        SettingsError: the option cannot have it.
    """
    where = f"the environment variable {variable}={text}"
    option = place.option
    given: Any = text
    if option.is_flag:
        try:
            given = click.BOOL.convert(text, None, None)
        except click.BadParameter as error:
            raise _wrong(where, error.message, place) from error
    elif option.multiple:
        given = list(option.type.split_envvar_value(text))
    _try(place, given, where)
    return given


def _several(value: Any, where: str, place: Place) -> list[Any]:
    """Return the values of an option that can be given again: a list, or a table of what stands on two sides of =."""
    if isinstance(value, dict):
        return [f"{ours}={theirs}" for ours, theirs in value.items()]
    if not isinstance(value, list):
        raise _wrong(where, "it stands in brackets", place)
    return value


def _meant(option: click.Option, value: Any, folder: Path, where: str, place: Place) -> str:
    match value:
        case bool() | list() | dict():
            raise _wrong(where, "it is a value of another kind", place)
        case str() if isinstance(option.type, click.Path) and value != "-":
            return str(folder / value)
        case str() if isinstance(option.type, ModelName):
            return option.type.from_folder(value, folder)
        case datetime() | date() | time():
            return value.isoformat()
    return str(value)  # a number as it would be typed: 2.5 for a whole one is then refused


def _try(place: Place, given: Any, where: str) -> None:
    try:
        place.option.process_value(place.context(), given)
    except click.UsageError as error:
        raise _wrong(where, error.message, place) from error
    except (OSError, ValueError) as error:  # a path that no system has: too long, or with a NUL
        raise _wrong(where, str(getattr(error, "strerror", None) or error), place) from error


def _wrong(where: str, reason: str, place: Place) -> SettingsError:
    return SettingsError(f"{where}: {reason.rstrip('.')}; it takes {takes(place.option)}")


def _shown(value: Any) -> str:
    """Return a value as it stands in the file, or nearly."""
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)
