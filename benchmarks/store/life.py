"""What age and size cost a store: thirty days of news with a window, and single articles in a large one.

Measured is the store alone, beside reading and encoding. The texts are those of real articles; their times are made.
"""

from __future__ import annotations

import math
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from benchmarks.store.ready import START, DayOf, Prepared, ReadyStore, after_an_archive, evenly, news
from dedup.article import Article
from dedup.encode.static import StaticEncoder
from dedup.settings import Settings

__all__ = ["measure_days", "measure_large"]

_ARTICLES_AT_ONCE = 1_000
_SINGLE = 50
_ASKED = 200
_ASKED_DAYS = 2
_SEED = 20260101
_T = TypeVar("_T")


def measure_days(prepared: Prepared, days: int, per_day: int, folder: Path) -> dict[str, Any]:
    """Return what each of ``days`` days costs a store that keeps a window of a week."""
    settings = Settings()
    rows = []
    with ReadyStore.of(prepared, folder, encoder=StaticEncoder(), settings=settings) as store:
        for day in range(days):
            articles = list(news(prepared, range(day * per_day, (day + 1) * per_day), evenly(per_day)))
            expired = _seconds(store.expire, START + timedelta(days=day - settings.window_days))
            added = _seconds(lambda some: _add(store, some), articles[:-_SINGLE])
            one = [_seconds(store.add, [article]) for article in articles[-_SINGLE:]]
            rows.append(
                {
                    "day": day + 1,
                    "articles": len(store),
                    "expire_seconds": round(expired, 3),
                    "add_day_seconds": round(added, 3),
                    "add_one_seconds": round(median(one), 4),
                    "resident_mib": round(_resident_mib()),
                    "disk_mib": _disk_mib(folder),
                }
            )
            print(rows[-1], file=sys.stderr, flush=True)
    return {
        "days": days,
        "per_day": per_day,
        "pool": len(prepared),
        "window_days": settings.window_days,
        "single": _SINGLE,
        "rows": rows,
    }


def measure_large(prepared: Prepared, articles: int, per_day: int, folder: Path) -> dict[str, Any]:
    """Return what one article costs in a store of ``articles``, none of which has expired.

    The last days, a window and two more, are as dense as told, and an archive lies before them. Asked is of the last
    two, as news come.
    """
    dice = random.Random(_SEED)
    window = math.ceil(Settings().window_days)
    before = articles - min(articles, (window + _ASKED_DAYS) * per_day)
    day_of = after_an_archive(before, per_day)
    among = range(before, articles)[-_ASKED_DAYS * per_day :]
    with ReadyStore.of(prepared, folder, encoder=StaticEncoder()) as store:
        filled = _seconds(lambda count: _fill(store, prepared, count, day_of), articles)
        asked = list(news(prepared, sorted(dice.sample(among, min(_ASKED, len(among)))), day_of, again="asked"))
        dice.shuffle(asked)
        seconds: dict[str, list[float]] = {"find": [], "add": []}
        for article in asked:
            seconds["find"].append(_seconds(store.find, article))
            seconds["add"].append(_seconds(store.add, [article]))
        return {
            "articles": articles,
            "archive": before,
            "window_days": window,
            "per_day": per_day,
            "pool": len(prepared),
            "asked": len(asked),
            "fill_seconds": round(filled, 1),
            "resident_mib": round(_resident_mib()),
            "disk_mib": _disk_mib(folder),
            **{f"{name}_median_seconds": round(median(found), 4) for name, found in seconds.items()},
            **{
                f"{name}_p95_seconds": round(sorted(found)[int(0.95 * len(found))], 4)
                for name, found in seconds.items()
            },
        }


def _fill(store: ReadyStore, prepared: Prepared, count: int, day_of: DayOf) -> None:
    started = time.perf_counter()
    for start in range(0, count, 10 * _ARTICLES_AT_ONCE):
        _add(store, list(news(prepared, range(start, min(start + 10 * _ARTICLES_AT_ONCE, count)), day_of)))
        print(f"{len(store):,} in {time.perf_counter() - started:,.0f} s", file=sys.stderr, flush=True)


def _add(store: ReadyStore, articles: Sequence[Article]) -> None:
    for start in range(0, len(articles), _ARTICLES_AT_ONCE):
        store.add(articles[start : start + _ARTICLES_AT_ONCE])


def _seconds(call: Callable[[_T], object], argument: _T) -> float:
    started = time.perf_counter()
    call(argument)
    return time.perf_counter() - started


def _disk_mib(folder: Path) -> float:
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20, 1)


def _resident_mib() -> float:
    """Return what the process holds now, not the most that it has held."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * resource.getpagesize() / 2**20
