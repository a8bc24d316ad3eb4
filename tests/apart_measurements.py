"""What test_speed_apart measures in processes of their own: they import it from here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

__all__ = ["counting", "failing", "hungry", "sleeping"]


def counting(to: int) -> Iterator[dict[str, Any]]:
    print("what a library prints is no event")
    for number in range(to):
        yield {"number": number}


def sleeping() -> Iterator[dict[str, Any]]:
    yield {"awake": True}
    time.sleep(60)
    yield {"awake": False}


def failing() -> Iterator[dict[str, Any]]:
    yield {"done": 1}
    raise ValueError("no such peer")


def hungry(mib: int) -> Iterator[dict[str, Any]]:
    block = bytearray(mib * 2**20)
    yield {"bytes": len(block)}
