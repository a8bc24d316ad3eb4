"""What a caller hands over as articles: texts, mappings, articles, mixed with what is none."""

from __future__ import annotations

import copy
import logging
import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fakes import FakeEncoder, fake_calibration, invented_news
from frame_news import find, records
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.article import Article
from dedup.errors import InputError, RecordError
from dedup.explain.pair import explain_pair
from dedup.frames import article_from, take
from dedup.frames.plain import plain
from dedup.pipeline import deduplicate
from dedup.read import ReadOptions, ReadReport
from dedup.store import Store

NEWS = [article for story in invented_news(stories=3, seed=5) for article in story]
TEXT = "سیل راه‌های گلستان را بست\nبارش دیشب رودخانهٔ گرگان را بالا آورد."


def taken(given: Any, **values: Any) -> list[Article]:
    return take(given, **values).articles


class TestTexts:
    def test_the_first_of_several_lines_is_the_headline(self) -> None:
        (article,) = taken([TEXT])
        assert (article.title, article.body) == tuple(TEXT.split("\n"))
        assert article.text == TEXT

    def test_a_text_of_one_line_is_a_body(self) -> None:
        (article,) = taken(["Floods closed the roads of Golestan. Nobody was hurt."])
        assert (article.title, article.body) == ("", "Floods closed the roads of Golestan. Nobody was hurt.")

    def test_a_long_first_line_is_a_paragraph(self) -> None:
        long = "Yağmur gece boyunca sürdü ve dere taştı. " * 6 + "\nYollar kapandı."
        (article,) = taken([long])
        assert (article.title, article.body) == ("", long)

    def test_lines_and_spaces_around_are_nothing(self) -> None:
        (article,) = taken(["\r\n  Dere taştı \r\n\r\n Yollar kapandı.\n"])
        assert (article.title, article.body) == ("Dere taştı", "Yollar kapandı.")

    @pytest.mark.parametrize(
        "given", [np.array([TEXT, TEXT]), np.array([TEXT, TEXT], object), (TEXT, TEXT), iter([TEXT] * 2)]
    )
    def test_any_iterable_will_do(self, given: Any) -> None:
        first, second = taken(given)
        assert (first.text, second.text) == (TEXT, TEXT)
        assert type(first.body) is str
        assert (first.id, second.id) == ("0", "1")

    def test_they_group_as_articles_of_the_same_text_do(self) -> None:
        texts = [article.text for article in NEWS]
        expected = find([Article(id=f"{n:02}", title=one.title, body=one.body) for n, one in enumerate(NEWS)])
        result = find(texts)
        assert (result.stories, result.articles) == (expected.stories, expected.articles)
        assert result.scored.pairs.tolist() == expected.scored.pairs.tolist() != []
        assert result.scored.log_odds.tolist() == expected.scored.log_odds.tolist()


class TestMappings:
    def test_usual_names_are_recognised_and_the_rest_is_carried(self) -> None:
        (article,) = taken(
            [{"Headline": "Dere taştı", "metin": "Yollar kapandı.", "dil": "tr", "views": 3, "tags": ["x"]}]
        )
        assert article == Article(
            id="0", title="Dere taştı", body="Yollar kapandı.", language="tr", extra={"views": 3, "tags": ["x"]}
        )

    def test_options_name_fields_and_zone(self) -> None:
        options = ReadOptions(fields={"title": "kop"}, timezone="Asia/Tehran")
        (article,) = taken([{"kop": "Dere taştı", "title": "no", "date": "2026-03-02 10:00"}], options=options)
        assert article.title == "Dere taştı"
        assert article.extra == {"title": "no"}
        assert article.published == datetime(2026, 3, 2, 6, 30, tzinfo=UTC)

    def test_rows_of_pandas_are_pythons_own(self) -> None:
        row = {
            "id": np.int64(7),
            "title": np.str_("Dere taştı"),
            "text": float("nan"),
            "lang": pd.NA,
            "date": pd.Timestamp("2026-03-02T10:00:00.123456789", tz="UTC"),
            "url": None,
        }
        (article,) = taken([row])
        assert article == Article(
            id="7", title="Dere taştı", body="", published=datetime(2026, 3, 2, 10, 0, 0, 123456, tzinfo=UTC)
        )
        assert type(article.published) is datetime
        (undated,) = taken([row | {"date": pd.NaT}])
        assert undated.published is None

    def test_a_name_that_is_no_text_is_carried_as_one(self) -> None:
        (article,) = taken([{"title": "Dere taştı", 3: "x"}])
        assert article.extra == {"3": "x"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64("nan"), None),
        (np.datetime64("NaT"), None),
        (np.datetime64("2026-03-02T10:00:00.000000001"), datetime(2026, 3, 2, 10)),
        (np.bool_(True), True),
        (pd.Timestamp("2026-03-02"), datetime(2026, 3, 2)),
        ([float("nan")], None),
    ],
)
def test_plain_values(value: Any, expected: Any) -> None:
    if isinstance(value, list):
        assert plain(value) is value
    else:
        assert plain(value) == expected
        assert type(plain(value)) is type(expected)


