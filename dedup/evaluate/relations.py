"""Whether articles stand to their stories as a reference says: original, translation, reprint, independent, update."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dedup.evaluate.labels import Labels

__all__ = ["RelationScore", "relation_accuracy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationScore:
    """How many relations are right."""

    counts: Mapping[tuple[str, str], int]
    """(relation in the reference, relation in the prediction) -> articles; sorted, none with 0."""
    of_articles: int
    """Articles for which both state what they are ``of``."""
    of_right: int
    """Those of them for which both state the same article."""

    @property
    def articles(self) -> int:
        """Articles for which both state a relation."""
        return sum(self.counts.values())

    @property
    def right(self) -> int:
        """Those of them for which both state the same one."""
        return sum(n for (expected, predicted), n in self.counts.items() if expected == predicted)

    @property
    def accuracy(self) -> float | None:
        """``right / articles``; None where nothing is stated by both."""
        return self.right / self.articles if self.articles else None

    @property
    def of_accuracy(self) -> float | None:
        """``of_right / of_articles``; None where nothing is stated by both."""
        return self.of_right / self.of_articles if self.of_articles else None

    def to_dict(self) -> dict[str, Any]:
        """Return accuracies and counts by name, ready for JSON. The counts become a list."""
        return {
            "accuracy": self.accuracy,
            "right": self.right,
            "articles": self.articles,
            "of_accuracy": self.of_accuracy,
            "of_right": self.of_right,
            "of_articles": self.of_articles,
            "counts": [
                {"reference": expected, "prediction": predicted, "articles": n}
                for (expected, predicted), n in self.counts.items()
            ],
        }


def relation_accuracy(prediction: Labels, reference: Labels) -> RelationScore:
    """Compare ``relation`` and ``of`` over the articles for which prediction and reference both state them.

    An article that the prediction has put into another story counts like any other: the relation is judged alone.

    >>> from dedup.evaluate.labels import Labels
    >>> truth = Labels(story={}, relation={"a": "original", "b": "reprint", "c": "update"}, of={"b": "a"})
    >>> found = Labels(story={}, relation={"a": "original", "b": "translation"}, of={"b": "a"})
    >>> score = relation_accuracy(found, truth)
    >>> score.accuracy, score.of_accuracy, score.counts[("reprint", "translation")]
    (0.5, 1.0, 1)
    """
    counts = Counter(
        (expected, prediction.relation[article])
        for article, expected in reference.relation.items()
        if article in prediction.relation
    )
    of = [one == prediction.of[article] for article, one in reference.of.items() if article in prediction.of]
    return RelationScore(counts=dict(sorted(counts.items())), of_articles=len(of), of_right=sum(of))
