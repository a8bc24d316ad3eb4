"""How good a grouping is: a prediction compared with a reference, article by article and pair by pair.

from dedup.evaluate import evaluate, read_labels
print(evaluate(read_labels("stories.jsonl"), read_labels("reference.csv")).b_cubed.f1)
"""

from dedup.evaluate.evaluation import Evaluation, evaluate
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

__all__ = [
    "Contingency",
    "Evaluation",
    "Labels",
    "PairScore",
    "Score",
    "SiblingMerges",
    "adjusted_rand",
    "b_cubed",
    "contingency",
    "evaluate",
    "language_pairs",
    "largest_story",
    "pairwise",
    "read_labels",
    "sibling_merges",
    "whole_stories",
]
