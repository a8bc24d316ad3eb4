"""``dedup evaluate``: stories against a reference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.cli.console import console_options
from dedup.cli.edge import EXIT_CODES
from dedup.cli.options import json_option

if TYPE_CHECKING:
    from dedup.evaluate import Evaluation, PairScore, Score

__all__ = ["evaluate", "score_lines"]

_PATH = click.Path(path_type=Path)


@click.command(epilog=EXIT_CODES)
@click.argument("stories", type=_PATH)
@click.argument("reference", type=_PATH)
@json_option("Print every figure as JSON.")
@console_options
def evaluate(*, stories: Path, reference: Path, as_json: bool) -> None:
    """Measure STORIES against REFERENCE.

    STORIES is what 'dedup cluster' wrote. REFERENCE has the true stories in the same form, or one article a row with
    its 'id' and 'story'; 'family' names stories that are easily confused. Measured are the articles of REFERENCE.
    """
    from dedup.evaluate import evaluate as measure
    from dedup.evaluate import read_labels

    result = measure(read_labels(stories), read_labels(reference))
    if as_json:
        click.echo(json.dumps(result.to_dict(), ensure_ascii=False, indent=2))
        return
    for line in [*_count_lines(result), "", *score_lines(result), "", *_language_lines(result)]:
        click.echo(line)


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


def _language_lines(result: Evaluation) -> list[str]:
    lines = [f"{'pairs of':<16}{'precision':>10}{'recall':>10}{'F1':>10}{'together':>10}{'expected':>10}"]
    for (one, other), score in result.language_pairs.items():
        lines.append(f"{_scores(f'{one} {other}', score)}{score.predicted:>10,}{score.reference:>10,}")
    return lines


def _scores(name: str, score: Score | PairScore) -> str:
    return f"{name:<16}{score.precision:>10.3f}{score.recall:>10.3f}{score.f1:>10.3f}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
