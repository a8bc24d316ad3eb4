"""``dedup.toml``: where it is, and what it says, checked key by key."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dedup.cli.configuration.schema import Place, Schema, Table
from dedup.cli.configuration.values import from_file
from dedup.errors import SettingsError

__all__ = ["CONFIG_VARIABLE", "FILE_NAME", "ConfigFile", "find_config", "read_config"]

FILE_NAME = "dedup.toml"
CONFIG_VARIABLE = "DEDUP_CONFIG"

_LARGEST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """What a file says, every value tried by the option that it is for."""

    path: Path
    values: Mapping[tuple[Table, str], Any]
    """By table and key, as the command line would have them."""


def find_config(named: Path | None = None) -> Path | None:
    """Return the file of settings: the one that is named, else that of ``DEDUP_CONFIG``, else the nearest.

    The nearest is looked for in the working directory and in those above it, no further than one that holds ``.git``
    or the home of the user.

    Raises:
        SettingsError: the one that is named is not there.
    """
    for name, source in ((named, "--config"), (os.environ.get(CONFIG_VARIABLE), CONFIG_VARIABLE)):
        if name:
            path = Path(name).absolute()
            if os.path.isdir(path) or not os.path.exists(path):  # noqa: PTH110, PTH112 - likewise
                raise SettingsError(f"{source} names {name}, which is no file; 'dedup config --init' makes one")
            return path
    # os.path: a folder that may not be looked into holds none
    return next((path for folder in _folders() if os.path.isfile(path := folder / FILE_NAME)), None)  # noqa: PTH113


def _folders() -> Iterator[Path]:
    try:
        here = Path.cwd()
    except OSError:  # it has been removed
        return
    home = os.path.realpath(Path("~").expanduser())
    for folder in (here, *here.parents):
        yield folder
        if os.path.lexists(folder / ".git") or str(folder) == home:
            return


def read_config(path: Path, schema: Schema) -> ConfigFile:
    """Return what the file says.

    Raises:
        SettingsError: it cannot be read or is no TOML; a table or key is unknown; a value cannot be.
    """
    values: dict[tuple[Table, str], Any] = {}
    for place, value in _settings(_parsed(path), (), schema, path):
        values[place.table, place.key] = from_file(place, value, path)
    return ConfigFile(path=path, values=values)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_BYTES + 1)
        if len(data) > _LARGEST_BYTES:
            raise SettingsError(f"{path} is longer than {_LARGEST_BYTES:,} bytes; it is no file of settings")
        return tomllib.loads(data.decode("utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}; check its permissions") from error
    except (ValueError, RecursionError) as error:  # no UTF-8, no TOML, or nested without end
        raise SettingsError(f"{path} is no TOML: {error or 'nested too deep'}; mend it or name another file") from error


def _settings(document: Mapping[str, Any], table: Table, schema: Schema, path: Path) -> Iterator[tuple[Place, Any]]:
    """Yield what stands in a table and in those within it."""
    keys, inner = schema.tables.get(table, {}), schema.inner_names(table)
    seen: set[str] = set()
    for name, value in document.items():
        key = name.replace("_", "-")
        if key in seen:
            raise SettingsError(f"{path}: {key} is set twice{_in(table)}, as {name} too; take out one")
        seen.add(key)
        if key in keys:
            yield keys[key], value
        elif key in inner and isinstance(value, dict):
            yield from _settings(value, (*table, key), schema, path)
        else:
            raise _unknown(name, value, table, schema, path)


def _unknown(name: str, value: Any, table: Table, schema: Schema, path: Path) -> SettingsError:
    keys, inner = schema.tables.get(table, {}), schema.inner_names(table)
    if isinstance(value, dict):
        start = f"{path}: there is no table [{'.'.join((*table, name))}]"
        return SettingsError(f"{start}; {_nearest(name, inner) or _one_of(inner)}")
    start = f"{path}: there is no setting {name}{_in(table)}"
    if name in inner:
        return SettingsError(f"{start}; [{'.'.join((*table, name))}] is a table")
    places = _places(name, table, schema)
    if places:
        return SettingsError(f"{start}; it belongs in {places}")
    aliases = {alias.removeprefix("--"): key for key, place in keys.items() for alias in place.option.opts}
    if name in aliases:
        return SettingsError(f"{start}; it is called {aliases[name]}")
    everywhere = sorted({key for some in schema.tables.values() for key in some})
    hint = _nearest(name, keys) or _nearest(name, everywhere) or "'dedup config' lists all there are"
    return SettingsError(f"{start}; {hint}")


def _in(table: Table) -> str:
    return f" in [{'.'.join(table)}]" if table else " outside the tables"


def _places(name: str, table: Table, schema: Schema) -> str:
    """Return the tables in which there is such a key, shared ones before commands: some of them."""
    key = name.replace("_", "-")
    tables = [table for table, keys in schema.shared.items() if key in keys]
    tables = tables or [table for table, keys in schema.commands.items() if key in keys]
    tables.sort(key=lambda one: one[:1] != table[:1])  # those of the same commands first
    return " or ".join(f"[{'.'.join(one)}]" for one in tables[:3])


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name.replace("_", "-"), list(known), n=1)
    return f"did you mean {near[0]}?" if near else ""


def _one_of(names: Iterable[str]) -> str:
    return f"tables are {', '.join(f'[{name}]' for name in names)}"
