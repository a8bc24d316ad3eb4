import sys

import pytest
from apart_measurements import counting, failing, hungry, sleeping

from benchmarks.speed.apart import Limits, memory_now_mib, memory_peak_mib, run_apart

ENOUGH = Limits(seconds=60)


def test_events_come_in_order_and_each_says_the_peak() -> None:
    outcome = run_apart(counting, {"to": 3}, ENOUGH)
    assert outcome.ended == "finished"
    assert [event["number"] for event in outcome.events] == [0, 1, 2]
    assert all(1 < event["peak_mib"] < 2_000 for event in outcome.events)


def test_what_was_measured_before_the_time_limit_is_kept() -> None:
    outcome = run_apart(sleeping, {}, Limits(seconds=6))
    assert outcome.ended == "time"
    assert [event["awake"] for event in outcome.events] == [True]


def test_a_failure_says_why() -> None:
    outcome = run_apart(failing, {}, ENOUGH)
    assert outcome.ended == "failed"
    assert outcome.message == "ValueError: no such peer"
    assert [event["done"] for event in outcome.events] == [1]


def test_the_peak_is_of_that_process_alone() -> None:
    ours = bytearray(400 * 2**20)
    ours[:: 2**12] = b"x" * len(range(0, len(ours), 2**12))
    outcome = run_apart(counting, {"to": 1}, ENOUGH)
    assert outcome.events[0]["peak_mib"] < 300
    assert run_apart(hungry, {"mib": 300}, ENOUGH).events[0]["peak_mib"] > 300
    assert memory_peak_mib() > 400


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its memory")
def test_memory_is_held_to() -> None:
    assert memory_now_mib()
    outcome = run_apart(hungry, {"mib": 2_000}, Limits(seconds=60, memory_gib=1))
    assert (outcome.ended, outcome.events) == ("memory", ())
