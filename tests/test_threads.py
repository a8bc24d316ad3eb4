from __future__ import annotations

import threading
from collections.abc import Generator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from dedup.threads import _threads_of_products as threads_of_products
from dedup.threads import computed_ahead, one_thread_each, threads_allowed


class TestLimit:
    def test_that_of_another_is_heeded_while_it_lasts(self) -> None:
        outside = threads_allowed()
        with threadpool_limits(1, user_api="blas"):
            assert threads_allowed() == 1
        assert threads_allowed() == outside

    def test_products_take_one_thread_and_others_know_how_many_there_are(self) -> None:
        outside = threads_allowed()
        with one_thread_each():
            assert (threads_of_products(), threads_allowed()) == (1, outside)
            with one_thread_each():
                assert (threads_of_products(), threads_allowed()) == (1, outside)
            assert (threads_of_products(), threads_allowed()) == (1, outside)
        assert threads_of_products() == threads_allowed() == outside

    def test_a_thread_that_leaves_does_not_end_it_for_others(self) -> None:
        outside = threads_allowed()

        def inside() -> None:
            with one_thread_each():
                assert threads_allowed() == outside

        with one_thread_each():
            other = threading.Thread(target=inside)
            other.start()
            other.join(20)
            assert (threads_of_products(), threads_allowed()) == (1, outside)
        assert threads_of_products() == outside

    def test_an_error_ends_it_too(self) -> None:
        outside = threads_allowed()
        with pytest.raises(ValueError, match="inside"), one_thread_each():
            raise ValueError("inside")
        assert threads_of_products() == outside


class TestAhead:
    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 12))
    def test_values_come_in_their_order(self, values: list[int], most: int) -> None:
        assert list(computed_ahead((one for one in values), lambda one: one, most)) == values

    def test_no_more_wait_than_may(self) -> None:
        computed: list[int] = []

        def values() -> Generator[int, None, None]:
            for one in range(50):
                computed.append(one)
                yield one

        for used, one in enumerate(computed_ahead(values(), lambda _: 1, 3)):
            assert one == used
            # three wait, one is used
            assert len(computed) <= used + 1 + 3
        assert len(computed) == 50

    def test_they_are_computed_while_others_are_used(self) -> None:
        third = threading.Event()

        def values() -> Generator[int, None, None]:
            yield 1
            yield 2
            third.set()
            yield 3

        ahead = iter(computed_ahead(values(), lambda _: 1, 10))
        assert next(ahead) == 1
        assert third.wait(20)
        assert list(ahead) == [2, 3]

    def test_an_error_comes_where_its_value_would(self) -> None:
        def values() -> Generator[int, None, None]:
            yield 1
            raise ValueError("no second")

        ahead = iter(computed_ahead(values(), lambda _: 1, 10))
        assert next(ahead) == 1
        with pytest.raises(ValueError, match="no second"):
            next(ahead)

    def test_whoever_stops_ends_the_generator_and_its_thread(self) -> None:
        ended = threading.Event()

        def values() -> Generator[int, None, None]:
            try:
                yield from range(1_000)
            finally:
                ended.set()

        ahead = computed_ahead(values(), lambda _: 1, 2)
        assert next(iter(ahead)) == 0
        ahead.close()
        assert ended.is_set()
        assert not any(thread.name == "dedup-ahead" for thread in threading.enumerate())
