"""``dedup store verify``: damage found, and mended."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.cli.console import Console, console_options
from dedup.cli.edge import ending
from dedup.cli.options import ModelChoice, dry_run_option, json_option, store_encoder_options
from dedup.cli.store.opening import open_for_articles, open_store, store_argument
from dedup.errors import StoreDamagedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.store import Damage, Store

__all__ = ["command"]


@click.command(
    "verify",
    epilog=ending(
        "dedup store verify news.store",
        "dedup store verify news.store --repair",
    ),
)
@store_argument
@click.option("--repair", is_flag=True, help="Make again what is damaged: vectors of texts, stories of their pairs.")
@dry_run_option("With --repair: say what it would mend, and mend nothing.")
@json_option("Print JSON lines on a terminal too, where else lines for people are shown.")
@store_encoder_options
@console_options
@click.pass_obj
def command(console: Console, *, path: Path, model: ModelChoice, repair: bool, dry_run: bool, as_json: bool) -> None:
    """Look for damage, and mend it.

    Everything that is stored is read and compared with its checksums, and all articles are grouped anew by their pairs.
    What is not as it was written is listed: file, what, article, and whether --repair mends it. The code is 1 where
    there is damage that was not mended.
    """
    from dedup.cli.store.tell import tell_rehearsal

    with open_store(path) as store:
        damage = store.verify()
        articles = len(store)
    _tell(damage, as_json=as_json)
    if not damage:
        console.tell(f"{'sound':<10}{articles:,} articles")
        return
    if repair and dry_run:
        console.tell(f"{'to mend':<10}{sum(one.mendable for one in damage):,} damages of {len(damage):,}")
        tell_rehearsal(console)
        return
    if not repair:
        mendable = sum(one.mendable for one in damage)
        raise StoreDamagedError(f"{len(damage):,} damages in the store {path}, {mendable:,} of which --repair mends")
    with open_for_articles(path, model) as store:
        _repair(store, console)


def _tell(damage: Sequence[Damage], *, as_json: bool) -> None:
    from dedup.cli.store.tell import wants_json
    from dedup.cli.text import printable
    from dedup.write.json_lines import json_line

    for one in damage:
        if wants_json(as_json=as_json):
            click.echo(json_line(asdict(one)), nl=False)
        else:
            article = f"  article {one.article}" if one.article is not None else ""
            click.echo(printable(f"{one.file}: {one.what}{article}{'' if one.mendable else '  (not mendable)'}"))


def _repair(store: Store, console: Console) -> None:
    mended = store.repair()
    left = store.verify()
    if left:
        raise StoreDamagedError(
            f"{len(left):,} damages are left after the repair, the first: {left[0].file}: {left[0].what}; restore the "
            "store from a copy"
        )
    console.tell(f"{'mended':<10}{len(mended):,} damages, {len(store):,} articles")
