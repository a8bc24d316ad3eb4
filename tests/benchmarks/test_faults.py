"""The quick faults, really caused; what is not as it must be is found; the page has them all."""

from __future__ import annotations

import contextlib
import importlib
import operator
import os
import re
import shutil
import signal
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from documents import ROOT

from benchmarks.faults import FAULTS, ROOMS, Fault, Row, cause
from benchmarks.faults.outcomes import Outcomes
from benchmarks.faults.page import page_text
from benchmarks.faults.place import Place, Seen, heed_signals

PAGE = ROOT / "docs" / "robustness.md"
QUICK = [one for one in FAULTS if one.quick]
pytestmark = pytest.mark.skipif(
    os.name != "posix" or shutil.which("setpriv") is None, reason="faults are caused by means of Linux"
)


@pytest.mark.parametrize("one", QUICK, ids=lambda one: one.name)
def test_a_quick_fault(tmp_path: Path, one: Fault) -> None:
    assert cause(one, tmp_path.resolve()).wrong == ""


def test_there_are_faults_of_every_room_and_none_twice() -> None:
    assert len(FAULTS) >= 40
    assert {one.area for one in FAULTS} == {room.AREA for room in ROOMS}
    assert max(Counter(one.name for one in FAULTS).values()) == 1
    assert not any(one.mounts for one in QUICK)


MOMENTS = sorted(
    {
        moment
        for room in ROOMS
        for moment in re.findall(r'"call:(\S+:\S+):\d+"', Path(str(room.__file__)).read_text("utf-8"))
    }
)


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_moment_of_a_fault_is_a_call_that_the_program_has(moment: str) -> None:
    module, function = moment.split(":")
    assert callable(operator.attrgetter(function)(importlib.import_module(module)))


def test_every_fault_is_on_the_page() -> None:
    page = PAGE.read_text("utf-8").partition("<!-- benchmark:faults -->")[2].partition("<!-- /benchmark:faults -->")[0]
    rows = set(re.findall(r"^\| (.*?) \| (.*?) \| (\d+) \|", page, re.MULTILINE))
    waiting = set(re.findall(r"^- (.*)$", page.partition("## Not caused yet")[2], re.MULTILINE))
    for one in FAULTS:
        what, how = one.what.replace("|", r"\|"), one.how.replace("|", r"\|")
        assert ((what, how, str(one.code)) in rows) != (f"{what}: {how}" in waiting), one.name
    assert len(rows) + len(waiting) == len(FAULTS)


def _fault(seen: Seen, *, code: int = 1, says: str = "no such file") -> Fault:
    return replace(QUICK[0], code=code, says=says, test=lambda place: seen)


LINE = "dedup: error: no such file: x\n"


