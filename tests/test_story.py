from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.errors import SettingsError
from dedup.story import Member, Story, choose_representative, make_story

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


def article(
    key: str,
    hours: float | None = 0,
    *,
    language: str = "en",
    body: str = "body",
    title: str = "title",
    edition: str | None = None,
) -> Article:
    published = None if hours is None else MONDAY + timedelta(hours=hours)
    return Article(id=key, title=title, body=body, language=language, published=published, edition=edition)


def story(*articles: Article, keep: str = "earliest") -> Story:
    return make_story([Member(article=one, probability=0.9) for one in articles], keep=keep)


ARTICLES = st.builds(
    article,
    st.text("abc", min_size=1, max_size=3),
    st.none() | st.integers(0, 5),
    language=st.sampled_from(["fa", "fa-AF", "en", "ru"]),
    body=st.text("x", max_size=4),
    edition=st.sampled_from([None, "A", "B"]),
)
STORIES = st.lists(ARTICLES, min_size=1, max_size=8, unique_by=lambda one: one.id)
KEEPS = st.sampled_from(["earliest", "longest", "en", "fa-AF,en", "prs, tr", "ur"])


class TestOrder:
    def test_the_earliest_comes_first_those_without_a_time_last(self) -> None:
        one = story(article("d", None), article("c", 5), article("b", None), article("a", 7))
        assert [each.id for each in one.articles] == ["c", "a", "b", "d"]

    def test_times_are_compared_across_zones(self) -> None:
        kabul = timezone(timedelta(hours=4, minutes=30))
        later = Article(id="a", title="t", body="", published=datetime(2026, 3, 2, 12, 31, tzinfo=kabul))
        assert [each.id for each in story(later, article("b", 0)).articles] == ["b", "a"]

    @given(STORIES, KEEPS)
    def test_the_order_of_members_changes_nothing(self, articles: list[Article], keep: str) -> None:
        assert story(*articles, keep=keep) == story(*reversed(articles), keep=keep)
        assert story(*articles, keep=keep) == story(*sorted(articles, key=lambda one: one.body), keep=keep)


class TestIdentity:
    def test_a_story_that_grows_keeps_its_id(self) -> None:
        first = article("m", 0)
        assert (
            story(first).id == story(first, article("a", 1)).id == story(first, article("z", 2), article("b", None)).id
        )
        assert story(article("a", 1)).id != story(first).id

    def test_without_times_the_smallest_id_gives_it(self) -> None:
        assert story(article("b", None), article("a", None)).id == story(article("a", None)).id

    def test_how_it_was_kept_changes_no_id(self) -> None:
        articles = article("a", 1, language="en"), article("b", 0, language="fa")
        assert len({story(*articles, keep=keep).id for keep in ("earliest", "longest", "en")}) == 1

    def test_any_id_of_an_article_makes_one(self) -> None:
        assert story(article("\ud800")).id.startswith("s")


class TestSummary:
    def test_languages_and_editions_are_named_once_in_the_order_in_which_they_came(self) -> None:
        one = story(
            article("1", 2, language="fa", edition="B"),
            article("2", 0, language="en", edition="C"),
            article("3", 1, language="fa"),
            article("4", 3, language="ar", edition="C"),
        )
        assert one.languages == ("en", "fa", "ar")
        assert one.editions == ("C", "B")

    def test_first_and_last_times_are_those_known(self) -> None:
        one = story(article("1", 2), article("2", None), article("3", 0))
        assert (one.first_published, one.last_published) == (MONDAY, MONDAY + timedelta(hours=2))
        none = story(article("1", None))
        assert (none.first_published, none.last_published) == (None, None)

    def test_the_headline_is_the_representatives_or_the_beginning_of_its_text(self) -> None:
        assert story(article("1", 1), article("2", 0, title="First")).headline == "First"
        assert story(article("1", title="", body="A short\nbody.")).headline == "A short body."
        long = story(article("1", title="", body="word " * 100)).headline
        assert len(long) <= 120
        assert long.endswith("word…")
        assert 0 < len(story(article("1", title="", body="x" * 500)).headline) <= 120

    @given(STORIES, KEEPS)
    def test_the_representative_is_one_of_the_articles(self, articles: list[Article], keep: str) -> None:
        one = story(*articles, keep=keep)
        assert one.representative in one.articles
        assert len(one.members) == len(articles)


class TestRepresentative:
    OLD = article("o", 0, language="fa", body="x")
    LONG = article("l", 5, language="en", body="x" * 50)
    LATE = article("z", 9, language="fa", body="x" * 9)
    UNDATED = article("u", None, language="tr", body="x" * 20)
    ALL = (LATE, UNDATED, LONG, OLD)

    @pytest.mark.parametrize(
        ("keep", "expected"),
        [
            ("earliest", "o"),
            ("longest", "l"),
            ("fa", "o"),
            ("en", "l"),
            ("tr,fa", "u"),
            ("ru,en,fa", "l"),
            ("ru", "o"),
            ("eng", "l"),
            (" Turkish , fa", "u"),
        ],
    )
    def test_the_rule_chooses(self, keep: str, expected: str) -> None:
        assert choose_representative(self.ALL, keep).id == expected

    def test_ties_go_to_the_longer_text_then_to_the_smaller_id(self) -> None:
        short, long = article("a", 0, body="x"), article("b", 0, body="xx")
        assert choose_representative([short, long], "earliest").id == "b"
        assert choose_representative([article("b"), article("a")], "earliest").id == "a"
        assert choose_representative([article("b", 1), article("a", 2)], "longest").id == "b"
        assert choose_representative([article("a", None), article("b", 2)], "longest").id == "b"

    def test_dari_and_persian_are_two_languages(self) -> None:
        both = [article("i", 0, language="fa"), article("a", 1, language="fa-AF")]
        assert choose_representative(both, "prs").id == "a"
        assert choose_representative(both, "fa").id == "i"

    @pytest.mark.parametrize("keep", ["newest", "fa,klingon", "fa;en"])
    def test_what_is_no_rule_is_refused(self, keep: str) -> None:
        with pytest.raises(SettingsError, match="use earliest, longest, or languages such as fa,en"):
            choose_representative(self.ALL, keep)
