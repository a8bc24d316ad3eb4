"""Measurements of dedup: what it finds, beside what others find. Run from the root of the checkout."""
