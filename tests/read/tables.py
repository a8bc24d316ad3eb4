"""Parquet and Arrow files made from readable sources, `tests/read/fixtures/parquet` and `arrow`.

A source is a JSON object:

    columns   names, types and values of the columns. A type is Arrow's name of it, or an object with one key:
              {"list": T}, {"struct": {name: T}}, {"map": [T, T]}, {"dictionary": T}, {"timestamp": [unit, zone]},
              {"decimal": [digits, places]}, {"run_end_encoded": T}, {"extension": "uuid" or "json"}
              Times are ISO 8601 or, as numbers, what is stored; bytes are {"hex": "..."} or {"text": "..."}.
    rows      of a batch (Arrow) or row group (Parquet); all in one without it
    write     "parquet"; "file", "stream" or "feather"
    cut       bytes that are missing at the end
    bytes     in place of all that, the file itself as text
"""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
from pyarrow import feather, parquet


def table_bytes(source: Path) -> bytes:
    """Return the file that a source describes."""
    described = json.loads(source.read_text(encoding="utf-8"))
    if "bytes" in described:
        return str(described["bytes"]).encode("latin-1")
    columns = described["columns"]
    fields = [pa.field(column["name"], _type(column["type"])) for column in columns]
    arrays = [_array(column["values"], field.type) for column, field in zip(columns, fields, strict=True)]
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    data = _written(table, described["write"], described.get("rows"))
    return data[: len(data) - described.get("cut", 0)]


def _written(table: pa.Table, way: str, rows: int | None) -> bytes:
    sink = io.BytesIO()
    match way:
        case "parquet":
            parquet.write_table(table, sink, row_group_size=rows)
        case "feather":
            feather.write_feather(table, sink, compression="lz4")
        case "file":
            with pa.ipc.new_file(sink, table.schema) as writer:
                writer.write_table(table, max_chunksize=rows)
        case "stream":
            with pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table, max_chunksize=rows)
    return sink.getvalue()


def _type(described: Any) -> pa.DataType:
    if isinstance(described, str):
        return pa.type_for_alias(described) if described not in _MORE_TYPES else _MORE_TYPES[described]
    ((kind, of),) = described.items()
    match kind:
        case "list":
            return pa.list_(_type(of))
        case "struct":
            return pa.struct([(name, _type(each)) for name, each in of.items()])
        case "map":
            return pa.map_(_type(of[0]), _type(of[1]))
        case "dictionary":
            return pa.dictionary(pa.int32(), _type(of))
        case "timestamp":
            return pa.timestamp(of[0], of[1])
        case "decimal":
            return pa.decimal128(of[0], of[1])
        case "run_end_encoded":
            return pa.run_end_encoded(pa.int32(), _type(of))
        case "extension":
            return pa.uuid() if of == "uuid" else pa.json_()
    raise ValueError(f"no type: {described}")


_MORE_TYPES = {"string_view": pa.string_view(), "month_day_nano_interval": pa.month_day_nano_interval()}


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    if isinstance(kind, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(kind, _array(values, kind.storage_type))
    if pa.types.is_run_end_encoded(kind):
        return pa.compute.run_end_encode(_array(values, kind.value_type))
    if pa.types.is_dictionary(kind):
        return _array(values, kind.value_type).dictionary_encode()
    if pa.types.is_timestamp(kind):
        unit = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
        stored = [_moment(value, unit) if isinstance(value, str) else value for value in values]
        return pa.array(stored, pa.int64()).cast(kind)
    if pa.types.is_time(kind):
        return pa.array([time.fromisoformat(value[:15]) for value in values], pa.time64("us")).cast(kind)
    if pa.types.is_date(kind):
        return pa.array(values, pa.string()).cast(kind)
    if pa.types.is_duration(kind):
        return pa.array(values, pa.int64()).cast(kind)
    if pa.types.is_decimal(kind):
        return pa.array(values, pa.string()).cast(kind)
    if pa.types.is_string(kind) and any(isinstance(value, dict) for value in values):
        return _unchecked([_bytes(value) for value in values])
    if pa.types.is_struct(kind) and values and all(value is not None for value in values):
        fields = [kind.field(number) for number in range(kind.num_fields)]
        return pa.StructArray.from_arrays(
            [_array([value[field.name] for value in values], field.type) for field in fields], fields=fields
        )
    if pa.types.is_map(kind):
        return pa.array([None if value is None else [tuple(pair) for pair in value] for value in values], kind)
    if pa.types.is_binary(kind) or pa.types.is_fixed_size_binary(kind):
        values = [_bytes(value) for value in values]
    return pa.array(values, kind)


def _moment(text: str, unit: int) -> int:
    """Whole units since 1970, of a time as the column's zone shows it or of one with an offset."""
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86400 + since.seconds) * unit + since.microseconds * unit // 10**6


def _bytes(value: Any) -> bytes | None:
    if not isinstance(value, dict):
        return None if value is None else str(value).encode()
    return bytes.fromhex(value["hex"]) if "hex" in value else str(value["text"]).encode()


def _unchecked(values: list[bytes | None]) -> pa.Array:
    """A column that says that it is text, with bytes that are none."""
    binary = pa.array(values, pa.binary())
    return pa.Array.from_buffers(pa.string(), len(values), binary.buffers())
