from __future__ import annotations

import random as dice
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import numpy as np
import pytest
from fakes import FakeEncoder, fake_calibration, invented_news
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.encode.fingerprint import Fingerprints, _coded, fingerprint_articles
from dedup.encode.vectors import encode_sentences
from dedup.score import blocks
from dedup.score import signals as module
from dedup.score.calibration import KINDS
from dedup.score.coverage import sentence_coverage
from dedup.score.scorer import pair_log_odds
from dedup.score.signals import SIGNALS, Pairs, dated_pairs, pair_kinds, pair_signals
from dedup.text.passage import article_sentences

MOST = 12
ROUNDING = 5e-3
"""What codes of at most 127 leave of a unit length."""
FACTS = (
    "on 3 March magnitude 6.3 killed 12 in Aleppo at 4:36 a.m.",
    "on Tuesday morning magnitude 6.1 killed 12 in the fifth round",
    "in February the sixth round 3-1 in Vienna at 4:30 a.m.",
    "on 4 March in the 5th round 1-3 in the afternoon",
    "yesterday killed 40 in April at 2:05 p.m.",
    "on Friday evening in February 3-1",
)
NEW = tuple(
    name
    for name in SIGNALS
    if name.startswith(("figures", "ordinals", "days_", "weekdays", "months", "clocks", "dayparts", "places"))
)


def news() -> list[Article]:
    """Return articles of every kind: full, without a time, headline only, of one word, in other languages."""
    articles = [article for story in invented_news(stories=9, seed=4, kin=0.3) for article in story]
    kinds = [
        lambda a: a,
        lambda a: replace(a, published=None),
        lambda a: replace(a, body=""),
        lambda a: replace(a, title="", body=a.title + ".\n" + a.body * 3),
        lambda a: replace(a, title="Takorima 1,250", body="", language="ru"),
        lambda a: replace(a, language="ur", published=a.published + timedelta(days=40) if a.published else None),
        lambda a: replace(a, body=a.body.replace(" ", " 178 7.3 ")),
    ]
    told = [kinds[i % len(kinds)](article) for i, article in enumerate(articles)]
    # what an event is known by, in the headlines of two articles of three, with and without times
    return [
        replace(article, title=f"{article.title} {FACTS[i % len(FACTS)]}", language="en") if i % 3 else article
        for i, article in enumerate(told)
    ]


def prints_of(articles: list[Article], *, most: int = MOST) -> Fingerprints:
    passages = [article_sentences(article, most) for article in articles]
    vectors = encode_sentences([sentence for passage in passages for sentence in passage], FakeEncoder())
    return fingerprint_articles(articles, passages, vectors, fake_calibration())


ARTICLES = news()
PRINTS = prints_of(ARTICLES)
EVERY_PAIR = np.array(list(combinations(range(len(ARTICLES)), 2)), np.int64)


