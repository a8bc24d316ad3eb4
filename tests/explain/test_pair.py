"""Pairs of a run and their explanations: sums, places in the run, what is held."""

from __future__ import annotations

import itertools
import math
import pickle
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from explained_news import MONDAY, calibration, news, quake
from fakes import FakeEncoder, fake_calibration, invented_news
from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup.article import Article
from dedup.data import examples_folder
from dedup.encode.vectors import VectorCache
from dedup.errors import CalibrationError, InputError
from dedup.explain import Explanation, explain_pair
from dedup.pipeline import Deduplication, deduplicate
from dedup.score.calibration import KINDS
from dedup.score.signals import SIGNALS
from dedup.settings import Settings

ARTICLES = [article for story in invented_news(stories=4, seed=31, kin=0.4) for article in story]


def run(articles: list[Article] = ARTICLES, **values: object) -> Deduplication:
    return deduplicate(
        articles,
        Settings(**values),  # type: ignore[arg-type]  # fields by name
        encoder=FakeEncoder(),
        calibration=fake_calibration(),
    )


def assert_adds_up(explanation: Explanation) -> None:
    total = explanation.intercept + math.fsum(one.log_odds for one in explanation.contributions)
    assert abs(total - explanation.log_odds) < 1e-6
    assert explanation.probability == pytest.approx(1 / (1 + math.exp(-explanation.log_odds)), abs=1e-12)
    assert [one.signal for one in explanation.contributions[: len(SIGNALS)]] == list(SIGNALS)
    for one in explanation.contributions:
        if one.value is not None and one.weight is not None:
            assert one.log_odds == one.value * one.weight
        else:
            assert one.signal in ("related", "clipped", "rounded", "recomputed")
            if one.signal == "related":
                assert one.value is not None
                assert one.log_odds == pytest.approx(-math.log1p(math.exp(-one.value)))


class TestContributions:
    @pytest.mark.model
    @pytest.mark.slow
    def test_they_add_up_for_1000_random_pairs_of_the_examples(self) -> None:
        encoder = dedup.TransformerEncoder()
        articles = list(dedup.read_articles(examples_folder() / "articles.jsonl"))
        chosen = random.Random(7).sample(articles, 46)
        # each third without its time: pairs of all kinds
        chosen = [replace(one, published=None) if i % 3 == 0 else one for i, one in enumerate(chosen)]
        # each vector is made once: pairs take them from a cache in memory
        cache = VectorCache(Path(":memory:"), encoder.dimension)
        result = deduplicate(chosen, Settings(max_sentences=4), encoder=encoder, all_pairs=True, cache=cache)
        scored = {tuple(pair) for pair in result.scored.pairs.tolist()}
        ids = [article.id for article in result.articles]
        kinds = set()
        pairs = random.Random(8).sample(list(itertools.combinations(range(len(ids)), 2)), 1000)
        for left, right in pairs:
            pair = result.pair(ids[left], ids[right])
            explanation = pair.explain(flips=False)
            assert_adds_up(explanation)
            assert explanation.log_odds == pair.log_odds
            assert abs(explanation.log_odds) <= 8
            assert pair.candidate == ((left, right) in scored)
            assert "recomputed" not in {one.signal for one in explanation.contributions}
            kinds.add(explanation.kind)
        assert kinds == set(KINDS)

    @given(st.integers(0, 59), st.integers(0, 59), st.floats(-30, 30), st.floats(-40, 40))
    def test_they_add_up_whatever_the_weights(self, a: int, b: int, intercept: float, weight: float) -> None:
        one, other = NEWS[a], NEWS[b]
        constants = calibration(intercept, coverage=weight, names_shared=-weight)
        explanation = explain_pair(one, other, encoder=FakeEncoder(), calibration=constants, flips=False)
        assert_adds_up(explanation)

    def test_a_sum_beyond_the_bounds_is_cut_and_says_so(self) -> None:
        for intercept, bound in ((50.0, 8.0), (-50.0, -8.0)):
            explanation = explain_pair(*quake(), encoder=FakeEncoder(), calibration=calibration(intercept))
            assert explanation.log_odds == bound
            assert explanation.contributions[-1].signal == "clipped"
            assert_adds_up(explanation)

    def test_a_score_of_the_run_that_differs_is_told(self) -> None:
        result = run()
        left, right = result.scored.pairs[0].tolist()
        scored = replace(result.scored, log_odds=result.scored.log_odds + 0.001)
        other = replace(result, scored=scored)
        explanation = other.pair(result.articles[left].id, result.articles[right].id).explain(flips=False)
        assert explanation.contributions[-1].signal == "recomputed"
        assert explanation.contributions[-1].log_odds == pytest.approx(0.001)
        assert_adds_up(explanation)


