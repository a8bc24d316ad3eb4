"""How good a grouping is: a prediction compared with a reference, article by article and pair by pair.

```python
from dedup.evaluate import evaluate, read_labels

found = evaluate(read_labels("stories.jsonl"), read_labels("reference.jsonl"))
print(found.b_cubed.f1, found.sibling_merges)
```
"""

from dedup.evaluate.evaluation import Evaluation, evaluate
from dedup.evaluate.intervals import Interval, Intervals, bootstrap_intervals
from dedup.evaluate.labels import Labels, read_labels
from dedup.evaluate.metrics import (
    Contingency,
    PairScore,
    Score,
    SiblingMerges,
    adjusted_rand,
    b_cubed,
    contingency,
    language_pairs,
    largest_story,
    pairwise,
    sibling_merges,
    whole_stories,
)
from dedup.evaluate.pairs import PairScores, label_pairs, read_pairs
from dedup.evaluate.picture import draw_reliability
from dedup.evaluate.ranking import average_precision
from dedup.evaluate.relations import RelationScore, relation_accuracy
from dedup.evaluate.reliability import Reliability, ReliabilityBin, reliability_curve
from dedup.evaluate.sweep import SweepPoint, threshold_sweep

__all__ = [
    "Contingency",
    "Evaluation",
    "Interval",
    "Intervals",
    "Labels",
    "PairScore",
    "PairScores",
    "RelationScore",
    "Reliability",
    "ReliabilityBin",
    "Score",
    "SiblingMerges",
    "SweepPoint",
    "adjusted_rand",
    "average_precision",
    "b_cubed",
    "bootstrap_intervals",
    "contingency",
    "draw_reliability",
    "evaluate",
    "label_pairs",
    "language_pairs",
    "largest_story",
    "pairwise",
    "read_labels",
    "read_pairs",
    "relation_accuracy",
    "reliability_curve",
    "sibling_merges",
    "threshold_sweep",
    "whole_stories",
]
