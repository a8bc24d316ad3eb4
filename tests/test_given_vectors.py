"""Stories from vectors that are given."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import dedup
from dedup import cluster, index
from dedup.index import SearchWork

Floats = npt.NDArray[np.float64]
NAN = float("nan")
# Cosines are those of rows in steps of 1/4096: two ways that are nearer than this may go either way.
CLOSE = 6e-4


def news(
    n: int, seed: int, *, stories: float = 3.0, undated: float = 0.0, dimension: int = 24
) -> tuple[Floats, Floats]:
    """Return vectors of any length around the places of a few stories, and hours; 24 a day."""
    random = np.random.default_rng(seed)
    story = random.integers(0, max(1, int(n / stories)), n)
    places = random.normal(size=(n + 1, dimension))
    rows = places[story] + random.uniform(0.2, 1.0, (n, 1)) * random.normal(size=(n, dimension))
    hours = random.uniform(0, n + 1, n)
    hours[random.random(n) < undated] = NAN
    return rows * np.exp(random.normal(size=(n, 1))), hours


def average_linkage(
    vectors: Floats, hours: Floats, similarity: float, far: float, window: float
) -> tuple[set[frozenset[int]], float]:
    """Join the nearest two groups, again and again, and tell how near a different decision was."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosine = unit @ unit.T
    cosine[np.abs(hours[:, None] - hours[None, :]) > window] = far
    groups, doubt = [[i] for i in range(len(vectors))], np.inf
    while len(groups) > 1:
        average = {(a, b): cosine[np.ix_(groups[a], groups[b])].mean() for a, b in combinations(range(len(groups)), 2)}
        nearest = max(average, key=lambda pair: average[pair])
        doubt = min(doubt, *(abs(value - similarity) for value in average.values()))
        if average[nearest] <= similarity:
            break
        rivals = (value for pair, value in average.items() if pair != nearest and set(pair) & set(nearest))
        doubt = min(doubt, average[nearest] - max(rivals, default=-np.inf))
        a, b = nearest
        groups = [group for i, group in enumerate(groups) if i not in nearest] + [groups[a] + groups[b]]
    return {frozenset(group) for group in groups}, doubt


def partition(groups: Iterable[int]) -> set[frozenset[int]]:
    members: dict[int, set[int]] = {}
    for row, group in enumerate(groups):
        members.setdefault(int(group), set()).add(row)
    return {frozenset(one) for one in members.values()}


@settings(max_examples=150, deadline=None)
@given(
    n=st.integers(1, 22),
    seed=st.integers(0, 100_000),
    undated=st.sampled_from([0.0, 0.3, 1.0]),
    similarity=st.sampled_from([0.2, 0.5, 0.7]),
    below=st.sampled_from([0.05, 0.2, 0.6]),
    window=st.sampled_from([2.0, 10.0, 1e6]),
)
def test_stories_are_those_of_average_linkage_one_by_one(
    n: int, seed: int, undated: float, similarity: float, below: float, window: float
) -> None:
    vectors, hours = news(n, seed, undated=undated)
    expected, doubt = average_linkage(vectors, hours, similarity, similarity - below, window)
    assume(doubt > CLOSE)
    groups = dedup.cluster_vectors(
        vectors, hours=hours, similarity=similarity, far=similarity - below, window_hours=window
    )
    assert partition(groups) == expected


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(0, 70),
    seed=st.integers(0, 100_000),
    undated=st.sampled_from([0.0, 0.2]),
    rows=st.sampled_from([1, 7, 64]),
    pairs=st.sampled_from([1, 50]),
)
def test_neither_the_order_nor_the_size_of_blocks_changes_a_story(
    n: int, seed: int, undated: float, rows: int, pairs: int
) -> None:
    vectors, hours = news(n, seed, undated=undated)
    # ties, and rows that are there twice
    vectors = np.round(vectors) + 0.0
    vectors[: n // 3], hours[: n // 3] = vectors[n - n // 3 :], hours[n - n // 3 :]
    expected = dedup.cluster_vectors(vectors, hours=hours, similarity=0.5, window_hours=20)
    order = np.random.default_rng(seed).permutation(n)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "_ROWS_AT_ONCE", rows)
        patch.setattr(index, "_PAIRS_AT_ONCE", pairs)
        patch.setattr(cluster, "_FEWEST_PAIRS", pairs)
        blocks = dedup.cluster_vectors(vectors, hours=hours, similarity=0.5, window_hours=20)
        shuffled = dedup.cluster_vectors(vectors[order], hours=hours[order], similarity=0.5, window_hours=20)
    np.testing.assert_array_equal(blocks, expected)
    # of rows that are there twice in one hour either may be the one that joins
    contents = [(*vectors[row].tolist(), hours[row]) for row in range(n)]
    assert stories_of(shuffled, [contents[row] for row in order]) == stories_of(expected, contents)


