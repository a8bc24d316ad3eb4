"""Many copies of one text: taken along by those that lead them, and nothing else changes."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup.article import Article
from dedup.crowds import GUIDES, LEADS, crowd_pairs, following
from tests.fakes import FakeEncoder, fake_calibration, invented_news


def run(articles: Sequence[Article]) -> dedup.Deduplication:
    return dedup.deduplicate(articles, encoder=FakeEncoder(), calibration=fake_calibration())


def facts(result: dedup.Deduplication) -> dict[str, tuple[object, ...]]:
    """What is said of each article but the id of its story, which goes by its first article."""
    return {
        member.article.id: (
            frozenset(other.article.id for other in story.members),
            member.probability,
            member.relation,
            member.of,
            member.relation_probability,
        )
        for story in result.stories
        for member in story.members
    }


def crowd(count: int, seed: int = 3) -> list[Article]:
    """Return a story's first article ``count`` times, some with a word changed, at times of one day."""
    dice = random.Random(seed)
    one = invented_news(stories=1, seed=seed)[0][0]
    assert one.published
    morning = one.published.replace(hour=1)
    copies = []
    for number in range(count):
        words = one.body.split(" ")
        if dice.random() < 0.5:
            words[dice.randrange(len(words))] = dice.choice(["tomorrow", "again", "there"])
        copies.append(
            replace(
                one,
                id=f"copy{dice.randrange(10**6):06}-{number}",
                body=" ".join(words),
                published=morning + timedelta(seconds=dice.randrange(60_000)),
            )
        )
    return copies


def news() -> list[Article]:
    return [article for story in invented_news(stories=3, seed=3) for article in story]


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 1), st.sampled_from([float("nan"), 1.0, 5.0, 25.0, 26.0])),
        max_size=120,
    ),
    st.randoms(use_true_random=False),
)
def test_those_that_may_follow_are_all_but_the_first_of_each_crowd(
    rows: list[tuple[int, int, float]], dice: random.Random
) -> None:
    rank = list(range(len(rows)))
    dice.shuffle(rank)
    cells = defaultdict(list)
    for place, (key, language, hours) in enumerate(rows):
        known = hours == hours
        cells[key, language, hours // 24 if known else None].append((hours if known else 0.0, rank[place], place))
    expected = {
        (lead, one) for cell in cells.values() for *_, one in sorted(cell)[LEADS:] for *_, lead in sorted(cell)[:GUIDES]
    }
    found = crowd_pairs(
        np.array([key for key, _, _ in rows], np.int64),
        np.array([language for _, language, _ in rows], np.int64),
        np.array([hours for _, _, hours in rows], np.float64),
        np.array(rank, np.int64),
    )
    assert {(lead, one) for lead, one in found.tolist()} == expected
    assert len(found) == len(expected)


def test_one_follows_the_surest_and_of_equals_the_first() -> None:
    pairs = np.array([[4, 0], [2, 0], [3, 0], [4, 1], [2, 1]])
    found = following(pairs, np.array([1.0, 3.0, 3.0, -1.0, -5.0]), 5, threshold=0.0, absent=-2.0)
    assert found.lead.tolist() == [2, 1, 2, 3, 4]
    assert found.pairs.tolist() == [[0, 4], [0, 2], [0, 3]]
    assert found.others.tolist() == [1, 2, 3, 4]


def test_four_hundred_copies_are_one_story_and_not_eighty_thousand_pairs() -> None:
    copies = crowd(400)
    result = run(copies + news())
    story = next(one for one in result.stories if any(article.id == copies[0].id for article in one.articles))
    assert {copy.id for copy in copies} <= {article.id for article in story.articles}
    assert result.counts["scored"] < 10_000
    assert len(result.scored.pairs) < 20_000
    sure = {member.article.id: member for member in story.members}
    assert min(sure[copy.id].probability for copy in copies) > 0.9
    assert all(member.of in sure for member in story.members if member.of)


def test_those_that_follow_change_nothing_for_others() -> None:
    copies = crowd(120)
    told = facts(run(copies + news()))
    in_order = sorted(copies, key=lambda copy: (copy.published, copy.id))
    leads, rest = in_order[:LEADS], in_order[LEADS:]
    alone = facts(run(leads + news()))
    # some of the rest are no copies by their key, and are compared as all are: take those that follow
    followed = {key for key in told if key not in alone}
    assert followed == {copy.id for copy in rest}
    again = facts(run([*copies, *news()][::-1]))
    assert again == told


def test_without_those_that_follow_the_rest_is_as_it_was() -> None:
    articles = crowd(120) + news()
    result = run(articles)
    places = {article.id: place for place, article in enumerate(result.articles)}
    paired = np.bincount(result.scored.pairs.ravel(), minlength=len(articles))
    # one that follows has pairs with its guides alone
    follows = {key for key, place in places.items() if key.startswith("copy") and paired[place] <= GUIDES}
    assert len(follows) > 50
    before = facts(run([article for article in articles if article.id not in follows]))
    for key, (members, *rest) in facts(result).items():
        if key not in follows:
            assert [members - follows, *rest] == list(before[key])  # type: ignore[operator] - a frozenset


@pytest.mark.parametrize("count", [LEADS - 1, LEADS])
def test_as_many_copies_as_lead_are_compared_one_by_one(count: int) -> None:
    one = invented_news(stories=1, seed=3)[0][0]
    result = run([replace(one, id=f"copy{number}") for number in range(count)])
    assert len(result.scored.pairs) == count * (count - 1) // 2


def test_copies_without_a_time_and_of_other_days_are_crowds_of_their_own() -> None:
    one = invented_news(stories=1, seed=3)[0][0]
    assert one.published
    copies = [
        replace(one, id=f"copy{day}-{number}", published=None if day == 2 else one.published + timedelta(days=day))
        for day in range(3)
        for number in range(LEADS + 10)
    ]
    result = run(copies)
    assert len(result.stories) == 1
    assert result.counts["scored"] == 3 * LEADS * (3 * LEADS - 1) // 2


def test_copies_that_are_other_events_are_compared_as_all_articles_are() -> None:
    """A key may be shared by chance or by design: who is one story with no lead does not follow."""
    pairs = np.array([[lead, 40] for lead in range(GUIDES)])
    found = following(pairs, np.full(GUIDES, -3.0), 41, threshold=0.0, absent=-4.0)
    assert not found.follows.any()
    assert not len(found.pairs)
