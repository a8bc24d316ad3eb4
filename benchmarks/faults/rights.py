"""Folders and files that may not be read or written, from the beginning or from midway on."""

from __future__ import annotations

from benchmarks.faults.fault import fault
from benchmarks.faults.place import Place, Seen, expected

AREA = "Rights"


@fault(
    AREA,
    "the output's folder is read-only",
    "`chmod 500`, without what lets root pass by it",
    code=1,
    says="the folder",
    left="Nothing, before any work is done.",
    quick=True,
)
def _folder(place: Place) -> Seen:
    (place.folder / "out").mkdir(mode=0o500)
    return place.cluster("-o", "out/stories.jsonl", powerless=True)


@fault(
    AREA,
    "the output's disk is read-only",
    "a disk mounted `ro`",
    code=1,
    says="dedup: error: ",
    left="Nothing, before any work is done.",
    mounts=True,
)
def _disk(place: Place) -> Seen:
    place.read_only(place.disk("out", 64))
    return place.cluster("-o", "out/stories.jsonl")


@fault(
    AREA,
    "the output itself is read-only",
    "`chmod 400`",
    code=1,
    says="the file is read-only",
    left="The file of an earlier run, as it was.",
)
def _file(place: Place) -> Seen:
    out = place.folder / "stories.jsonl"
    out.write_text("of an earlier run\n")
    out.chmod(0o400)
    seen = place.cluster("-o", "stories.jsonl", powerless=True)
    assert out.read_text() == "of an earlier run\n"
    return seen


@fault(
    AREA,
    "the output's disk becomes read-only midway",
    "a read-only disk mounted in its place when the stories are found",
    code=1,
    says="Read-only file system",
    left="The file of an earlier run, as it was; with the disk back, `--resume` gives the stories, byte for byte.",
    mounts=True,
)
def _midway(place: Place) -> Seen:
    out = place.disk("out", 512) / "stories.jsonl"
    out.write_text("of an earlier run\n")
    moment = ("--at", "call:dedup.score.pairs:score_pairs:1", f"mount -t tmpfs -o ro tmpfs {out.parent}")
    seen = place.driven(*moment, "--", "cluster", "news.jsonl", "--encoder", "fast", "-o", "out/stories.jsonl")
    assert place.run(["umount", out.parent]).code == 0
    assert out.read_text() == "of an earlier run\n"
    resumed = place.cluster("-o", "out/stories.jsonl", "--resume")
    assert resumed.code == 0, resumed.err
    assert "resumed" in resumed.err
    assert out.read_bytes() == expected()
    return seen


@fault(
    AREA,
    "the output's folder may not be written any more midway",
    "`chmod 500` when the stories are found",
    code=1,
    says="Permission denied",
    left="Nothing under its name; with the right back, `--resume` gives the same stories.",
)
def _midway_folder(place: Place) -> Seen:
    out = place.folder / "out"
    out.mkdir()
    moment = ("--at", "call:dedup.score.pairs:score_pairs:1", f"chmod 500 {out}")
    seen = place.driven(
        *moment, "--", "cluster", "news.jsonl", "--encoder", "fast", "-o", "out/stories.jsonl", powerless=True
    )
    assert not (out / "stories.jsonl").exists()
    out.chmod(0o700)
    assert place.cluster("-o", "out/stories.jsonl", "--resume").code == 0
    assert (out / "stories.jsonl").read_bytes() == expected()
    return seen


@fault(
    AREA,
    "an input may not be read",
    "`chmod 000` on the file that is named",
    code=1,
    says="cannot read news.jsonl: Permission denied",
    left="Nothing, before any work is done.",
)
def _input(place: Place) -> Seen:
    place.news.chmod(0)
    return place.cluster("-o", "stories.jsonl", powerless=True)


@fault(
    AREA,
    "a file of a folder may not be read",
    "`chmod 000` on one of two files",
    says="Permission denied",
    left="Stories of the other file; the one that could not be read is rejected and counted.",
)
def _one_of_folder(place: Place) -> Seen:
    folder = place.folder / "in"
    folder.mkdir()
    place.news.rename(folder / "a.jsonl")
    (folder / "b.jsonl").write_text("{}")
    (folder / "b.jsonl").chmod(0)
    seen = place.dedup("cluster", "in", "--encoder", "fast", "-o", "stories.jsonl", powerless=True)
    assert "40 read, 1 rejected" in seen.err
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    "a folder within a folder may not be read",
    "`chmod 000` on it",
    says="cannot read this folder: Permission denied",
    left="Stories of the rest; the folder is rejected and counted.",
)
def _inner_folder(place: Place) -> Seen:
    folder = place.folder / "in"
    (folder / "closed").mkdir(parents=True)
    place.news.rename(folder / "a.jsonl")
    (folder / "closed").chmod(0)
    seen = place.dedup("cluster", "in", "--encoder", "fast", "-o", "stories.jsonl", powerless=True)
    (folder / "closed").chmod(0o700)
    assert "40 read, 1 rejected" in seen.err
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    "the cache may not be written",
    "`DEDUP_CACHE` in a folder with `chmod 500`",
    says="vectors are not kept",
    left="The stories, byte for byte those of an undisturbed run.",
)
def _cache(place: Place) -> Seen:
    (place.folder / "cache").mkdir(mode=0o500)
    seen = place.driven(
        "--cached", "--", "cluster", "news.jsonl", "--encoder", "fast", "-o", "stories.jsonl", powerless=True
    )
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    "a store may not be written",
    "its disk remounted `ro`",
    code=1,
    says="dedup: error: ",
    left="The store as it was.",
    mounts=True,
)
def _store(place: Place) -> Seen:
    disk = place.disk("disk", 4096)
    assert place.dedup("store", "add", "disk/store", "news.jsonl", "--encoder", "fast").code == 0
    before = place.dedup("store", "list", "disk/store", "--json").out
    place.read_only(disk)
    seen = place.dedup("store", "add", "disk/store", "news.jsonl")
    place.run(["mount", "-o", "remount,rw", disk])
    assert place.dedup("store", "list", "disk/store", "--json").out == before
    assert place.dedup("store", "verify", "disk/store").code == 0
    return seen
