"""Each peer on vectors whose stories are plain to see, and the rule by which its best setting is chosen."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.cluster import AgglomerativeClustering

from benchmarks.peers import PEERS, Grouping, Vectors, average_linkage, best_in_hindsight, threshold_grid
from dedup.evaluate import Labels

STORIES, MEMBERS, DISTRACTORS = 12, 4, 9
IDS = [f"a{row}" for row in range(STORIES * MEMBERS + DISTRACTORS)]
REFERENCE = Labels(story={IDS[row]: str(row // MEMBERS) for row in range(STORIES * MEMBERS)})


def unit(vectors: npt.NDArray[np.float64]) -> Vectors:
    lengths: npt.NDArray[np.float64] = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / lengths).astype(np.float32)


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    """Stories of four articles and distractors, all far from each other, close to each other within a story."""
    random = np.random.default_rng(7)
    centres = random.normal(size=(STORIES + DISTRACTORS, 32)) + 0.7
    sizes = [MEMBERS] * STORIES + [1] * DISTRACTORS
    return unit(np.repeat(centres, sizes, axis=0) + 0.15 * random.normal(size=(len(IDS), 32)))


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_finds_stories_that_are_plain_to_see(name: str, vectors: Vectors) -> None:
    if name == "SemHash":
        pytest.importorskip("semhash", reason="only the benchmarks need it: pip install 'news-dedup[benchmarks]'")
    best = best_in_hindsight(PEERS[name], vectors, IDS, REFERENCE)
    assert best.evaluation.b_cubed.f1 == 1.0
    assert best.evaluation.extra_articles == DISTRACTORS
    assert best.settings_tried > 1
    assert best.setting


def test_average_linkage_is_that_of_scikit_learn() -> None:
    vectors = unit(np.random.default_rng(1).normal(size=(40, 5)) + 0.5)
    thresholds = threshold_grid(vectors, size=12)
    distances = 1.0 - vectors @ vectors.T
    for grouping in average_linkage(vectors, thresholds):
        model = AgglomerativeClustering(
            n_clusters=None,
            metric="precomputed",
            linkage="average",
            distance_threshold=1.0 - grouping.setting["threshold"],
        )
        expected = model.fit_predict(distances)
        same = [(a == b) for a, b in combinations(grouping.stories.tolist(), 2)]
        assert same == [(a == b) for a, b in combinations(expected.tolist(), 2)]


def test_the_grid_begins_at_a_hundred_pairs_an_article_and_ends_at_one() -> None:
    vectors = unit(np.random.default_rng(2).normal(size=(1500, 16)) + 3.0)  # cosines above 0.7, as those of E5
    grid = threshold_grid(vectors)
    similarities = (vectors @ vectors.T)[np.triu_indices(len(vectors), k=1)]
    assert (similarities >= grid[0]).sum() == pytest.approx(100 * 1500, rel=0.02)
    assert grid[-1] == 1.0
    assert len(grid) == 60
    assert np.diff(grid).min() > 0
    assert np.diff(grid).max() - np.diff(grid).min() < 2e-4  # even steps, rounded to four digits


def test_the_grid_of_a_few_articles_begins_at_their_least_similar_pair() -> None:
    vectors = unit(np.array([[1.0, 0.0], [1.0, 0.0], [0.6, 0.8]]))
    assert threshold_grid(vectors)[0] == pytest.approx(0.6, abs=1e-3)
    assert threshold_grid(vectors)[-1] == 1.0


def test_hindsight_takes_the_best_and_of_equals_the_first() -> None:
    vectors = unit(np.eye(3))
    tried = {"joined": [0, 0, 0], "right": [0, 0, 1], "right again": [5, 5, 6], "apart": [0, 1, 2]}

    def peer(_: Vectors, __: Sequence[float]) -> Iterator[Grouping]:
        for name, stories in tried.items():
            yield Grouping(setting={"name": name}, stories=np.array(stories))

    best = best_in_hindsight(peer, vectors, ["a", "b", "c"], Labels(story={"a": "1", "b": "1", "c": "2"}))
    assert best.setting == {"name": "right"}
    assert best.settings_tried == 4
    assert best.evaluation.b_cubed.f1 == 1.0


@pytest.mark.parametrize(
    ("vectors", "ids", "message"),
    [
        (np.eye(3), ["a", "b"], "3 vectors for 2 articles"),
        (2 * np.eye(3), ["a", "b", "c"], "length 2.000 to 2.000"),
        (np.eye(1), ["a"], "1 articles to group"),
    ],
)
def test_vectors_that_do_not_fit(vectors: npt.NDArray[np.float64], ids: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        best_in_hindsight(average_linkage, vectors.astype(np.float32), ids, Labels(story={"a": "1"}))
