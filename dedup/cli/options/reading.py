"""INPUT and how it is read."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from dedup.cli.declared import shared_option
from dedup.cli.options.adding import Command, add_options, wrong_usage
from dedup.cli.options.values import EncodingName, FieldName, FileName, MomentOrNow, TimeZone
from dedup.read.fields import ARTICLE_FIELDS
from dedup.read.formats import COMPRESSED_ENDINGS, ENDINGS, FORMATS
from dedup.read.options import ReadOptions
from dedup.text.time_parts import DATE_ORDERS, DateOrder

__all__ = ["Reading", "input_options", "labelled_options", "optional_reading_options", "reading_options"]

_DEFAULTS = ReadOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is read and how."""

    inputs: tuple[str, ...]
    options: ReadOptions
    rejects: Path | None
    """Where rejected records are written; None leaves it to the command."""


def reading_options(command: Command) -> Command:
    """Add INPUT... and how it is read; the command gets them as ``reading``."""
    return add_options(
        _with_reading(command),
        click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=FileName()),
        *_READING,
        click.option(
            "--rejects",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Write rejected records here as JSON lines: file, line, reason, beginning. Without it they go to the "
            "output FILE with .rejects.jsonl added; where the output is standard output, only a summary is shown.",
        ),
    )


def input_options(command: Command) -> Command:
    """Add INPUT... and how it is read, but not where rejected records go; the command gets them as ``reading``."""
    argument = click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=FileName())
    return add_options(_with_reading(command), argument, *_READING)


def optional_reading_options(command: Command) -> Command:
    """Add [INPUT...] and how it is read; the command gets them as ``reading``, perhaps without any input."""
    return add_options(
        _with_reading(command), click.argument("inputs", nargs=-1, metavar="[INPUT]...", type=FileName()), *_READING
    )


def labelled_options(command: Command) -> Command:
    """Add [LABELLED...] and how it is read; the command gets them as ``reading``, perhaps without any input."""
    return add_options(
        _with_reading(command), click.argument("inputs", nargs=-1, metavar="[LABELLED]...", type=FileName()), *_READING
    )


def _with_reading(command: Command) -> Command:
    @functools.wraps(command)
    def with_reading(
        *args: Any,
        inputs: tuple[str, ...],
        form: str | None,
        fields: dict[str, str],
        timezone: str | None,
        as_of: datetime | None,
        date_order: DateOrder | None,
        encoding: str | None,
        max_record_bytes: int,
        rejects: Path | None = None,
        **others: Any,
    ) -> Any:
        with wrong_usage():
            options = ReadOptions(
                format=form,
                fields=fields,
                timezone=timezone,
                as_of=as_of,
                date_order=date_order,
                encoding=encoding,
                max_record_bytes=max_record_bytes,
            )
        return command(*args, reading=Reading(inputs=inputs, options=options, rejects=rejects), **others)

    return with_reading


def _parse_fields(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for ours, _, theirs in (value.partition("=") for value in values):
        if ours in fields:
            raise click.BadParameter(f"{ours!r} is given twice: {fields[ours]} and {theirs}", context, option)
        fields[ours] = theirs
    return fields


_READING = (
    shared_option(
        "reading",
        "--format",
        "form",
        type=click.Choice(FORMATS),
        help=f"Format of every input. Without it the ending of each file decides: {' '.join(ENDINGS)}, "
        f"each also with {' or '.join(COMPRESSED_ENDINGS)}; standard input is JSON lines.",
    ),
    shared_option(
        "reading",
        "--field",
        "fields",
        type=FieldName(),
        multiple=True,
        metavar="OURS=THEIRS",
        callback=_parse_fields,
        help="Name of a field in the input where the usual names do not fit, such as title=kop. Ours: "
        f"{', '.join(ARTICLE_FIELDS)}. Can be given again.",
    ),
    shared_option(
        "reading",
        "--timezone",
        type=TimeZone(),
        metavar="ZONE",
        help="Zone of times that state none, such as Asia/Tehran. Without it that of the edition's country where "
        "its language, address or name tells, else UTC.",
    ),
    shared_option(
        "reading",
        "--as-of",
        type=MomentOrNow(),
        metavar="TIME",
        help="The time that '2 hours ago' and 'yesterday' are told from, such as 2026-03-02T07:20+03:30 or now, where "
        "a record does not say when it was retrieved. Without either such times are not read.",
    ),
    shared_option(
        "reading",
        "--date-order",
        type=click.Choice(DATE_ORDERS),
        help="Which number comes first in 03/04/2025. Without it that of the language where it is known; where it is "
        "not, a date that can mean two days is not read.",
    ),
    shared_option(
        "reading",
        "--encoding",
        type=EncodingName(),
        metavar="NAME",
        help="Encoding of the inputs if not UTF-8, such as windows-1256.",
    ),
    shared_option(
        "reading",
        "--max-record-bytes",
        type=click.IntRange(min=1),
        default=_DEFAULTS.max_record_bytes,
        show_default=True,
        metavar="N",
        help="A longer line, row, page or entry is rejected.",
    ),
)
