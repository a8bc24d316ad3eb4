"""Standard streams that are closed, full or have lost whoever read them."""

from __future__ import annotations

import contextlib
import os
import sys

__all__ = ["close_standard_error", "close_standard_output", "hold_places"]


def hold_places() -> None:
    """Give the numbers of closed standard streams to nothing, before a file of a run gets them.

    Else what some library prints would go into the very output. Standard output is then one that refuses what is
    written, so that no result is lost unnoticed; standard error one that drops it.
    """
    for number, flags in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            with contextlib.suppress(OSError):
                _put(number, flags)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)


def close_standard_output() -> None:
    """Point standard output nowhere, so that Python's own flush at the end has nothing to complain of."""
    with contextlib.suppress(OSError, ValueError):
        _put(sys.stdout.fileno(), os.O_WRONLY)


def close_standard_error() -> None:
    """Point standard error nowhere: nobody hears what is said, and that is no reason to stop."""
    with contextlib.suppress(OSError, ValueError):
        _put(sys.stderr.fileno(), os.O_WRONLY)


def _put(number: int, flags: int) -> None:
    nowhere = os.open(os.devnull, flags)
    if nowhere != number:
        os.dup2(nowhere, number)
        os.close(nowhere)
