"""What a run depended on and did: equal for equal runs, and different where anything that counts is."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEncoder, fake_calibration, invented_news
from hypothesis import given
from hypothesis import strategies as st

from dedup import Settings, __version__, deduplicate
from dedup.article import Article
from dedup.manifest import Manifest, basis_of, difference, mark_articles, mark_file
from dedup.pipeline import Deduplication, nothing
from dedup.read import ReadReport
from dedup.score.calibration import Calibration

ARTICLES = [article for story in invented_news(stories=3, seed=7) for article in story]


def run(
    articles: Any = ARTICLES,
    settings: Settings | None = None,
    encoder: FakeEncoder | None = None,
    calibration: Calibration | None = None,
) -> Deduplication:
    return deduplicate(
        articles, settings, encoder=encoder or FakeEncoder(), calibration=calibration or fake_calibration()
    )


def test_equal_runs_have_equal_manifests_but_for_their_times() -> None:
    one, other = run().manifest(), run(list(reversed(ARTICLES))).manifest()
    assert one.to_json(times=False) == other.to_json(times=False)
    assert "times" not in one.to_dict(times=False)
    ours, theirs = one.to_dict(), other.to_dict()
    assert ours.pop("times") != theirs.pop("times")
    assert ours == theirs
    assert json.loads(one.to_json()) == one.to_dict()


def test_it_says_what_the_run_depended_on() -> None:
    encoder, calibration = FakeEncoder(), fake_calibration()
    found = run(settings=Settings(threshold=0.7), encoder=encoder, calibration=calibration).manifest().to_dict()
    assert found["version"]["dedup"] == __version__
    assert {"python", "numpy", "scipy"} <= set(found["version"])
    assert found["setting"]["threshold"] == 0.7
    assert found["model"] == {"name": encoder.model, "revision": encoder.revision, "settings": encoder.settings}
    assert len(found["calibration"]["hash"]) == 32
    start, end = (datetime.fromisoformat(found["times"][name]) for name in ("started", "ended"))
    assert start <= end <= datetime.now(UTC)
    assert (start.utcoffset(), set(found["times"]["seconds"]) >= {"read", "encode"}) == (UTC.utcoffset(None), True)


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("articles", {"articles": [replace(ARTICLES[0], body="Another text."), *ARTICLES[1:]]}),
        ("articles", {"articles": ARTICLES[1:]}),
        ("setting", {"settings": Settings(keep="longest")}),
        ("calibration", {"calibration": replace(fake_calibration(), absent_log_odds=-3.5)}),
    ],
)
def test_what_is_another_shows_where_it_belongs(what: str, changed: dict[str, Any]) -> None:
    before, now = run().manifest().to_dict(times=False), run(**changed).manifest().to_dict(times=False)
    differing = {name for name in before if before[name] != now[name]}
    assert what in differing
    assert differing <= {what, "counts"}


def test_counts_are_those_of_the_articles_and_the_search() -> None:
    long = "\n".join(f"Sentence number {number} of the long report." for number in range(20))
    more = [
        Article(id="x1", title="A long report", body=long, language="en"),
        Article(id="x2", title="Hochwasser an der Elbe", body="Zwei Brücken gesperrt.", language="de"),
        Article(id="x4", title="Two bridges were closed after the flood", body="Nobody was hurt.", edition="A"),
        Article(id="x3", title="12345", body="67890", published=datetime(2028, 3, 1, tzinfo=UTC)),
    ]
    report = ReadReport(read=18, rejected=4, warnings=2)
    calibration = fake_calibration()
    assert calibration.knows("fa-AF")
    assert not calibration.knows("de")
    result = run([*ARTICLES, *more, {"nothing": "to read"}], calibration=calibration)
    counts = result.counts
    told = result.manifest(report).to_dict()["counts"]
    assert told["run"] == {**counts, "stories": len(result.stories)}
    assert told["reading"]["rejected"] == 4
    assert "reading" not in result.manifest().to_dict()["counts"]
    judged = ("articles", "rejected", "cut", "undated", "detected", "unknown_language", "uncalibrated")
    assert {name: counts[name] for name in judged} == {
        "articles": len(ARTICLES) + 4,
        "rejected": 1,
        "cut": 1,
        "undated": 3,
        "detected": 1,
        "unknown_language": 1,
        "uncalibrated": 1,
    }
    assert counts["kept"] == len(result.scored.pairs)
    assert counts["compared"] >= counts["candidates"] >= counts["scored"] >= counts["kept"]


def test_a_text_that_is_cut_by_its_length_is_counted() -> None:
    endless = Article(id="1", title="Endless", body="word " * 10_000, language="en")
    assert run([endless]).counts["cut"] == 1


def test_it_outlives_the_process() -> None:
    result = run()
    sent = pickle.loads(pickle.dumps(result.without_input()))
    assert sent.manifest().to_json() == result.manifest().to_json()


def test_a_run_without_articles_has_one_too() -> None:
    found = nothing(Settings(threshold=0.6)).manifest().to_dict()
    assert (found["model"], found["calibration"], found["times"]) == (None, None, None)
    assert found["setting"]["threshold"] == 0.6


@given(st.text(), st.text(), st.text())
def test_articles_of_equal_hash_say_the_same(title: str, body: str, other: str) -> None:
    one = Article(id="1", title=title, body=body)
    assert mark_articles([one]) == mark_articles([replace(one, url="https://a.example", extra={"x": 1})])
    assert (mark_articles([one]) == mark_articles([replace(one, body=other)])) == (body == other)
    assert (mark_articles([one]) == mark_articles([replace(one, title=other)])) == (title == other)
    if title and body:  # what moves from one field to another is no longer the same
        moved = replace(one, title=title + body[0], body=body[1:])
        assert mark_articles([one]) != mark_articles([moved])


def test_a_file_is_marked_by_what_is_in_it(tmp_path: Path) -> None:
    path, same = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    path.write_bytes(b"x" * 3_000_000)
    same.write_bytes(b"x" * 3_000_000)
    one, other = mark_file(path, "jsonl"), mark_file(same, "jsonl")
    assert (one.file, one.format, one.bytes) == (str(path), "jsonl", 3_000_000)
    assert one.hash == other.hash
    same.write_bytes(b"x" * 2_999_999 + b"y")
    assert mark_file(same, "jsonl").hash != one.hash
    assert mark_file(tmp_path / "nowhere", "csv").hash == "not readable: No such file or directory"


def test_names_of_files_that_are_no_utf_8_become_json(tmp_path: Path) -> None:
    mark = replace(mark_file(tmp_path, "jsonl"), file="odd\udcff.jsonl")
    manifest = Manifest(basis=basis_of(Settings()), articles="", counts={}, files=(mark,))
    assert json.loads(manifest.to_json().encode())["files"][0]["file"] == "odd\udcff.jsonl"


def test_a_difference_is_told_by_its_part() -> None:
    before = {"format": 1, **basis_of(Settings()).to_dict(), "reading": {}, "model": {}, "calibration": {}, "file": {}}
    assert difference(before, before) is None
    now = before | {"setting": {**before["setting"], "threshold": 0.9}}
    assert difference(before, now) == "the setting threshold was 0.5 and is 0.9"
