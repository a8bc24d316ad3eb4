"""Pairs of articles with the probability that they tell the same story, one pair a line or row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup.write.delimited import write_delimited
from dedup.write.json_lines import json_line
from dedup.write.kinds import Kind
from dedup.write.output import Destination, open_output
from dedup.write.typed import write_typed

if TYPE_CHECKING:
    from dedup.manifest import Manifest
    from dedup.pipeline import Deduplication

__all__ = ["PAIR_COLUMNS", "write_pairs"]

PAIR_COLUMNS = ("a", "b", "probability", "follows")
_KINDS: dict[str, Kind] = {"a": "text", "b": "text", "probability": "number", "follows": "text"}
_DIGITS = 8  # enough to have the log-odds again, to the last digit that they are compared by
_ROWS_AT_ONCE = 65_536


def write_pairs(
    result: Deduplication, destination: str | Path | Destination, *, manifest: Manifest | None = None
) -> None:
    """Write the scored pairs of a run as ``{"a": id, "b": id, "probability": p}``, ``a`` before ``b``, sorted.

    They are those of ``result.scored``: the candidates that are not plainly different, or all candidates after
    ``deduplicate(..., all_pairs=True)``. Where one of the two follows the other as a copy of it (``dedup.crowds``), its
    id stands in ``follows``. ``dedup.evaluate.read_pairs`` reads them again. A ``manifest`` goes where that of
    ``write_stories`` does.

    Raises:
        OutputError: as for ``write_stories``.
    """
    destination = destination if isinstance(destination, Destination) else Destination.of(destination)
    if destination.typed:
        write_typed(destination, _KINDS, _rows(result), manifest)
        return
    with open_output(destination) as file:
        if destination.format == "jsonl":
            file.writelines(json_line(row) for row in _rows(result))
        else:
            write_delimited(file, PAIR_COLUMNS, _rows(result), destination.format)


def _rows(result: Deduplication) -> Iterator[dict[str, Any]]:
    from dedup.score.scorer import probability_of

    pairs, log_odds = result.scored.pairs, result.scored.log_odds
    lead = dict(result.scored.followers.tolist())
    for start in range(0, len(pairs), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        for (left, right), probability in zip(
            pairs[rows].tolist(), probability_of(log_odds[rows]).tolist(), strict=True
        ):
            row: dict[str, Any] = {
                "a": result.articles[left].id,
                "b": result.articles[right].id,
                "probability": round(probability, _DIGITS),
            }
            if lead.get(left) == right:
                row["follows"] = row["a"]
            elif lead.get(right) == left:
                row["follows"] = row["b"]
            yield row
