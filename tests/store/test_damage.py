"""Damage is named, mended where it can be, and never ends in anything but an error of the store."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from stores import batch, news, open_store, told

from dedup.errors import InputError, StoreDamagedError, StoreError
from dedup.store import Store

ARTICLES = news(3)
SOME, MORE = ARTICLES[:24], ARTICLES[24:30]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound") / "store"
    with open_store(folder) as store:
        store.add(SOME)
        store.correct(different=(SOME[0].id, SOME[1].id))
        store.correct(forget=(SOME[0].id, SOME[1].id))
    return folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "store"))


@pytest.fixture
def segment(folder: Path) -> Path:
    (path,) = (folder / "vectors").iterdir()
    return path


def overwrite(path: Path, place: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        file.write(data)


def article_at(folder: Path, byte: int) -> str:
    """Return whose vectors a byte of the segment is of."""
    with open_store(folder) as store:
        return str(
            store._database.value("SELECT id FROM articles WHERE place <= ? ORDER BY place DESC LIMIT 1", (byte,))
        )


def mended(folder: Path) -> None:
    """The store is sound again, and goes on as if nothing had been."""
    with open_store(folder) as store:
        assert store.repair()
        assert store.verify() == []
        assert store.repair() == []
        assert told(store.stories()) == told(batch(SOME).stories)
        store.add(MORE)
        assert told(store.stories()) == told(batch([*SOME, *MORE]).stories)
        store.remove([one.id for one in SOME])
        assert told(store.stories()) == told(batch(MORE).stories)
        assert store.verify() == []


class TestSegments:
    @pytest.mark.parametrize("share", [0.02, 0.5, 0.999])
    def test_a_flipped_bit_is_found_and_mended(self, folder: Path, segment: Path, share: float) -> None:
        content = segment.read_bytes()
        place = int(len(content) * share)
        whose = article_at(folder, place)
        overwrite(segment, place, bytes([content[place] ^ 1]))
        with open_store(folder) as store:
            (damage,) = store.verify()
        assert (damage.file, damage.article, damage.mendable) == ("vectors/000001.vec", whose, True)
        mended(folder)

    @pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
    def test_a_truncated_one_is_found_and_mended(self, folder: Path, segment: Path, share: float) -> None:
        size = int(segment.stat().st_size * share)
        first = article_at(folder, max(size, 16))
        with segment.open("r+b") as file:
            file.truncate(size)
        with open_store(folder) as store:
            damage = store.verify()
            assert damage[0].file == "vectors/000001.vec"
            named = [one.article for one in damage if one.article]
            assert named[0] == first
            assert len(named) == len(SOME) - [one.id for one in sorted(SOME, key=lambda one: one.id)].index(first)
            with pytest.raises(StoreError, match="repair"):
                store.add(MORE)
            assert told(store.stories()) == told(batch(SOME).stories)
        mended(folder)

    def test_a_deleted_one_is_found_and_mended(self, folder: Path, segment: Path) -> None:
        segment.unlink()
        with open_store(folder) as store:
            assert {one.article for one in store.verify()} == {None, *(one.id for one in SOME)}
            with pytest.raises(StoreDamagedError, match="repair"):
                store.find(SOME[0])
        mended(folder)

    def test_one_that_is_deleted_while_it_is_read_is_missed(self, folder: Path, segment: Path) -> None:
        with open_store(folder) as store:
            store.find(SOME[0])
            segment.unlink()
            assert store.verify()
            assert store.repair()
            assert store.verify() == []
            assert store.find(SOME[0]) is not None

    def test_a_header_that_is_none_is_found_and_mended(self, folder: Path, segment: Path) -> None:
        overwrite(segment, 0, b"x")
        mended(folder)

    def test_what_is_cut_off_where_no_article_is_left_is_found_and_mended(self, folder: Path, segment: Path) -> None:
        last = article_at(folder, segment.stat().st_size)
        with open_store(folder) as store:
            store.remove([last])
        with segment.open("r+b") as file:
            file.truncate(segment.stat().st_size - 10)
        with open_store(folder) as store:
            (damage,) = store.verify()
            assert (damage.file, damage.article) == ("vectors/000001.vec", None)
            store.repair()
            assert store.verify() == []
            store.add([one for one in SOME if one.id == last])
            assert told(store.stories()) == told(batch(SOME).stories)

    def test_what_is_longer_than_was_told_of_is_sound(self, folder: Path, segment: Path) -> None:
        with segment.open("ab") as file:
            file.write(b"x" * 999)
        with open_store(folder) as store:
            assert store.verify() == []
            store.add(MORE)
            assert store.verify() == []
            assert told(store.stories()) == told(batch([*SOME, *MORE]).stories)


USES: list[Callable[[Store], object]] = [
    lambda store: store.verify(),
    lambda store: store.stories(text="a"),
    lambda store: store.changes(),
    lambda store: store.find(MORE[0]),
    lambda store: store.add(MORE),
    lambda store: store.remove([SOME[0].id]),
    lambda store: store.repair(),
]


class TestDatabase:
    @pytest.mark.parametrize("seed", range(12))
    def test_whatever_is_overwritten_the_error_is_one_of_the_store(self, folder: Path, seed: int) -> None:
        dice = random.Random(seed)
        database = folder / "store.sqlite"
        size = database.stat().st_size
        length = dice.choice([1, 20, 300, 5_000])
        for _ in range(dice.choice([1, 5])):
            overwrite(database, dice.randrange(100 if dice.random() < 0.2 else 4096, size), dice.randbytes(length))
        seen = 0
        for use in USES:
            try:
                with open_store(folder) as store:
                    use(store)
            except StoreError:
                seen += 1
            except InputError:
                # an article that is gone is a mistake of the caller's for all that the store can tell
                seen += 1

    def test_its_middle_gone_it_is_beyond_repair(self, folder: Path) -> None:
        database = folder / "store.sqlite"
        size = database.stat().st_size
        overwrite(database, 4096, b"\0" * (size // 4096 - 2) * 4096)
        for use in (Store.repair, Store.stories):
            with pytest.raises(StoreDamagedError, match="restore it from a copy"), open_store(folder) as store:
                use(store)

    def test_a_page_of_an_index_gone_verify_tells_and_repair_refuses(self, folder: Path) -> None:
        with open_store(folder) as store:
            page = store._database.value("SELECT rootpage FROM sqlite_master WHERE name = 'articles_by_story'")
        overwrite(folder / "store.sqlite", (page - 1) * 4096, b"\0" * 4096)
        with open_store(folder) as store:
            (damage, *_) = store.verify()
            assert (damage.file, damage.mendable) == ("store.sqlite", False)
            with pytest.raises(StoreDamagedError, match="beyond repair"):
                store.repair()

    @pytest.mark.parametrize(
        "column", ["record = '{'", "record = '[]'", "record = '{}'", "evidence = x'00'", "record = x'ff'"]
    )
    def test_a_row_that_cannot_be_read_is_named(self, folder: Path, column: str) -> None:
        with open_store(folder) as store:
            store._database.run(f"UPDATE articles SET {column} WHERE id = ?", (SOME[5].id,))
        with open_store(folder) as store:
            assert (SOME[5].id, False) in {(damage.article, damage.mendable) for damage in store.verify()}
            with pytest.raises(StoreDamagedError, match="beyond repair"):
                store.repair()
            with pytest.raises(StoreDamagedError):
                store.stories(text="a") if "record" in column else store.find(replace(SOME[5], id="asked"))

    @pytest.mark.parametrize("fact", ["calibration", "settings", "format"])
    @pytest.mark.parametrize("value", ["", "{", "[]", '{"x": 1}', "nan"])
    def test_a_fact_that_cannot_be_read_is_damage(self, folder: Path, fact: str, value: str) -> None:
        with open_store(folder) as store:
            store._database.set_fact(fact, value)
        with pytest.raises(StoreDamagedError, match="restore it from a copy"):
            open_store(folder)

    def test_no_database_at_all_is_said(self, folder: Path) -> None:
        for content in (b"", b"not a database, but long enough to be taken for one" * 100):
            (folder / "store.sqlite").write_bytes(content)
            with pytest.raises(StoreDamagedError):
                open_store(folder)

    def test_what_sqlite_says_of_damage_may_be_no_text_itself(self, folder: Path) -> None:
        database = folder / "store.sqlite"
        data = database.read_bytes()
        place = data.index(b"articles_by_story")  # the name of an index, of which it tells that it is malformed
        overwrite(database, place, b"\xc1\xe1")
        for use in (Store.verify, Store.stories, Store.repair):
            with pytest.raises(StoreDamagedError, match="restore it from a copy"), open_store(folder) as store:
                use(store)

    def test_stories_that_are_not_what_the_pairs_say_are_found_and_mended(self, folder: Path) -> None:
        with open_store(folder) as store:
            several = next(story for story in store.stories() if len(story.members) > 2)
            other = next(story for story in store.stories() if story.id != several.id)
            number = store._database.value("SELECT number FROM stories WHERE id = ?", (other.id,))
            store._database.run("UPDATE articles SET story = ? WHERE id = ?", (number, several.articles[-1].id))
            assert store.verify()
        mended(folder)
