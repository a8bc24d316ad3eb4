import json
import time

from hypothesis import given
from hypothesis import strategies as st

from dedup.evaluate import Labels, PairScore, b_cubed, contingency, evaluate, pairwise

REFERENCE = Labels(
    story={"a": "quake-1", "b": "quake-1", "c": "quake-2", "d": "quake-2", "e": "vote"},
    language={"a": "fa", "b": "tr", "c": "fa", "d": "tr"},
    family={"a": "quake", "b": "quake", "c": "quake", "d": "quake"},
    relation={"a": "original", "b": "translation", "c": "original", "d": "update"},
    of={"b": "a", "d": "c"},
)


def test_every_field_by_hand() -> None:
    prediction = Labels(
        story={"a": "1", "b": "1", "c": "1", "e": "3", "noise-1": "1", "noise-2": "1", "noise-3": "9"},
        language={"e": "en", "a": "ar"},
        relation={"a": "original", "b": "reprint", "e": "original"},
        of={"b": "a", "c": "a"},
    )
    result = evaluate(prediction, REFERENCE)
    assert result.to_dict() == {
        "articles": 5,
        "missing_articles": 1,  # d
        "extra_articles": 3,
        "extra_articles_joined": 2,
        "reference_stories": 3,
        "predicted_stories": 3,  # 1, 3 and d alone
        "largest_story": 5,
        "b_cubed": {"precision": (2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5, "recall": 0.8, "f1": result.b_cubed.f1},
        "pairwise": {
            "precision": 1 / 3,
            "recall": 1 / 2,
            "f1": result.pairwise.f1,
            "shared_pairs": 1,
            "predicted_pairs": 3,
            "reference_pairs": 2,
        },
        "adjusted_rand": 4 / 19,  # (1 - 3 * 2 / 10) / ((3 + 2) / 2 - 3 * 2 / 10)
        "whole_stories": 1 / 3,
        "whole_stories_of_several": 0.0,
        "sibling_merges": {"share": 0.5, "merged_pairs": 2, "sibling_pairs": 4},
        "relations": {
            "accuracy": 0.5,
            "right": 1,
            "articles": 2,
            "of_accuracy": 1.0,
            "of_right": 1,
            "of_articles": 1,
            "counts": [
                {"reference": "original", "prediction": "original", "articles": 1},
                {"reference": "translation", "prediction": "reprint", "articles": 1},
            ],
        },
        "language_pairs": [
            {"languages": ["fa", "fa"]} | PairScore(shared=0, predicted=1, reference=0).to_dict(),
            {"languages": ["fa", "tr"]} | PairScore(shared=1, predicted=2, reference=2).to_dict(),
        ],
    }
    assert json.loads(json.dumps(result.to_dict())) == result.to_dict()


def test_without_families_there_are_no_sibling_merges() -> None:
    labels = Labels(story={"a": "1", "b": "2"})
    assert evaluate(labels, labels).sibling_merges.share is None


def test_the_language_comes_from_the_prediction_where_the_reference_has_none() -> None:
    prediction = Labels(story={"a": "1", "b": "1"}, language={"a": "ar", "b": "en"})
    reference = Labels(story={"a": "x", "b": "x"}, language={"b": "tr"})
    assert list(evaluate(prediction, reference).language_pairs) == [("ar", "tr")]


@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("xyz")),
    st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("uvw")),
)
def test_missing_articles_are_stories_of_one(prediction: dict[str, str], reference: dict[str, str]) -> None:
    result = evaluate(Labels(story=prediction), Labels(story=reference))
    completed = {article: prediction.get(article, f"single {article}") for article in reference}
    table = contingency(completed, reference)
    assert (result.b_cubed, result.pairwise) == (b_cubed(table), pairwise(table))
    assert result.missing_articles == len(reference.keys() - prediction.keys())
    assert result.extra_articles == len(prediction.keys() - reference.keys())


def test_a_story_of_all_articles_costs_no_pairs() -> None:
    # 200,000 articles in one story are 2e10 pairs: a measure that lists them would not come back.
    articles = [f"a{i}" for i in range(200_000)]
    languages = {article: ("fa", "ar", "en", "tr")[i % 4] for i, article in enumerate(articles)}
    one = Labels(story=dict.fromkeys(articles, "one"), language=languages, family=dict.fromkeys(articles, "f"))
    singles = Labels(story={article: article for article in articles})
    started = time.perf_counter()
    result = evaluate(singles, one)
    assert time.perf_counter() - started < 20
    assert result.pairwise.reference == 200_000 * 199_999 // 2
    assert sum(score.reference for score in result.language_pairs.values()) == result.pairwise.reference
    assert result.b_cubed.recall == 1 / 200_000
