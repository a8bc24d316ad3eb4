"""Results as text and a picture for the page of benchmarks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.environment import measured_on
from benchmarks.markdown import replace_between_markers, table
from benchmarks.store.ready import TIMES_THINNER

__all__ = ["PARTS", "part_text", "write_page"]

_PICTURE = "store-days.svg"
_DAYS_TOLD = (1, 4, 7, 8, 9, 12, 16, 20, 24, 28)
Part = Mapping[str, Any]


def write_page(results: Mapping[str, Part], path: Path) -> None:
    """Write what has been measured between the markers ``store-PART`` of a page, and the picture beside it."""
    for name in PARTS:
        replace_between_markers(path, f"store-{name}", part_text(results, name))
    if "days" in results:
        draw_days(results["days"]["rows"], path.parent / "benchmarks" / _PICTURE)


def part_text(results: Mapping[str, Part], name: str) -> str:
    """Return the text of a part."""
    if name not in results:
        return f"Not measured yet: `python -m benchmarks.store {name}`."
    found = results[name]
    return "\n\n".join([*PARTS[name](found), f"{measured_on(found['environment'])}."])


def _orders(found: Part) -> list[str]:
    of = found["articles"]
    return [
        f"{sum(of.values()):,} articles, {of['ntrex']:,} of NTREX and {of['examples']:,} of the examples: a batch run "
        f"finds {found['stories']:,} stories, {found['alone']:,} of them single articles, the largest of "
        f"{found['largest']:,}. Each order is compared twice: when some number of the articles, drawn by chance, is "
        "there, with a batch run over these; and at the end.",
        table(
            ["how they come", "", "orders", "calls of `add`", "a call, ms", "comparisons", "stories that differ"],
            [
                [
                    row["play"],
                    "",
                    f"{row['orders']:,}",
                    f"{row['calls']:,}",
                    f"{1000 * row['add_median_seconds']:.0f}",
                    f"{row['compared']:,}",
                    f"{row['faults']:,}",
                ]
                for row in found["rows"]
            ],
        ),
    ]


def _days(found: Part) -> list[str]:
    told = {*_DAYS_TOLD, found["days"]}
    return [
        f"{found['per_day']:,} articles a day for {found['days']} days; each day those older than "
        f"{found['window_days']:g} days expire, then the day's come, 1,000 at once, and the last {found['single']} of "
        "them one by one. *One* is the median of these.",
        table(
            ["day", "", "articles", "expire, s", "a day's, s", "one, ms", "resident, MiB", "disk, MiB"],
            [
                [
                    str(row["day"]),
                    "",
                    f"{row['articles']:,}",
                    f"{row['expire_seconds']:.2f}",
                    f"{row['add_day_seconds']:.1f}",
                    f"{1000 * row['add_one_seconds']:.0f}",
                    f"{row['resident_mib']:,}",
                    f"{row['disk_mib']:,.0f}",
                ]
                for row in found["rows"]
                if row["day"] in told
            ],
        ),
        f"![Time of adding one article, memory and disk, day by day](benchmarks/{_PICTURE})",
    ]


def _large(found: Part) -> list[str]:
    return [
        f"{found['articles']:,} articles, added in {found['fill_seconds'] / 60:,.0f} minutes; "
        f"{found['resident_mib']:,} MiB resident, {found['disk_mib']:,.0f} MiB on disk. The first "
        f"{found['archive']:,} are an archive, {found['per_day'] // TIMES_THINNER:,} a day; the others come "
        f"{found['per_day']:,} a day. Then {found['asked']} more of the last two days, as they come, with "
        f"{found['window_days']} days of {found['per_day']:,} a day before them, are each looked for and added.",
        table(
            ["", "", "median, ms", "95%, ms"],
            [
                [
                    f"`{name}`",
                    "",
                    *(f"{1000 * found[f'{name}_{part}_seconds']:.0f}" for part in ("median", "p95")),
                ]
                for name in ("find", "add")
            ],
        ),
    ]


PARTS: Mapping[str, Callable[[Part], list[str]]] = {"orders": _orders, "days": _days, "large": _large}
"""What is told of each part, by its name."""


def draw_days(rows: Sequence[Part], path: Path) -> None:
    """Draw time and memory over the days."""
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
