"""Vectors in files, read some rows at a time: NumPy arrays, mapped, and Parquet tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup.errors import InputError
from dedup.read.packages import require_packages

if TYPE_CHECKING:
    import pyarrow
    from pyarrow import parquet

__all__ = ["Piece", "Slice", "read_whole", "slices_of"]

_VECTOR, _HOURS, _TIME, _ID = "vector", "hours", "published", "id"
_SECONDS_OF_AN_HOUR = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some vectors that follow each other, in memory."""

    number: int
    """Of the first among all that are read."""
    vectors: npt.NDArray[np.floating]
    """float ``[n, dimension]``."""
    hours: npt.NDArray[np.float64]
    """float64 ``[n]``, NaN where unknown."""
    ids: list[str] | None = None
    rank: npt.NDArray[np.int64] | None = None
    """int64 ``[n]``, the place of each among all; see ``dedup.given_vectors.rows.Given``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Some vectors of a file."""

    path: Path
    """A ``.npy`` array ``[n, dimension]`` or a ``.parquet`` table."""
    start: int
    stop: int
    number: int
    """Of the first vector among those of all files."""
    hours: Path | None = None
    """Of an array: a ``.npy`` of float ``[n]``."""
    rank: Path | None = None
    """Of an array: a ``.npy`` of int64 ``[n]``."""

    @property
    def has_ids(self) -> bool:
        """Whether the file has ids.

        Raises:
            InputError: it cannot be read.
        """
        return not _is_array(self.path) and _ID in _open_table(self.path).schema_arrow.names

    def pieces(self, size: int) -> Iterator[Piece]:
        """Yield the vectors, at most ``size`` at a time.

        Raises:
            InputError: the file cannot be read, or does not hold what it should.
        """
        if _is_array(self.path):
            yield from self._of_array(size)
            return
        table = _open_table(self.path)
        columns = [name for name in (_VECTOR, _HOURS, _TIME, _ID) if name in table.schema_arrow.names]
        number = self.number
        try:
            for batch in table.iter_batches(size, row_groups=list(range(self.start, self.stop)), columns=columns):
                if batch.num_rows:
                    yield _piece_of_batch(batch, number, self.path)
                number += batch.num_rows
        except OSError as error:
            raise InputError(f"cannot read {self.path}: {error}") from error

    def _of_array(self, size: int) -> Iterator[Piece]:
        vectors = _open_array(self.path)
        hours = None if self.hours is None else _open_array(self.hours)
        rank = None if self.rank is None else _open_array(self.rank)
        for start in range(self.start, self.stop, size):
            rows = slice(start, min(start + size, self.stop))
            n = rows.stop - rows.start
            yield Piece(
                number=self.number + start - self.start,
                vectors=vectors[rows],
                hours=np.full(n, np.nan) if hours is None else _finite(np.asarray(hours[rows], np.float64), self.path),
                rank=None if rank is None else np.asarray(rank[rows], np.int64),
            )


def slices_of(paths: Sequence[Path], hours: Path | None, size: int) -> list[Slice]:
    """Return what is in files, cut into slices of about ``size`` vectors; of a table whole row groups.

    Args:
        paths: Arrays (``.npy``) or tables (``.parquet``), in the order in which their vectors are numbered.
        hours: Of one array: its times, a ``.npy`` of numbers.
        size: Vectors of a slice.

    Raises:
        InputError: a file cannot be read, or does not hold what it should.
    """
    if hours is not None and (len(paths) != 1 or not _is_array(paths[0])):
        raise InputError(f"{hours} has the times of one array, a .npy file; a table has its own, in a column {_HOURS}")
    found: list[Slice] = []
    number = 0
    for path in paths:
        if _is_array(path):
            n = _checked_array(path, hours)
            cuts = [(start, min(start + size, n), min(size, n - start)) for start in range(0, n, size)]
        else:
            cuts = _groups(_open_table(path), path, size)
        for start, stop, rows in cuts:
            found.append(Slice(path=path, start=start, stop=stop, number=number, hours=hours))
            number += rows
    with_ids = {some.path: some.has_ids for some in found}
    if len(set(with_ids.values())) > 1:
        lacking = next(path for path, has_ids in with_ids.items() if not has_ids)
        raise InputError(f"{lacking} has no column {_ID}, and others have; give ids to all or to none")
    return found


def read_whole(slices: Sequence[Slice], size: int) -> Piece:
    """Return all vectors of slices together: of one array mapped, so that they stay on disk, else in memory.

    Raises:
        InputError: as for ``Slice.pieces``; or they are not all of one length.
    """
    if slices and len({some.path for some in slices}) == 1 and _is_array(slices[0].path):
        whole = replace(slices[0], stop=slices[-1].stop)
        return next(whole.pieces(whole.stop))
    pieces = [piece for some in slices for piece in some.pieces(size)]
    if not pieces:
        return Piece(number=0, vectors=np.empty((0, 1)), hours=np.empty(0))
    lengths = sorted({piece.vectors.shape[1] for piece in pieces})
    if len(lengths) > 1:
        raise InputError(f"vectors have {lengths[0]} components, and others {lengths[1]}; give those of one model")
    ids = [one for piece in pieces for one in piece.ids or ()]
    return Piece(
        number=0,
        vectors=np.concatenate([piece.vectors for piece in pieces]),
        hours=np.concatenate([piece.hours for piece in pieces]),
        ids=ids or None,
    )


