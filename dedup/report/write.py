"""A run written as one page of HTML."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dedup.report.options import ReportOptions

if TYPE_CHECKING:
    from dedup.manifest import Manifest
    from dedup.pipeline import Deduplication, Progress

__all__ = ["write_report"]


def write_report(
    result: Deduplication,
    path: str | Path,
    *,
    options: ReportOptions | None = None,
    progress: Progress | None = None,
    manifest: Manifest | None = None,
) -> dict[str, int]:
    """Write a page that shows the stories of a run, and why its articles are together.

    Pairs are explained on the way, ten milliseconds each where the run's vectors are at hand: with a cache that is
    still open, or the model.

    Args:
        result: Of ``dedup.deduplicate``.
        path: Of the file, which appears whole or not at all.
        options: What the page holds, and how much.
        manifest: What the page says of the run; None takes ``result.manifest()``.
        progress: Told how far the explanations are; see ``dedup.pipeline.Progress``.

    Returns:
        How much of the result the page leaves out: ``bodies_cut``, ``pairs_left_out`` and ``pairs_not_explained``.

    Raises:
        OutputError: the file cannot be written.
        CalibrationError: see ``Deduplication.pair``.
        EncoderError: the model cannot be loaded to explain pairs.
    """
    from dedup.pipeline import no_progress
    from dedup.report.contents import report_contents
    from dedup.report.page import page_parts
    from dedup.write.output import check_writable, write_whole

    path = Path(path)
    check_writable(path)
    options = options or ReportOptions()
    contents = report_contents(result, options, progress or no_progress, manifest)
    write_whole(path, "".join(page_parts(options.title, contents.blocks())).encode("utf-8"))
    return contents.left_out
