"""`dedup cluster` from files to files, with a model that needs no weights."""

from __future__ import annotations

import csv
import gzip
import json
import os
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from commands import json_lines, newsroom, run, use_fake_model
from fakes import FakeEncoder

from dedup.article import Article
from dedup.evaluate import read_labels
from dedup.write import write_articles


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> FakeEncoder:
    return use_fake_model(monkeypatch, tmp_path_factory.mktemp("model"))


def groups(path: Path) -> set[frozenset[str]]:
    stories: dict[str, set[str]] = {}
    for article, story in read_labels(path).story.items():
        stories.setdefault(story, set()).add(article)
    return {frozenset(articles) for articles in stories.values()}


def test_stories_into_a_file(tmp_path: Path) -> None:
    news = newsroom(tmp_path / "news.jsonl")
    result = run("cluster", tmp_path / "news.jsonl", "-o", tmp_path / "stories.jsonl")
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    rows = json_lines((tmp_path / "stories.jsonl").read_text(encoding="utf-8"))
    assert sorted(article["id"] for row in rows for article in row["articles"]) == sorted(
        article.id for story in news for article in story
    )
    # the first three articles of an invented story are one text
    found = groups(tmp_path / "stories.jsonl")
    for story in news:
        assert any({article.id for article in story[:3]} <= group for group in found)


def test_stories_on_standard_output_and_the_summary_beside_it(tmp_path: Path) -> None:
    newsroom(tmp_path / "news.jsonl", stories=2)
    result = run("cluster", tmp_path / "news.jsonl")
    assert result.exit_code == 0
    assert sum(len(row["articles"]) for row in json_lines(result.stdout)) == 10
    assert "articles  10 read, 0 rejected, 0 warnings" in result.stderr
    assert "languages " in result.stderr
    assert "duplicates found" in result.stderr
    assert "seconds" in result.stderr
    quiet = run("cluster", tmp_path / "news.jsonl", "--quiet")
    assert (quiet.stdout, quiet.stderr) == (result.stdout, "")


def test_a_table_by_the_ending(tmp_path: Path) -> None:
    newsroom(tmp_path / "news.jsonl")
    for name in ("s.jsonl", "s.csv", "s.tsv", "s.jsonl.gz", "s.csv.gz"):
        assert run("cluster", tmp_path / "news.jsonl", "-o", tmp_path / name).exit_code == 0
    assert groups(tmp_path / "s.jsonl") == groups(tmp_path / "s.csv") == groups(tmp_path / "s.csv.gz")
    rows = list(csv.DictReader((tmp_path / "s.tsv").read_text(encoding="utf-8").splitlines(), delimiter="\t"))
    assert len(rows) == 20
    assert gzip.decompress((tmp_path / "s.jsonl.gz").read_bytes()) == (tmp_path / "s.jsonl").read_bytes()


def test_order_files_and_cache_change_nothing(tmp_path: Path, encoder: FakeEncoder) -> None:
    articles = [article for story in newsroom(tmp_path / "news.jsonl") for article in story]
    random.Random(3).shuffle(articles)
    (tmp_path / "parts").mkdir()
    write_articles(articles[:7], tmp_path / "parts" / "b.csv")
    write_articles(articles[7:], tmp_path / "parts" / "a.jsonl.gz")
    whole, parts = str(tmp_path / "news.jsonl"), str(tmp_path / "parts")
    outputs = []
    for number, arguments in enumerate(([whole], [whole], [parts], [parts, "--no-cache"])):
        path = tmp_path / f"{number}.jsonl"
        before = len(encoder.encoded)
        assert run("cluster", *arguments, "-o", path).exit_code == 0
        outputs.append((path.read_bytes(), len(encoder.encoded) - before))
    assert len({data for data, _ in outputs}) == 1
    sentences = outputs[0][1]
    assert [encoded for _, encoded in outputs] == [sentences, 0, 0, sentences]
    assert sentences > 0


def test_standard_input(tmp_path: Path) -> None:
    newsroom(tmp_path / "news.jsonl")
    run("cluster", tmp_path / "news.jsonl", "-o", tmp_path / "s.jsonl")
    result = run("cluster", "-", given=(tmp_path / "news.jsonl").read_bytes())
    assert result.stdout == (tmp_path / "s.jsonl").read_text(encoding="utf-8")


