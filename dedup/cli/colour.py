"""Whether there is colour: as ``--color`` says, else as ``NO_COLOR`` and ``FORCE_COLOR`` say, else on terminals only.

See https://no-color.org and https://force-color.org: what counts is that a variable is set and not empty.
"""

from __future__ import annotations

import os
from typing import Literal, get_args

__all__ = ["COLOUR_CHOICES", "ColourChoice", "wants_colour"]

ColourChoice = Literal["auto", "always", "never"]
COLOUR_CHOICES: tuple[str, ...] = get_args(ColourChoice)


def wants_colour(choice: str = "auto") -> bool | None:
    """Return whether there is colour; None leaves it to whether a stream is a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return False if os.environ.get("TERM") == "dumb" else None
