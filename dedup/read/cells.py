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


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands for a cell that holds no value of its column's type."""

    reason: str


def column_values(column: pa.Array) -> list[Any]:
    """Return the cells of a column as JSON values, `Unreadable` where one cannot be read.

    Times become ISO 8601, those with a zone with its offset; times that end in nanoseconds lose these. Bytes that are
    UTF-8 become text, others base64; whole decimals integers, others text; NaN null, an infinity text; of an extension
    type comes what is stored. A time beyond the calendar becomes the number that it is kept as.
    """
    try:
        return [json_value(value) for value in _plain(column).to_pylist(maps_as_pydicts=None)]
    except (ValueError, OverflowError, TypeError, KeyError, NotImplementedError, ArithmeticError):
        return [_cell(scalar) for scalar in _plain(column)]


def _plain(column: pa.Array) -> pa.Array:
    """A column with extension types and codes replaced by what they stand for, and times in microseconds."""
    import pyarrow as pa

    while isinstance(column, pa.ExtensionArray):
        column = column.storage
    try:
        wanted = _plain_type(column.type)
        return column if wanted.equals(column.type) else column.cast(wanted, safe=False)
    except pa.ArrowException:
        return column  # cell by cell then, as far as they go


def _plain_type(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    types = pa.types
    if isinstance(kind, pa.BaseExtensionType):
        return _plain_type(kind.storage_type)
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


def _cell(scalar: pa.Scalar) -> Any:
    try:
        return json_value(scalar.as_py())
    except UnicodeDecodeError as error:
        return Unreadable(f"invalid UTF-8 at byte {error.start} (0x{error.object[error.start]:02x})")
    except (ValueError, OverflowError, TypeError, KeyError, NotImplementedError, ArithmeticError) as error:
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
            return _text(value)
        case UUID():
            return str(value)
        case Mapping():
            return {str(key): json_value(each) for key, each in value.items()}
        case list() | tuple() | set():
            return [json_value(each) for each in value]
    return str(value)


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return base64.b64encode(value).decode("ascii")
