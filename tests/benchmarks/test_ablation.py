from __future__ import annotations

from benchmarks.ablation import CONTEXT, GROUPS
from dedup.score.signals import SIGNALS


def test_every_signal_is_in_one_group_or_is_context() -> None:
    grouped = [signal for signals in GROUPS.values() for signal in signals]
    assert sorted([*grouped, *CONTEXT]) == sorted(SIGNALS)
