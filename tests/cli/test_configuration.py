"""Settings of `dedup.toml` and of the environment: found, checked, explained, and in which order they hold."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from commands import in_a_process, newsroom, run, use_fake_model
from hypothesis import given
from hypothesis import strategies as st

from dedup.cli import app
from dedup.cli.configuration import find_config, read_config, schema_of
from dedup.cli.configuration.template import toml_value
from dedup.cli.console import console_options
from dedup.cli.edge import Edge
from dedup.cli.options import json_option, reading_options, settings_options
from dedup.errors import SettingsError

SCHEMA = schema_of(app)


@dataclass
class Seen:
    """A command that does nothing but keep what it was given."""

    given: dict[str, Any] = field(default_factory=dict)

    @property
    def group(self) -> click.Group:
        @click.command("try")
        @reading_options
        @settings_options
        @json_option("Print as JSON.")
        @console_options
        @click.pass_obj
        def command(console: object, /, **given: Any) -> None:
            self.given = given | {"console": console}

        return Edge("dedup", commands={"try": command})

    def run(self, *arguments: str) -> None:
        result = CliRunner().invoke(self.group, ["try", "in.jsonl", *arguments])
        assert result.exit_code == 0, result.output


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, above which nothing is looked for."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("table", ["cluster]\noutput", "cluster]\npairs", "model]\ncalibration"])
def test_a_path_with_a_nul_is_refused(here: Path, table: str) -> None:
    (here / "dedup.toml").write_text(f'[{table} = "a\\u0000b"\n')
    with pytest.raises(SettingsError, match="null byte; it takes a path"):
        read_config(here / "dedup.toml", SCHEMA)


def test_a_model_whose_name_no_path_can_have_is_a_name(here: Path) -> None:
    (here / "dedup.toml").write_text(f'[model]\nencoder = "{"x" * 300}"\n')
    values = read_config(here / "dedup.toml", SCHEMA).values
    assert list(values.values()) == ["x" * 300]


def test_the_command_line_goes_before_the_environment_before_the_file_before_the_default(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Seen()

    def threshold(*arguments: str) -> float:
        seen.run(*arguments)
        value: float = seen.given["settings"].threshold
        return value

    assert threshold() == 0.5
    (here / "dedup.toml").write_text("[stories]\nthreshold = 0.6\n")
    assert threshold() == 0.6
    (here / "dedup.toml").write_text("[stories]\nthreshold = 0.6\n[try]\nthreshold = 0.65\n")
    assert threshold() == 0.65
    monkeypatch.setenv("DEDUP_THRESHOLD", "0.7")
    assert threshold() == 0.7
    monkeypatch.setenv("DEDUP_TRY_THRESHOLD", "0.75")
    assert threshold() == 0.75
    assert threshold("--threshold", "0.8") == 0.8


def test_every_kind_of_value_arrives_as_it_would_from_the_command_line(here: Path) -> None:
    (here / "dedup.toml").write_text(
        '[reading]\nformat = "csv"\nfield = { title = "kop", body = "متن" }\nmax-record-bytes = 99\n'
        '[stories]\nwindow_days = 3\n[messages]\nverbose = true\n[try]\njson = true\nrejects = "bad/r.jsonl"\n'
    )
    seen = Seen()
    seen.run()
    reading = seen.given["reading"]
    assert reading.options.format == "csv"
    assert dict(reading.options.fields) == {"title": "kop", "body": "متن"}
    assert reading.options.max_record_bytes == 99
    assert seen.given["settings"].window_days == 3.0
    assert seen.given["as_json"] is True
    assert seen.given["console"].verbose
    assert reading.rejects == here / "bad" / "r.jsonl"
    seen.run("--quiet", "--field", "url=adres")
    assert (seen.given["console"].quiet, seen.given["console"].verbose) == (True, False)
    assert dict(seen.given["reading"].options.fields) == {"url": "adres"}


def test_the_environment_says_lists_and_switches_too(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "dedup.toml").write_text("[try]\njson = true\n")
    monkeypatch.setenv("DEDUP_TRY_JSON", "no")
    monkeypatch.setenv("DEDUP_FIELD", "title=kop body=tekst")
    seen = Seen()
    seen.run()
    assert seen.given["as_json"] is False
    assert dict(seen.given["reading"].options.fields) == {"title": "kop", "body": "tekst"}


class TestFinding:
    def test_the_nearest_above(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        inner = here / "a" / "b"
        inner.mkdir(parents=True)
        monkeypatch.chdir(inner)
        assert find_config() is None
        (here / "dedup.toml").touch()
        assert find_config() == here / "dedup.toml"
        (here / "a" / "dedup.toml").touch()
        assert find_config() == here / "a" / "dedup.toml"

    @pytest.mark.parametrize("stop", ["git", "home"])
    def test_not_above_a_repository_or_the_home(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: str
    ) -> None:
        (tmp_path / "dedup.toml").touch()
        (tmp_path / "inner").mkdir()
        if stop == "git":
            (tmp_path / "inner" / ".git").write_text("gitdir: elsewhere\n")  # as in a worktree
        else:
            monkeypatch.setenv("HOME", str(tmp_path / "inner"))
            monkeypatch.setenv("USERPROFILE", str(tmp_path / "inner"))
        monkeypatch.chdir(tmp_path / "inner")
        assert find_config() is None

    def test_one_that_is_named(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (here / "one.toml").write_text("[stories]\nthreshold = 0.61\n")
        (here / "two.toml").write_text("[stories]\nthreshold = 0.62\n")
        (here / "dedup.toml").write_text("[stories]\nthreshold = 0.63\n")
        monkeypatch.setenv("DEDUP_CONFIG", "two.toml")

        def threshold(*arguments: str) -> object:
            result = run(*arguments)
            assert result.exit_code == 0, result.output
            return next(row["value"] for row in json.loads(result.stdout) if row["key"] == "threshold")

        assert threshold("config", "--json") == 0.62
        assert threshold("config", "--json", "--config", "one.toml") == 0.61
        assert threshold("--config", "one.toml", "config", "--json") == 0.61

    @pytest.mark.parametrize("name", ["nowhere.toml", "."])
    def test_one_that_is_named_and_not_there(self, here: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        assert "--config names" in run("cache", "info", "--config", name).stderr
        monkeypatch.setenv("DEDUP_CONFIG", name)
        result = run("cache", "info")
        assert result.exit_code == 1
        assert result.stderr.startswith(f"dedup: error: DEDUP_CONFIG names {name}")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("threshold = 0.6", ["threshold outside the tables", "belongs in [stories]"]),
        ("[stories]\ntreshold = 0.6", ["treshold in [stories]", "did you mean threshold?"]),
        ("[stories]\nthreshold = 2", ["threshold = 2 in [stories]", "above 0 and below 1"]),
        ("[stories]\nthreshold = nan", ["nan is no number"]),
        ("[stories]\nthreshold = true", ["threshold = true", "a number"]),
        ("[stories]\nmax-sentences = 2.5", ["max-sentences = 2.5", "a whole number from 1"]),
        ('[stories]\nkeep = "best of all"', ['keep = "best of all"', "earliest"]),
        ("[stories]\nwindow_days = 3\nwindow-days = 4", ["window-days is set twice in [stories]"]),
        ('[model]\nno-cache = "yes"', ['no-cache = "yes"', "true or false"]),
        ('[model]\nprecision = "int3"', ["precision", "bfloat16"]),
        ('[model]\nmodel = "fast"', ["model in [model]", "it is called encoder"]),
        ('[reading]\nfield = "title=kop"', ["field", "in brackets"]),
        ('[reading]\nfield = ["kop"]', ["'kop' is not of the form OURS=THEIRS"]),
        ('[reading]\nfield = { headline = "kop" }', ["unknown article field: 'headline'"]),
        ('[reading]\ntimezone = "Nowhere/Town"', ["unknown time zone"]),
        ('[reading]\nencoding = "base64"', ["unknown text encoding"]),
        ("[cluste]\n", ["no table [cluste]", "did you mean cluster?"]),
        ("[store.ad]\n", ["no table [store.ad]", "did you mean add?"]),
        ("[store]\njson = true", ["json in [store]", "[store.add]"]),
        ('[cluster]\nlimit = 3', ["limit in [cluster]", "[store.find] or [store.list]"]),
        ("cluster = 3", ["[cluster] is a table"]),
        ('[messages]\nconfig = "x"', ["config in [messages]"]),
        ("[calibrate]\ndry-run = true", ["dry-run in [calibrate]"]),
        ('[store.correct]\nsame = ["a", "b"]', ["same in [store.correct]"]),
        ("a = 1 2", ["is no TOML", "line 1, column 7"]),
        ("a = " + "[" * 20_000, ["is no TOML"]),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_line_with_the_remedy(here: Path, text: str, parts: list[str]) -> None:
    (here / "dedup.toml").write_text(text)
    result = run("cache", "info")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith(f"dedup: error: {here / 'dedup.toml'}")
    for part in parts:
        assert part in result.stderr


def test_bytes_that_are_no_text(here: Path) -> None:
    (here / "dedup.toml").write_bytes(b"\xff\xfe")
    assert "is no TOML" in run("cache", "info").stderr
    (here / "dedup.toml").write_bytes(b"#" * (1 << 21))
    assert "longer than" in run("cache", "info").stderr


@pytest.mark.parametrize(
    ("variable", "value"), [("DEDUP_THRESHOLD", "2"), ("DEDUP_NO_CACHE", "perhaps"), ("DEDUP_FIELD", "kop")]
)
def test_a_variable_that_cannot_be(here: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    result = run("cluster", "nowhere")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"dedup: error: the environment variable {variable}={value}: ")
    assert "it takes" in result.stderr
    assert run("cache", "info").exit_code == 0  # which has no such option


def test_help_needs_no_sound_file(here: Path) -> None:
    (here / "dedup.toml").write_text("[stories]\nthreshold = 7\n")
    result = run("cluster", "--help")
    assert result.exit_code == 0
    assert re.search(r"default:\s+0\.5", result.stdout)


def test_paths_are_meant_from_the_file_on(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    news = here / "news"
    news.mkdir()
    use_fake_model(monkeypatch, here / "model")
    newsroom(here / "in.jsonl", stories=2)
    (here / "dedup.toml").write_text(
        '[cluster]\noutput = "stories.csv"\nrejects = "/dev/../r.jsonl"\n[model]\nencoder = "own"\n'
    )
    monkeypatch.chdir(news)
    rows = {row["key"]: row["value"] for row in json.loads(run("config", "cluster", "--json").stdout)}
    assert rows["output"] == str(here / "stories.csv")
    assert rows["rejects"] == "/dev/../r.jsonl"
    assert rows["encoder"] == "own"  # no folder of that name: a name on the hub
    (here / "own").mkdir()
    rows = {row["key"]: row["value"] for row in json.loads(run("config", "cluster", "--json").stdout)}
    assert rows["encoder"] == str(here / "own")
    (here / "dedup.toml").write_text('[cluster]\noutput = "stories.csv"\n')
    assert run("cluster", "../in.jsonl").exit_code == 0
    assert (here / "stories.csv").exists()
    assert run("cluster", "../in.jsonl", "-o", "-").stdout.startswith("{")


class TestStores:
    @pytest.fixture(autouse=True)
    def store(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        use_fake_model(monkeypatch, here / "model")
        monkeypatch.setattr("dedup.encode.named.name_of_model", lambda _: "bundled")
        newsroom(here / "in.jsonl", stories=2)
        assert run("store", "add", "s", "in.jsonl", "--threshold", "0.6").exit_code == 0

    def test_one_that_is_there_keeps_its_own_settings(self, here: Path) -> None:
        (here / "dedup.toml").write_text(
            '[stories]\nthreshold = 0.7\n[model]\nencoder = "elsewhere"\ncalibration = "none.json"\n'
        )
        assert run("store", "add", "s", "in.jsonl").exit_code == 0
        assert run("store", "find", "s", "in.jsonl").exit_code == 0
        refused = run("store", "add", "s", "in.jsonl", "--threshold", "0.7")
        assert refused.exit_code == 1
        assert "made with other settings" in refused.stderr

    def test_what_is_said_goes_before_what_is_usual(self, here: Path) -> None:
        (here / "dedup.toml").write_text("[store.expire]\nolder-than = 36500\n")
        assert "0 articles, 10 left" in run("store", "expire", "s").stderr
        assert "10 articles, 0 left" in run("store", "expire", "s", "--before", "2030-01-01").stderr


class TestConfigCommand:
    def test_it_says_where_each_value_comes_from(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (here / "dedup.toml").write_text("[stories]\nthreshold = 0.6\n[cluster]\nwindow-days = 2\n")
        monkeypatch.setenv("DEDUP_KEEP", "fa,en")
        rows = {row["key"]: row for row in json.loads(run("config", "cluster", "--json").stdout)}
        assert (rows["threshold"]["value"], rows["threshold"]["where"]) == (0.6, f"{here / 'dedup.toml'} [stories]")
        assert (rows["window-days"]["value"], rows["window-days"]["where"]) == (2.0, f"{here / 'dedup.toml'} [cluster]")
        assert (rows["keep"]["value"], rows["keep"]["where"]) == ("fa,en", "DEDUP_KEEP")
        assert (rows["max-sentences"]["value"], rows["max-sentences"]["where"]) == (12, None)
        assert {row["source"] for row in rows.values()} == {"file", "environment", "default"}
        assert rows["threshold"]["default"] == 0.5
        assert rows["threshold"]["takes"] == "a number above 0 and below 1"
        assert rows["threshold"]["variables"] == ["DEDUP_CLUSTER_THRESHOLD", "DEDUP_THRESHOLD"]
        text = run("config", "cluster").stdout
        assert f"threshold = 0.6  ({here / 'dedup.toml'} [stories])" in text
        assert 'keep = "fa,en"  (DEDUP_KEEP)' in text
        assert "max-sentences = 12  (default)" in text

    def test_all_of_them_each_once(self, here: Path) -> None:
        rows = json.loads(run("config", "--json").stdout)
        places = [(row["table"], row["key"]) for row in rows]
        assert len(places) == len(set(places))
        assert [key for table, key in places].count("threshold") == 1
        for table in ("reading", "stories", "model", "messages", "cluster", "store.add", "calibrate"):
            assert table in {table for table, _ in places}
        for row in rows:
            assert row["help"].endswith(".")
            assert row["takes"]

    @pytest.mark.parametrize(
        ("arguments", "tables"),
        [
            (["store", "add"], {"store.add"}),
            (["store.add"], {"store.add"}),
            (["cache"], {"cache.info", "cache.clear"}),
        ],
    )
    def test_of_one_command_or_a_group(self, here: Path, arguments: list[str], tables: set[str]) -> None:
        assert {row["table"] for row in json.loads(run("config", *arguments, "--json").stdout)} == tables

    def test_of_no_command(self, here: Path) -> None:
        assert run("config", "clutter").exit_code == 2

    def test_a_variable_that_means_nothing(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DEDUP_TRESHOLD", "0.6")
        assert "DEDUP_TRESHOLD means nothing; did you mean DEDUP_THRESHOLD?" in run("config").stdout

    def test_a_file_to_begin_with_changes_nothing_and_takes_every_default(self, here: Path) -> None:
        assert run("config", "--init").exit_code == 0
        path = here / "dedup.toml"
        text = path.read_text("utf-8")
        assert read_config(path, SCHEMA).values == {}
        again = run("config", "--init")
        assert again.exit_code == 1
        assert "is there already" in again.stderr
        assert path.read_text("utf-8") == text
        stated = re.sub(r'^# ([a-z-]+ = (?!\[?"[^a-z]).*)$', r"\1", text, flags=re.MULTILINE)
        path.write_text(stated, "utf-8")
        assert tomllib.loads(stated)["stories"]["threshold"] == 0.5
        rows = json.loads(run("config", "--json").stdout)
        default = [row for row in rows if row["source"] == "file"]
        assert len(default) > 30
        for row in default:
            # a choice without a default shows the first there is; a path becomes one from the file on
            assert row["default"] in (None, row["value"]) or row["key"] == "output"

    def test_in_a_folder_that_cannot_be_written(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
        result = run("config", "--init")
        assert result.exit_code == 1
        assert "Permission denied" in result.stderr


@given(
    st.recursive(
        st.booleans()
        | st.integers(-(2**60), 2**60)
        | st.floats(allow_nan=False)
        | st.text(st.characters(codec="utf-8")),
        lambda inner: st.lists(inner, max_size=3),
        max_leaves=5,
    )
)
def test_values_are_written_as_toml_reads_them(value: Any) -> None:
    assert tomllib.loads(f"a = {toml_value(value)}")["a"] == value


def test_the_file_that_the_document_shows(here: Path) -> None:
    document = (Path(__file__).resolve().parents[2] / "docs" / "configuration.md").read_text("utf-8")
    (shown,) = re.findall(r"^```toml\n(.*?)^```", document, re.MULTILINE | re.DOTALL)
    (here / "dedup.toml").write_text(shown, "utf-8")
    values = read_config(here / "dedup.toml", SCHEMA).values
    assert values[("stories",), "threshold"] == "0.6"
    assert values[("cluster",), "pairs"] == str(here / "pairs.jsonl.gz")
    for variable in re.findall(r"`(DEDUP_[A-Z_]+)=", document):
        assert any(variable in place.variables for keys in SCHEMA.tables.values() for place in keys.values())


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a folder that may not be entered")
def test_above_a_folder_that_may_not_be_entered(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "closed" / "inner").mkdir(parents=True)
    monkeypatch.chdir(here / "closed" / "inner")
    (here / "closed").chmod(0)
    try:
        assert find_config() is None
    finally:
        (here / "closed").chmod(0o700)


def test_tables_and_variables_are_told_apart() -> None:
    commands = {table[0] for table in SCHEMA.commands}
    assert not commands & {table[0] for table in SCHEMA.shared}
    owner: dict[str, object] = {}
    for keys in SCHEMA.tables.values():
        for place in keys.values():
            for variable in place.variables:
                assert variable not in ("DEDUP_CACHE", "DEDUP_CONFIG", "DEDUP_DATA", "DEDUP_SHARED")
                owned = (place.key, getattr(place.option, "table", place.table))
                assert owner.setdefault(variable, owned) == owned


def test_every_command_takes_part() -> None:
    for keys in SCHEMA.commands.values():
        assert {"color", "quiet", "verbose", "debug"} <= keys.keys()


def test_shared_options_mean_the_same_everywhere() -> None:
    for table, keys in SCHEMA.shared.items():
        for key, place in keys.items():
            for command in SCHEMA.commands.values():
                other = command.get(key)
                if other is not None and getattr(other.option, "table", None) == table[0]:
                    assert type(other.option.type) is type(place.option.type)
                    assert other.option.multiple == place.option.multiple
                    assert other.option.name == place.option.name


def test_a_process_of_its_own(here: Path) -> None:
    (here / "dedup.toml").write_text("[stories]\nthreshold = 7\n")
    called = in_a_process("cluster", "nowhere", cwd=here)
    assert called.returncode == 1
    assert "threshold = 7" in called.stderr
    assert "Traceback" not in called.stderr


def test_a_file_that_cannot_be_read(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "dedup.toml").touch()
    read: Callable[..., Any] = Path.open

    def refuse(path: Path, *arguments: Any, **others: Any) -> Any:
        if path.name == "dedup.toml":
            raise PermissionError(13, "Permission denied")
        return read(path, *arguments, **others)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SettingsError, match="Permission denied"):
        read_config(here / "dedup.toml", SCHEMA)
