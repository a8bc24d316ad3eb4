"""``dedup calibrate``: make another model ready for use."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.cli.console import Console, console_options
from dedup.cli.edge import EXIT_CODES
from dedup.cli.options import ModelChoice, encoder_options
from dedup.settings import Settings

if TYPE_CHECKING:
    from dedup.score.calibration import Calibration
    from dedup.score.fit import LabelledArticle

__all__ = ["calibrate"]

_SENTENCES = Settings().max_sentences


@click.command(epilog=EXIT_CODES)
@encoder_options
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write the calibration, for --calibration. Without it the user's data folder, from where every "
    "later run with this model takes it.",
)
@click.option(
    "--max-sentences",
    type=click.IntRange(min=1),
    default=_SENTENCES,
    show_default=True,
    metavar="N",
    help="Sentences read of each article; as in the runs to come.",
)
@console_options
@click.pass_obj
def calibrate(console: Console, *, model: ModelChoice, output: Path | None, max_sentences: int) -> None:
    """Fit a calibration for another model.

    A calibration says what the vectors of each language have in common, and how much each sign of "same story" is
    worth. It is fitted on the labelled articles that come with dedup, in Farsi, Dari, Arabic, English and Turkish. The
    bundled model has its calibration already.
    """
    from dedup.data.families import read_families
    from dedup.score.registry import calibration_path, save_calibration

    started = time.perf_counter()
    labelled = read_families()
    calibration = _fit(labelled, model, max_sentences, console)
    path = output or calibration_path(model.encoder)
    save_calibration(calibration, path)
    languages = Counter(one.article.language for one in labelled)
    click.echo(f"model      {calibration.model} {calibration.revision}, {calibration.dimension} dimensions")
    click.echo(
        f"fitted on  {len(labelled):,} articles: {', '.join(f'{tag} {n}' for tag, n in languages.most_common())}"
    )
    click.echo(f"written    {path}")
    click.echo(f"use        dedup cluster --model {model.model}" + (f" --calibration {output}" if output else ""))
    console.tell(f"{time.perf_counter() - started:.1f} seconds")


def _fit(labelled: list[LabelledArticle], model: ModelChoice, max_sentences: int, console: Console) -> Calibration:
    from dedup import __version__
    from dedup.relate.fit import fit_relations
    from dedup.score.calibration import shipped_calibration
    from dedup.score.fit import fit_calibration
    from dedup.text.passage import article_sentences

    passages = [article_sentences(one.article, max_sentences) for one in labelled]
    sentences = len({sentence for passage in passages for sentence in passage})
    about = {
        "fitted by": f"dedup {__version__} calibrate",
        "fitted on": f"the {len(labelled)} labelled articles that come with it",
        "max_sentences": max_sentences,
    }
    with model.cache() as cache, console.progress("sentences", sentences) as advance:
        calibration = fit_calibration(
            labelled,
            model.encoder,
            max_sentences=max_sentences,
            about=about,
            background=shipped_calibration().background,  # how common names are does not depend on the model
            cache=cache,
            progress=advance,
        )
        return fit_relations(labelled, model.encoder, calibration, max_sentences=max_sentences, cache=cache)
