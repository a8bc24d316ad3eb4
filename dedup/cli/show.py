"""Stories and articles for people, on a terminal.

Left-to-right columns stand first and the headline last, so that a headline from right to left cannot pull the others
out of their places.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import click

from dedup.article import Article
from dedup.cli.text import display_width, fit
from dedup.story import Story, headline_of

__all__ = ["article_line", "columns", "show_articles", "show_stories", "show_story"]

_MOST_COLUMNS, _USUAL_COLUMNS = 140, 110
_LEAST_HEADLINE, _MOST_EDITION = 20, 24
_LONGEST_RELATION = len("independent")
_MOMENT, _MOMENT_OF_YEAR = "%Y-%m-%d %H:%M", "%m-%d %H:%M"


def show_stories(stories: Sequence[Story]) -> None:
    """Print the stories of several articles one by one, then the articles that stand alone."""
    for story in stories:
        if len(story.members) > 1:
            show_story(story)
    alone = [story.representative for story in stories if len(story.members) == 1]
    if alone:
        click.echo(f"{len(alone):,} {'articles stand' if len(alone) > 1 else 'article stands'} alone (times in UTC)")
        for article in alone:
            click.echo(f"  {article_line(article, width=columns() - 2)}")


def show_story(story: Story) -> None:
    """Print a story: a line on the whole, a line for each article, a blank line."""
    first, last = _time(story.first_published, _MOMENT), _time(story.last_published, _MOMENT)
    times = f"{first} to {last} UTC" if first != last else f"{first} UTC" if story.first_published else first
    click.echo(click.style(f"{len(story.members)} articles  {' '.join(story.languages)}  {times}", bold=True))
    for member in story.members:
        start = f"  {fit(member.article.language, 6):<6} {_time(member.article.published, _MOMENT_OF_YEAR):<11}"
        middle = f"  {member.probability:.2f}  {member.relation or '':<{_LONGEST_RELATION}}  "
        click.echo(_with_headline(start + middle, member.article, columns()))
    click.echo()


def show_articles(articles: Iterable[Article]) -> None:
    """Print one line for each article."""
    for article in articles:
        click.echo(article_line(article, width=columns()))


def article_line(article: Article, *, width: int) -> str:
    """Return an article on one line: language, time, headline, edition; about ``width`` columns at most.

    >>> article_line(Article(id="1", title="Köprü açıldı", body="", language="tr", edition="Bozkır Haber"), width=70)
    'tr     no time           Köprü açıldı (Bozkır Haber)'
    """
    return _with_headline(f"{fit(article.language, 6):<6} {_time(article.published, _MOMENT):<16}  ", article, width)


def columns() -> int:
    """Return how many columns there are to fill."""
    return min(_MOST_COLUMNS, shutil.get_terminal_size((_USUAL_COLUMNS, 24)).columns)


def _with_headline(start: str, article: Article, width: int) -> str:
    edition = f" ({fit(article.edition, _MOST_EDITION)})" if article.edition else ""
    left = max(_LEAST_HEADLINE, width - len(start) - display_width(edition))
    return f"{start}{fit(headline_of(article), left)}{edition}"


def _time(time: datetime | None, form: str) -> str:
    """Return a time in UTC: local ones would stand in an order that looks wrong."""
    return f"{time.astimezone(UTC):{form}}" if time else "no time"
