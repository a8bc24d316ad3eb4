"""``dedup store find``: the stories that articles may tell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dedup.cli.console import Console, console_options
from dedup.cli.edge import ending
from dedup.cli.options import ModelChoice, Reading, input_options, json_option, store_encoder_options
from dedup.cli.store.opening import open_for_articles, store_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.article import Article
    from dedup.explain import Explanation
    from dedup.store import Match

__all__ = ["command"]


@click.command(
    "find",
    epilog=ending(
        "dedup store find news.store one.jsonl",
        "dedup store find news.store one.jsonl --limit 3 --explain",
    ),
)
@store_argument
@input_options
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Show so many stories of each article at most.")
@click.option(
    "--explain",
    "with_explanation",
    is_flag=True,
    help="Say of the first story why the article and the nearest one of it are taken for one story, or not.",
)
@json_option("Print JSON lines on a terminal too, where else a table is shown.")
@store_encoder_options
@console_options
@click.pass_obj
def command(
    console: Console,
    *,
    path: Path,
    reading: Reading,
    model: ModelChoice,
    limit: int | None,
    with_explanation: bool,
    as_json: bool,
) -> None:
    """Say which stories articles may tell, without adding them.

    INPUT is as for 'dedup cluster'. For each article there is a line: its id, and the stories that it may tell, the
    surest first, each with the probability that it does and with the article of it that is nearest. An article of the
    same id that is in the store is not compared with itself.
    """
    from dedup.cli.run import check_read
    from dedup.cli.store.tell import wants_json
    from dedup.read import ReadReport, read_articles
    from dedup.text.language import with_language
    from dedup.write.json_lines import json_line

    report = ReadReport()
    articles = read_articles(*reading.inputs, options=reading.options, report=report)
    with open_for_articles(path, model) as store:
        for article in map(with_language, articles):
            matches = store.find(article, limit=limit)
            explanation = matches[0].explain() if matches and with_explanation else None
            if wants_json(as_json=as_json):
                row = _row(article, matches)
                if with_explanation:
                    row["explanation"] = explanation.to_dict() if explanation else None
                click.echo(json_line(row), nl=False)
            else:
                _show(article, matches, explanation, everything=console.verbose)
    for reject in report.rejects[:3]:
        console.tell(f"rejected {reject.file}:{reject.line}: {reject.reason}")
    if report.rejected > 3:
        console.tell(f"and {report.rejected - 3:,} more rejected records")
    check_read(report, reading, None, console)


def _row(article: Article, matches: Sequence[Match]) -> dict[str, Any]:
    return {
        "id": article.id,
        "matches": [
            {
                "story": match.story.id,
                "probability": match.probability,
                "nearest": match.nearest.id,
                "nearest_probability": match.nearest_probability,
                "headline": match.story.headline,
            }
            for match in matches
        ],
    }


def _show(article: Article, matches: Sequence[Match], explanation: Explanation | None, *, everything: bool) -> None:
    from dedup.cli.show import article_line, columns
    from dedup.cli.show_explanation import show_explanation

    click.echo(article_line(article, width=columns()))
    for match in matches:
        start = f"  {match.probability:.2f}  {match.story.id}  nearest {match.nearest_probability:.2f}  "
        click.echo(start + article_line(match.nearest, width=columns() - len(start)))
    if not matches:
        click.echo("  no story")
    if explanation is not None:
        click.echo()
        show_explanation(explanation, [article, matches[0].nearest], everything=everything)
    click.echo()
