"""``dedup calibrate``: fit a calibration to labels of one's own, to another model, or to both."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dedup.cli.console import Console, console_options
from dedup.cli.declared import once_option, shared_option
from dedup.cli.edge import ending
from dedup.cli.options import ModelChoice, Reading, encoder_options, labelled_options
from dedup.encode.named import BUNDLED
from dedup.settings import Settings

if TYPE_CHECKING:
    from dedup.calibrate import LabelledNews, Material, Trial
    from dedup.score.calibration import Calibration
    from dedup.score.training import LabelledArticle

__all__ = ["calibrate"]

_SENTENCES = Settings().max_sentences


@click.command(
    epilog=ending(
        "dedup calibrate labelled.jsonl --dry-run",
        "dedup calibrate labelled.jsonl -o mine.json",
        "dedup calibrate --encoder /models/multilingual-e5-large",
    )
)
@labelled_options
@click.option(
    "--pairs",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Judged pairs of the articles of LABELLED, in place of stories: JSON lines or CSV with a and b, two ids, and "
    "same, true or false.",
)
@click.option(
    "--only-mine",
    is_flag=True,
    help="Fit the weights on LABELLED alone, without the articles that come with dedup. Takes many labels.",
)
@click.option(
    "--folds",
    type=click.IntRange(min=2),
    default=5,
    show_default=True,
    metavar="N",
    help="Parts that LABELLED is cut into, to measure each with a fit on the others.",
)
@once_option("--dry-run", is_flag=True, help="Show the figures and write nothing.")
@encoder_options
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write the calibration, for --calibration. Without it the user's data folder, from where every "
    "later run with this model takes it.",
)
@shared_option(
    "stories",
    "--max-sentences",
    type=click.IntRange(min=1),
    default=_SENTENCES,
    show_default=True,
    metavar="N",
    help="Sentences read of each article; as in the runs to come.",
)
@console_options
@click.pass_obj
def calibrate(
    console: Console,
    *,
    reading: Reading,
    pairs: Path | None,
    only_mine: bool,
    folds: int,
    dry_run: bool,
    model: ModelChoice,
    output: Path | None,
    max_sentences: int,
) -> None:
    """Fit a calibration to your labels, or to another model.

    A calibration says what the vectors of each language have in common, and how much each sign of "same story" is
    worth. It is fitted on the labelled articles that come with dedup, in Farsi, Dari, Arabic, English and Turkish, and
    on those of LABELLED: articles in any format that 'dedup cluster' reads, each with its 'story' and, where they are
    known, 'family' (stories easily confused), 'relation' and 'of'.

    With LABELLED it first shows what your labels are worth: figures with and without them, on articles of yours that
    the fit has not seen. Without LABELLED it needs --encoder: the bundled model has its calibration already.
    """
    from dedup.score.registry import calibration_path, save_calibration

    started = time.perf_counter()
    _check_usage(reading, pairs, model, only_mine=only_mine, dry_run=dry_run)
    if reading.inputs:
        calibration = _fit_with_labels(reading, pairs, model, only_mine, folds, max_sentences, console)
    else:
        calibration = _fit_without_labels(model, max_sentences, console)
    if dry_run:
        click.echo("written    nothing (--dry-run)")
    else:
        path = output or calibration_path(model.encoder)
        save_calibration(calibration, path)
        chosen = "" if model.model == BUNDLED else f" --encoder {model.model}"
        click.echo(f"written    {path}")
        click.echo(f"use        dedup cluster{chosen}" + (f" --calibration {output}" if output else ""))
    console.tell(f"{time.perf_counter() - started:.1f} seconds")


def _check_usage(reading: Reading, pairs: Path | None, model: ModelChoice, *, only_mine: bool, dry_run: bool) -> None:
    if reading.inputs:
        return
    for name, given in (("--pairs", pairs), ("--only-mine", only_mine), ("--dry-run", dry_run)):
        if given:
            raise click.UsageError(f"{name} needs labelled articles: dedup calibrate LABELLED... {name}")
    if model.model == BUNDLED:
        raise click.UsageError(
            "nothing to fit: the bundled model has its calibration already; give labelled articles or --encoder MODEL"
        )


def _about(fitted_on: str, max_sentences: int, **others: Any) -> dict[str, Any]:
    from dedup import __version__

    return {
        "fitted by": f"dedup {__version__} calibrate",
        "fitted on": fitted_on,
        "max_sentences": max_sentences,
        **others,
    }


def _fit_without_labels(model: ModelChoice, max_sentences: int, console: Console) -> Calibration:
    from dedup.data.families import read_families, read_further
    from dedup.relate.fit import fit_relations
    from dedup.score.calibration import shipped_calibration
    from dedup.score.fit import fit_calibration

    labelled = read_families()
    sentences = _sentences(labelled, max_sentences)
    with model.working_cache() as cache, console.progress("sentences", sentences) as advance:
        calibration = fit_calibration(
            labelled,
            model.encoder,
            max_sentences=max_sentences,
            about=_about(f"the {len(labelled)} labelled articles that come with it", max_sentences),
            background=shipped_calibration().background,  # how common names are does not depend on the model
            further=read_further(),
            cache=cache,
            progress=advance,
        )
        calibration = fit_relations(labelled, model.encoder, calibration, max_sentences=max_sentences, cache=cache)
    _show_model(calibration)
    click.echo(f"fitted on  {len(labelled):,} articles: {_languages(labelled)}")
    return calibration


def _fit_with_labels(
    reading: Reading,
    pairs: Path | None,
    model: ModelChoice,
    only_mine: bool,
    folds: int,
    max_sentences: int,
    console: Console,
) -> Calibration:
    """Read, measure, show what was measured, and return the fit on all labels."""
    from dataclasses import replace

    from dedup.calibrate import cross_validate, fit_with_labels
    from dedup.data.families import read_families
    from dedup.relate.fit import fit_relations

    news = _read(reading, pairs, folds, console)
    material = _collect(news, model, max_sentences, console)
    _show_model(material.unfitted)
    _show_labels(news)
    without_labels = _without_labels(material, model)
    with console.progress("folds", folds) as advance:
        trial = cross_validate(material, without_labels, folds=folds, only_mine=only_mine, progress=advance)
    for line in _trial_lines(trial):
        click.echo(line)
    calibration = fit_with_labels(material, only_mine=only_mine)
    what = f"{len(news.articles)} labelled articles of the user"
    about = _about(
        what if only_mine else f"the labelled articles that come with it and {what}",
        max_sentences,
        **{"cross-validated": trial.to_dict()},
    )
    with model.working_cache() as cache:  # what relates articles is fitted on the shipped families alone
        calibration = fit_relations(
            read_families(), model.encoder, calibration, max_sentences=max_sentences, cache=cache
        )
    return replace(calibration, about=about)


def _read(reading: Reading, pairs: Path | None, folds: int, console: Console) -> LabelledNews:
    from dedup.calibrate import assign_folds, read_labelled
    from dedup.read import ReadReport

    report = ReadReport()
    news = read_labelled(reading.inputs, options=reading.options, pairs=pairs, report=report)
    for reject in report.rejects[:3]:
        console.tell(f"rejected {reject.file}:{reject.line}: {reject.reason}")
    if report.rejected > 3:
        console.tell(f"and {report.rejected - 3:,} more rejected records")
    assign_folds(news.articles, folds)  # too few families are told before the work
    return news


def _collect(news: LabelledNews, model: ModelChoice, max_sentences: int, console: Console) -> Material:
    from dedup.calibrate import collect_material
    from dedup.data.families import read_families

    sentences = _sentences([*read_families(), *news.articles], max_sentences)
    with model.working_cache() as cache, console.progress("sentences", sentences) as advance:
        return collect_material(news, model.encoder, max_sentences=max_sentences, cache=cache, progress=advance)


def _without_labels(material: Material, model: ModelChoice) -> Calibration:
    """Return what is compared with: never a calibration that was fitted here, which may have seen these very labels."""
    from dedup.calibrate import fit_without_labels
    from dedup.score.calibration import shipped_calibration

    shipped = shipped_calibration()
    same_model = (shipped.model, shipped.revision) == (model.encoder.model, model.encoder.revision)
    return shipped if same_model else fit_without_labels(material)


def _sentences(labelled: Sequence[LabelledArticle], max_sentences: int) -> int:
    from dedup.text.passage import article_sentences

    passages = [article_sentences(one.article, max_sentences) for one in labelled]
    return len({sentence for passage in passages for sentence in passage})


def _languages(labelled: Sequence[LabelledArticle]) -> str:
    return ", ".join(f"{tag} {n:,}" for tag, n in Counter(one.article.language for one in labelled).most_common())


def _show_model(calibration: Calibration) -> None:
    click.echo(f"model      {calibration.model} {calibration.revision}, {calibration.dimension} dimensions")


def _show_labels(news: LabelledNews) -> None:
    same = int(news.same.sum())
    click.echo(f"labels     {len(news.articles):,} articles: {_languages(news.articles)}")
    click.echo(f"           {same:,} pairs of one story, {len(news.same) - same:,} of different stories")
    if news.left_out:
        click.echo(f"           {news.left_out:,} articles without a label left out")


def _trial_lines(trial: Trial) -> list[str]:
    without, with_labels = trial.without_labels, trial.with_labels
    scores = [figures.b_cubed.f1 if figures.b_cubed else None for figures in (without, with_labels)]
    gain = trial.f1_gain
    told = f"   gain: 95% interval {gain.low:+.3f} to {gain.high:+.3f}" if gain else ""
    lines = [
        "",
        f"Cross-validated: {trial.articles:,} articles in {trial.folds} folds, {trial.families:,} groups, each fold "
        "measured with a fit on the others",
        f"{'':<36}{'without':>10}{'with your labels':>19}",
        _row("pair average precision", without.average_precision, with_labels.average_precision),
        _row("B-cubed F1 (stories)", scores[0], scores[1]) + told,
        _row("expected calibration error", without.calibration_error, with_labels.calibration_error),
        "",
    ]
    if not trial.pays:
        lines += [
            "warning: your labels do not pay: on articles that the fit has not seen it is no better. More labels may",
            "help; if the calibration was written to where later runs take it from, delete it to go back.",
            "",
        ]
    elif gain and gain.low <= 0:
        lines += ["The gain may be chance: its interval has 0 in it.", ""]
    return lines


def _row(name: str, without: float | None, with_labels: float | None) -> str:
    one, other = ("–" if value is None else f"{value:.3f}" for value in (without, with_labels))
    return f"{name:<36}{one:>10}{other:>19}"