def stories_of(groups: npt.NDArray[np.int64], contents: list[tuple[float, ...]]) -> list[list[str]]:
    return [sorted(str(contents[row]) for row in np.flatnonzero(groups == group)) for group in range(len(set(groups)))]


def test_ids_number_the_stories_and_decide_ties() -> None:
    # b is as near to a as to c, which are not near to each other
    a, b, c = [1.0, 0, 1], [1.0, 1, 1], [1.0, 1, 0]
    vectors = np.array([a, b, c])
    assert dedup.cluster_vectors(vectors, ids=["a", "b", "c"], similarity=0.7).tolist() == [0, 0, 1]
    assert dedup.cluster_vectors(vectors, ids=["z", "b", "c"], similarity=0.7).tolist() == [1, 0, 0]


def test_without_ids_stories_are_numbered_in_the_order_of_time() -> None:
    vectors = np.array([[0.0, 1], [1, 0], [0, 1], [1, 1]])
    assert dedup.cluster_vectors(vectors, hours=[9, NAN, 30, 2], similarity=0.9).tolist() == [1, 2, 1, 0]


def test_a_daily_report_that_always_reads_alike_does_not_become_one_story() -> None:
    vectors = np.ones((90, 8))
    groups = dedup.cluster_vectors(vectors, hours=np.arange(90) * 24.0)
    sizes = np.bincount(groups)
    assert sizes.max() < 25
    assert dedup.cluster_vectors(vectors, hours=np.zeros(90)).tolist() == [0] * 90
    assert dedup.cluster_vectors(vectors).tolist() == [0] * 90


def test_a_vector_without_a_time_is_compared_with_all() -> None:
    # the two with times count against each other, but not as much as the third speaks for both
    assert dedup.cluster_vectors(np.ones((3, 4)), hours=[0.0, NAN, 1e6]).tolist() == [0, 0, 0]
    assert dedup.cluster_vectors(np.ones((3, 4)), hours=[0.0, 10.0, 1e6]).tolist() == [0, 0, 1]


def test_far_is_how_much_two_of_different_weeks_speak_against() -> None:
    vectors, hours = np.ones((3, 4)), [0.0, 100.0, 200.0]
    assert dedup.cluster_vectors(vectors, hours=hours, far=0.5).tolist() == [0, 0, 1]
    assert dedup.cluster_vectors(vectors, hours=hours, far=0.7).tolist() == [0, 0, 0]
    assert dedup.cluster_vectors(vectors, hours=hours).tolist() == [0, 0, 0]


def test_all_pairs_within_the_window_count() -> None:
    # the first is between the others, which point away from each other
    vectors = np.array([[1.0, 0.0], [0.8, 0.6], [0.8, -0.6]])
    assert dedup.cluster_vectors(vectors, similarity=0.55, ids="abc").tolist() == [0, 0, 1]
    assert dedup.cluster_vectors(vectors, similarity=0.53, ids="abc").tolist() == [0, 0, 0]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_vectors_on_disk_and_of_any_precision_give_the_same(dtype: type[np.floating], tmp_path: Path) -> None:
    vectors, hours = news(300, 4)
    halves = vectors.astype(np.float16)
    np.save(tmp_path / "vectors.npy", halves.astype(dtype))
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    expected = dedup.cluster_vectors(halves, hours=hours, similarity=0.5)
    assert 50 < len(set(expected.tolist())) < 250
    np.testing.assert_array_equal(dedup.cluster_vectors(mapped, hours=hours, similarity=0.5), expected)


