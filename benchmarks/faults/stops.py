"""Signals at moments drawn by chance, and kills of runs that go on with ``--resume``."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.faults.fault import Fault, NotAsItMustBeError, fault, take
from benchmarks.faults.place import Place, Seen, expected

__all__ = ["AREA", "KILLS", "STORE_KILLS"]

AREA = "Signals"
KILLS = 5
STORE_KILLS = 10
_TIMES = 5
_EARLIER = b"of an earlier run\n"
_CALL = ("cluster", "news.jsonl", "--encoder", "fast", "-o", "stories.jsonl")


def _at_random(
    place: Place, number: signal.Signals, call: tuple[str, ...], look: Callable[[Place, Seen], None]
) -> Seen:
    """Send a signal several times, each at another moment, and return the last run that it stopped."""
    dice = place.dice(f"{call[0]} {number.name}")
    longest = Place(_folder(place, "undisturbed")).seconds(*call)
    stopped: Seen | None = None
    for _ in range(_TIMES):
        seen = place.stopped(number, dice.uniform(0, longest), *call)
        # once its work is done and Python has let go of signals the system ends it, to a shell with the same code
        if seen.code not in (0, 128 + number, -number):
            raise NotAsItMustBeError(f"the exit code is {seen.code}: {seen.err[-900:]}")
        if "Traceback" in seen.err:
            raise NotAsItMustBeError(f"a traceback is shown: {seen.err[-900:]}")
        look(place, seen)
        stopped = seen if seen.code > 0 else stopped
    if stopped is None:  # the machine was faster than the dice: certainly before the end
        stopped = place.stopped(number, 0, *call)
        look(place, stopped)
    return stopped


def _folder(place: Place, name: str) -> Path:
    path = place.folder / name
    path.mkdir()
    return path


def _look_for(name: str, of_earlier_run: bytes, is_whole: Callable[[bytes], bool]) -> Callable[[Place, Seen], None]:
    """Return what looks at an output: until it is written the one of an earlier run is there, then a whole new one."""

    def look(place: Place, seen: Seen) -> None:
        there = (place.folder / name).read_bytes()
        if seen.code == 0:
            assert there != of_earlier_run, f"{name} was not written"
        assert there == of_earlier_run or is_whole(there), f"{name} is neither as it was nor whole"
        (place.folder / name).write_bytes(of_earlier_run)
        parts = [path.name for path in place.all_files() if path.name.endswith(".part")]
        assert not parts, f"unfinished files stay: {parts}"

    return look


def _are_stories(text: bytes) -> bool:
    return text == expected()


def _is_page(text: bytes) -> bool:
    return text.rstrip().endswith(b"</html>")


def _is_calibration(text: bytes) -> bool:
    return "related" in json.loads(text)


def _cluster(place: Place, number: signal.Signals) -> Seen:
    (place.folder / "stories.jsonl").write_bytes(_EARLIER)
    seen = _at_random(place, number, _CALL, _look_for("stories.jsonl", _EARLIER, _are_stories))
    assert place.dedup(*_CALL, "--resume").code == 0
    assert place.stories() == expected()
    return seen


def _report(place: Place, number: signal.Signals) -> Seen:
    (place.folder / "report.html").write_bytes(_EARLIER)
    call = ("report", "news.jsonl", "--encoder", "fast", "-o", "report.html")
    return _at_random(place, number, call, _look_for("report.html", _EARLIER, _is_page))


def _calibrate(place: Place, number: signal.Signals) -> Seen:
    (place.folder / "calibration.json").write_bytes(_EARLIER)
    call = ("calibrate", "--encoder", "fast", "-o", "calibration.json")
    return _at_random(place, number, call, _look_for("calibration.json", _EARLIER, _is_calibration))


def _store(place: Place, number: signal.Signals) -> Seen:
    def look(place: Place, _: Seen) -> None:
        if (place.folder / "store/store.sqlite").exists():
            verified = place.dedup("store", "verify", "store")
            assert verified.code == 0, verified.err

    call = ("store", "add", "store", "news.jsonl", "--encoder", "fast", "--batch-articles", "7")
    seen = _at_random(place, number, call, look)
    assert place.dedup(*call).code == 0
    listed = place.dedup("store", "list", "store", "--json")
    assert listed.out.count("ea-") > 0
    return seen


_COMMANDS = (
    (
        "cluster",
        _cluster,
        "The file of an earlier run, as it was, or the new one, whole; `--resume` gives the stories, byte for byte.",
    ),
    (
        "store add",
        _store,
        "A store that `store verify` finds sound, with all batches that were told of; the same call adds the rest.",
    ),
    ("calibrate", _calibrate, "The calibration of an earlier run, as it was, or a new one, whole."),
    ("report", _report, "The page of an earlier run, as it was, or a new one, whole."),
)
"""A command, what stops it and looks, and what must be left."""
take(
    *(
        Fault(
            area=AREA,
            what=f"{number.name} during `{command}`",
            how=f"at {_TIMES} moments drawn by chance",
            code=128 + number,
            says="dedup: stopped",
            left=left,
            test=partial(stop, number=number),
        )
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        for command, stop, left in _COMMANDS
    )
)


@fault(
    AREA,
    "SIGHUP under `nohup`",
    "a terminal that is closed while `nohup dedup cluster` runs",
    left="The stories, byte for byte those of an undisturbed run.",
)
def _nohup(place: Place) -> Seen:
    dice = place.dice("nohup")
    with place.start(["nohup", sys.executable, "-m", "dedup", *_CALL]) as process:
        time.sleep(dice.uniform(0, 1))
        process.send_signal(signal.SIGHUP)
        seen = place.ended(process)
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    f"SIGKILL during `cluster`, {KILLS} times",
    "each time at a moment drawn by chance, some of them during the `--resume` of a killed run; then `--resume`: "
    "`benchmarks/kills/batch.py`, [200 times](#killed-at-any-moment)",
    left="Each time the stories, pairs, rejects and manifest, byte for byte those of an undisturbed run, and nothing "
    "besides.",
)
def _kills(place: Place) -> Seen:
    from benchmarks.kills.batch import measure_batch_kills

    found = measure_batch_kills(KILLS, place.folder)
    assert not found["faults"], found["faults"]
    assert found["runs"] == KILLS
    return Seen(code=0, out="", err="")


@fault(
    AREA,
    f"SIGKILL of a process that writes to a store, {STORE_KILLS} times",
    "`benchmarks/kills/store.py`, [200 times](#killed-at-any-moment)",
    left="All calls that had returned, the one that was cut short whole or not at all, stories as of a batch run.",
)
def _store_kills(place: Place) -> Seen:
    from benchmarks.kills.store import measure_kills

    found = measure_kills(STORE_KILLS, place.folder)
    assert not found["faults"], found["faults"]
    assert found["kills"] == STORE_KILLS
    return Seen(code=0, out="", err="")