class TestRejects:
    def test_bad_rows_are_counted_with_their_number_and_do_not_stop_the_run(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        report = ReadReport()
        rows = [
            TEXT,
            None,
            17,
            "  ",
            {"x": 1},
            {"title": 5},
            "a\x00b",
            "\ud800",
            {"id": "k", "text": TEXT},
            {"id": "k", "text": TEXT},
            b"x",
        ]
        with caplog.at_level(logging.WARNING):
            result = find(rows, report=report)
        assert (report.read, report.rejected) == (2, 9)
        assert [(reject.file, reject.line) for reject in report.rejects] == [
            ("<rows>", line) for line in (2, 3, 4, 5, 6, 7, 8, 10, 11)
        ]
        reasons = [reject.reason for reject in report.rejects]
        assert reasons[0] == "the row is empty"
        assert reasons[1] == "a row of type int is no article; give text, a mapping of names to values, or an Article"
        assert reasons[7] == "the id 'k' is taken by row 9"
        assert sorted(article.id for article in result.articles) == ["00", "k"]
        assert "<rows>: 9 of 11 rows rejected" in caplog.text

    def test_all_of_them_are_no_error(self) -> None:
        result = find([None, ""])
        assert result.stories == ()
        assert result.origin is not None
        assert result.origin.row_ids == (None, None)

    def test_nesting_without_end_is_one_reject(self) -> None:
        deep: list[Any] = []
        for _ in range(100_000):
            deep = [deep]
        report = ReadReport()
        assert [article.id for article in taken([{"title": "x", "y": deep}, TEXT], report=report)] == ["1"]
        assert report.rejected == 1

    def test_what_cannot_be_carried_is_a_reject(self) -> None:
        class Odd:
            def __str__(self) -> str:
                raise ValueError("no name")

        report = ReadReport()
        assert taken([{"text": "x", "y": {("a", 1): 2}}, {"text": "x", "y": Odd()}], report=report) == []
        assert [reject.reason.partition(":")[0] for reject in report.rejects] == ["a field cannot be carried"] * 2

    def test_warnings_are_counted(self) -> None:
        report = ReadReport()
        taken([{"title": "Dere taştı", "date": "some day"}], report=report)
        assert (report.read, report.warnings) == (1, 1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (TEXT, "one str in place of a list.*give a list of texts, or for a file read_articles"),
        (b"x", "one bytes in place of a list"),
        (Path("news.jsonl"), "read_articles"),
        ({"title": "x"}, "one mapping, of 'title', in place of a list"),
        (NEWS[0], "one article in place of several"),
        (5, "an object of type int holds no articles"),
        (None, "an object of type NoneType holds no articles"),
    ],
)
def test_what_is_no_list_is_a_clear_error(given: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        find(given)


class TestIds:
    def test_numbers_sort_as_rows_do(self) -> None:
        assert [article.id for article in taken([TEXT] * 11)] == [f"{number:02}" for number in range(11)]

    def test_a_made_up_id_gives_way_to_one_that_is_told(self) -> None:
        rows = [TEXT, {"text": TEXT}, {"text": TEXT, "id": 1}, {"text": TEXT, "id": "row-1"}]
        assert [article.id for article in taken(rows)] == ["0", "row-row-1", "1", "row-1"]

    def test_articles_stay_as_they_are(self) -> None:
        rows = [*NEWS, replace(NEWS[0], id="")]
        assert all(one is other for one, other in zip(taken(rows), rows, strict=True))

    def test_two_articles_of_one_id_are_an_error_as_ever(self) -> None:
        with pytest.raises(InputError, match="two articles have the id"):
            find([NEWS[0], NEWS[0]])

    @settings(max_examples=60)
    @given(st.lists(st.none() | st.sampled_from(["", "0", "1", "2", "row-1", "a"])))
    def test_every_row_that_is_taken_has_an_id_of_its_own(self, ids: list[str | None]) -> None:
        rows = [
            {"text": f"Dere {number} kez taştı."} | ({} if one is None else {"id": one})
            for number, one in enumerate(ids)
        ]
        intake = take(rows)
        told = [one for one in ids if one]
        made = len(ids) - len(told)
        assert len(intake.articles) == len({article.id for article in intake.articles}) == len(set(told)) + made
        assert set(told) <= set(intake.origin.row_ids)
        for number, one in enumerate(intake.origin.row_ids):
            if one is not None:
                (article,) = (article for article in intake.articles if article.id == one)
                assert article.body == rows[number]["text"]

    def test_they_change_no_score(self) -> None:
        # the same texts under ids that sort otherwise
        texts = [{"title": one.title, "text": one.body, "lang": one.language, "date": one.published} for one in NEWS]
        by_number, by_id = find(texts), find([row | {"id": f"z{n * 7 % 15:02}"} for n, row in enumerate(texts)])

        def scores(result: Any) -> dict[frozenset[str], float]:
            found = result.scored
            articles = result.articles
            return {
                frozenset((articles[a].text + articles[a].language, articles[b].text + articles[b].language)): odds
                for (a, b), odds in zip(found.pairs.tolist(), found.log_odds.tolist(), strict=True)
            }

        assert scores(by_number) == scores(by_id) != {}


class TestElsewhere:
    def test_a_store_takes_rows_and_knows_them_again(self, tmp_path: Path) -> None:
        frame = pd.DataFrame(records()).assign(outlet=lambda frame: frame["lang"])  # no two rows are copies
        report = ReadReport()
        with Store.open(tmp_path / "store", encoder=FakeEncoder(), calibration=fake_calibration()) as store:
            assert store.add(frame, report=report)
            assert (len(store), report.rejected) == (15, 2)
            # other rows under the same labels are other articles; the same rows are the same
            assert store.add(frame.iloc[::-1].reset_index(drop=True)) == []
            store.add([TEXT])
            assert len(store) == 16
            carried = {"when": pd.Timestamp("2026-03-02", tz="UTC"), "n": np.int64(3), "x": np.array([1]), "nan": pd.NA}
            (change,) = store.add([{"id": "new", "text": "Zelzele dağ köylerini salladı."} | carried])
            assert change.articles == ("new",)
            assert store.article("new").extra == {"when": "2026-03-02 00:00:00+00:00", "n": 3, "x": "[1]", "nan": None}
            matches = store.find(frame["text"].iloc[0])
            assert matches[0].story.id in {story.id for story in store.stories()}
            assert store.find({"title": frame["headline"].iloc[0], "text": frame["text"].iloc[0]})

    def test_explain_pair_takes_two_texts(self) -> None:
        encoder, calibration = FakeEncoder(), fake_calibration()
        one, other = NEWS[0], NEWS[1]
        told = explain_pair(
            replace(one, id="a", language="und", published=None, edition=None),
            replace(other, id="b", language="und", published=None, edition=None),
            encoder=encoder,
            calibration=calibration,
        )
        assert (
            explain_pair(one.text, {"title": other.title, "body": other.body}, encoder=encoder, calibration=calibration)
            == told
        )
        with pytest.raises(RecordError, match="the text is empty"):
            explain_pair(" ", "x", encoder=encoder, calibration=calibration)

    def test_one_article_without_an_id_is_named_by_what_it_says(self) -> None:
        assert article_from(TEXT).id == article_from(TEXT).id != article_from(TEXT + "!").id


def test_articles_are_consumed_once() -> None:
    def rows() -> Iterator[str]:
        yield TEXT
        yield TEXT + " x"

    assert len(find(rows()).articles) == 2


def test_results_are_pickled_and_copied_without_what_they_came_from() -> None:
    frame = pd.DataFrame(records())
    result = find(frame)
    for other in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result), result.without_input()):
        assert other.origin is not None
        assert other.origin.source is None
        assert other.stories == result.stories
        with pytest.raises(InputError, match="give the frame again"):
            other.to_pandas()
        pd.testing.assert_frame_equal(other.to_pandas(frame), result.to_pandas())
        with pytest.raises(InputError, match="the frame has 16 rows, the input had 17"):
            other.to_pandas(frame.iloc[1:])
    # what is pickled does not hold the frame's own columns
    wide = frame.assign(blob=["x" * 100_000 for _ in range(len(frame))])
    assert len(pickle.dumps(find(wide))) < len(pickle.dumps(result)) + 1_000
    assert result.to_pandas() is not None


def test_nothing_is_imported_for_texts() -> None:
    script = (
        "import sys; from dedup.frames import take; take(['x', {'title': 'y'}]);"
        "heavy = {'pandas', 'polars', 'pyarrow', 'datasets', 'sklearn', 'torch'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_deduplicate_is_found_by_its_own_name() -> None:
    assert deduplicate.__module__ == "dedup.pipeline"
