"""Where results go: a file, by its ending in one of the formats, or standard output. Whole or not at all."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, Literal, TextIO, cast

from dedup.errors import OutputError

__all__ = [
    "ENDINGS",
    "STANDARD_OUTPUT",
    "TYPED_ENDINGS",
    "Destination",
    "Format",
    "check_writable",
    "name_beginning",
    "open_binary",
    "open_output",
    "remove_parts",
    "write_whole",
]

STANDARD_OUTPUT = "-"

Format = Literal["jsonl", "csv", "tsv", "parquet", "arrow"]

ENDINGS: dict[str, Format] = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "tsv"}
"""Ending of a file's name to what is written into it; each also with ``.gz``."""

TYPED_ENDINGS: dict[str, Format] = {".parquet": "parquet", ".arrow": "arrow"}
"""The same for tables whose columns have types; they are compressed as they are, and never gzipped."""

_PART_TRIES = 100
_NAME_BYTES = 200
"""Of a file's name in that of its part, which is longer; a name has 255 at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a result goes, checked before any work is done for it."""

    path: Path | None
    """None is standard output."""
    format: Format = "jsonl"
    zipped: bool = False

    @classmethod
    def of(cls, name: str | Path) -> Destination:
        """Return the destination that ``name`` stands for: a path, or ``-`` for JSON lines on standard output.

        Raises:
            OutputError: the ending is not known, or needs a package that is not installed; the folder is not there;
                or either cannot be written.

        >>> Destination.of("-")
        Destination(path=None, format='jsonl', zipped=False)
        """
        if str(name) == STANDARD_OUTPUT:
            return cls(path=None)
        path = Path(name)
        special = _is_special(path)
        if typed := TYPED_ENDINGS.get(path.suffix.lower()):
            if special:
                raise OutputError(f"cannot write {path}: a table with types needs a file, not a pipe or device")
            _check_pyarrow(path)
            check_writable(path)
            return cls(path=path, format=typed)
        ending = Path(path.name.lower().removesuffix(".gz")).suffix
        if ending not in ENDINGS and not special:
            known, typed_ones = " ".join(ENDINGS), " or ".join(TYPED_ENDINGS)
            raise OutputError(
                f"unknown kind of output: {path}; let its name end in one of {known}, or that with .gz, or in "
                f"{typed_ones}"
            )
        if not special:
            check_writable(path)
        return cls(
            path=path, format=ENDINGS.get(ending, "jsonl"), zipped=path.name.lower().endswith(".gz") and not special
        )

    @property
    def typed(self) -> bool:
        """Whether it is a table whose columns have types, written by ``write_typed``."""
        return self.format in TYPED_ENDINGS.values()


def _check_pyarrow(path: Path) -> None:
    """Refuse at once what could not be written after all the work."""
    if find_spec("pyarrow") is None:
        raise OutputError(f"writing {path} needs the package pyarrow: pip install 'news-dedup[formats]'")


def _is_special(path: Path) -> bool:
    """Whether a path is there and neither file nor folder: a pipe or a device, such as /dev/null."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def check_writable(path: Path) -> None:
    """Refuse a path at which no file can be written.

    Raises:
        OutputError: it is a folder, its folder is not there, or either is read-only.
    """
    folder = Path(os.path.realpath(path)).parent
    if path.is_dir():
        raise OutputError(f"cannot write {path}: it is a folder; name a file in it")
    if not folder.is_dir():
        raise OutputError(f"cannot write {path}: there is no folder {folder}; make it or choose another")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"cannot write {path}: the folder {folder} is read-only; choose another")
    if path.exists() and not os.access(path, os.W_OK):
        raise OutputError(f"cannot write {path}: the file is read-only; choose another name")


@contextmanager
def open_output(destination: Destination) -> Iterator[TextIO]:
    """Open a destination for text in UTF-8; a file appears under its name when the context ends without an error.

    Until then the text goes into a hidden file in the same folder; what stood under the name stays as it was.

    Raises:
        OutputError: it cannot be written.
        BrokenPipeError: whoever read standard output has gone.
    """
    with _said_of(destination.path), ExitStack() as stack:
        raw = stack.enter_context(_raw_output(destination.path))
        if destination.zipped:
            # no name and no time in it: equal results are equal files
            raw = cast("BinaryIO", stack.enter_context(gzip.GzipFile("", "wb", 6, raw, mtime=0)))
        # In JSON the replacement of a lone surrogate, \udxxx, is the very escape that JSON has for it.
        text = io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", newline="")
        try:
            yield text
            text.flush()
        finally:
            _detach(text)


@contextmanager
def open_binary(path: Path) -> Iterator[BinaryIO]:
    """Open a file for bytes; as with ``open_output``, it appears under its name when the context ends without an error.

    Raises:
        OutputError: it cannot be written.
    """
    with _said_of(path), _raw_output(path) as file:
        yield file


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` into the file ``path``, whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    with open_binary(path) as file:
        file.write(data)


@contextmanager
def _said_of(path: Path | None) -> Iterator[None]:
    """Tell what the system refuses as an error of ours."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        name = path or "standard output"
        raise OutputError(
            f"cannot write {name}: {error.strerror or error}; free space or choose another place"
        ) from error


def _detach(text: io.TextIOWrapper) -> None:
    """Let go of the stream below, which is closed by who opened it; what an error left unwritten is dropped."""
    with contextlib.suppress(OSError, ValueError):
        text.detach()


@contextmanager
def _raw_output(path: Path | None) -> Iterator[BinaryIO]:
    if path is None:
        sys.stdout.flush()
        yield cast("BinaryIO", sys.stdout.buffer)
        sys.stdout.buffer.flush()
    elif _is_special(path):
        with path.open("wb") as device:
            yield device
    else:
        with _whole_file(Path(os.path.realpath(path))) as part:  # a link stays a link
            yield part


@contextmanager
def _whole_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file beside ``path`` that takes its place when all is written, and goes when that fails."""
    part, file = _new_part(path)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(OSError):
            part.chmod(stat.S_IMODE(path.stat().st_mode))  # as the file was that it replaces
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def _new_part(path: Path) -> tuple[Path, BinaryIO]:
    """Create a file that no other process has; not by ``tempfile``, whose files only their owner may read."""
    for number in range(_PART_TRIES):
        part = path.with_name(f".{name_beginning(path.name)}.{os.getpid()}-{number}.part")
        with contextlib.suppress(FileExistsError):
            return part, part.open("xb")
    raise FileExistsError(17, f"{_PART_TRIES} unfinished files lie beside it")


def remove_parts(path: Path) -> None:
    """Remove what processes that were killed have left half written of a file.

    Called before this process writes it: what bears its number is of one before, too. What cannot be removed stays.
    """
    for place in {path.absolute(), Path(os.path.realpath(path))}:
        part = re.compile(rf"\.{re.escape(name_beginning(place.name))}\.(\d{{1,10}})(-\d+)?\.part", re.ASCII)
        with contextlib.suppress(OSError):
            for file in place.parent.iterdir():
                found = part.fullmatch(file.name)
                if found and not _is_another_alive(int(found[1])):
                    file.unlink()


def _is_another_alive(process: int) -> bool:
    if process == os.getpid():
        return False
    if os.name == "nt":  # to ask would end it
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def name_beginning(name: str) -> str:
    """Return what fits where something is added: names are counted in bytes, and cut between characters."""
    while len(os.fsencode(name)) > _NAME_BYTES:
        name = name[:-1]
    return name
