"""Several processes at once, and clocks that are wrong."""

from __future__ import annotations

import json
import sys
import time

from benchmarks.faults.fault import fault
from benchmarks.faults.place import EXAMPLES, Place, Seen, expected

AREA = "Several at once, and clocks"
_YEAR = 365 * 86_400
_WAITS = "touch here; while [ ! -e go ]; do sleep 0.05; done"


@fault(
    AREA,
    "two runs with one cache",
    "two runs at the same time, the cache not there before",
    left="Twice the stories, byte for byte those of an undisturbed run; the cache is used by the next.",
)
def _one_cache(place: Place) -> Seen:
    command = [sys.executable, "-m", "benchmarks.faults.driven", "--cached", "--", "cluster", "news.jsonl"]
    outputs = ("a.jsonl", "b.jsonl")
    processes = [place.start([*command, "--encoder", "fast", "-o", name]) for name in outputs]
    first, second = [place.ended(process) for process in processes]
    for name in outputs:
        assert place.stories(name) == expected()
    assert second.code == 0, second.err
    assert "dedup: " not in second.err
    return first


@fault(
    AREA,
    "two runs with one output",
    "a second run while the first has come to its stories",
    says="is going on",
    left="The stories of one of them, whole; both say what they did.",
)
def _one_output(place: Place) -> Seen:
    moment = ("--at", "call:dedup.score.pairs:score_pairs:1", _WAITS)
    arguments = ("cluster", "news.jsonl", "--encoder", "fast", "-o", "stories.jsonl")
    with place.start([sys.executable, "-m", "benchmarks.faults.driven", *moment, "--", *arguments]) as first:
        _until(place, "here")
        seen = place.dedup(*arguments)
        assert place.stories() == expected()
        (place.folder / "go").touch()
        ended = place.ended(first)
    assert ended.code == 0, ended.err
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    "`--resume` of a run that is going on",
    "a second run with `--resume` while the first has come to its stories",
    code=1,
    says="is going on; wait for it to end",
    left="The first run ends as if alone.",
)
def _resume_of_running(place: Place) -> Seen:
    moment = ("--at", "call:dedup.score.pairs:score_pairs:1", _WAITS)
    arguments = ("cluster", "news.jsonl", "--encoder", "fast", "-o", "stories.jsonl")
    with place.start([sys.executable, "-m", "benchmarks.faults.driven", *moment, "--", *arguments]) as first:
        _until(place, "here")
        seen = place.dedup(*arguments, "--resume")
        (place.folder / "go").touch()
        ended = place.ended(first)
    assert ended.code == 0, ended.err
    assert place.stories() == expected()
    return seen


def _until(place: Place, name: str) -> None:
    for _ in range(600):
        if (place.folder / name).exists():
            time.sleep(0.3)
            return
        time.sleep(0.05)
    raise AssertionError(f"{name} does not come")


@fault(
    AREA,
    "two writers of one store",
    "two `store add` at the same time, of half of the articles each",
    left="All articles; one writer waited for the other, and `store verify` finds the store sound.",
)
def _two_writers(place: Place) -> Seen:
    lines = place.news.read_bytes().splitlines(keepends=True)
    for name, part in (("a", lines[::2]), ("b", lines[1::2])):
        (place.folder / f"{name}.jsonl").write_bytes(b"".join(part))
    processes = [
        place.start([sys.executable, "-m", "dedup", "store", "add", "store", f"{name}.jsonl", "--encoder", "fast"])
        for name in ("a", "b")
    ]
    first, second = [place.ended(process) for process in processes]
    assert second.code == 0, second.err
    listed = place.dedup("store", "list", "store", "--json").out
    held = {article["id"] for line in listed.splitlines() for article in json.loads(line)["articles"]}
    assert held == {json.loads(line)["id"] for line in lines}
    assert place.dedup("store", "verify", "store").code == 0
    return first


