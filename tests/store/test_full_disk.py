"""What cannot be written is said with a remedy, and nothing of it is seen; with room again it can be done."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from stores import batch, holdings, news, open_store, told
from test_kills import ENVIRONMENT

from dedup.errors import StoreError
from dedup.store import Store
from dedup.store.database import Database

ARTICLES = news(2, undated=0)
SOME, MORE = ARTICLES[:16], ARTICLES[16:]

# A file that would grow beyond the limit: the system says so to whoever writes, once it does not kill for it.
LIMITED = """
import resource, signal, sys
from pathlib import Path
from fakes import FakeEncoder
from stores import news
from dedup.errors import StoreError
from dedup.store import Store
from dedup.store.database import Database

folder, name = sys.argv[1:]
articles = news(2, undated=0)
with Store.open(folder, encoder=FakeEncoder()) as store:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = Path(folder, name).stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, limits[1]))
    before = store.changes(), {story.id: story.articles for story in store.stories()}
    calls = [lambda: store.add(articles[16:])]
    if name != "vectors/000001.vec":
        calls.append(lambda: store.correct(same=(articles[0].id, articles[9].id)))
    for call in calls:
        try:
            call()
        except StoreError as error:
            print(type(error).__name__, error)
        else:
            raise SystemExit("nothing was said")
        assert before == (store.changes(), {story.id: story.articles for story in store.stories()})
        assert store.verify() == []
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    store.add(articles[16:])
    assert store.verify() == []
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits there")
@pytest.mark.parametrize("name", ["vectors/000001.vec", "store.sqlite-wal"])
def test_a_file_that_cannot_grow(tmp_path: Path, name: str) -> None:
    with open_store(tmp_path / "store") as store:
        store.add(SOME)
        found = subprocess.run(
            [sys.executable, "-c", LIMITED, str(tmp_path / "store"), name],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert found.returncode == 0, found.stderr
    lines = found.stdout.splitlines()
    assert lines
    for line in lines:
        assert line.startswith("StoreError ")
        assert "nothing of this change was kept" in line
        assert "do it again" in line
    with open_store(tmp_path / "store") as store:
        assert told(store.stories()) == told(batch(ARTICLES).stories)


CALLS: list[tuple[Callable[[Store], object], int]] = [
    (lambda store: store.add(MORE), 0),
    (lambda store: store.add(MORE), 2),
    (lambda store: [store.add(MORE[start : start + 6]) for start in range(0, len(MORE), 6)], 3),
]


@pytest.mark.parametrize(("call", "pages"), CALLS)
def test_a_database_that_cannot_grow(tmp_path: Path, call: Callable[[Store], object], pages: int) -> None:
    with open_store(tmp_path / "store") as store:
        store.add(SOME)
        most = store._database.value("PRAGMA page_count") + pages
        usual = store._database.value("PRAGMA max_page_count")
        assert store._database.value(f"PRAGMA max_page_count = {most}") == most
        with pytest.raises(StoreError, match=r"disk .* is full; nothing of this change was kept: make room"):
            call(store)
        held = {one.id for articles in holdings(store).values() for one in ARTICLES if one.id in articles}
        there = [one for one in ARTICLES if one.id in held]
        assert {one.id for one in SOME} <= held
        assert store.verify() == []
        assert told(store.stories()) == told(batch(there).stories)
        with open_store(tmp_path / "store") as other:
            assert told(other.stories()) == told(store.stories())
        store._database.value(f"PRAGMA max_page_count = {usual}")
        call(store)
        assert told(store.stories()) == told(batch(ARTICLES).stories)
        assert store.verify() == []


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="name another folder"):
        open_store(tmp_path / "file" / "store")
    (tmp_path / "strange").mkdir()
    (tmp_path / "strange" / "letter.txt").write_text("")
    with pytest.raises(StoreError, match=r"letter\.txt; name an empty folder"):
        open_store(tmp_path / "strange")
    with pytest.raises(StoreError, match="there is no store"):
        Store.open(tmp_path / "nowhere", create=False)
    assert not (tmp_path / "nowhere").exists()


def test_a_segment_that_cannot_be_deleted_takes_back_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(tmp_path / "store") as store:
        store.add(SOME)
        unlink = Path.unlink
        with monkeypatch.context() as patch:

            def refuse(path: Path, missing_ok: bool = False) -> None:
                if path.suffix == ".vec":
                    raise PermissionError(13, "open elsewhere")
                unlink(path, missing_ok)

            patch.setattr(Path, "unlink", refuse)
            assert store.remove([one.id for one in SOME])
        assert len(store) == 0
        store.add(MORE)
        assert [path.name for path in (tmp_path / "store" / "vectors").iterdir()] == ["000002.vec"]


def test_a_store_that_cannot_be_made_leaves_nothing_that_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:

        def fail(self: Database, name: str, value: str) -> None:
            raise StoreError("the disk is full")

        patch.setattr(Database, "set_fact", fail)
        with pytest.raises(StoreError, match="the disk is full"):
            open_store(tmp_path / "store")
    assert [path.name for path in (tmp_path / "store").iterdir() if "sqlite" in path.name] == []
    with open_store(tmp_path / "store") as store:
        assert len(store) == 0
