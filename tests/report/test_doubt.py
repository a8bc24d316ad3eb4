"""Which pairs a person is asked about."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.pipeline import Deduplication, ScoredPairs, nothing
from dedup.report.doubt import Doubt, pairs_in_doubt
from dedup.score.scorer import log_odds_of
from dedup.settings import Settings
from dedup.story import Member, make_story

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def run(groups: list[list[tuple[str, float]]], pairs: dict[tuple[str, str], float], threshold: float) -> Deduplication:
    """Return a run: stories of ids with their membership, and the log-odds of pairs."""
    articles = {key: Article(id=key, title=key, body="", published=MONDAY) for group in groups for key, _ in group}
    ordered = tuple(articles[key] for key in sorted(articles))
    place = {article.id: i for i, article in enumerate(ordered)}
    rows = sorted((min(place[a], place[b]), max(place[a], place[b]), odds) for (a, b), odds in pairs.items())
    return Deduplication(
        stories=tuple(
            make_story([Member(article=articles[key], probability=sure) for key, sure in group], keep="earliest")
            for group in groups
        ),
        articles=ordered,
        scored=ScoredPairs(
            pairs=np.array([row[:2] for row in rows], np.int64).reshape(-1, 2),
            log_odds=np.array([row[2] for row in rows], np.float64),
        ),
        settings=Settings(threshold=threshold),
    )


def asked(result: Deduplication, most: int = 99) -> list[tuple[str, str]]:
    return [(result.articles[one.a].id, result.articles[one.b].id) for one in pairs_in_doubt(result, most)]


def test_of_a_boundary_the_pair_nearest_the_threshold_is_asked() -> None:
    result = run(
        [[("a1", 0.9), ("a2", 0.9)], [("b1", 0.9), ("b2", 0.9)]],
        {("a1", "b1"): -2.0, ("a1", "b2"): -0.5, ("a2", "b1"): 0.6, ("a2", "b2"): -0.5, ("a1", "a2"): 5.0},
        0.5,
    )
    assert asked(result) == [("a1", "b2")]
    (doubt,) = pairs_in_doubt(result, 9)
    assert doubt == Doubt(a=0, b=3, probability=1 / (1 + np.exp(0.5)))


def test_within_a_story_each_article_is_questioned_once() -> None:
    result = run(
        [[("a1", 0.9), ("a2", 0.6), ("a3", 0.5), ("a4", 0.99)]],
        {
            ("a1", "a2"): 0.4,
            ("a2", "a4"): 0.3,
            ("a1", "a3"): -0.2,
            ("a3", "a4"): 1.0,
            ("a1", "a4"): 2.5,
            ("a2", "a3"): 0.25,
        },
        0.5,
    )
    # a3 is the less sure one of (a1, a3), (a3, a4), (a2, a3), and a2 of (a1, a2), (a2, a4); a1 of (a1, a4)
    assert asked(result) == [("a1", "a3"), ("a2", "a4"), ("a1", "a4")]


def test_the_threshold_is_that_of_the_run() -> None:
    pairs = {("a", "b"): 0.0, ("c", "d"): 2.0, ("e", "f"): 5.0}
    groups = [[(key, 1.0)] for key in "abcdef"]
    assert asked(run(groups, pairs, 0.5)) == [("a", "b"), ("c", "d")]
    assert asked(run(groups, pairs, 0.9)) == [("c", "d"), ("a", "b"), ("e", "f")]


def test_stories_take_turns() -> None:
    groups = [[("big", 1.0)], *([(f"s{i}", 1.0)] for i in range(4)), [("x", 1.0)], [("y", 1.0)]]
    pairs = {("big", f"s{i}"): 0.1 * i for i in range(4)} | {("x", "y"): 2.9}
    result = run(groups, pairs, 0.5)
    assert asked(result) == [("big", "s0"), ("x", "y"), ("big", "s1"), ("big", "s2"), ("big", "s3")]
    assert asked(result, 2) == [("big", "s0"), ("x", "y")]
    assert asked(result, 0) == []


def test_a_run_without_articles_asks_nothing() -> None:
    assert pairs_in_doubt(nothing(Settings()), 9) == []


@st.composite
def runs(draw: st.DrawFn) -> Deduplication:
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    sure = st.sampled_from([0.4, 0.7, 0.9])
    groups = [[(f"{s}-{i}", draw(sure)) for i in range(size)] for s, size in enumerate(sizes)]
    keys = [key for group in groups for key, _ in group]
    pairs = {
        (a, b): draw(st.sampled_from([-6.0, -2.0, -0.5, 0.0, 0.5, 1.0, 4.5]))
        for i, a in enumerate(keys)
        for b in keys[i + 1 :]
        if draw(st.booleans())
    }
    return run(groups, pairs, draw(st.sampled_from([0.5, 0.8])))


@given(runs(), st.integers(0, 20))
def test_no_question_comes_twice_or_is_left_out_and_the_nearest_pair_asks_it(result: Deduplication, most: int) -> None:
    story = {article.id: one.id for one in result.stories for article in one.articles}
    sure = {member.article.id: member.probability for one in result.stories for member in one.members}
    cut = log_odds_of(result.settings.threshold)

    def question(a: str, b: str) -> object:
        if story[a] != story[b]:
            return frozenset((story[a], story[b]))
        return a if sure[a] < sure[b] else b

    distances = {
        (result.articles[left].id, result.articles[right].id): abs(odds - cut)
        for (left, right), odds in zip(result.scored.pairs.tolist(), result.scored.log_odds.tolist(), strict=True)
    }
    doubtful = {pair: distance for pair, distance in distances.items() if distance <= 3.0}
    questions = {question(*pair) for pair in doubtful}
    whole = asked(result)
    assert len(whole) == len(questions) == len({question(*pair) for pair in whole})
    for pair in whole:
        assert doubtful[pair] == min(one for other, one in doubtful.items() if question(*other) == question(*pair))
    assert asked(result, most) == whole[:most]
    # in turns: when a story comes up again, no question is left of which all stories came up less often
    came: Counter[str] = Counter()
    for place, pair in enumerate(whole):
        turn = max(came[story[key]] for key in pair)
        assert all(max(came[story[key]] for key in other) >= turn for other in whole[place:])
        came.update({story[key] for key in pair})