@pytest.mark.parametrize("factor", [2.0**-100, 2.0**-30, 2.0**30, 2.0**100])
def test_the_length_of_a_row_changes_nothing(factor: float) -> None:
    vectors, hours = news(60, 8)
    expected = dedup.cluster_vectors(vectors, hours=hours, similarity=0.5)
    np.testing.assert_array_equal(dedup.cluster_vectors(vectors * factor, hours=hours, similarity=0.5), expected)


def test_rows_of_zeros_are_alone() -> None:
    vectors = np.array([[0.0, 0], [0, 0], [1, 0], [1, 0]])
    assert dedup.cluster_vectors(vectors, ids=list("abcd")).tolist() == [0, 1, 2, 2]


def test_work_grows_with_the_articles_and_not_with_their_square() -> None:
    works = []
    for n in (3_000, 12_000):
        vectors, hours = news(n, 1, dimension=8)
        works.append(SearchWork())
        dedup.cluster_vectors(vectors, hours=hours, similarity=0.95, window_hours=200.0, work=works[-1])
    assert works[1].compared < 4.5 * works[0].compared
    assert works[1].candidates < 4.5 * works[0].candidates
    # at most what the window and one block more hold
    assert works[1].compared <= 12_000 * (200 + 2 * 1_024)


def test_memory_is_that_of_the_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_ROWS_AT_ONCE", 256)
    random = np.random.default_rng(0)
    n, dimension = 30_000, 512
    np.save(tmp_path / "vectors.npy", random.normal(size=(n, dimension)).astype(np.float16))
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    dedup.cluster_vectors(mapped[:10])
    tracemalloc.start()
    dedup.cluster_vectors(mapped, hours=np.arange(n) / 4, window_hours=168.0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # in single precision they are 61 MB
    assert peak < 20e6


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_vectors(n: int) -> None:
    groups = dedup.cluster_vectors(np.ones((n, 5)), hours=np.zeros(n))
    assert groups.tolist() == [0] * n
    assert groups.dtype == np.int64


@pytest.mark.parametrize("bad", [NAN, float("inf")])
def test_what_is_no_finite_number_is_named_by_its_row(bad: float) -> None:
    vectors = np.ones((5, 3))
    vectors[3, 1] = bad
    with pytest.raises(dedup.InputError, match="row 3 of the vectors holds what is no finite number"):
        dedup.cluster_vectors(vectors)


def test_what_does_not_fit_is_refused() -> None:
    vectors = np.ones((3, 2))
    with pytest.raises(dedup.InputError, match=r"hours have the shape \(2,\), and there are 3 vectors"):
        dedup.cluster_vectors(vectors, hours=[1, 2])
    with pytest.raises(dedup.InputError, match="a time is infinite"):
        dedup.cluster_vectors(vectors, hours=[1, 2, float("inf")])
    with pytest.raises(dedup.InputError, match="2 ids and 3 vectors"):
        dedup.cluster_vectors(vectors, ids=["a", "b"])
    with pytest.raises(dedup.InputError, match="two vectors have the id 'a'"):
        dedup.cluster_vectors(vectors, ids=["a", "b", "a"])
    with pytest.raises(dedup.InputError, match="int64 of shape"):
        dedup.cluster_vectors(np.ones((3, 2), np.int64))
    with pytest.raises(dedup.InputError, match=r"shape \(3,\)"):
        dedup.cluster_vectors(np.ones(3))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"similarity": 1.0}, "similarity is 1.0"),
        ({"similarity": NAN}, "similarity is nan"),
        ({"far": 0.9}, "far is 0.9"),
        ({"window_hours": 0.0}, "window_hours is 0.0"),
    ],
)
def test_settings_that_cannot_be_are_refused(setting: dict[str, Any], message: str) -> None:
    with pytest.raises(dedup.SettingsError, match=message):
        dedup.cluster_vectors(np.ones((2, 2)), **setting)
