from __future__ import annotations

from dedup.threads import blas, threads_allowed


def test_a_limit_is_heeded_while_it_lasts() -> None:
    outside = threads_allowed()
    with blas().limit(limits=1, user_api="blas"):
        assert threads_allowed() == 1
    assert threads_allowed() == outside
