"""Pairs that have too little in common are not looked at closely, and nothing else changes."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeEncoder, fake_calibration, invented_news

from dedup.article import Article
from dedup.encode.fingerprint import Fingerprints, fingerprint_articles
from dedup.encode.vectors import encode_sentences
from dedup.index import MARGIN, pair_products
from dedup.score import blocks
from dedup.score.calibration import Calibration, Relatedness
from dedup.score.nearly import Products
from dedup.score.pairs import score_pairs
from dedup.score.scorer import pair_log_odds
from dedup.score.screen import LEAST_IN_COMMON, have_enough_in_common, in_common
from dedup.score.signals import SIGNALS, dated_pairs, pair_kinds, pair_signals
from dedup.text.passage import article_sentences

NEWS = list(itertools.chain.from_iterable(invented_news(stories=5, seed=11, kin=0.4)))
CHEAP = ("document", "document_above", "same_language", "names_shared", "names_part", "places_lead_part")
WEIGHTS = Relatedness(
    intercept=-6.0,
    coefficients=dict.fromkeys((*CHEAP, "names_lead_part"), 2.0) | {"coverage": 5.0, "months_shared": 7.0},
)


def prints(articles: list[Article]) -> Fingerprints:
    passages = [article_sentences(article, 12) for article in articles]
    vectors = encode_sentences([sentence for passage in passages for sentence in passage], FakeEncoder())
    return fingerprint_articles(articles, passages, vectors, calibration())


def calibration() -> Calibration:
    return replace(fake_calibration(), related=WEIGHTS)


def every_pair(articles: list[Article]) -> np.ndarray:
    return np.stack(np.triu_indices(len(articles), 1), axis=1).astype(np.int64)


def test_what_they_have_in_common_is_the_sum_over_the_cheap_signals() -> None:
    fingerprints, pairs = prints(NEWS), every_pair(NEWS)
    signals = pair_signals(fingerprints, pairs, max_sentences=12)
    expected = -6.0 + sum(2.0 * signals[:, SIGNALS.index(name)] for name in (*CHEAP, "names_lead_part"))
    found = in_common(fingerprints, pairs, calibration())
    np.testing.assert_allclose(found, expected, atol=1e-5)
    enough = have_enough_in_common(fingerprints, pairs, calibration())
    assert enough.tolist() == (found > LEAST_IN_COMMON).tolist()
    assert 0 < enough.sum() < len(pairs)


def test_pairs_without_both_times_have_always_enough() -> None:
    some = [replace(one, published=None) if place % 2 else one for place, one in enumerate(NEWS)]
    fingerprints, pairs = prints(some), every_pair(some)
    far = replace(calibration(), related=replace(WEIGHTS, intercept=-100.0))
    assert have_enough_in_common(fingerprints, pairs, far).tolist() == (~dated_pairs(fingerprints, pairs)).tolist()


def test_a_calibration_that_does_not_ask_lets_all_pass() -> None:
    fingerprints, pairs = prints(NEWS), every_pair(NEWS)
    bare = replace(calibration(), related=None)
    assert have_enough_in_common(fingerprints, pairs, bare).all()
    with pytest.raises(ValueError, match="does not ask"):
        in_common(fingerprints, pairs, bare)


def test_those_that_pass_are_scored_as_ever() -> None:
    fingerprints, pairs = prints(NEWS), every_pair(NEWS)
    enough, log_odds = score_pairs(fingerprints, pairs, calibration(), max_sentences=12)
    whole = pair_log_odds(
        pair_signals(fingerprints, pairs, max_sentences=12), pair_kinds(fingerprints, pairs), calibration()
    )
    assert log_odds.tolist() == whole[enough].tolist()


@pytest.mark.parametrize("off", [0.0, 0.9, -0.9])
def test_products_that_are_known_nearly_change_nothing(off: float) -> None:
    some = [replace(one, published=None) if place % 3 == 0 else one for place, one in enumerate(NEWS)]
    fingerprints, pairs = prints(some), every_pair(some)
    exact = pair_products(fingerprints.documents, pairs)
    middle = float(np.median(in_common(fingerprints, pairs, calibration())))
    there = replace(calibration(), related=replace(WEIGHTS, intercept=WEIGHTS.intercept + LEAST_IN_COMMON - middle))
    expected = score_pairs(fingerprints, pairs, there, max_sentences=12)
    nearly = Products(values=exact + off * MARGIN, within=MARGIN)
    found = score_pairs(fingerprints, pairs, there, max_sentences=12, products=nearly)
    assert found[0].tolist() == expected[0].tolist()
    assert found[1].tolist() == expected[1].tolist()


@pytest.mark.parametrize("together", [1, 7, 100])
def test_a_pair_passes_whatever_it_is_looked_at_with(together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fingerprints, pairs = prints(NEWS), every_pair(NEWS)
    expected = in_common(fingerprints, pairs, calibration())
    monkeypatch.setattr(blocks, "_PAIRS_A_THREAD", together)
    assert in_common(fingerprints, pairs, calibration()).tolist() == expected.tolist()
    alone = [float(in_common(fingerprints, pairs[place][None], calibration())[0]) for place in range(len(pairs))]
    assert alone == expected.tolist()
    turned = in_common(fingerprints, pairs[::-1, ::-1].copy(), calibration())[::-1]
    np.testing.assert_allclose(turned, expected, rtol=1e-6)


def test_no_pair_is_none() -> None:
    enough, log_odds = score_pairs(prints(NEWS), np.empty((0, 2), np.int64), calibration(), max_sentences=12)
    assert len(enough) == len(log_odds) == 0
