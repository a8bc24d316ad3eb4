"""Frames of pandas there and back: nothing of them is lost, whatever their index and columns are."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pandas as pd
import pytest
from frame_news import ADDED, EMPTY_ROWS, expected_stories, find, records, rows_by_story
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.errors import InputError, OutputError
from dedup.read import ReadOptions, ReadReport


def frame(**values: Any) -> pd.DataFrame:
    return pd.DataFrame(records(**values))


def check_kept(given: pd.DataFrame, found: pd.DataFrame) -> None:
    """Columns, types, order and index are those of the input; what is new stands after them."""
    pd.testing.assert_frame_equal(found.iloc[:, : given.shape[1]], given, check_column_type=False)
    assert list(found.columns) == [*given.columns, *ADDED]


def stories_of(found: pd.DataFrame) -> list[str | None]:
    return [None if story is pd.NA else story for story in found["story"]]


def test_a_row_of_the_input_is_a_row_of_the_result() -> None:
    given = frame()
    before = given.copy()
    report = ReadReport()
    found = find(given, report=report).to_pandas()
    check_kept(before, found)
    pd.testing.assert_frame_equal(given, before)
    assert report.rejected == 2
    assert [reject.line - 1 for reject in report.rejects] == list(EMPTY_ROWS)
    assert {str(found[name].dtype) for name in ("story", "relation")} == {"string"}
    assert [str(found[name].dtype) for name in ("probability", "of", "representative")] == [
        "float64",
        "Int64",
        "boolean",
    ]
    assert found.loc[list(EMPTY_ROWS), ADDED].isna().all(axis=None)
    assert (
        found.drop(index=list(EMPTY_ROWS))[["story", "probability", "relation", "representative"]]
        .notna()
        .all(axis=None)
    )
    assert rows_by_story(stories_of(found)) == expected_stories(records())
    assert found[found["representative"]].groupby("story").size().eq(1).all()
    of = found["of"].dropna()
    assert len(of) > 0
    assert (found.loc[of, "story"].array == found.loc[of.index, "story"].array).all()


INDEXES: dict[str, Any] = {
    "numbers": lambda n: pd.Index(range(100, 100 + 3 * n, 3), name="row"),
    "texts": lambda n: pd.Index([f"haber-{number * 7 % n}" for number in range(n)]),
    "duplicates": lambda n: pd.Index([number % 2 for number in range(n)], name="twice"),
    "levels": lambda n: pd.MultiIndex.from_tuples(
        [(number // 4, f"n{number % 4}") for number in range(n)], names=["day", "n"]
    ),
    "times": lambda n: pd.date_range("2026-03-02", periods=n, freq="h", tz="Asia/Tehran"),
    "floats": lambda n: pd.Index([number / 2 for number in range(n)]),
    "below zero": lambda n: pd.Index(range(-n, 0)),
    "missing": lambda n: pd.Index([None, *(f"x{number}" for number in range(n - 1))]),
    "mixed": lambda n: pd.Index([1, "1", *range(2, n)], dtype=object),
    "categories": lambda n: pd.CategoricalIndex([f"k{number}" for number in range(n)]),
}


@pytest.mark.parametrize("name", INDEXES)
def test_any_index_is_kept_and_rows_are_found_by_what_of_says(name: str) -> None:
    given = frame()
    given.index = INDEXES[name](len(given))
    found = find(given).to_pandas()
    check_kept(given, found)
    plain = find(frame()).to_pandas()
    assert rows_by_story(stories_of(found)) == rows_by_story(stories_of(plain))
    labelled = name in ("numbers", "texts")
    places = [
        None if of is pd.NA else (given.index.get_loc(of) if labelled else of)
        for of in found["of"].astype(object).where(found["of"].notna(), pd.NA)
    ]
    stories = stories_of(found)
    assert any(place is not None for place in places)
    assert all(stories[place] == stories[row] for row, place in enumerate(places) if place is not None)
    if name != "texts":  # there labels stand in another order than rows
        assert places == [None if of is pd.NA else of for of in plain["of"]]


COLUMNS: dict[str, Any] = {
    "categories": lambda n: pd.Categorical(["a", "b", None] * n, categories=["b", "a", "never"], ordered=True)[:n],
    "whole numbers with nulls": lambda n: pd.array([None, *range(n - 1)], dtype="Int64"),
    "nullable flags": lambda n: pd.array([None, True, False] * n, dtype="boolean")[:n],
    "nullable texts": lambda n: pd.array([None, "x"] * n, dtype="string")[:n],
    "small floats": lambda n: np.linspace(0, 1, n, dtype=np.float32),
    "naive times": lambda n: pd.date_range("2026-03-02", periods=n, freq="min"),
    "times of a zone": lambda n: pd.date_range("2026-03-02", periods=n, freq="min", tz="Asia/Kabul"),
    "spans": lambda n: pd.to_timedelta(range(n), unit="h"),
    "periods": lambda n: pd.period_range("2026-01", periods=n, freq="M"),
    "objects": lambda n: pd.Series([{"a": [number]} if number % 2 else (1, "x") for number in range(n)], dtype=object),
    "arrays": lambda n: pd.Series([np.arange(number) for number in range(n)], dtype=object),
    "sparse": lambda n: pd.arrays.SparseArray([0, 0, 1] * n)[:n],
    "of Arrow": lambda n: pd.array(
        [[1, 2], None] * n, dtype=pd.ArrowDtype(__import__("pyarrow").list_(__import__("pyarrow").int8()))
    )[:n],
}


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_any_type_are_kept(name: str) -> None:
    given = frame().assign(odd=COLUMNS[name](17))
    check_kept(given, find(given).to_pandas())
    unique = find(given).to_pandas(rows="unique")
    assert unique["odd"].dtype == given["odd"].dtype


@pytest.mark.parametrize("dtype", [object, "string", "category", "string[pyarrow]"])
def test_texts_of_any_type_are_read_the_same(dtype: Any) -> None:
    given = frame().astype({"headline": dtype, "text": dtype, "lang": dtype})
    found = find(given).to_pandas()
    check_kept(given, found)
    pd.testing.assert_frame_equal(found[ADDED], find(frame()).to_pandas()[ADDED])


@pytest.mark.parametrize("zone", ["Asia/Tehran", None])
def test_times_with_and_without_a_zone(zone: str | None) -> None:
    given = frame()
    given["date"] = given["date"].dt.tz_convert(zone) if zone else given["date"].dt.tz_localize(None)
    found = find(given)
    check_kept(given, found.to_pandas())
    assert {article.published for article in found.articles} == {
        article.published for article in find(frame()).articles
    }


def test_ids_of_a_column_are_the_ids_and_what_of_says() -> None:
    given = frame(ids=True)
    result = find(given)
    assert {article.id for article in result.articles} == {str(1000 + 7 * number) for number in range(15)}
    found = result.to_pandas()
    check_kept(given, found)
    assert str(found["of"].dtype) == "Int64"
    by_id = found.set_index("guid")
    of = by_id["of"].dropna()
    assert len(of) > 0
    assert (by_id.loc[of, "story"].array == by_id.loc[of.index, "story"].array).all()


@pytest.mark.parametrize("dtype", ["int64", "UInt16", "int64[pyarrow]", "string", "category", object, "float64"])
def test_of_has_the_type_of_the_ids(dtype: Any) -> None:
    given = frame(ids=True).astype({"guid": dtype})
    found = find(given).to_pandas()
    check_kept(given, found)
    expected = "Int64" if dtype == "int64" else str(given["guid"].dtype)
    assert str(found["of"].dtype) == expected
    assert found["of"].dropna().isin(given["guid"]).all()
    assert found["of"].notna().any()


def test_whole_numbers_that_pandas_made_floats_are_whole() -> None:
    given = frame(ids=True)
    given.loc[0, "guid"] = None
    assert given["guid"].dtype == "float64"
    report = ReadReport()
    result = find(given, report=report)
    assert report.rejected == 2
    assert {article.id for article in result.articles} == {"00", *(str(1000 + 7 * number) for number in range(1, 15))}
    check_kept(given, result.to_pandas())


def test_an_id_that_comes_twice_is_rejected_and_stays_a_row() -> None:
    given = frame(ids=True)
    given.loc[1, "guid"] = given.loc[0, "guid"]
    report = ReadReport()
    found = find(given, report=report).to_pandas()
    assert [reject.line for reject in report.rejects] == [2, 4, 9]
    assert report.rejects[0].reason == "the id '1000' is taken by row 1"
    assert stories_of(found)[1] is None
    check_kept(given, found)


def test_a_series_of_texts_becomes_a_frame() -> None:
    texts = [f"{row['headline']}\n{row['text']}" if row["text"] else None for row in records()]
    given = pd.Series(texts, index=[f"x{number}" for number in range(17)], name="haber")
    found = find(given).to_pandas()
    pd.testing.assert_series_equal(found["haber"], given)
    assert list(found.columns) == ["haber", *ADDED]
    assert found["story"].notna().sum() == 15
    assert find(pd.Series(texts)).to_pandas().columns[0] == "text"
    assert list(find(pd.Series(texts, name=7)).to_pandas().columns) == [7, *ADDED]


def test_representatives_alone_keep_their_labels_and_order() -> None:
    given = frame().sample(frac=1, random_state=3)
    result = find(given)
    everything, kept = result.to_pandas(), result.to_pandas(rows="unique")
    pd.testing.assert_frame_equal(kept, everything[everything["representative"].fillna(False)])
    assert len(kept) == len(result.stories)


def test_a_name_that_is_taken_is_an_error_that_tells_the_way_out() -> None:
    given = frame().assign(story="mine")
    result = find(given)
    with pytest.raises(OutputError, match="a column 'story' already; give a prefix"):
        result.to_pandas()
    found = result.to_pandas(prefix="dedup_")
    assert list(found.columns) == [*given.columns, *(f"dedup_{name}" for name in ADDED)]
    pd.testing.assert_series_equal(found["dedup_of"], find(frame()).to_pandas()["of"].rename("dedup_of"))


def test_a_name_of_the_index_is_taken_too() -> None:
    with pytest.raises(OutputError, match="a column 'story' already"):
        find(frame().rename_axis("story")).to_pandas()


def test_columns_of_one_name_are_kept_and_the_first_is_read() -> None:
    given = frame()
    given = pd.concat([given, given[["text"]].assign(text="no"), given[["views"]]], axis=1)
    found = find(given).to_pandas()
    check_kept(given, found)
    assert rows_by_story(stories_of(found)) == expected_stories(records())


def test_columns_that_dedup_does_not_know_are_not_copied_into_articles() -> None:
    assert all(article.extra == {} for article in find(frame()).articles)


def test_no_column_for_a_text_is_told_at_once() -> None:
    with pytest.raises(
        InputError, match=r"no column for title or body among 'x', 'y'; name it: options=dedup.ReadOptions"
    ):
        find(pd.DataFrame({"x": ["a"], "y": ["b"]}))
    with pytest.raises(InputError, match="no column for title or body among '0'"):
        find(pd.DataFrame([["a"]]))
    with pytest.raises(InputError, match="no column 'kop' for title; the columns are 'headline'"):
        find(frame(), options=ReadOptions(fields={"title": "kop"}))
    named = find(
        frame().rename(columns={"headline": "h1", "text": "t"}),
        options=ReadOptions(fields={"title": "h1", "body": "t"}),
    )
    assert rows_by_story(stories_of(named.to_pandas())) == expected_stories(records())


@pytest.mark.parametrize(
    "given", [frame().iloc[:0], pd.DataFrame(), pd.DataFrame({"x": []}), pd.DataFrame(index=pd.Index([], name="n"))]
)
def test_no_rows_are_no_stories(given: pd.DataFrame) -> None:
    result = find(given)
    found = result.to_pandas()
    check_kept(given, found)
    assert len(found) == len(result.to_pandas(rows="unique")) == len(result.to_pandas(rows="stories")) == 0
    assert str(found["of"].dtype) == ("Int64")
    assert find(pd.Series([], dtype=object)).to_pandas().shape == (0, 7)


def test_what_is_done_to_the_frame_later_is_not_seen() -> None:
    given = frame()
    result = find(given)
    given["later"] = 1
    assert "later" not in result.to_pandas().columns
    first = result.to_pandas()
    first["story"] = "x"
    assert result.to_pandas()["story"].iloc[0] != "x"


def test_a_result_without_its_input_lets_it_go() -> None:
    result = find(frame())
    assert result.origin is not None
    held = weakref.ref(result.origin.source)
    result = result.without_input()
    gc.collect()
    assert held() is None


def test_another_kind_of_frame_stays_one() -> None:
    class Own(pd.DataFrame):  # type: ignore[misc]  # pandas ships no types
        @property
        def _constructor(self) -> Any:
            return Own

    given = Own(records())
    given.attrs["of"] = "the newsroom"
    found = find(given).to_pandas()
    assert type(found) is Own
    assert found.attrs == {"of": "the newsroom"}


def test_stories_are_a_frame() -> None:
    result = find(frame())
    stories = result.to_pandas(rows="stories")
    assert list(stories["story"]) == [story.id for story in result.stories]
    assert list(stories["articles"]) == [len(story.members) for story in result.stories]
    assert [list(languages) for languages in stories["languages"]] == [
        list(story.languages) for story in result.stories
    ]
    assert list(stories["first_published"]) == [story.first_published for story in result.stories]
    assert str(stories["last_published"].dtype) == "datetime64[us, UTC]"
    with pytest.raises(OutputError, match="rows is 'all'; use articles, unique or stories"):
        result.to_pandas(rows="all")  # type: ignore[arg-type]  # what is wrong here


@settings(max_examples=25)
@given(st.permutations(range(17)), st.integers(0, 17))
def test_any_part_in_any_order_maps_back(order: list[int], size: int) -> None:
    given = frame(ids=True).iloc[order[:size]]
    result = find(given)
    found = result.to_pandas()
    check_kept(given, found)
    told = {member.article.id: (story.id, member) for story in result.stories for member in story.members}
    for _, row in found.iterrows():
        if row["story"] is pd.NA:
            assert row["guid"] in EMPTY_ROWS
            continue
        story, member = told.pop(str(row["guid"]))
        assert (row["story"], row["probability"], row["relation"]) == (story, member.probability, member.relation)
        assert (None if row["of"] is pd.NA else str(row["of"])) == member.of
    assert not told


def test_what_arrow_has_no_type_for_is_told() -> None:
    result = find(frame().assign(odd=[object() for _ in range(17)]))
    with pytest.raises(OutputError, match=r"a column has no type in Arrow: .*use to_pandas"):
        result.to_arrow()
