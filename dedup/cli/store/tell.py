"""Changes of a store, as they are told: JSON lines, or lines for people; and what they were in sum."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from dedup.cli.show import article_line, columns
from dedup.cli.text import fit
from dedup.errors import InputError
from dedup.write.changes import change_row
from dedup.write.json_lines import json_line

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.cli.console import Console
    from dedup.store import Change, Store

__all__ = ["Tally", "change_lines", "tell_changes", "tell_rehearsal", "wants_json"]

_LONGEST_KIND = len("corrected")
_LONGEST_ID = 40
_IDS_SHOWN = 5
_SAID = {None: "nothing said any more", 0.0: "said to be two stories", 1.0: "said to be one story"}


@dataclass(slots=True)
class Tally:
    """What changes were in sum."""

    kinds: Counter[str] = field(default_factory=Counter)
    """Changes of each kind."""
    articles: Counter[str] = field(default_factory=Counter)
    """Articles of the changes of each kind."""
    taken: int = 0
    """Articles that were added, those in the store already included."""

    undated: int = 0
    """Of them those without a time."""

    def count(self, changes: Iterable[Change], *, added: Sequence[Article] = ()) -> None:
        """Count changes, and the articles whose addition brought them about."""
        self.taken += len(added)
        self.undated += sum(article.published is None for article in added)
        for change in changes:
            self.kinds[change.kind] += 1
            self.articles[change.kind] += len(change.articles)

    @property
    def added(self) -> int:
        """Articles that are new to the store."""
        return self.articles["created"] + self.articles["joined"]

    @property
    def replaced(self) -> int:
        """Articles that came again with another text or time."""
        return self.articles["updated"]

    @property
    def unchanged(self) -> int:
        """Articles that were in the store as they came."""
        return self.taken - self.added - self.replaced

    def stories(self) -> str:
        """Return what became of the stories."""
        kinds = self.kinds
        return (
            f"{kinds['created']:,} created, {self.articles['joined']:,} articles joined, {kinds['merged']:,} merged, "
            f"{kinds['split']:,} split"
        )


def wants_json(*, as_json: bool) -> bool:
    """Whether what is told is read by a program."""
    return as_json or not sys.stdout.isatty()


def tell_changes(changes: Iterable[Change], store: Store, *, as_json: bool) -> None:
    """Print changes, so that they are out when this returns."""
    for change in changes:
        if wants_json(as_json=as_json):
            click.echo(json_line(change_row(change)), nl=False)
        else:
            for line in change_lines(change, store):
                click.echo(line)


def tell_rehearsal(console: Console) -> None:
    """Say that what was told did not happen."""
    console.tell(f"{'done':<10}nothing (--dry-run)")


def change_lines(change: Change, store: Store) -> Iterator[str]:
    """Yield a change as lines for people: a line for each article that came, one for anything else."""
    start = f"{change.time:%Y-%m-%d %H:%M:%S}  {change.kind:<{_LONGEST_KIND}}  {change.story}  "
    match change.kind:
        case "created" | "joined" | "updated":
            for key in change.articles:
                yield start + _article(key, store, columns() - len(start))
        case "merged":
            yield f"{start}takes in {change.other}: {_articles(change)}"
        case "split":
            yield f"{start}gives to {change.other}: {_articles(change)}"
        case "corrected":
            yield f"{start}{_SAID[change.probability]}: {_ids(change.articles)}"
        case _:
            yield start + _articles(change)


def _article(key: str, store: Store, width: int) -> str:
    try:
        return article_line(store.article(key), width=width)
    except InputError:  # it has gone since
        return fit(key, _LONGEST_ID)


def _articles(change: Change) -> str:
    because = ""
    if change.pair and change.probability is not None:
        one, other = (fit(key, _LONGEST_ID) for key in change.pair)
        because = f"  ({change.probability:.2f} for {one} and {other})"
    return f"{len(change.articles):,} articles: {_ids(change.articles)}{because}"


def _ids(ids: Iterable[str]) -> str:
    shown = [fit(key, _LONGEST_ID) for key in ids]
    more = f" and {len(shown) - _IDS_SHOWN:,} more" if len(shown) > _IDS_SHOWN else ""
    return ", ".join(shown[:_IDS_SHOWN]) + more
