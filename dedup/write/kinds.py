"""What the columns of a table hold, whatever library the table is of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from dedup.write.json_lines import json_line

__all__ = ["Kind", "encodable", "kinds_of", "plain_text"]

Kind = Literal["text", "texts", "number", "count", "flag", "time"]
"""Text, a list of texts, a float of 64 bits, an integer of 64 bits, true or false, a time in UTC to the microsecond."""

_LARGEST_COUNT = 2**63 - 1
_LARGEST_EXACT = 2**53
"""Up to here every integer is a float."""


def kinds_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, Kind]:
    """Return what each field of ``rows`` holds: ``text``, which can hold all, where its values are of several types.

    >>> kinds_of([{"a": 1, "b": True, "c": 1}, {"a": 2.5, "b": False, "c": "x", "d": None}])
    {'a': 'number', 'b': 'flag', 'c': 'text', 'd': 'text'}
    """
    met: dict[str, set[str]] = {}
    for row in rows:
        for name, value in row.items():
            met.setdefault(name, set()).add(_sort(value))
    return {name: _kind(sorts - {"none"}) for name, sorts in met.items()}


def _sort(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "flag"
        case int():
            if abs(value) <= _LARGEST_EXACT:
                return "small count"
            return "count" if abs(value) <= _LARGEST_COUNT else "other"
        case float():
            return "number"
    return "other"


def _kind(sorts: set[str]) -> Kind:
    if sorts == {"flag"}:
        return "flag"
    if sorts and sorts <= {"small count", "count"}:
        return "count"
    return "number" if sorts and sorts <= {"small count", "number"} else "text"


def plain_text(value: object) -> str | None:
    """Return a value of a column of texts: text as it is, all else as JSON."""
    if value is None or isinstance(value, str):
        return value
    return json_line({"": value})[len('{"": ') : -len("}\n")]


def encodable(value: Any) -> Any:
    """Return text without lone surrogates, which no UTF-8 can hold: each as its escape, as in JSON lines.

    Lists are gone through; all else is returned as it is.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    return [encodable(part) for part in value] if isinstance(value, (list, tuple)) else value
