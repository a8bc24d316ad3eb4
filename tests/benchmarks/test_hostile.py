"""Small versions of the campaign: what hostile articles want, they do not get."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from fakes import FakeEncoder, fake_calibration, invented_news

import dedup
from benchmarks.hostile.disguises import DISGUISES, disguised
from benchmarks.hostile.made import MADE, bridge_chain
from benchmarks.hostile.page import PARTS, part_text
from benchmarks.hostile.stories import ATTACKS
from dedup.text.passage import article_sentences

EXAMPLES = Path(__file__).parents[2] / "examples" / "articles.jsonl"


@pytest.mark.parametrize("disguise", DISGUISES)
def test_nearly_all_that_is_read_of_an_article_in_disguise_is_what_was_read_of_it(disguise: str) -> None:
    articles = random.Random(1).sample(sorted(dedup.read_articles(EXAMPLES), key=lambda one: one.id), 100)
    same = total = 0
    for article in articles:
        hidden = disguised(article, disguise)
        assert disguise == "none" or hidden.body != article.body
        before = article_sentences(article, 12)
        total += len(before)
        same += len(set(before) & set(article_sentences(hidden, 12)))
    assert same >= LEAST[disguise] * total, f"{same} of {total}"


# a single letter that stands alone has no word to tell its script
LEAST = dict.fromkeys(DISGUISES, 1.0) | {"homoglyphs": 0.99}


def test_the_ends_of_a_chain_stay_apart() -> None:
    chain = bridge_chain(60)
    result = dedup.deduplicate(chain, encoder=dedup.StaticEncoder())
    story = {article.id: one.id for one in result.stories for article in one.articles}
    assert story[chain[0].id] != story[chain[-1].id]


@pytest.mark.parametrize("attack", ATTACKS)
def test_two_stories_that_are_attacked_stay_apart(attack: str) -> None:
    first, second = invented_news(stories=2, seed=5)
    made = ATTACKS[attack](first[0], second[0])
    assert made
    result = dedup.deduplicate([*first, *second, *made], encoder=FakeEncoder(), calibration=fake_calibration())
    story = {article.id: one.id for one in result.stories for article in one.articles}
    assert story[first[0].id] != story[second[0].id]


def test_what_is_made_is_the_same_each_time_and_as_many_as_asked_for() -> None:
    for make in MADE.values():
        assert make(7) == make(7)
        assert len({article.id for article in make(7)}) == 7


def test_what_was_not_measured_says_how_to() -> None:
    assert all(part_text({}, part).endswith(f"python -m benchmarks.hostile {part}`.") for part in PARTS)
