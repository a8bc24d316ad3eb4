"""A small part of the campaign of damaged inputs, always the same; and that the campaign finds what it is for."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.fuzz import __main__ as command
from benchmarks.fuzz.campaign import Summary, check_input, run_campaign, run_inputs
from benchmarks.fuzz.counters import COUNTERS, rows_of
from benchmarks.fuzz.mutate import BLIND, LARGEST, mutate
from benchmarks.fuzz.readers import ENDINGS
from benchmarks.fuzz.seeds import every_seed, seeds_of
from benchmarks.fuzz.target import FaultError, Tally, Target, input_of
from benchmarks.fuzz.targets import TARGETS
from dedup.read.formats import REGISTRY

SLOW = {"html": 60, "feed": 60, "xml": 80, "warc": 100, "gzip": 60, "zstd": 60, "csv": 120, "text": 40, "evidence": 30,
        "rows": 30, "parquet": 120, "arrow": 120, "tsv": 120, "newsml": 120, "nitf": 120}  # fmt: skip
"""Inputs of those that take longer than some milliseconds each; the others have 200."""
KEPT = {
    "store-database": 3,
    "store-vectors": 2,
    "cache": 20,
    "content-cache": 20,
    "job-manifest": 4,
    "job-contents": 2,
    "job-vectors": 3,
}


@pytest.mark.parametrize("name", [name for name in TARGETS if name not in KEPT])
def test_nothing_is_lost_and_nothing_breaks(name: str) -> None:
    findings = [
        one for summary in run_inputs(generous(name), 20, range(SLOW.get(name, 200))) for one in summary.findings
    ]
    assert findings == []


@pytest.mark.parametrize("name", KEPT)
def test_what_is_kept_can_be_damaged(name: str) -> None:
    findings = [one for summary in run_inputs(generous(name), 20, range(KEPT[name])) for one in summary.findings]
    assert findings == []


def generous(name: str) -> Target:
    """A target whose bounds no busy machine breaks: time and memory are for the campaign."""
    return replace(TARGETS[name], seconds=60.0, mebibytes=4_096)


def test_there_is_a_target_for_each_reader() -> None:
    assert set(ENDINGS) == set(REGISTRY)
    assert set(ENDINGS) <= set(TARGETS)
    assert all(ENDINGS[name] in REGISTRY[name].endings for name in ENDINGS)


@pytest.mark.parametrize("name", ["jsonl", "html", "warc", "times", "config"])
def test_an_input_is_made_again_from_its_number(name: str) -> None:
    made = [input_of(TARGETS[name], 3, number) for number in range(60)]
    assert made == [input_of(TARGETS[name], 3, number) for number in range(60)]
    assert len(set(made)) > 50
    assert max(map(len, made)) <= LARGEST + 1
    assert made != [input_of(TARGETS[name], 4, number) for number in range(60)]


@pytest.mark.parametrize("name", ENDINGS)
def test_sound_files_are_counted_and_mutations_leave_few_of_them_sound(name: str) -> None:
    seeds = seeds_of(name)
    assert len(seeds) > 5
    if name in COUNTERS:
        counted = [found for data in seeds if (found := COUNTERS[name](data)) is not None]
        assert counted, "no sound file can be counted"
    dice = random.Random(1)
    assert sum(mutate(dice, seeds, every_seed()) in seeds for _ in range(200)) < 40


@pytest.mark.parametrize("mutation", list(dict.fromkeys(BLIND)), ids=lambda one: str(getattr(one, "__name__", one)))
def test_mutations_take_any_bytes(mutation: object) -> None:
    assert callable(mutation)
    dice = random.Random(2)
    for data in (b"", b"a", b"\n", bytes(range(256))):
        for _ in range(20):
            assert isinstance(mutation(dice, data), bytes)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a,b\n1,2\n3,4\n", {2}),
        ("\n \na,b\n1,2", {1}),
        ('a,b\n"1\n2",3\n4,5\n', {2}),
        ('a,b\n"1""\n",3\n', {1}),
        ('a,b\n1"2\n,3\n', {2}),
        ("a,b\n1\rx,2\n3,4\n", {2}),
        ('a,b\n"1\n2\n3', {1}),
        ("a,b\n\n\n1,2\n", {3}),
        ("", {0}),
    ],
)
def test_rows_are_counted_by_a_reading_of_our_own(text: str, rows: Collection[int]) -> None:
    found = rows_of(text.encode(), ",")
    assert found is not None
    assert set(rows) <= set(found) <= {1, *rows}


class TestFindings:
    """A campaign that cannot find anything is worth nothing."""

    def test_an_error_a_fault_and_too_much_time_are_found(self) -> None:
        def fail(data: bytes, folder: Path) -> Tally:
            raise KeyError(len(data))

        def lose(data: bytes, folder: Path) -> Tally:
            raise FaultError("a record is lost")

        def take_long(data: bytes, folder: Path) -> Tally:
            return {"sum": sum(range(300_000))}

        def found(check: Callable[[bytes, Path], Tally], seconds: float = 60.0) -> tuple[str, str] | None:
            target = replace(TARGETS["jsonl"], check=check, seconds=seconds)
            return check_input(target, b"x", Summary(target="jsonl"))

        assert (found(fail) or ("", ""))[0] == "KeyError: 1"
        assert "in fail" in (found(fail) or ("", ""))[1]
        assert (found(lose) or ("", ""))[0] == "fault: a record is lost"
        assert (found(take_long, seconds=0.0) or ("", ""))[0].startswith("slow: ")
        assert found(take_long, seconds=60.0) is None

    @pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux tells how much memory it took")
    def test_too_much_memory_is_found(self) -> None:
        def take_much(data: bytes, folder: Path) -> Tally:
            return {"bytes": len(b"\x01" * (64 << 20))}

        target = replace(TARGETS["jsonl"], check=take_much, mebibytes=32)
        wrong = check_input(target, b"x", Summary(target="jsonl"))
        assert wrong is not None
        assert wrong[0].startswith("memory: ")

    def test_a_record_that_is_lost_is_found(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        from dedup.read.lines import iter_lines

        monkeypatch.setattr(
            "dedup.read.jsonl.iter_lines", lambda *args: (line for line in iter_lines(*args) if line.number != 2)
        )
        with pytest.raises(FaultError, match="records have an account"):
            TARGETS["jsonl"].check(b'{"title": "a"}\n{"title": "b"}\n{"title": "c"}\n', tmp_path)

    def test_a_process_that_dies_is_found_and_the_rest_goes_on(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        # the process is told by its environment to end at one input
        (tmp_path / "sitecustomize.py").write_text(
            "import os, sys\n"
            "import builtins\n"
            "real = builtins.print\n"
            "def told(*values, **more):\n"
            "    real(*values, **more)\n"
            "    if values[:1] == (2,):\n"
            "        os.abort()\n"
            "builtins.print = told\n"
        )
        monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{Path(command.__file__).parents[2]}")
        found = list(run_campaign("times", 1, 0, 5))
        assert sum(one.inputs for one in found) == 5
        (finding,) = (finding for one in found for finding in one.findings)
        assert (finding.number, finding.what[:8]) == (2, "died: co")


def test_the_command_checks_one_input_and_keeps_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["jsonl", "--seed", "3", "--number", "7", "--findings", str(tmp_path)]) == 0
    assert "nothing wrong" in capsys.readouterr().out
    assert command.main(["--list"]) == 0
    assert capsys.readouterr().out.split() == list(TARGETS)
    with pytest.raises(SystemExit):
        command.main(["nothing"])


def test_documents_of_json_are_counted_as_arrays_and_as_lines() -> None:
    count = COUNTERS["jsonl"]
    assert count(json.dumps([{}, 1, "x"]).encode()) == [3]
    assert count(b"{}\n\n{}") == [3]
    assert count(b'{"a":\n1}') is None
    assert count("{}\n{}\n".encode("utf-16")) == [2]
