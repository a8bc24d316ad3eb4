"""A ``dedup.toml`` that names every setting with its default, all of them commented out."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from dedup.cli.configuration.resolve import default_of
from dedup.cli.configuration.schema import Place, Schema, shared_table
from dedup.cli.options.values import takes

__all__ = ["template", "toml_value"]

_WIDTH = 96
_HEAD = """\
Settings of dedup, for commands that are run in this folder and below it.
All stand here with their defaults; take out the # before those that you change.
The command line goes before environment variables, those before this file.
Paths are meant from this folder on. 'dedup config' shows what holds."""


def template(schema: Schema) -> str:
    """Return the file: the tables that commands share, then those of the commands."""
    lines = [f"# {line}" for line in _HEAD.splitlines()]
    for table, keys in schema.tables.items():
        own = [place for place in keys.values() if table in schema.shared or shared_table(place.option) is None]
        if own:
            lines += ["", f"[{'.'.join(table)}]"]
            for place in own:
                lines += ["", *_of_setting(place)]
    return "\n".join(lines) + "\n"


def _of_setting(place: Place) -> Iterator[str]:
    about = f"{place.option.help} Takes {takes(place.option)}."
    for line in textwrap.wrap(about, _WIDTH, break_on_hyphens=False):
        yield f"# {line}"
    default = default_of(place)
    if default is None:
        choices = getattr(place.option.type, "choices", None)
        stand_in = choices[0] if choices else place.option.make_metavar(place.context())
        default = [stand_in] if place.option.multiple else stand_in
    yield f"# {place.key} = {toml_value(default)}"


def toml_value(value: Any) -> str:
    """Return a value as it is written in TOML.

    >>> toml_value(0.5), toml_value(False), toml_value("fa,en"), toml_value(["title=kop"])
    ('0.5', 'false', '"fa,en"', '["title=kop"]')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(toml_value, value))}]"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")  # the one that only TOML escapes
