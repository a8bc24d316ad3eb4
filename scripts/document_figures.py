"""The figures that docs/operations.md takes from docs/benchmarks.md."""

from __future__ import annotations

import re

__all__ = ["figures_document"]

_LARGE = re.compile(r"([\d,]+) articles, added in [^;]+; ([\d,]+) MiB resident, ([\d,]+) MiB on disk")
_RUNS = {
    "dedup (bundled)": "`dedup cluster`, {articles} articles, the first time",
    "dedup (bundled, second run)": "the same again, with the vectors that were kept",
    "dedup (fast)": "the same with `--encoder fast`",
}


def figures_document(benchmarks: str) -> str:
    """Return the table of docs/operations.md.

    Args:
        benchmarks: The text of docs/benchmarks.md.

    Raises:
        ValueError: a part of it is not there, or has not been measured yet.
    """
    rows = [*_runs(benchmarks), *_days(benchmarks), *_large(benchmarks)]
    head = ["| what | time | memory, MiB | disk, MiB |", "| :-- | --: | --: | --: |"]
    return "\n".join([*head, *("| " + " | ".join(row) + " |" for row in rows)])


def _runs(benchmarks: str) -> list[list[str]]:
    table = _table(benchmarks, "speed-runs")
    least = table[0]["articles"]
    found = {row["method"]: row for row in table if row["articles"] == least}
    return [
        [what.format(articles=least), f"{found[name]['seconds']} s", found[name]["peak MiB"], ""]
        for name, what in _RUNS.items()
    ]


def _days(benchmarks: str) -> list[list[str]]:
    table = _table(benchmarks, "store-days")
    first, last = table[0], table[-1]
    what = f"a store, {first['articles']} articles a day, {last['articles']} in it: the articles of a day"
    return [
        [what, last["a day's, s"] + " s", last["resident, MiB"], last["disk, MiB"]],
        ["one article more", f"{last['one, ms']} ms", "", ""],
    ]


def _large(benchmarks: str) -> list[list[str]]:
    part = _part(benchmarks, "store-large")
    told = _LARGE.search(part)
    if told is None:
        raise ValueError("docs/benchmarks.md does not say how large the large store is")
    articles, resident, disk = told.groups()
    times = {row[""].strip("`"): row["median, ms"] for row in _table(benchmarks, "store-large")}
    return [
        [f"a store of {articles} articles: `add` of one", f"{times['add']} ms", resident, disk],
        ["`find` of one", f"{times['find']} ms", "", ""],
    ]


def _part(benchmarks: str, name: str) -> str:
    _, begin, rest = benchmarks.partition(f"<!-- benchmark:{name} -->")
    part, end, _ = rest.partition(f"<!-- /benchmark:{name} -->")
    if not begin or not end:
        raise ValueError(f"docs/benchmarks.md has no part {name}")
    return part


def _table(benchmarks: str, name: str) -> list[dict[str, str]]:
    lines = [line for line in _part(benchmarks, name).splitlines() if line.startswith("|")]
    if len(lines) < 3:
        raise ValueError(f"the part {name} of docs/benchmarks.md has no figures")
    head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    # the first of two columns without a name counts
    return [dict(reversed(list(zip(head, row, strict=True)))) for row in rows]
