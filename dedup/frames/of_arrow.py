"""Tables, batches and columns of Arrow, and what else hands out Arrow's streams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dedup.errors import InputError
from dedup.frames.plain import plain
from dedup.frames.source import Added, Column, Library, Source, imported
from dedup.write.typed import arrow_array

__all__ = ["ArrowSource", "from_arrow", "make", "open_frame", "python_values"]


def open_frame(given: Any) -> Source:
    """Return a table, a batch, a reader of batches, a column, or what hands out a table's stream, as a source.

    Raises:
        InputError: the stream is not that of a table.
    """
    pyarrow = imported("pyarrow")
    label = f"<{type(given).__module__.partition('.')[0]}.{type(given).__name__}>"
    if isinstance(given, pyarrow.Array | pyarrow.ChunkedArray):
        return ArrowSource(pyarrow.table({"text": given}), label=label, lone="text")
    if isinstance(given, pyarrow.RecordBatch):
        return ArrowSource(pyarrow.Table.from_batches([given]), label=label)
    if isinstance(given, pyarrow.RecordBatchReader):
        return ArrowSource(given.read_all(), label=label)
    if isinstance(given, pyarrow.Table):
        return ArrowSource(given, label=label)
    try:
        return ArrowSource(pyarrow.table(given), label=label)
    except (pyarrow.ArrowException, TypeError, ValueError) as error:
        raise InputError(f"a {type(given).__name__} whose Arrow stream is no table: {error}") from error


class ArrowSource:
    """A table of Arrow, whose rows are named by their number."""

    library: Library = "arrow"

    def __init__(self, table: Any, *, label: str, lone: str | None = None) -> None:
        self._table, self.label, self.lone = table, label, lone
        self.names: Sequence[str] = tuple(dict.fromkeys(table.column_names))

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def taken(self) -> Sequence[Any]:
        """Return the names of all columns."""
        return self.names

    def cells(self, name: str, start: int, stop: int) -> list[Any]:
        """Return part of a column."""
        return python_values(self._column(name).slice(start, stop - start))

    def labels(self) -> None:
        """Rows have no names of their own."""
        return

    def with_results(self, added: Added) -> Any:
        """Return the table with further columns."""
        table = self._table
        for name, column in added.columns.items():
            array = arrow_array(column.values, column.kind)
            if name == added.of and added.id_column is not None:
                array = self._column(added.id_column).take(array)
            table = table.append_column(name, array)
        return table if added.kept is None else kept_rows(table, added.kept)

    def to_arrow(self, frame: Any) -> Any:
        """Return the table."""
        return frame

    def _column(self, name: str) -> Any:
        return self._table.column(self._table.column_names.index(name))  # of several of one name the first


def kept_rows(table: Any, rows: Sequence[int]) -> Any:
    """Return the rows of a table that are kept, ascending. A filter leaves chunks as large as they may be."""
    import numpy as np
    import pyarrow

    mask = np.zeros(table.num_rows, bool)
    mask[list(rows)] = True
    return table.filter(pyarrow.array(mask))


def python_values(column: Any) -> list[Any]:
    """Return a column as Python's own values, times to the microsecond."""
    import pyarrow

    if pyarrow.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pyarrow.timestamp("us", column.type.tz), safe=False)
    return [plain(value) for value in column.to_pylist()]


def make(columns: Mapping[str, Column]) -> Any:
    """Return a table of ``columns``."""
    pyarrow = imported("pyarrow")
    return pyarrow.table({name: arrow_array(column.values, column.kind) for name, column in columns.items()})


def from_arrow(table: Any) -> Any:
    """Return the table."""
    return table
