"""Inputs that change while they are read, and inputs that are no files."""

from __future__ import annotations

import gzip
import os
import socket
import threading
from pathlib import Path

from benchmarks.faults.fault import fault
from benchmarks.faults.place import EXAMPLES, Place, Seen, expected

AREA = "Inputs that change, or are no files"
_READ_40 = "call:dedup.read.articles:convert_as_asked:40"
_CALL = ("cluster", "news.jsonl", "--encoder", "fast", "-o", "stories.jsonl")


@fault(
    AREA,
    "a file vanishes before it is read",
    "removed when it is about to be opened again",
    code=1,
    says="cannot read news.jsonl: No such file or directory",
    left="Nothing.",
    quick=True,
)
def _vanishes(place: Place) -> Seen:
    (place.folder / "first.jsonl").write_bytes(place.news.read_bytes())
    moment = ("--at", "call:dedup.read.articles:convert_as_asked:1", "rm news.jsonl")
    seen = place.driven(*moment, "--", "cluster", "first.jsonl", *_CALL[1:])
    assert not (place.folder / "stories.jsonl").exists()
    return seen


@fault(
    AREA,
    "a file of a folder vanishes before it is read",
    "removed while another one is read",
    says="No such file or directory",
    left="Stories of the rest; the file is rejected and counted.",
)
def _vanishes_in_folder(place: Place) -> Seen:
    folder = place.folder / "in"
    folder.mkdir()
    place.news.rename(folder / "a.jsonl")
    (folder / "b.jsonl").write_text("{}")
    moment = ("--at", "call:dedup.read.articles:convert_as_asked:1", "rm in/b.jsonl")
    seen = place.driven(*moment, "--", "cluster", "in", *_CALL[2:])
    assert "40 read, 1 rejected" in seen.err
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    "a file is removed while it is read",
    "removed after 40 of its 180 records",
    left="Stories of all 180: what is open is read to its end.",
)
def _removed(place: Place) -> Seen:
    place.news.write_bytes(EXAMPLES.read_bytes())
    seen = place.driven("--at", _READ_40, "rm news.jsonl", "--", *_CALL)
    assert "180 read, 0 rejected" in seen.err
    return seen


@fault(
    AREA,
    "a file shrinks while it is read",
    "truncated to 70,000 bytes after 40 of its 180 records",
    says="1 rejected",
    left="Stories of what was read; the record that was cut is rejected and counted.",
)
def _shrinks(place: Place) -> Seen:
    # far more than what is read ahead, and the cut at none of its blocks
    place.news.write_bytes(EXAMPLES.read_bytes())
    seen = place.driven("--at", _READ_40, "truncate --size 140001 news.jsonl", "--", *_CALL)
    assert "180 read" not in seen.err
    return seen


@fault(
    AREA,
    "a file grows while it is read",
    "40 articles appended when the first is read",
    left="Stories of what the file holds when its end is reached; `--resume` of a stopped run would be refused.",
)
def _grows(place: Place) -> Seen:
    lines = EXAMPLES.read_bytes().splitlines(keepends=True)
    (place.folder / "more.txt").write_bytes(b"".join(lines[40:80]))
    moment = ("--at", "call:dedup.read.articles:convert_as_asked:1", "cat more.txt >> news.jsonl")
    seen = place.driven(*moment, "--", *_CALL)
    assert "80 read, 0 rejected" in seen.err
    return seen


@fault(
    AREA,
    "a file changes between a run and its `--resume`",
    "SIGKILL, one record appended, `--resume`",
    code=1,
    says="the input news.jsonl has changed",
    left="What the stopped run kept, as it was.",
)
def _changes(place: Place) -> Seen:
    moment = ("--at", "call:dedup.score.pairs:score_pairs:1", "kill -9 $DRIVEN")
    assert place.driven(*moment, "--", *_CALL).code == -9
    job = place.folder / ".stories.jsonl.job"
    kept = {path.name: path.read_bytes() for path in job.iterdir()}
    with place.news.open("ab") as file:
        file.write(EXAMPLES.read_bytes().splitlines(keepends=True)[50])
    seen = place.dedup(*_CALL, "--resume")
    assert {path.name: path.read_bytes() for path in job.iterdir()} == kept
    return seen


