"""A store through its life: thirty days of news with a window, and single articles in a large one.

    python -m benchmarks.store days large --folder BIG     measure into benchmarks/results/store.json
    python -m benchmarks.store --docs docs/benchmarks.md   write what is there into the page; measure nothing

The articles are real ones of the unlabelled news, read, encoded and taken apart once: what is measured is the store
alone, beside reading and encoding. Their times are made: so many a day, evenly; where there are too few articles they
come again, long after the window.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.datasets import DatasetUnavailableError, distractors
from benchmarks.environment import environment, measured_on
from benchmarks.json_file import read_json, write_json
from benchmarks.markdown import replace_between_markers, table
from dedup.article import Article
from dedup.encode.static import StaticEncoder
from dedup.settings import Settings
from dedup.store import Store
from dedup.store.revision import Newcomer

RESULTS = Path(__file__).resolve().parent / "results" / "store.json"
_PICTURE = "store-days.svg"
_START = datetime(2026, 1, 1, tzinfo=UTC)
_ARTICLES_AT_ONCE = 1_000
_ASKED = 200
_SEED = 20260101


class ReadyStore(Store):
    """A store whose articles have been read and encoded before: their ids begin with those of ``prepared``."""

    prepared: dict[str, Newcomer]

    def _newcomers(self, articles: Sequence[Article]) -> list[Newcomer]:
        found = []
        for article in articles:
            ready = self.prepared[article.id.rpartition("@")[0]]
            found.append(Newcomer(article, ready.vectors, ready.evidence))
        return found


def measure_days(days: int, per_day: int, pool: int, folder: Path) -> dict[str, Any]:
    """Return what each of ``days`` days costs a store that keeps a window of a week."""
    settings = Settings()
    rows = []
    with _ready_store(folder / "days", pool, settings) as store:
        for day in range(days):
            articles = list(_news(store.prepared, range(day * per_day, (day + 1) * per_day), per_day))
            started = time.perf_counter()
            store.expire(_START + timedelta(days=day - settings.window_days))
            expired = time.perf_counter()
            for start in range(0, len(articles) - 50, _ARTICLES_AT_ONCE):
                store.add(articles[start : min(start + _ARTICLES_AT_ONCE, len(articles) - 50)])
            added = time.perf_counter()
            one = []
            for article in articles[-50:]:
                before = time.perf_counter()
                store.add([article])
                one.append(time.perf_counter() - before)
            rows.append(
                {
                    "day": day + 1,
                    "articles": len(store),
                    "expire_seconds": round(expired - started, 3),
                    "add_day_seconds": round(added - expired, 3),
                    "add_one_seconds": round(median(one), 4),
                    "resident_mib": round(_resident_mib()),
                    "disk_mib": round(sum(path.stat().st_size for path in (folder / "days").rglob("*.*")) / 2**20, 1),
                }
            )
            print(rows[-1], file=sys.stderr, flush=True)
    return {"days": days, "per_day": per_day, "pool": pool, "window_days": settings.window_days, "rows": rows}


def measure_large(articles: int, per_day: int, pool: int, folder: Path) -> dict[str, Any]:
    """Return what one article costs in a store of ``articles``, none of which has expired."""
    dice = random.Random(_SEED)
    with _ready_store(folder / "large", pool, Settings()) as store:
        started = time.perf_counter()
        for start in range(0, articles, _ARTICLES_AT_ONCE):
            store.add(_news(store.prepared, range(start, min(start + _ARTICLES_AT_ONCE, articles)), per_day))
            if start % 20_000 == 0:
                print(start, round(time.perf_counter() - started), file=sys.stderr, flush=True)
        filled = time.perf_counter() - started
        asked = list(_news(store.prepared, sorted(dice.sample(range(articles), _ASKED)), per_day, again="asked"))
        dice.shuffle(asked)
        seconds: dict[str, list[float]] = {"find": [], "add": []}
        for article in asked:
            for name, call in (("find", lambda one: store.find(one)), ("add", lambda one: store.add([one]))):
                before = time.perf_counter()
                call(article)
                seconds[name].append(time.perf_counter() - before)
        return {
            "articles": articles,
            "per_day": per_day,
            "pool": pool,
            "fill_seconds": round(filled, 1),
            "resident_mib": round(_resident_mib()),
            "disk_mib": round(sum(path.stat().st_size for path in (folder / "large").rglob("*.*")) / 2**20, 1),
            **{f"{name}_median_seconds": round(median(found), 4) for name, found in seconds.items()},
            **{
                f"{name}_p95_seconds": round(sorted(found)[int(0.95 * len(found))], 4)
                for name, found in seconds.items()
            },
        }


def _ready_store(folder: Path, pool: int, settings: Settings) -> ReadyStore:
    shutil.rmtree(folder, ignore_errors=True)
    store = ReadyStore.open(folder, encoder=StaticEncoder(), settings=settings)
    assert isinstance(store, ReadyStore)
    articles = distractors(pool)
    store.prepared = {}
    for start in range(0, pool, _ARTICLES_AT_ONCE):
        some = articles[start : start + _ARTICLES_AT_ONCE]
        store.prepared |= {one.article.id: one for one in Store._newcomers(store, some)}
    print(f"{pool:,} articles are ready", file=sys.stderr, flush=True)
    return store


def _news(prepared: dict[str, Newcomer], numbers: Sequence[int], per_day: int, again: str = "") -> Iterator[Article]:
    """Yield articles by their number: one number has one article and one time."""
    ids = sorted(prepared)
    random.Random(_SEED).shuffle(ids)
    for number in numbers:
        turn, place = divmod(number, len(ids))
        article = prepared[ids[place]].article
        published = _START + timedelta(days=number / per_day)
        yield replace(article, id=f"{article.id}@{turn}{again}", published=published)


def _resident_mib() -> float:
    """Return what the process holds now, not the most that it has held."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * resource.getpagesize() / 2**20