def test_how_inputs_are_read_is_an_option(tmp_path: Path) -> None:
    (tmp_path / "news.data").write_bytes("kop;wann\nخبر;2026-03-02 07:20\n".encode("utf-16"))
    result = run(
        "cluster",
        tmp_path / "news.data",
        "--format=csv",
        "--field=title=kop",
        "--field=published=wann",
        "--timezone=Asia/Tehran",
    )
    assert result.exit_code == 0, result.output
    (row,) = json_lines(result.stdout)
    assert row["headline"] == "خبر"
    assert row["first_published"] == "2026-03-02T07:20:00+03:30"
    (tmp_path / "told.csv").write_text("title,published\na,2 hours ago\nb,03/04/2025\n", encoding="utf-8")
    result = run("cluster", tmp_path / "told.csv", "--as-of=2026-03-02T07:20+03:30", "--date-order=mdy")
    assert {row["first_published"] for row in json_lines(result.stdout)} == {
        "2026-03-02T01:50:00+00:00",
        "2025-03-04T00:00:00+00:00",
    }
    result = run("cluster", tmp_path / "told.csv", "--as-of=now")
    assert {row["first_published"] is None for row in json_lines(result.stdout)} == {True, False}
    (tmp_path / "arabic.jsonl").write_bytes('{"title": "خبر عاجل"}'.encode("windows-1256"))
    result = run("cluster", tmp_path / "arabic.jsonl", "--encoding=windows-1256")
    assert json_lines(result.stdout)[0]["headline"] == "خبر عاجل"


def test_settings_reach_the_run(tmp_path: Path) -> None:
    newsroom(tmp_path / "news.jsonl")
    sizes = {}
    for threshold in ("0.0005", "0.5", "0.9999"):
        result = run("cluster", tmp_path / "news.jsonl", "--threshold", threshold)
        sizes[threshold] = len(json_lines(result.stdout))
    assert sizes["0.0005"] < sizes["0.9999"] == 20
    nothing_compared = run("cluster", tmp_path / "news.jsonl", "--candidate-similarity", "1")
    assert len(json_lines(nothing_compared.stdout)) > sizes["0.5"]
    kept = run("cluster", tmp_path / "news.jsonl", "--keep", "tr")
    for row in json_lines(kept.stdout):
        languages = {article["id"]: article["language"] for article in row["articles"]}
        assert "tr" not in languages.values() or languages[row["representative"]] == "tr"


def test_a_window_of_days(tmp_path: Path) -> None:
    (one, *_), *_ = newsroom(tmp_path / "news.jsonl", stories=1)
    copies = [replace(one, id=str(day), published=datetime(2026, 3, day, tzinfo=UTC)) for day in (2, 4)]
    write_articles(copies, tmp_path / "n.jsonl")
    assert len(json_lines(run("cluster", tmp_path / "n.jsonl", "--window-days", "3").stdout)) == 1
    assert len(json_lines(run("cluster", tmp_path / "n.jsonl", "--window-days", "1.9").stdout)) == 2


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_an_empty_input_is_no_error(tmp_path: Path, ending: str, encoder: FakeEncoder) -> None:
    (tmp_path / "empty.jsonl").touch()
    result = run("cluster", tmp_path / "empty.jsonl", "-o", tmp_path / f"s.{ending}")
    assert result.exit_code == 0
    assert "no articles in" in result.stderr
    lines = (tmp_path / f"s.{ending}").read_text().splitlines()
    assert len(lines) == (1 if ending == "csv" else 0)
    assert encoder.encoded == []


@pytest.mark.parametrize("count", [1, 2])
def test_one_article_and_two(tmp_path: Path, count: int) -> None:
    articles = [Article(id=str(n), title=f"Köprü {n} açıldı", body="", language="tr") for n in range(count)]
    write_articles(articles, tmp_path / "n.jsonl")
    result = run("cluster", tmp_path / "n.jsonl")
    assert result.exit_code == 0
    assert sum(len(row["articles"]) for row in json_lines(result.stdout)) == count
    if count == 1:
        assert json_lines(result.stdout)[0]["articles"][0]["probability"] == 1.0


def test_all_rejected_is_an_error_and_the_old_result_stays(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"title": 5}\nnonsense\n')
    (tmp_path / "s.jsonl").write_text("old")
    result = run("cluster", tmp_path / "bad.jsonl", "-o", tmp_path / "s.jsonl")
    assert result.exit_code == 1
    assert "dedup: error: no articles in" in result.stderr
    assert "2 records, all rejected; the first:" in result.stderr
    assert (tmp_path / "s.jsonl").read_text() == "old"
    assert [row["line"] for row in json_lines((tmp_path / "s.jsonl.rejects.jsonl").read_text())] == [1, 2]


