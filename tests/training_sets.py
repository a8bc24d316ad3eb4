"""Training pairs, of invented news and drawn at random."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from fakes import FakeEncoder, fake_calibration

from dedup.encode.fingerprint import fingerprint_articles
from dedup.encode.vectors import encode_sentences
from dedup.score.calibration import KINDS
from dedup.score.signals import SIGNALS
from dedup.score.training import LabelledArticle, ShownPairs, TrainingPairs, training_pairs
from dedup.text.passage import article_sentences

__all__ = ["drawn_pairs", "drawn_sets", "pairs_of"]


def pairs_of(labelled: list[LabelledArticle], kind: str) -> TrainingPairs:
    articles = [one.article if kind == "dated" else replace(one.article, published=None) for one in labelled]
    passages = [article_sentences(article, 12) for article in articles]
    vectors = encode_sentences([sentence for passage in passages for sentence in passage], FakeEncoder())
    prints = fingerprint_articles(articles, passages, vectors, fake_calibration())
    return training_pairs(labelled, prints, max_sentences=12, kind=kind)


def drawn_pairs(n: int, seed: int, *, column: int = 0) -> TrainingPairs:
    dice = np.random.default_rng(seed)
    signals = dice.uniform(0, 1, (n, len(SIGNALS))).astype(np.float32)
    same = dice.random(n) < 1 / (1 + np.exp(3 - 6 * signals[:, column]))
    return TrainingPairs(signals=signals, same=same, families=np.zeros((n, 2), np.int64), weights=np.ones(n))


def drawn_sets(seed: int, sizes: tuple[int, int, int] = (200, 150, 100), *, column: int = 0) -> ShownPairs:
    drawn = {
        kind: drawn_pairs(n, seed + place, column=column)
        for place, (kind, n) in enumerate(zip(KINDS, sizes, strict=True))
    }
    return ShownPairs(**drawn)
