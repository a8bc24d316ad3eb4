from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from made_pattern import invented_pattern

from benchmarks.speed.made import ARTICLES_A_DAY, LARGEST_STORY, LAST_HOURS, MadeVectors, Pattern, make_vectors

COUNT = 12_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeVectors:
    return make_vectors(invented_pattern(), COUNT, tmp_path_factory.mktemp("made") / "vectors", seed=3)


def test_the_same_seed_makes_the_same(made: MadeVectors, tmp_path: Path) -> None:
    again = make_vectors(invented_pattern(), COUNT, tmp_path / "again", seed=3)
    assert again.path.read_bytes() == made.path.read_bytes()
    assert (again.hours == made.hours).all()
    assert (again.stories == made.stories).all()
    other = make_vectors(invented_pattern(), COUNT, tmp_path / "other", seed=4)
    assert other.path.read_bytes() != made.path.read_bytes()


def test_vectors_are_unit_rows_on_disk(made: MadeVectors) -> None:
    vectors = made.vectors()
    assert isinstance(vectors, np.memmap)
    assert vectors.shape == (COUNT, 48)
    assert made.path.stat().st_size == 2 * vectors.size
    assert np.allclose(np.linalg.norm(vectors.astype(np.float32), axis=1), 1.0, atol=2e-3)
    assert (made.vectors(7) == vectors[:7]).all()


def test_times_are_those_of_a_newsroom(made: MadeVectors) -> None:
    assert all(earlier <= later for earlier, later in pairwise(made.hours.tolist()))
    assert made.hours[0] >= 0
    per_day = np.histogram(made.hours, np.arange(0, 24 * COUNT / ARTICLES_A_DAY, 24))[0]
    assert 0.7 * ARTICLES_A_DAY < per_day.min() <= per_day.max() < 1.3 * ARTICLES_A_DAY
    for story in np.unique(made.stories)[::50]:
        assert np.ptp(made.hours[made.stories == story]) <= LAST_HOURS


def test_most_stories_are_of_one_article_and_few_of_tens(made: MadeVectors) -> None:
    sizes = np.bincount(made.stories)
    assert sizes.min() == 1
    assert sizes.sum() == COUNT
    assert 0.75 < (sizes == 1).mean() < 0.83
    assert 0.0 < (sizes > 10).mean() < 0.01
    assert 10 < sizes.max() <= LARGEST_STORY


def test_reports_are_as_near_as_told(made: MadeVectors) -> None:
    pattern, vectors = invented_pattern(), made.vectors().astype(np.float32)
    similarity = vectors[:4_000] @ vectors.T
    same = made.stories[:4_000, None] == made.stories[None, :]
    same[np.arange(4_000), np.arange(4_000)] = False
    assert similarity[same].mean() == pytest.approx(pattern.inside.mean(), abs=0.03)
    unrelated = np.quantile(pattern.articles @ pattern.articles.T, 0.5)
    assert np.quantile(similarity, 0.5) == pytest.approx(unrelated, abs=0.1)


def test_siblings_are_nearer_than_others_and_farther_than_reports(tmp_path: Path) -> None:
    pattern = invented_pattern()
    far = Pattern(articles=pattern.articles, inside=pattern.inside, siblings=np.zeros(1, np.float32))
    near = Pattern(articles=pattern.articles, inside=pattern.inside, siblings=np.full(1, 0.55, np.float32))
    shares: list[float] = []
    for kind in (far, near):
        made = make_vectors(kind, 3_000, tmp_path / f"{len(shares)}")
        vectors = made.vectors().astype(np.float32)
        similarity = vectors @ vectors.T
        apart = made.stories[:, None] != made.stories[None, :]
        best = np.where(apart, similarity, -1.0).max(axis=1)
        shares.append(float((best > 0.65).mean()))
    assert shares[1] > shares[0] + 0.1


def test_nothing_to_make_it_from_is_refused(tmp_path: Path) -> None:
    pattern = invented_pattern()
    with pytest.raises(ValueError, match="0 vectors of 500 articles"):
        make_vectors(pattern, 0, tmp_path / "none")
    alone = Pattern(articles=pattern.articles[:1], inside=pattern.inside, siblings=pattern.siblings)
    with pytest.raises(ValueError, match="two articles"):
        make_vectors(alone, 5, tmp_path / "none")


@pytest.mark.parametrize("count", [1, 2, 17])
def test_few(tmp_path: Path, count: int) -> None:
    made = make_vectors(invented_pattern(), count, tmp_path / "few")
    assert made.vectors().shape == (count, 48)
    assert len(made.hours) == len(made.stories) == count
