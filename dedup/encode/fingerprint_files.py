"""Fingerprints as files that several processes map: one copy in memory for all of them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from dedup.encode.fingerprint import Fingerprints
from dedup.evidence.clock_columns import ClockColumns
from dedup.evidence.columns import EvidenceColumns
from dedup.evidence.day_columns import DayColumns
from dedup.evidence.mentions import Mentions
from dedup.evidence.slot_columns import SlotColumns

__all__ = ["map_fingerprints", "write_fingerprints"]

_COLUMNS = {
    "names": Mentions,
    "numbers": Mentions,
    "places": Mentions,
    "slots": SlotColumns,
    "days": DayColumns,
    "clocks": ClockColumns,
}


def write_fingerprints(fingerprints: Fingerprints, folder: Path) -> None:
    """Write fingerprints into an empty folder.

    Raises:
        OSError: they cannot be written.
    """
    for name in _plain(Fingerprints, "evidence"):
        np.save(folder / f"{name}.npy", getattr(fingerprints, name), allow_pickle=False)
    evidence = fingerprints.evidence
    for name in _plain(EvidenceColumns, *_COLUMNS):
        np.save(folder / f"{name}.npy", getattr(evidence, name), allow_pickle=False)
    for part, kind in _COLUMNS.items():
        for name in _names(kind):
            np.save(folder / f"{part}-{name}.npy", getattr(getattr(evidence, part), name), allow_pickle=False)


def map_fingerprints(folder: Path) -> Fingerprints:
    """Return what ``write_fingerprints`` wrote, mapped read-only."""
    columns: dict[str, Any] = {
        part: kind(**{name: _mapped(folder, f"{part}-{name}") for name in _names(kind)})
        for part, kind in _COLUMNS.items()
    }
    evidence = {name: _mapped(folder, name) for name in _plain(EvidenceColumns, *_COLUMNS)}
    plain = {name: _mapped(folder, name) for name in _plain(Fingerprints, "evidence")}
    return Fingerprints(**plain, evidence=EvidenceColumns(**columns, **evidence))


def _names(kind: Any) -> list[str]:
    return list(kind._fields) if issubclass(kind, tuple) else _plain(kind)


def _plain(kind: Any, *others: str) -> list[str]:
    """Return the fields of a dataclass but for ``others``."""
    return [field.name for field in dataclasses.fields(kind) if field.name not in others]


def _mapped(folder: Path, name: str) -> Any:
    array = np.lib.format.open_memmap(folder / f"{name}.npy", mode="r")
    # plain arrays: those of the class memmap are slower to slice; and a number is a number
    return np.asarray(array) if array.ndim else array.item()
