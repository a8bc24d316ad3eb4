"""Kill runs of ``dedup cluster`` at any moment, resume them until they end, and look at what is there.

Each run writes stories, scored pairs, rejected records and its manifest, and keeps vectors in a cache of its own. It
is killed with SIGKILL at a moment drawn from the time that an undisturbed run takes, Python's own start included, and
called again with ``--resume``, when it may be killed again. What stands under a name must at any time be what an
undisturbed run writes there, byte for byte; at the end all of it must be there, and nothing else. The cache must be
sound and hold the same vectors.
"""

from __future__ import annotations

import contextlib
import json
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.faults.place import EXAMPLES, ROOT, Place, Seen

__all__ = ["KINDS", "Kind", "Undisturbed", "kill_and_resume", "measure_batch_kills", "news", "undisturbed"]

_SEED = 1
_ARTICLES = 200
_REJECTED = 20
_AGAIN = 1 / 3
"""Chance that a run that is resumed is to be killed too."""
_MEASURED_AFTER = 20
"""Runs after which is measured again how long one takes."""
_FAMILIES = ROOT / "dedup" / "data" / "families.jsonl"
_MANIFEST = "run.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a run writes besides its manifest: each kind of file is among them."""

    stories: str
    pairs: str
    rejects: str = "rejects.jsonl"

    @property
    def names(self) -> tuple[str, ...]:
        """All files that a run writes."""
        return self.stories, self.pairs, self.rejects, _MANIFEST

    @property
    def call(self) -> tuple[str, ...]:
        """Arguments of the command."""
        wanted = ("-o", self.stories, "--pairs", self.pairs, "--rejects", self.rejects, "--manifest", _MANIFEST)
        return ("cluster", "news.jsonl", "--encoder", "fast", *wanted, "--resume")


