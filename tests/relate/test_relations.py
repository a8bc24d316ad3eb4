"""Relations in a world where a translation is the same words under another language tag (see fakes.py)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from fakes import MAX_SENTENCES, FakeEncoder, fake_calibration, fake_relation_weights
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.article import Article
from dedup.encode.fingerprint import Fingerprints, fingerprint_articles
from dedup.encode.vectors import encode_sentences
from dedup.errors import CalibrationError
from dedup.relate.relations import RELATIONS, Relation, relate_articles
from dedup.relate.signals import Material, compared_pairs, reading_order
from dedup.score.relation_weights import RelationWeights
from dedup.text.passage import article_sentences

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


def text(seed: int, lines: int = 6) -> list[str]:
    """Return sentences of words that no other seed has."""
    dice = random.Random(seed)
    return [" ".join(f"w{seed}x{dice.randrange(10**6)}" for _ in range(9)).capitalize() + "." for _ in range(lines)]


def article(
    key: str, lines: Sequence[str], hours: float | None = None, language: str = "en", edition: str = "E"
) -> Article:
    published = None if hours is None else MONDAY + timedelta(hours=hours)
    return Article(
        id=key, title=lines[0], body="\n".join(lines[1:]), language=language, published=published, edition=edition
    )


def prints(articles: Sequence[Article]) -> Fingerprints:
    passages = [article_sentences(one, MAX_SENTENCES) for one in articles]
    vectors = encode_sentences([sentence for passage in passages for sentence in passage], FakeEncoder())
    return fingerprint_articles(articles, passages, vectors, fake_calibration())


def related(
    *stories: Sequence[Article], weights: RelationWeights | None = None
) -> dict[str, tuple[str, str | None, float]]:
    """Return the relation of every article, with the id that it is of; articles are given in the order of their ids."""
    number = {one.id: i for i, story in enumerate(stories) for one in story}
    articles = sorted((one for story in stories for one in story), key=lambda one: one.id)
    found = relate_articles(
        articles,
        np.array([number[one.id] for one in articles], np.int64),
        prints(articles),
        weights or fake_relation_weights(),
        max_sentences=MAX_SENTENCES,
    )

    def named(relation: Relation) -> tuple[str, str | None, float]:
        return relation.kind, None if relation.of is None else articles[relation.of].id, relation.probability

    return {one.id: named(relation) for one, relation in zip(articles, found, strict=True)}


def kinds(*stories: Sequence[Article]) -> dict[str, tuple[str, str | None]]:
    return {key: (kind, of) for key, (kind, of, _) in related(*stories).items()}


class TestDatedStories:
    def test_an_article_that_is_alone_is_original(self) -> None:
        assert related([article("a", text(1), 0)], [article("b", text(2))]) == {
            "a": ("original", None, 1.0),
            "b": ("original", None, 1.0),
        }

    def test_each_relation(self) -> None:
        first, own = text(1), text(2)
        story = [
            article("e", first, 0),
            article("d", first, 1, "fa"),
            article("c", first[:4], 2),
            article("b", own, 3, "tr"),
            article("a", text(3), 96, "ar"),
        ]
        assert kinds(story) == {
            "e": ("original", None),
            "d": ("translation", "e"),
            "c": ("reprint", "e"),
            "b": ("independent", None),
            "a": ("update", "e"),
        }

    def test_farsi_and_dari_are_two_languages(self) -> None:
        found = kinds(
            [article("a", text(1), 0, "fa"), article("b", text(1), 1, "fa-AF"), article("c", text(1), 2, "fa")]
        )
        assert (found["b"], found["c"]) == (("translation", "a"), ("reprint", "a"))

    def test_a_copy_of_a_translation_is_its_reprint_and_another_translation_is_of_the_original(self) -> None:
        found = kinds(
            [
                article("a", text(1), 0, "en"),
                article("b", text(1), 1, "fa"),
                article("c", text(1), 2, "fa"),
                article("d", text(1), 3, "fa"),
                article("e", text(1), 4, "tr"),
            ]
        )
        assert found["c"] == found["d"] == ("reprint", "b")
        assert found["e"] == ("translation", "a")

    def test_a_translation_of_an_independent_report_is_of_that_report(self) -> None:
        found = kinds(
            [article("a", text(1), 0), article("b", text(2), 1, "tr"), article("c", text(2), 2, "ar")],
        )
        assert found == {"a": ("original", None), "b": ("independent", None), "c": ("translation", "b")}

    def test_the_original_is_the_earliest_whatever_its_length(self) -> None:
        assert kinds([article("a", text(1), 1), article("b", text(1)[:3], 0)]) == {
            "a": ("reprint", "b"),
            "b": ("original", None),
        }

    def test_a_tie_in_time_goes_to_the_longer_copy(self) -> None:
        assert kinds([article("a", text(1)[:3], 0), article("b", text(1), 0)])["b"] == ("original", None)


class TestStoriesWithoutTimes:
    def test_a_cut_copy_is_no_original(self) -> None:
        found = kinds([article("a", text(1)[:3]), article("b", text(1)), article("c", text(1), language="tr")])
        assert found["a"][0] == "reprint"
        assert found["c"][0] in {"original", "translation"}

    def test_the_text_that_others_share_is_the_original_one(self) -> None:
        found = kinds(
            [article("a", text(2)), article("b", text(1), language="fa"), article("c", text(1), language="ar")]
        )
        assert found["a"] == ("independent", None)
        assert {found["b"][0], found["c"][0]} == {"original", "translation"}

    def test_an_article_without_a_time_may_be_older_than_those_with_one(self) -> None:
        found = kinds([article("a", text(1)[:3], 0), article("b", text(1))])
        assert found == {"a": ("reprint", "b"), "b": ("original", None)}

    def test_what_is_told_without_times_is_less_sure(self) -> None:
        copies = [article("a", text(1), 0), article("b", text(1), 1, "tr")]
        undated = [replace(one, published=None) for one in copies]
        assert related(copies)["b"][2] > 0.95
        assert all(0.4 < probability < 0.6 for _, _, probability in related(undated).values())


POOL = [text(seed) for seed in range(4)]
ARTICLES = st.builds(
    lambda number, cut, hours, language: (POOL[number][:cut], hours, language),
    st.integers(0, 3),
    st.integers(1, 6),
    st.none() | st.integers(0, 120),
    st.sampled_from(["fa", "fa-AF", "en", "ru"]),
)
STORY = st.lists(ARTICLES, min_size=1, max_size=7)


def made(prefix: str, rows: Sequence[tuple[list[str], int | None, str]]) -> list[Article]:
    return [article(f"{prefix}{i}", lines, hours, language) for i, (lines, hours, language) in enumerate(rows)]


class TestEveryStory:
    @given(STORY)
    @settings(max_examples=60)
    def test_one_original_and_sources_that_can_be(self, rows: list[tuple[list[str], int | None, str]]) -> None:
        story = made("a", rows)
        by_id = {one.id: one for one in story}
        found = related(story)
        originals = [key for key, (kind, _, _) in found.items() if kind == "original"]
        assert len(originals) == 1
        first = by_id[originals[0]].published
        assert first is None or all(one.published is None or one.published >= first for one in story)
        for key, (kind, of, probability) in found.items():
            assert kind in RELATIONS
            assert 0 <= probability <= 1
            assert (of is None) == (kind in {"original", "independent"})
            if of is not None:
                assert of != key
                assert (kind == "reprint") <= (by_id[of].language == by_id[key].language)
                assert (kind == "translation") <= (by_id[of].language != by_id[key].language)
                # a source is a text in its own right, or the first in its language
                assert found[of][0] != "reprint"
                if kind == "update":
                    assert of == originals[0]

    @given(STORY, STORY, st.booleans())
    @settings(max_examples=20)
    def test_other_stories_change_nothing(
        self,
        rows: list[tuple[list[str], int | None, str]],
        others: list[tuple[list[str], int | None, str]],
        before: bool,
    ) -> None:
        story, other = made("m", rows), made("a" if before else "z", others)
        assert {key: related(story, other)[key] for key in related(story)} == related(story)


class TestLargeStories:
    def test_every_copy_of_two_hundred_is_of_the_first(self) -> None:
        copies = [article(f"{i:03}", text(1), 0.1 * i, ("en", "fa", "tr")[i % 3]) for i in range(200)]
        found = kinds(copies)
        assert found["000"] == ("original", None)
        for i in range(1, 200):
            # the first three are one of each language
            expected = ("translation", "000") if i < 3 else ("reprint", f"{i % 3:03}")
            assert found[f"{i:03}"] == expected

    def test_pairs_grow_with_the_articles_not_with_their_square(self) -> None:
        articles = [article(f"{i:04}", text(i, 2), i) for i in range(300)]
        material = Material.of(articles, prints(articles), MAX_SENTENCES)
        story = reading_order(np.arange(300), material)
        pairs = compared_pairs([story], material)
        assert len(pairs) == 32 * 33 // 2 + (300 - 33) * 32
        # brute force: the nearest of those before it
        documents = material.fingerprints.documents.astype(np.float64)
        for late in (33, 150, 299):
            near = np.sort(documents[:late] @ documents[late])[-32:]
            chosen = pairs[pairs[:, 1] == late][:, 0]
            np.testing.assert_allclose(np.sort(documents[chosen] @ documents[late]), near, atol=1e-4)

    def test_pairs_of_a_small_story_are_all(self) -> None:
        articles = [article(str(i), text(i, 2), -i) for i in range(5)]
        material = Material.of(articles, prints(articles), MAX_SENTENCES)
        stories = [reading_order(np.array(story), material) for story in ([0, 2, 4], [1, 3])]
        assert compared_pairs(stories, material).tolist() == [[0, 2], [0, 4], [1, 3], [2, 4]]
        assert stories[0].tolist() == [4, 2, 0]


def test_weights_of_signals_that_are_not_known_are_refused() -> None:
    weights = fake_relation_weights()
    for name in ("same_text", "original", "update"):
        model = replace(getattr(weights, name), coefficients={"horoscope": 1.0})
        with pytest.raises(CalibrationError, match=r"horoscope; fit it again"):
            related([article("a", text(1))], weights=replace(weights, **{name: model}))
