"""Pairs of articles that a person judged, as a report saves them and ``dedup store labels`` writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dedup.errors import InputError
from dedup.evaluate.rows import Shape, read_rows, required, shown
from dedup.label import Label

__all__ = ["LABEL_ROWS", "read_judged"]

LABEL_ROWS = 'each row is a pair, {"a": id, "b": id, "same": true or false}; a CSV file has these three columns'
"""What a file of labels looks like, for messages."""

_SHAPE = Shape(columns=("a", "b", "same"), told=LABEL_ROWS)
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


def read_judged(path: str | Path) -> Iterator[tuple[str, Label]]:
    """Yield where a label stands (for messages) and the label, from JSON lines or CSV, plain or gzipped, in UTF-8.

    Fields other than ``a``, ``b`` and ``same`` are passed over.

    Raises:
        InputError: the file cannot be read; a row lacks an id or a truth value, or names one article twice; or a later
            row says otherwise of a pair than an earlier one. The message names file and line.
    """
    path = Path(path)
    judged: dict[tuple[str, str], bool] = {}
    for where, row in read_rows(path, _SHAPE):
        label = _label(row, where)
        if judged.setdefault(label.pair, label.same) != label.same:
            raise InputError(
                f"{where}: the pair {shown(label.a)}, {shown(label.b)} is judged otherwise in an earlier row; leave one"
            )
        yield where, label


def _label(row: Mapping[str, Any], where: str) -> Label:
    a, b = (required(row, name, where, _SHAPE) for name in ("a", "b"))
    if a == b:
        raise InputError(f"{where}: a and b are one article, {shown(a)}; a pair has two")
    return Label(a=a, b=b, same=_truth(row, where))


def _truth(row: Mapping[str, Any], where: str) -> bool:
    value = row.get("same")
    truth = _TRUTH.get(str(value).strip().casefold()) if isinstance(value, (bool, int, str)) else None
    if truth is None:
        raise InputError(f"{where}: same is {shown(value)} where true or false (or 1 or 0) is needed; {LABEL_ROWS}")
    return truth
