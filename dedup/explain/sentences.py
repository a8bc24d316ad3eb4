"""Which sentence of one text tells what a sentence of the other tells."""

from __future__ import annotations

import numpy as np

from dedup.explain.comparison import Comparison
from dedup.explain.explanation import AlignedSentences

__all__ = ["LEAST_SIMILARITY", "align_sentences"]

LEAST_SIMILARITY = 0.4
"""Of sentences shown as counterparts. On the examples nine tenths of the sentences of translations reach it, a quarter
of those of independent reports, and less than one in a hundred of those of unrelated articles."""
_DIGITS = 4


def align_sentences(comparison: Comparison, *, least: float = LEAST_SIMILARITY) -> tuple[AlignedSentences, ...]:
    """Return for the sentences of A the nearest ones of B, where their similarity is at least ``least``."""
    fingerprints = comparison.fingerprints
    left, right = (
        fingerprints.sentences[start:end].astype(np.float32)
        for start, end in zip(fingerprints.offsets[:-1], fingerprints.offsets[1:], strict=True)
    )
    similarity = np.round((left @ right.T).astype(np.float64), _DIGITS)
    best, best_of_b = similarity.argmax(axis=1).tolist(), similarity.argmax(axis=0).tolist()
    return tuple(
        AlignedSentences(a=a, b=b, similarity=float(similarity[a, b]), mutual=best_of_b[b] == a)
        for a, b in enumerate(best)
        if similarity[a, b] >= least
    )