def test_rejects_lie_beside_the_output_or_where_they_are_wanted(tmp_path: Path) -> None:
    newsroom(tmp_path / "news.jsonl", stories=1)
    with (tmp_path / "news.jsonl").open("a") as file:
        file.write("nonsense\n" * 5)
    result = run("cluster", tmp_path / "news.jsonl", "-o", tmp_path / "s.csv")
    assert result.exit_code == 0
    assert len((tmp_path / "s.csv.rejects.jsonl").read_text().splitlines()) == 5
    assert str(tmp_path / "s.csv.rejects.jsonl") in result.stderr
    run("cluster", tmp_path / "news.jsonl", "-o", tmp_path / "t.csv", "--rejects", tmp_path / "r.jsonl")
    assert len((tmp_path / "r.jsonl").read_text().splitlines()) == 5
    assert not (tmp_path / "t.csv.rejects.jsonl").exists()
    shown = run("cluster", tmp_path / "news.jsonl").stderr
    assert shown.count("broken JSON") == 3
    assert "and 2 more; --rejects FILE writes all of them" in shown


def test_rejects_of_an_earlier_run_do_not_stay(tmp_path: Path) -> None:
    newsroom(tmp_path / "news.jsonl", stories=1)
    stale = tmp_path / "s.csv.rejects.jsonl"
    stale.write_text("{}\n")
    assert run("cluster", tmp_path / "news.jsonl", "-o", tmp_path / "s.csv").exit_code == 0
    assert not stale.exists()


def bad_lines() -> list[bytes]:
    kinds = [
        b'{"title": "cut off',
        b"nonsense",
        b'{"title": 5, "body": "x"}',
        b'{"title": ["x"], "body": "x"}',
        b'{"title": "\xff\xfe", "body": "wrong bytes"}',
        b'{"title": "", "body": " "}',
        b'{"title": "a\\u0000b"}',
        b'{"title": "raw \x00 byte"}',
        b'{"id": "good-1", "title": "an id that is taken"}',
        b'["no", "object"]',
    ]
    return [kinds[number % len(kinds)] for number in range(999)] + [b'{"title": "' + b"x" * 50_000_000 + b'"}']


def good_line(number: int) -> bytes:
    date = f"{1990 + number // 28}-02-{number % 28 + 1:02}"  # far enough apart that little is compared
    return json.dumps({"id": f"good-{number}", "title": f"خبر {number}", "lang": "fa", "date": date}).encode()


def test_a_thousand_good_records_among_a_thousand_bad_ones(tmp_path: Path) -> None:
    lines = [(True, good_line(number)) for number in range(2, 1001)] + [(False, line) for line in bad_lines()]
    random.Random(5).shuffle(lines)
    lines.insert(0, (True, good_line(1)))  # before those that take its id
    (tmp_path / "news.jsonl").write_bytes(b"\n".join(line for _, line in lines) + b"\n")
    result = run("cluster", tmp_path / "news.jsonl", "-o", tmp_path / "s.jsonl")
    assert result.exit_code == 0, result.output
    assert "1,000 read, 1,000 rejected" in result.stderr
    assert set(read_labels(tmp_path / "s.jsonl").story) == {f"good-{number}" for number in range(1, 1001)}
    rejects = json_lines((tmp_path / "s.jsonl.rejects.jsonl").read_text(encoding="utf-8"))
    assert [row["line"] for row in rejects] == [n for n, (is_good, _) in enumerate(lines, 1) if not is_good]
    assert all(row["reason"] for row in rejects)


