"""Frames and series of polars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

from dedup.errors import OutputError
from dedup.frames.plain import plain
from dedup.frames.source import Added, Column, Library, Source, imported

if TYPE_CHECKING:
    import polars

__all__ = ["PolarsSource", "from_arrow", "make", "open_frame"]


def open_frame(given: Any) -> Source:
    """Return a DataFrame, LazyFrame or Series as a source; a lazy frame is collected."""
    import polars

    if isinstance(given, polars.LazyFrame):
        return PolarsSource(given.collect(), label="<polars.LazyFrame>")
    if isinstance(given, polars.Series):
        frame = given.to_frame(given.name or "text")
        return PolarsSource(frame, label="<polars.Series>", lone=frame.columns[0])
    return PolarsSource(given, label="<polars.DataFrame>")


class PolarsSource:
    """A DataFrame of polars, whose rows are named by their number."""

    library: Library = "polars"

    def __init__(self, frame: polars.DataFrame, *, label: str, lone: str | None = None) -> None:
        self._frame, self.label, self.lone = frame, label, lone
        self.names: Sequence[str] = tuple(frame.columns)

    def __len__(self) -> int:
        return self._frame.height

    def taken(self) -> Sequence[Any]:
        """Return the names of all columns."""
        return self.names

    def cells(self, name: str, start: int, stop: int) -> list[Any]:
        """Return part of a column."""
        return [plain(value) for value in self._frame[name][start:stop].to_list()]

    def labels(self) -> None:
        """Rows have no names of their own."""
        return

    def with_results(self, added: Added) -> polars.DataFrame:
        """Return the frame with further columns."""
        columns = {name: _series(name, column) for name, column in added.columns.items()}
        if added.id_column is not None:
            rows = columns[added.of]
            columns[added.of] = self._frame[added.id_column].gather(rows).alias(added.of)
        frame = self._frame.with_columns(columns.values())
        return frame if added.kept is None else frame[list(added.kept)]

    def to_arrow(self, frame: polars.DataFrame) -> Any:
        """Return a DataFrame as a table."""
        imported("pyarrow")
        return frame.to_arrow()


def make(columns: Mapping[str, Column]) -> Any:
    """Return a DataFrame of ``columns``."""
    polars = imported("polars")
    return polars.DataFrame([_series(name, column) for name, column in columns.items()])


def _series(name: str, column: Column) -> polars.Series:
    import polars

    types: dict[str, Any] = {
        "text": polars.String,
        "texts": polars.List(polars.String),
        "number": polars.Float64,
        "count": polars.Int64,
        "flag": polars.Boolean,
        "time": polars.Datetime("us", "UTC"),
    }
    values = column.values
    if column.kind == "time":
        values = [None if value is None else value.astimezone(UTC) for value in values]
    return polars.Series(name, values, dtype=types[column.kind])


def from_arrow(table: Any) -> Any:
    """Return a table as a DataFrame.

    Raises:
        OutputError: a column holds what polars has no type for.
    """
    polars = imported("polars")
    try:
        return polars.from_arrow(table)
    except polars.exceptions.PolarsError as error:
        raise OutputError(f"a column has no type in polars: {error}; use to_arrow, or convert the column") from error
