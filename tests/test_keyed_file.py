"""Values by key on disk; what damage does to a file is tried on the caches that are such files."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.keyed_file import Entries, KeyedFile, chunks

ENTRIES = Entries(name="things", file="file of things", column="thing", unsealed_bytes=3)


@contextlib.contextmanager
def opened(path: Path, **named: Any) -> Iterator[KeyedFile]:
    file = KeyedFile(path, ENTRIES, **named)
    try:
        yield file
    finally:
        file.close()


@given(batches=st.lists(st.dictionaries(st.binary(max_size=3), st.binary(max_size=6), max_size=5), max_size=4))
def test_it_is_a_dictionary_that_stays(
    batches: list[dict[bytes, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("k") / "k.sqlite"
    expected: dict[bytes, bytes] = {}
    for batch in batches:
        with opened(path) as file:
            assert file.add(batch.items())
            expected |= batch
            assert file.find([*expected, b"none of them"]) == expected
    with opened(path) as file:
        assert file.find(list(expected)) == expected
        assert file.find([]) == {}


def test_more_keys_than_a_statement_takes() -> None:
    keys = [number.to_bytes(4, "big") for number in range(40_000)]
    with opened(Path(":memory:")) as file:
        file.add((key, key * 2) for key in keys[::2])
        assert file.find(keys) == {key: key * 2 for key in keys[::2]}


def test_values_from_before_there_were_checksums_are_known_by_length(tmp_path: Path) -> None:
    with opened(tmp_path / "k.sqlite") as file:
        connection = sqlite3.connect(file.path)
        connection.executemany("INSERT INTO things VALUES (?, ?)", [(b"a", b"abc"), (b"b", b"abcd"), (b"c", "abcde")])
        connection.commit()
        connection.close()
        assert file.find([b"a", b"b", b"c"]) == {b"a": b"abc"}


@pytest.mark.parametrize("entry", [(5, b"abc"), (None, b"abc"), (b"a", 5), (b"a", None)])
def test_what_damage_makes_of_an_entry_counts_as_absent(entry: tuple[object, object], tmp_path: Path) -> None:
    class Damaged:
        """A page in which a key has become a number: ``WHERE`` still finds it by its place."""

        def execute(self, *_: object) -> list[tuple[object, object]]:
            return [entry]

    with opened(tmp_path / "k.sqlite") as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr(file, "_connection", Damaged())
        assert file.find([b"a"]) == {}


@pytest.mark.skipif(os.name != "posix", reason="permissions of Unix")
@pytest.mark.parametrize(("private", "mode"), [(True, 0o600), (False, 0o644)])
def test_whether_others_may_read_it(private: bool, mode: int, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with opened(tmp_path / "k.sqlite", private=private) as file:
            file.add([(b"a", b"b")])
            assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {mode}
    finally:
        os.umask(before)


@pytest.mark.parametrize("page", [4_096, 16_384])
def test_values_lie_beside_each_other_in_pages_that_are_large_enough(page: int, tmp_path: Path) -> None:
    file = KeyedFile(tmp_path / "k.sqlite", replace(ENTRIES, page_bytes=page))
    file.add((number.to_bytes(2, "big"), bytes(1_700)) for number in range(500))
    file.close()
    room = (tmp_path / "k.sqlite").stat().st_size / (500 * 1_700)
    assert room > 2 if page == 4_096 else room < 1.5


def test_chunks() -> None:
    assert [list(some) for some in chunks(range(5), 2)] == [[0, 1], [2, 3], [4]]
    assert list(chunks("", 2)) == []
