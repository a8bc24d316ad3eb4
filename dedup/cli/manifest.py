"""The manifests of commands: of a run that can be resumed, and of one that has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from dedup.cli.options import ModelChoice, Reading
from dedup.manifest import FORMAT, FileMark, Manifest, Times, basis_of, mark_file

if TYPE_CHECKING:
    from dedup.pipeline import Deduplication
    from dedup.read import ReadReport
    from dedup.score.calibration import Calibration
    from dedup.settings import Settings

__all__ = ["manifest_of", "manifest_of_run", "mark_files", "silent_report"]


def mark_files(reading: Reading) -> list[FileMark]:
    """Return the files that a run reads, each with the hash of what is in it.

    Raises:
        InputError: an input is missing or of unknown kind.
    """
    from dedup.cli.run import is_special
    from dedup.read.sources import find_sources

    sources = find_sources(reading.inputs, reading.options, silent_report())
    return [
        mark_file(source.path, source.format.name)
        for source in sources
        if source.path is not None and not is_special(source.path)  # a pipe is empty when it has been read
    ]


def silent_report() -> ReadReport:
    """Return a report for looking at inputs that are read again after: what is wrong with them is said then."""
    from dedup.read import ReadReport

    class Silent(ReadReport):
        def reject(self, file: str, line: int, reason: str, excerpt: str | bytes = "") -> None:
            """Say nothing."""

        def skip(self, file: str, why: str) -> None:
            """Say nothing."""

        def find_nothing(self, why: str) -> None:
            """Say nothing."""

    return Silent()


def manifest_of(
    reading: Reading, files: Sequence[FileMark], settings: Settings, model: ModelChoice, calibration: Calibration
) -> dict[str, Any]:
    """Return everything that the result of a run that begins depends on, as JSON has it."""
    basis = basis_of(settings, model.encoder, calibration).to_dict()
    basis["model"] |= {"no-cache": not model.use_cache}  # where the vectors of what was done are
    return {
        "format": FORMAT,
        **basis,
        "reading": _reading(reading),
        "file": {mark.file: [mark.format, mark.bytes, mark.hash] for mark in files},
    }


def manifest_of_run(
    result: Deduplication, reading: Reading, report: ReadReport, files: Sequence[FileMark], started: str
) -> Manifest:
    """Return the manifest of a run that has ended: of what it found, and of what it read."""
    found = result.manifest(report)
    times = found.times and Times(started=started, ended=found.times.ended, seconds=found.times.seconds)
    return replace(
        found,
        command=_command(),
        reading=_reading(reading),
        files=tuple(files),
        times=times,
    )


def _command() -> str:
    """Return what the command is called, however dedup was started."""
    names = []
    context = click.get_current_context()
    while context.parent is not None:
        names.append(context.info_name or "")
        context = context.parent
    return " ".join(("dedup", *reversed(names)))


def _reading(reading: Reading) -> dict[str, Any]:
    options = reading.options
    return {
        "inputs": list(reading.inputs),
        "format": options.format,
        "fields": dict(options.fields),
        "timezone": options.timezone,
        "as-of": options.as_of.isoformat() if options.as_of else None,
        "date-order": options.date_order,
        "encoding": options.encoding,
        "max-record-bytes": options.max_record_bytes,
    }
