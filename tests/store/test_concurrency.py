"""One process writes at a time, any number read, each of them whole states."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from stores import batch, calibration, holdings, news, open_store, replay, told

from dedup.article import Article
from dedup.errors import StoreBusyError, StoreError
from dedup.store import Change, compaction

HERE = Path(__file__).parent
READERS = 10


@contextmanager
def other_process(what: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    file = folder.parent / "calibration.json"
    file.write_text(calibration().to_json(), "utf-8")
    roots = [str(HERE.parent.parent), str(HERE.parent), str(HERE)]
    process = subprocess.Popen(
        [sys.executable, str(HERE / "other_process.py"), what, str(folder), str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(roots), "OMP_NUM_THREADS": "1"},
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


class TestTwoWriters:
    def test_the_second_gives_up_when_it_has_waited_as_told(self, tmp_path: Path) -> None:
        articles = news(1)
        with open_store(tmp_path / "store") as store:
            store.add(articles[:5])
        with other_process("hold", tmp_path / "store") as holder:
            assert line(holder) == "writing"
            start = time.monotonic()
            with open_store(tmp_path / "store", wait_seconds=0.2) as store:
                for change in (
                    lambda: store.add(articles[5:8]),
                    lambda: store.remove([articles[0].id]),
                    lambda: store.correct(same=(articles[0].id, articles[1].id)),
                    store.repair,
                ):
                    with pytest.raises(StoreBusyError, match=r"0\.2 seconds; try again"):
                        change()
                # it reads all the same
                assert len(store) == 5
                assert told(store.stories()) == told(batch(articles[:5]).stories)
                assert store.find(articles[6]) is not None
                assert store.verify() == []
            assert time.monotonic() - start < 10
            go_on(holder)
            holder.wait()
            with open_store(tmp_path / "store", wait_seconds=0.2) as store:
                store.add(articles[5:8])

    def test_the_second_waits(self, tmp_path: Path) -> None:
        articles = news(1)
        with open_store(tmp_path / "store") as store, other_process("hold", tmp_path / "store") as holder:
            assert line(holder) == "writing"
            later = threading.Timer(0.5, go_on, [holder])
            start = time.monotonic()
            later.start()
            store.add(articles)
            assert time.monotonic() - start >= 0.4
            assert told(store.stories()) == told(batch(articles).stories)

    def test_two_that_write_by_turns_make_what_one_would_have_made(self, tmp_path: Path) -> None:
        articles = news(2)
        with open_store(tmp_path / "store") as one, open_store(tmp_path / "store") as other:
            for start in range(0, len(articles), 5):
                (one, other)[start % 2].add(articles[start : start + 5])
                (other, one)[start % 2].remove([articles[start].id])
            kept = [article for place, article in enumerate(articles) if place % 5]
            assert told(one.stories()) == told(other.stories()) == told(batch(kept).stories)
            assert replay(one.changes()) == holdings(other)

    def test_of_many_that_make_a_store_at_once_each_opens_it(self, tmp_path: Path) -> None:
        folder = tmp_path / "store"
        with other_process("create", folder) as a, other_process("create", folder) as b:
            assert [line(a), line(b)] == ["ready", "ready"]
            go_on(a)
            go_on(b)
            assert [line(a), line(b)] == ["opened 0", "opened 0"]


class Reader:
    """Reads again and again until told to stop, and keeps what it saw."""

    def __init__(self, folder: Path, asked: list[Article]) -> None:
        self._folder, self._asked = folder, asked
        self.seen: list[tuple[list[Change], dict[str, set[str]]]] = []
        self.errors: list[BaseException] = []
        self.stopped = False
        self.thread = threading.Thread(target=self._read)

    def _read(self) -> None:
        try:
            with open_store(self._folder) as store:
                while not self.stopped:
                    held, changes = holdings(store), store.changes()
                    self.seen.append((changes, held))
                    for match in store.find(self._asked[len(self.seen) % len(self._asked)]):
                        assert {one.id for one in match.story.articles} >= {match.nearest.id}
                    time.sleep(0.05)  # ten that never rest leave the writer little
        except BaseException as error:  # noqa: BLE001 - told by the test
            self.errors.append(error)


def test_readers_see_whole_states_and_never_fail(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    with open_store(folder) as store:
        store.add(news(5)[:4])
    readers = [Reader(folder, news(4, stories=5, undated=0)[place::READERS]) for place in range(READERS)]
    with other_process("write", folder) as writer:
        assert line(writer) == "ready"
        for reader in readers:
            reader.thread.start()
        _wait_until(lambda: all(reader.seen or reader.errors for reader in readers))
        go_on(writer)
        acknowledged = [0]
        while told_cursor := line(writer):
            acknowledged.append(int(told_cursor))
        assert writer.wait() == 0
    for reader in readers:
        reader.stopped = True
    for reader in readers:
        reader.thread.join()
        assert reader.errors == []
        assert reader.seen
    with open_store(folder) as store:
        changes = store.changes()
        assert changes[-1].cursor == acknowledged[-1]
    states = [replay(change for change in changes if change.cursor <= cursor) for cursor in set(acknowledged)]
    first = [change for change in changes if change.cursor < acknowledged[1]]
    states += [replay(change for change in first if change.cursor <= cursor) for cursor in _ends(first)]
    for reader in readers:
        for seen, held in reader.seen:
            assert held in states
            assert seen == changes[: len(seen)]
    # they did read while it was written
    cursors = {seen[-1].cursor for reader in readers for seen, _ in reader.seen}
    assert any(acknowledged[1] <= cursor < acknowledged[-1] for cursor in cursors)


def _wait_until(come: Callable[[], bool]) -> None:
    for _ in range(600):
        if come():
            return
        time.sleep(0.1)
    pytest.fail("waited for a minute")


def _ends(changes: list[Change]) -> list[int]:
    """Return the last cursor of each call, which has a time of its own."""
    return [
        one.cursor
        for one, next_one in zip(changes, [*changes[1:], None], strict=True)
        if next_one is None or next_one.time != one.time
    ]


class TestCompactionBesideReaders:
    def test_find_goes_on_where_its_vectors_have_moved(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(compaction, "_LEAST_BYTES", 1)
        articles = news(6, undated=0)
        with open_store(tmp_path / "store") as writer:
            writer.add(articles)
            with open_store(tmp_path / "store") as reader:
                neighbours = type(reader._neighbours)
                refresh = neighbours.refresh
                turns = iter([articles[:22], articles[22:31], []])

                def moved_meanwhile(self: object) -> None:
                    refresh(self)  # type: ignore[arg-type]  # it is one
                    if self is reader._neighbours:
                        gone = next(turns, [])
                        writer.remove([one.id for one in gone])

                monkeypatch.setattr(neighbours, "refresh", moved_meanwhile)
                found = reader.find(articles[-1])
                assert articles[-1].id not in {match.nearest.id for match in found}
                assert [path.name for path in (tmp_path / "store" / "vectors").iterdir()] != ["000001.vec"]
                assert next(turns, None) is None
                monkeypatch.undo()
                assert found == reader.find(articles[-1])

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process has mapped")
    def test_who_reads_lets_go_of_deleted_segments(self, tmp_path: Path) -> None:
        articles = news(6, undated=0)
        with open_store(tmp_path / "store") as writer, open_store(tmp_path / "store") as reader:
            writer.add(articles)
            reader.find(articles[0])
            writer.remove([one.id for one in articles])
            writer.add(articles)
            reader.find(articles[0])
            maps = Path("/proc/self/maps").read_text()
            assert not [row for row in maps.splitlines() if str(tmp_path) in row and row.endswith(".vec (deleted)")]


def test_a_store_is_of_the_thread_that_opened_it(tmp_path: Path) -> None:
    errors: list[StoreError] = []

    def read() -> None:
        try:
            store.stories()
        except StoreError as error:
            errors.append(error)

    with open_store(tmp_path / "store") as store:
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    assert "the thread that opened it" in str(errors[0])
    with pytest.raises(StoreError, match="closed") as closed:
        store.stories()
    assert "damaged" not in str(closed.value)