NEWS = news(60)


class TestPairOfARun:
    def test_it_has_the_score_of_the_run(self) -> None:
        result = run(NEWS)
        for (left, right), log_odds in zip(
            result.scored.pairs[::7].tolist(), result.scored.log_odds[::7].tolist(), strict=True
        ):
            a, b = result.articles[left].id, result.articles[right].id
            pair = result.pair(a, b)
            assert pair.log_odds == log_odds
            explanation = pair.explain(flips=False)
            assert "recomputed" not in {one.signal for one in explanation.contributions}
            assert (explanation.a, explanation.b, explanation.log_odds) == (a, b, log_odds)

    def test_candidates_are_those_of_the_index(self) -> None:
        settings = Settings(candidate_similarity=0.2, window_days=4)
        constants = calibration()
        few = NEWS[:18]
        result = deduplicate(few, settings, encoder=FakeEncoder(), calibration=constants, all_pairs=True)
        scored = {tuple(pair) for pair in result.scored.pairs.tolist()}
        reasons = set()
        for left, right in itertools.combinations(range(len(few)), 2):
            explanation = explain_pair(
                few[left], few[right], encoder=FakeEncoder(), calibration=constants, settings=settings, flips=False
            )
            assert explanation.candidate == ((left, right) in scored)
            assert explanation.candidate == (explanation.why_no_candidate is None)
            reasons.add((explanation.why_no_candidate or "").partition(" ")[0])
        assert reasons == {"", "published", "similarity"}

    def test_a_pair_turned_round_is_the_same_pair(self) -> None:
        result = run()
        one, other = result.articles[0].id, result.articles[1].id
        there, back = result.pair(one, other).explain(), result.pair(other, one).explain()
        assert there.contributions == back.contributions
        assert (there.a, there.b) == (back.b, back.a)
        assert there.only_a == tuple(replace(item, a=item.b, b=item.a) for item in back.only_b)
        assert {replace(item, a=item.b, b=item.a) for item in back.shared} == set(there.shared)

    def test_its_stories(self) -> None:
        result = run()
        story_of = {article.id: story for story in result.stories for article in story.articles}
        weight = {
            frozenset((result.articles[left].id, result.articles[right].id)): log_odds
            for (left, right), log_odds in zip(
                result.scored.pairs.tolist(), result.scored.log_odds.tolist(), strict=True
            )
        }
        for one, other in list(itertools.combinations([article.id for article in ARTICLES], 2))[::3]:
            pair = result.pair(one, other)
            assert pair.same_story == (story_of[one] is story_of[other])
            assert pair.explain(flips=False).same_story == pair.same_story
            assert (pair.story_a, pair.story_b) == (story_of[one].id, story_of[other].id)
            assert not pair.same_story or pair.log_odds == weight[frozenset((one, other))]
            assert (pair.path != ()) == (pair.same_story and pair.log_odds <= 0)

    def test_the_path_between_two_that_are_not_alike(self) -> None:
        result = run()
        largest = result.stories[0]
        inside = sorted(article.id for article in largest.articles)
        assert len(inside) >= 4
        a, *between, b = inside
        weight = {(a, b): -1.0, (a, between[0]): 2.0, (between[0], b): 0.5, (a, between[1]): 1.0, (between[1], b): 0.75}
        log_odds = result.scored.log_odds.copy()
        for row, (left, right) in enumerate(result.scored.pairs.tolist()):
            ends = (result.articles[left].id, result.articles[right].id)
            if {*ends} <= {*inside}:
                log_odds[row] = weight.get(ends, weight.get(ends[::-1], -3.0))
        changed = replace(result, scored=replace(result.scored, log_odds=log_odds))
        pair = changed.pair(a, b)
        # 0.75 is the weakest step that cannot be avoided
        assert [(step.a, step.b) for step in pair.path] == [(a, between[1]), (between[1], b)]
        assert [step.probability for step in pair.path] == pytest.approx([1 / (1 + math.exp(-x)) for x in (1.0, 0.75)])
        assert pair.explain(flips=False).path == pair.path
        assert [(step.a, step.b) for step in changed.pair(b, a).path] == [(b, between[1]), (between[1], a)]
        assert changed.pair(a, between[0]).path == ()

    def test_wrong_ids(self) -> None:
        result = run()
        with pytest.raises(InputError, match=r"no article has the id 'n31-0-9'; near it: 'n31-0-\d'"):
            result.pair("n31-0-0", "n31-0-9")
        with pytest.raises(InputError, match="no article has the id ''"):
            result.pair("", "n31-0-0")
        with pytest.raises(InputError, match="both articles are 'n31-0-0'"):
            result.pair("n31-0-0", "n31-0-0")
        with pytest.raises(InputError, match="no article has the id 'a'"):
            run([]).pair("a", "b")

    def test_a_result_is_pickled_without_its_encoder(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        encoder = FakeEncoder()
        with VectorCache.for_encoder(encoder, tmp_path) as cache:
            result = deduplicate(ARTICLES, encoder=encoder, calibration=fake_calibration(), cache=cache)
        again: Deduplication = pickle.loads(pickle.dumps(result))
        assert again.yardstick is not None
        assert (again.yardstick.encoder, again.yardstick.cache) == (None, None)
        assert again.stories == result.stories
        ids = ARTICLES[0].id, ARTICLES[1].id
        monkeypatch.setattr("dedup.encode.transformer.TransformerEncoder", lambda: FakeEncoder(model="another"))
        with pytest.raises(CalibrationError, match="not for another"):
            again.pair(*ids)
        monkeypatch.setattr("dedup.encode.transformer.TransformerEncoder", FakeEncoder)
        other: Deduplication = pickle.loads(pickle.dumps(again))
        assert other.pair(*ids) == result.pair(*ids)
        assert pickle.loads(pickle.dumps(result.pair(*ids))).explain() == result.pair(*ids).explain()

    def test_vectors_come_from_the_cache_while_it_is_open(self, tmp_path: Path) -> None:
        encoder = FakeEncoder()
        with VectorCache.for_encoder(encoder, tmp_path) as cache:
            result = deduplicate(ARTICLES, encoder=encoder, calibration=fake_calibration(), cache=cache)
            encoder.encoded.clear()
            inside = result.pair(ARTICLES[0].id, ARTICLES[1].id)
            assert encoder.encoded == []
        assert result.pair(ARTICLES[0].id, ARTICLES[1].id) == inside
        assert encoder.encoded

    def test_the_bundled_model_is_not_held(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("dedup.encode.transformer.TransformerEncoder", FakeEncoder)
        result = deduplicate(ARTICLES, calibration=fake_calibration())
        assert result.yardstick is not None
        assert result.yardstick.encoder is None
        assert (
            result.pair(ARTICLES[0].id, ARTICLES[1].id).log_odds == run().pair(*[a.id for a in ARTICLES[:2]]).log_odds
        )


class TestExplainPair:
    def test_only_the_two_articles_are_encoded(self) -> None:
        encoder = FakeEncoder()
        explain_pair(ARTICLES[0], ARTICLES[1], encoder=encoder, calibration=fake_calibration())
        assert len(encoder.encoded) <= 24

    def test_kinds(self) -> None:
        one, other = quake()
        for a, b, kind in (
            (one, other, "dated"),
            (one, replace(other, published=None), "undated"),
            (replace(one, published=None), replace(one, id="2"), "undated_one_language"),
        ):
            assert explain_pair(a, b, encoder=FakeEncoder(), calibration=calibration()).kind == kind

    def test_a_language_that_is_not_known_is_detected(self) -> None:
        one, other = quake()
        known = explain_pair(one, other, encoder=FakeEncoder(), calibration=calibration())
        detected = explain_pair(replace(one, language="und"), other, encoder=FakeEncoder(), calibration=calibration())
        assert detected == known

    def test_another_encoder_is_refused(self) -> None:
        with pytest.raises(CalibrationError, match="not for other"):
            explain_pair(*quake(), encoder=FakeEncoder(model="other"), calibration=calibration())

    def test_as_json(self) -> None:
        import json

        explanation = explain_pair(*quake(), encoder=FakeEncoder(), calibration=calibration())
        row = json.loads(json.dumps(explanation.to_dict()))
        assert row["contributions"][0]["signal"] == "document"
        assert row["sentences_a"][0] == quake()[0].title
        assert sum(one["log_odds"] for one in row["contributions"]) + row["intercept"] == pytest.approx(row["log_odds"])

    def test_articles_of_nothing_and_of_hostile_text(self) -> None:
        texts = ["", "\x00\x1b[31m", "7 " * 400, "A" * 5000, "(.*)+ [a-z] \\d", "۱۲۳ \u202e abc", "12.5.2026 ٪"]
        articles = [
            Article(id=str(i), title=text, body=text, language="en", published=MONDAY + timedelta(hours=i))
            for i, text in enumerate(texts)
        ]
        for one, other in itertools.combinations(articles, 2):
            explanation = explain_pair(one, other, encoder=FakeEncoder(), calibration=calibration())
            assert_adds_up(explanation)
            assert np.isfinite(explanation.log_odds)
