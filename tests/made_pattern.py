"""A pattern for made vectors without any real article: subjects, and articles around them."""

from __future__ import annotations

import numpy as np

from benchmarks.speed.made import Pattern

__all__ = ["invented_pattern"]


def invented_pattern(*, articles: int = 500, dimension: int = 48, seed: int = 5) -> Pattern:
    """Return articles on forty subjects, and cosines of pairs as news has them."""
    dice = np.random.default_rng(seed)
    subjects = dice.standard_normal((40, dimension))
    vectors = subjects[dice.integers(0, 40, articles)] + 1.5 * dice.standard_normal((articles, dimension))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Pattern(
        articles=vectors.astype(np.float32),
        inside=dice.uniform(0.6, 0.9, 500).astype(np.float32),
        siblings=dice.uniform(0.3, 0.7, 500).astype(np.float32),
    )
