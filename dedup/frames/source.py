"""What every library's frames can be asked for, and which library an object is of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, Protocol

from dedup.errors import InputError, OutputError
from dedup.write.kinds import Kind

__all__ = ["Added", "Column", "Library", "Source", "imported", "open_batches", "open_source"]

Library = Literal["pandas", "polars", "arrow", "datasets"]

_LIBRARY_OF_PACKAGE: dict[str, Library] = {
    "pandas": "pandas",
    "polars": "polars",
    "pyarrow": "arrow",
    "datasets": "datasets",
}
_FRAMES: dict[Library, frozenset[str]] = {
    "pandas": frozenset({"DataFrame", "Series"}),
    "polars": frozenset({"DataFrame", "LazyFrame", "Series"}),
    "arrow": frozenset({"Table", "RecordBatch", "RecordBatchReader", "ChunkedArray", "Array"}),
    "datasets": frozenset({"Dataset"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table, without a library."""

    kind: Kind
    values: Sequence[Any]
    """None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """The columns that a result adds to its input, a value for each row of it."""

    columns: Mapping[str, Column]
    """Names to values, in order, ``of`` among them: there as numbers of rows."""
    of: str
    """Name of the column whose values are numbers of rows, and become what names these rows."""
    id_column: str | None
    """The column of the input that names its rows; None for the library's own way to."""
    kept: Sequence[int] | None = None
    """Numbers of the rows that are kept, ascending; None for all."""


class Source(Protocol):
    """A frame that was given. It is never changed."""

    @property
    def library(self) -> Library:
        """What it is of."""

    @property
    def label(self) -> str:
        """Its name in messages and reports."""

    @property
    def names(self) -> Sequence[str]:
        """Names of its columns, those that are text; of several of one name, it stands for the first."""

    @property
    def lone(self) -> str | None:
        """The only column of what was a series, whose values are rows by themselves."""

    def __len__(self) -> int:
        """Return the number of rows."""

    def cells(self, name: str, start: int, stop: int) -> list[Any]:
        """Return part of a column as Python's own values, None for null."""

    def labels(self) -> list[str] | None:
        """Return what names each row, each once; None where it is their number."""

    def taken(self) -> Sequence[Any]:
        """Return the names of all columns, text or not, which no other can have."""

    def with_results(self, added: Added) -> Any:
        """Return the frame, as it was given, with further columns."""

    def to_arrow(self, frame: Any) -> Any:
        """Return what ``with_results`` has returned as a table of Arrow."""


class LibraryModule(Protocol):
    """What there is for each library."""

    def open_frame(self, given: Any) -> Source:
        """Return a frame as a source."""

    def make(self, columns: Mapping[str, Column]) -> Any:
        """Return a frame of ``columns``."""

    def from_arrow(self, table: Any) -> Any:
        """Return a table of Arrow as a frame."""


def open_source(given: Any) -> Source | None:
    """Return a frame as a source; None for what is no frame. Nothing is imported that ``given`` has not needed."""
    library = _library_of(given)
    if library is None and hasattr(type(given), "__arrow_c_stream__"):
        library = "arrow"  # DuckDB, Ibis, cuDF and others that speak Arrow
    return module_for(library).open_frame(given) if library else None


def _library_of(given: Any) -> Library | None:
    for kind in type(given).__mro__:
        library = _LIBRARY_OF_PACKAGE.get(kind.__module__.partition(".")[0])
        if library is not None and kind.__name__ in _FRAMES[library]:
            return library
    return None


def open_batches(first: Any, others: Iterable[Any]) -> Source | None:
    """Return batches of Arrow, given one by one, as a source; None where the first is none.

    Raises:
        InputError: the others are none, or of another schema.
    """
    if _library_of(first) != "arrow" or type(first).__name__ != "RecordBatch":
        return None
    import pyarrow

    try:
        table = pyarrow.Table.from_batches([first, *others])
    except (pyarrow.ArrowException, TypeError) as error:
        raise InputError(f"batches of Arrow that make no table: {error}; give batches of one schema") from error
    return module_for("arrow").open_frame(table)


def module_for(library: Library) -> LibraryModule:
    """Return what there is for a library."""
    module: Any = import_module(f"dedup.frames.of_{library}")
    found: LibraryModule = module
    return found


def imported(package: str) -> Any:
    """Import an optional package.

    Raises:
        OutputError: it is not installed.
    """
    try:
        return import_module(package)
    except ImportError as error:
        raise OutputError(f"this needs the package {package}: pip install {package}") from error
