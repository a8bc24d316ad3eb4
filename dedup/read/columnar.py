"""Tables in columns: Parquet, and Arrow files and streams, batch by batch."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from dedup.read.cells import Unreadable, column_values
from dedup.read.fields import FieldNames, shown_columns
from dedup.read.lines import DAMAGE, ByteStream, DamagedStreamError, iter_chunks
from dedup.read.options import NAME_FIELDS, ReadOptions
from dedup.read.record import Row
from dedup.read.report import ReadReport

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["arrow_rows", "parquet_rows"]

_ROWS = 1024
"""At most so many rows are held as Python objects."""
_BATCH_BYTES = 4 << 20
"""A batch of Parquet takes about so much, or a single row."""
_BUFFER = 1 << 16
_PIECE = 1 << 20
_SPOOLED = 4 << 20  # bytes of a stream that cannot be searched; beyond, a temporary file holds them
_ARROW_FILE, _FEATHER_1 = b"ARROW1", b"FEA1"


def parquet_rows(stream: ByteStream, file: str, options: ReadOptions, report: ReadReport) -> Iterator[Row]:
    """Yield the rows of a Parquet file, counted from 1.

    A file that cannot be searched, such as standard input or a compressed one, is put into a temporary file first.

    Raises:
        DamagedStreamError: compressed data is damaged or cut.
    """
    import pyarrow as pa
    from pyarrow import parquet

    with _searchable(stream) as source:
        table = _Table(file, options, report)
        try:
            # Pages are read as they are needed: a row group can be as large as the file.
            opened = parquet.ParquetFile(
                pa.PythonFile(_Pieces(source), mode="r"), buffer_size=_BUFFER, pre_buffer=False
            )
            if table.accepts(opened.schema_arrow):
                for batch in opened.iter_batches(batch_size=_batch_size(opened.metadata), use_threads=False):
                    yield from table.rows(batch)
        except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
            table.fail("Parquet", error)


def arrow_rows(stream: ByteStream, file: str, options: ReadOptions, report: ReadReport) -> Iterator[Row]:
    """Yield the rows of an Arrow file (Feather 2) or stream, counted from 1.

    One record batch is in memory at a time, as long as its writer made it.

    Raises:
        DamagedStreamError: compressed data is damaged or cut.
    """
    import pyarrow as pa

    table = _Table(file, options, report)
    try:
        head = stream.peek(8)[:8]
        if head.startswith(_FEATHER_1):
            raise pa.ArrowInvalid("it is a Feather file of version 1; write it anew as version 2")
        if head.startswith(_ARROW_FILE):
            with _searchable(stream) as source:
                opened = pa.ipc.open_file(pa.PythonFile(_Pieces(source), mode="r"))
                if table.accepts(opened.schema):
                    for number in range(opened.num_record_batches):
                        yield from table.rows(opened.get_batch(number))
        else:
            reader = pa.ipc.open_stream(pa.PythonFile(_Pieces(stream), mode="r"))
            if table.accepts(reader.schema):
                for batch in reader:
                    yield from table.rows(batch)
    except DAMAGE as error:
        raise DamagedStreamError(table.read + 1, error) from error
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        table.fail("Arrow", error)


class _Table:
    """What the batches of one file share."""

    def __init__(self, file: str, options: ReadOptions, report: ReadReport) -> None:
        self._file, self._report = file, report
        self._limit = options.max_record_bytes
        self._fields = FieldNames(options.fields)
        self._names: list[str] = []
        self._places: set[str] = set()  # those that stand for a part of an article
        self.read = 0

    def accepts(self, schema: pa.Schema) -> bool:
        """Name the columns; refuse the file where none of them can be a title or body."""
        self._names = _unique(schema.names)
        candidates = self._fields.candidates(self._names)
        self._places = {key for keys in candidates.values() for key in keys}
        if {"title", "body"} & candidates.keys():
            return True
        reason = f"no column for title or body among {shown_columns(self._names)}; {NAME_FIELDS}"
        self._report.reject(self._file, 0, reason)
        return False

    def rows(self, batch: pa.RecordBatch) -> Iterator[Row]:
        """Yield the rows of a batch that can be read."""
        for start in range(0, batch.num_rows, _ROWS):
            part = batch.slice(start, _ROWS)
            columns = [
                column_values(part.column(number), is_field=name in self._places)
                for number, name in enumerate(self._names)
            ]
            for cells in zip(*columns, strict=True):
                self.read += 1
                problem = self._problem(cells)
                # a null is no value: a table has a cell for every field of every article
                values = {name: cell for name, cell in zip(self._names, cells, strict=True) if cell is not None}
                if problem:
                    shown = {name: cell for name, cell in values.items() if not isinstance(cell, Unreadable)}
                    self._report.reject(self._file, self.read, problem, str(shown))
                else:
                    yield Row(line=self.read, values=values)

    def _problem(self, cells: tuple[Any, ...]) -> str:
        for name, value in zip(self._names, cells, strict=True):
            if isinstance(value, Unreadable):
                return f"column {name[:60]!r}: {value.reason}"
        size = sum(len(value) if value.isascii() else len(value.encode()) for value in cells if isinstance(value, str))
        return f"the row is longer than max_record_bytes, {self._limit}" if size > self._limit else ""

    def fail(self, kind: str, error: Exception) -> None:
        """Reject what is left of a file that cannot be read any further."""
        rest = f"the rest of the {kind} file is lost" if self.read else f"it cannot be read as {kind}"
        self._report.reject(self._file, self.read + 1 if self.read else 0, f"{rest}: {error}")


def _unique(names: list[str]) -> list[str]:
    """Column names; one that comes again gets its column's number, as in a CSV file."""
    seen: set[str] = set()
    unique = []
    for number, name in enumerate(names, 1):
        chosen = f"{name}_{number}" if name in seen or not name else name
        seen.add(chosen)
        unique.append(chosen)
    return unique


def _batch_size(metadata: Any) -> int:
    """Rows of a batch: fewer where they are long."""
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    longest = max((group.total_byte_size / max(1, group.num_rows) for group in groups), default=1)
    return int(max(1, min(_ROWS, _BATCH_BYTES / max(1, longest))))


@contextmanager
def _searchable(stream: ByteStream) -> Iterator[IO[bytes]]:
    """A file that can be read from its end, where a Parquet or Arrow file has its index.

    Raises:
        DamagedStreamError: compressed data is damaged or cut.
    """
    if isinstance(stream, io.BufferedReader) and isinstance(stream.raw, io.FileIO) and stream.seekable():
        yield stream
        return
    with tempfile.SpooledTemporaryFile(max_size=_SPOOLED) as spooled:
        for chunk in iter_chunks(stream):
            spooled.write(chunk)
        spooled.seek(0)
        yield spooled


class _Pieces(io.RawIOBase):
    """A stream or file for Arrow, which asks for as much at once as the data say, whether it is there or not."""

    def __init__(self, source: ByteStream | IO[bytes]) -> None:
        super().__init__()
        self._source = source

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._source.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._source.seek(offset, whence)

    def tell(self) -> int:
        return self._source.tell()

    def read(self, size: int = -1, /) -> bytes:
        pieces = bytearray()
        while size < 0 or len(pieces) < size:
            piece = self._source.read(_PIECE if size < 0 else min(_PIECE, size - len(pieces)))
            if not piece:
                break
            pieces += piece
        return bytes(pieces)
