"""Rows as values separated by commas or tabs, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from dedup.write.json_lines import json_line
from dedup.write.output import Format

__all__ = ["guard_cell", "write_delimited"]

_DELIMITERS: dict[Format, str] = {"csv": ",", "tsv": "\t"}
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def write_delimited(file: TextIO, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], form: Format) -> None:
    """Write a header and ``rows``, in the order of ``columns``; what a row lacks is an empty cell."""
    writer = csv.writer(file, delimiter=_DELIMITERS[form], lineterminator="\n")
    writer.writerow([guard_cell(column) for column in columns])
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)


def guard_cell(text: str) -> str:
    """Return ``text`` with an apostrophe before it where a spreadsheet would take it for a formula.

    That is where it begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return and is no plain number. Articles
    come from strangers, and a formula can send what stands in a table to one of them (OWASP, "CSV Injection").

    >>> [guard_cell(text) for text in ("=HYPERLINK(1)", "-12", "- Ne dedi?", "Ankara")]
    ["'=HYPERLINK(1)", '-12', "'- Ne dedi?", 'Ankara']
    """
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            # the csv module quotes a line feed, but not a lone carriage return, which readers take for the end of a row
            return guard_cell(value).replace("\r\n", "\n").replace("\r", "\n")
        case int() | float() if not isinstance(value, bool):
            return str(value)
        case bool():
            return "true" if value else "false"
    return json_line({"": value})[len('{"": ') : -len("}\n")]  # begins with [ or { or ", which is no formula
