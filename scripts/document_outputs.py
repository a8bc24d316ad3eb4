"""What commands print, as docs/first-steps.md shows it.

A block of output stands between ``<!-- output: COMMAND -->`` and ``<!-- /output -->``. With ``| head -N`` after the
command the first N lines are shown, with ``| cut -N`` lines end after N characters.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["COLUMNS", "Shown", "outputs_of", "with_outputs"]

COLUMNS = "110"
"""How wide the terminal is that they are printed for."""

_MARKED = re.compile(
    r"<!-- output: (?P<command>[^\n]+?) -->\n\n```text\n(?P<text>.*?)```\n\n<!-- /output -->", re.DOTALL
)
_FILTER = re.compile(r"(?P<name>head|cut) -(?P<count>\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A command whose output is shown."""

    command: str
    """As it is typed, without what shortens it."""
    arguments: tuple[str, ...]
    lines: int | None
    characters: int | None
    text: str

    def shortened(self, output: str) -> str:
        """Return what is shown of an output."""
        lines = output.strip().splitlines()[: self.lines]
        most = self.characters
        shown = [line if most is None or len(line) <= most else line[: most - 1].rstrip() + "…" for line in lines]
        return "\n".join(line.rstrip() for line in shown).rstrip() + "\n"


def outputs_of(document: str) -> list[Shown]:
    """Return the outputs that a document shows.

    Raises:
        ValueError: a marker that cannot be read.
    """
    found = [_shown(match) for match in _MARKED.finditer(document)]
    if len(found) != document.count("<!-- output: "):
        raise ValueError(
            "after <!-- output: COMMAND --> stand a block of text and <!-- /output -->, blank lines between"
        )
    return found


def with_outputs(document: str, run: Callable[[tuple[str, ...]], str]) -> str:
    """Return the document with every output as ``run`` prints it; ``run`` takes the arguments of ``dedup``."""

    def replaced(match: re.Match[str]) -> str:
        shown = _shown(match)
        begin, end = match.start("text") - match.start(), match.end("text") - match.start()
        return match[0][:begin] + shown.shortened(run(shown.arguments)) + match[0][end:]

    return _MARKED.sub(replaced, document)


def _shown(match: re.Match[str]) -> Shown:
    command, *filters = (part.strip() for part in match["command"].split(" | "))
    program, *arguments = shlex.split(command)
    if program != "dedup":
        raise ValueError(f"only dedup is run for an output, not {command}")
    counts = {told["name"]: int(told["count"]) for told in map(_filter, filters)}
    return Shown(
        command=command,
        arguments=tuple(arguments),
        lines=counts.get("head"),
        characters=counts.get("cut"),
        text=match["text"],
    )


def _filter(text: str) -> re.Match[str]:
    told = _FILTER.fullmatch(text)
    if told is None:
        raise ValueError(f"an output is shortened by head -N and cut -N, not by {text}")
    return told
