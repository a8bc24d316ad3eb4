"""Strangers in one story: counted by brute force."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fakes import FakeEncoder, fake_calibration, invented_news

from benchmarks.dense import as_if_within, strangers_of
from dedup import deduplicate

NEWS = list(itertools.chain.from_iterable(invented_news(stories=8, seed=4, kin=0.6)))


def test_times_are_drawn_within_the_hours_and_always_the_same() -> None:
    drawn = as_if_within(5.0, NEWS)
    assert drawn == as_if_within(5.0, NEWS)
    times = [article.published for article in drawn if article.published]
    assert timedelta(0) < max(times) - min(times) <= timedelta(hours=5)
    assert [replace(one, published=None) for one in drawn] == [replace(one, published=None) for one in NEWS]


def test_strangers_are_those_that_appeared_more_than_ten_days_apart() -> None:
    # those of one story on four days, twelve days apart
    start = datetime(2020, 1, 1, tzinfo=UTC)
    appeared = {article.id: start + timedelta(days=12 * (place % 4)) for place, article in enumerate(NEWS)}
    result = deduplicate(as_if_within(5.0, NEWS), encoder=FakeEncoder(), calibration=fake_calibration())
    found = strangers_of(result, appeared)

    def far(one: str, other: str) -> bool:
        return abs(appeared[one] - appeared[other]) > timedelta(days=10)

    ids = [article.id for article in result.articles]
    pairs = zip(result.scored.pairs.tolist(), result.scored.log_odds.tolist(), strict=True)
    assert found.joined == sum(log_odds > 0 and far(ids[one], ids[other]) for (one, other), log_odds in pairs) > 0
    stories = [[article.id for article in story.articles] for story in result.stories]
    expected = {one for story in stories for one in story if any(far(one, other) for other in story)}
    assert found.articles == len(expected) > 0
    assert found.pairs == result.counts["candidates"]
