from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import index
from dedup.encode.base import Vectors
from dedup.index import (
    Bounds,
    SearchWork,
    are_candidates,
    candidate_blocks,
    candidate_pairs,
    may_be_candidates,
)
from dedup.sketch import Sketch

NAN = float("nan")


def unit(rows: npt.NDArray[np.float64]) -> Vectors:
    lengths: npt.NDArray[np.float64] = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / lengths).astype(np.float32)


def corpus(n: int, seed: int, *, untimed: float = 0.0, days: float = 30.0) -> tuple[Vectors, npt.NDArray[np.float64]]:
    random = np.random.default_rng(seed)
    hours = 490_000 + random.uniform(0, 24 * days, n)
    # on the hour, so that many lie exactly a window apart
    hours = np.where(random.random(n) < 0.5, np.round(hours), hours)
    hours[random.random(n) < untimed] = NAN
    return unit(random.normal(size=(n, 8)) + 0.3), hours


def bounds_of(
    similarity: float,
    undated: float,
    window: float,
    one_language: float | None = None,
    undated_one_language: float | None = None,
) -> Bounds:
    one_language = similarity if one_language is None else one_language
    return Bounds(
        similarity=similarity,
        one_language=one_language,
        undated=undated,
        undated_one_language=undated_one_language,
        window_hours=window,
    )


def tongues(n: int, seed: int = 0) -> npt.NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, 3, n)


