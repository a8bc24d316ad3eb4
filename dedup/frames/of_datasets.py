"""Data sets of Hugging Face's ``datasets``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dedup.frames import of_arrow
from dedup.frames.of_arrow import python_values
from dedup.frames.source import Added, Column, Library, Source, imported
from dedup.write.typed import arrow_array

__all__ = ["DatasetSource", "from_arrow", "make", "open_frame"]


def open_frame(given: Any) -> Source:
    """Return a Dataset as a source."""
    return DatasetSource(given)


class DatasetSource:
    """A Dataset, whose rows are named by their number. Columns that are no part of an article are not decoded."""

    library: Library = "datasets"
    label = "<datasets.Dataset>"
    lone = None

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset
        self.names: Sequence[str] = tuple(dataset.column_names)

    def __len__(self) -> int:
        return len(self._dataset)

    def taken(self) -> Sequence[Any]:
        """Return the names of all columns."""
        return self.names

    def cells(self, name: str, start: int, stop: int) -> list[Any]:
        """Return part of a column."""
        return python_values(self._part(name)[start:stop].column(name))

    def _part(self, name: str) -> Any:
        return self._dataset.with_format(None).select_columns([name]).with_format("arrow")

    def labels(self) -> None:
        """Rows have no names of their own."""
        return

    def with_results(self, added: Added) -> Any:
        """Return the data set with further columns, in the format that it has."""
        import datasets

        arrays = {name: arrow_array(column.values, column.kind) for name, column in added.columns.items()}
        if added.id_column is not None:
            arrays[added.of] = self._part(added.id_column)[:].column(0).take(arrays[added.of])
        import pyarrow

        further = datasets.Dataset(datasets.table.InMemoryTable(pyarrow.table(arrays)), split=self._dataset.split)
        plain = self._dataset.with_format(None)
        if len(self):
            whole = datasets.concatenate_datasets([plain, further], axis=1)
        else:  # which concatenate_datasets leaves out
            features = datasets.Features({**plain.features, **further.features})
            whole = datasets.Dataset.from_dict({name: [] for name in features}, features=features, split=plain.split)
        if added.kept is not None:
            whole = whole.select(list(added.kept))
        form = self._dataset.format
        return whole.with_format(form["type"], **form["format_kwargs"])

    def to_arrow(self, frame: Any) -> Any:
        """Return a Dataset as a table."""
        return frame.with_format("arrow")[:]


def make(columns: Mapping[str, Column]) -> Any:
    """Return a Dataset of ``columns``."""
    return from_arrow(of_arrow.make(columns))


def from_arrow(table: Any) -> Any:
    """Return a table as a Dataset."""
    datasets = imported("datasets")
    return datasets.Dataset(datasets.table.InMemoryTable(table))
