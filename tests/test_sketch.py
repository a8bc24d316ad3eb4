from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.encode.base import Vectors
from dedup.sketch import Sketch


def unit(n: int, dimension: int, seed: int, falling: float = 0.95) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(n, dimension)) * falling ** np.arange(dimension)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    vectors: Vectors = (rows / lengths).astype(np.float32)
    return vectors


@given(seed=st.integers(0, 10_000), kept=st.integers(1, 39), falling=st.sampled_from([0.7, 0.95, 1.0]))
def test_products_of_sketches_are_never_below_those_of_vectors(seed: int, kept: int, falling: float) -> None:
    rows = unit(30, 40, seed, falling)
    # any orthonormal components will do
    components = np.linalg.qr(np.random.default_rng(seed).normal(size=(40, kept)))[0].astype(np.float32)
    sketches = Sketch(components).of(rows)
    assert sketches.shape == (30, kept + 1)
    assert (sketches @ sketches.T >= rows @ rows.T - 1e-5).all()
    # and with itself a vector's sketch has the product 1
    np.testing.assert_allclose(np.einsum("ij,ij->i", sketches, sketches), 1, atol=1e-5)


def test_there_is_a_sketch_only_where_it_helps() -> None:
    falling = unit(500, 128, 1, 0.9)
    assert isinstance(Sketch.fit(falling, falling[:200], 0.9), Sketch)
    # where many are near all must be looked at anyway
    assert Sketch.fit(falling, falling[:200], -0.5) is None
    # where no component counts more than another, sketches tell nothing
    even = unit(500, 128, 1, 1.0)
    assert Sketch.fit(even, even[:200], 0.3) is None


@pytest.mark.parametrize("dimension", [8, 2_000])
def test_short_and_very_long_vectors_are_compared_as_they_are(dimension: int) -> None:
    rows = unit(20, dimension, 1, 0.5)
    assert Sketch.fit(rows, rows, 0.9) is None
