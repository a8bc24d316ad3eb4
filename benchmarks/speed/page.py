"""Tables of what was measured of speed, for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.environment import measured_on
from benchmarks.markdown import replace_between_markers, table
from benchmarks.speed.encoding import PLAIN
from benchmarks.speed.pictures import draw_growth
from benchmarks.speed.results import PARTS, exponent

__all__ = ["part_text", "write_page"]

Part = Mapping[str, Any]
Row = Mapping[str, Any]

FIT_FROM = 60_000
"""The fit of cost to size begins here: below it a window of a week is not yet full, or not for long."""


def write_page(document: Mapping[str, Any], page: Path) -> None:
    """Put the tables of all parts between their markers of ``page``, and the pictures into a folder beside it.

    Raises:
        MarkerError: a pair of markers is absent.
    """
    folder = page.parent / "pictures"
    for name in PARTS:
        text = part_text(document, name)
        part = document.get(name)
        lines = _lines(part) if part and name != "encoding" else {}
        if part and lines:
            picture = folder / f"speed-{name}.svg"
            draw_growth(lines, picture, what="articles" if name == "runs" else "vectors")
            text += f"\n\n![Time against size, both logarithmic]({folder.name}/{picture.name})"
        replace_between_markers(page, f"speed-{name}", text)


def part_text(document: Mapping[str, Any], name: str) -> str:
    """Return the tables of a part, and what it was measured on; where it was not, how it can be."""
    part = document.get(name)
    if not part or not part["rows"]:
        return f"Not measured yet: `python -m benchmarks.speed {name}`."
    tables: dict[str, Callable[[Part], list[str]]] = {"encoding": _encoding, "runs": _runs, "vectors": _vectors}
    said = f"{measured_on(part)}. To repeat: `python -m benchmarks.speed {name}`."
    return "\n\n".join([*tables[name](part), said])


def method_name(row: Row) -> str:
    """Return what a row is called in tables and pictures."""
    if row["method"] != "dedup" or "encoder" not in row:
        return str(row["method"])
    again = ", second run" if row.get("run") == "second" else ""
    return f"dedup ({row['encoder']}{again})"


def _encoding(part: Part) -> list[str]:
    found = part["rows"][0]
    rows = []
    for one in found["encoders"]:
        tokens, padded = one.get("real_tokens"), one.get("padded_tokens")
        rows.append(
            [
                one["name"],
                one["precision"] or "–",
                f"{one['sentences_per_second']:,.0f}",
                f"{one['times_as_fast']:.2f}",
                _number(one.get("mean_cosine"), ".5f"),
                f"{padded / tokens - 1:.1%}" if tokens else "–",
                _number(one.get("gflops_padded"), ",.0f"),
                _percent(one.get("share_of_peak_padded")),
                _percent(one.get("share_of_peak_real")),
            ]
        )
    header = ["encoder", "precision", "sentences/s", f"times {PLAIN}", "mean cosine to it", "padding"]
    header += ["GFLOP/s", "of peak, padded", "of peak, text"]
    peaks = "; ".join(
        f"{name} {rate['square']:,.0f} (square), {rate['model']:,.0f} (the model's shape)" if rate else f"{name} –"
        for name, rate in found["peaks_gflops"].items()
    )
    return [
        table(header, rows),
        f"{found['sentences']:,} sentences of real news, {found['repetitions']} turns each in one process; medians. "
        f"{PLAIN}: `SentenceTransformer.encode` with its defaults, the same model, prompt and sentences; cosines to it "
        "where it cuts sentences as the other does. "
        "Operations are counted from the model's shape, for the tokens of the texts and with what pads their batches.",
        f"Matrix products of this machine, GFLOP/s: {peaks}; – where it has no units for them.",
    ]


def _runs(part: Part) -> list[str]:
    ours = {
        row["size"]: row["seconds"]
        for row in _finished(part, "dedup")
        if (row["encoder"], row["run"]) == ("bundled", "first")
    }
    rows = []
    for row in part["rows"]:
        stages = row.get("stages", {})
        finished = row["ended"] == "finished"
        named = {name: stages.get(name) for name in ("encode", "score", "cluster")}
        rest = row["seconds"] - sum(value or 0.0 for value in named.values()) if finished else None
        rows.append(
            [
                f"{row['size']:,}",
                method_name(row),
                f"{row['seconds']:,.1f}" if finished else _unfinished(row),
                f"{row['seconds'] / ours[row['size']]:.2f}" if finished and row["size"] in ours else "–",
                *(_number(value, ",.1f") for value in named.values()),
                _number(max(rest, 0.0) if rest is not None else None, ",.1f"),
                _number(row.get("peak_mib") if finished else None, ",.0f"),
                _number(row.get("b_cubed_f1") if finished else None, ".3f"),
            ]
        )
    header = ["articles", "method", "seconds", "times ours", "encode", "score", "cluster", "rest", "peak MiB", "B³ F1"]
    return [
        table(header, rows),
        "From articles to stories: NTREX among so many other articles of real news; B³ F1 on NTREX. dedup at its "
        "default settings, with nothing kept (second run: with what the first kept of texts and vectors). The others "
        "group one vector an article of `SentenceTransformer.encode` with its defaults, the whole article as one text, "
        "by the same model; each at the setting that is best for it on the very articles, and the time of that setting "
        "alone is counted. Times ours: of the first run with the bundled model. "
        "Each run in a process of its own, whose peak this is; those that it has read texts and score pairs take up to "
        "270 MiB each beside it.",
    ]


def _vectors(part: Part) -> list[str]:
    rows = [row for row in part["rows"] if row["method"] not in ("made", "recall")]
    header = ["vectors", "method", "seconds", "peak MiB", "of that mapped", "B³ F1"]
    shown = [
        [
            f"{row['size']:,}",
            row["method"],
            f"{row['seconds']:,.1f}" if row["ended"] == "finished" else _unfinished(row),
            _number(row.get("peak_mib"), ",.0f"),
            _number(row.get("mapped_mib"), ",.0f"),
            _number(row.get("b_cubed_f1"), ".3f"),
        ]
        for row in rows
    ]
    texts = [table(header, shown), "\n".join(f"- {line}" for line in _findings(part))]
    made = next((row for row in part["rows"] if row["method"] == "made"), None)
    if made:
        shares = made["shares_above"]
        texts += [
            table(
                ["pairs of different stories", "cosine", *(f"≥ {cosine}" for cosine in shares["cosine"])],
                [[kind, "", *(f"{share:.3%}" for share in shares[kind])] for kind in ("real", "made")],
            ),
            f"Vectors made from those of {made['real_articles']:,} real articles (`benchmarks/speed/made.py`): reports "
            "of one story and siblings lie as far apart as real ones, 2,000 articles a day, reports within four days. "
            "After all real articles were used each comes back, moved to a cosine of 0.8: the peers see all at once, "
            "as they do, and can take that for one story; dedup sees a week. dedup and the peers are at the setting "
            "that is best for them on the first 4,000.",
        ]
    return texts


def _findings(part: Part) -> list[str]:
    lines = []
    ours = _finished(part, "dedup")
    fitted = [row for row in ours if row["size"] >= FIT_FROM]
    fitted = fitted if len(fitted) > 1 else ours
    sizes = [row["size"] for row in fitted]
    time = exponent(sizes, [row["seconds"] for row in fitted])
    memory = exponent(sizes, [row["peak_mib"] for row in fitted])
    if time is not None and memory is not None:
        lines.append(
            f"From {min(sizes):,} to {max(sizes):,} vectors time grows as size^{time:.2f}, peak memory as "
            f"size^{memory:.2f}."
        )
    for peer in dict.fromkeys(row["method"] for row in part["rows"]):
        theirs = _finished(part, peer)
        if peer in ("dedup", "made", "recall") or not theirs or not ours:
            continue
        largest = ours[-1]["size"] / theirs[-1]["size"]
        lines.append(
            f"In the {theirs[-1]['limit_seconds']:,.0f} s that dedup takes for {ours[-1]['size']:,}, {peer} finishes "
            f"{theirs[-1]['size']:,} (of doubling sizes): {largest:,.0f} times fewer."
        )
    lines += [
        f"Of {row['pairs_near']:,} pairs at or above {row['similarity']} with {row['sampled']:,} of {row['size']:,} "
        f"articles, found by brute force, the index has {row['candidate_recall']:.2%}, and {row['wrongly_found']:,} "
        "that are none."
        for row in _finished(part, "recall")
        if row["candidate_recall"] is not None
    ]
    return lines


def _finished(part: Part, method: str) -> list[Row]:
    return [row for row in part["rows"] if row["method"] == method and row.get("ended") == "finished"]


def _lines(part: Part) -> dict[str, tuple[list[int], list[float]]]:
    """Return sizes and seconds of each method that finished twice or more."""
    lines: dict[str, tuple[list[int], list[float]]] = {}
    for row in part["rows"]:
        if row.get("ended") == "finished" and "seconds" in row and row["method"] not in ("made", "recall"):
            sizes, seconds = lines.setdefault(method_name(row), ([], []))
            sizes.append(row["size"])
            seconds.append(row["seconds"])
    return {name: line for name, line in lines.items() if len(line[0]) > 1}


def _unfinished(row: Row) -> str:
    stage = f" ({row['stage']})" if "stage" in row else ""
    if row["ended"] == "time":
        return f"over {row['limit_seconds']:,.0f}{stage}"
    if row["ended"] == "memory":
        return f"out of {row['limit_gib']:,.0f} GiB{stage}"
    if row.get("expected_seconds"):
        return f"not run, about {row['expected_seconds']:,.0f}{stage}"
    return f"{row['ended']}{stage}"


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"
