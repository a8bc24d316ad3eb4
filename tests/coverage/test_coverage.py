"""Which story ran where, and what one ran and another did not, against definitions written out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup.article import Article
from dedup.coverage import GapQuery, coverage_of, find_gaps, gaps_in
from dedup.coverage.gaps import near_names
from dedup.coverage.matrix import side_of
from dedup.errors import LanguageTagError, SettingsError
from dedup.story import Member, Story, make_story

MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)


def member(key: str, hour: int | None, language: str = "fa", edition: str | None = "Karun", **told: str) -> Member:
    published = None if hour is None else MONDAY + timedelta(hours=hour)
    article = Article(id=key, title=f"On {key}", body="", language=language, edition=edition, published=published)
    return Member(article=article, probability=0.9, **told)  # type: ignore[arg-type]  # relation and of alone


def story(*members: Member) -> Story:
    return make_story(members, keep="earliest")


BRIDGE = story(
    member("b1", 0, "fa", "Karun", relation="original"),
    member("b2", 2, "en", "Harbour Post", relation="translation"),
    member("b3", 5, "en", "Karun", relation="reprint"),
    member("b4", None, "tr", None),
)
QUAKE = story(member("q1", 30, "fa-AF", "Hari"), member("q2", 31, "fa", "Karun"))
ALONE = story(member("s1", 9, "fa", "Karun"))
NEWS = [BRIDGE, QUAKE, ALONE]


@st.composite
def newsrooms(draw: st.DrawFn) -> list[Story]:
    """Return stories of articles in three languages and editions, some without a time, some without an edition."""

    def one(key: str) -> Member:
        return member(
            key,
            draw(st.none() | st.integers(0, 50)),
            draw(st.sampled_from(["fa", "fa-AF", "en"])),
            draw(st.none() | st.sampled_from(["Karun", "Hari", "Harbour Post"])),
        )

    return [
        story(*(one(f"{number}-{i}") for i in range(draw(st.integers(1, 5)))))
        for number in range(draw(st.integers(0, 6)))
    ]


class TestMatrix:
    def test_cells_say_when_it_first_ran_and_how_it_came_about(self) -> None:
        row = coverage_of(NEWS, "edition").rows[0]
        assert row.ran_in == ("Karun", "Harbour Post")
        karun, post = row.appearances
        assert [one.article.id for one in karun.members] == ["b1", "b3"]
        assert (karun.first_published, karun.first.relation) == (MONDAY, "original")
        assert (post.first_published, post.first.relation) == (MONDAY + timedelta(hours=2), "translation")

    def test_columns_are_counted(self) -> None:
        coverage = coverage_of(NEWS, "edition")
        told = [(one.name, one.articles, one.stories, one.first, one.alone) for one in coverage.columns]
        assert told == [("Karun", 4, 3, 1, 1), ("Harbour Post", 1, 1, 0, 0), ("Hari", 1, 1, 1, 0)]
        assert coverage.unplaced == 1
        languages = coverage_of(NEWS, "language")
        assert [one.name for one in languages.columns] == ["fa", "en", "fa-AF", "tr"]
        assert languages.unplaced == 0

    def test_without_times_nobody_was_first(self) -> None:
        two = story(member("a", None, edition="Karun"), member("b", None, edition="Hari"))
        assert [one.first for one in coverage_of([two]).columns] == [0, 0]

    def test_nothing_covers_nothing(self) -> None:
        assert (coverage_of([]).columns, coverage_of([]).rows, coverage_of([]).unplaced) == ((), (), 0)

    def test_another_side_is_refused(self) -> None:
        with pytest.raises(SettingsError, match="by is 'city'; use edition or language"):
            coverage_of(NEWS, "city")  # type: ignore[arg-type]  # the point

    @given(newsrooms(), st.sampled_from(["edition", "language"]))
    def test_every_article_is_in_the_cell_of_its_story_and_column(self, news: list[Story], by: str) -> None:
        coverage = coverage_of(news, side_of(by))
        cells = {
            (row.story.id, appearance.column, one.article.id)
            for row in coverage.rows
            for appearance in row.appearances
            for one in appearance.members
        }
        articles = [(one.id, article) for one in news for article in one.articles]
        columns = [(key, getattr(article, by), article.id) for key, article in articles]
        assert cells == {cell for cell in columns if cell[1]}
        assert sum(column.articles for column in coverage.columns) + coverage.unplaced == sum(
            len(one.members) for one in news
        )
        for row in coverage.rows:
            for appearance in row.appearances:
                times = [one.article.published for one in appearance.members if one.article.published]
                assert appearance.first_published == (min(times) if times else None)


class TestGaps:
    def test_what_one_ran_and_another_did_not(self) -> None:
        (gap,) = find_gaps(NEWS, GapQuery(have=("fa",), lack=("fa-AF",), min_size=2))
        assert gap.story is BRIDGE
        assert (gap.lack, gap.first.article.id) == (("fa-AF",), "b1")
        assert [appearance.column for appearance in gap.ran] == ["fa", "en", "tr"]

    def test_by_edition(self) -> None:
        found = find_gaps(NEWS, GapQuery(by="edition", have=("Karun",), lack=("Hari", "Harbour Post")))
        assert [gap.story for gap in found] == [ALONE]
        assert [gap.story for gap in find_gaps(NEWS, GapQuery(by="edition", lack=("Karun",)))] == []

    def test_every_name_must_have_run_it_and_none_may_have(self) -> None:
        assert [gap.story for gap in find_gaps(NEWS, GapQuery(have=("fa", "en"), lack=("prs",)))] == [BRIDGE]
        assert find_gaps(NEWS, GapQuery(have=("fa", "ar"))) == []
        assert find_gaps(NEWS, GapQuery(lack=("fa-AF", "fa"))) == []

    def test_without_names_it_is_what_is_missing_somewhere(self) -> None:
        found = find_gaps(NEWS)
        assert [(gap.story, gap.lack) for gap in found] == [
            (BRIDGE, ("fa-AF",)),
            (QUAKE, ("en", "tr")),
            (ALONE, ("en", "fa-AF", "tr")),
        ]

    def test_times_are_those_of_who_ran_it(self) -> None:
        late = MONDAY + timedelta(hours=1)
        farsi = find_gaps(NEWS, GapQuery(have=("fa",), lack=("ar",), since=late))
        assert [gap.story for gap in farsi] == [QUAKE, ALONE]
        assert [gap.story for gap in find_gaps(NEWS, GapQuery(have=("en",), lack=("ar",), since=late))] == [BRIDGE]
        assert [gap.story for gap in find_gaps(NEWS, GapQuery(lack=("ar",), until=MONDAY))] == []
        kabul = timezone(timedelta(hours=4, minutes=30))
        just = GapQuery(lack=("ar",), since=MONDAY.astimezone(kabul), until=MONDAY + timedelta(seconds=1))
        assert [gap.story for gap in find_gaps(NEWS, just)] == [BRIDGE]

    @pytest.mark.parametrize(
        ("values", "error", "message"),
        [
            ({"by": "city"}, SettingsError, "use edition or language"),
            ({"min_size": 0}, SettingsError, "min_size is 0"),
            ({"since": datetime(2026, 3, 2)}, SettingsError, "since is .* without a zone"),
            ({"have": ("fa",), "lack": ("Farsi",)}, SettingsError, "'fa' cannot both have run a story and lack it"),
            ({"lack": ("Harbour Post",)}, LanguageTagError, "not a language tag: 'Harbour Post'"),
        ],
    )
    def test_what_makes_no_sense_is_refused(
        self, values: dict[str, object], error: type[Exception], message: str
    ) -> None:
        with pytest.raises(error, match=message):
            GapQuery(**values)  # type: ignore[arg-type]  # the point

    def test_a_coverage_by_the_other_side_is_refused(self) -> None:
        with pytest.raises(SettingsError, match="asked for by language, and the coverage is by edition"):
            gaps_in(coverage_of(NEWS, "edition"), GapQuery())

    def test_names_like_one_that_is_not_there(self) -> None:
        assert near_names("harbor post", coverage_of(NEWS, "edition")) == ["Harbour Post"]
        assert near_names("xyz", coverage_of(NEWS, "edition")) == []

    @given(
        newsrooms(),
        st.sampled_from(["edition", "language"]),
        st.sets(st.sampled_from([0, 1, 2]), max_size=2),
        st.sets(st.sampled_from([0, 1, 2]), max_size=2),
        st.integers(1, 3),
        st.none() | st.integers(0, 50),
        st.none() | st.integers(0, 50),
    )
    def test_they_are_what_the_definition_says(
        self,
        news: list[Story],
        by: str,
        have: set[int],
        lack: set[int],
        size: int,
        since: int | None,
        until: int | None,
    ) -> None:
        names = {"language": ["fa", "fa-AF", "en"], "edition": ["Karun", "Hari", "Harbour Post"]}[by]
        have, lack = have - lack, lack
        has, lacks = {names[i] for i in have}, {names[i] for i in lack}
        start, end = (None if one is None else MONDAY + timedelta(hours=one) for one in (since, until))
        query = GapQuery(by=side_of(by), have=tuple(has), lack=tuple(lacks), min_size=size, since=start, until=end)
        found = find_gaps(news, query)
        there = {getattr(article, by) for one in news for article in one.articles} - {None}
        expected = set()
        for one in news:
            ran = {getattr(article, by) for article in one.articles} - {None}
            if len(one.articles) < size or not has <= ran or not ran:
                continue
            if (ran & lacks) if lacks else not there - ran:
                continue
            counted = [article for article in one.articles if getattr(article, by) in (has or ran)]
            if any(
                (start is None and end is None)
                or (
                    article.published is not None
                    and (start is None or start <= article.published)
                    and (end is None or article.published < end)
                )
                for article in counted
            ):
                expected.add(one.id)
        assert {gap.story.id for gap in found} == expected
        assert len(found) == len(expected)
        assert find_gaps(reversed(news), query) == found


def test_it_is_there_for_who_imports_dedup() -> None:
    assert dedup.find_gaps is find_gaps
    assert dedup.coverage_of(NEWS).by == "edition"
