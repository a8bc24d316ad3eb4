"""`dedup store`: each command on a small store, with the encoder that needs no network."""

from __future__ import annotations

import csv
import itertools
import json
import os
import re
import shutil
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from commands import json_lines, newsroom, on_a_terminal, run

import dedup
from dedup.article import Article
from dedup.write import write_articles
from dedup.write.articles import article_row

FAST = ("--encoder", "fast")
ADDED = [f"n7-{story}-{number}" for story in range(3) for number in range(5)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with a store of three stories of five articles, and the articles beside it."""
    folder = tmp_path_factory.mktemp("made")
    newsroom(folder / "news.jsonl", stories=3)
    result = run("store", "add", folder / "s", folder / "news.jsonl", *FAST)
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    """Return a store of one's own."""
    shutil.copytree(made / "s", tmp_path / "s")
    shutil.copy(made / "news.jsonl", tmp_path / "news.jsonl")
    return tmp_path / "s"


def done(*arguments: str | Path) -> list[dict[str, Any]]:
    """Run a command of `dedup store` that must go well, and return its lines."""
    result = run("store", *arguments)
    assert result.exit_code == 0, result.output
    return json_lines(result.stdout)


def refused(*arguments: str | Path) -> str:
    """Run a command of `dedup store` that must not, and return what it says."""
    result = run("store", *arguments)
    assert result.exit_code == 1, result.output
    assert result.stderr.startswith("dedup: error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def story_of(store: Path, article: str) -> str:
    stories = done("list", store)
    return next(str(row["id"]) for row in stories if article in {one["id"] for one in row["articles"]})


def test_adding_tells_what_became_of_the_stories(tmp_path: Path) -> None:
    newsroom(tmp_path / "news.jsonl", stories=2)
    result = run("store", "add", tmp_path / "s", tmp_path / "news.jsonl", *FAST, "--batch-articles", "4")
    assert result.exit_code == 0, result.output
    changes = json_lines(result.stdout)
    assert list(changes[0]) == [
        "cursor",
        "time",
        "kind",
        "cause",
        "story",
        "other",
        "articles",
        "pair",
        "probability",
    ]
    assert {row["cause"] for row in changes} == {"add"}
    assert {row["kind"] for row in changes} >= {"created", "joined"}
    assert (
        sorted(key for row in changes if row["kind"] in ("created", "joined") for key in row["articles"]) == ADDED[:10]
    )
    assert all(datetime.fromisoformat(row["time"]).utcoffset() == timedelta(0) for row in changes)
    assert "articles  10 read, 0 rejected" in result.stderr
    assert "added     10 new, 0 replaced, 0 unchanged" in result.stderr
    joined = sum(row["kind"] == "joined" for row in changes)
    created = sum(row["kind"] == "created" for row in changes)
    assert f"stories   {created} created, {joined} articles joined, 0 merged, 0 split" in result.stderr
    # the same as an API that knows nothing of the command line
    with dedup.Store.open(tmp_path / "s", create=False) as there:
        assert [change.cursor for change in there.changes()] == [row["cursor"] for row in changes]
        assert len(there) == 10


def test_what_comes_again_replaces_or_changes_nothing(store: Path) -> None:
    lines = (store.parent / "news.jsonl").read_text().splitlines()
    first = json.loads(lines[0])
    again = [json.dumps(first | {"title": "Rewritten " + first["title"]}), lines[1], "nonsense"]
    (store.parent / "again.jsonl").write_text("\n".join(again))
    result = run("store", "add", store, store.parent / "again.jsonl", "--rejects", store.parent / "r.jsonl")
    assert result.exit_code == 0, result.output
    assert [(row["kind"], row["articles"]) for row in json_lines(result.stdout)][-1] == ("updated", [first["id"]])
    assert "2 read, 1 rejected" in result.stderr
    assert "added     0 new, 1 replaced, 1 unchanged" in result.stderr
    assert len(json_lines((store.parent / "r.jsonl").read_text())) == 1


def test_what_a_store_was_made_with_can_be_left_out_and_not_be_changed(tmp_path: Path) -> None:
    newsroom(tmp_path / "news.jsonl", stories=1)
    news = tmp_path / "news.jsonl"
    done("add", tmp_path / "s", news, *FAST, "--threshold", "0.6", "--keep", "tr")
    done("add", tmp_path / "s", news)
    done("add", tmp_path / "s", news, "--threshold", "0.6", *FAST)
    with dedup.Store.open(tmp_path / "s", create=False) as there:
        assert (there.settings.threshold, there.settings.keep) == (0.6, "tr")
    assert "made with other settings" in refused("add", tmp_path / "s", news, "--threshold", "0.5")
    assert "made with other settings" in refused("add", tmp_path / "s", news, "--keep", "earliest")
    with dedup.Store.open(tmp_path / "s") as there:
        other = replace(there.calibration, absent_log_odds=-3.5)
    (tmp_path / "other.json").write_text(other.to_json())
    assert "made with other calibration" in refused(
        "add", tmp_path / "s", news, "--calibration", tmp_path / "other.json"
    )


def test_adding_what_cannot_be_read_makes_no_store(tmp_path: Path) -> None:
    assert "no such file" in refused("add", tmp_path / "s", tmp_path / "nowhere.jsonl", *FAST)
    assert not (tmp_path / "s").exists()
    (tmp_path / "bad.jsonl").write_text("nonsense\n")
    assert "all rejected" in refused("add", tmp_path / "s", tmp_path / "bad.jsonl", *FAST)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    newsroom(tmp_path / "news.jsonl", stories=1)
    assert "is no store" in refused("add", tmp_path / "full", tmp_path / "news.jsonl", *FAST)


def test_standard_input_among_files(tmp_path: Path) -> None:
    news = [article for story in newsroom(tmp_path / "news.jsonl", stories=2) for article in story]
    write_articles(news[:3], tmp_path / "a.jsonl")
    given = "".join(json.dumps(article_row(article)) + "\n" for article in news[2:7]) + "[]\n\n"
    result = run("store", "add", tmp_path / "s", tmp_path / "a.jsonl", "-", *FAST, given=given)
    assert result.exit_code == 0, result.output
    assert "8 read, 1 rejected" in result.stderr
    assert "rejected <stdin>:6: not a JSON object" in result.stderr
    assert "added     7 new, 0 replaced, 1 unchanged" in result.stderr
    # another format is read as a file is
    (tmp_path / "more.csv").write_text("id,title,lang\nc1,Köprü açıldı,tr\n")
    result = run("store", "add", tmp_path / "s", "-", "--format", "csv", given=(tmp_path / "more.csv").read_bytes())
    assert "added     1 new" in result.stderr


def test_of_one_id_on_standard_input_the_last_counts(tmp_path: Path) -> None:
    lines = [json.dumps({"id": "x", "title": f"Köprü {n} açıldı", "lang": "tr"}) for n in range(3)]
    same = json.dumps({"title": "Sel geldi", "lang": "tr"})
    result = run("store", "add", tmp_path / "s", "-", *FAST, given="\n".join([*lines, same, same]))
    assert result.exit_code == 0, result.output
    with dedup.Store.open(tmp_path / "s", create=False) as there:
        assert len(there) == 2
        assert there.article("x").title == "Köprü 2 açıldı"


def test_finding_says_which_story_an_article_may_tell(store: Path) -> None:
    (row,) = done("list", store, "--text", first_words(store, "n7-1-0"))
    lines = (store.parent / "news.jsonl").read_text().splitlines()
    stranger = {"id": "new", "title": "Nothing of the kind", "lang": "en", "date": "2020-01-01"}
    (store.parent / "ask.jsonl").write_text("\n".join([lines[5], json.dumps(stranger)]))
    known, unknown = done("find", store, store.parent / "ask.jsonl")
    assert known["id"] == "n7-1-0"
    assert list(known["matches"][0]) == ["story", "probability", "nearest", "nearest_probability", "headline"]
    assert known["matches"][0]["story"] == row["id"]
    assert known["matches"][0]["headline"] == row["headline"]
    assert known["matches"][0]["nearest"] != "n7-1-0"
    assert unknown == {"id": "new", "matches": []}
    assert len(done("changes", store)) == 3  # nothing was added


def first_words(store: Path, article: str) -> str:
    with dedup.Store.open(store, create=False) as there:
        return " ".join(there.article(article).title.split()[:3])


def test_finding_with_an_explanation_and_a_limit(store: Path) -> None:
    lines = (store.parent / "news.jsonl").read_text().splitlines()
    (store.parent / "ask.jsonl").write_text("\n".join(lines[:3]))
    rows = done("find", store, store.parent / "ask.jsonl", "--explain", "--limit", "1")
    assert len(rows) == 3
    for row in rows:
        assert len(row["matches"]) == 1
        explanation = row["explanation"]
        assert (explanation["a"], explanation["b"]) == (row["id"], row["matches"][0]["nearest"])
        assert explanation["probability"] == pytest.approx(row["matches"][0]["nearest_probability"], abs=1e-4)


def test_listing(store: Path, made: Path) -> None:
    rows = done("list", store)
    assert [len(row["articles"]) for row in rows] == [5, 5, 5]
    lasts = [row["last_published"] for row in rows]
    assert lasts == sorted(lasts, reverse=True)
    assert done("list", store, "--limit", "1") == rows[:1]
    assert done("list", store, "--language", "Farsi", "--edition", "Outlet 0") == rows
    assert done("list", store, "--language", "fa", "--edition", "Outlet 4") == []
    assert done("list", store, "--since", lasts[1]) == rows[:2]
    assert done("list", store, "--until", rows[0]["first_published"]) == rows[1:]
    assert done("list", store, "--text", first_words(store, "n7-2-0").upper()) == rows[:1]
    assert run("store", "list", store, "-o", store.parent / "s.csv").stdout == ""
    table = list(csv.DictReader((store.parent / "s.csv").read_text().splitlines()))
    assert [row["id"] for row in table] == [one["id"] for row in rows for one in row["articles"]]
    assert "not a language tag" in refused("list", store, "--language", "no tag at all")
    assert "unknown kind of output" in refused("list", store, "-o", store.parent / "s.html")


def test_showing_a_story_and_what_happened_to_it(store: Path) -> None:
    story = story_of(store, "n7-0-0")
    (row,) = done("show", store, story)
    assert {article["id"] for article in row["articles"]} == set(ADDED[:5])
    assert [change["kind"] for change in row["changes"]] == ["created"]
    for one, other in itertools.product(ADDED[:5], ADDED[5:10]):
        done("correct", store, "--same", one, other)
    other = story_of(store, "n7-1-0")
    (merged,) = done("show", store, story_of(store, "n7-0-0"))
    assert merged["id"] == other
    kinds = [change["kind"] for change in merged["changes"]]
    assert kinds[:2] == ["created", "corrected"]
    assert "merged" in kinds
    done("remove", store, *ADDED)
    (gone,) = done("show", store, other)
    assert gone["articles"] == []
    assert gone["changes"][-1]["kind"] == "removed"
    assert "had the id 'nope'" in refused("show", store, "nope")


def test_changes_from_a_cursor_on(store: Path) -> None:
    changes = done("changes", store)
    assert [row["kind"] for row in changes] == ["created"] * 3
    assert done("changes", store, "--since", str(changes[0]["cursor"])) == changes[1:]
    removed = done("remove", store, "n7-0-0")
    assert done("changes", store, "--since", str(changes[-1]["cursor"])) == removed
    assert run("store", "changes", store, "--since", "-1").exit_code == 2


def test_removing_is_all_or_nothing(store: Path) -> None:
    assert "no article of the store has the id 'nope'" in refused("remove", store, "n7-0-0", "nope")
    result = run("store", "remove", store, "n7-0-0", "n7-1-1")
    assert sorted(key for row in json_lines(result.stdout) for key in row["articles"]) == ["n7-0-0", "n7-1-1"]
    assert result.stderr == "removed   2 articles, 13 left\n"


def test_expiring(store: Path) -> None:
    (last, *_) = done("list", store)
    result = run("store", "expire", store, "--before", last["first_published"])
    assert {row["kind"] for row in json_lines(result.stdout)} == {"expired"}
    assert result.stderr == "expired   10 articles, 5 left\n"
    done("expire", store, "--before", "9999-01-01")
    ten_days_ago = datetime.now(UTC) - timedelta(days=10)
    write_articles([Article(id="1", title="Köprü", body="", published=ten_days_ago)], store.parent / "old.jsonl")
    done("add", store, store.parent / "old.jsonl")
    assert done("expire", store, "--older-than", "10.1") == []
    assert [row["articles"] for row in done("expire", store, "--older-than", "9.9")] == [["1"]]
    for wrong in ((), ("--before", "2026-01-01", "--older-than", "3"), ("--before", "soon"), ("--older-than", "nan")):
        assert run("store", "expire", store, *wrong).exit_code == 2


def test_a_clock_that_is_wrong_takes_nothing(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    done("expire", store, "--before", "9999-01-01")
    now, day = time.time(), 86_400
    articles = [Article(id=str(n), title="Köprü", body="", published=datetime.fromtimestamp(now, UTC)) for n in (1, 2)]
    write_articles(articles, store.parent / "new.jsonl")
    done("add", store, store.parent / "new.jsonl")

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]  # of the class that it takes the place of
            return datetime.fromtimestamp(now + 3_650 * day, tz)

    with monkeypatch.context() as patch:
        patch.setattr("dedup.cli.store.expire.datetime", Ahead)
        for more in ((), ("--dry-run",)):
            message = refused("expire", store, "--older-than", "3649.99", *more)
            assert "is the clock right?" in message
            assert f"by the clock it is {Ahead.now(UTC):%Y-%m-%d}" in message
        assert len(done("list", store)) == 1
    # what is said in so many words is done, and the words of the message are such: also of what came on that very day
    done("expire", store, *message.split()[-2:])
    assert done("list", store) == []


def test_corrections_and_the_labels_of_them(store: Path) -> None:
    kinds = [row["kind"] for row in done("correct", store, "--different", "n7-0-0", "n7-0-1")]
    assert kinds[0] == "corrected"
    assert "split" in kinds
    assert story_of(store, "n7-0-0") != story_of(store, "n7-0-1")
    done("correct", store, "--same", "n7-2-0", "n7-1-0")
    done("correct", store, "--same", "n7-2-0", "n7-2-1")
    expected = [
        {"a": "n7-0-0", "b": "n7-0-1", "same": False},
        {"a": "n7-1-0", "b": "n7-2-0", "same": True},
        {"a": "n7-2-0", "b": "n7-2-1", "same": True},
    ]
    assert done("labels", store) == expected
    assert "cannot be different" in refused("correct", store, "--different", "n7-1-0", "n7-2-1")
    assert "no article of the store" in refused("correct", store, "--same", "n7-1-0", "nope")
    assert "nothing was said" in refused("correct", store, "--forget", "n7-1-0", "n7-0-0")
    done("correct", store, "--forget", "n7-1-0", "n7-2-0")
    run("store", "labels", store, "-o", store.parent / "pairs.csv")
    assert (store.parent / "pairs.csv").read_text() == "a,b,same\nn7-0-0,n7-0-1,false\nn7-2-0,n7-2-1,true\n"
    for wrong in ((), ("--same", "a"), ("--same", "a", "b", "--forget", "a", "b")):
        assert run("store", "correct", store, *wrong).exit_code == 2


def test_calibrate_reads_the_labels(store: Path) -> None:
    from dedup.calibrate.labelled import _with_pairs
    from dedup.read import read_articles

    done("correct", store, "--same", "n7-2-0", "n7-2-1")
    done("correct", store, "--different", "n7-0-0", "n7-0-1")
    for name in ("pairs.jsonl", "pairs.csv"):
        run("store", "labels", store, "-o", store.parent / name)
        articles = sorted(read_articles(store.parent / "news.jsonl"), key=lambda article: article.id)
        news = _with_pairs(articles, store.parent / name)
        assert news.same.tolist() == [False, True]
        assert [one.article.id for one in news.articles] == ["n7-0-0", "n7-0-1", "n7-2-0", "n7-2-1"]


def test_a_sound_store_and_damaged_vectors_mended(store: Path) -> None:
    result = run("store", "verify", store)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "sound     15 articles\n")
    before = done("list", store)
    segment = max((store / "vectors").iterdir(), key=lambda path: path.stat().st_size)
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 0xFF
    segment.write_bytes(data)
    result = run("store", "verify", store)
    assert result.exit_code == 1
    damage = json_lines(result.stdout)
    assert damage
    assert all(row["mendable"] and row["article"] in ADDED for row in damage)
    assert f"{len(damage)} of which --repair mends" in result.stderr
    result = run("store", "verify", store, "--repair")
    assert result.exit_code == 0, result.output
    assert json_lines(result.stdout) == damage
    assert run("store", "verify", store).exit_code == 0
    assert done("list", store) == before


def test_what_cannot_be_mended_is_said(store: Path) -> None:
    import sqlite3

    with sqlite3.connect(store / "store.sqlite") as database:
        database.execute("UPDATE articles SET record = '{' WHERE id = 'n7-0-0'")
    database.close()
    for options in ((), ("--repair",)):
        result = run("store", "verify", store, *options)
        assert result.exit_code == 1
        assert [row["mendable"] for row in json_lines(result.stdout)] == [False]
        assert "Traceback" not in result.stderr
    (store / "store.sqlite").write_bytes(b"no database at all" * 1000)
    assert "damaged" in refused("verify", store)


@pytest.mark.parametrize(
    "arguments",
    [
        ("find", "news.jsonl"),
        ("list",),
        ("show", "s1"),
        ("changes",),
        ("remove", "a1"),
        ("expire", "--older-than", "1"),
        ("correct", "--same", "a", "b"),
        ("labels",),
        ("verify",),
    ],
    ids=lambda arguments: arguments[0],
)
def test_where_there_is_no_store_nothing_is_made(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    name, *others = arguments
    write_articles([Article(id="1", title="Köprü açıldı", body="", language="tr")], tmp_path / "news.jsonl")
    others = [str(tmp_path / one) if one == "news.jsonl" else one for one in others]
    assert "there is no store in" in refused(name, tmp_path / "s", *others)
    assert not (tmp_path / "s").exists()


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_people_get_lines_that_cannot_steer_their_terminal(store: Path) -> None:
    published = datetime(2026, 3, 2, tzinfo=UTC)
    text = "\x1b[31mRed\u202e\u202c alert\x07 in the harbour of Bandar"
    hostile = [
        Article(id=f"evil\x1b[2J{n}", title=text, body="", language="en", published=published, edition="\x9bOut")
        for n in range(8)
    ]
    with dedup.Store.open(store) as there:
        there.add(hostile)
    one = f"{store}/one.jsonl"
    write_articles(hostile[:1], one)
    calls = [
        ["add", str(store), one],
        ["list", str(store)],
        ["show", str(store), story_of(store, hostile[0].id)],
        ["find", str(store), one, "--explain", "--limit", "2"],
        ["changes", str(store)],
        ["correct", str(store), "--different", hostile[0].id, hostile[1].id],
        ["correct", str(store), "--forget", hostile[0].id, hostile[1].id],
        ["remove", str(store), *(article.id for article in hostile)],
        ["verify", str(store)],
    ]
    script = (
        "import json, sys; from dedup.cli import app; "
        "[app.main(['store', *call, '-q', '--color=never'], standalone_mode=False) for call in json.loads(sys.argv[1])]"
    )
    shown = on_a_terminal([sys.executable, "-c", script, json.dumps(calls)])
    assert "Red alert in" in shown
    assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", shown)
    assert "{" not in shown
    for words in (
        "said to be two stories: evil [2J0, evil [2J1",
        "nothing said any more",
        "gives to",
        "takes in",
        "removed    ",
        "8 articles: evil [2J0, evil [2J1, evil [2J2, evil [2J3, evil [2J4 and 3 more",
        "9 articles  en  2026-03-02 00:00 UTC",  # one was read again, its id cleaned
        "probability that A and B tell one story",
    ):
        assert words in shown, words


def test_a_model_of_another_maker_is_to_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from commands import use_fake_model

    use_fake_model(monkeypatch, tmp_path / "model")
    newsroom(tmp_path / "news.jsonl", stories=2)
    news = tmp_path / "news.jsonl"
    done("add", tmp_path / "s", news, "--encoder", "mine")
    assert "name it with --encoder" in refused("find", tmp_path / "s", news)
    assert "name it with --encoder" in refused("add", tmp_path / "s", news)
    assert "was made with the model fake" in refused("add", tmp_path / "s", news, "--encoder", "fast")
    assert len(done("find", tmp_path / "s", news, "--encoder", "mine")) == 10
    assert done("add", tmp_path / "s", news, "--encoder", "mine") == []
    assert len(done("list", tmp_path / "s")) >= 2  # which takes no model


def test_the_change_that_is_documented_has_the_keys_that_are_written(made: Path) -> None:
    document = (Path(__file__).resolve().parents[2] / "docs" / "store.md").read_text("utf-8")
    shown = [json.loads(line) for line in document.splitlines() if line.startswith('{"cursor"')]
    assert [list(row) for row in shown] == [list(done("changes", made / "s")[0])]


def test_labels_of_a_file_are_kept_all_at_once(store: Path) -> None:
    rows = [
        {"a": "n7-0-1", "b": "n7-0-0", "same": False, "probability": 0.61},
        {"a": "n7-1-0", "b": "n7-2-0", "same": True},
        {"a": "n7-1-0", "b": "gone", "same": True},
        {"a": "n7-2-0", "b": "n7-1-0", "same": True},
        {"a": "n7-0-0", "b": "\ud800", "same": True},
    ]
    labels = store.parent / "labels.jsonl"
    labels.write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = run("store", "correct", store, "--labels", labels)
    assert result.exit_code == 0, result.output
    changes = json_lines(result.stdout)
    assert [row["pair"] for row in changes if row["kind"] == "corrected"] == [
        ["n7-0-0", "n7-0-1"],
        ["n7-1-0", "n7-2-0"],
    ]
    assert len({row["time"] for row in changes}) == 1
    assert "labels    2 kept, 1 said before, 2 refused" in result.stderr
    assert "refused " + f"{labels}, line 3: no article of the store has the id 'gone'" in result.stderr
    assert story_of(store, "n7-0-0") != story_of(store, "n7-0-1")
    assert story_of(store, "n7-1-0") == story_of(store, "n7-2-0")
    again = run("store", "correct", store, "--labels", labels)
    assert (again.exit_code, again.stdout) == (0, "")
    assert "labels    0 kept, 3 said before, 2 refused" in again.stderr
    # what 'labels' writes says nothing new to the store that it is of, and all to another one
    run("store", "labels", store, "-o", store.parent / "pairs.csv")
    assert done("correct", store, "--labels", store.parent / "pairs.csv") == []


def test_labels_that_contradict_are_told_and_the_rest_is_kept(store: Path) -> None:
    done("correct", store, "--same", "n7-0-0", "n7-0-1")
    labels = store.parent / "labels.csv"
    lines = ["n7-0-1,n7-0-2,true", "n7-0-0,n7-0-2,false", "n7-0-3,n7-0-4,false", *["n7-1-0,x,true"] * 3]
    labels.write_text("\n".join(["a,b,same", *lines]))
    result = run("store", "correct", store, "--labels", labels)
    assert result.exit_code == 0, result.output
    assert "labels    2 kept, 0 said before, 4 refused" in result.stderr
    assert "CSV row 2: 'n7-0-0' and 'n7-0-2' cannot be different: they are the same by way of" in result.stderr
    assert "and 1 more; -v shows all" in result.stderr
    assert "and 1 more" not in run("store", "correct", store, "--labels", labels, "-v").stderr
    assert len(done("labels", store)) == 3


def test_labels_that_are_none_change_nothing(store: Path) -> None:
    labels = store.parent / "labels.jsonl"
    for text, message in (
        ("", "labels.jsonl: no label; each row is a pair"),
        ('{"a": "n7-0-0", "b": "n7-0-1", "same": "perhaps"}\n', "line 1: same is 'perhaps'"),
        ('{"a": "n7-0-0", "b": "n7-0-1", "same": true}\nnonsense\n', "line 2: not a JSON object"),
        ('{"a": "n7-0-0", "b": "n7-0-1", "same": 1}\n{"a": "n7-0-1", "b": "n7-0-0", "same": 0}', "judged otherwise"),
        ('{"a": "gone", "b": "n7-0-1", "same": true}\n', "none of 1 labels could be kept; the first: "),
    ):
        labels.write_text(text)
        assert message in refused("correct", store, "--labels", labels)
    assert "cannot be read" in refused("correct", store, "--labels", store.parent / "nowhere.jsonl")
    assert done("labels", store) == []
    assert run("store", "correct", store, "--labels", labels, "--same", "a", "b").exit_code == 2
