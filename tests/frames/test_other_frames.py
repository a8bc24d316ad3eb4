"""Frames of polars, Arrow and datasets there and back, and from each into each."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import datasets
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.json
import pytest
from commands import newsroom
from fakes import invented_news
from frame_news import ADDED, EMPTY_ROWS, expected_stories, find, records, rows_by_story
from polars.testing import assert_frame_equal

from dedup.errors import InputError, OutputError
from dedup.pipeline import Deduplication
from dedup.read import read_articles
from dedup.write.articles import FIELDS
from dedup.write.stories import COLUMNS

ADDED_TYPES = {
    "story": "string",
    "probability": "double",
    "relation": "string",
    "of": "int64",
    "relation_probability": "double",
    "representative": "bool",
}


def table(**values: Any) -> pa.Table:
    return pa.Table.from_pylist(records(**values))


def check_stories(stories: list[str | None], ofs: list[int | None]) -> None:
    assert rows_by_story(stories) == expected_stories(records())
    assert [row for row, story in enumerate(stories) if story is None] == list(EMPTY_ROWS)
    assert any(of is not None for of in ofs)
    assert all(stories[row] == stories[of] for row, of in enumerate(ofs) if of is not None)


class TestPolars:
    def test_frames_eager_and_lazy(self) -> None:
        given = pl.DataFrame(records()).with_columns(
            pl.col("lang").cast(pl.Categorical),
            pl.struct("views", "score").alias("both"),
            pl.concat_list("views", "views").alias("list"),
            pl.col("date").dt.convert_time_zone("Asia/Kabul"),
            pl.lit(None).alias("nothing"),
        )
        for one in (given, given.lazy()):
            found = find(one).to_polars()
            assert_frame_equal(found.select(given.columns), given)
            assert found.columns == [*given.columns, *ADDED]
            assert found.schema["of"] == pl.Int64
            check_stories(found["story"].to_list(), found["of"].to_list())

    def test_series(self) -> None:
        given = pl.Series("haber", [row["text"] for row in records()])
        found = find(given).to_polars()
        assert found.columns == ["haber", *ADDED]
        assert found["haber"].equals(given)
        assert found["story"].null_count() == 2

    def test_ids_and_representatives(self) -> None:
        given = pl.DataFrame(records(ids=True), schema_overrides={"guid": pl.UInt16})
        result = find(given)
        found = result.to_polars()
        assert found.schema["of"] == pl.UInt16
        assert set(found["of"].drop_nulls()) <= set(found["guid"])
        assert_frame_equal(result.to_polars(rows="unique"), found.filter("representative"))

    def test_empty(self) -> None:
        for given in (pl.DataFrame(), pl.DataFrame(records()).clear()):
            found = find(given).to_polars()
            assert (found.height, found.columns) == (0, [*given.columns, *ADDED])

    def test_clash(self) -> None:
        result = find(pl.DataFrame(records()).with_columns(of=1))
        with pytest.raises(OutputError, match="a column 'of' already"):
            result.to_polars()
        assert result.to_polars(prefix="x.").columns[-6:] == [f"x.{name}" for name in ADDED]


class TestArrow:
    def test_tables_nested_and_in_dictionaries_and_chunks(self) -> None:
        given = table()
        given = given.set_column(2, "lang", given["lang"].combine_chunks().dictionary_encode())
        nested = pa.array([{"a": [{"b": number}]} for number in range(17)])
        given = given.append_column(pa.field("nested", nested.type, metadata={"k": "v"}), nested)
        given = given.append_column("times", given["date"].cast(pa.timestamp("ns", "Asia/Tehran")))
        given = pa.concat_tables([given.slice(0, 5), given.slice(5)]).replace_schema_metadata({"from": "the newsroom"})
        found = find(given).to_arrow()
        assert found.select(given.column_names).equals(given, check_metadata=True)
        assert found.schema.metadata == given.schema.metadata
        assert {field.name: str(field.type) for field in list(found.schema)[-6:]} == ADDED_TYPES
        check_stories(found["story"].to_pylist(), found["of"].to_pylist())
        kept = find(given).to_arrow(rows="unique")
        assert kept.equals(found.filter(found["representative"]))

    def test_times_in_nanoseconds(self) -> None:
        times = pa.array([datetime(2026, 3, 2, tzinfo=UTC)] * 17).cast(pa.timestamp("ns", "UTC"))
        odd = pa.compute.add(times.cast(pa.int64()), 1).cast(times.type)
        result = find(table().set_column(3, "date", odd))
        assert {article.published for article in result.articles} == {datetime(2026, 3, 2, tzinfo=UTC)}

    def test_batches_readers_and_columns(self) -> None:
        given = table()
        batches = given.to_batches(max_chunksize=4)
        expected = find(given).to_arrow()
        for one in (batches, iter(batches), pa.RecordBatchReader.from_batches(given.schema, batches)):
            assert find(one).to_arrow().equals(expected)
        assert find(batches[0]).to_arrow().num_rows == 4
        with pytest.raises(InputError, match="batches of Arrow that make no table"):
            find([batches[0], "x"])
        with pytest.raises(InputError, match="batches of Arrow that make no table"):
            find([batches[0], batches[1].select(["text"])])
        for column in (given["text"], given["text"].combine_chunks(), given["text"].cast(pa.string_view())):
            found = find(column).to_arrow()
            assert found.column_names == ["text", *ADDED]
            assert found["story"].null_count == 2

    def test_what_speaks_arrow_is_taken_for_it(self) -> None:
        class Relation:
            def __arrow_c_stream__(self, requested_schema: object = None) -> object:
                return table().__arrow_c_stream__(requested_schema)

        assert find(Relation()).to_arrow().equals(find(table()).to_arrow())  # type: ignore[arg-type]  # what a database hands out

    def test_ids(self) -> None:
        found = find(table(ids=True)).to_arrow()
        assert found.schema.field("of").type == pa.int64()
        assert set(found["of"].drop_null().to_pylist()) <= set(found["guid"].to_pylist())

    def test_columns_of_one_name(self) -> None:
        given = table().append_column("text", pa.array(["no"] * 17))
        found = find(given).to_arrow()
        assert found.column_names == [*given.column_names, *ADDED]
        check_stories(found["story"].to_pylist(), found["of"].to_pylist())

    def test_empty(self) -> None:
        for given in (table().slice(0, 0), pa.table({})):
            found = find(given).to_arrow()
            assert (found.num_rows, found.column_names) == (0, [*given.column_names, *ADDED])
            assert find(given).to_arrow(rows="unique").num_rows == 0


class TestDatasets:
    def test_features_order_and_format_are_kept(self) -> None:
        given = datasets.Dataset.from_list(records()).add_column("label", [0, 1] * 8 + [0])
        given = given.cast_column("label", datasets.ClassLabel(names=["a", "b"])).with_format("numpy")
        shuffled = given.select(range(16, -1, -1))
        found = find(shuffled).to_dataset()
        assert {name: found.features[name] for name in given.column_names} == dict(given.features)
        assert found.column_names == [*given.column_names, *ADDED]
        assert found.format["type"] == "numpy"
        assert found.with_format(None).select_columns(given.column_names)[:] == shuffled.with_format(None)[:]
        plain = found.with_format(None)
        assert rows_by_story(plain["story"][:]) == {
            frozenset(16 - row for row in rows) for rows in expected_stories(records())
        }
        kept = find(shuffled).to_dataset(rows="unique").with_format(None)
        assert kept[:] == plain.filter(lambda row: row["representative"])[:]

    def test_columns_of_no_interest_are_not_decoded(self, tmp_path: Path) -> None:
        # what is no picture would be an error
        rows = [row | {"picture": {"bytes": b"no picture", "path": None}} for row in records()]
        features = datasets.Dataset.from_list(rows).features
        features["picture"] = datasets.Image()
        given = datasets.Dataset.from_list(rows, features=features)
        found = find(given).to_dataset()
        assert isinstance(found.features["picture"], datasets.Image)
        assert found.select_columns(["story"])["story"][:].count(None) == 2

    def test_ids_and_an_empty_one(self) -> None:
        found = find(datasets.Dataset.from_list(records(ids=True))).to_dataset()
        assert set(found["of"][:]) - {None} <= set(found["guid"][:])
        empty = datasets.Dataset.from_list(records()).select([])
        assert find(empty).to_dataset().column_names == [*empty.column_names, *ADDED]
        assert len(find(empty).to_dataset()) == 0

    def test_one_that_streams_is_rows(self) -> None:
        given = datasets.Dataset.from_list(records()).to_iterable_dataset()
        assert len(find(given).articles) == 15

    def test_several_splits_are_one_too_many(self) -> None:
        splits = datasets.DatasetDict(train=datasets.Dataset.from_list(records()))
        with pytest.raises(InputError, match=r"'train', in place of a list; .*one split of a DatasetDict"):
            find(splits)


GIVEN: dict[str, Any] = {
    "pandas": lambda: pd.DataFrame(records()),
    "polars": lambda: pl.DataFrame(records()),
    "arrow": table,
    "datasets": lambda: datasets.Dataset.from_list(records()),
}


@pytest.mark.parametrize("library", GIVEN)
@pytest.mark.parametrize("rows", ["articles", "unique"])
def test_each_goes_into_each(library: str, rows: Any) -> None:
    result = find(GIVEN[library]())
    expected = find(records()).to_polars(GIVEN["polars"](), rows=rows)
    assert_frame_equal(result.to_polars(rows=rows), expected)
    assert result.to_arrow(rows=rows).to_pylist() == expected.to_dicts()
    assert result.to_dataset(rows=rows)[:] == expected.to_dict(as_series=False)
    frame = result.to_pandas(rows=rows)
    assert list(frame.columns) == expected.columns
    assert [None if pd.isna(story) else story for story in frame["story"]] == expected["story"].to_list()


class TestArticlesIn:
    """What was no frame comes out as the tables that the commands write."""

    result: Deduplication = find([article for story in invented_news(stories=3, seed=5) for article in story])

    def test_articles(self) -> None:
        found = self.result.to_arrow()
        assert found.column_names == list(COLUMNS)
        assert found["id"].to_pylist() == [article.id for story in self.result.stories for article in story.articles]
        assert str(found.schema.field("published").type) == "timestamp[us, tz=UTC]"
        assert self.result.to_polars().equals(pl.from_arrow(found))  # type: ignore[arg-type]  # a table is a frame
        assert self.result.to_dataset()[:] == found.to_pydict()
        assert self.result.to_pandas()["published"].tolist() == found["published"].to_pylist()

    def test_unique(self) -> None:
        found = self.result.to_polars(rows="unique")
        assert found["id"].to_list() == [article.id for article in self.result.unique]
        assert set(found.columns) <= set(FIELDS)

    def test_stories(self) -> None:
        found = self.result.to_polars(rows="stories")
        assert found["representative"].to_list() == [story.representative.id for story in self.result.stories]
        assert found["editions"].to_list() == [list(story.editions) for story in self.result.stories]
        assert self.result.to_dataset(rows="stories")[:] == self.result.to_arrow(rows="stories").to_pydict()

    def test_lone_surrogates_and_nothing(self) -> None:
        from dedup.article import Article

        odd = find([Article(id="a", title="x\ud800", body="", language="en")])
        for found in (odd.to_pandas()["title"], odd.to_polars()["title"], odd.to_arrow()["title"].to_pylist()):
            assert list(found) == ["x\\ud800"]
        for none in (find([]).to_pandas(), find([]).to_polars(), find([]).to_arrow().to_pandas()):
            assert (len(none), list(none.columns)) == (0, list(COLUMNS))


def test_a_frame_read_from_a_file_gives_the_stories_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    newsroom(path)
    expected = find(read_articles(path))
    for given in (pd.read_json(path, lines=True), pl.read_ndjson(path), pa.json.read_json(path)):
        result = find(given)
        assert result.stories == expected.stories
        assert result.scored.log_odds.tolist() == expected.scored.log_odds.tolist()


def test_what_is_no_frame_cannot_be_given_back() -> None:
    with pytest.raises(InputError, match="of type list is no frame"):
        find(records()).to_pandas(records())
    result = find(table(ids=True))
    with pytest.raises(InputError, match="no column 'guid', which named the rows"):
        result.to_pandas(table())
    other = table(ids=True).take(list(range(16, -1, -1)))
    with pytest.raises(InputError, match=r"row 1 of the frame is 1098, that of the input was '1000'; .*the same order"):
        result.to_pandas(other)
    assert result.to_arrow(table(ids=True)).equals(result.to_arrow())
    empty_ids = pa.Table.from_pylist(
        [row | {"guid": None if row["views"] == 0 else f" {row['guid']} "} for row in records(ids=True)]
    )
    assert find(empty_ids).without_input().to_arrow(empty_ids).equals(find(empty_ids).to_arrow())


@pytest.mark.parametrize(
    ("way", "package"), [("pandas", "pandas"), ("polars", "polars"), ("arrow", "pyarrow"), ("dataset", "datasets")]
)
def test_a_package_that_is_not_there_is_named(way: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(OutputError, match=f"needs the package {package}: pip install {package}"):
        getattr(TestArticlesIn.result, f"to_{way}")()


def test_a_frame_of_one_library_imports_no_other() -> None:
    script = (
        "import sys, pandas; from dedup.frames import take; take(pandas.DataFrame({'text': ['x']}));"
        "print([name for name in ('polars', 'datasets', 'sklearn', 'torch') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
