from __future__ import annotations

import logging
import multiprocessing
import os
import queue
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEncoder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup.encode.vectors import HalfVectors, VectorCache, encode_sentences
from dedup.errors import CacheError

NEW_FILES = 40
SENTENCES = [f"sentence number {i} of the day" for i in range(3_000)] + ["خبر تازه", "", "خبر تازه", "\ud800 half"]


def plain(sentences: list[str]) -> HalfVectors:
    return FakeEncoder().encode(sentences).astype(np.float16)


def cache_file(folder: Path) -> Path:
    (path,) = folder.glob("*.sqlite")
    return path


class TestEncodeSentences:
    def test_vectors_are_the_encoders_rounded_once_in_the_order_asked(self, tmp_path: Path) -> None:
        expected = plain(SENTENCES)
        encoder = FakeEncoder()
        with VectorCache.for_encoder(encoder, tmp_path) as cache:
            for use in (None, cache, cache):
                vectors = encode_sentences(SENTENCES, encoder, use)
                assert vectors.dtype == np.float16
                np.testing.assert_array_equal(vectors, expected)

    def test_a_sentence_is_encoded_once(self, tmp_path: Path) -> None:
        encoder = FakeEncoder()
        with VectorCache.for_encoder(encoder, tmp_path) as cache:
            encode_sentences(["b b", "a", "b b", "a"], encoder, cache)
            assert sorted(encoder.encoded) == ["a", "b b"]
            encode_sentences(["a", "c", "b b"], encoder, cache)
            assert sorted(encoder.encoded) == ["a", "b b", "c"]
        with VectorCache.for_encoder(encoder, tmp_path) as again:
            encode_sentences(["c", "a"], encoder, again)
        assert sorted(encoder.encoded) == ["a", "b b", "c"]

    def test_no_sentences_give_no_vectors(self, tmp_path: Path) -> None:
        with VectorCache.for_encoder(FakeEncoder(), tmp_path) as cache:
            assert encode_sentences([], FakeEncoder(), cache).shape == (0, 32)
        assert encode_sentences([], FakeEncoder()).shape == (0, 32)

    def test_progress_adds_up_to_the_distinct_sentences(self, tmp_path: Path) -> None:
        distinct = len(set(SENTENCES))
        with VectorCache.for_encoder(FakeEncoder(), tmp_path) as cache:
            for _ in range(2):
                done: list[int] = []
                encode_sentences(SENTENCES, FakeEncoder(), cache, progress=done.append)
                assert sum(done) == distinct

    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(before=st.lists(st.text(max_size=8), max_size=12), now=st.lists(st.text(max_size=8), max_size=12))
    def test_what_is_cached_already_changes_nothing(self, before: list[str], now: list[str], tmp_path: Path) -> None:
        with VectorCache(tmp_path / f"{len(list(tmp_path.iterdir()))}.sqlite", 32) as cache:
            encode_sentences(before, FakeEncoder(), cache)
            np.testing.assert_array_equal(encode_sentences(now, FakeEncoder(), cache), plain(now))


class TestIdentity:
    @pytest.mark.parametrize("change", ["model", "revision", "settings"])
    def test_encoders_that_differ_share_nothing(self, change: str, tmp_path: Path) -> None:
        one = FakeEncoder()
        other = replace(one, **{change: "another"}, encoded=[])  # type: ignore[arg-type]  # a field of text by name
        for encoder in (one, other):
            with VectorCache.for_encoder(encoder, tmp_path) as cache:
                encode_sentences(["a"], encoder, cache)
            assert encoder.encoded == ["a"]

    def test_encoders_of_other_lengths_share_nothing(self, tmp_path: Path) -> None:
        for dimension in (32, 48):
            encoder = FakeEncoder(dimension=dimension)
            with VectorCache.for_encoder(encoder, tmp_path) as cache:
                assert encode_sentences(["a"], encoder, cache).shape == (1, dimension)

    def test_model_and_revision_cannot_run_together(self, tmp_path: Path) -> None:
        one, other = FakeEncoder(model="m1", revision="2"), FakeEncoder(model="m", revision="12")
        with VectorCache.for_encoder(one, tmp_path) as a, VectorCache.for_encoder(other, tmp_path) as b:
            assert a.path != b.path


