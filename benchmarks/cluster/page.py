"""The results of ``python -m benchmarks.cluster`` for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.cluster.costs import CORES_OF_A_NODE, Cost, costs_of_articles, costs_of_vectors, rates_of
from benchmarks.environment import measured_on
from benchmarks.markdown import replace_between_markers, table

__all__ = ["PARTS", "part_text", "write_page"]

COMPUTED = ("costs",)
"""What is told of, and not measured itself."""
PARTS = ("same", "nodes", "driver", "vectors", "rates", *COMPUTED)
_NEEDED = {"rates": ("same", "rates", "vectors"), "costs": ("same", "rates", "vectors")}
_SIZES = (10_000_000, 100_000_000)
_NODES = (10, 100)
_HOUR = 3_600.0


def part_text(results: Mapping[str, Any], part: str) -> str:
    """Return what was measured of a part, or computed from it, as Markdown."""
    lacking = [name for name in _NEEDED.get(part, (part,)) if name not in results]
    if lacking:
        return f"Not measured yet: `python -m benchmarks.cluster {' '.join(lacking)}`."
    made = {"same": _same, "nodes": _nodes, "driver": _driver, "vectors": _vectors, "rates": _rates, "costs": _costs}
    text = made[part](results)
    return text if part == "costs" else f"{text}\n\n{measured_on(results[part]['environment'])}"


def write_page(results: Mapping[str, Any], path: Path) -> None:
    """Write what was measured into the page.

    Raises:
        MarkerError: the page lacks a marker.
    """
    for part in PARTS:
        replace_between_markers(path, f"cluster-{part}", part_text(results, part))


def _yes(value: object) -> str:
    return "yes" if value else "**no**"


def _same(results: Mapping[str, Any]) -> str:
    found = results["same"]
    one = found["one_machine"]
    rows = [
        ["one machine", "", f"{one['stories']:,}", "", "", "", f"{one['core_seconds']:,.0f}", ""],
        *(
            [
                f"{row['nodes']} of one core",
                f"{row['partition']:,}",
                _yes(row["same"]),
                str(row["parts"]),
                str(row["stages"]["pairs"]["tasks"]),
                f"{row['stages']['bins']['largest']:,}",
                f"{sum(stage['core_seconds'] for stage in row['stages'].values()):,.0f}",
                f"{row['worker_peak_mib']:,}",
            ]
            for row in found["rows"]
        ),
    ]
    header = [
        "nodes",
        "articles of a part",
        "same stories",
        "parts",
        "tasks of `pairs`",
        "largest component",
        "core-seconds",
        "peak MiB",
    ]
    return f"{one['articles']:,} articles, of which {one['undated']:,} have no time:\n\n{table(header, rows)}"


def _nodes(results: Mapping[str, Any]) -> str:
    found = results["nodes"]
    rows = [
        [f"`{row['stage']}`" + (" on a GPU" if row["gpu"] else ""), "", _yes(row["killed_at_work"]), _yes(row["same"])]
        for row in found["rows"]
    ]
    told = table(["a node killed in", "", "while it did a task", "same stories and rejects"], rows)
    return f"{found['one_machine']['articles']:,} articles in parts of 500:\n\n{told}"


def _driver(results: Mapping[str, Any]) -> str:
    rows = [
        [f"`{row['stage']}`", "", str(row["tasks_kept"]), _yes(row["killed"] and row["same"])]
        for row in results["driver"]["rows"]
    ]
    told = table(["the command killed in", "", "tasks done by then", "same output after --resume"], rows)
    return f"{results['driver']['one_machine']['articles']:,} articles in parts of 500:\n\n{told}"


def _vectors(results: Mapping[str, Any]) -> str:
    found = results["vectors"]
    shared, one = found["cluster"], found["one_machine"]
    rows = [
        [
            f"`{name}`",
            "",
            str(stage["tasks"]),
            f"{stage['core_seconds']:,.1f}",
            f"{stage['longest_task']:,.1f}",
            f"{stage['peak_mib']:,}",
        ]
        for name, stage in shared["stages"].items()
    ]
    rows.append(["driver", "", "", "", "", f"{shared['driver_peak_mib']:,.0f}"])
    rows.append(["one machine", "", "", f"{one['core_seconds']:,.1f}", "", f"{one['peak_mib']:,.0f}"])
    return (
        f"{found['vectors']:,} vectors of {found['dimension']} components in {shared['stories']:,} stories, by "
        f"{found['nodes']} nodes of one core; the same stories as on one machine: {_yes(found['same'])}. The largest "
        f"component of pairs that can join has {shared['stages']['bins']['largest']:,} vectors.\n\n"
        + table(["stage", "", "tasks", "core-seconds", "of the longest", "peak MiB of a worker"], rows)
    )


def _rates(results: Mapping[str, Any]) -> str:
    found = results["rates"]
    fast, bundled = rates_of(results, "fast"), rates_of(results, "bundled")
    rows = [
        ["`read`", "an article", _rate(fast["read"]), "articles"],
        ["`ids`", "an article", _rate(fast["ids"]), "articles; a task for each million"],
        ["", "an article of another task", _rate(fast["ids passed by"]), "articles times millions of articles"],
        ["`named`", "an article", _rate(fast["named"]), "articles"],
        ["`parts`", "an article", _rate(fast["parts"]), "articles"],
        ["`fingerprints`", "an article, fast", _rate(fast["fingerprints"]), "articles"],
        ["", "an article, bundled", _rate(bundled["fingerprints"]), "articles"],
        ["`crowds`", "an article", _rate(fast["crowds"]), "articles; as few copies among them as in real news"],
        ["`pairs`", "a similarity", _rate(fast["compared"]), "articles times articles of a window"],
        [
            "",
            "a scored pair",
            _rate(fast["scored"]),
            f"the same; one of {1 / fast['scored of compared']:,.0f} compared is scored",
        ],
        ["`bins`", "an article", _rate(fast["bins"]), "articles and edges, in one task"],
        [
            "`groups`",
            "an article",
            _rate(fast["groups"]),
            f"articles; one task has {fast['largest component']:.0%} of what all take",
        ],
        ["`singles`", "an article", _rate(fast["singles"]), "articles and their pairs, in one task"],
        ["`stories`", "an article", _rate(fast["stories"]), "articles"],
        ["driver", "a task", _rate(found["driver_seconds_a_task"]), "tasks"],
    ]
    about = (
        f"{found['fast']['articles']:,} dated articles of the news of {found['days']:,} days, "
        f"{found['bundled']['articles']:,} with the bundled model; similarities and bins by the vectors above."
    )
    return f"{about}\n\n{table(['stage', 'unit', 'a second of a core', 'grows with'], rows)}"


def _rate(seconds: float) -> str:
    """Return how many of a unit a core does in a second."""
    if not seconds:
        return "not measurable"
    return f"{1 / seconds:,.0f}" if seconds < 0.1 else f"{1 / seconds:,.1f}"


def _costs(results: Mapping[str, Any]) -> str:
    a_task = results["rates"]["driver_seconds_a_task"]
    kinds: list[tuple[str, list[tuple[int, list[Cost]]]]] = [
        (
            f"articles, {encoder} model",
            [(size, costs_of_articles(size, rates_of(results, encoder))) for size in _SIZES],
        )
        for encoder in ("fast", "bundled")
    ]
    kinds.append(("given vectors", [(size, costs_of_vectors(size, results)) for size in _SIZES]))
    rows = []
    for kind, sizes in kinds:
        for size, costs in sizes:
            times = [_hours(sum(cost.seconds(nodes * CORES_OF_A_NODE, a_task) for cost in costs)) for nodes in _NODES]
            alone = sum(cost.core_seconds for cost in costs if cost.stage in {"bins", "singles"})
            largest = max(cost.longest_task for cost in costs if cost.stage in {"groups", "stories"})
            rows.append(
                [kind, f"{size // 1_000_000}M", *times, _hours(alone), _hours(largest), _longest(costs, a_task)]
            )
    header = [
        "what",
        "how many",
        *(f"{nodes} nodes" for nodes in _NODES),
        "of it one task alone",
        "the largest component",
        "longest on 100 nodes",
    ]
    return table(header, rows)


def _longest(costs: Sequence[Cost], a_task: float) -> str:
    cores = _NODES[-1] * CORES_OF_A_NODE
    longest = max(costs, key=lambda cost: cost.seconds(cores, a_task))
    return f"`{longest.stage}`"


def _hours(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < _HOUR else f"{seconds / _HOUR:.1f} h"
