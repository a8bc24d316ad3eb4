"""``dedup cache``: what dedup keeps on disk, and how to be rid of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from dedup.cli.console import console_options
from dedup.cli.declared import once_option
from dedup.cli.edge import ending
from dedup.cli.options import dry_run_option, json_option
from dedup.cli.text import size
from dedup.errors import CacheError

__all__ = ["cache"]

# Nothing but what dedup itself makes is ever counted or deleted: DEDUP_CACHE can name any folder.
_OWN_FILES = {
    "models": ("multilingual-e5-small-q4-*",),
    "contents": ("contents.sqlite", "contents.sqlite-wal", "contents.sqlite-shm", "contents.damaged"),
    "vectors": ("vectors-*.sqlite", "vectors-*.sqlite-wal", "vectors-*.sqlite-shm", "vectors-*.damaged"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One part of the cache."""

    name: str
    folder: str
    files: int
    bytes: int


@click.group(epilog=ending("dedup cache info", "dedup cache clear --vectors"))
def cache() -> None:
    """Show or clear what is kept on disk.

    That is the converted model, what was read of texts (their sentences, names, numbers and days), and the vectors of
    sentences; all are made again when they are needed. The folder is that of the environment variable DEDUP_CACHE, else
    the user's cache folder.
    """


@cache.command(epilog=ending("dedup cache info", "dedup cache info --json"))
@json_option("Print as JSON.")
@console_options
def info(*, as_json: bool) -> None:
    """Show where the cache is and how large."""
    parts = [_measure(name) for name in _OWN_FILES]
    if as_json:
        click.echo(json.dumps([asdict(part) for part in parts], ensure_ascii=False, indent=2))
        return
    for part in parts:
        click.echo(f"{part.name:<9}{size(part.bytes):>10}  {part.files:,} files  {part.folder}")


@cache.command(epilog=ending("dedup cache clear", "dedup cache clear --vectors"))
@once_option("--models", "names", flag_value="models", help="Clear the converted model only.")
@once_option("--contents", "names", flag_value="contents", help="Clear what was read of texts only.")
@once_option("--vectors", "names", flag_value="vectors", help="Clear the vectors only.")
@dry_run_option("Say what would be deleted, and delete nothing.")
@console_options
def clear(*, names: str | None, dry_run: bool) -> None:
    """Delete the cache, or one part of it. No other run should be going on."""
    for name in (names,) if names else _OWN_FILES:
        part = _measure(name)
        if not dry_run:
            _delete(name)
        click.echo(f"{part.name:<9}{size(part.bytes):>10} {'to free' if dry_run else 'freed'} in {part.folder}")


def _measure(name: str) -> _Part:
    sizes = [path.stat().st_size for own in _own(name) for path in _files(own)]
    return _Part(name=name, folder=str(_folder(name)), files=len(sizes), bytes=sum(sizes))


def _delete(name: str) -> None:
    for path in _own(name):
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        except OSError as error:
            raise CacheError(f"cannot delete {path}: {error.strerror}; check its permissions") from error


def _own(name: str) -> list[Path]:
    folder = _folder(name)
    return sorted(path for pattern in _OWN_FILES[name] for path in folder.glob(pattern))


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (inner for inner in path.rglob("*") if inner.is_file())
    else:
        yield path


def _folder(name: str) -> Path:
    from dedup.cache import cache_path

    return cache_path(name)
