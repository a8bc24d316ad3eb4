"""Unrelated news: pairs that cannot be one story, made to look as if they might be."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from benchmarks import unrelated
from dedup.article import Article

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def news(monkeypatch: pytest.MonkeyPatch) -> list[Article]:
    """Articles every four days, each third without a time."""
    articles = [
        Article(
            id=f"a{number}",
            title=f"Headline {number}",
            body="A sentence of news.",
            language="en",
            published=None if number % 3 == 2 else BEGIN + timedelta(days=4 * number),
        )
        for number in range(40)
    ]
    monkeypatch.setattr(unrelated, "BEYOND", 10)
    monkeypatch.setattr(unrelated, "_ARTICLES", 7)
    monkeypatch.setattr(unrelated, "_PART", 1.0)
    monkeypatch.setattr(unrelated, "distractors", lambda count: tuple(articles[:count]))
    return articles


def test_what_the_benchmarks_draw_first_teaches_nothing(news: list[Article]) -> None:
    drawn = [one.article.id for one in unrelated.unrelated_news().labelled]
    assert drawn == [article.id for article in news[10:38] if article.published][:7]


def test_pairs_are_those_that_appeared_more_than_ten_days_apart(news: list[Article]) -> None:
    found = unrelated.unrelated_news()
    real = {article.id: article.published for article in news}
    ids = [one.article.id for one in found.labelled]
    expected = []
    for (i, one), (j, other) in itertools.combinations(enumerate(ids), 2):
        a, b = real[one], real[other]
        assert a is not None
        assert b is not None
        if abs(a - b) > timedelta(days=10):
            expected.append([i, j])
    assert 0 < len(expected) < len(ids) * (len(ids) - 1) // 2
    assert found.listed.pairs.tolist() == expected
    assert not found.listed.same.any()


@pytest.mark.usefixtures("news")
def test_their_times_are_made_within_a_day_and_always_the_same() -> None:
    found, again = unrelated.unrelated_news(), unrelated.unrelated_news()
    times = [one.article.published for one in found.labelled]
    assert times == [one.article.published for one in again.labelled]
    hours = np.array([(time - BEGIN).total_seconds() / 3600 for time in times if time])
    assert len(hours) == 7
    assert hours.max() - hours.min() <= 24
    assert len({one.story for one in found.labelled}) == len({one.family for one in found.labelled}) == 7
