"""What commands that find stories have in common: where things are written, what is read, what is found."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dedup.cli.console import Console
from dedup.cli.options import ModelChoice, Reading, Wanted
from dedup.errors import InputError, OutputError

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.cli.job import Job
    from dedup.manifest import Manifest
    from dedup.pipeline import Deduplication
    from dedup.read import ReadReport
    from dedup.settings import Settings
    from dedup.story import Story
    from dedup.write import Destination

__all__ = [
    "Run",
    "check_manifest",
    "check_read",
    "find_stories",
    "is_special",
    "keep_apart",
    "open_destination",
    "open_pairs",
    "open_report",
    "planned_outputs",
    "read_inputs",
    "rejects_path",
    "run_on_inputs",
    "write_manifest",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a command: what was found, and what the summary tells of it."""

    destination: Destination
    rejects: Path | None
    report: ReadReport
    result: Deduplication
    pairs: Destination | None
    """Where the scored pairs go, if anywhere."""
    started: float
    manifest: Manifest | None = None
    """What is written of the run beside its result: where that was asked for, or has a place for it."""
    manifest_path: Path | None = None
    known: int = 0
    """Articles that the run which was resumed had read."""

    @property
    def stories(self) -> tuple[Story, ...]:
        """What was found."""
        return self.result.stories


def run_on_inputs(
    reading: Reading,
    settings: Settings,
    model: ModelChoice,
    wanted: Wanted,
    console: Console,
    *,
    job: Job | None = None,
) -> Run:
    """Check where the result goes, read, and find the stories.

    With a ``job`` what is done is kept, and what was done is not done again; who writes the result finishes it.

    Raises:
        DedupError: as said at the functions below.
    """
    from dedup.cli.manifest import manifest_of_run, mark_files

    started, began = time.perf_counter(), datetime.now(UTC).isoformat(timespec="milliseconds")
    destination = open_destination(wanted.output, reading)
    rejects = rejects_path(destination, reading)
    pairs = open_pairs(wanted.pairs, reading, destination, rejects) if wanted.pairs else None
    check_manifest(wanted, reading, rejects)
    has_manifest = wanted.manifest is not None or destination.typed or (pairs is not None and pairs.typed)
    files = (job.files if job is not None else mark_files(reading)) if has_manifest else []
    articles, report = read_inputs(reading, rejects, console)
    result = _deduplicate(articles, settings, model, console, all_pairs=wanted.all_pairs, job=job)
    return Run(
        destination=destination,
        rejects=rejects,
        report=report,
        result=result,
        pairs=pairs,
        started=started,
        manifest=manifest_of_run(result, reading, report, files, began) if has_manifest else None,
        manifest_path=wanted.manifest,
        known=job.known if job else 0,
    )


def planned_outputs(reading: Reading, wanted: Wanted, what: str) -> dict[str, Path | None]:
    """Return what a run would write and where, after the checks that a run makes; None is standard output.

    Raises:
        OutputError: as for a run.
    """
    destination = open_destination(wanted.output, reading)
    rejects = rejects_path(destination, reading)
    outputs: dict[str, Path | None] = {what: destination.path}
    if wanted.pairs is not None:
        outputs["pairs"] = open_pairs(wanted.pairs, reading, destination, rejects).path
    check_manifest(wanted, reading, rejects)
    if wanted.manifest is not None:
        outputs["manifest"] = wanted.manifest
    if rejects is not None:
        outputs["rejected records, if any"] = rejects
    return outputs


def open_destination(output: str, reading: Reading) -> Destination:
    """Return where the result goes, and refuse a place where it would become, or destroy, what is read.

    Raises:
        OutputError: see ``Destination.of``; or the place is an input, or inside an input folder.
    """
    from dedup.write import Destination

    destination = Destination.of(output)
    if destination.path is not None:
        keep_apart(destination.path, reading.inputs)
    return destination


def open_pairs(path: Path, reading: Reading, destination: Destination, rejects: Path | None) -> Destination:
    """Return where the scored pairs go, and refuse a place where they would destroy another file of the run.

    Raises:
        OutputError: as for the output; or it is standard output, the output or the file of rejected records.
    """
    pairs = open_destination(str(path), reading)
    if pairs.path is None:
        raise OutputError("cannot write pairs to standard output, where stories go; name a file")
    others = (("the output", destination.path), ("the file of rejected records", rejects))
    for name, other in others:
        if other is not None and os.path.realpath(pairs.path) == os.path.realpath(other):
            raise OutputError(f"cannot write pairs to {path}: it is {name}; name another with --pairs")
    return pairs


def check_manifest(wanted: Wanted, reading: Reading, rejects: Path | None) -> None:
    """Refuse a place for the manifest where it cannot be written, or would destroy another file of the run.

    Raises:
        OutputError: it is such a place, an input, or inside an input folder.
    """
    from dedup.write.output import check_writable

    path = wanted.manifest
    if path is None:
        return
    if not is_special(path):
        check_writable(path)
    keep_apart(path, reading.inputs)
    others = {"the output": wanted.output, "the file of pairs": wanted.pairs, "the file of rejected records": rejects}
    for name, other in others.items():
        if other is not None and os.path.realpath(path) == os.path.realpath(other):
            raise OutputError(f"cannot write the manifest to {path}: it is {name}; name another with --manifest")


