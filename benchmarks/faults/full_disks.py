"""Disks that are full, quotas that are used up."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from benchmarks.faults.fault import Fault, fault, take
from benchmarks.faults.place import EXAMPLES, Place, Seen, expected

AREA = "Full disks"
_FULL = "No space left on device"


def _kept(place: Place, name: str, command: str) -> Seen:
    """Have an output go to a full disk on which one of an earlier run stands."""
    disk = place.disk("full", 256)
    (disk / name).write_text("of an earlier run\n")
    with (disk / "filler").open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue
    seen = place.dedup(command, "news.jsonl", "--encoder", "fast", "-o", f"full/{name}")
    assert (disk / name).read_text() == "of an earlier run\n"
    assert sorted(path.name for path in disk.iterdir()) == sorted(["filler", name]), list(disk.iterdir())
    return seen


_HOW = "a disk (tmpfs) of 256 KiB, all of it full"
_LEFT = "The file of an earlier run, as it was; nothing else."
_OUTPUTS = (
    ("stories as JSON lines", "stories.jsonl", "cluster"),
    ("stories as a gzipped table", "stories.csv.gz", "cluster"),
    ("stories as Parquet", "stories.parquet", "cluster"),
    ("one article of each story", "unique.jsonl", "unique"),
    ("the report", "report.html", "report"),
)
"""What is written, the name of its file, and the command."""
take(
    *(
        Fault(
            area=AREA,
            what=what,
            how=_HOW,
            code=1,
            says=_FULL,
            left=_LEFT,
            mounts=True,
            test=partial(_kept, name=name, command=command),
        )
        for what, name, command in _OUTPUTS
    )
)


@fault(AREA, "a calibration", _HOW, code=1, says=_FULL, left=_LEFT, mounts=True)
def _calibration(place: Place) -> Seen:
    disk = place.disk("full", 64, free=0)
    seen = place.dedup("calibrate", "--encoder", "fast", "-o", "full/calibration.json")
    assert [path.name for path in disk.iterdir()] == ["filler"]
    return seen


@fault(
    AREA,
    "the scored pairs, not the stories",
    "`--pairs` on a full disk, `-o` on another",
    code=1,
    says=_FULL,
    left="The stories, whole; no pairs.",
    mounts=True,
)
def _pairs(place: Place) -> Seen:
    disk = place.disk("full", 64, free=0)
    seen = place.cluster("-o", "stories.jsonl", "--pairs", "full/pairs.csv", "--all-pairs")
    assert place.stories() == expected()
    assert [path.name for path in disk.iterdir()] == ["filler"]
    return seen


@fault(
    AREA,
    "the rejected records",
    "`--rejects` on a full disk, and a record that is no article",
    code=1,
    says=_FULL,
    left="No rejects, and no stories that would pass for all of them.",
    mounts=True,
)
def _rejects(place: Place) -> Seen:
    disk = place.disk("full", 64, free=0)
    place.news.write_bytes(b"no JSON\n" + place.news.read_bytes())
    seen = place.cluster("-o", "stories.jsonl", "--rejects", "full/rejects.jsonl")
    assert not (place.folder / "stories.jsonl").exists()
    assert [path.name for path in disk.iterdir()] == ["filler"]
    return seen


@fault(
    AREA,
    "what `--resume` would go on with",
    "the job folder is a full disk of its own, `--no-cache`",
    says="what is read of texts is not kept",
    left="The stories, byte for byte those of an undisturbed run.",
    mounts=True,
)
def _job(place: Place) -> Seen:
    place.disk(".stories.jsonl.job", 8, free=0)
    seen = place.cluster("-o", "stories.jsonl", "--no-cache")
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    "the vectors that are kept",
    "`DEDUP_CACHE` on a disk of 64 KiB, which fills midway",
    says="vectors are not kept",
    left="The stories, byte for byte those of an undisturbed run.",
    mounts=True,
)
def _cache(place: Place) -> Seen:
    place.disk("cache", 64)
    seen = place.driven("--cached", "--", "cluster", "news.jsonl", "--encoder", "fast", "-o", "stories.jsonl")
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    "what is kept of texts",
    "`DEDUP_CACHE` on a disk of 128 KiB, which fills midway",
    says="contents are not kept",
    left="The stories, byte for byte those of an undisturbed run.",
    mounts=True,
)
def _contents(place: Place) -> Seen:
    place.disk("cache", 128)
    seen = place.dedup("cluster", "news.jsonl", "--encoder", "fast", "-o", "stories.jsonl")
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    "a store",
    "a store on a disk of 700 KiB, and articles for more",
    code=1,
    says="nothing of this change was kept",
    left="The store as it was before the batch, sound by `store verify`; after room was made, the same call adds all.",
    mounts=True,
)
def _store(place: Place) -> Seen:
    disk = place.disk("full", 1024)
    (disk / "filler").write_bytes(bytes(330 << 10))
    (place.folder / "few.jsonl").write_bytes(b"".join(EXAMPLES.read_bytes().splitlines(keepends=True)[:4]))
    assert place.dedup("store", "add", "full/store", "few.jsonl", "--encoder", "fast").code == 0
    before = place.dedup("store", "list", "full/store", "--json").out
    (place.folder / "all.jsonl").write_bytes(EXAMPLES.read_bytes())
    seen = place.dedup("store", "add", "full/store", "all.jsonl")
    assert place.dedup("store", "list", "full/store", "--json").out == before
    verified = place.dedup("store", "verify", "full/store")
    assert verified.code == 0, verified.err
    (disk / "filler").unlink()
    place.run(["mount", "-o", "remount,size=64m", disk])
    assert place.dedup("store", "add", "full/store", "all.jsonl").code == 0
    assert place.dedup("store", "verify", "full/store").code == 0
    return seen


@fault(
    AREA,
    "a new store",
    "a disk of 64 KiB that is full",
    code=1,
    says="dedup: error: ",
    left="No store, and no part of one that would be taken for one.",
    mounts=True,
)
def _new_store(place: Place) -> Seen:
    place.disk("full", 64, free=0)
    seen = place.dedup("store", "add", "full/store", "news.jsonl", "--encoder", "fast")
    assert not (place.folder / "full/store/store.sqlite").exists()
    return seen


@fault(
    AREA,
    "standard output",
    "`dedup cluster … > /dev/full`",
    code=1,
    says="cannot write standard output: No space left on device",
    left="Nothing.",
    quick=True,
)
def _standard_output(place: Place) -> Seen:
    with Path("/dev/full").open("wb") as full:
        return place.cluster(stdout=full)


@fault(
    AREA,
    "standard error",
    "`dedup cluster … 2> /dev/full`",
    left="The stories, byte for byte those of an undisturbed run.",
)
def _standard_error(place: Place) -> Seen:
    seen = place.shell("$DEDUP cluster news.jsonl --encoder fast -o stories.jsonl 2> /dev/full")
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    "changes of a store on standard output",
    "`dedup store add … > /dev/full`",
    code=1,
    says="No space left on device",
    left="The batch is in the store, sound; `store changes` tells what could not be told.",
)
def _changes(place: Place) -> Seen:
    with Path("/dev/full").open("wb") as full:
        seen = place.dedup("store", "add", "store", "news.jsonl", "--encoder", "fast", stdout=full)
    assert place.dedup("store", "verify", "store").code == 0
    assert place.dedup("store", "changes", "store", "--json").out.count("\n") > 0
    return seen


@fault(
    AREA,
    "no room for temporary files",
    "`TMPDIR` on a full disk",
    left="The stories, byte for byte those of an undisturbed run.",
    mounts=True,
)
def _temporary(place: Place) -> Seen:
    disk = place.disk("full", 16, free=0)
    seen = place.cluster("-o", "stories.jsonl", environment={"TMPDIR": str(disk)})
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    "a file larger than is allowed",
    "`ulimit -f 8`",
    code=1,
    says="cannot write stories.jsonl: File too large",
    left="No file.",
)
def _limit(place: Place) -> Seen:
    seen = place.shell("ulimit -f 8; exec $DEDUP cluster news.jsonl --encoder fast -o stories.jsonl")
    assert not (place.folder / "stories.jsonl").exists()
    return seen