class TestDamage:
    def fill(self, folder: Path) -> Path:
        with VectorCache.for_encoder(FakeEncoder(), folder) as cache:
            encode_sentences(SENTENCES, FakeEncoder(), cache)
        return cache_file(folder)

    @pytest.mark.parametrize("damage", ["no database", "cut short", "overwritten inside", "broken header"])
    def test_a_damaged_file_is_set_aside_and_begun_anew(
        self, damage: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        path = self.fill(tmp_path)
        raw = path.read_bytes()
        path.write_bytes(
            {
                "no database": b"not a database, but as long as one " * 200,
                "cut short": raw[: len(raw) // 2],
                "overwritten inside": raw[:4096] + b"\xa5" * (len(raw) - 4096),
                "broken header": raw[:16] + b"\xff" * 84 + raw[100:],
            }[damage]
        )
        encoder = FakeEncoder()
        with VectorCache.for_encoder(encoder, tmp_path) as cache, caplog.at_level(logging.WARNING):
            np.testing.assert_array_equal(encode_sentences(SENTENCES, encoder, cache), plain(SENTENCES))
        assert path.with_suffix(".damaged").exists()
        # and the new one works
        with VectorCache.for_encoder(encoder, tmp_path) as cache:
            known = len(encoder.encoded)
            encode_sentences(SENTENCES, encoder, cache)
        assert len(encoder.encoded) == known

    def test_a_healthy_file_that_cannot_be_written_is_not_set_aside(self, not_root_folder: Path) -> None:
        path = self.fill(not_root_folder)
        raw = path.read_bytes()
        path.chmod(0o444)
        not_root_folder.chmod(0o555)
        with pytest.raises(CacheError, match="DEDUP_CACHE"):
            VectorCache.for_encoder(FakeEncoder(), not_root_folder)
        assert path.read_bytes() == raw
        assert [one.name for one in not_root_folder.iterdir()] == [path.name]

    def test_an_entry_of_a_wrong_length_counts_as_absent(self, tmp_path: Path) -> None:
        path = self.fill(tmp_path)
        connection = sqlite3.connect(path)
        connection.execute("UPDATE vectors SET vector = substr(vector, 1, 10)")
        connection.commit()
        connection.close()
        with VectorCache.for_encoder(FakeEncoder(), tmp_path) as cache:
            np.testing.assert_array_equal(encode_sentences(SENTENCES, FakeEncoder(), cache), plain(SENTENCES))

    def test_a_vector_that_a_disk_has_changed_counts_as_absent(self, tmp_path: Path) -> None:
        path = self.fill(tmp_path)
        raw = bytearray(path.read_bytes())
        distinct = list(dict.fromkeys(SENTENCES))
        for vector in plain(distinct):
            place = raw.find(vector.tobytes())
            assert place >= 0
            raw[place + 5] ^= 64
        path.write_bytes(raw)
        encoder = FakeEncoder()
        with VectorCache.for_encoder(encoder, tmp_path) as cache:
            np.testing.assert_array_equal(encode_sentences(SENTENCES, encoder, cache), plain(SENTENCES))
        assert len(encoder.encoded) == len(distinct)

    def test_two_vectors_that_changed_places_count_as_absent(self, tmp_path: Path) -> None:
        path = self.fill(tmp_path)
        connection = sqlite3.connect(path)
        rows = connection.execute("SELECT key, vector FROM vectors ORDER BY key").fetchall()
        connection.executemany(
            "UPDATE vectors SET vector = ? WHERE key = ?",
            [(vector, key) for (key, _), (_, vector) in zip(rows, rows[1:] + rows[:1], strict=True)],
        )
        connection.commit()
        connection.close()
        with VectorCache.for_encoder(FakeEncoder(), tmp_path) as cache:
            np.testing.assert_array_equal(encode_sentences(SENTENCES, FakeEncoder(), cache), plain(SENTENCES))

    def test_entries_from_before_there_were_checksums_are_found(self, tmp_path: Path) -> None:
        path = self.fill(tmp_path)
        connection = sqlite3.connect(path)
        connection.execute("UPDATE vectors SET vector = substr(vector, 1, length(vector) - 4)")
        connection.commit()
        connection.close()
        encoder = FakeEncoder()
        with VectorCache.for_encoder(encoder, tmp_path) as cache:
            np.testing.assert_array_equal(encode_sentences(SENTENCES, encoder, cache), plain(SENTENCES))
        assert encoder.encoded == []

    def test_what_sqlite_says_of_damage_may_be_no_text_itself(self, tmp_path: Path) -> None:
        path = self.fill(tmp_path)
        data = path.read_bytes()
        path.write_bytes(data.replace(b"CREATE TABLE vectors (key", b"CREATE TABLE vectors \xc1\xac\xe1ey"))
        with VectorCache.for_encoder(FakeEncoder(), tmp_path) as cache:
            np.testing.assert_array_equal(encode_sentences(SENTENCES, FakeEncoder(), cache), plain(SENTENCES))
        assert path.with_suffix(".damaged").exists()

    @pytest.mark.parametrize(
        "statement",
        [
            "ALTER TABLE vectors RENAME COLUMN key TO other",
            "UPDATE vectors SET vector = 7",
            "UPDATE vectors SET vector = 'text'",
        ],
    )
    def test_a_table_of_another_kind_is_no_error(self, statement: str, tmp_path: Path) -> None:
        path = self.fill(tmp_path)
        connection = sqlite3.connect(path)
        connection.execute(statement)
        connection.commit()
        connection.close()
        with VectorCache.for_encoder(FakeEncoder(), tmp_path) as cache:
            np.testing.assert_array_equal(encode_sentences(SENTENCES, FakeEncoder(), cache), plain(SENTENCES))

    def test_a_write_that_fails_costs_the_cache_and_not_the_run(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        with VectorCache.for_encoder(FakeEncoder(), tmp_path) as cache:
            other = sqlite3.connect(cache.path)
            other.execute("CREATE TRIGGER full BEFORE INSERT ON vectors BEGIN SELECT RAISE(ABORT, 'disk full'); END")
            other.commit()
            other.close()
            with caplog.at_level(logging.WARNING):
                np.testing.assert_array_equal(encode_sentences(["a", "b"], FakeEncoder(), cache), plain(["a", "b"]))
        assert "disk full" in caplog.text


class TestPlace:
    def test_a_read_only_folder_is_an_error_with_its_remedy(self, not_root_folder: Path) -> None:
        not_root_folder.chmod(0o555)
        with pytest.raises(CacheError, match=rf"{not_root_folder}.*DEDUP_CACHE"):
            VectorCache.for_encoder(FakeEncoder(), not_root_folder)

    def test_a_folder_that_is_not_there_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(CacheError, match="DEDUP_CACHE"):
            VectorCache.for_encoder(FakeEncoder(), tmp_path / "absent")

    def test_a_folder_in_place_of_the_file_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(CacheError, match="DEDUP_CACHE"):
            VectorCache(tmp_path, 32)


@pytest.fixture
def not_root_folder() -> Iterator[Path]:
    """A folder, and for root the rights of nobody while it is used: permissions do not bind root."""
    if os.name == "nt":
        pytest.skip("permissions of folders are another matter on Windows")
    folder = Path(tempfile.mkdtemp())
    user = os.geteuid()
    try:
        if user == 0:
            os.chown(folder, 65534, 65534)
            os.seteuid(65534)
        yield folder
    finally:
        os.seteuid(user)
        folder.chmod(0o755)
        shutil.rmtree(folder)


def _encode_at_once(folder: str, which: int, barrier: threading.Barrier, results: queue.Queue[str]) -> None:
    wanted = SENTENCES[which * 500 : which * 500 + 2_000]
    try:
        for number in range(NEW_FILES):
            # a new file each time, and all processes at its door: setting it up is where they get in each other's way
            barrier.wait(timeout=100)
            with VectorCache(Path(folder) / f"{number}.sqlite", 32) as cache:
                some = wanted if number == 0 else wanted[:3]
                if not (encode_sentences(some, FakeEncoder(), cache) == plain(some)).all():
                    results.put(f"wrong vectors in {number}")
        results.put("done")
    except Exception as error:  # noqa: BLE001 - whatever it is, the test is to show it
        results.put(repr(error))
        barrier.abort()


def test_processes_share_one_file(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(3), context.Queue()
    processes = [context.Process(target=_encode_at_once, args=(str(tmp_path), i, barrier, results)) for i in range(3)]
    for process in processes:
        process.start()
    assert [results.get(timeout=120) for _ in processes] == ["done"] * 3
    for process in processes:
        process.join(timeout=60)
        assert process.exitcode == 0
    assert not list(tmp_path.glob("*.damaged"))
    # what one of them encoded all others find
    encoder = FakeEncoder()
    with VectorCache(tmp_path / "0.sqlite", 32) as cache:
        encode_sentences(SENTENCES[:3_000], encoder, cache)
    assert encoder.encoded == []
