"""What cluster, unique and demo have in common: read, find stories, say at the end what was done."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dedup.cli.console import Console
from dedup.cli.options import ModelChoice, Reading
from dedup.errors import InputError, OutputError

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.cli.job import Job
    from dedup.pipeline import Deduplication
    from dedup.read import ReadReport
    from dedup.settings import Settings
    from dedup.story import Story
    from dedup.write import Destination

__all__ = [
    "Run",
    "check_read",
    "find_stories",
    "is_special",
    "keep_apart",
    "open_destination",
    "open_pairs",
    "open_report",
    "planned_outputs",
    "read_inputs",
    "reading_lines",
    "rejects_path",
    "run_on_inputs",
    "summarise",
    "tell_lines",
]

_REASONS_SHOWN = 3


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
    output: str,
    console: Console,
    *,
    pairs: Path | None = None,
    all_pairs: bool = False,
    job: Job | None = None,
) -> Run:
    """Check where the result goes, read, and find the stories.

    With a ``job`` what is done is kept, and what was done is not done again; who writes the result finishes it.

    Raises:
        DedupError: as said at the functions below.
    """
    started = time.perf_counter()
    destination = open_destination(output, reading)
    rejects = rejects_path(destination, reading)
    pairs_destination = open_pairs(pairs, reading, destination, rejects) if pairs else None
    articles, report = read_inputs(reading, rejects, console)
    result = _deduplicate(articles, settings, model, console, all_pairs=all_pairs, job=job)
    return Run(
        destination=destination,
        rejects=rejects,
        report=report,
        result=result,
        pairs=pairs_destination,
        started=started,
        known=job.contents.found if job and job.contents else 0,
    )


def planned_outputs(reading: Reading, output: str, pairs: Path | None, what: str) -> dict[str, Path | None]:
    """Return what a run would write and where, after the checks that a run makes; None is standard output.

    Raises:
        OutputError: as for a run.
    """
    destination = open_destination(output, reading)
    rejects = rejects_path(destination, reading)
    outputs: dict[str, Path | None] = {what: destination.path}
    if pairs is not None:
        outputs["pairs"] = open_pairs(pairs, reading, destination, rejects).path
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


def rejects_path(destination: Destination, reading: Reading) -> Path | None:
    """Return where rejected records are written: where the user said, else beside an output that is a file.

    Raises:
        OutputError: there is something that is no plain file, an input or the output; or there is no such folder.
    """
    beside = destination.path if destination.path and not is_special(destination.path) else None
    path = reading.rejects or (beside.with_name(f"{beside.name}.rejects.jsonl") if beside else None)
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
    with model.cache() if job is None else job.cache(model) as cache:
        return deduplicate(
            articles,
            settings,
            encoder=model.encoder,
            calibration=calibration,
            cache=cache,
            kept=job.contents if job else None,
            all_pairs=all_pairs,
            progress=console.progress,
        )


def summarise(run: Run, console: Console) -> None:
    """Say on standard error what was read, what was found and how long it took."""
    report, stories = run.report, run.stories
    articles = [article for story in stories for article in story.articles]
    languages = Counter(article.language for article in articles)
    lines = reading_lines(report, run.rejects, console)
    if run.known:
        lines.append(("resumed", f"{run.known:,} of {len(articles):,} articles had been read"))
    if languages:
        lines.append(("languages", ", ".join(f"{tag} {count:,}" for tag, count in languages.most_common())))
    lines.append(("stories", f"{len(stories):,}, {len(articles) - len(stories):,} duplicates found"))
    if run.pairs is not None:
        lines.append(("pairs", f"{len(run.result.scored.pairs):,}, in {run.pairs.path}"))
    lines.append(("seconds", f"{time.perf_counter() - run.started:.1f}"))
    tell_lines(lines, console)


def reading_lines(report: ReadReport, rejects: Path | None, console: Console) -> list[tuple[str, str]]:
    """Return what a summary says of reading: names and texts of its lines."""
    hint = " (-v shows the first)" if report.warnings and not console.verbose else ""
    lines = [("articles", f"{report.read:,} read, {report.rejected:,} rejected, {report.warnings:,} warnings{hint}")]
    shown = report.rejects[:_REASONS_SHOWN]
    lines += [("", f"rejected {reject.file}:{reject.line}: {reject.reason}") for reject in shown]
    if report.rejected > _REASONS_SHOWN and rejects is None:
        lines.append(("", f"and {report.rejected - _REASONS_SHOWN:,} more; --rejects FILE writes all of them"))
    if report.rejected and rejects is not None:
        lines.append(("", f"all rejected records: {rejects}"))
    lines += [("", f"warning: {why}") for why in report.empty_inputs[:_REASONS_SHOWN]]
    if len(report.empty_inputs) > _REASONS_SHOWN:
        lines.append(("", f"and {len(report.empty_inputs) - _REASONS_SHOWN:,} more inputs without a readable file"))
    if report.skipped_files:
        lines.append(("", f"{report.skipped_files:,} files of no known ending left out"))
    if report.skipped_records:
        lines.append(
            (
                "",
                f"{report.skipped_records:,} records hold no article (redirects, pictures, packages) and were left out",
            )
        )
    return lines


def tell_lines(lines: Sequence[tuple[str, str]], console: Console) -> None:
    """Say the lines of a summary."""
    for name, text in lines:
        console.tell(f"{name:<10}{text}")