def page(results: dict[str, Any], folder: Path) -> str:
    """Return the tables for the page, and draw the picture beside it."""
    told = []
    if "days" in results:
        found = results["days"]
        rows = [row for row in found["rows"] if row["day"] in (1, 4, 8, 9, 12, 16, 20, 24, 28, found["days"])]
        _draw(found["rows"], folder / _PICTURE)
        told += [
            f"{found['per_day']:,} articles a day for {found['days']} days, those older than {found['window_days']:g} "
            f"days expired each day. `one` is the median of adding one article.",
            table(
                ["day", "articles", "expire, s", "a day's articles, s", "one, ms", "resident, MiB", "disk, MiB"],
                [
                    [
                        str(row["day"]),
                        f"{row['articles']:,}",
                        f"{row['expire_seconds']:.2f}",
                        f"{row['add_day_seconds']:.1f}",
                        f"{1000 * row['add_one_seconds']:.0f}",
                        f"{row['resident_mib']:,}",
                        f"{row['disk_mib']:,.0f}",
                    ]
                    for row in rows
                ],
            ),
            f"![Memory and the time of adding one article, day by day](benchmarks/{_PICTURE})",
            f"{measured_on(found['environment'])}.",
        ]
    if "large" in results:
        found = results["large"]
        told += [
            f"One article in a store of {found['articles']:,}, {found['per_day']:,} a day, filled in "
            f"{found['fill_seconds']:,.0f} s; {found['resident_mib']:,} MiB resident, {found['disk_mib']:,.0f} MiB on "
            "disk.",
            table(
                ["", "", "median, ms", "95%, ms"],
                [
                    [name, "", *(f"{1000 * found[f'{name}_{part}_seconds']:.0f}" for part in ("median", "p95"))]
                    for name in ("find", "add")
                ],
            ),
            f"{measured_on(found['environment'])}.",
        ]
    return "\n\n".join(told)


def _draw(rows: Sequence[dict[str, Any]], path: Path) -> None:
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": "dedup", "svg.fonttype": "none"}):
        figure = Figure(figsize=(7, 3), layout="constrained")
        FigureCanvasSVG(figure)
        left, right = figure.subplots(1, 2)
        days = [row["day"] for row in rows]
        left.plot(days, [1000 * row["add_one_seconds"] for row in rows], "o-", markersize=3)
        left.set(xlabel="day", ylabel="adding one article, ms", ylim=(0, None))
        right.plot(days, [row["resident_mib"] for row in rows], "o-", markersize=3, label="resident")
        right.plot(days, [row["disk_mib"] for row in rows], "s--", markersize=3, label="disk")
        right.set(xlabel="day", ylabel="MiB", ylim=(0, None))
        right.legend(fontsize="small")
        figure.savefig(path, format="svg", metadata={"Date": None})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="of days, large; none: write what is there")
    parser.add_argument("--output", type=Path, default=RESULTS, metavar="FILE")
    parser.add_argument("--docs", type=Path, metavar="FILE", help="write tables and a picture into this page")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="for the stores, 2 GB at 200,000 articles")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--per-day", type=int, default=2_000, metavar="N")
    parser.add_argument("--articles", type=int, default=200_000, metavar="N", help="of the large store (200,000)")
    parser.add_argument("--pool", type=int, default=20_000, metavar="N", help="real articles that there are (20,000)")
    given = parser.parse_args(arguments)
    unknown = sorted(set(given.parts) - {"days", "large"})
    if unknown:
        parser.error(f"unknown part {unknown[0]}; use days, large")
    results = read_json(given.output)
    try:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            if "days" in given.parts:
                found = measure_days(given.days, given.per_day, given.pool, Path(folder))
                results["days"] = found | {"environment": environment()}
                write_json(given.output, results)
            if "large" in given.parts:
                found = measure_large(given.articles, given.per_day, given.pool, Path(folder))
                results["large"] = found | {"environment": environment()}
                write_json(given.output, results)
    except DatasetUnavailableError as error:
        print(error, file=sys.stderr)
        return 1
    if given.docs:
        replace_between_markers(given.docs, "store", page(results, given.docs.parent / "benchmarks"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