KINDS = (
    Kind(stories="stories.jsonl", pairs="pairs.csv"),
    Kind(stories="stories.csv.gz", pairs="pairs.jsonl.gz"),
    Kind(stories="stories.parquet", pairs="pairs.arrow"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undisturbed:
    """What is there after a run of a kind that nothing happened to, and how long it took."""

    written: Mapping[str, bytes]
    files: frozenset[str]
    """All that is there, below the folder."""
    vectors: Mapping[bytes, bytes]
    seconds: float


def news(articles: int = _ARTICLES, rejected: int = _REJECTED) -> bytes:
    """Return articles as JSON lines, and among them lines that are none."""
    lines = EXAMPLES.read_bytes().splitlines(keepends=True) + _FAMILIES.read_bytes().splitlines(keepends=True)
    lines = lines[:articles]
    for number in range(rejected):
        lines.insert(number * (articles // rejected + 1), b'{"title": "cut off %d\n' % number)
    return b"".join(lines)


def undisturbed(kind: Kind, folder: Path, given: bytes) -> Undisturbed:
    """Return what a run of a kind gives in an empty folder that nothing happens to.

    Raises:
        RuntimeError: it fails.
    """
    place, began = _place(folder, given), time.perf_counter()
    seen = _run(place, kind, None)
    seconds = time.perf_counter() - began
    if seen.code:
        raise RuntimeError(seen.err)
    written = {name: _comparable(folder, name) for name in kind.names}
    return Undisturbed(written=written, files=_files(folder), vectors=_vectors(folder), seconds=seconds)


def kill_and_resume(
    kind: Kind, folder: Path, given: bytes, expected: Undisturbed, dice: random.Random
) -> tuple[Counter[str], list[str]]:
    """Kill a run in an empty folder, resume it until it ends, and return what it was killed at and what is wrong."""
    place, killed, faults = _place(folder, given), Counter[str](), list[str]()
    again = True
    while again:
        seen = _run(place, kind, dice.uniform(0, expected.seconds))
        faults += _half_written(kind, folder, expected)
        if seen.code != -signal.SIGKILL:
            break
        killed[_stage(kind, folder)] += 1
        again = dice.random() < _AGAIN
    if seen.code == -signal.SIGKILL:
        seen = _run(place, kind, None)
    return killed, faults + _ended(kind, folder, seen, expected)


def _place(folder: Path, given: bytes) -> Place:
    place = Place(folder)
    place.news.write_bytes(given)
    (folder / "temporary").mkdir()
    place.environment["TMPDIR"] = str(folder / "temporary")
    return place


def _run(place: Place, kind: Kind, killed_after: float | None) -> Seen:
    command = [sys.executable, "-m", "benchmarks.faults.driven", "--cached", "--", *kind.call]
    with place.start(command) as process:
        if killed_after is not None:
            time.sleep(killed_after)
            process.kill()
        return place.ended(process)


def _stage(kind: Kind, folder: Path) -> str:
    """Return how far a run had come that was killed, by what it left."""
    if (folder / kind.stories).exists():
        return "writing"
    return "working" if _has_contents(folder) else "reading"


def _has_contents(folder: Path) -> bool:
    """Tell whether anything that was read of texts is kept."""
    path = folder / "cache" / "contents" / "contents.sqlite"
    try:
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as cache:
            return bool(cache.execute("SELECT EXISTS (SELECT * FROM contents)").fetchone()[0])
    except sqlite3.OperationalError:  # there is no file yet, or nothing in it
        return False


def _half_written(kind: Kind, folder: Path, expected: Undisturbed) -> list[str]:
    there = [name for name in kind.names if (folder / name).exists()]
    return [f"{name} is there and another" for name in there if not _is_same(folder, name, expected)]


def _ended(kind: Kind, folder: Path, seen: Seen, expected: Undisturbed) -> list[str]:
    """Return what is wrong after a run that has ended."""
    if seen.code:
        return [f"it ended with {seen.code}: {seen.err[-500:]}"]
    faults = [f"there is no {name}" for name in kind.names if not (folder / name).exists()]
    faults += [f"{name} is left" for name in sorted(_files(folder) - expected.files)]
    if not faults and _vectors(folder) != expected.vectors:
        faults.append("the cache does not hold the same vectors")
    return faults + [line for line in seen.err.splitlines() if "Traceback" in line or "warning" in line.split()[1:2]]


def _is_same(folder: Path, name: str, expected: Undisturbed) -> bool:
    try:
        return _comparable(folder, name) == expected.written[name]
    except ValueError:
        return False


def _comparable(folder: Path, name: str) -> bytes:
    """Return the bytes of a file; of the manifest without its times, which are other ones in any other run."""
    data = (folder / name).read_bytes()
    if name != _MANIFEST:
        return data
    document = json.loads(data)
    document.pop("times", None)
    return json.dumps(document).encode()


def _files(folder: Path) -> frozenset[str]:
    return frozenset(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def _vectors(folder: Path) -> dict[bytes, bytes]:
    """Return what the cache holds; nothing where it is damaged."""
    (path,) = (folder / "cache" / "vectors").glob("*.sqlite")
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as cache:
        if cache.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            return {}
        return dict(cache.execute("SELECT key, vector FROM vectors"))


def measure_batch_kills(runs: int, folder: Path) -> dict[str, Any]:
    """Return what became of ``runs`` runs that were killed and resumed, counted; they end with the first fault."""
    dice, given = random.Random(_SEED), news()
    whole = {kind: undisturbed(kind, _new(folder), given) for kind in KINDS}
    killed, faults, ended, too_late, began = Counter[str](), list[str](), 0, 0, time.perf_counter()
    while ended < runs and not faults:
        kind = KINDS[ended % len(KINDS)]
        with tempfile.TemporaryDirectory(dir=folder) as name:
            stages, wrong = kill_and_resume(kind, Path(name).resolve(), given, whole[kind], dice)
        killed.update(stages)
        # a run that was over before it could be killed is none of them
        ended, too_late = ended + bool(stages), too_late + (not stages)
        faults += [f"run {ended}: {fault}" for fault in wrong]
        if stages and ended % _MEASURED_AFTER == 0:
            # a machine gets busier or less so: moments are to fall into the whole of a run, as long as it takes now
            whole = {
                one: replace(had, seconds=undisturbed(one, _new(folder), given).seconds) for one, had in whole.items()
            }
            print(f"{ended} runs, killed {killed.total()} times", file=sys.stderr, flush=True)
    return {
        "runs": ended,
        "kills": killed.total(),
        "killed_while": dict(sorted(killed.items())),
        "over_before_killed": too_late,
        "articles": _ARTICLES,
        "rejected": _REJECTED,
        "undisturbed_seconds": round(max(one.seconds for one in whole.values()), 1),
        "seconds": round(time.perf_counter() - began),
        "faults": faults,
    }


def _new(folder: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=folder)).resolve()
