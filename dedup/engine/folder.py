"""The folder that the machines of a run share: what each task has done, whole or not at all.

A task writes its tables and, last of all, a small JSON file that says what came of it. So whether it is done is whether
that file is there, whoever looks, and a run that was stopped goes on with what is missing.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup.errors import EngineError, SettingsError

if TYPE_CHECKING:
    import pyarrow
    from filelock import BaseFileLock

__all__ = ["JobFolder", "difference_of"]

_MANIFEST, _LOCK = "manifest.json", "lock"


class JobFolder:
    """One run's folder.

    Args:
        path: Reached by every machine under this name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: BaseFileLock | None = None

    def begin(self, manifest: Mapping[str, Any], *, resume: bool) -> bool:
        """Take the folder for a run that depends on ``manifest``; return whether it goes on with what is there.

        Raises:
            SettingsError: the run to resume depends on something else.
            EngineError: the folder cannot be made or emptied.
        """
        self._take()
        before = self._before()
        if before is not None and resume:
            changed = difference_of(before, json.loads(json.dumps(manifest)))
            if changed:
                raise SettingsError(
                    f"cannot resume the run that {self.path} keeps: {changed} is another; run it as it was, or without "
                    "resuming to begin anew"
                )
            return True
        try:
            there = [path for path in self.path.iterdir() if path.name != _LOCK]
            if before is None and there:
                raise EngineError(f"{self.path} holds other files than those of a run; name another folder")
            for path in there:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            self._write(self.path / _MANIFEST, json.dumps(manifest, indent=1).encode())
        except OSError as error:
            raise EngineError(f"cannot use {self.path}: {error.strerror or error}; name another folder") from error
        return False

    def _take(self) -> None:
        from filelock import FileLock, Timeout

        lock = FileLock(self.path / _LOCK)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout as error:
            raise EngineError(f"the run that keeps {self.path} is going on; wait for it to end") from error
        except OSError as error:
            raise EngineError(f"cannot use {self.path}: {error.strerror or error}; name another folder") from error
        self._lock = lock

    def release(self) -> None:
        """Let another run have the folder."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _before(self) -> dict[str, Any] | None:
        try:
            document = json.loads((self.path / _MANIFEST).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return document if isinstance(document, dict) else None

    def remove(self) -> None:
        """Remove the folder: the run is done."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.release()

    def result(self, stage: str, name: str) -> dict[str, Any] | None:
        """Return what came of a task; None while it is not done."""
        try:
            found: dict[str, Any] = json.loads((self.path / stage / f"{name}.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return found

    def finish(self, stage: str, name: str, result: Mapping[str, Any]) -> dict[str, Any]:
        """Say that a task is done, and what came of it: what JSON can hold."""
        self._write(self.path / stage / f"{name}.json", json.dumps(result).encode())
        return dict(result)

    def table_path(self, stage: str, name: str) -> Path:
        """Return where a task's table is."""
        return self.path / stage / f"{name}.parquet"

    def write_table(self, stage: str, name: str, table: pyarrow.Table, *, row_group: int | None = None) -> None:
        """Write a table, whole; of so many rows at a time where some of them are read without the others."""
        from pyarrow import parquet

        with self._whole(self.table_path(stage, name)) as part:
            parquet.write_table(table, part, compression="zstd", compression_level=1, row_group_size=row_group)

    def write_rows(
        self, stage: str, name: str, schema: pyarrow.Schema, column: str, values: Iterator[Any], at_once: int
    ) -> int:
        """Write a table of one column, whole, holding so many rows at a time; return how many there were."""
        import pyarrow
        from pyarrow import parquet

        count = 0
        with (
            self._whole(self.table_path(stage, name)) as part,
            parquet.ParquetWriter(part, schema, compression="zstd", compression_level=1) as writer,
        ):
            while batch := list(itertools.islice(values, at_once)):
                writer.write_table(pyarrow.table({column: pyarrow.array(batch, schema.field(column).type)}))
                count += len(batch)
        return count

    def read_table(self, stage: str, name: str, columns: list[str] | None = None) -> pyarrow.Table:
        """Return a table, or some of its columns."""
        from pyarrow import parquet

        # one file: nothing is guessed from the names of folders
        with self.table_path(stage, name).open("rb") as file:
            return parquet.read_table(file, columns=columns)

    def write_lines(self, stage: str, name: str, lines: Iterator[str]) -> None:
        """Write lines of text, whole."""
        with self._whole(self.lines_path(stage, name)) as part, part.open("w", encoding="utf-8") as file:
            file.writelines(lines)

    def lines_path(self, stage: str, name: str) -> Path:
        """Return where a task's lines are."""
        return self.path / stage / f"{name}.jsonl"

    def _write(self, path: Path, data: bytes) -> None:
        with self._whole(path) as part:
            part.write_bytes(data)

    @contextmanager
    def _whole(self, path: Path) -> Iterator[Path]:
        """Yield a path that becomes ``path`` when all is written: two machines may do one task, after a lost one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
        try:
            yield part
            os.replace(part, path)  # noqa: PTH105 - over what is there, on every system
        finally:
            part.unlink(missing_ok=True)


def difference_of(before: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    """Return the name of the first thing that two runs do not have in common; None where they are the same.

    >>> difference_of({"settings": 1, "files": 2}, {"settings": 1, "files": 3})
    'files'
    """
    return next((name for name in (*before, *now) if before.get(name) != now.get(name)), None)
