"""The measures against their definitions, spelled out over articles and pairs, and against scikit-learn."""

from collections import Counter
from fractions import Fraction
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import pair_confusion_matrix

from dedup.evaluate import (
    Contingency,
    PairScore,
    Score,
    adjusted_rand,
    b_cubed,
    contingency,
    language_pairs,
    largest_story,
    pairwise,
    sibling_merges,
    whole_stories,
)

LANGUAGES = ("ar", "en", "fa", "fa-AF", "tr")


@st.composite
def groupings(draw: st.DrawFn) -> tuple[dict[str, int], dict[str, int]]:
    """Two groupings of the same 0 to 14 articles."""
    size = draw(st.integers(0, 14))
    stories = st.lists(st.integers(0, 5), min_size=size, max_size=size)
    articles = [f"a{i}" for i in range(size)]
    return dict(zip(articles, draw(stories), strict=True)), dict(zip(articles, draw(stories), strict=True))


def together(grouping: dict[str, int]) -> set[tuple[str, str]]:
    return {(a, b) for a, b in combinations(sorted(grouping), 2) if grouping[a] == grouping[b]}


def stories(grouping: dict[str, int]) -> set[frozenset[str]]:
    return {frozenset(a for a in grouping if grouping[a] == story) for story in grouping.values()}


def table(prediction: dict[str, int], reference: dict[str, int]) -> Contingency:
    return contingency(prediction, reference)


@given(groupings())
def test_b_cubed_is_the_mean_over_articles(pair: tuple[dict[str, int], dict[str, int]]) -> None:
    prediction, reference = pair

    def mean_precision(prediction: dict[str, int], reference: dict[str, int]) -> Fraction:
        shares = []
        for article in reference:
            mates = [b for b in reference if prediction[b] == prediction[article]]
            shares.append(Fraction(sum(reference[b] == reference[article] for b in mates), len(mates)))
        return sum(shares, Fraction()) / len(shares) if shares else Fraction(1)

    score = b_cubed(table(prediction, reference))
    assert score.precision == pytest.approx(float(mean_precision(prediction, reference)), abs=1e-12)
    assert score.recall == pytest.approx(float(mean_precision(reference, prediction)), abs=1e-12)


def test_b_cubed_of_bagga_and_baldwins_example() -> None:
    # Two systems that make one wrong link each, between stories of different size.
    reference = {a: a[0] for a in ("a1", "a2", "a3", "a4", "a5", "b1", "b2", "c1", "c2", "c3", "c4", "c5")}
    small_joined = reference | {"b1": "a", "b2": "a"}
    large_joined = reference | {f"c{i}": "a" for i in range(1, 6)}
    assert b_cubed(contingency(small_joined, reference)).precision == pytest.approx(0.7619, abs=5e-5)
    assert b_cubed(contingency(large_joined, reference)).precision == pytest.approx(0.5833, abs=5e-5)
    assert b_cubed(contingency(small_joined, reference)).recall == 1.0


@given(groupings())
def test_pairwise_counts_pairs(pair: tuple[dict[str, int], dict[str, int]]) -> None:
    prediction, reference = pair
    predicted, expected = together(prediction), together(reference)
    score = pairwise(table(prediction, reference))
    assert score == PairScore(shared=len(predicted & expected), predicted=len(predicted), reference=len(expected))
    if len(reference) > 1:
        ((_, only_predicted), (only_expected, both)) = pair_confusion_matrix(
            [reference[a] for a in reference], [prediction[a] for a in reference]
        )
        # scikit-learn counts ordered pairs
        assert 2 * score.shared == both
        assert 2 * (score.predicted - score.shared) == only_predicted
        assert 2 * (score.reference - score.shared) == only_expected


@given(groupings())
def test_adjusted_rand_agrees_with_scikit_learn(pair: tuple[dict[str, int], dict[str, int]]) -> None:
    prediction, reference = pair
    oracle = adjusted_rand_score([reference[a] for a in reference], [prediction[a] for a in reference])
    assert adjusted_rand(table(prediction, reference)) == pytest.approx(oracle, abs=1e-12)


