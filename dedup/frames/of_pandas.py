"""Frames and series of pandas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from dedup.errors import OutputError, RecordError
from dedup.frames.plain import plain
from dedup.frames.source import Added, Column, Library, Source, imported
from dedup.read.record import clean_text
from dedup.write.kinds import Kind

__all__ = ["PandasSource", "from_arrow", "make", "open_frame"]

_DTYPES: dict[Kind, Any] = {
    "text": "string",
    "texts": object,
    "number": "float64",
    "count": "Int64",
    "flag": "boolean",
    "time": "datetime64[us, UTC]",
}


def open_frame(given: Any) -> Source:
    """Return a DataFrame or a Series as a source."""
    return PandasSource(given)


class PandasSource:
    """A DataFrame or a Series, held as it is now: columns that are added to it later are not seen."""

    library: Library = "pandas"

    def __init__(self, given: Any) -> None:
        lone = given.ndim == 1
        self.label = "<pandas.Series>" if lone else "<pandas.DataFrame>"
        self._frame = (
            given.to_frame(name="text" if given.name is None else given.name) if lone else given.copy(deep=False)
        )
        # of several columns of one name the first
        self._places = {
            name: place for place, name in reversed(list(enumerate(self._frame.columns))) if isinstance(name, str)
        }
        self.names: Sequence[str] = tuple(reversed(self._places))
        self._whole: dict[str, bool] = {}
        self.lone = "" if lone else None
        if lone:
            self._places[""] = 0

    def __len__(self) -> int:
        return len(self._frame)

    def taken(self) -> Sequence[Any]:
        """Return the names of all columns, of several levels those of the first, and of the index.

        A name that is both is one that pandas refuses to look up, and that no other library has a place for.
        """
        return [
            *self._frame.columns.get_level_values(0),
            *(name for name in self._frame.index.names if name is not None),
        ]

    def cells(self, name: str, start: int, stop: int) -> list[Any]:
        """Return part of a column. Whole numbers that became floats, as pandas has them beside nulls, are whole."""
        column = self._frame.iloc[start:stop, self._places[name]]
        values = [None if missing else plain(value) for value, missing in zip(column, column.isna(), strict=True)]
        return [None if value is None else int(value) for value in values] if self._is_whole(name) else values

    def _is_whole(self, name: str) -> bool:
        if name not in self._whole:
            column = self._frame.iloc[:, self._places[name]]
            self._whole[name] = column.dtype.kind == "f" and bool((column.dropna() % 1 == 0).all())
        return self._whole[name]

    def labels(self) -> list[str] | None:
        """Return the labels of the index where they are texts or whole numbers from 0, each once.

        Numbers get zeros before them, so that their order as texts is theirs.
        """
        index = self._frame.index
        if index.nlevels > 1 or not index.is_unique or index.hasnans:
            return None
        if index.inferred_type == "integer" and len(index) and index.min() >= 0:
            width = len(str(index.max()))
            return [f"{label:0{width}}" for label in index.tolist()]
        return index.tolist() if index.inferred_type == "string" and all(map(_is_id, index)) else None

    def with_results(self, added: Added) -> Any:
        """Return the frame with further columns; a Series becomes a frame of one column first."""
        frame = self._frame.copy(deep=False)
        for name, column in added.columns.items():
            frame[name] = self._references(column, added.id_column) if name == added.of else _array(column)
        return frame if added.kept is None else frame.iloc[list(added.kept)]

    def _references(self, rows: Column, id_column: str | None) -> Any:
        import numpy as np
        import pandas

        if id_column is None and self.labels() is None:
            return _array(rows)
        names = self._frame.index if id_column is None else self._frame.iloc[:, self._places[id_column]]
        values = names.array
        if isinstance(names.dtype, np.dtype) and names.dtype.kind in "iu":
            values = values.astype("Int64" if names.dtype.kind == "i" else "UInt64")  # with a way to say "none"
        places = [-1 if row is None else row for row in rows.values]
        return pandas.api.extensions.take(values, places, allow_fill=True)

    def to_arrow(self, frame: Any) -> Any:
        """Return a DataFrame as a table; an index that says more than the number of a row becomes columns.

        Raises:
            OutputError: a column holds what Arrow has no type for.
        """
        pyarrow = imported("pyarrow")
        index = self._frame.index
        numbers = type(index).__name__ == "RangeIndex" and (index.start, index.step, index.name) == (0, 1, None)
        try:
            return pyarrow.Table.from_pandas(frame, preserve_index=not numbers)
        except (pyarrow.ArrowException, ValueError) as error:
            reason = " ".join(str(part) for part in error.args)
            raise OutputError(f"a column has no type in Arrow: {reason}; use to_pandas, or convert it") from error


def _is_id(label: str) -> bool:
    try:
        return clean_text(label, name="label") == label != ""
    except RecordError:
        return False


def make(columns: Mapping[str, Column]) -> Any:
    """Return a DataFrame of ``columns``."""
    pandas = imported("pandas")
    return pandas.DataFrame({name: _array(column) for name, column in columns.items()})


def _array(column: Column) -> Any:
    import pandas

    values = column.values
    if column.kind == "time":
        values = [None if value is None else value.astimezone(UTC) for value in values]
    return pandas.Series(values, dtype=_DTYPES[column.kind]).array


def from_arrow(table: Any) -> Any:
    """Return a table as a DataFrame."""
    imported("pandas")
    return table.to_pandas()
