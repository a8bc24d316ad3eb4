from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes import invented_news
from stores import START, batch, groups, open_store

from dedup.article import Article
from dedup.errors import InputError, LanguageTagError
from dedup.store import Store

ONE, TWO, THREE = (story[0] for story in invented_news(stories=3, seed=5))


def article(key: str, text: Article, day: float | None, **fields: object) -> Article:
    published = None if day is None else START + timedelta(days=day)
    return replace(text, id=key, published=published, **fields)  # type: ignore[arg-type]  # fields by name


ARTICLES = [
    article("a", ONE, 0, language="en", edition="Morning Wire"),
    article("b", ONE, 1, language="fa-AF", edition="Evening Wire"),
    article("c", TWO, 5, language="fa", edition="Morning Wire", body=TWO.body + "\nكتابخانه‌ي مَلّي در ۱۴۰۴ گشوده شد."),
    article("d", THREE, None, language="tr", edition=None, body=THREE.body + "\nİSTANBUL Straße."),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("selection") / "store") as opened:
        opened.add(ARTICLES)
        yield opened


def test_all_of_them_come_the_latest_first(store: Store) -> None:
    assert [{one.id for one in story.articles} for story in store.stories()] == [{"c"}, {"a", "b"}, {"d"}]
    assert groups(store.stories()) == groups(batch(ARTICLES).stories)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"language": "English"}, "a"),
        ({"language": "prs"}, "a"),  # whole stories: with the one in English
        ({"language": "fa_IR"}, "c"),
        ({"edition": "Morning Wire"}, "ca"),
        ({"edition": "morning wire"}, ""),
        ({"since": START + timedelta(days=1)}, "ca"),
        ({"since": START + timedelta(days=1, seconds=1)}, "c"),
        ({"until": START + timedelta(days=1)}, "a"),
        ({"until": START}, ""),
        ({"language": "fa", "edition": "Evening Wire"}, ""),  # of one article, not of two of a story
        ({"text": "کتابخانه"}, "c"),  # Persian letters find Arabic ones
        ({"text": "كتابخانه"}, "c"),
        ({"text": "ملي 1404"}, "c"),
        ({"text": "1404 کتابخانه"}, "c"),
        ({"text": "کتابخانه نیست"}, ""),
        ({"text": "strasse"}, "d"),
        ({"text": "  "}, "cad"),
        ({"limit": 2}, "ca"),
        ({"limit": 0}, ""),
        ({"limit": 1, "language": "tr"}, "d"),
    ],
)
def test_an_article_of_them_is_as_told(store: Store, wanted: dict[str, object], found: str) -> None:
    stories = store.stories(**wanted)  # type: ignore[arg-type]  # by name
    assert "".join(min(one.id for one in story.articles) for story in stories) == found


def test_what_cannot_be_asked_is_said(store: Store) -> None:
    with pytest.raises(LanguageTagError, match="not a language tag"):
        store.stories(language="no such language")
    with pytest.raises(InputError, match="no zone"):
        store.stories(since=datetime(2020, 1, 1))
    with pytest.raises(InputError, match="no zone"):
        store.expire(datetime(2020, 1, 1))


def test_half_a_surrogate_pair_is_in_no_id(store: Store) -> None:
    half = "\ud800"
    for ask in (
        lambda: store.article(half),
        lambda: store.story(half),
        lambda: store.remove([half]),
        lambda: store.correct(same=(half, "a")),
        lambda: store.add([replace(ARTICLES[0], id=half)]),
    ):
        with pytest.raises(InputError):
            ask()
    assert store.stories(edition=half) == []
    with open_store(store.path) as other:
        other.add([replace(ARTICLES[3], id="half", edition=half)])
        assert groups(other.stories(edition=half)) == {frozenset(["d", "half"])}
        other.remove(["half"])
    assert len(store.find(replace(ARTICLES[0], id=half))) == 1


class TestFind:
    def test_the_stories_it_may_tell_come_the_surest_first(self, store: Store) -> None:
        (match,) = store.find(replace(ARTICLES[0], id="asked", edition="Other"))
        assert {one.id for one in match.story.articles} == {"a", "b"}
        assert match.nearest.id in "ab"
        assert match.nearest_probability >= match.probability > 0.5
        assert match.explain(flips=False).probability == pytest.approx(match.nearest_probability, abs=1e-4)
        assert len(store) == len(ARTICLES)

    def test_one_of_the_store_is_not_compared_with_itself(self, store: Store) -> None:
        (match,) = store.find(ARTICLES[0])
        assert match.nearest.id == "b"
        (member,) = (one for one in match.story.members if one.article.id == "a")
        assert match.probability == pytest.approx(member.probability, abs=1e-4)
        assert store.find(ARTICLES[2]) == []

    def test_it_is_what_adding_it_would_say(self, store: Store, tmp_path: Path) -> None:
        asked = article("asked", ONE, 0.5, language="ar")
        (match,) = store.find(asked)
        with_it = next(
            story for story in batch([*ARTICLES, asked]).stories if asked.id in {a.id for a in story.articles}
        )
        (member,) = (one for one in with_it.members if one.article.id == "asked")
        assert match.probability == pytest.approx(member.probability, abs=1e-4)
        assert store.find(asked, limit=0) == []

    def test_an_empty_store_knows_nothing(self, tmp_path: Path) -> None:
        with open_store(tmp_path / "store") as empty:
            assert empty.find(ARTICLES[0]) == []
            assert empty.stories() == []
            assert empty.changes() == []
            assert empty.labels() == []
            assert empty.verify() == []


def test_an_article_is_given_back(store: Store) -> None:
    assert store.article("c") == ARTICLES[2]
    with pytest.raises(InputError, match="'x'"):
        store.article("x")
    assert ARTICLES[0].published == datetime(2020, 1, 1, tzinfo=UTC)
