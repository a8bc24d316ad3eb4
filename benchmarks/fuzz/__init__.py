"""Damaged and hostile inputs for everything that reads: ``python -m benchmarks.fuzz``."""
