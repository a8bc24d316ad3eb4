"""What a command says at its end: what was read, how it was judged, what was found, where it was written."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dedup.article import UNDETERMINED
from dedup.cli.console import Console

if TYPE_CHECKING:
    from dedup.cli.run import Run
    from dedup.read import ReadReport
    from dedup.score.calibration import Calibration
    from dedup.settings import Settings

__all__ = ["judged_lines", "reading_lines", "summarise", "tell_lines", "uncalibrated"]

_REASONS_SHOWN = 3


def summarise(run: Run, console: Console, page: Mapping[str, int] | None = None) -> None:
    """Say on standard error what was read, what was found, where it was written and how long it took.

    ``page`` is what ``write_report`` returned, of a run whose output is a page.
    """
    report, stories = run.report, run.stories
    articles = run.result.articles
    languages = Counter(article.language for article in articles)
    lines = reading_lines(report, run.rejects, console)
    if run.known:
        lines.append(("resumed", f"{run.known:,} of {len(articles):,} articles had been read"))
    if languages:
        lines.append(("languages", ", ".join(f"{tag} {count:,}" for tag, count in languages.most_common())))
    yardstick = run.result.yardstick
    unknown = uncalibrated(languages, yardstick.calibration if yardstick is not None else None)
    lines += judged_lines(run.result.counts, run.result.settings, unknown)
    lines.append(("stories", f"{len(stories):,}, {len(articles) - len(stories):,} duplicates found"))
    lines += written_lines(run)
    lines += page_lines(page or {})
    lines.append(("seconds", f"{time.perf_counter() - run.started:.1f}"))
    tell_lines(lines, console)


def judged_lines(counts: Mapping[str, int], settings: Settings, uncalibrated: Iterable[str]) -> list[tuple[str, str]]:
    """Return what a summary says of how articles were judged: which with less than others, and what was compared.

    Args:
        counts: Of ``Deduplication``, or those of them that there are.
        settings: Of the run.
        uncalibrated: Languages without a calibration.
    """
    lines = [
        ("", f"{counts[name]:,} {told}")
        for name, told in (
            ("cut", f"have more than the {settings.max_sentences} sentences that are read (--max-sentences)"),
            ("undated", "have no time, and are judged with less"),
            ("detected", "state no language; it was told by their text"),
            ("unknown_language", "are in a language that could not be told, and are judged with the general mean"),
            ("uncalibrated", f"are in languages without a calibration: {', '.join(sorted(uncalibrated))}"),
        )
        if counts.get(name)
    ]
    if "compared" in counts:
        different = counts["candidates"] - counts["scored"]
        told = f"{counts['candidates']:,} near enough, by an exact search; {different:,} plainly different"
        lines.append(("pairs", f"{told}, {counts['scored']:,} scored"))
    return lines + followed_lines(counts)


def followed_lines(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return what a summary says of copies that were not compared as all articles are; see ``dedup.crowds``."""
    told = "are copies of a text that came often on their day: compared with the first of them alone, they go with one"
    return [("", f"{counts['followed']:,} {told}")] if counts.get("followed") else []


def uncalibrated(languages: Mapping[str, int], calibration: Calibration | None) -> dict[str, int]:
    """Return those of ``languages`` that a calibration does not know, and their articles."""
    if calibration is None:
        return {}
    return {tag: n for tag, n in languages.items() if tag != UNDETERMINED and not calibration.knows(tag)}


def written_lines(run: Run) -> list[tuple[str, str]]:
    """Return what a summary says of where everything was written."""
    lines: list[tuple[str, str]] = []
    if run.destination.path is not None:
        lines.append(("written", str(run.destination.path)))
    if run.pairs is not None:
        lines.append(("written", f"{run.pairs.path}, {len(run.result.scored.pairs):,} pairs"))
    if run.manifest_path is not None:
        lines.append(("written", str(run.manifest_path)))
    return lines


def page_lines(held: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return what a summary says of what a page leaves out; see ``write_report``."""
    return [
        ("", f"{held[name]:,} {told}")
        for name, told in (
            ("bodies_cut", "texts are cut on the page (--body-characters)"),
            ("pairs_left_out", "pairs are left out of the page"),
            ("pairs_not_explained", "pairs are on the page without an explanation (--explained-pairs)"),
        )
        if held.get(name)
    ]


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
        lines.append(("", f"{report.skipped_files:,} files left out: of no known ending, or no files (-v names them)"))
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
