from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stores import batch, news, open_store, told

from dedup.article import Article
from dedup.errors import InputError
from dedup.store.records import article_from_record, article_to_record

# half a surrogate pair is what broken feeds hold; two halves beside each other are no text that Python's JSON keeps
TEXT = st.text(st.characters(codec=None), max_size=30).filter(
    lambda text: text == text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
)
MAYBE = st.none() | TEXT
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
ARTICLES = st.builds(
    Article,
    id=TEXT,
    title=TEXT,
    body=TEXT,
    language=st.sampled_from(["en", "fa-AF", "und"]),
    language_confidence=st.floats(0, 1),
    published=st.none() | st.datetimes(timezones=ZONES),
    url=MAYBE,
    edition=MAYBE,
    section=MAYBE,
    city=MAYBE,
    agency=MAYBE,
    extra=st.dictionaries(TEXT, JSON, max_size=3),
)


@given(ARTICLES)
def test_an_article_comes_back(article: Article) -> None:
    record = article_to_record(article)
    assert record.isascii()
    back = article_from_record(record)
    assert back == article
    assert article_to_record(back) == record
    if article.published and back.published:
        assert back.published.utcoffset() == article.published.utcoffset()


@pytest.mark.parametrize("extra", [{"x": datetime(2020, 1, 1, tzinfo=UTC)}, {"x": b"1"}, {"x": {1, 2}}, {("a",): 1}])
def test_what_json_cannot_hold_is_refused_with_all_that_came_with_it(tmp_path: Path, extra: dict[str, object]) -> None:
    articles = news(1)[:3]
    with open_store(tmp_path / "store") as store:
        with pytest.raises(InputError, match=articles[1].id):
            store.add([articles[0], replace(articles[1], extra=extra), articles[2]])
        assert len(store) == 0


def test_hostile_articles_are_kept_as_they_are_and_group_as_in_a_batch_run(tmp_path: Path) -> None:
    one, other, third = news(1, undated=0)[:3]
    articles = [
        replace(one, title="\ud800" + one.title, body="\x00" + one.body, edition="\udfff", url="\ud800"),
        replace(one, id="'; DROP TABLE articles; --", extra={"a": [1, {"b": None}], "\ud800": "\udfff"}),
        replace(other, id="\x00", title="", body="\u202e"),
        replace(other, id="é", published=None, title="   "),
        replace(other, id="e\u0301", language="und"),
        replace(third, id="", published=datetime(1, 1, 1, tzinfo=UTC)),
        replace(third, id="last", published=datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        replace(third, id="old", published=datetime(1900, 1, 1, tzinfo=timezone(timedelta(hours=4, minutes=30)))),
    ]
    with open_store(tmp_path / "store") as store:
        for article in articles:
            store.add([article])
        expected = batch(articles)
        assert told(store.stories()) == told(expected.stories)
        for article in expected.articles:
            assert store.article(article.id) == article
        assert store.verify() == []
        assert store.add(articles) == []
        store.remove([article.id for article in articles])
        assert len(store) == 0


def test_one_id_twice_is_refused(tmp_path: Path) -> None:
    one, other = news(1)[:2]
    with open_store(tmp_path / "store") as store:
        with pytest.raises(InputError, match="two articles have the id"):
            store.add([one, replace(other, id=one.id)])
        assert len(store) == 0
