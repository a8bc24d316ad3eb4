"""Whether a run is the same as another, and if not, what is not as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["difference"]

_MOST_SHOWN = 200  # characters of a value in a message


def difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    """Return in words the first thing that is not as it was; None where all is."""
    return next(_differences(before, now), None)


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    if before.get("format") != now["format"]:
        yield "it was begun by another version of dedup"
        return
    for part in ("version", "reading", "setting", "model", "calibration"):
        old, new = _table(before, part), now[part]
        for name in dict.fromkeys((*old, *new)):
            if old.get(name) != new.get(name):
                what = f"the {part}" if part == "calibration" else f"the {part} {name}"
                values = "" if part == "calibration" else f" was {_shown(old, name)} and is {_shown(new, name)}"
                yield f"{what}{values or ' is another'}"
    old, new = _table(before, "file"), now["file"]
    for name in dict.fromkeys((*old, *new)):
        if name not in new:
            yield f"the input {name} is gone"
        elif name not in old:
            yield f"the input {name} is new"
        elif old[name] != new[name]:
            yield f"the input {name} has changed"


def _table(document: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    """Return a part of a manifest; nothing where it is none, as in a file that was damaged."""
    found = document.get(part)
    return found if isinstance(found, dict) else {}


def _shown(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    text = repr(value)
    return "not set" if value is None else text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
