"""Tables whose columns have types: Parquet, and files of Arrow's own format (IPC, also called Feather)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from dedup.errors import OutputError
from dedup.write.kinds import Kind, encodable
from dedup.write.output import Destination, open_binary

if TYPE_CHECKING:
    import pyarrow

    from dedup.manifest import Manifest

__all__ = ["MANIFEST_KEY", "arrow_array", "arrow_schema", "arrow_table", "write_typed"]

MANIFEST_KEY = "dedup.manifest"
"""Of the schema's metadata: the manifest of the run, as JSON."""

_ROWS_AT_ONCE = 8_192
"""Rows of a row group: as many as are in memory twice. They hold whole bodies."""


def write_typed(
    destination: Destination,
    kinds: Mapping[str, Kind],
    rows: Iterable[Mapping[str, Any]],
    manifest: Manifest | None = None,
) -> None:
    """Write ``rows`` as the columns that ``kinds`` names, in its order; what a row lacks is null.

    Equal rows and manifests give equal files: the manifest stands in the schema's metadata without its times.

    Raises:
        OutputError: the file cannot be written.
    """
    assert destination.path is not None, "only JSON lines go to standard output"
    schema = arrow_schema(kinds)
    if manifest is not None:
        schema = schema.with_metadata({MANIFEST_KEY: manifest.to_json(times=False)})
    with open_binary(destination.path) as file, _writer(destination, file, schema) as writer:
        for batch in _batches(iter(rows), kinds):
            writer.write_table(batch.replace_schema_metadata(schema.metadata))


def _writer(destination: Destination, file: BinaryIO, schema: pyarrow.Schema) -> AbstractContextManager[Any]:
    import pyarrow

    if destination.format == "arrow":
        options = pyarrow.ipc.IpcWriteOptions(compression="lz4")
        writer: AbstractContextManager[Any] = pyarrow.ipc.new_file(file, schema, options=options)
        return writer
    from pyarrow.parquet import ParquetWriter

    parquet: AbstractContextManager[Any] = ParquetWriter(file, schema, compression="zstd")
    return parquet


def _batches(rows: Iterator[Mapping[str, Any]], kinds: Mapping[str, Kind]) -> Iterator[pyarrow.Table]:
    while batch := list(islice(rows, _ROWS_AT_ONCE)):
        yield arrow_table(batch, kinds)


def arrow_table(rows: Sequence[Mapping[str, Any]], kinds: Mapping[str, Kind]) -> pyarrow.Table:
    """Return ``rows`` as a table of Arrow, with the columns that ``kinds`` names."""
    import pyarrow

    columns = [arrow_array([row.get(name) for row in rows], kind) for name, kind in kinds.items()]
    return pyarrow.Table.from_arrays(columns, schema=arrow_schema(kinds))


def arrow_schema(kinds: Mapping[str, Kind]) -> pyarrow.Schema:
    """Return the schema of a table whose columns are ``kinds``."""
    import pyarrow

    return pyarrow.schema([(encodable(name), _type(kind)) for name, kind in kinds.items()])


def arrow_array(values: Sequence[Any], kind: Kind) -> pyarrow.Array:
    """Return ``values``, None for null, as an array of Arrow."""
    import pyarrow

    try:
        return pyarrow.array(values, _type(kind))
    except UnicodeEncodeError:  # lone surrogates, which no UTF-8 can hold: as in JSON lines
        return pyarrow.array([encodable(value) for value in values], _type(kind))


def _type(kind: Kind) -> pyarrow.DataType:
    try:
        import pyarrow
    except ImportError as error:
        raise OutputError("a typed table needs the package pyarrow: pip install 'news-dedup[formats]'") from error

    types = {
        "text": pyarrow.string(),
        "texts": pyarrow.list_(pyarrow.string()),
        "number": pyarrow.float64(),
        "count": pyarrow.int64(),
        "flag": pyarrow.bool_(),
        "time": pyarrow.timestamp("us", tz="UTC"),
    }
    return types[kind]