def signals_of(
    prints: Fingerprints, pairs: Pairs, *, most: int = MOST
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    found = pair_signals(prints, pairs, max_sentences=most)
    assert found.dtype == np.float32
    assert found.shape == (len(pairs), len(SIGNALS))
    return found


class TestSignals:
    def test_they_are_finite_numbers_of_moderate_size(self) -> None:
        found = signals_of(PRINTS, EVERY_PAIR)
        assert np.isfinite(found).all()
        assert np.abs(found).max() < 50

    def test_they_are_symmetric(self) -> None:
        np.testing.assert_array_equal(signals_of(PRINTS, EVERY_PAIR), signals_of(PRINTS, EVERY_PAIR[:, ::-1]))

    @pytest.mark.parametrize("name", NEW)
    def test_facts_of_the_text_are_told(self, name: str) -> None:
        """Else the tests of symmetry and independence would say nothing of them."""
        column = signals_of(PRINTS, EVERY_PAIR)[:, SIGNALS.index(name)]
        assert (column >= 0).all()
        assert column.any()
        assert not column.all()

    def test_what_agrees_is_not_in_conflict(self) -> None:
        found = dict(zip(SIGNALS, signals_of(PRINTS, EVERY_PAIR).T, strict=True))
        for kind in ("days", "weekdays", "months", "clocks", "dayparts"):
            assert not (found[f"{kind}_shared"] * found[f"{kind}_in_conflict"]).any()
        assert not (found["ordinals_agreeing"] * found["ordinals_in_conflict"]).any()
        assert (found["days_apart"][found["days_shared"] > 0] == 0).all()

    def test_no_pairs_give_no_rows(self) -> None:
        assert signals_of(PRINTS, np.empty((0, 2), np.int64)).shape == (0, len(SIGNALS))

    def test_each_has_a_name_of_its_own(self) -> None:
        assert len(set(SIGNALS)) == len(SIGNALS)

    def test_progress_counts_every_pair(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(blocks, "_PAIRS_A_THREAD", 100)
        done: list[int] = []
        pair_signals(PRINTS, EVERY_PAIR, max_sentences=MOST, progress=done.append)
        assert sum(done) == len(EVERY_PAIR)
        assert len(done) > 2

    def test_a_longer_time_apart_never_speaks_for_one_story(self) -> None:
        base = ARTICLES[0]
        assert base.published is not None
        hours = [0, 1, 6, 23, 24, 25, 100, 1_000, 100_000]
        later = [replace(base, id=f"later {h}", published=base.published + timedelta(hours=h)) for h in hours]
        pairs = np.array([[0, 1 + i] for i in range(len(hours))])
        prints = prints_of([base, *later])
        log_odds = pair_log_odds(signals_of(prints, pairs), pair_kinds(prints, pairs), fake_calibration())
        assert (np.diff(log_odds) <= 0).all()
        assert log_odds[0] > log_odds[-1]

    def test_a_pair_is_dated_where_both_times_are_known(self) -> None:
        dated = dated_pairs(PRINTS, EVERY_PAIR)
        assert dated.any()
        assert not dated.all()
        for (i, j), known in zip(EVERY_PAIR.tolist(), dated.tolist(), strict=True):
            assert known == (ARTICLES[i].published is not None and ARTICLES[j].published is not None)

    def test_pairs_without_times_are_judged_by_whether_their_language_is_one(self) -> None:
        names = [KINDS[kind] for kind in pair_kinds(PRINTS, EVERY_PAIR).tolist()]
        assert set(names) == set(KINDS)
        for (i, j), name in zip(EVERY_PAIR.tolist(), names, strict=True):
            one, other = ARTICLES[i], ARTICLES[j]
            timed = one.published is not None and other.published is not None
            undated = "undated_one_language" if one.language == other.language else "undated"
            assert name == ("dated" if timed else undated)


class TestIndependence:
    """A pair's numbers depend on its two articles alone, to the last bit."""

    @pytest.mark.parametrize("at_once", [1, 2, 7, 64, 100_000])
    def test_of_how_many_pairs_are_computed_at_once(self, at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
        pairs = EVERY_PAIR[:: 1 if at_once > 10 else 10]
        expected = signals_of(PRINTS, pairs)
        monkeypatch.setattr(module, "_PAIRS_AT_ONCE", at_once)
        monkeypatch.setattr(blocks, "_PAIRS_A_THREAD", 3 * at_once)
        np.testing.assert_array_equal(signals_of(PRINTS, pairs), expected)

    def test_of_the_order_of_pairs(self) -> None:
        order = np.random.default_rng(1).permutation(len(EVERY_PAIR))
        np.testing.assert_array_equal(signals_of(PRINTS, EVERY_PAIR[order]), signals_of(PRINTS, EVERY_PAIR)[order])

    def test_of_all_other_articles(self) -> None:
        together = signals_of(PRINTS, EVERY_PAIR)
        for row in np.random.default_rng(2).choice(len(EVERY_PAIR), 60, replace=False):
            i, j = EVERY_PAIR[row]
            alone = prints_of([ARTICLES[i], ARTICLES[j]])
            np.testing.assert_array_equal(signals_of(alone, np.array([[0, 1]]))[0], together[row])

    def test_of_the_order_of_articles(self) -> None:
        order = list(range(len(ARTICLES)))
        dice.Random(3).shuffle(order)
        place = np.argsort(order)
        shuffled = prints_of([ARTICLES[i] for i in order])
        np.testing.assert_array_equal(signals_of(shuffled, place[EVERY_PAIR]), signals_of(PRINTS, EVERY_PAIR))

    @pytest.mark.parametrize("dimension", [384, 768, 1024])
    def test_with_vectors_of_real_length(self, dimension: int) -> None:
        # long rows go through other kernels than short ones
        prints = random_prints(60, dimension=dimension, seed=6)
        pairs = np.array(list(combinations(range(60), 2)), np.int64)
        together = np.stack(sentence_coverage(prints, pairs, MOST), axis=1)
        for row in np.random.default_rng(2).choice(len(pairs), 100, replace=False):
            alone = np.stack(sentence_coverage(prints, pairs[row : row + 1], MOST), axis=1)
            np.testing.assert_array_equal(alone[0], together[row])


def random_prints(n: int, *, dimension: int, seed: int) -> Fingerprints:
    random = np.random.default_rng(seed)
    counts = random.integers(1, MOST + 1, n)
    sentences = random.normal(size=(int(counts.sum()), dimension)) + 0.3
    sentences /= np.linalg.norm(sentences, axis=1, keepdims=True)
    codes, scales = _coded(sentences.astype(np.float16))
    return replace(
        PRINTS,
        codes=codes,
        scales=scales,
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        weights=random.uniform(0.01, 1, int(counts.sum())).astype(np.float32),
    )


class TestCoverage:
    def test_it_is_that_of_a_plain_loop(self) -> None:
        prints = random_prints(12, dimension=16, seed=8)
        pairs = np.array([[i, j] for i in range(12) for j in range(12)], np.int64)
        forward, backward, headline = sentence_coverage(prints, pairs, MOST)
        for row, (i, j) in enumerate(pairs.tolist()):
            left, left_weights = rows_of(prints, i)
            right, right_weights = rows_of(prints, j)
            best_of_left = [max(float(a @ b) for b in right) for a in left]
            best_of_right = [max(float(a @ b) for a in left) for b in right]
            assert forward[row] == pytest.approx(np.average(best_of_left, weights=left_weights), abs=2e-6)
            assert backward[row] == pytest.approx(np.average(best_of_right, weights=right_weights), abs=2e-6)
            assert headline[row] == pytest.approx(float(left[0] @ right[0]), abs=2e-6)

    def test_an_article_covers_itself_and_part_of_itself_covers_half(self) -> None:
        whole = ARTICLES[0]
        part = replace(whole, id="part", body=whole.body.split("\n")[0])
        forward, backward, _ = sentence_coverage(prints_of([whole, part]), np.array([[0, 0], [1, 0], [0, 1]]), MOST)
        assert forward[0] == pytest.approx(1, abs=ROUNDING)
        assert backward[0] == pytest.approx(1, abs=ROUNDING)
        assert forward[1] == pytest.approx(1, abs=ROUNDING)
        assert forward[2] < 0.9
        assert backward[2] == pytest.approx(1, abs=ROUNDING)

    def test_the_order_of_sentences_after_the_headline_changes_nothing(self) -> None:
        whole = ARTICLES[0]
        turned = replace(whole, id="turned", body="\n".join(reversed(whole.body.split("\n"))))
        forward, backward, _ = sentence_coverage(prints_of([whole, turned]), np.array([[0, 1]]), MOST)
        assert forward[0] == pytest.approx(1, abs=ROUNDING)
        assert backward[0] == pytest.approx(1, abs=ROUNDING)

    @given(st.integers(0, 200), st.sampled_from([1, 3, 12]))
    def test_it_lies_between_minus_one_and_one(self, seed: int, dimension: int) -> None:
        prints = random_prints(8, dimension=dimension, seed=seed)
        pairs = np.array(list(combinations(range(8), 2)), np.int64)
        for measure in sentence_coverage(prints, pairs, MOST):
            assert np.abs(measure).max() <= 1 + ROUNDING

    def test_room_for_more_sentences_than_there_are_changes_nothing(self) -> None:
        prints = random_prints(10, dimension=16, seed=9)
        pairs = np.array(list(combinations(range(10), 2)), np.int64)
        for tight, roomy in zip(
            sentence_coverage(prints, pairs, MOST), sentence_coverage(prints, pairs, 40), strict=True
        ):
            np.testing.assert_allclose(tight, roomy, atol=1e-6)


def rows_of(prints: Fingerprints, article: int) -> tuple[np.ndarray, np.ndarray]:
    rows = slice(int(prints.offsets[article]), int(prints.offsets[article + 1]))
    return prints.sentences[rows].astype(np.float64), prints.weights[rows].astype(np.float64)
