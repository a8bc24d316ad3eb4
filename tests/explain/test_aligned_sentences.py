"""Sentences side by side, against a plain reading of the definition."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from explained_news import calibration, news
from fakes import FakeEncoder

from dedup.article import Article
from dedup.explain import explain_pair
from dedup.explain.sentences import LEAST_SIMILARITY


def centred(sentence: str, language: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    vector = FakeEncoder().encode([sentence]).astype(np.float16).astype(np.float32)[0]
    shifted: np.ndarray[tuple[int], np.dtype[np.float64]] = (vector - calibration().mean_of(language)).astype(float)
    return shifted / np.linalg.norm(shifted)


@pytest.mark.parametrize("pair", list(itertools.pairwise(news(12, seed=2))))
def test_each_has_its_nearest(pair: tuple[Article, Article]) -> None:
    found = explain_pair(*pair, encoder=FakeEncoder(), calibration=calibration(), flips=False)
    left = [centred(sentence, pair[0].language) for sentence in found.sentences_a]
    right = [centred(sentence, pair[1].language) for sentence in found.sentences_b]
    aligned = {one.a: one for one in found.aligned}
    for a, vector in enumerate(left):
        similarities = [float(vector @ other) for other in right]
        if max(similarities) < LEAST_SIMILARITY - 1e-2:
            assert a not in aligned
        elif max(similarities) > LEAST_SIMILARITY + 1e-2:
            assert aligned[a].similarity == pytest.approx(max(similarities), abs=5e-3)
            assert similarities[aligned[a].b] == pytest.approx(max(similarities), abs=5e-3)
    for one in found.aligned:
        back = [float(right[one.b] @ vector) for vector in left]
        if one.mutual:
            assert back[one.a] == pytest.approx(max(back), abs=5e-3)


def test_sentences_of_a_copy_stand_beside_themselves() -> None:
    one = news(1)[0]
    copy = Article(id="copy", title=one.title, body=one.body, language=one.language)
    found = explain_pair(one, copy, encoder=FakeEncoder(), calibration=calibration(), flips=False)
    assert [(pair.a, pair.b, pair.mutual) for pair in found.aligned] == [
        (number, number, True) for number in range(len(found.sentences_a))
    ]
    assert all(pair.similarity == pytest.approx(1, abs=1e-3) for pair in found.aligned)
