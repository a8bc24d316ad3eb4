"""What was told of is there, whatever moment a process was killed at, and nothing half."""

from __future__ import annotations

import itertools
import os
import random
import shutil
from functools import partial
from pathlib import Path

import pytest
from stores import corrected_batch, groups, open_store

from benchmarks.kills.store import WRITER, kill_and_look
from benchmarks.store.writer import Held, WordEncoder, calls, word_calibration
from dedup.store import Store
from dedup.store.segments import Segments

HERE = Path(__file__).parent
ROOTS = [str(HERE.parent.parent), str(HERE.parent), str(HERE)]
CALLS = 16
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(ROOTS), "OMP_NUM_THREADS": "1"}


def test_at_any_moment(tmp_path: Path) -> None:
    encoder = WordEncoder()
    opened = partial(Store.open, tmp_path / "store", encoder=encoder, calibration=word_calibration(encoder))
    opened().close()
    command = [*WRITER, str(tmp_path / "store")]
    dice, start, told, kills = random.Random(7), 0, 0, 0
    for _ in range(60):
        kill = kill_and_look(command, ENVIRONMENT, opened, seed=7, start=start, wait=dice.uniform(0, 0.4))
        assert kill.faults == ()
        start, told, kills = kill.done, told + kill.told, kills + 1
        # on a machine that is busy fewer calls are told of between two kills
        if told >= 12 <= kills:
            return
    pytest.fail(f"{told} calls were told of before {kills} kills")


def test_every_kind_of_call_is_among_them() -> None:
    assert {call.kind for call in itertools.islice(calls(7), 60)} == {
        "add",
        "remove",
        "expire",
        "same",
        "different",
        "forget",
    }


def _held(seed: int, count: int) -> Held:
    held = Held()
    for call in itertools.islice(calls(seed), count):
        held.take(call)
    return held


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("before") / "store"
    with open_store(folder) as store:
        for call in itertools.islice(calls(3), CALLS):
            call.on(store)
    return folder


class Cut(BaseException):
    """Ends a change at a moment that chance would seldom find."""


class TestMoments:
    """A change ends just there, as by Ctrl-C; what it leaves is opened anew."""

    @pytest.mark.parametrize(
        ("where", "after"),
        [
            ("dedup.store.revision.Revision.settle", False),
            ("dedup.store.revision.Revision.settle", True),
            ("dedup.store.segments.Segments.append", True),
            ("dedup.store.compaction._move", True),
            ("dedup.store.store.reclaim", True),
            ("dedup.store.segments.Segments.delete", False),
        ],
    )
    def test_a_cut_leaves_the_state_before_or_after(
        self, before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, after: bool
    ) -> None:
        monkeypatch.setattr("dedup.store.compaction._LEAST_BYTES", 1)
        store = open_store(Path(shutil.copytree(before, tmp_path / "store")))
        held = _held(3, CALLS)
        gone = sorted(held.articles)[: len(held.articles) * 2 // 3]
        with monkeypatch.context() as patch:
            _cut(patch, where, after)
            with pytest.raises(Cut):
                store.remove(gone)
        if where.endswith(("append", "_move", "settle", "reclaim")):
            left = held.articles
        else:
            left = {key: one for key, one in held.articles.items() if key not in gone}
        # not closed: who opens it now finds what there is
        with open_store(tmp_path / "store") as again:
            assert {one.id for story in again.stories() for one in story.articles} == set(left)
            assert again.verify() == []
            assert groups(again.stories()) == corrected_batch(left.values(), held.labels).keys()
            again.remove([key for key in gone if key in left])
            again.add(held.articles.values())
            assert groups(again.stories()) == corrected_batch(held.articles.values(), held.labels).keys()
            _no_file_is_left_over(again, tmp_path / "store" / "vectors")
        store.close()

    def test_a_store_half_made_is_made_again(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for where in ("dedup.store.database.create_tables", "dedup.store.opening.settings_to_json"):
            with monkeypatch.context() as patch:
                _cut(patch, where, after=False)
                with pytest.raises(Cut):
                    open_store(tmp_path / "store")
        with open_store(tmp_path / "store") as store:
            assert len(store) == 0
        assert not list((tmp_path / "store").glob("*.new*"))


def _cut(patch: pytest.MonkeyPatch, where: str, after: bool) -> None:
    module, _, name = where.rpartition(".")
    owner = Segments if module.endswith("Segments") else None
    if owner is None:
        import importlib

        try:
            owner = importlib.import_module(module)  # type: ignore[assignment]  # a module has attributes too
        except ModuleNotFoundError:
            outer, _, inner = module.rpartition(".")
            owner = getattr(importlib.import_module(outer), inner)
    real = getattr(owner, name)

    def cut(*values: object, **named: object) -> None:
        if after:
            real(*values, **named)
        raise Cut

    patch.setattr(owner, name, cut)


def _no_file_is_left_over(store: Store, folder: Path) -> None:
    count = store._database.rows("SELECT number FROM segments WHERE bytes > 0 ORDER BY number")
    assert sorted(int(path.stem) for path in folder.iterdir()) == [number for (number,) in count]
