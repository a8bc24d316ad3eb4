from __future__ import annotations

import threading

import pytest

from dedup.score import blocks
from dedup.score.blocks import fill_by_blocks
from dedup.threads import threads_allowed


def test_blocks_are_filled_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    outside = threads_allowed()
    monkeypatch.setattr(blocks, "_PAIRS_A_THREAD", 10)
    monkeypatch.setattr(blocks, "threads_allowed", lambda: 2)
    meeting, met = threading.Barrier(2), []

    def fill(some: slice) -> None:
        meeting.wait(timeout=20)
        met.append((some.start, some.stop, threads_allowed()))

    fill_by_blocks(40, fill)
    assert sorted(met) == [(start, start + 10, outside) for start in (0, 10, 20, 30)]
    assert threads_allowed() == outside


def test_one_block_needs_no_thread() -> None:
    filled = []
    fill_by_blocks(7, lambda some: filled.append((some, threading.current_thread())))
    fill_by_blocks(0, lambda some: filled.append((some, threading.current_thread())))
    assert filled == [(slice(0, 7), threading.main_thread())]
