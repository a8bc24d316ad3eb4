"""Tasks on vectors that are given: slices of an array into parts, pairs of parts, bins of stories."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.cluster import ScoredBlock
from dedup.engine.bins import edges_among, numbers_of_bin
from dedup.engine.folder import JobFolder
from dedup.engine.layout import Layout, pair_name
from dedup.engine.reading import Range, gather_range
from dedup.engine.tables import edge_table
from dedup.given_vectors.clustering import group_rows, near_rows
from dedup.given_vectors.files import Piece, Slice
from dedup.given_vectors.linkage import Linkage
from dedup.given_vectors.rows import StoredRows, WholeRows, digests_of, steps_of
from dedup.index import SearchWork

__all__ = [
    "check_ids",
    "compare_parts",
    "gather_vectors",
    "group_bin",
    "store_slice",
    "told_of_table",
    "write_vector_bin",
]

_Numbers = npt.NDArray[np.int64]

_ROWS_AT_ONCE = 4_096
_ROW_GROUP = 512
_LINES_AT_ONCE = 8_192
_KEYS_OF_A_PIECE = 64
_NO_HOUR = float("inf")
"""Stands for the hour of a vector without one: after all others, and equal to itself, unlike NaN."""


def store_slice(folder: JobFolder, name: str, some: Slice, size: int) -> dict[str, Any]:
    """Write some vectors in whole steps, in pieces of at most ``size``, each in the order of time and then of keys.

    Raises:
        InputError: a vector or a time is no finite number, or the file cannot be read.
    """
    pieces, dimensions = {}, set()
    for number, piece in enumerate(some.pieces(size)):
        piece_name = f"{name}-{number:05}"
        pieces[piece_name] = _store_piece(folder, piece_name, piece)
        dimensions.add(piece.vectors.shape[1])
    return {"pieces": pieces, "dimensions": sorted(dimensions)}


def _store_piece(folder: JobFolder, name: str, piece: Piece) -> dict[str, Any]:
    import pyarrow

    when = np.where(np.isnan(piece.hours), _NO_HOUR, piece.hours) + 0.0
    steps: npt.NDArray[np.int16] = np.empty(piece.vectors.shape, np.int16)
    dimension = piece.vectors.shape[1]
    digests = np.empty(len(steps), np.uint64)
    rows = WholeRows(piece.vectors, first=piece.number)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        at = np.arange(start, min(start + _ROWS_AT_ONCE, len(rows)))
        read = rows[at]
        steps[at], digests[at] = steps_of(read), digests_of(read)
    keys = _keys(piece, digests)
    order = np.array(sorted(range(len(keys)), key=lambda row: (when[row], keys[row])), np.int64)
    buffer = pyarrow.py_buffer(np.ascontiguousarray(steps[order]))
    width = pyarrow.binary(dimension * steps.itemsize)
    ties = [keys[row].encode("utf-8", "surrogatepass") for row in order.tolist()]
    table = pyarrow.table(
        {
            "when": when[order],
            "tie": pyarrow.array(ties, pyarrow.binary()),
            "root": np.array([zlib.crc32(tie) for tie in ties], np.int64),
            "row": order + piece.number,
            "steps": pyarrow.Array.from_buffers(width, len(order), [None, buffer]),
        }
    )
    folder.write_table("slices", name, table, row_group=_ROW_GROUP)
    step = max(1, len(order) // _KEYS_OF_A_PIECE)
    found = [(float(when[row]), keys[row]) for row in [*order[::step].tolist(), order[-1]]]
    return {"read": len(order), "keys": found[:-1], "step": step, "last": found[-1]}


def _keys(piece: Piece, digests: npt.NDArray[np.uint64]) -> list[str]:
    """Return what vectors of one time are put in order by."""
    if piece.ids is not None:
        return piece.ids
    if piece.rank is not None:
        return [f"{place:016x}" for place in piece.rank.tolist()]
    # equal vectors of one time are as good as each other: any order of them will do
    return [f"{digest:016x}{row:016x}" for row, digest in enumerate(digests.tolist(), piece.number)]


def check_ids(folder: JobFolder, bucket: int, slices: list[str], buckets: int) -> dict[str, Any]:
    """Refuse ids that two vectors have, among those that fall into one of several buckets.

    Raises:
        InputError: there are such.
    """
    from dedup.errors import InputError

    seen: set[bytes] = set()
    for name in slices:
        table = folder.read_table("slices", name, ["tie", "root"])
        inside = table.column("root").to_numpy() % buckets == bucket
        for tie in table.column("tie").filter(inside).to_pylist():
            if tie in seen:
                said = tie.decode("utf-8", "surrogatepass")
                raise InputError(f"two vectors have the id {said!r}; give each its own, or no ids")
            seen.add(tie)
    return {"ids": len(seen)}


def gather_vectors(folder: JobFolder, name: str, some: Range) -> dict[str, Any]:
    """Write the vectors of a range of time as one part, in order, and say what it holds."""
    gather_range(folder, name, some, stage="slices")
    table = folder.read_table("parts", name, ["when", "tie"])
    when = table.column("when").to_numpy()
    known = when[when < _NO_HOUR]
    return {
        "articles": len(when),
        "first": [float(when[0]), table.column("tie")[0].as_py().decode("utf-8", "surrogatepass")],
        "last": float(known[-1]) if len(known) else _NO_HOUR,
        "undated": len(known) < len(when),
    }


def compare_parts(folder: JobFolder, pair: tuple[int, int], layout: Layout, linkage: Linkage) -> dict[str, Any]:
    """Find the pairs that can join between two parts, or within one, and write them with their products."""
    one, other = pair
    parts = [one] if one == other else [one, other]
    starts, sizes = layout.starts[parts], [layout.parts[part].articles for part in parts]
    numbers = np.concatenate([np.arange(start, start + size) for start, size in zip(starts, sizes, strict=True)])
    rows, hours = _stored(folder, layout, numbers)
    done = SearchWork()
    across = None if one == other else sizes[0]
    pairs, products = [np.empty((0, 2), np.int64)], [np.empty(0)]
    for block in near_rows(rows, hours, linkage, done, across=across):
        pairs.append(numbers[block.pairs])
        products.append(block.log_odds)
    folder.write_table("pairs", pair_name(one, other), edge_table(np.concatenate(pairs), np.concatenate(products)))
    return {"compared": done.compared, "candidates": done.candidates}


def group_bin(
    folder: JobFolder, bin_name: str, layout: Layout, pair_names: frozenset[str], linkage: Linkage, by_key: bool
) -> dict[str, Any]:
    """Find the stories among the vectors of a bin; each vector is written with the first of its story.

    Rows are in the order of the earliest vector of each story, then of time.
    """
    import pyarrow

    numbers = numbers_of_bin(folder, bin_name)
    rows, hours = _stored(folder, layout, numbers)
    named = pyarrow.concat_tables(
        folder.read_table("parts", layout.parts[part].name, ["tie", "row"]).take(at)
        for part, at in layout.by_part(numbers)
    )
    rank = np.arange(len(numbers))
    if by_key:
        keys = named.column("tie").to_pylist()
        rank[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
    blocks = _blocks(folder, layout, numbers, pair_names)
    groups = group_rows(rows, hours, rank, blocks, linkage)
    stories = int(groups.max(initial=-1)) + 1
    first, earliest = np.full(stories, len(numbers)), np.full(stories, len(numbers))
    np.minimum.at(first, groups, rank)
    np.minimum.at(earliest, groups, np.arange(len(numbers)))
    at_rank = np.argsort(rank)
    order = np.lexsort((np.arange(len(numbers)), earliest[groups]))
    leads = at_rank[first[groups[order]]]
    row = named.column("row").to_numpy()
    table = {
        "earliest": numbers[earliest[groups[order]]],
        "number": numbers[order],
        "row": row[order],
        "first_row": row[leads],
        "first_number": numbers[leads],
    }
    if by_key:
        table |= {"id": named.column("tie").take(order), "first_id": named.column("tie").take(leads)}
    folder.write_table("stories", bin_name, pyarrow.table(table))
    return {"vectors": len(numbers), "stories": stories}


def told_of_table(
    folder: JobFolder, stage: str, name: str, by_key: bool
) -> Iterator[tuple[int, int, int | str, int | str]]:
    """Yield the vectors of a table, in order: the first number of its story, its own, and both by id or row."""
    from pyarrow import parquet

    of = ("id", "first_id") if by_key else ("row", "first_row")
    columns = ["earliest", "number", *of]
    with folder.table_path(stage, name).open("rb") as file:
        for batch in parquet.ParquetFile(file).iter_batches(_LINES_AT_ONCE, columns=columns):
            values = [batch.column(column).to_pylist() for column in columns]
            for earliest, number, one, first in zip(*values, strict=True):
                yield earliest, number, _text(one), _text(first)


def _text(key: int | bytes) -> int | str:
    return key.decode("utf-8", "surrogatepass") if isinstance(key, bytes) else key


def write_vector_bin(folder: JobFolder, name: str, target: str, by_key: bool) -> dict[str, Any]:
    """Write the vectors of a bin with their stories as a table into the folder ``target``.

    Raises:
        OutputError: it cannot be written.
    """
    from dedup.write.vectors import write_vector_stories

    rows = ((one, first) for _, _, one, first in told_of_table(folder, "stories", name, by_key))
    write_vector_stories(rows, Path(target) / f"part-{name}.parquet", by_id=by_key)
    return {}


def _blocks(folder: JobFolder, layout: Layout, numbers: _Numbers, pair_names: frozenset[str]) -> Iterator[ScoredBlock]:
    """Yield the pairs among the vectors of a bin by the later of their parts, and with the last ones who is done."""
    parts = layout.by_part(numbers)
    of = np.repeat([part for part, _ in parts], [len(at) for _, at in parts])
    last = {
        one: max(other for other, _ in parts if other == one or pair_name(one, other) in pair_names) for one, _ in parts
    }
    open_parts = [one for one, _ in parts]
    for other, pairs, products in edges_among(folder, layout, numbers, pair_names):
        done = [part for part in open_parts if last[part] < other]
        open_parts = [part for part in open_parts if last[part] >= other]
        settled = np.flatnonzero(np.isin(of, done)) if done else np.empty(0, np.int64)
        yield ScoredBlock(pairs=np.searchsorted(numbers, pairs), log_odds=products, settled=settled)


def _stored(folder: JobFolder, layout: Layout, numbers: _Numbers) -> tuple[StoredRows, npt.NDArray[np.float64]]:
    """Return vectors by their numbers, sorted, read part by part, and their times: float64 ``[n]``."""
    steps: npt.NDArray[np.int16] | None = None
    hours = np.empty(len(numbers))
    start = 0
    for part, at in layout.by_part(numbers):
        table = folder.read_table("parts", layout.parts[part].name, ["when", "steps"]).combine_chunks()
        column = table.column("steps").chunk(0)
        width = column.type.byte_width // 2
        read = np.frombuffer(column.buffers()[1], np.int16, len(column) * width, column.offset * 2 * width)
        read = read.reshape(-1, width)
        if steps is None:
            steps = np.empty((len(numbers), read.shape[1]), np.int16)
        stop = start + len(at)
        steps[start:stop], hours[start:stop] = read[at], table.column("when").to_numpy()[at]
        start = stop
    assert steps is not None
    hours[hours == _NO_HOUR] = np.nan
    return StoredRows(steps), hours
