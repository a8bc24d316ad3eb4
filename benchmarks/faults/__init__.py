"""Every fault that a machine, a disk or a person can cause, really caused, and what dedup makes of it."""

from __future__ import annotations

from benchmarks.faults import damage, full_disks, inputs, memory, names, rights, stops, streams, together
from benchmarks.faults.fault import FAULTS, Fault, Row, cause

__all__ = ["FAULTS", "ROOMS", "Fault", "Row", "cause"]

ROOMS = (full_disks, rights, inputs, damage, stops, together, memory, streams, names)
"""In the order of the page; each puts its faults on the list when it is imported."""
_ORDER = [room.AREA for room in ROOMS]
FAULTS.sort(key=lambda one: _ORDER.index(one.area))
