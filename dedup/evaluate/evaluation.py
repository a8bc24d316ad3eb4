"""All measures of one prediction against one reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dedup.evaluate.labels import Labels
from dedup.evaluate.metrics import (
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
from dedup.evaluate.relations import RelationScore, relation_accuracy

__all__ = ["Evaluation", "evaluate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How well a prediction agrees with a reference, measured over the articles of the reference.

    The formulas and the conventions for empty cases stand at the functions of ``dedup.evaluate.metrics``.
    """

    articles: int
    """Articles of the reference."""
    missing_articles: int
    """Articles of the reference that the prediction lacks; each counts as a story of one."""
    extra_articles: int
    """Articles that only the prediction has, e.g. distractors. No score counts them but ``largest_story``."""
    extra_articles_joined: int
    """Extra articles that were put into one story with an article of the reference."""
    reference_stories: int
    predicted_stories: int
    """Predicted stories with at least one article of the reference."""
    largest_story: int
    """Articles in the largest predicted story, extra articles among them."""
    b_cubed: Score
    pairwise: PairScore
    adjusted_rand: float
    whole_stories: float | None
    """Share of the reference stories found exactly, extra articles set aside."""
    whole_stories_of_several: float | None
    """The same over the stories of two and more articles; None where there are none."""
    sibling_merges: SiblingMerges
    relations: RelationScore
    language_pairs: Mapping[tuple[str, str], PairScore]
    """Two languages in alphabetical order, the same twice within one -> pairwise scores."""

    def to_dict(self) -> dict[str, Any]:
        """Return everything as dictionaries, lists and numbers, ready for JSON. Language pairs become a list."""
        return {
            "articles": self.articles,
            "missing_articles": self.missing_articles,
            "extra_articles": self.extra_articles,
            "extra_articles_joined": self.extra_articles_joined,
            "reference_stories": self.reference_stories,
            "predicted_stories": self.predicted_stories,
            "largest_story": self.largest_story,
            "b_cubed": self.b_cubed.to_dict(),
            "pairwise": self.pairwise.to_dict(),
            "adjusted_rand": self.adjusted_rand,
            "whole_stories": self.whole_stories,
            "whole_stories_of_several": self.whole_stories_of_several,
            "sibling_merges": self.sibling_merges.to_dict(),
            "relations": self.relations.to_dict(),
            "language_pairs": [
                {"languages": list(languages)} | score.to_dict() for languages, score in self.language_pairs.items()
            ],
        }


def evaluate(prediction: Labels, reference: Labels) -> Evaluation:
    """Measure ``prediction`` against ``reference`` over the articles of the reference.

    Articles that the prediction lacks count as stories of one; articles that only the prediction has are left out of
    the scores and counted apart. An article's language is what the reference says, else what the prediction says;
    families come from the reference; relations are compared where both state them. Takes O(articles) time and memory.

    >>> truth = Labels(story={"a": "quake", "b": "quake", "c": "vote"}, language={"a": "fa", "b": "tr", "c": "fa"})
    >>> found = Labels(story={"a": "1", "b": "1", "c": "1", "noise": "1"})
    >>> result = evaluate(found, truth)
    >>> result.b_cubed.recall, round(result.b_cubed.precision, 4), result.extra_articles_joined, result.largest_story
    (1.0, 0.5556, 1, 4)
    >>> result.language_pairs[("fa", "tr")]
    PairScore(shared=1, predicted=2, reference=1)
    """
    table = contingency(prediction.story, reference.story)
    extra = [story for article, story in prediction.story.items() if article not in reference.story]
    return Evaluation(
        articles=len(reference.story),
        missing_articles=sum(article not in prediction.story for article in reference.story),
        extra_articles=len(extra),
        extra_articles_joined=sum(story in table.predicted for story in extra),
        reference_stories=len(table.reference),
        predicted_stories=len(table.predicted),
        largest_story=largest_story(prediction.story),
        b_cubed=b_cubed(table),
        pairwise=pairwise(table),
        adjusted_rand=adjusted_rand(table),
        whole_stories=whole_stories(table),
        whole_stories_of_several=whole_stories(table, smallest=2),
        sibling_merges=sibling_merges(prediction.story, reference.story, reference.family),
        relations=relation_accuracy(prediction, reference),
        language_pairs=language_pairs(prediction.story, reference.story, {**prediction.language, **reference.language}),
    )
