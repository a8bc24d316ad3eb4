"""Files that are read, each with the hash of what is in it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FileMark", "mark_file"]

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMark:
    """A file that is read, as it was at one moment."""

    file: str
    """Its path, as it was given."""
    format: str
    bytes: int
    hash: str
    """BLAKE2b of 128 bits, in hexadecimal; or why it cannot be read."""


def mark_file(path: Path, form: str) -> FileMark:
    """Return the mark of a file of format ``form``; what cannot be read gets one that says so."""
    digest, size = hashlib.blake2b(digest_size=16), 0
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
                size += len(block)
    except OSError as error:  # whoever reads it says so
        return FileMark(file=str(path), format=form, bytes=size, hash=f"not readable: {error.strerror}")
    return FileMark(file=str(path), format=form, bytes=size, hash=digest.hexdigest())