def write_manifest(run: Run) -> None:
    """Write the manifest of a run, where that was asked for; after the result, which it tells of.

    Raises:
        OutputError: it cannot be written.
    """
    from dedup.write.output import write_whole

    if run.manifest is not None and run.manifest_path is not None:
        write_whole(run.manifest_path, run.manifest.to_json().encode())


def rejects_path(destination: Destination, reading: Reading) -> Path | None:
    """Return where rejected records are written: where the user said, else beside an output that is a file.

    Raises:
        OutputError: there is something that is no plain file, an input or the output; or there is no such folder.
    """
    from dedup.write.output import name_beginning

    beside = destination.path if destination.path and not is_special(destination.path) else None
    path = reading.rejects or (
        beside.with_name(f"{name_beginning(beside.name)}.rejects.jsonl") if beside else None  # a name has 255 bytes
    )
    if path is None:
        return None
    if path.is_dir() or is_special(path):
        raise OutputError(f"cannot write rejected records to {path}: it is no plain file; name another with --rejects")
    if not path.absolute().parent.is_dir():
        raise OutputError(f"cannot write rejected records to {path}: there is no such folder; make it first")
    if destination.path is not None and os.path.realpath(path) == os.path.realpath(destination.path):
        raise OutputError(f"cannot write rejected records to {path}: it is the output; name another with --rejects")
    keep_apart(path, reading.inputs)
    return path


def keep_apart(path: Path, inputs: Sequence[str]) -> None:
    """Refuse a place for output where it would become, or destroy, what is read.

    Raises:
        OutputError: ``path`` is an input, or inside an input folder.
    """
    from dedup.read.paths import is_pattern, would_match

    target = Path(os.path.realpath(path))
    for given in inputs:
        source = Path(os.path.realpath(given))
        if is_pattern(Path(given)) and would_match(path, Path(given)):
            raise OutputError(
                f"cannot write {path}: the pattern {given} matches it, and the next run would take it for articles; "
                "choose another place"
            )
        if given == "-" or not source.exists():
            continue
        if target == source and source.is_file():
            raise OutputError(f"cannot write {path}: it is an input, and would be lost; choose another name")
        if source.is_dir() and target.is_relative_to(source):
            raise OutputError(
                f"cannot write {path}: it lies in the input folder {given}, and the next run would take it for "
                "articles; choose a place outside it"
            )


def is_special(path: Path) -> bool:
    """Whether there is neither a file nor a folder, but a pipe or a device."""
    return path.exists() and not path.is_file() and not path.is_dir()


def read_inputs(reading: Reading, rejects: Path | None, console: Console) -> tuple[list[Article], ReadReport]:
    """Return the articles and the report of reading them; rejected records are in ``rejects`` afterwards.

    Raises:
        InputError: an input cannot be read, or all that is in it was rejected. An input without anything in it is no
            error: no articles.
    """
    from dedup.read import read_articles

    with open_report(rejects) as report:
        articles = list(
            console.counting(read_articles(*reading.inputs, options=reading.options, report=report), "read")
        )
    check_read(report, reading, rejects, console)
    return articles, report


@contextmanager
def open_report(rejects: Path | None) -> Iterator[ReadReport]:
    """Yield a report of reading; rejected records are in ``rejects`` afterwards."""
    from dedup.read import ReadReport, RejectsFile

    if rejects is None:
        yield ReadReport()
        return
    with RejectsFile(rejects) as sink:
        report = ReadReport(sink=sink)
        yield report
    if not report.rejected:
        rejects.unlink(missing_ok=True)  # of an earlier run: it would be taken for this one's


def check_read(report: ReadReport, reading: Reading, rejects: Path | None, console: Console) -> None:
    """Say that there were no articles, if so.

    Raises:
        InputError: all that there was has been rejected.
    """
    if report.read:
        return
    if not report.rejected:
        console.tell(f"no articles in {_names(reading.inputs)}")
        return
    first = report.rejects[0]
    if rejects is not None:
        console.tell(f"all rejected records: {rejects}")
    raise InputError(
        f"no articles in {_names(reading.inputs)}: {report.rejected:,} records, all rejected; the first: "
        f"{first.file}:{first.line}: {first.reason}"
    )


def _names(inputs: Sequence[str]) -> str:
    shown = ", ".join("standard input" if name == "-" else name for name in inputs[:3])
    return f"{shown} and {len(inputs) - 3} more" if len(inputs) > 3 else shown


def find_stories(
    articles: Sequence[Article], settings: Settings, model: ModelChoice, console: Console
) -> tuple[Story, ...]:
    """Return the stories of ``articles``; without any article no model is loaded."""
    return _deduplicate(articles, settings, model, console).stories


def _deduplicate(
    articles: Sequence[Article],
    settings: Settings,
    model: ModelChoice,
    console: Console,
    *,
    all_pairs: bool = False,
    job: Job | None = None,
) -> Deduplication:
    from dedup.pipeline import deduplicate, nothing
    from dedup.score.registry import calibration_for

    if not articles:
        return nothing(settings)
    calibration = model.calibration() or calibration_for(model.encoder)
    if job is not None:
        job.begin(settings, model, calibration)
    instead = job.caches if job is not None else None
    with model.cache(instead=instead) as cache, model.contents(instead=instead) as contents:
        if job is not None:
            job.contents = contents
        return deduplicate(
            articles,
            settings,
            encoder=model.encoder,
            calibration=calibration,
            cache=cache,
            contents=contents,
            all_pairs=all_pairs,
            progress=console.progress,
        )