@fault(
    AREA,
    "a folder vanishes while it is walked",
    "removed when it is about to be listed",
    says="cannot read this folder: No such file or directory",
    left="Stories of the rest; the folder is rejected and counted.",
)
def _folder_vanishes(place: Place) -> Seen:
    (place.folder / "in" / "old").mkdir(parents=True)
    place.news.rename(place.folder / "in" / "a.jsonl")
    (place.folder / "in" / "old" / "b.jsonl").write_text("{}")
    moment = ("--at", "list:old", "rm -r in/old")
    # a dry listing would see it whole: the run that writes to standard output lists once
    seen = place.driven(*moment, "--", "cluster", "in", "--encoder", "fast")
    assert "40 read, 1 rejected" in seen.err
    assert seen.out.encode() == expected()
    return seen


@fault(
    AREA,
    "a gzip file is cut",
    "the last third of it missing",
    says="damaged gzip data, the rest of the file is lost",
    left="Stories of what came before the cut; the rest is rejected as one record.",
)
def _cut(place: Place) -> Seen:
    data = gzip.compress(place.news.read_bytes())
    (place.folder / "news.jsonl.gz").write_bytes(data[: len(data) * 2 // 3])
    seen = place.dedup("cluster", "news.jsonl.gz", *_CALL[2:])
    assert "1 rejected" in seen.err
    return seen


@fault(AREA, "a FIFO", "`mkfifo`, and a process that writes into it", left="The stories, as from a file.")
def _fifo(place: Place) -> Seen:
    pipe = place.folder / "pipe.jsonl"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(place.news.read_bytes(),), daemon=True)
    writer.start()
    seen = place.dedup("cluster", "pipe.jsonl", *_CALL[2:])
    writer.join(10)
    assert not writer.is_alive(), "the pipe was not read to its end"
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    "FIFOs, sockets and devices in a folder",
    "`mkfifo`, a socket and a link to `/dev/zero` in an input folder",
    left="Stories of the files; nothing waits for the others.",
)
def _special(place: Place) -> Seen:
    folder = place.folder / "in"
    folder.mkdir()
    place.news.rename(folder / "a.jsonl")
    os.mkfifo(folder / "b.jsonl")
    (folder / "c.jsonl").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "d.jsonl"))
        seen = place.dedup("cluster", "in", *_CALL[2:])
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    "a socket",
    "a socket that is named as input",
    code=1,
    says="cannot read wire.jsonl",
    left="Nothing.",
)
def _socket(place: Place) -> Seen:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(place.folder / "wire.jsonl"))
        return place.dedup("cluster", "wire.jsonl", *_CALL[2:])


@fault(
    AREA,
    "a device",
    "`dedup cluster /dev/null --format jsonl`",
    left="No stories: it is empty.",
)
def _device(place: Place) -> Seen:
    seen = place.dedup("cluster", "/dev/null", "--format", "jsonl", *_CALL[2:])
    assert "no articles in /dev/null" in seen.err
    assert place.stories() == b""
    return seen


@fault(
    AREA,
    "a link that leads to itself",
    "`ln -s loop.jsonl loop.jsonl`, named as input",
    code=1,
    says="dedup: error: ",
    left="Nothing.",
    quick=True,
)
def _loop(place: Place) -> Seen:
    (place.folder / "loop.jsonl").symlink_to("loop.jsonl")
    return place.dedup("cluster", "loop.jsonl", *_CALL[2:])


@fault(
    AREA,
    "links in a circle below a folder",
    "a link to its own folder, and one to itself",
    says="cannot read this file",
    left="Stories of the files, each read once; the link that leads nowhere is rejected and counted.",
)
def _circle(place: Place) -> Seen:
    folder = place.folder / "in"
    folder.mkdir()
    place.news.rename(folder / "a.jsonl")
    (folder / "again").symlink_to(folder)
    (folder / "z.jsonl").symlink_to("z.jsonl")
    seen = place.dedup("cluster", "in", *_CALL[2:])
    assert "40 read, 1 rejected" in seen.err
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    "a folder that is named as output",
    "`mkdir stories.jsonl`",
    code=1,
    says="it is a folder",
    left="Nothing, before any work is done.",
)
def _folder_as_output(place: Place) -> Seen:
    (place.folder / "stories.jsonl").mkdir()
    seen = place.dedup(*_CALL)
    assert not list(Path(place.folder / "stories.jsonl").iterdir())
    return seen
