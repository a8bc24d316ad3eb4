"""The files below a folder, and those that match a pattern."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from dedup.errors import InputError
from dedup.read.report import ReadReport

__all__ = ["is_pattern", "match_pattern", "walk_folder", "would_match"]

_MAGIC = re.compile(r"[*?\[]")


def walk_folder(folder: Path, report: ReadReport) -> Iterator[Path]:
    """Yield the regular files below ``folder`` sorted by path, each once, without hidden ones and links that leave it.

    What cannot be looked at is rejected, and links that leave the folder, pipes, sockets and devices are skipped, in
    the report.
    """
    yield from _Below(folder, report).files(folder)


def is_pattern(path: Path) -> bool:
    """Return whether a path names nothing that is there, and has one of ``* ? [`` in it."""
    return bool(_MAGIC.search(str(path))) and not os.path.lexists(path)


def match_pattern(pattern: Path, report: ReadReport) -> Iterator[Path]:
    """Yield the files that match, and those below folders that match, sorted and chosen as in a folder.

    ``*``, ``?`` and ``[...]`` match within one name, ``**`` any number of folders. The front of the pattern that is
    there is taken as it is, whatever signs it has. Hidden files and folders match only where a part of the pattern
    begins with a dot too.

    Raises:
        InputError: ``**`` stands together with something else.
    """
    base, parts = _existing_front(pattern)
    if any("**" in part and part != "**" for part in parts):
        raise InputError(f"cannot use the pattern {pattern}: ** stands for whole folders; write it between slashes")
    below = _Below(base, report)
    hidden = any(part.startswith(".") for part in parts)
    for path in sorted(base.glob(str(Path(*parts)))):
        if not hidden and any(name.startswith(".") for name in path.relative_to(base).parts):
            continue
        yield from below.files(path) if path.is_dir() else below.admitted(path)


def would_match(path: Path, pattern: Path) -> bool:
    """Return whether a file, there or not, is one that a pattern matches, or lies in a folder that it matches."""
    base, parts = _existing_front(pattern)
    root = Path(os.path.realpath(base))
    for target in (Path(os.path.realpath(path)), Path(os.path.realpath(path.parent), path.name)):  # a link, or its end
        names = target.relative_to(root).parts if target.is_relative_to(root) else ()
        if any(_fits(names[:count], parts) for count in range(1, len(names) + 1)):
            return True
    return False


def _fits(names: Sequence[str], parts: Sequence[str]) -> bool:
    if not parts:
        return not names
    if parts[0] == "**":
        return any(_fits(names[count:], parts[1:]) for count in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], parts[0]) and _fits(names[1:], parts[1:])


def _existing_front(pattern: Path) -> tuple[Path, list[str]]:
    parts = list(pattern.parts)
    base = Path(parts.pop(0)) if pattern.is_absolute() else Path()
    while len(parts) > 1 and (base / parts[0]).is_dir():
        base /= parts.pop(0)
    return base, parts


class _Below:
    """Files below one folder, each once."""

    def __init__(self, folder: Path, report: ReadReport) -> None:
        self._root = os.path.realpath(folder)
        self._report = report
        self._seen: set[str] = set()

    def files(self, folder: Path) -> Iterator[Path]:
        for parent, folders, files in os.walk(folder, onerror=self._note):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                if not name.startswith("."):
                    yield from self.admitted(Path(parent, name))

    def admitted(self, path: Path) -> Iterator[Path]:
        """The path, if it is a regular file that lies in the folder and has not been met."""
        target = os.path.realpath(path)
        if target in self._seen:
            return
        if os.path.commonpath((self._root, target)) != self._root:
            self._report.skip(str(path), "a link that leaves the folder")
            return
        try:
            regular = stat.S_ISREG(path.stat().st_mode)
        except OSError as error:
            self._report.reject(str(path), 0, f"cannot read this file: {error.strerror}")
            return
        if not regular:
            self._report.skip(str(path), "a pipe, a socket or a device")
            return
        self._seen.add(target)
        yield path

    def _note(self, error: OSError) -> None:
        self._report.reject(str(error.filename), 0, f"cannot read this folder: {error.strerror}")