@given(groupings(), st.integers(1, 4))
def test_whole_stories_compares_sets(pair: tuple[dict[str, int], dict[str, int]], smallest: int) -> None:
    prediction, reference = pair
    wanted = {story for story in stories(reference) if len(story) >= smallest}
    expected = len(wanted & stories(prediction)) / len(wanted) if wanted else None
    assert whole_stories(table(prediction, reference), smallest=smallest) == expected


@given(groupings(), st.data())
def test_sibling_merges_looks_at_pairs_of_one_family(
    pair: tuple[dict[str, int], dict[str, int]], data: st.DataObject
) -> None:
    prediction, reference = pair
    family = {a: data.draw(st.sampled_from("fgh")) for a in reference if data.draw(st.booleans())}
    siblings = {
        (a, b) for a, b in combinations(sorted(family), 2) if family[a] == family[b] and reference[a] != reference[b]
    }
    result = sibling_merges(prediction, reference, family)
    assert result.pairs == len(siblings)
    assert result.merged == len(siblings & together(prediction))
    assert result.share == (len(siblings & together(prediction)) / len(siblings) if siblings else None)


@given(groupings(), st.data())
def test_language_pairs_partition_the_pairs(pair: tuple[dict[str, int], dict[str, int]], data: st.DataObject) -> None:
    prediction, reference = pair
    language = {a: data.draw(st.sampled_from(LANGUAGES)) for a in reference if data.draw(st.booleans())}

    def by_languages(pairs: set[tuple[str, str]]) -> Counter[tuple[str, ...]]:
        return Counter(tuple(sorted(language.get(article, "und") for article in two)) for two in pairs)

    predicted, expected = together(prediction), together(reference)
    shared_by, predicted_by, expected_by = map(by_languages, (predicted & expected, predicted, expected))
    result = language_pairs(prediction, reference, language)
    assert list(result) == sorted(predicted_by | expected_by)
    for key, score in result.items():
        assert score == PairScore(shared=shared_by[key], predicted=predicted_by[key], reference=expected_by[key])


@given(groupings(), st.randoms(use_true_random=False))
def test_neither_order_nor_names_matter(pair: tuple[dict[str, int], dict[str, int]], random: Random) -> None:
    prediction, reference = pair
    shuffled = list(reference)
    random.shuffle(shuffled)
    renamed_prediction = {f"x{a}": f"story {prediction[a]}" for a in shuffled}
    random.shuffle(shuffled)
    renamed_reference = {f"x{a}": -reference[a] for a in shuffled}
    one, other = table(prediction, reference), contingency(renamed_prediction, renamed_reference)
    # equal to the last bit
    assert b_cubed(one) == b_cubed(other)
    assert pairwise(one) == pairwise(other)
    assert adjusted_rand(one) == adjusted_rand(other)
    assert whole_stories(one) == whole_stories(other)


@given(groupings())
def test_swapping_the_two_swaps_precision_and_recall(pair: tuple[dict[str, int], dict[str, int]]) -> None:
    there, back = table(*pair), table(*reversed(pair))
    for measure in (b_cubed, pairwise):
        one, other = measure(there), measure(back)
        assert (one.precision, one.recall) == (other.recall, other.precision)
        assert one.f1 == other.f1
    assert adjusted_rand(there) == adjusted_rand(back)


@given(groupings())
def test_a_perfect_prediction_scores_one(pair: tuple[dict[str, int], dict[str, int]]) -> None:
    _, reference = pair
    perfect = table(reference, reference)
    assert b_cubed(perfect) == Score(precision=1.0, recall=1.0)
    assert pairwise(perfect).f1 == adjusted_rand(perfect) == 1.0
    assert whole_stories(perfect) == (1.0 if reference else None)


def test_conventions_for_nothing() -> None:
    nothing = contingency({"only": "predicted"}, {})
    assert b_cubed(nothing).f1 == pairwise(nothing).f1 == adjusted_rand(nothing) == 1.0
    assert whole_stories(nothing) is None
    assert largest_story({}) == 0
    singles = contingency({"a": 1, "b": 2}, {"a": 1, "b": 1})
    assert (pairwise(singles).precision, pairwise(singles).recall, pairwise(singles).f1) == (1.0, 0.0, 0.0)
    joined = contingency({"a": 1, "b": 1}, {"a": 1, "b": 2})
    assert (pairwise(joined).precision, pairwise(joined).recall, pairwise(joined).f1) == (0.0, 1.0, 0.0)
