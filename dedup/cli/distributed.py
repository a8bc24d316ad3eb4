"""``dedup cluster --engine ray``: the same command, its work done by a cluster, the stories never all in one memory."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.article import UNDETERMINED
from dedup.cli.console import Console
from dedup.cli.options import ModelChoice, Reading
from dedup.cli.options.engine import EngineChoice
from dedup.errors import OutputError

if TYPE_CHECKING:
    from dedup.engine.base import Work
    from dedup.engine.job import Told
    from dedup.settings import Settings
    from dedup.write import Destination

__all__ = ["OnCluster", "check_engine", "cluster_on_engine", "tables_folder", "work_folder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCluster:
    """What a run on a cluster is asked for."""

    reading: Reading
    settings: Settings
    model: ModelChoice
    engine: EngineChoice
    output: str
    as_json: bool
    resume: bool


def check_engine(engine: EngineChoice, *, pairs: Path | None, manifest: Path | None) -> None:
    """Refuse options that do not go together.

    Raises:
        UsageError: options of a cluster without one; or pairs or a manifest with one.
        EngineError: Ray is not installed.
    """
    if engine.is_local:
        given = (engine.address and "--address") or (engine.folder and "--work-folder")
        if given:
            raise click.UsageError(f"{given} says where --engine ray works; give that too")
        return
    for option, path in (("--pairs", pairs), ("--manifest", manifest)):
        if path is not None:
            raise click.UsageError(f"{option} is written by one machine only; leave it out with --engine ray")
    from dedup.engine.cluster import require_ray

    require_ray()


def cluster_on_engine(asked: OnCluster, console: Console) -> None:
    """Read, find stories and write them, and say what was done.

    Raises:
        DedupError: as for a run on one machine, or the cluster cannot be used.
    """
    from dedup.cli.run import check_read, open_destination, open_report, rejects_path
    from dedup.cli.show import show_stories
    from dedup.cli.summary import reading_lines, tell_lines
    from dedup.engine.base import Work
    from dedup.engine.job import Limits
    from dedup.engine.ray_engine import FilesToRead, RayEngine
    from dedup.read.sources import find_sources
    from dedup.score.registry import calibration_for
    from dedup.write import Destination, write_stories

    began = time.perf_counter()
    reading, model = asked.reading, asked.model
    tables = tables_folder(asked.output, reading.inputs)
    destination = Destination(path=None) if tables else open_destination(asked.output, reading)
    target = Destination(path=tables) if tables else destination
    rejects = rejects_path(target, reading)
    calibration = model.calibration() or calibration_for(model.encoder)
    calibration.check_encoder(model.encoder)
    work = Work(settings=asked.settings, encoder=model.encoder, calibration=calibration)
    engine = RayEngine(
        address=asked.engine.address,
        folder=work_folder(asked.engine, target, resume=asked.resume),
        resume=asked.resume,
        limits=Limits(partition=asked.engine.partition),
    )
    with open_report(rejects) as report:
        sources = find_sources(reading.inputs, reading.options, report)
        files = FilesToRead(sources=sources, options=reading.options, report=report)
        with engine.told(files, work, console.progress, tables=tables) as told:
            stories = told.stories() if told else iter(())
            if tables is None:
                if destination.path is None and sys.stdout.isatty() and not asked.as_json:
                    show_stories(tuple(stories))
                else:
                    write_stories(stories, destination)
    check_read(report, reading, rejects, console)
    lines = reading_lines(report, rejects, console) + _found_lines(told, work)
    tell_lines([*lines, ("seconds", f"{time.perf_counter() - began:.1f}")], console)


def tables_folder(output: str, inputs: Sequence[str]) -> Path | None:
    """Return the folder that is to hold the output in parts: an output that ends in a slash.

    Raises:
        OutputError: there is something in it, or it cannot be made.
    """
    from dedup.cli.run import keep_apart

    if not output.endswith(("/", os.sep)):
        return None
    folder = Path(output)
    keep_apart(folder, inputs)
    try:
        folder.mkdir(exist_ok=True)
        filled = any(folder.iterdir())
    except OSError as error:
        raise OutputError(f"cannot write into {folder}: {error.strerror}; choose another folder") from error
    if filled:
        raise OutputError(f"cannot write into {folder}: there are files in it; empty it or choose another folder")
    return folder


def work_folder(engine: EngineChoice, destination: Destination, *, resume: bool) -> Path | None:
    """Return the folder that a run's machines keep their work in, if any: that named, else beside the output.

    Raises:
        UsageError: a run is to be resumed, and there is none.
    """
    folder = engine.folder or _beside(destination)
    if resume and folder is None:
        raise click.UsageError("--resume needs -o FILE or --work-folder, where it finds what was done")
    return folder


def _beside(destination: Destination) -> Path | None:
    """Return the hidden folder beside an output, if that is a file."""
    from dedup.cli.run import is_special

    path = destination.path
    if path is None or (is_special(path) and not path.is_dir()):
        return None
    return path.with_name(f".{path.name}.ray")


def _found_lines(told: Told | None, work: Work) -> list[tuple[str, str]]:
    """Return what a summary says of how articles were judged, and of what was found."""
    from dedup.cli.summary import judged_lines, uncalibrated

    if told is None:
        return [("stories", "0, 0 duplicates found")]
    strange = uncalibrated(told.languages, work.calibration)
    counts = {
        **told.counts,
        "unknown_language": told.languages.get(UNDETERMINED, 0),
        "uncalibrated": sum(strange.values()),
    }
    stories, articles = counts["stories"], counts["articles"]
    return [
        ("languages", ", ".join(f"{tag} {count:,}" for tag, count in _most_common(told.languages))),
        *judged_lines(counts, work.settings, strange),
        ("stories", f"{stories:,}, {articles - stories:,} duplicates found"),
    ]


def _most_common(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda entry: -entry[1])
