"""`--dry-run`: what would be done is said, and nothing is done."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import click
import pytest
from commands import json_lines, newsroom, run, use_fake_model
from fakes import FakeEncoder

from dedup.cli import app
from dedup.cli.configuration import schema_of
from dedup.read import read_articles

WRITING = {
    "cluster",
    "unique",
    "store add",
    "store remove",
    "store expire",
    "store correct",
    "store verify",
    "cache clear",
    "calibrate",
}


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeEncoder:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").touch()
    newsroom(tmp_path / "news.jsonl")
    return use_fake_model(monkeypatch, tmp_path / "model")


def everything() -> dict[str, str]:
    """Return all files with what is in them, but for those in which SQLite notes who has a store open."""
    return {
        str(path): hashlib.blake2b(path.read_bytes()).hexdigest() if path.is_file() else "a folder"
        for path in sorted(Path().rglob("*"))
        if not path.name.endswith(("-wal", "-shm"))
    }


def test_commands_that_write_have_it() -> None:
    having = {
        " ".join(table)
        for table, keys in schema_of(app).commands.items()
        for command in [next(iter(keys.values())).command]
        if any(isinstance(one, click.Option) and "--dry-run" in one.opts for one in command.params)
    }
    assert having >= WRITING


@pytest.mark.parametrize("command", ["cluster", "unique"])
def test_a_run(encoder: FakeEncoder, command: str) -> None:
    Path("bad.jsonl").write_text("no JSON\n" + Path("news.jsonl").read_text("utf-8").splitlines()[0] + "\n")
    Path("out.csv").touch()
    Path("dedup.toml").write_text("[stories]\nthreshold = 0.6\n")
    before = everything()
    call = (command, "news.jsonl", "bad.jsonl", "-o", "out.csv", "--window-days", "3", "--dry-run")
    result = run(*call)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("read      2 files, ")
    assert "records   20 articles, 2 rejected" in lines
    assert "model     bundled, precision auto" in lines
    assert f"setting   threshold 0.6  ({Path.cwd() / 'dedup.toml'} [stories])" in lines
    assert "setting   window-days 3.0  (command line)" in lines
    assert any(line.endswith(": out.csv, in place of the file that is there") for line in lines)
    assert lines[-1] == "done      nothing (--dry-run)"
    assert encoder.encoded == []
    assert everything() == before
    plan = json.loads(run(*call, "--json").stdout)
    assert [one["file"] for one in plan["inputs"]] == ["news.jsonl", "bad.jsonl"]
    assert plan["inputs"][0]["bytes"] == Path("news.jsonl").stat().st_size
    assert plan["settings"]["threshold"]["value"] == 0.6
    assert run(*call[:-1]).exit_code == 0
    sentences = len(set(encoder.encoded))
    assert plan["records"] == {"articles": 20, "rejected": 2, "sentences": sentences, "known": 0}
    assert f"vectors   {sentences} sentences, 0 kept" in lines


def test_what_is_cached_is_counted(encoder: FakeEncoder) -> None:
    lines = Path("news.jsonl").read_text("utf-8").splitlines()
    Path("half.jsonl").write_text("\n".join(lines[:5]) + "\n", "utf-8")
    assert run("cluster", "half.jsonl", "-q").exit_code == 0
    known = len(set(encoder.encoded))
    plan = json.loads(run("cluster", "news.jsonl", "--dry-run", "--json").stdout)
    assert plan["records"]["known"] == known
    assert 0 < known < plan["records"]["sentences"]
    assert json.loads(run("cluster", "news.jsonl", "--dry-run", "--json", "--no-cache").stdout)["records"]["known"] == 0
    unknown = run("cluster", "news.jsonl", "--dry-run", "--json", "--encoder", "/models/other")
    assert json.loads(unknown.stdout)["records"]["known"] is None


def test_much_is_not_counted(encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.cli.plan._CHEAP_BYTES", 100)
    assert "records   not counted" in run("cluster", "news.jsonl", "--dry-run").stdout
    assert json.loads(run("cluster", "news.jsonl", "--dry-run", "--json").stdout)["records"] is None


def test_standard_input_is_left_alone(encoder: FakeEncoder) -> None:
    result = run("cluster", "-", "--dry-run", given="no JSON")
    assert result.exit_code == 0
    assert "<stdin>  jsonl  a stream" in result.stdout
    assert "stories: standard output" in result.stdout


def test_many_files_are_not_all_shown(encoder: FakeEncoder) -> None:
    Path("in").mkdir()
    for number in range(12):
        Path(f"in/{number:02}.jsonl").touch()
    text = run("cluster", "in", "--dry-run").stdout
    assert "read      12 files" in text
    assert "and 2 more" in text


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere.jsonl"],
        ["news.jsonl", "-o", "news.jsonl"],
        ["news.jsonl", "-o", "no/such/folder.jsonl"],
        ["news.jsonl", "-o", "out.pdf"],
        ["news.jsonl", "-o", "out.jsonl", "--pairs", "out.jsonl"],
        ["news.jsonl", "--resume"],
    ],
)
def test_what_a_run_refuses_is_refused(arguments: list[str]) -> None:
    real, dry = run("cluster", *arguments), run("cluster", *arguments, "--dry-run")
    assert real.exit_code == dry.exit_code != 0
    assert real.stderr == dry.stderr


def test_a_run_that_was_stopped_is_told(encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    call = ("cluster", "news.jsonl", "-o", "out.jsonl")
    assert "no run for this output was stopped" in run(*call, "--resume", "--dry-run").stdout
    with monkeypatch.context() as patch:
        patch.setattr("dedup.score.pairs.score_pairs", stop)
        assert run(*call).exit_code == 130
    before = everything()
    assert "--resume would go on with it, this one begins anew" in run(*call, "--dry-run").stdout
    assert "this one would go on with it" in run(*call, "--resume", "--dry-run").stdout
    assert everything() == before


class TestStore:
    @pytest.fixture(autouse=True)
    def store(self, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("dedup.encode.named.name_of_model", lambda _: "bundled")
        assert run("store", "add", "s", "news.jsonl", "-q", "--threshold", "0.6").exit_code == 0
        encoder.encoded.clear()

    def test_add_to_a_new_one(self, encoder: FakeEncoder) -> None:
        before = everything()
        result = run("store", "add", "new", "news.jsonl", "--dry-run")
        assert result.exit_code == 0, result.output
        assert "the store new would be made" in result.stdout
        assert everything() == before

    def test_add_to_one_that_is_there(self, encoder: FakeEncoder) -> None:
        newsroom(Path("more.jsonl"), stories=2, seed=9)
        Path("dedup.toml").write_text('[stories]\nthreshold = 0.9\n[reading]\ntimezone = "Asia/Kabul"\n')
        before = everything()
        result = run("store", "add", "s", "news.jsonl", "more.jsonl", "--dry-run")
        assert result.exit_code == 0, result.output
        assert "30 articles, 0 rejected" in result.stdout
        assert "20 of these articles are in it already" in result.stdout
        assert "holds 20 articles" in result.stdout
        assert "threshold" not in result.stdout
        assert "timezone Asia/Kabul" in result.stdout
        assert everything() == before
        assert encoder.encoded == []

    @pytest.mark.parametrize("what", ["remove", "expire", "correct", "forget"])
    def test_what_is_told_is_what_happens(self, what: str) -> None:
        ids = [article.id for article in read_articles("news.jsonl")]
        if what == "forget":
            assert run("store", "correct", "s", "--different", *ids[:2], "-q").exit_code == 0
        call = {
            "remove": ("remove", "s", *ids[3:6]),
            "expire": ("expire", "s", "--before", "2026-03-08"),
            "correct": ("correct", "s", "--different", *ids[:2]),
            "forget": ("correct", "s", "--forget", *ids[:2]),
        }[what]
        stories = run("store", "list", "s").stdout
        before = everything()
        dry = run("store", *call, "--dry-run")
        assert dry.exit_code == 0, dry.output
        assert "nothing (--dry-run)" in dry.stderr
        assert everything() == before
        assert run("store", "list", "s").stdout == stories
        real = run("store", *call)
        told = [{**row, "time": None} for row in json_lines(dry.stdout)]
        assert told == [{**row, "time": None} for row in json_lines(real.stdout)]
        assert told
        assert run("store", "list", "s").stdout != stories
        assert run("store", "verify", "s").exit_code == 0

    @pytest.mark.parametrize(("command", "what"), [("list", "stories"), ("labels", "labels")])
    def test_what_is_listed(self, command: str, what: str) -> None:
        before = everything()
        dry = run("store", command, "s", "-o", "listed.jsonl", "--dry-run")
        assert dry.exit_code == 0, dry.output
        assert everything() == before
        real = run("store", command, "s", "-o", "listed.jsonl")
        assert real.exit_code == 0
        lines = len(Path("listed.jsonl").read_text("utf-8").splitlines())
        assert dry.stdout.splitlines() == [
            f"{what:<10}{lines}",
            "write     listed.jsonl",
            "done      nothing (--dry-run)",
        ]
        refused = run("store", command, "s", "-o", "nowhere/listed.jsonl", "--dry-run")
        assert (refused.exit_code, refused.stdout) == (1, "")

    def test_what_is_refused(self) -> None:
        for call in (("remove", "s", "nobody"), ("correct", "s", "--same", "a", "b")):
            real, dry = run("store", *call), run("store", *call, "--dry-run")
            assert real.exit_code == dry.exit_code == 1
            assert real.stderr == dry.stderr

    def test_verify(self) -> None:
        segment = next(Path("s/vectors").iterdir())
        data = bytearray(segment.read_bytes())
        data[40] ^= 255
        segment.write_bytes(data)
        before = everything()
        dry = run("store", "verify", "s", "--repair", "--dry-run")
        assert dry.exit_code == 0
        assert "to mend   1 damages of 1" in dry.stderr
        assert everything() == before
        assert run("store", "verify", "s", "--repair").exit_code == 0

    def test_in_python_too(self) -> None:
        import dedup

        with dedup.Store.open("s", create=False) as store:
            one = next(iter(read_articles("news.jsonl"))).id
            with store.rehearsal():
                assert [change.kind for change in store.remove([one])] != []
            assert store.article(one).id == one
            assert store.remove([one])


def test_the_cache(encoder: FakeEncoder) -> None:
    assert run("cluster", "news.jsonl", "-q").exit_code == 0
    before = everything()
    result = run("cache", "clear", "--dry-run")
    assert "to free in" in result.stdout
    assert everything() == before
    assert "freed in" in run("cache", "clear").stdout
    assert everything() != before


def test_looking_makes_no_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DEDUP_CACHE", str(tmp_path / "nowhere"))
    for call in (("cluster", "news.jsonl", "--dry-run"), ("cache", "info"), ("cache", "clear", "--dry-run")):
        assert run(*call).exit_code == 0
    assert not os.path.lexists(tmp_path / "nowhere")
