"""A run that is killed and resumed is looked at as it should be: what is wrong with it is found, and the page tells."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.faults.place import Place, Seen
from benchmarks.kills import batch
from benchmarks.kills.batch import KINDS, Kind, Undisturbed, kill_and_resume, news, undisturbed
from benchmarks.kills.page import PARTS, part_text, write_page

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills by a signal of Unix")
KIND = KINDS[0]
GIVEN = news(20, 2)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Undisturbed]:
    folder = tmp_path_factory.mktemp("whole").resolve()
    return folder, undisturbed(KIND, folder, GIVEN)


def test_there_are_articles_and_records_that_are_none() -> None:
    lines = news().splitlines()
    bad = [line for line in lines if not line.endswith(b"}")]
    assert (len(lines), len(bad)) == (220, 20)
    assert len({json.loads(line)["id"] for line in lines if line not in bad}) == 200
    assert lines.index(bad[-1]) > 150


def test_a_run_that_is_killed_and_resumed(tmp_path: Path, whole: tuple[Path, Undisturbed]) -> None:
    # certainly killed, while Python is still being loaded: the command itself is the campaign's
    killed, faults = kill_and_resume(KIND, tmp_path.resolve(), GIVEN, whole[1], _Early())
    assert faults == []
    assert killed == {"reading": 2}


class _Early(random.Random):
    def __init__(self) -> None:
        super().__init__(1)
        self._chances = iter((0.0, 1.0))

    def uniform(self, a: float, b: float) -> float:
        return 0.05

    def random(self) -> float:
        return next(self._chances)


def _cut(folder: Path) -> None:
    os.truncate(folder / KIND.pairs, 7)


def _damage(folder: Path) -> None:
    (path,) = (folder / "cache" / "vectors").glob("*.sqlite")
    with closing(sqlite3.connect(path)) as cache:
        cache.execute("UPDATE vectors SET vector = zeroblob(516) WHERE key IN (SELECT key FROM vectors LIMIT 1)")
        cache.commit()


@pytest.mark.parametrize(
    ("spoil", "wrong"),
    [
        (_cut, "pairs.csv is there and another"),
        (lambda folder: (folder / "run.json").write_text("{}"), "run.json is there and another"),
        (lambda folder: (folder / "run.json").write_text("{"), "run.json is there and another"),
        (lambda folder: (folder / KIND.rejects).unlink(), "there is no rejects.jsonl"),
        (lambda folder: (folder / ".s.7-0.part").touch(), ".s.7-0.part is left"),
        (lambda folder: (folder / "temporary" / "x").touch(), "temporary/x is left"),
        (_damage, "the cache does not hold the same vectors"),
    ],
)
def test_what_is_wrong_is_found(
    tmp_path: Path,
    whole: tuple[Path, Undisturbed],
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Path], object],
    wrong: str,
) -> None:
    def run(place: Place, kind: Kind, killed_after: float | None) -> Seen:
        shutil.copytree(whole[0], place.folder, dirs_exist_ok=True)
        spoil(place.folder)
        return Seen(code=0, out="", err="")

    monkeypatch.setattr(batch, "_run", run)
    assert wrong in kill_and_resume(KIND, tmp_path.resolve(), GIVEN, whole[1], random.Random(1))[1]


def test_a_run_that_fails_is_found(
    tmp_path: Path, whole: tuple[Path, Undisturbed], monkeypatch: pytest.MonkeyPatch
) -> None:
    ends: Iterator[Seen] = iter([Seen(code=-9, out="", err=""), Seen(code=70, out="", err="dedup: a bug")])
    monkeypatch.setattr(batch, "_run", lambda *_: next(ends))
    monkeypatch.setattr(batch, "_AGAIN", 1.0)
    killed, faults = kill_and_resume(KIND, tmp_path.resolve(), GIVEN, whole[1], random.Random(1))
    assert killed.total() == 1
    assert faults == ["it ended with 70: dedup: a bug"]


ENVIRONMENT = {
    "date": "2026-03-01T00:00:00+00:00",
    "versions": {"python": "3.11"},
    "machine": {"system": "Linux", "cpu": "a processor", "cores": 2, "memory_gib": 8},
}
RESULTS = {
    "batch": {
        "runs": 3,
        "kills": 5,
        "killed_while": {"reading": 2, "working": 3},
        "articles": 200,
        "rejected": 20,
        "faults": [],
        "environment": ENVIRONMENT,
    },
    "store": {
        "kills": 3,
        "calls_told": 7,
        "held_though_untold": 1,
        "interrupted": {"add": 3},
        "longest_seconds": 2.0,
        "faults": [],
        "environment": ENVIRONMENT,
    },
}


def test_the_page_tells_of_kills_and_of_faults(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("".join(f"<!-- benchmark:kills-{part} -->\n<!-- /benchmark:kills-{part} -->\n" for part in PARTS))
    write_page(RESULTS, page)
    text = page.read_text()
    assert "| kills, those of resumed runs among them |  | 5 |" in text
    assert "| calls that had returned, and were all there |  | 7 |" in text
    assert "Measured 2026-03-01 on a processor" in text
    assert "A fault" not in text
    for part, found in RESULTS.items():
        assert "A fault was found: kill 3: lost." in part_text({part: found | {"faults": ["kill 3: lost"]}}, part)
        assert f"Not measured yet: `python -m benchmarks.kills {part}`." in part_text({}, part)
