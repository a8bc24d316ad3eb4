"""What is fuzzed: how an input is made, and what must hold when it is read."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FaultError", "Tally", "Target", "dice_of", "input_of", "require"]

Tally = Mapping[str, int]
"""What came of an input: how many articles, rejects and so on."""


class FaultError(Exception):
    """Something that must hold does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One thing that reads what nobody vouches for."""

    name: str
    make: Callable[[random.Random], bytes]
    """Makes an input; of the dice alone."""
    check: Callable[[bytes, Path], Tally]
    """Reads an input, with an empty folder to do it in. Whatever it raises is a fault."""
    seconds: float = 4.0
    """Of the processor's time, that one input may take."""
    mebibytes: int = 256
    """Of memory, that one input may take on top of what the process had."""


def dice_of(target: Target, seed: int, number: int) -> random.Random:
    """Return the dice of one input; a string is hashed the same on every machine."""
    return random.Random(f"{target.name} {seed} {number}")


def input_of(target: Target, seed: int, number: int) -> bytes:
    """Return the input of a number."""
    return target.make(dice_of(target, seed, number))


def require(holds: bool, what: str) -> None:
    """Raise ``FaultError`` where something does not hold."""
    if not holds:
        raise FaultError(what)
