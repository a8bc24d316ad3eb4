"""What a run depends on, written down, so that another run can tell whether it is the same."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup.cli.options import ModelChoice, Reading

if TYPE_CHECKING:
    from dedup.read import ReadReport
    from dedup.score.calibration import Calibration
    from dedup.settings import Settings

__all__ = ["FileMark", "difference", "manifest_of", "mark_files", "silent_report"]

_FORMAT = 1
_PACKAGES = ("numpy", "scipy", "sentencex", "py3langid", "tokenizers", "torch", "transformers", "sentence-transformers")
_BLOCK_BYTES = 1 << 20
_MOST_SHOWN = 200  # characters of a value in a message


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMark:
    """A file that is read, as it was at one moment."""

    file: str
    format: str
    bytes: int
    hash: str


def mark_files(reading: Reading) -> list[FileMark]:
    """Return the files that a run reads, each with the hash of what is in it.

    Raises:
        InputError: an input is missing or of unknown kind.
    """
    from dedup.read.sources import find_sources

    sources = find_sources(reading.inputs, reading.options, silent_report())
    return [_mark(source.path, source.format.name) for source in sources if source.path is not None]


def silent_report() -> ReadReport:
    """Return a report for looking at inputs that are read again after: what is wrong with them is said then."""
    from dedup.read import ReadReport

    class Silent(ReadReport):
        def reject(self, file: str, line: int, reason: str, excerpt: str | bytes = "") -> None:
            """Say nothing."""

        def skip(self, file: str, why: str) -> None:
            """Say nothing."""

    return Silent()


def _mark(path: Path, form: str) -> FileMark:
    digest, size = hashlib.blake2b(digest_size=16), 0
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
                size += len(block)
    except OSError as error:  # whoever reads it says so
        return FileMark(file=str(path), format=form, bytes=size, hash=f"not readable: {error.strerror}")
    return FileMark(file=str(path), format=form, bytes=size, hash=digest.hexdigest())


def manifest_of(
    reading: Reading, files: list[FileMark], settings: Settings, model: ModelChoice, calibration: Calibration
) -> dict[str, Any]:
    """Return everything that a run's result depends on, as JSON has it."""
    encoder = model.encoder
    return {
        "format": _FORMAT,
        "version": {"dedup": _dedup_version(), "python": platform.python_version(), **_versions()},
        "reading": {"inputs": list(reading.inputs), **_options_of(reading)},
        "setting": asdict(settings),
        "model": {
            "name": encoder.model,
            "revision": encoder.revision,
            "settings": encoder.settings,
            "no-cache": not model.use_cache,
        },
        "calibration": {"hash": hashlib.blake2b(calibration.to_json().encode(), digest_size=16).hexdigest()},
        "file": {mark.file: [mark.format, mark.bytes, mark.hash] for mark in files},
    }


def _options_of(reading: Reading) -> dict[str, Any]:
    options = reading.options
    return {
        "format": options.format,
        "fields": dict(options.fields),
        "timezone": options.timezone,
        "as-of": options.as_of.isoformat() if options.as_of else None,
        "date-order": options.date_order,
        "encoding": options.encoding,
        "max-record-bytes": options.max_record_bytes,
    }


def _dedup_version() -> str:
    from dedup import __version__

    return __version__


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    """Return in words the first thing that is not as it was; None where all is."""
    return next(_differences(before, now), None)


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    if before.get("format") != now["format"]:
        yield "it was begun by another version of dedup"
        return
    for part in ("version", "reading", "setting", "model", "calibration"):
        old, new = _table(before, part), now[part]
        for name in dict.fromkeys((*old, *new)):
            if old.get(name) != new.get(name):
                what = f"the {part}" if part == "calibration" else f"the {part} {name}"
                values = "" if part == "calibration" else f" was {_shown(old, name)} and is {_shown(new, name)}"
                yield f"{what}{values or ' is another'}"
    old, new = _table(before, "file"), now["file"]
    for name in dict.fromkeys((*old, *new)):
        if name not in new:
            yield f"the input {name} is gone"
        elif name not in old:
            yield f"the input {name} is new"
        elif old[name] != new[name]:
            yield f"the input {name} has changed"


def _table(document: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    """Return a part of a manifest; nothing where it is none, as in a file that was damaged."""
    found = document.get(part)
    return found if isinstance(found, dict) else {}


def _shown(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    text = repr(value)
    return "not set" if value is None else text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
