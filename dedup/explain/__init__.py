"""Why two articles are taken for one story, or not: from the numbers that decided it.

>>> import dedup
>>> explanation = dedup.explain_pair(one, other)  # doctest: +SKIP
>>> for contribution in explanation.contributions:  # doctest: +SKIP
...     print(contribution.signal, contribution.log_odds)
"""

from __future__ import annotations

from dedup.explain.explanation import (
    AlignedSentences,
    Change,
    Contribution,
    EvidenceItem,
    Explanation,
    Flip,
    Mention,
    Step,
)
from dedup.explain.pair import Pair, explain_pair

__all__ = [
    "AlignedSentences",
    "Change",
    "Contribution",
    "EvidenceItem",
    "Explanation",
    "Flip",
    "Mention",
    "Pair",
    "Step",
    "explain_pair",
]
