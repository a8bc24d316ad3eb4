"""``dedup demo``: the examples that come with dedup, grouped and shown."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.cli.console import Console, console_options
from dedup.cli.edge import ending
from dedup.cli.options import ModelChoice, model_options

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.evaluate import Labels
    from dedup.story import Story

__all__ = ["demo"]

_STORIES_SHOWN = 3


@click.command(
    epilog=ending(
        "dedup demo",
        "dedup demo --encoder fast",
    )
)
@model_options
@console_options
@click.pass_obj
def demo(console: Console, *, model: ModelChoice) -> None:
    """Group the example articles and show what was found.

    The examples are invented news in Farsi, Dari, Arabic, English and Turkish. They are grouped at default settings,
    and the stories then compared with the labels, which take no part in it.
    """
    from dedup.cli.run import find_stories
    from dedup.data import examples_folder
    from dedup.evaluate import read_labels
    from dedup.settings import Settings

    folder = examples_folder()
    articles = _read(folder / "articles.jsonl")
    labels = read_labels(folder / "articles.jsonl")
    languages = Counter(article.language for article in articles)
    click.echo(
        f"{len(articles)} invented news articles: " + ", ".join(f"{tag} {n}" for tag, n in languages.most_common())
    )
    console.tell("Looking for stories; the first run takes a minute or two, as every sentence becomes a vector.")
    started = time.perf_counter()
    stories = find_stories(articles, Settings(), model, console)
    seconds = time.perf_counter() - started
    click.echo(f"{len(stories)} stories found in {seconds:.1f} s. Three of the largest:\n")
    _show_largest(stories)
    _show_siblings(stories, labels)
    _show_figures(stories, labels)
    _show_pages(folder / "pages", labels, model, console)
    _show_next(folder)


def _read(path: Path) -> list[Article]:
    """Return the examples without the fields that dedup does not know, which are the labels."""
    from dataclasses import replace

    from dedup.read import read_articles

    return [replace(article, extra={}) for article in read_articles(path)]


def _show_largest(stories: Sequence[Story]) -> None:
    from dedup.cli.show import show_story

    for story in stories[:_STORIES_SHOWN]:
        show_story(story)


def _show_siblings(stories: Sequence[Story], labels: Labels) -> None:
    """Print a pair of stories that were rightly told apart, and one that was wrongly joined, where there are any."""
    from dedup.cli.show import article_line, columns

    found = {article.id: story.id for story in stories for article in story.articles}
    apart, joined = _first_pairs(_by_label(stories, labels), labels, found)
    for title, pair in (
        ("Two events that are easily confused, kept apart:", apart),
        ("Two events wrongly joined:", joined),
    ):
        if pair:
            click.echo(title)
            for article in pair:
                click.echo(f"  {article_line(article, width=columns() - 2)}")
            click.echo()


def _by_label(stories: Sequence[Story], labels: Labels) -> dict[str, list[Article]]:
    """Return the articles of each labelled story, those in English first, so that most can read what is shown."""
    articles = sorted(
        (article for story in stories for article in story.articles),
        key=lambda article: (article.language != "en", article.id),
    )
    by_label: dict[str, list[Article]] = {}
    for article in articles:
        by_label.setdefault(labels.story[article.id], []).append(article)
    return by_label


def _first_pairs(
    by_label: Mapping[str, Sequence[Article]], labels: Labels, found: Mapping[str, str]
) -> tuple[tuple[Article, Article] | None, tuple[Article, Article] | None]:
    """Return an article each of two siblings nearest in time that were kept apart, and the same of two joined."""
    apart = joined = None
    for one, other in sorted(_siblings(by_label, labels), key=lambda pair: _hours_apart(pair, by_label)):
        pairs = list(itertools.product(by_label[one], by_label[other]))
        together = [(left, right) for left, right in pairs if found[left.id] == found[right.id]]
        if together:
            joined = joined or together[0]
        elif {pairs[0][0].language, pairs[0][1].language} == {"en"}:
            apart = apart or pairs[0]
    return apart, joined


def _siblings(by_label: Mapping[str, Sequence[Article]], labels: Labels) -> Iterator[tuple[str, str]]:
    family = {story: labels.family.get(articles[0].id) for story, articles in by_label.items()}
    for one, other in itertools.combinations(sorted(by_label), 2):
        if family[one] and family[one] == family[other]:
            yield one, other


def _hours_apart(pair: tuple[str, str], by_label: Mapping[str, Sequence[Article]]) -> tuple[float, tuple[str, str]]:
    first = [min((a.published.timestamp() for a in by_label[story] if a.published), default=0.0) for story in pair]
    return abs(first[0] - first[1]), pair


def _show_figures(stories: Sequence[Story], labels: Labels) -> None:
    from dedup.cli.evaluate import score_lines
    from dedup.evaluate import Labels, evaluate

    found = {article.id: story.id for story in stories for article in story.articles}
    click.echo("Against the labels, which dedup has not seen:")
    for line in score_lines(evaluate(Labels(story=found), labels)):
        click.echo(f"  {line}".rstrip())
    click.echo()


def _show_pages(folder: Path, labels: Labels, model: ModelChoice, console: Console) -> None:
    """Print what the pages of text are grouped into, and how one of them was read."""
    from dedup.cli.run import find_stories
    from dedup.cli.text import printable
    from dedup.read import read_articles
    from dedup.settings import Settings

    pages = list(read_articles(folder))
    found = len(find_stories(pages, Settings(), model, console))
    # a page is named after the article that it shows
    expected = len({labels.story[Path(page.extra["file"]).stem] for page in pages})
    click.echo(f"{len(pages)} pages of text, read straight in: {found} stories, by the labels {expected}. One page:")
    page = pages[0]
    parts = {
        "file": _shown(Path(page.extra["file"])),
        "language": page.language,
        "published": f"{page.published:%Y-%m-%d %H:%M %z}" if page.published else None,
        "section": page.section,
        "city": page.city,
        "agency": page.agency,
        "title": page.title,
    }
    for name, text in parts.items():
        if text:
            click.echo(f"  {name:<10}{printable(text)}")
    click.echo()


def _show_next(folder: Path) -> None:
    dedup, examples = _program(), _shown(folder)
    click.echo("To try next:")
    for command in (
        f"cluster {examples}/pages",
        f"cluster {examples}/articles.jsonl -o stories.jsonl",
        f"evaluate stories.jsonl {examples}/articles.jsonl",
        f"unique {examples}/articles.jsonl --keep fa,en -o unique.csv",
        "--help",
    ):
        click.echo(f"  {dedup} {command}")


def _program() -> str:
    """Return how dedup is called from here: `make demo` runs it from an environment that is not on the path."""
    called = Path(sys.argv[0])
    return "dedup" if shutil.which("dedup") or called.name != "dedup" else _shown(called)


def _shown(path: Path) -> str:
    """Return a path as one would type it from here."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # on another drive
        return str(path)
    return str(path) if relative.startswith("..") else relative
