"""Writes to a store until it is killed: ``killed.py FOLDER SEED START``."""

from __future__ import annotations

import sys

from fakes import FakeEncoder

from benchmarks.store_kills import write_on
from dedup.store import Store

if __name__ == "__main__":
    folder, seed, start = sys.argv[1:]
    with Store.open(folder, encoder=FakeEncoder()) as opened:
        write_on(opened, int(seed), int(start))