def test_languages_that_were_never_calibrated(tmp_path: Path) -> None:
    rows = [
        {"id": "ru1", "title": "В Казани открыт новый мост через реку", "lang": "ru", "date": "2026-03-02"},
        {"id": "ru2", "title": "В Казани открыт новый мост через реку", "lang": "ru", "date": "2026-03-02"},
        {"id": "ur1", "title": "لاہور میں نئے پل کا افتتاح ہو گیا", "lang": "ur", "date": "2026-03-02"},
    ]
    (tmp_path / "n.jsonl").write_text("\n".join(map(json.dumps, rows)))
    result = run("cluster", tmp_path / "n.jsonl")
    assert result.exit_code == 0, result.output
    assert [[article["id"] for article in row["articles"]] for row in json_lines(result.stdout)] == [
        ["ru1", "ru2"],
        ["ur1"],
    ]
    assert "ru 2, ur 1" in result.stderr


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("s.json", "unknown kind of output"),
        ("s.html", r".jsonl .ndjson .csv .tsv"),
        ("nowhere/s.csv", "there is no folder"),
        ("news.jsonl", "it is an input, and would be lost"),
        ("folder/s.jsonl", "it lies in the input folder"),
    ],
)
def test_a_bad_place_for_the_output_is_refused_before_any_work(
    tmp_path: Path, encoder: FakeEncoder, output: str, message: str
) -> None:
    newsroom(tmp_path / "news.jsonl", stories=1)
    (tmp_path / "folder").mkdir()
    newsroom(tmp_path / "folder" / "more.jsonl", stories=1)
    before = (tmp_path / "news.jsonl").read_bytes()
    result = run("cluster", tmp_path / "news.jsonl", tmp_path / "folder", "-o", tmp_path / output)
    assert result.exit_code == 1
    assert message in result.stderr
    assert encoder.encoded == []
    assert (tmp_path / "news.jsonl").read_bytes() == before


@pytest.mark.parametrize("output", ["news/new.jsonl", "news/1.jsonl"])
def test_an_output_that_a_pattern_matches_is_refused(tmp_path: Path, encoder: FakeEncoder, output: str) -> None:
    (tmp_path / "news").mkdir()
    newsroom(tmp_path / "news" / "1.jsonl", stories=1)
    before = (tmp_path / "news" / "1.jsonl").read_bytes()
    result = run("cluster", tmp_path / "*" / "*.jsonl", "-o", tmp_path / output)
    assert result.exit_code == 1
    assert "*.jsonl matches it, and the next run would take it for articles; choose another place" in result.stderr
    assert (encoder.encoded, (tmp_path / "news" / "1.jsonl").read_bytes()) == ([], before)
    assert run("cluster", tmp_path / "*" / "*.jsonl", "-o", tmp_path / "out.jsonl").exit_code == 0


@pytest.mark.parametrize("rejects", ["news.jsonl", "s.jsonl", "folder", os.devnull, "nowhere/r.jsonl"])
def test_a_bad_place_for_rejects_is_refused(tmp_path: Path, rejects: str) -> None:
    newsroom(tmp_path / "news.jsonl", stories=1)
    (tmp_path / "folder").mkdir()
    result = run("cluster", tmp_path / "news.jsonl", "-o", tmp_path / "s.jsonl", "--rejects", tmp_path / rejects)
    assert result.exit_code == 1
    assert "cannot write" in result.stderr
    assert not (tmp_path / "s.jsonl").exists()
    assert not Path(os.devnull).is_file()


def test_rejects_that_are_read_again_are_not_overwritten(tmp_path: Path) -> None:
    newsroom(tmp_path / "s.jsonl.rejects.jsonl", stories=1)
    result = run("cluster", tmp_path / "s.jsonl.rejects.jsonl", "-o", tmp_path / "s.jsonl")
    assert result.exit_code == 1
    assert (tmp_path / "s.jsonl.rejects.jsonl").stat().st_size > 0


def test_a_cache_that_cannot_be_opened_costs_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newsroom(tmp_path / "news.jsonl", stories=1)
    (tmp_path / "cache").touch()
    monkeypatch.setenv("DEDUP_CACHE", str(tmp_path / "cache"))
    result = run("cluster", tmp_path / "news.jsonl")
    assert result.exit_code == 0
    assert "warning: vectors are not kept" in result.stderr
    assert len(json_lines(result.stdout)) >= 1


def test_fields_that_dedup_does_not_know_are_carried_through(tmp_path: Path) -> None:
    (tmp_path / "n.jsonl").write_text('{"title": "Haber", "lang": "tr", "desk": {"name": "İç", "n": 3}}\n')
    (row,) = json_lines(run("cluster", tmp_path / "n.jsonl").stdout)
    assert row["articles"][0]["extra"] == {"desk": {"name": "İç", "n": 3}}


def test_warnings_are_counted_and_shown_to_who_asks(tmp_path: Path) -> None:
    (tmp_path / "n.jsonl").write_text('{"title": "Haber", "lang": "tr", "date": "soon"}\n')
    assert "0 rejected, 1 warnings (-v shows the first)" in run("cluster", tmp_path / "n.jsonl").stderr
    verbose = run("cluster", tmp_path / "n.jsonl", "-v").stderr
    assert "is no date that can be read" in verbose
    assert "1 articles, 0 scored pairs, 1 stories" in verbose
