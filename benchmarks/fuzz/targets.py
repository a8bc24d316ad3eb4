"""All targets by name."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.fuzz.files import file_targets
from benchmarks.fuzz.readers import reader_targets
from benchmarks.fuzz.stored import stored_targets
from benchmarks.fuzz.target import Target
from benchmarks.fuzz.texts import text_targets

__all__ = ["TARGETS"]

TARGETS: Mapping[str, Target] = {
    target.name: target for target in (*reader_targets(), *text_targets(), *file_targets(), *stored_targets())
}