@pytest.mark.parametrize(
    ("fault", "wrong"),
    [
        (_fault(Seen(code=70, out="", err=LINE)), "the exit code is 70 and not 1"),
        (_fault(Seen(code=1, out="", err="dedup: error: something\n")), "no line with"),
        (_fault(Seen(code=1, out="", err=LINE + LINE)), "2 lines of errors"),
        (_fault(Seen(code=1, out="", err="Traceback (most recent call last):\n" + LINE)), "a traceback is shown"),
        (_fault(Seen(code=0, out="", err="dedup: warning: x\n"), code=0, says=""), "it says"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_as_it_must_be_is_found(tmp_path: Path, fault: Fault, wrong: str) -> None:
    assert wrong in cause(fault, tmp_path).wrong


def test_what_is_left_half_written_is_found(tmp_path: Path) -> None:
    def leave(place: Place) -> Seen:
        (place.folder / ".s.jsonl.7-0.part").touch()
        return Seen(code=1, out="", err=LINE)

    assert "unfinished files stay" in cause(replace(_fault(leave(Place(tmp_path))), test=leave), tmp_path).wrong


def test_a_check_that_fails_is_told(tmp_path: Path) -> None:
    def fail(place: Place) -> Seen:
        assert place.news.read_bytes() == b"", "the news are not empty"
        raise AssertionError

    assert cause(replace(QUICK[0], test=fail), tmp_path).wrong.startswith("the news are not empty")


def test_what_hangs_is_ended_and_told(tmp_path: Path) -> None:
    def hang(place: Place) -> Seen:
        with place.start(["/bin/sh", "-c", "echo $$ > number; sleep 60; true"]) as process:
            return place.ended(process)

    began = time.monotonic()
    row = cause(replace(QUICK[0], test=hang, seconds=1), tmp_path)
    assert row.wrong == "it has not ended after 1 s"
    assert time.monotonic() - began < 30
    group = (tmp_path / "number").read_text().strip()
    # on a machine that is busy what was killed may take a moment to be gone
    while _running(group) and time.monotonic() - began < 30:
        time.sleep(0.05)
    assert not _running(group)


def _running(group: str) -> list[str]:
    """Return the states of the processes of a group that have not ended."""
    states = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            states.append(path.read_text().rpartition(")")[2].split())
    return [state for state, _, of, *_ in states if of == group and state != "Z"]


def test_what_is_started_heeds_signals_that_this_process_ignores(tmp_path: Path) -> None:
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        heed_signals()
        place = Place(tmp_path)
        for number in before:
            with place.start(["sleep", "60"]) as process:
                time.sleep(0.2)
                process.send_signal(number)
                assert place.ended(process).code == -number
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


RUN = "2026-03-01T01:00:00+00:00"
RUNS = {
    run: {
        "date": run,
        "seconds": 600,
        "versions": {"python": "3.11"},
        "machine": {"system": "Linux", "cpu": "a processor", "cores": 2, "memory_gib": 8},
    }
    for run in (RUN, "2026-03-02T01:00:00+00:00")
}


def test_the_page_is_a_table_for_each_area() -> None:
    text = page_text([Row(fault=one, line="dedup: error: a | b", run=RUN) for one in FAULTS], runs=RUNS)
    assert text.startswith(f"{len(FAULTS)} faults, each as it must be. All are of one run of `python -m benchmarks.")
    assert "of 10 minutes. Measured 2026-03-01 on a processor" in text
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == [room.AREA for room in ROOMS]
    assert r"`dedup: error: a \| b`" in text
    assert "Not caused yet" not in text


def test_the_page_tells_of_several_runs() -> None:
    rows = [Row(fault=one, line="", run=run) for one, run in zip(FAULTS[:3], [*RUNS, RUN], strict=True)]
    text = page_text(rows, runs=RUNS)
    assert "several runs" in text
    assert "2 of a run begun 2026-03-01 01:00; 1 of a run begun 2026-03-02 01:00" in text


def test_the_page_names_what_has_no_outcome() -> None:
    text = page_text([Row(fault=FAULTS[0], line="", run=RUN)], runs=RUNS, lacking=FAULTS[1:])
    assert text.startswith("1 faults")
    assert text.count("\n- ") == len(FAULTS) - 1


def test_outcomes_are_kept_with_their_runs_and_no_longer_than_their_faults(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    first, second = RUNS
    for one in FAULTS[:2]:
        Outcomes.read(file).with_row(Row(fault=one, line="x", run=first), RUNS[first]).write(file)
    again = Row(fault=FAULTS[0], line="y", wrong="z", run=second, seconds=2.5)
    Outcomes.read(file).with_row(again, RUNS[second]).write(file)
    kept = Outcomes.read(file)
    assert kept.row(FAULTS[0]) == again
    assert set(kept.runs) == {first, second}
    assert kept.row(FAULTS[2]) is None
    assert kept.as_they_must_be() == {FAULTS[1].name}
    gone = Outcomes(rows={**kept.rows, "Moon: full": kept.rows[FAULTS[1].name]}, runs=kept.runs)
    left = gone.with_row(Row(fault=FAULTS[1], line="x", run=second), RUNS[second])
    assert list(left.rows) == [one.name for one in FAULTS[:2]]
    assert set(left.runs) == {second}
