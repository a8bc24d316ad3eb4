"""Makes ``format-1``, a store of the first format with a merge, a correction and an expiry in its history.

    PYTHONPATH=.:tests:tests/store python tests/store/format_1.py

Kept as it was made: later versions must be able to read it. Made anew only before the first release that has stores.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from fakes import FakeEncoder, invented_news
from stores import START, WINDOW, calibration, holdings

from dedup.article import Article
from dedup.store import Store

__all__ = ["FOLDER", "articles", "corrected", "expired_before"]

FOLDER = Path(__file__).parent / "format-1"
_TEXTS = invented_news(stories=3, seed=41, languages=("en", "fa", "ar"), kin=0.2)
expired_before = START + timedelta(days=1)


def articles() -> dict[str, Article]:
    """Return the articles that were ever added, by id."""
    days = {
        "gone": (0, 0, 0.0),
        "early": (0, 0, 1.5),
        "between": (0, 1, 3.0),
        "late": (0, 2, 4.5),
        "undated": (0, 0, None),
        "one": (1, 0, 5.0),
        "two": (1, 1, 5.5),
        "three": (1, 2, 5.6),
        "strange": (2, 0, 5.2),
        "said-same": (2, 1, 15.0),
        "half": (2, 2, 5.3),
        "last": (1, 0, 6.5),
    }
    made = {}
    for key, (story, text, day) in days.items():
        published = None if day is None else START + timedelta(days=day)
        made[key] = replace(_TEXTS[story][text], id=key, published=published)
    made["half"] = replace(made["half"], edition="\ud800", extra={"desk": ["a", 1, None]})
    return made


def corrected() -> dict[tuple[str, str], bool]:
    """Return what was said of articles in the end."""
    return {("said-same", "strange"): True, ("three", "two"): False}


def make(folder: Path) -> None:
    made = articles()
    with Store.open(folder, encoder=FakeEncoder(), calibration=calibration(), settings=WINDOW) as store:
        for keys in (["gone"], ["early"], ["late"], ["between"], ["one", "two", "three", "undated"]):
            store.add([made[key] for key in keys])
        store.correct(different=("two", "three"))
        store.add([made[key] for key in ("strange", "said-same", "half", "last")])
        store.correct(same=("strange", "said-same"))
        store.correct(different=("one", "half"))
        store.correct(forget=("one", "half"))
        store.expire(expired_before)
        kinds = {change.kind for change in store.changes()}
        assert {"created", "joined", "merged", "split", "expired", "corrected"} <= kinds, kinds
        expected = {story: sorted(held) for story, held in sorted(holdings(store).items())}
        cursor = store.changes()[-1].cursor
    with closing(sqlite3.connect(folder / "store.sqlite")) as connection:
        # one file, for a copy of it to be whole; the next who opens it goes on as always
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("VACUUM")
    (folder / "writer.lock").unlink(missing_ok=True)
    told = json.dumps({"cursor": cursor, "stories": expected}, indent=1)
    (folder / "expected.json").write_text(told + "\n", "utf-8")


if __name__ == "__main__":
    shutil.rmtree(FOLDER, ignore_errors=True)
    make(FOLDER)
