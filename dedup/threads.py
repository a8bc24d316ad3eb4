"""How many threads work is shared among, and how many processes the reading of articles."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

__all__ = ["blas", "thread_count", "threads_allowed"]


@cache
def blas() -> ThreadpoolController:
    """Return what limits the threads of matrix products, found once."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@cache
def thread_count() -> int:
    """Return as many threads as matrix products would take: what the machine has, or OMP_NUM_THREADS and its like."""
    return threads_allowed()


def threads_allowed() -> int:
    """Return as many threads as matrix products would take at this moment, within any limit set around the call."""
    return max((library["num_threads"] for library in blas().select(user_api="blas").info()), default=1)
