"""What a run can be told: what is one story, and which article stands for it."""

from __future__ import annotations

import functools
from typing import Any

import click

from dedup.cli.declared import shared_option
from dedup.cli.options.adding import Command, add_options, wrong_usage
from dedup.cli.options.values import Keep, Real
from dedup.settings import Settings

__all__ = ["keep_option", "settings_options"]

_DEFAULTS = Settings()


def settings_options(command: Command) -> Command:
    """Add what a run can be told; the command gets it as ``settings``. `keep_option` adds one more."""

    @functools.wraps(command)
    def with_settings(
        *args: Any,
        threshold: float,
        window_days: float,
        max_sentences: int,
        candidate_similarity: float | None,
        keep: str = _DEFAULTS.keep,
        **others: Any,
    ) -> Any:
        with wrong_usage():
            settings = Settings(
                threshold=threshold,
                window_days=window_days,
                max_sentences=max_sentences,
                candidate_similarity=candidate_similarity,
                keep=keep,
            )
        return command(*args, settings=settings, **others)

    return add_options(
        with_settings,
        shared_option(
            "stories",
            "--threshold",
            type=Real(min=0, max=1, min_open=True, max_open=True),
            default=_DEFAULTS.threshold,
            show_default=True,
            metavar="P",
            help="Least probability of 'same story', between 0 and 1, at which groups of articles join. Higher: fewer "
            "articles together, and surer.",
        ),
        shared_option(
            "stories",
            "--window-days",
            type=Real(min=0, min_open=True),
            default=_DEFAULTS.window_days,
            show_default=True,
            metavar="DAYS",
            help="Articles further apart in time are not compared.",
        ),
        shared_option(
            "stories",
            "--max-sentences",
            type=click.IntRange(min=1),
            default=_DEFAULTS.max_sentences,
            show_default=True,
            metavar="N",
            help="Sentences read of each article, the headline included.",
        ),
        shared_option(
            "stories",
            "--candidate-similarity",
            type=Real(min=-1, max=1),
            metavar="COSINE",
            help="Least similarity of two articles, -1 to 1, at which the pair is looked at. Without it the "
            "calibration's.",
        ),
    )


def keep_option(command: Command) -> Command:
    """Add --keep, which `settings_options` takes up."""
    return shared_option(
        "stories",
        "--keep",
        default=_DEFAULTS.keep,
        show_default=True,
        metavar="earliest|longest|LANGS",
        type=Keep(),
        help="Which article stands for its story: the earliest, the longest, or of the first of these languages that "
        "it has, such as fa,en.",
    )(command)
