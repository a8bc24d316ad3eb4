"""Tables in order into fewer: who reads many in one order has a file open, and some rows in memory, for each."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dedup.engine.folder import JobFolder
from dedup.engine.tables import story_of
from dedup.stages import story_order

if TYPE_CHECKING:
    from dedup.story import Story

__all__ = ["Tables", "merge_stories", "merge_vectors", "merged_in_few", "stories_in_order"]

_MOST_TABLES = 128
_TABLES_OF_A_TASK = 64
_ROWS_AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Tables of a stage, each in order."""

    stage: str
    names: tuple[str, ...]


def merged_in_few(
    tables: Tables, run: Callable[[str, Mapping[str, Sequence[Any]], str], object], first: str = "merged"
) -> Tables:
    """Return tables with the same rows, few enough to be read at once.

    Args:
        tables: However many.
        run: Called with the name of a stage, with the tables that each of its tasks makes one of, and with the stage
            that these are of.
        first: Name of the stages, which are numbered.
    """
    number = 0
    while len(tables.names) > _MOST_TABLES:
        number += 1
        names = tables.names
        some = [names[start : start + _TABLES_OF_A_TASK] for start in range(0, len(names), _TABLES_OF_A_TASK)]
        tasks = {f"{place:05}": (f"{place:05}", merged) for place, merged in enumerate(some)}
        stage = f"{first}-{number}"
        run(stage, tasks, tables.stage)
        tables = Tables(stage=stage, names=tuple(tasks))
    return tables


def merge_stories(
    folder: JobFolder, name: str, merged: Sequence[str], source: str, target: str, keep: str
) -> dict[str, Any]:
    """Write the stories of some tables as one, holding a few of each."""
    import pyarrow

    schema = pyarrow.schema({"story": pyarrow.large_string()})
    lines = (line for line, _ in _stories(folder, Tables(stage=source, names=tuple(merged)), keep))
    return {"stories": folder.write_rows(target, name, schema, "story", lines, _ROWS_AT_ONCE)}


def merge_vectors(folder: JobFolder, name: str, merged: Sequence[str], source: str, target: str) -> dict[str, Any]:
    """Write the vectors of some tables, with their stories, as one."""
    import pyarrow

    table = pyarrow.concat_tables(folder.read_table(source, one) for one in merged)
    table = table.sort_by([("earliest", "ascending"), ("number", "ascending")])
    folder.write_table(target, name, table)
    return {"vectors": len(table)}


def stories_in_order(folder: JobFolder, tables: Tables, keep: str) -> Iterator[Story]:
    """Yield the stories of tables in the order in which they are told, holding a few of each."""
    return (story for _, story in _stories(folder, tables, keep))


def _stories(folder: JobFolder, tables: Tables, keep: str) -> Iterator[tuple[str, Story]]:
    def of_table(name: str) -> Iterator[tuple[str, Story]]:
        from pyarrow import parquet

        with folder.table_path(tables.stage, name).open("rb") as file:
            for batch in parquet.ParquetFile(file).iter_batches(_ROWS_AT_ONCE):
                for line in batch.column("story").to_pylist():
                    yield line, story_of(line, keep)

    return heapq.merge(*map(of_table, tables.names), key=lambda told: story_order(told[1]))
