"""`--manifest`, what typed outputs and pages carry, and the lines of the summary that say the same to people."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.feather
import pyarrow.parquet
import pytest
from commands import newsroom, run, use_fake_model
from fakes import FakeEncoder

from dedup.manifest import mark_file


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeEncoder:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").touch()
    newsroom(tmp_path / "news.jsonl", stories=4)
    with (tmp_path / "news.jsonl").open("a", encoding="utf-8") as file:
        file.write("broken\n")
        file.write(json.dumps({"id": "de1", "title": "Brücke gesperrt", "language": "de"}) + "\n")
    return use_fake_model(monkeypatch, tmp_path / "model")


def manifest(name: str = "run.json") -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(name).read_text("utf-8"))
    return document


@pytest.mark.parametrize(
    ("command", "output"),
    [("cluster", "out.jsonl"), ("unique", "out.csv"), ("report", "out.html"), ("cluster", "-")],
)
def test_a_manifest_is_written_where_it_is_asked_for(command: str, output: str) -> None:
    told = run(command, "news.jsonl", "-o", output, "--threshold", "0.6", "--manifest", "run.json")
    assert told.exit_code == 0, told.stderr
    found = manifest()
    assert found["command"] == f"dedup {command}"
    assert found["reading"]["inputs"] == ["news.jsonl"]
    mark = mark_file(Path("news.jsonl"), "jsonl")
    assert found["files"] == [{"file": mark.file, "format": mark.format, "bytes": mark.bytes, "hash": mark.hash}]
    assert found["setting"]["threshold"] == 0.6
    assert found["counts"]["reading"]["read"] == found["counts"]["run"]["articles"] == 21
    assert found["counts"]["reading"]["rejected"] == 1
    assert found["counts"]["run"]["uncalibrated"] == 1
    assert "written   run.json" in told.stderr
    assert ("written   out" in told.stderr) == (output != "-")


def test_equal_runs_write_equal_manifests_but_for_their_times() -> None:
    documents = []
    for name in ("one.json", "two.json"):
        assert run("cluster", "news.jsonl", "-o", "stories.jsonl", "--manifest", name).exit_code == 0
        documents.append(manifest(name))
    times = [document.pop("times") for document in documents]
    assert documents[0] == documents[1]
    assert times[0] != times[1]


def test_none_is_written_otherwise() -> None:
    assert run("cluster", "news.jsonl", "-o", "stories.jsonl").exit_code == 0
    assert sorted(path.name for path in Path().glob("stories*")) == ["stories.jsonl", "stories.jsonl.rejects.jsonl"]


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
@pytest.mark.parametrize("command", ["cluster", "unique"])
def test_typed_outputs_carry_it_without_its_times(command: str, ending: str) -> None:
    path = Path(f"out.{ending}")
    assert run(command, "news.jsonl", "-o", path, "--manifest", "run.json").exit_code == 0
    schema = pyarrow.parquet.read_schema(path) if ending == "parquet" else pyarrow.feather.read_table(path).schema
    carried = json.loads(schema.metadata[b"dedup.manifest"])
    expected = manifest()
    del expected["times"]
    assert carried == expected
    before = path.read_bytes()
    assert run(command, "news.jsonl", "-o", path).exit_code == 0
    assert path.read_bytes() == before  # equal runs, equal files


def test_pairs_carry_it_too() -> None:
    assert run("cluster", "news.jsonl", "-o", "stories.jsonl", "--pairs", "pairs.parquet").exit_code == 0
    carried = json.loads(pyarrow.parquet.read_schema("pairs.parquet").metadata[b"dedup.manifest"])
    assert carried["files"][0]["file"] == "news.jsonl"


def test_standard_input_has_no_file_and_the_articles_are_marked_all_the_same() -> None:
    given = Path("news.jsonl").read_text("utf-8")
    assert run("cluster", "news.jsonl", "--manifest", "one.json").exit_code == 0
    assert run("cluster", "-", "--manifest", "two.json", given=given).exit_code == 0
    one, two = manifest("one.json"), manifest("two.json")
    assert (len(one["files"]), two["files"]) == (1, [])
    assert one["articles"] == two["articles"]


def test_a_resumed_run_has_the_manifest_of_one_that_was_not_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    call = ("cluster", "news.jsonl", "-o", "stories.jsonl", "--manifest", "run.json")
    assert run(*call).exit_code == 0
    undisturbed = manifest()

    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("dedup.score.pairs.score_pairs", stop)
        assert run(*call).exit_code == 130
    assert run(*call, "--resume").exit_code == 0
    resumed = manifest()
    del undisturbed["times"], resumed["times"]
    assert resumed == undisturbed


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("news.jsonl", "it is an input"),
        ("stories.jsonl", "it is the output"),
        ("pairs.jsonl", "it is the file of pairs"),
        ("stories.jsonl.rejects.jsonl", "it is the file of rejected records"),
        ("nowhere/run.json", "there is no folder"),
    ],
)
def test_a_place_that_would_destroy_something_is_refused_before_any_work(
    path: str, message: str, encoder: FakeEncoder
) -> None:
    call = ("cluster", "news.jsonl", "-o", "stories.jsonl", "--pairs", "pairs.jsonl", "--manifest", path)
    for more in ((), ("--dry-run",)):
        told = run(*call, *more)
        assert (told.exit_code, told.stdout) == (1, "")
        assert message in told.stderr
    assert encoder.encoded == []


def test_a_dry_run_says_where_it_would_go() -> None:
    told = run("cluster", "news.jsonl", "-o", "stories.jsonl", "--manifest", "run.json", "--dry-run")
    assert "write     manifest: run.json" in told.stdout
    assert not Path("run.json").exists()


def test_the_summary_says_what_was_judged_with_less_and_what_was_compared() -> None:
    long = "\n".join(f"Sentence number {number} of a long report." for number in range(20))
    with Path("news.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"id": "en1", "title": "A long report", "body": long, "language": "en"}) + "\n")
        file.write(json.dumps({"id": "en2", "title": "Two bridges were closed after the flood"}) + "\n")
    told = run("cluster", "news.jsonl", "-o", "stories.jsonl", "--pairs", "pairs.csv").stderr
    assert "1 have more than the 12 sentences that are read (--max-sentences)" in told
    assert "3 have no time, and are judged with less" in told
    assert "1 state no language; it was told by their text" in told
    assert "1 are in languages without a calibration: de" in told
    assert "near enough, by an exact search; " in told
    assert "written   stories.jsonl" in told
    assert "written   pairs.csv, " in told


def test_copies_that_were_compared_with_few_are_counted_for_people_and_in_the_manifest() -> None:
    with Path("news.jsonl").open("a", encoding="utf-8") as file:
        for number in range(40):
            text = "Two bridges closed after the flood. Nobody was hurt."
            file.write(json.dumps({"id": f"copy{number:02}", "body": text, "language": "en"}) + "\n")
    told = run("cluster", "news.jsonl", "-o", "stories.jsonl", "--pairs", "pairs.csv", "--manifest", "run.json").stderr
    assert "8 are copies of a text that came often on their day" in told
    assert manifest()["counts"]["run"]["followed"] == 8
    with Path("pairs.csv").open(encoding="utf-8", newline="") as file:
        followers = [row["follows"] for row in csv.DictReader(file) if row["follows"]]
    assert followers == [f"copy{number}" for number in range(32, 40)]


def test_an_empty_folder_beside_others_ends_no_nightly_run() -> None:
    Path("tonight").mkdir()
    told = run("cluster", "tonight", "news.jsonl", "-o", "stories.jsonl")
    assert told.exit_code == 0
    assert "warning: no readable file in folder: tonight" in told.stderr
    assert run("cluster", "tonight", "-o", "stories.jsonl").exit_code == 1


def test_the_summary_of_a_report_says_what_the_page_leaves_out() -> None:
    told = run("report", "news.jsonl", "-o", "page.html", "--body-characters", "5", "--explained-pairs", "1")
    assert told.exit_code == 0, told.stderr
    assert "texts are cut on the page (--body-characters)" in told.stderr
    assert "pairs are on the page without an explanation (--explained-pairs)" in told.stderr
