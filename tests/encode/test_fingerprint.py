from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import numpy.typing as npt
import pytest
from fakes import fake_calibration

from dedup.article import Article
from dedup.encode import fingerprint as module
from dedup.encode.fingerprint import Fingerprints, centre_sentences, fingerprint_articles, fingerprint_blocks

DIMENSION = 32
WHEN = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)


MEANS = np.random.default_rng(3).normal(0, 0.1, (3, DIMENSION)).astype(np.float32)
CALIBRATION = replace(fake_calibration(), language_means={"fa": MEANS[0], "en": MEANS[1], "ur": MEANS[2]})


def corpus(counts: list[int], seed: int = 1) -> tuple[list[Article], list[list[str]], npt.NDArray[np.float16]]:
    random = np.random.default_rng(seed)
    languages = ["fa", "en", "ur"]
    articles = [
        Article(
            id=str(i),
            title="t",
            body="",
            language=languages[i % 3],
            published=WHEN + timedelta(minutes=7 * i) if i % 4 else None,
        )
        for i in range(len(counts))
    ]
    passages = [["x" * int(length) for length in random.integers(1, 220, count)] for count in counts]
    raw = random.normal(size=(sum(counts), DIMENSION)) + 0.3
    return articles, passages, (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float16)


def make(counts: list[int]) -> Fingerprints:
    articles, passages, vectors = corpus(counts)
    return fingerprint_articles(articles, passages, vectors, CALIBRATION)


def test_sentences_are_centred_on_their_language_and_unit_rows() -> None:
    articles, passages, vectors = corpus([3, 1, 5, 2])
    prints = fingerprint_articles(articles, passages, vectors, CALIBRATION)
    assert prints.offsets.tolist() == [0, 3, 4, 9, 11]
    assert prints.counts.tolist() == [3, 1, 5, 2]
    assert len(prints) == 4
    row = 0
    for article, count in zip(articles, prints.counts.tolist(), strict=True):
        for _ in range(count):
            shifted = vectors[row].astype(np.float64) - CALIBRATION.mean_of(article.language)
            np.testing.assert_allclose(prints.sentences[row], shifted / np.linalg.norm(shifted), atol=2e-3)
            row += 1
    np.testing.assert_allclose(np.linalg.norm(prints.sentences.astype(np.float64), axis=1), 1, atol=2e-3)


def test_a_document_is_the_direction_of_its_sentences() -> None:
    prints = make([3, 1, 5, 2])
    for i in range(4):
        total = prints.sentences[prints.offsets[i] : prints.offsets[i + 1]].astype(np.float64).sum(axis=0)
        # made before the sentences are coded as whole numbers
        np.testing.assert_allclose(prints.documents[i], total / np.linalg.norm(total), atol=4e-3)


def test_times_are_hours_of_one_clock() -> None:
    tehran = timezone(timedelta(hours=3, minutes=30))
    articles = [
        Article(id="1", title="t", body="", published=WHEN),
        Article(id="2", title="t", body="", published=WHEN.astimezone(tehran)),
        Article(id="3", title="t", body="", published=WHEN + timedelta(minutes=90)),
        Article(id="4", title="t", body=""),
    ]
    vectors = corpus([1] * 4)[2]
    hours = fingerprint_articles(articles, [["t"]] * 4, vectors, CALIBRATION).hours
    assert hours[0] == hours[1]
    assert hours[2] - hours[0] == pytest.approx(1.5)
    assert np.isnan(hours[3])


def test_equal_languages_have_equal_numbers() -> None:
    languages = make([1] * 7).languages
    assert languages[0] == languages[3] == languages[6]
    assert len(set(languages.tolist())) == 3


def test_a_longer_sentence_never_counts_less() -> None:
    articles = [Article(id="1", title="t", body="")]
    lengths = [0, 1, 20, 60, 99, 100, 500, 5_000]
    passage = ["x" * length for length in lengths]
    weights = fingerprint_articles(articles, [passage], corpus([len(lengths)])[2], CALIBRATION).weights
    assert (np.diff(weights) >= 0).all()
    assert weights[0] > 0
    assert weights[-1] == weights[-3]


def test_no_articles_give_no_fingerprints() -> None:
    prints = fingerprint_articles([], [], np.empty((0, DIMENSION), np.float16), CALIBRATION)
    assert len(prints) == 0
    assert prints.documents.shape == prints.sentences.shape == (0, DIMENSION)


def test_an_article_has_the_same_fingerprint_in_any_company() -> None:
    counts = [int(count) for count in np.random.default_rng(5).integers(1, 12, 200)]
    articles, passages, vectors = corpus(counts)
    together = fingerprint_articles(articles, passages, vectors, CALIBRATION)
    for i in (0, 1, 57, 199):
        rows = slice(int(together.offsets[i]), int(together.offsets[i + 1]))
        alone = fingerprint_articles(articles[i : i + 1], passages[i : i + 1], vectors[rows], CALIBRATION)
        np.testing.assert_array_equal(alone.sentences, together.sentences[rows])
        np.testing.assert_array_equal(alone.documents[0], together.documents[i])
        np.testing.assert_array_equal(alone.weights, together.weights[rows])


@pytest.mark.parametrize("size", [1, 3, 40, 1_000])
def test_vectors_may_come_in_blocks_of_articles(size: int) -> None:
    counts = [int(count) for count in np.random.default_rng(6).integers(1, 12, 40)]
    articles, passages, vectors = corpus(counts)
    whole = fingerprint_articles(articles, passages, vectors, CALIBRATION)
    edges = whole.offsets[[*range(0, 40, size), 40]]
    blocks = (vectors[start:end] for start, end in itertools.pairwise(edges.tolist()))
    made = fingerprint_blocks(articles, passages, whole.evidence, blocks, DIMENSION, CALIBRATION)
    for name in ("codes", "scales", "offsets", "weights", "documents", "languages"):
        np.testing.assert_array_equal(getattr(made, name), getattr(whole, name))


def test_rows_made_at_once_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = corpus([300])[2]
    language = np.arange(300) % 3
    expected = centre_sentences(vectors, language, MEANS)
    for size in (1, 7, 299, 300, 5_000):
        monkeypatch.setattr(module, "_ROWS_AT_ONCE", size)
        np.testing.assert_array_equal(centre_sentences(vectors, language, MEANS), expected)


def test_a_sentence_at_its_languages_mean_is_no_error() -> None:
    mean = MEANS[:1].astype(np.float16)
    centred = centre_sentences(mean, np.zeros(1, np.int64), mean.astype(np.float32))
    assert np.isfinite(centred).all()
