"""``dedup config``: what every option is set to, and where."""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dedup.cli.console import Console, console_options
from dedup.cli.declared import once_option
from dedup.cli.edge import ending
from dedup.cli.options import json_option

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from dedup.cli.configuration import ConfigFile, Schema, Setting

__all__ = ["config"]

_WIDTH = 96


def _complete_command(context: click.Context, option: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001 - click's signature
    from click.shell_completion import CompletionItem

    from dedup.cli.configuration import schema_of

    given = tuple(context.params.get("command") or ())
    names = schema_of(context.find_root().command).inner_names(given)
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@click.command(
    epilog=ending("dedup config", "dedup config cluster", "dedup config store add --json", "dedup config --init")
)
@click.argument("command", nargs=-1, metavar="[COMMAND]...", shell_complete=_complete_command)
@once_option("--init", is_flag=True, help="Write a dedup.toml into this folder that says all this and changes nothing.")
@json_option("Print as JSON.")
@console_options
@click.pass_context
def config(context: click.Context, *, command: tuple[str, ...], init: bool, as_json: bool) -> None:
    """Show what every option is set to, and where.

    Of each option: its value, where that comes from, what it does, what it can be set to, and the environment variables
    that set it. COMMAND is one whose options are shown, as that command would take them; without it all options are,
    those that commands share first. What is said on the command line goes before the environment, that before
    dedup.toml, and that before the default.
    """
    from dedup.cli.configuration import schema_of

    schema = schema_of(context.find_root().command)
    if init:
        _write_template(schema)
        return
    file = _file(context.ensure_object(Console).config, schema)
    settings = _settings(command, schema, file)
    if as_json:
        click.echo(json.dumps([_row(one) for one in settings], ensure_ascii=False, indent=2))
        return
    click.echo(f"settings from {file.path}" if file else "no dedup.toml in this folder or above")
    for line in _lines(settings):
        click.echo(line)
    for line in _strange_variables(schema):
        click.echo(line)


def _file(path: Path | None, schema: Schema) -> ConfigFile | None:
    from dedup.cli.configuration import read_config

    return read_config(path, schema) if path else None


def _settings(command: Sequence[str], schema: Schema, file: ConfigFile | None) -> list[Setting]:
    """Return the settings of the command that was named, or of all: what is shared, then what each has for itself."""
    from dedup.cli.configuration import setting_of, shared_table

    table = tuple(part for word in command for part in word.split("."))
    if not table:
        places = [place for keys in schema.tables.values() for place in keys.values()]
        own = (one for one in places if one.table == shared_table(one.option) or shared_table(one.option) is None)
        return [setting_of(place, file) for place in own]
    tables = [one for one in schema.commands if one[: len(table)] == table]
    if not tables:
        raise click.UsageError(f"there is no command {' '.join(table)}; 'dedup --help' lists them")
    return [setting_of(place, file) for one in tables for place in schema.commands[one].values()]


def _row(setting: Setting) -> dict[str, Any]:
    from dedup.cli.options.values import takes

    place = setting.place
    return {
        "table": ".".join(place.table),
        "key": place.key,
        "value": setting.shown,
        "source": setting.source,
        "where": setting.where,
        "default": setting.default,
        "takes": takes(place.option),
        "variables": list(place.variables),
        "help": place.option.help,
    }


def _lines(settings: Sequence[Setting]) -> Iterator[str]:
    from dedup.cli.configuration.template import toml_value
    from dedup.cli.options.values import takes

    table = None
    for setting in settings:
        place = setting.place
        if place.table != table:
            table = place.table
            yield ""
            yield click.style(f"[{'.'.join(table)}]", bold=True)
        value = "is not set" if setting.value is None else f"= {toml_value(setting.shown)}"
        where = setting.where or "default"
        yield f"{click.style(place.key, fg=None if setting.where is None else 'green', bold=True)} {value}  ({where})"
        yield from _wrapped(place.option.help or "")
        yield from _wrapped(f"Takes {takes(place.option)}. Variables: {', '.join(place.variables)}.")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)


def _strange_variables(schema: Schema) -> Iterator[str]:
    """Yield a line for each environment variable that looks like one of ours and is none."""
    import difflib

    known = {variable for keys in schema.tables.values() for place in keys.values() for variable in place.variables}
    known |= {"DEDUP_CACHE", "DEDUP_CONFIG", "DEDUP_DATA", "DEDUP_SHARED"}
    for name in sorted(os.environ):
        if name.startswith("DEDUP_") and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            yield f"\nThe environment variable {name} means nothing" + (f"; did you mean {near[0]}?" if near else ".")


def _write_template(schema: Schema) -> None:
    from dedup.cli.configuration import FILE_NAME
    from dedup.cli.configuration.template import template
    from dedup.errors import OutputError

    path = Path(FILE_NAME)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(template(schema))
    except FileExistsError as error:
        raise OutputError(f"{path.absolute()} is there already and stays as it is; move it away first") from error
    except OSError as error:
        raise OutputError(f"cannot write {path.absolute()}: {error.strerror}; choose another folder") from error
    click.echo(f"written    {path.absolute()}")
