"""``dedup store expire``: old articles out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.cli.console import Console, console_options
from dedup.cli.declared import said_here
from dedup.cli.edge import ending
from dedup.cli.options import dry_run_option, json_option
from dedup.cli.options.values import Moment, Real
from dedup.cli.store.opening import open_store, store_argument
from dedup.errors import StoreError

if TYPE_CHECKING:
    from dedup.store import Store

__all__ = ["command"]

_MOST_DAYS = 365_000


@click.command(
    "expire",
    epilog=ending(
        "dedup store expire news.store --older-than 30",
        "dedup store expire news.store --before 2026-03-01",
    ),
)
@store_argument
@click.option(
    "--before",
    type=Moment(),
    metavar="TIME",
    help="Articles published before: a date, or a date and a time, in UTC where it states no zone.",
)
@click.option(
    "--older-than",
    type=Real(min=0, max=_MOST_DAYS),
    metavar="DAYS",
    help="Articles published longer ago.",
)
@dry_run_option("Tell what would become of the stories, and change nothing.")
@json_option("Print JSON lines on a terminal too, where else lines for people are shown.")
@console_options
@click.pass_obj
def command(
    console: Console, *, path: Path, before: datetime | None, older_than: float | None, as_json: bool, dry_run: bool
) -> None:
    """Take old articles out, and give back their room.

    An article without a time goes by when it was added. Stories that lose all their articles keep their ids and their
    history. A clock that is wrong takes nothing: where all is older than DAYS and the store was not changed since then,
    --older-than is refused, and --before does it.
    """
    from dedup.cli.store.tell import Tally, tell_changes, tell_rehearsal

    if said_here("before") is not said_here("older_than"):  # then the other is but what is usual
        before, older_than = (before, None) if said_here("before") else (None, older_than)
    bound = _bound(before, older_than)
    tally = Tally()
    with open_store(path, rehearse=dry_run) as store:
        if older_than is not None:
            _check_clock(store, bound)
        changes = store.expire(bound)
        tell_changes(changes, store, as_json=as_json)
        tally.count(changes)
        left = len(store)
    if dry_run:
        console.tell(f"{'to expire':<10}{tally.articles['expired']:,} articles of {left:,}")
        tell_rehearsal(console)
        return
    console.tell(f"{'expired':<10}{tally.articles['expired']:,} articles, {left:,} left")


def _bound(before: datetime | None, older_than: float | None) -> datetime:
    if before is not None and older_than is None:
        return before
    if older_than is not None and before is None:
        return datetime.now(UTC) - timedelta(days=older_than)
    raise click.UsageError("say which articles are old: --before TIME or --older-than DAYS")


def _check_clock(store: Store, bound: datetime) -> None:
    """Refuse to take out all there is where nothing but the clock says that it is old.

    Raises:
        StoreError: no article is as young, and the last change was longer ago too.
    """
    if not len(store) or store.stories(since=bound, limit=1):
        return
    changed = store.changes()[-1].time
    if changed < bound:
        after = bound + timedelta(seconds=1)  # what is written here takes all of it, also that of this second
        raise StoreError(
            f"by the clock it is {datetime.now(UTC):%Y-%m-%d}, and all of the store {store.path} was published before "
            f"{bound:%Y-%m-%d} and last changed on {changed:%Y-%m-%d}; is the clock right? To take it out all the "
            f"same: --before {after:%Y-%m-%dT%H:%M:%SZ}"
        )
