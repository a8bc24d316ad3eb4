"""What a process beside the tests does with a store, told line by line: ``other_process.py WHAT FOLDER CALIBRATION``.

The calibration is a file: fitting one takes longer than all the rest.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from fakes import FakeEncoder
from stores import WINDOW, news

from dedup.errors import StoreError
from dedup.score.calibration import Calibration
from dedup.store import Store


def main() -> None:
    what, folder, calibration = sys.argv[1:]
    rules = Calibration.from_json(Path(calibration).read_text("utf-8"), name="fake")
    opened = partial(Store.open, folder, encoder=FakeEncoder(), calibration=rules, settings=WINDOW)
    {"create": _create, "hold": _hold, "write": _write}[what](opened)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _create(opened: Callable[[], Store]) -> None:
    """Make a store as soon as the tests say so."""
    say("ready")
    sys.stdin.readline()
    try:
        with opened() as store:
            say(f"opened {len(store)}")
    except StoreError as error:
        say(f"{type(error).__name__}: {error}")


def _hold(opened: Callable[[], Store]) -> None:
    """Go on writing until the tests say so."""
    with opened() as store, store._writing():
        say("writing")
        sys.stdin.readline()


def _write(opened: Callable[[], Store]) -> None:
    """Once the tests say so add some articles after others, take some out, and tell how far the changes have come."""
    articles = news(4, stories=5, undated=0)
    with opened() as store:
        say("ready")
        sys.stdin.readline()
        for turn in range(2):
            for start in range(0, len(articles), 4):
                store.add(articles[start : start + 4])
                say(f"{_cursor(store)}")
            store.remove([one.id for one in (articles if turn < 1 else articles[:18])])
            say(f"{_cursor(store)}")


def _cursor(store: Store) -> int:
    return store.changes()[-1].cursor


if __name__ == "__main__":
    main()
