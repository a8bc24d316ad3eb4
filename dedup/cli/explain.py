"""``dedup explain``: why two articles are taken for one story, or not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.cli.console import Console, console_options
from dedup.cli.edge import ending
from dedup.cli.options import (
    ModelChoice,
    Reading,
    json_option,
    model_options,
    optional_reading_options,
    settings_options,
)
from dedup.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.article import Article
    from dedup.explain import Explanation
    from dedup.read import ReadReport
    from dedup.settings import Settings

__all__ = ["explain"]

_IDS_HELD = 100_000
"""Of an input's ids, to name those that are like one that is not there."""


@click.command(
    epilog=ending(
        "dedup explain a1 b7 feed.jsonl",
        "dedup explain a1 b7 news/ --path",
        "dedup explain one.txt other.txt --json",
    )
)
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@optional_reading_options
@click.option(
    "--path",
    "with_path",
    is_flag=True,
    help="Put all articles of INPUT into stories first, and where A and B are in one story and not directly alike, "
    "show the way from one to the other through others of it.",
)
@json_option("Print the explanation as one line of JSON, with everything in it.")
@settings_options
@model_options
@console_options
@click.pass_obj
def explain(
    console: Console,
    *,
    a: str,
    b: str,
    reading: Reading,
    settings: Settings,
    model: ModelChoice,
    with_path: bool,
    as_json: bool,
) -> None:
    """Say why two articles are taken for one story, or not.

    A and B are ids of articles in INPUT, which is as for 'dedup cluster'; without INPUT they are files of one article
    each. What is shown: the probability and what each signal added to its log-odds; names, numbers and dates shared and
    in conflict, as they stand in the texts; sentences side by side; what would have changed the decision. Of a large
    INPUT only A and B become vectors, unless --path is given.
    """
    from dedup.cli.show_explanation import show_explanation
    from dedup.write.json_lines import json_line

    if a == b:
        raise InputError(f"A and B are both {a!r}; name two articles")
    if with_path and not reading.inputs:
        raise click.UsageError("--path leads through the other articles of INPUT; name it too")
    if with_path:
        explanation, articles = _explain_in_run(a, b, reading, settings, model, console)
    else:
        one, other = _from_inputs(a, b, reading, console) if reading.inputs else _from_files(a, b, reading)
        explanation, articles = _explain_pair(one, other, settings, model)
    if as_json:
        click.echo(json_line(explanation.to_dict()), nl=False)
    else:
        show_explanation(explanation, articles, everything=console.verbose)


def _explain_pair(
    one: Article, other: Article, settings: Settings, model: ModelChoice
) -> tuple[Explanation, list[Article]]:
    from dedup.explain import explain_pair
    from dedup.text.language import with_language

    calibration = model.calibration()
    articles = [with_language(one), with_language(other)]
    with model.cache() as cache:
        explanation = explain_pair(
            *articles, encoder=model.encoder, calibration=calibration, settings=settings, cache=cache
        )
    return explanation, articles


def _explain_in_run(
    a: str, b: str, reading: Reading, settings: Settings, model: ModelChoice, console: Console
) -> tuple[Explanation, list[Article]]:
    """Explain the pair as the run of all articles leaves it; return its articles and those on the path, A and B first.

    Raises:
        InputError: as for ``dedup cluster``; or no article has the id.
    """
    from dedup.cli.run import read_inputs
    from dedup.explain.pair import unknown_id
    from dedup.pipeline import deduplicate

    articles, report = read_inputs(reading, None, console)
    known = {article.id for article in articles}
    for wanted in (a, b):
        if wanted not in known:
            raise _with_rejects(unknown_id(wanted, sorted(known)), report)
    calibration = model.calibration()
    with model.cache() as cache, model.contents() as contents:
        result = deduplicate(
            articles,
            settings,
            encoder=model.encoder,
            calibration=calibration,
            cache=cache,
            contents=contents,
            progress=console.progress,
        )
        explanation = result.pair(a, b).explain()
    found = {article.id: article for article in result.articles}
    return explanation, [found[one] for one in (a, b, *(step.a for step in explanation.path[1:]))]


def _from_inputs(a: str, b: str, reading: Reading, console: Console) -> tuple[Article, Article]:
    """Return the two articles, reading no further than to the second of them.

    Raises:
        InputError: an input cannot be read, or no article has the id.
    """
    from dedup.explain.pair import unknown_id
    from dedup.read import ReadReport, read_articles

    report = ReadReport()
    found: dict[str, Article] = {}
    ids: list[str] = []
    for article in console.counting(read_articles(*reading.inputs, options=reading.options, report=report), "read"):
        if article.id in (a, b):
            found[article.id] = article
        if len(found) == 2:
            return found[a], found[b]
        if len(ids) < _IDS_HELD:
            ids.append(article.id)
    raise _with_rejects(unknown_id(a if a not in found else b, ids), report)


def _with_rejects(error: InputError, report: ReadReport) -> InputError:
    if not report.rejected:
        return error
    first = report.rejects[0]
    return InputError(
        f"{error}; {report.rejected:,} records were rejected, the first: {first.file}:{first.line}: {first.reason}"
    )


def _from_files(a: str, b: str, reading: Reading) -> tuple[Article, Article]:
    return _only_article(a, reading), _only_article(b, reading)


def _only_article(name: str, reading: Reading) -> Article:
    """Return the article of a file that holds one.

    Raises:
        InputError: there is no such file, or none or several articles in it.
    """
    from dedup.read import ReadReport, read_articles

    if name != "-" and not Path(name).exists():
        raise InputError(f"no file {name}; without INPUT, A and B are files of one article each")
    report = ReadReport()
    articles: Mapping[int, Article] = dict(
        zip(range(2), read_articles(name, options=reading.options, report=report), strict=False)
    )
    if len(articles) > 1:
        raise InputError(f"{name} holds several articles; name two of them: dedup explain A B {name}")
    if not articles:
        raise _with_rejects(InputError(f"no article in {name}"), report)
    return articles[0]
