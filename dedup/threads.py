"""How many threads work is shared among, and how many processes the reading of articles."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

__all__ = ["blas", "threads_allowed"]


@cache
def blas() -> ThreadpoolController:
    """Return what limits the threads of matrix products, found once."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def threads_allowed() -> int:
    """Return as many threads as matrix products would take at this moment: what the machine has, or OMP_NUM_THREADS and
    its like, within any limit set around the call.

    Ask before a limit of your own is set.
    """
    return max((library["num_threads"] for library in blas().select(user_api="blas").info()), default=1)
