"""Tables for people: made from results, and put into a document between two markers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

__all__ = ["MarkerError", "replace_between_markers", "table"]


class MarkerError(ValueError):
    """A document does not have the pair of markers, in order and once."""


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, its first two columns to the left and the others, numbers, to the right.

    >>> print(table(["data", "method", "F1"], [["a|b", "dedup", "0.99"]]))
    | data | method | F1 |
    | :-- | :-- | --: |
    | a\\|b | dedup | 0.99 |
    """
    rules = [":--" if column < 2 else "--:" for column in range(len(header))]
    return "\n".join(_row(cells) for cells in (header, rules, *rows))


def replace_between_markers(path: Path, name: str, text: str) -> None:
    """Put ``text`` between the lines ``<!-- benchmark:NAME -->`` and ``<!-- /benchmark:NAME -->`` of a document.

    Raises:
        MarkerError: the two markers are not there once each, the first before the second; the file stays as it was.
    """
    begin, end = f"<!-- benchmark:{name} -->", f"<!-- /benchmark:{name} -->"
    document = path.read_text(encoding="utf-8")
    if document.count(begin) != 1 or document.count(end) != 1 or document.index(begin) > document.index(end):
        raise MarkerError(f"{path}: write the lines {begin} and {end}, once each, where the table shall stand")
    before, _, rest = document.partition(begin)
    after = rest.partition(end)[2]
    path.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}", encoding="utf-8")


def _row(cells: Sequence[str]) -> str:
    escaped = (cell.replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(escaped)} |"