def brute_force(
    documents: Vectors, hours: npt.NDArray[np.float64], languages: npt.NDArray[np.int64], bounds: Bounds
) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Return the pairs that must be found and those too near to a bound to say, one by one in double precision."""
    sure, borderline = set(), set()
    rows = documents.astype(np.float64)
    for i, j in combinations(range(len(hours)), 2):
        timed = not (np.isnan(hours[i]) or np.isnan(hours[j]))
        if timed and abs(hours[i] - hours[j]) > bounds.window_hours:
            continue
        if languages[i] == languages[j]:
            alone = bounds.undated if bounds.undated_one_language is None else bounds.undated_one_language
            least = bounds.one_language if timed else alone
        else:
            least = bounds.similarity if timed else bounds.undated
        above = float(rows[i] @ rows[j]) - least
        if abs(above) < 1e-5:
            borderline.add((i, j))
        elif above > 0:
            sure.add((i, j))
    return sure, borderline


@settings(max_examples=120)
@given(
    n=st.integers(0, 40),
    seed=st.integers(0, 10_000),
    untimed=st.sampled_from([0.0, 0.3, 1.0]),
    similarity=st.floats(-1, 1),
    one_language=st.floats(-1, 1),
    undated=st.floats(-1, 1),
    undated_one_language=st.none() | st.floats(-1, 1),
    window=st.sampled_from([1e-9, 1.0, 24.0, 100.0, 336.0, 1e9, float("inf")]),
    at_once=st.sampled_from([1, 3, 7, 1024]),
)
def test_every_pair_within_the_bounds_is_found_and_no_other(
    n: int,
    seed: int,
    untimed: float,
    similarity: float,
    one_language: float,
    undated: float,
    undated_one_language: float | None,
    window: float,
    at_once: int,
) -> None:
    documents, hours = corpus(n, seed, untimed=untimed)
    languages, bounds = tongues(n, seed), bounds_of(similarity, undated, window, one_language, undated_one_language)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "_ROWS_AT_ONCE", at_once)
        pairs = candidate_pairs(documents, hours, languages, bounds)
    assert pairs.dtype == np.int64
    assert pairs.shape == (len(pairs), 2)
    found = [tuple(pair) for pair in pairs.tolist()]
    assert found == sorted(set(found))
    sure, borderline = brute_force(documents, hours, languages, bounds)
    assert set(found) - borderline == sure


def test_a_window_is_closed() -> None:
    documents = unit(np.ones((4, 3)))
    hours = np.array([490_000.0, 490_336.0, 490_336.001, 490_700.0])
    pairs = candidate_pairs(documents, hours, tongues(4), bounds_of(0.5, 0.5, 336))
    assert pairs.tolist() == [[0, 1], [1, 2]] + ([[2, 3]] if 490_700.0 - 490_336.001 <= 336 else [])


@pytest.mark.parametrize("bound", [0.3, 0.35, 0.7, 1.0, 0.0, -0.2])
def test_a_similarity_equal_to_the_bound_counts(bound: float) -> None:
    documents = np.array([[1, 0, 0], [bound, (1 - bound**2) ** 0.5, 0]], np.float32)
    for hours in (np.zeros(2), np.full(2, NAN)):
        pairs = candidate_pairs(documents, hours, tongues(2), bounds_of(bound, bound, 1))
        assert pairs.tolist() == [[0, 1]]


def test_an_article_without_a_time_has_its_own_bound_with_every_other() -> None:
    documents = unit(np.array([[1.0, 0], [1, 0.5], [1, 1]]))
    hours = np.array([0.0, NAN, 10_000.0])
    assert candidate_pairs(documents, hours, tongues(3), bounds_of(0.0, 0.8, 1)).tolist() == [
        [0, 1],
        [1, 2],
    ]
    assert candidate_pairs(documents, hours, tongues(3), bounds_of(0.0, 0.94, 1)).tolist() == [[1, 2]]
    assert candidate_pairs(documents, hours, tongues(3), bounds_of(0.9, 0.8, 1e6)).tolist() == [
        [0, 1],
        [1, 2],
    ]


@settings(max_examples=30)
@given(st.integers(0, 1000))
def test_the_order_of_articles_changes_no_pair(seed: int) -> None:
    documents, hours = corpus(30, seed, untimed=0.2)
    order = np.random.default_rng(seed).permutation(30)
    bounds = bounds_of(0.4, 0.6, 200.0, one_language=0.4 + 0.1)
    languages = tongues(30)
    straight = {frozenset(pair) for pair in candidate_pairs(documents, hours, languages, bounds).tolist()}
    shuffled = candidate_pairs(documents[order], hours[order], languages[order], bounds)
    assert {frozenset(pair) for pair in order[shuffled].tolist()} == straight


def test_whether_a_pair_is_found_depends_on_it_alone() -> None:
    documents, hours = corpus(400, 5, untimed=0.1)
    bounds = bounds_of(0.5, 0.7, 100.0, one_language=0.5 + 0.1)
    languages = tongues(400)
    whole = {tuple(pair) for pair in candidate_pairs(documents, hours, languages, bounds).tolist()}
    random = np.random.default_rng(0)
    for _ in range(30):
        some = np.sort(random.choice(400, 25, replace=False))
        among = candidate_pairs(documents[some], hours[some], languages[some], bounds)
        kept = set(some.tolist())
        assert {tuple(pair) for pair in some[among].tolist()} == {pair for pair in whole if set(pair) <= kept}


def test_blocks_hold_each_pair_once_and_progress_counts_every_article(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_ROWS_AT_ONCE", 16)
    monkeypatch.setattr(index, "_PAIRS_AT_ONCE", 50)
    documents, hours = corpus(100, 3, untimed=0.3)
    bounds = bounds_of(0.4, 0.5, 300.0, one_language=0.4 + 0.1)
    done: list[int] = []
    languages = tongues(100)
    blocks = list(candidate_blocks(documents, hours, languages, bounds, progress=done.append))
    together = [tuple(pair) for block in blocks for pair in block.pairs.tolist()]
    assert len(blocks) > 5
    assert sum(done) == 100
    assert len(together) == len(set(together))
    assert sorted(together) == [tuple(pair) for pair in candidate_pairs(documents, hours, languages, bounds).tolist()]


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_articles_make_no_pair(n: int) -> None:
    documents, hours = corpus(n, 1)
    pairs = candidate_pairs(documents, hours, tongues(n), bounds_of(-1, -1, 1e9))
    assert pairs.shape == (0, 2)
    assert pairs.dtype == np.int64


def crowded(n: int, seed: int) -> tuple[Vectors, npt.NDArray[np.float64]]:
    """Return unit vectors of 64 dimensions, most of whose length lies in a few, some of them near to each other."""
    random = np.random.default_rng(seed)
    rows = random.normal(size=(n, 64)) * 0.9 ** np.arange(64)
    rows[n // 2 :] = rows[: n - n // 2] + 0.3 * random.normal(size=(n - n // 2, 64)) * 0.9 ** np.arange(64)
    return unit(rows), random.uniform(0, n / 8, n)


@pytest.mark.parametrize("similarity", [-0.5, 0.5, 0.9, 0.97])
def test_sketches_change_no_pair(similarity: float, monkeypatch: pytest.MonkeyPatch) -> None:
    documents, hours = crowded(600, 2)
    hours[::50] = NAN
    bounds = bounds_of(similarity, similarity, 30.0)
    monkeypatch.setattr(index, "_ROWS_AT_ONCE", 64)
    without = candidate_pairs(documents, hours, tongues(600), bounds)
    sketched: list[bool] = []
    fit = Sketch.fit

    def counted(spread: Vectors, near: Vectors, least: float) -> Sketch | None:
        sketch = fit(spread, near, least)
        sketched.append(sketch is not None)
        return sketch

    monkeypatch.setattr(index, "_FEWEST_TO_SKETCH", 0)
    monkeypatch.setattr(Sketch, "fit", counted)
    assert candidate_pairs(documents, hours, tongues(600), bounds).tolist() == without.tolist()
    # they help where few are near
    assert sketched == [similarity > 0.8]
    assert len(without) > 50


def test_articles_are_settled_once_they_are_out_of_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_ROWS_AT_ONCE", 8)
    monkeypatch.setattr(index, "_PAIRS_AT_ONCE", 20)
    documents, hours = corpus(200, 9)
    bounds = bounds_of(0.2, 0.2, 100.0)
    settled: set[int] = set()
    for block in candidate_blocks(documents, hours, tongues(200), bounds):
        assert not settled & set(block.pairs.ravel().tolist())
        assert not settled & set(block.settled.tolist())
        settled |= set(block.settled.tolist())
        newest = hours[block.pairs].max()
        # what a block is compared with begins at most a window and a tile before it
        assert all(hours[row] < newest - 100 for row in block.settled)
    assert 100 < len(settled) < 200


def test_while_articles_without_a_time_are_to_come_none_is_settled() -> None:
    documents, hours = corpus(200, 9, untimed=0.1)
    blocks = list(candidate_blocks(documents, hours, tongues(200), bounds_of(0.2, 0.2, 10.0)))
    assert blocks
    assert not any(len(block.settled) for block in blocks)


def test_work_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_ROWS_AT_ONCE", 16)
    documents, hours = corpus(100, 3)
    work = SearchWork()
    pairs = candidate_pairs(documents, hours, tongues(100), bounds_of(0.3, 0.3, 50.0))
    for _ in candidate_blocks(documents, hours, tongues(100), bounds_of(0.3, 0.3, 50.0), work=work):
        pass
    assert work.candidates == len(pairs)
    apart = np.abs(hours[:, None] - hours[None, :])
    within = int((np.triu(apart <= 50.0, 1)).sum())
    # each tile with itself, and with what its first article reaches back to
    assert within <= work.compared <= within + 100 * 3 * 16
    everything = SearchWork()
    list(candidate_blocks(documents, np.full(100, NAN), tongues(100), bounds_of(2.0, 2.0, 1.0), work=everything))
    assert 100 * 99 / 2 <= everything.compared <= 100 * (100 + 16) / 2


def test_products_said_to_be_exact_are_told_with_the_pairs() -> None:
    whole = np.array([[64, 0], [48, 42], [0, 64]], np.float32) / 128
    (block,) = candidate_blocks(whole, np.zeros(3), tongues(3), bounds_of(0.1, 0.1, 1.0), exact=4.0)
    assert block.pairs.tolist() == [[0, 1], [1, 2]]
    assert block.products.tolist() == [0.1875, 0.1640625]


@pytest.mark.parametrize("seed", range(4))
def test_pairs_looked_at_alone_are_candidates_where_a_search_finds_them(seed: int) -> None:
    n = 60
    (documents, hours), languages = corpus(n, seed, untimed=0.2, days=6.0), tongues(n, seed)
    bounds = bounds_of(0.3, 0.5, 48.0, 0.6, 0.7)
    pairs = np.stack(np.triu_indices(n, 1), axis=1)
    alone = are_candidates(documents, hours, languages, pairs, bounds)
    assert pairs[alone].tolist() == candidate_pairs(documents, hours, languages, bounds).tolist()
    # by a product of the whole matrix, whose last bits are others
    products = (documents @ documents.T)[pairs[:, 0], pairs[:, 1]]
    one_language = languages[pairs[:, 0]] == languages[pairs[:, 1]]
    possible = may_be_candidates(products, (hours[pairs[:, 0]], hours[pairs[:, 1]]), one_language, bounds)
    assert alone.sum() > 0
    assert not (alone & ~possible).any()
    # and few others: those too near to a bound to say
    assert possible.sum() - alone.sum() <= 2
