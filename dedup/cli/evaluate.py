"""``dedup evaluate``: stories against a reference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.cli.console import console_options
from dedup.cli.edge import ending
from dedup.cli.options import json_option

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dedup.evaluate import (
        Evaluation,
        Interval,
        Intervals,
        Labels,
        PairScore,
        PairScores,
        Reliability,
        Score,
        SweepPoint,
    )

__all__ = ["evaluate", "score_lines"]

_PATH = click.Path(path_type=Path)


@click.command(
    epilog=ending(
        "dedup evaluate stories.jsonl reference.jsonl --intervals",
        "dedup evaluate stories.jsonl reference.jsonl --pairs pairs.jsonl --sweep",
    )
)
@click.argument("stories", type=_PATH)
@click.argument("reference", type=_PATH)
@click.option(
    "--pairs",
    type=_PATH,
    metavar="FILE",
    help="The scored pairs of the same run, from 'dedup cluster --pairs FILE': adds how far their probabilities are "
    "off, the expected calibration error.",
)
@click.option(
    "--reliability",
    type=_PATH,
    metavar="FILE.png",
    help="Draw the probabilities of the pairs against the truth. Needs --pairs, and matplotlib: "
    "pip install 'news-dedup[plot]'.",
)
@click.option("--intervals", is_flag=True, help="Add 95% bootstrap intervals, drawn by family or else by story.")
@click.option(
    "--sweep", is_flag=True, help="Add what the thresholds 0.05, 0.10, …, 0.95 would have given. Needs --pairs."
)
@click.option(
    "--calibration",
    type=_PATH,
    metavar="FILE",
    help="The calibration of the run, for --sweep: it says what a pair counts that is not in the file of pairs. "
    "Without it the one that comes with dedup.",
)
@json_option("Print every figure as JSON.")
@console_options
def evaluate(
    *,
    stories: Path,
    reference: Path,
    pairs: Path | None,
    reliability: Path | None,
    intervals: bool,
    sweep: bool,
    calibration: Path | None,
    as_json: bool,
) -> None:
    """Measure STORIES against REFERENCE.

    STORIES is what 'dedup cluster' wrote. REFERENCE has the true stories in the same form, or one article a row with
    its 'id' and 'story'; 'family' names stories that are easily confused. Measured are the articles of REFERENCE.
    """
    from dedup.evaluate import bootstrap_intervals, read_labels, read_pairs
    from dedup.evaluate import evaluate as measure
    from dedup.evaluate.picture import check_picture

    _check_usage(pairs, reliability, calibration, sweep=sweep)
    if reliability is not None:
        check_picture(reliability)
    found, truth = read_labels(stories), read_labels(reference)
    scores = read_pairs(pairs) if pairs is not None else None
    result = measure(found, truth)
    drawn = bootstrap_intervals(found, truth) if intervals else None
    curve = _reliability(scores, truth, reliability) if scores is not None else None
    points = _sweep(scores, found, truth, calibration) if sweep and scores is not None else None
    if as_json:
        document = result.to_dict()
        document |= {"intervals": drawn.to_dict()} if drawn else {}
        document |= {"reliability": curve.to_dict()} if curve else {}
        document |= {"sweep": [point.to_dict() for point in points]} if points else {}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    lines = [*_count_lines(result), "", *score_lines(result)]
    lines += _interval_lines(drawn) if drawn else []
    lines += _reliability_lines(curve) if curve else []
    lines += _relation_lines(result)
    lines += ["", *_language_lines(result)]
    lines += _sweep_lines(points) if points else []
    for line in lines:
        click.echo(line)


def _check_usage(pairs: Path | None, reliability: Path | None, calibration: Path | None, *, sweep: bool) -> None:
    if pairs is None and (reliability is not None or sweep):
        needs = "--sweep" if sweep else "--reliability"
        raise click.UsageError(
            f"{needs} needs the scored pairs of the run; write them with 'dedup cluster --pairs FILE'"
        )
    if calibration is not None and not sweep:
        raise click.UsageError("--calibration is for --sweep; give it too")


def _reliability(scores: PairScores, truth: Labels, picture: Path | None) -> Reliability:
    from dedup.evaluate import draw_reliability, label_pairs, reliability_curve

    curve = reliability_curve(*label_pairs(scores, truth.story))
    if picture is not None:
        draw_reliability(curve, picture)
    return curve


def _sweep(scores: PairScores, found: Labels, truth: Labels, calibration: Path | None) -> list[SweepPoint]:
    from dedup.evaluate import threshold_sweep
    from dedup.score.calibration import load_calibration, shipped_calibration

    constants = load_calibration(calibration) if calibration is not None else shipped_calibration()
    return threshold_sweep(scores, found.story, truth, absent_log_odds=constants.absent_log_odds)


def _count_lines(result: Evaluation) -> list[str]:
    return [
        f"articles  {result.articles:,}; {result.missing_articles:,} missing from STORIES, "
        f"{result.extra_articles:,} only there, {result.extra_articles_joined:,} of them joined to one of these",
        f"stories   {result.reference_stories:,} in the reference, {result.predicted_stories:,} found; "
        f"the largest has {result.largest_story:,} articles",
    ]


def score_lines(result: Evaluation) -> list[str]:
    """Return the figures as lines of a table."""
    siblings = result.sibling_merges
    lines = [
        f"{'':<16}{'precision':>10}{'recall':>10}{'F1':>10}",
        _scores("B-cubed", result.b_cubed),
        _scores("pairs", result.pairwise),
        "",
        f"{'adjusted Rand index':<36}{result.adjusted_rand:>10.3f}",
        f"{'stories found whole':<36}{_percent(result.whole_stories):>10}",
        f"{'  of those with several articles':<36}{_percent(result.whole_stories_of_several):>10}",
    ]
    if siblings.pairs:
        told = f"{siblings.merged:,} of {siblings.pairs:,} pairs"
        lines.append(f"{'siblings wrongly merged':<36}{_percent(siblings.share):>10}   {told}")
    return lines


def _interval_lines(drawn: Intervals) -> list[str]:
    if not drawn.resamples:
        return ["", "no intervals: they are drawn from families and stories, and there is but one"]
    lines = ["", f"{'95% intervals':<16}{'from':>10}{'to':>10}   {drawn.groups:,} families and stories drawn"]
    for name, interval in (
        ("precision", drawn.precision),
        ("recall", drawn.recall),
        ("F1", drawn.f1),
    ):
        lines.append(f"{f'B-cubed {name}':<18}{_interval(interval, '.3f')}")
    if drawn.sibling_merges is not None:
        lines.append(f"{'siblings merged':<18}{_interval(drawn.sibling_merges, '.1%')}")
    return lines


def _interval(interval: Interval | None, form: str) -> str:
    return "–" if interval is None else f"{interval.low:>8{form}}{interval.high:>10{form}}"


def _reliability_lines(curve: Reliability) -> list[str]:
    error = curve.expected_calibration_error
    if error is None:
        return ["", "no calibration error: no scored pair has both its articles in the reference"]
    lines = ["", f"{'expected calibration error':<36}{error:>10.3f}   {curve.pairs:,} pairs"]
    lines.append(f"{'probability':<16}{'pairs':>10}{'said':>10}{'one story':>11}")
    for one in curve.bins:
        shares = "".join(f"{'–' if share is None else f'{share:.1%}':>10}" for share in (one.probability, one.same))
        lines.append(f"{f'{one.low:.2f} to {one.high:.2f}':<16}{one.pairs:>10,}{shares}")
    return lines


def _relation_lines(result: Evaluation) -> list[str]:
    score = result.relations
    if not score.articles:
        return []
    told = f"{score.right:,} of {score.articles:,} articles"
    lines = ["", f"{'relations right':<36}{_percent(score.accuracy):>10}   {told}"]
    if score.of_articles:
        told = f"{score.of_right:,} of {score.of_articles:,} articles"
        lines.append(f"{'  and of the right article':<36}{_percent(score.of_accuracy):>10}   {told}")
    return [*lines, *_confusion_lines(score.counts)]


def _confusion_lines(counts: Mapping[tuple[str, str], int]) -> list[str]:
    """Return a table: a row for each relation of the reference, a column for each of the prediction."""
    expected = list(dict.fromkeys(name for name, _ in counts))
    predicted = sorted({name for _, name in counts})
    wide = max(12, *(len(name) + 2 for name in predicted))
    left = max(16, *(len(name) + 2 for name in expected))
    return [
        f"{'reference':<{left}}" + "".join(f"{name:>{wide}}" for name in predicted),
        *(
            f"{row:<{left}}" + "".join(f"{counts.get((row, column), 0):>{wide},}" for column in predicted)
            for row in expected
        ),
    ]


def _sweep_lines(points: Sequence[SweepPoint]) -> list[str]:
    siblings = any(point.sibling_merges.pairs for point in points)
    heads = ["precision", "recall", "F1", "pairs F1", "stories", *(["siblings"] if siblings else [])]
    lines = ["", f"{'threshold':<16}{''.join(f'{head:>10}' for head in heads)}"]
    best = max(point.b_cubed.f1 for point in points)
    for point in points:
        figures = f"{_scores(f'{point.threshold:.2f}', point.b_cubed)}{point.pairwise.f1:>10.3f}{point.stories:>10,}"
        merged = f"{_percent(point.sibling_merges.share):>10}" if siblings else ""
        lines.append(f"{figures}{merged}{'  highest F1' if point.b_cubed.f1 == best else ''}")
    return lines


def _language_lines(result: Evaluation) -> list[str]:
    lines = [f"{'pairs of':<16}{'precision':>10}{'recall':>10}{'F1':>10}{'together':>10}{'expected':>10}"]
    for (one, other), score in result.language_pairs.items():
        lines.append(f"{_scores(f'{one} {other}', score)}{score.predicted:>10,}{score.reference:>10,}")
    return lines


def _scores(name: str, score: Score | PairScore) -> str:
    return f"{name:<16}{score.precision:>10.3f}{score.recall:>10.3f}{score.f1:>10.3f}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