@fault(
    AREA,
    "a store that another writer never lets go of",
    "a process that holds its lock for longer than is waited (2 s, by `Store.open(wait_seconds=2)`)",
    code=1,
    says="another process has been writing to the store",
    left="The store as it was.",
)
def _held(place: Place) -> Seen:
    assert place.dedup("store", "add", "store", "news.jsonl", "--encoder", "fast").code == 0
    wait = "from dedup.store.store import Store; Store.open.__func__.__kwdefaults__['wait_seconds'] = 2.0; "
    line = f"{wait}from dedup.cli import main; main()"
    hold = "from filelock import FileLock; import time; lock = FileLock('store/writer.lock'); lock.acquire(); "
    with place.start([sys.executable, "-c", f"{hold}print(flush=True); time.sleep(60)"]) as other:
        assert other.stdout is not None
        other.stdout.readline()
        (place.folder / "one.jsonl").write_bytes(EXAMPLES.read_bytes().splitlines(keepends=True)[50])
        seen = place.run([sys.executable, "-c", line, "store", "add", "store", "one.jsonl"])
        other.kill()
    assert place.dedup("store", "verify", "store").code == 0
    return seen


@fault(
    AREA,
    "a reader during a write",
    "`store list` while `store add` has come to the grouping of its batch",
    left="The stories of before the batch, at once.",
)
def _reader(place: Place) -> Seen:
    lines = EXAMPLES.read_bytes().splitlines(keepends=True)
    (place.folder / "more.jsonl").write_bytes(b"".join(lines[40:80]))
    assert place.dedup("store", "add", "store", "news.jsonl", "--encoder", "fast").code == 0
    before = place.dedup("store", "list", "store", "--json").out
    moment = ("--at", "call:dedup.store.segments:os.fsync:1", "touch there; while [ ! -e go ]; do sleep 0.05; done")
    command = [sys.executable, "-m", "benchmarks.faults.driven", *moment, "--", "store", "add", "store", "more.jsonl"]
    with place.start(command) as writer:
        _until(place, "there")
        seen = place.dedup("store", "list", "store", "--json")
        (place.folder / "go").touch()
        ended = place.ended(writer)
    assert seen.out == before
    assert ended.code == 0, ended.err
    assert place.dedup("store", "list", "store", "--json").out != before
    return seen


@fault(
    AREA,
    "a lock that a killed process has left",
    "the lock files of a store and of a job, left by SIGKILL",
    left="Nothing waits: who died holds no lock.",
)
def _stale(place: Place) -> Seen:
    moment = ("--at", "call:dedup.store.segments:os.fsync:1", "kill -9 $DRIVEN")
    call = ("store", "add", "store", "news.jsonl", "--encoder", "fast")
    assert place.driven(*moment, "--", *call).code == -9
    assert (place.folder / "store/writer.lock").exists()
    started = time.monotonic()
    seen = place.dedup(*call)
    assert time.monotonic() - started < 40  # who waits for a lock waits for a minute
    assert place.dedup("store", "verify", "store").code == 0
    return seen


@fault(
    AREA,
    "a clock that is set back",
    "a batch by a clock a year ahead, the next by the right one",
    left="Changes in the order in which they happened, their times too.",
)
def _back(place: Place) -> Seen:
    lines = EXAMPLES.read_bytes().splitlines(keepends=True)
    (place.folder / "more.jsonl").write_bytes(b"".join(lines[40:80]))
    first = place.driven("--ahead", str(_YEAR), "--", "store", "add", "store", "news.jsonl", "--encoder", "fast")
    assert first.code == 0, first.err
    seen = place.dedup("store", "add", "store", "more.jsonl")
    changes = [json.loads(line) for line in place.dedup("store", "changes", "store", "--json").out.splitlines()]
    assert [one["cursor"] for one in changes] == sorted(one["cursor"] for one in changes)
    times = [one["time"] for one in changes]
    assert times == sorted(times)
    assert place.dedup("store", "verify", "store").code == 0
    return seen


@fault(
    AREA,
    "a clock that is years ahead, and `store expire`",
    "`store expire --older-than 30` by a clock ten years ahead",
    code=1,
    says="is the clock right",
    left="All articles: nothing expires by a clock that would take all there is.",
)
def _ahead(place: Place) -> Seen:
    assert place.dedup("store", "add", "store", "news.jsonl", "--encoder", "fast").code == 0
    before = place.dedup("store", "list", "store", "--json").out
    seen = place.driven("--ahead", str(10 * _YEAR), "--", "store", "expire", "store", "--older-than", "30")
    assert place.dedup("store", "list", "store", "--json").out == before
    return seen
