"""What hostile articles and files cost, and whether they get what they want; see ``python -m benchmarks.hostile``."""
