"""Columns of Arrow as values that JSON has."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Unreadable", "column_values", "json_value"]


_FAILURES = (ValueError, OverflowError, TypeError, KeyError, NotImplementedError, ArithmeticError)
"""What Arrow raises for values that Python has none for. Its own exceptions are among these."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands for a cell that holds no value of its column's type."""

    reason: str


def column_values(column: pa.Array, *, is_field: bool) -> list[Any]:
    """Return the cells of a column as JSON values, `Unreadable` where one cannot be read.

    Times become ISO 8601, those with a zone with its offset; nanoseconds are dropped. Bytes that are UTF-8 become text,
    others base64; whole decimals integers, others text; NaN null, an infinity text; of an extension type comes what is
    stored, of a UUID its usual form. A time beyond the calendar becomes the number that it is kept as.

    Args:
        column: of any type.
        is_field: whether it is part of an article; bytes that are no text are unreadable then.
    """
    if not _is_sound(column):
        return [Unreadable("the data of the column are damaged")] * len(column)
    plain = _plain(column)
    try:
        values = plain.to_pylist()
    except _FAILURES:
        values = [_cell(scalar) for scalar in plain]
    return [_text(value) if is_field and isinstance(value, bytes) else json_value(value) for value in values]


def _plain(column: pa.Array) -> pa.Array:
    """A column with extension types and codes replaced by what they stand for, and times in microseconds."""
    import pyarrow as pa

    while isinstance(column, pa.ExtensionArray) and not _is_uuid(column.type):
        column = column.storage
    try:
        wanted = _plain_type(column.type)
        return column if wanted.equals(column.type) else column.cast(wanted, safe=False)
    except pa.ArrowException:
        return column  # cell by cell then, as far as they go


def _is_uuid(kind: pa.DataType) -> bool:
    return getattr(kind, "extension_name", "") == "arrow.uuid"


def _plain_type(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    types = pa.types
    if isinstance(kind, pa.BaseExtensionType):
        return kind if _is_uuid(kind) else _plain_type(kind.storage_type)
    if types.is_dictionary(kind):
        return _plain_type(kind.value_type)
    if types.is_timestamp(kind) and kind.unit == "ns":
        return pa.timestamp("us", kind.tz)
    if types.is_time64(kind):
        return pa.time64("us")
    if types.is_duration(kind) and kind.unit == "ns":
        return pa.duration("us")
    if types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_plain_type(kind.value_type)))
    if types.is_large_list(kind):
        return pa.large_list(kind.value_field.with_type(_plain_type(kind.value_type)))
    if types.is_struct(kind):
        fields = [kind.field(number) for number in range(kind.num_fields)]
        return pa.struct([field.with_type(_plain_type(field.type)) for field in fields])
    return kind


def _is_sound(column: pa.Array) -> bool:
    """Whether a column stays within its data. Arrow itself does not look when it reads, and would read past their end.

    Text that is no UTF-8 is sound: it costs its own cell.
    """
    import pyarrow as pa

    as_bytes = {pa.string(): pa.binary(), pa.large_string(): pa.large_binary()}
    try:
        (column.view(as_bytes[column.type]) if column.type in as_bytes else column).validate(full=True)
    except pa.ArrowException:
        return False
    return True


def _cell(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except UnicodeDecodeError as error:
        return _wrong_byte(error)
    except _FAILURES as error:
        number = getattr(scalar, "value", None)  # of a time beyond the calendar, or of an unknown zone
        return number if isinstance(number, int) else Unreadable(f"a value that cannot be read: {error}")


def json_value(value: Any) -> Any:  # one way for each type
    """Return a Python value that came from a column as one that JSON has.

    >>> json_value({"tags": ["a", None], "n": Decimal("7.00"), "x": float("nan"), "on": date(2026, 3, 2)})
    {'tags': ['a', None], 'n': 7, 'x': None, 'on': '2026-03-02'}
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None if math.isnan(value) else str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Decimal():
            whole = value.is_finite() and value == value.to_integral_value() and abs(value.adjusted()) < 40
            return int(value) if whole else str(value)
        case bytes():
            text = _text(value)
            return text if isinstance(text, str) else base64.b64encode(value).decode("ascii")
        case UUID():
            return str(value)
        case Mapping():
            return {str(key): json_value(each) for key, each in value.items()}
        case list() if value and all(type(each) is tuple and len(each) == 2 for each in value) and _has_names(value):
            return {name: json_value(each) for name, each in value}  # a map
        case list() | tuple():
            return [json_value(each) for each in value]
        case Unreadable():
            return value
    return str(value)


def _text(value: bytes) -> str | Unreadable:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        return _wrong_byte(error)


def _wrong_byte(error: UnicodeDecodeError) -> Unreadable:
    return Unreadable(f"invalid UTF-8 at byte {error.start} (0x{error.object[error.start]:02x})")


def _has_names(pairs: list[tuple[Any, Any]]) -> bool:
    names = [name for name, _ in pairs]
    return all(isinstance(name, str) for name in names) and len(set(names)) == len(names)