def _groups(table: parquet.ParquetFile, path: Path, size: int) -> list[tuple[int, int, int]]:
    """Return runs of row groups, the first and the one after the last of each, and how many rows they have."""
    import pyarrow

    schema = table.schema_arrow
    if _VECTOR not in schema.names:
        raise InputError(f"{path} has no column {_VECTOR}; its columns are {', '.join(schema.names)}")
    kind = schema.field(_VECTOR).type
    lists = pyarrow.types.is_list(kind) or pyarrow.types.is_large_list(kind) or pyarrow.types.is_fixed_size_list(kind)
    if not lists or not pyarrow.types.is_floating(kind.value_type):
        raise InputError(f"the column {_VECTOR} of {path} is {kind}; it is to hold lists of floats")
    found: list[tuple[int, int, int]] = []
    first = rows = 0
    for group in range(table.metadata.num_row_groups):
        rows += table.metadata.row_group(group).num_rows
        if rows >= size:
            found.append((first, group + 1, rows))
            first, rows = group + 1, 0
    return [*found, (first, table.metadata.num_row_groups, rows)] if rows else found


def _piece_of_batch(batch: pyarrow.RecordBatch, number: int, path: Path) -> Piece:
    import pyarrow
    from pyarrow import compute

    column = batch.column(_VECTOR)
    lengths = compute.list_value_length(column)
    values = column.flatten()
    if column.null_count or values.null_count or len(lengths.unique()) != 1:
        raise InputError(f"the vectors in {path} are not all there, or not all of one length")
    ids = None
    if _ID in batch.schema.names:
        ids = batch.column(_ID).cast(pyarrow.string()).to_pylist()
        if None in ids:
            raise InputError(f"row {number + ids.index(None)} of {path} has no {_ID}; give one to all rows, or to none")
    return Piece(
        number=number,
        vectors=values.to_numpy(zero_copy_only=False).reshape(batch.num_rows, -1),
        hours=_finite(_hours_of_batch(batch, path), path),
        ids=ids,
    )


def _hours_of_batch(batch: pyarrow.RecordBatch, path: Path) -> npt.NDArray[np.float64]:
    import pyarrow

    names = batch.schema.names
    if _HOURS in names:
        column = batch.column(_HOURS)
        if not (pyarrow.types.is_floating(column.type) or pyarrow.types.is_integer(column.type)):
            raise InputError(f"the column {_HOURS} of {path} is {column.type}; it is to hold numbers")
        return np.array(column.cast(pyarrow.float64()).to_numpy(zero_copy_only=False), np.float64)
    if _TIME in names:
        column = batch.column(_TIME)
        if not pyarrow.types.is_timestamp(column.type):
            raise InputError(f"the column {_TIME} of {path} is {column.type}; it is to hold timestamps")
        micros = column.cast(pyarrow.timestamp("us", tz=column.type.tz)).cast(pyarrow.int64())
        seconds = np.array(micros.cast(pyarrow.float64()).to_numpy(zero_copy_only=False), np.float64) / 1e6
        return seconds / _SECONDS_OF_AN_HOUR
    return np.full(batch.num_rows, np.nan)


def _finite(hours: npt.NDArray[np.float64], path: Path) -> npt.NDArray[np.float64]:
    if np.isinf(hours).any():
        raise InputError(f"a time in {path} is infinite; leave it out, or write NaN, where it is unknown")
    return hours


def _checked_array(path: Path, hours: Path | None) -> int:
    vectors = _open_array(path)
    if vectors.ndim != 2 or not np.issubdtype(vectors.dtype, np.floating):
        raise InputError(f"{path} holds {vectors.dtype} of shape {vectors.shape}; it is to hold floats [n, dimension]")
    if hours is not None:
        times = _open_array(hours)
        if times.shape != (len(vectors),) or not np.issubdtype(times.dtype, np.number):
            raise InputError(
                f"{hours} holds {times.dtype} of shape {times.shape}, and {path} has {len(vectors)} vectors; "
                "it is to hold a number for each"
            )
    return len(vectors)


def _is_array(path: Path) -> bool:
    if path.suffix.lower() not in {".npy", ".parquet"}:
        raise InputError(f"{path} is no file of vectors that is known; give .npy or .parquet")
    return path.suffix.lower() == ".npy"


def _open_array(path: Path) -> npt.NDArray[Any]:
    try:
        # knows no pickles, and refuses what holds objects
        found: npt.NDArray[Any] = np.lib.format.open_memmap(path, mode="r")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, EOFError) as error:
        raise InputError(f"cannot read {path}: it is no array of NumPy, or a damaged one; write it anew") from error
    return found


def _open_table(path: Path) -> parquet.ParquetFile:
    require_packages(["pyarrow.parquet"], kind="vectors in Parquet tables")
    import pyarrow
    from pyarrow import parquet

    try:
        return parquet.ParquetFile(path)
    except (OSError, pyarrow.ArrowInvalid) as error:
        raise InputError(f"cannot read {path}: {str(error).splitlines()[0]}") from error
