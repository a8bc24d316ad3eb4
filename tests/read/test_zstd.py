from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zstandard import DICT_TYPE_RAWCONTENT, ZstdCompressionDict, ZstdCompressor

from dedup.errors import InputError
from dedup.read import ReadOptions, ReadReport, read_articles
from dedup.read.lines import BrokenDataError
from dedup.read.zstd import open_zstd

SKIPPED = bytes.fromhex("532a4d1803000000") + b"abc"


def compress(data: bytes) -> bytes:
    return ZstdCompressor(level=3).compress(data)


def lines(*titles: str) -> bytes:
    return "".join(json.dumps({"title": title}) + "\n" for title in titles).encode()


def read(data: bytes) -> bytes:
    return open_zstd(io.BufferedReader(io.BytesIO(data))).read()


@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=5), st.booleans())
def test_frames_follow_one_another(parts: list[bytes], skipped: bool) -> None:
    whole = (SKIPPED if skipped else b"").join(compress(part) for part in parts)
    assert read(whole) == b"".join(parts)


@given(st.data())
def test_a_stream_that_is_cut_is_never_taken_for_whole(data: st.DataObject) -> None:
    frames = [compress(bytes(range(256)) * 9), compress(b"second" * 500)]
    whole = b"".join(frames)
    cut = data.draw(st.integers(1, len(whole) - 1).filter(lambda cut: cut != len(frames[0])))
    with pytest.raises(BrokenDataError):
        read(whole[:cut])


def test_any_format_may_be_compressed_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(compress(lines("1")) + SKIPPED + compress(lines("2")))
    (tmp_path / "b.csv.zst").write_bytes(compress("title;text\n3;x\n".encode("utf-16")))
    (tmp_path / "c.TXT.ZST").write_bytes(compress(b"4\n\nText."))
    report = ReadReport()
    assert [article.title for article in read_articles(tmp_path, report=report)] == ["1", "2", "3", "4"]
    assert report.rejected == 0


@pytest.mark.parametrize("damage", ["cut", "garbled", "followed by something else"])
def test_damage_is_rejected_and_the_next_file_read(tmp_path: Path, damage: str) -> None:
    first, second = compress(lines("1")), compress(lines("2", "3"))
    broken = {"cut": second[:-3], "garbled": b"\x28\xb5\x2f\xfd" + b"\xff" * 30}.get(damage, b"something else")
    (tmp_path / "a.jsonl.zst").write_bytes(first + broken)
    (tmp_path / "b.jsonl").write_bytes(lines("4"))
    report = ReadReport()
    titles = [article.title for article in read_articles(tmp_path, report=report)]
    assert (titles[0], titles[-1]) == ("1", "4")
    assert [reject.reason.partition(":")[0] for reject in report.rejects] == [
        "damaged zstd data, the rest of the file is lost"
    ]


def test_a_small_file_that_would_fill_the_memory_is_read_piece_by_piece(tmp_path: Path) -> None:
    compressor = ZstdCompressor(level=19).compressobj()
    bomb = b"".join(compressor.compress(bytes(1 << 20)) for _ in range(300)) + compressor.flush()
    assert len(bomb) < 40_000
    stream = open_zstd(io.BufferedReader(io.BytesIO(bomb)))
    raw = stream.raw
    most = 0
    while stream.read(1 << 20):
        most = max(most, raw._plain.nbytes)  # type: ignore[attr-defined]  # what it holds is the question
    assert 0 < most <= 1 << 25


def test_a_dictionary_at_the_front_is_used() -> None:
    words = b"Minister opens bridge over the Karun " * 20
    dictionary = ZstdCompressionDict(words, dict_type=DICT_TYPE_RAWCONTENT)
    frames = b"".join(ZstdCompressor(dict_data=dictionary).compress(words[:n]) for n in (200, 300))
    for stored in (words, compress(words)):
        front = b"\x5d\x2a\x4d\x18" + len(stored).to_bytes(4, "little") + stored
        assert read(front + frames) == words[:200] + words[:300]
    with pytest.raises(BrokenDataError, match="its dictionary"):
        read(front[:-1])
    with pytest.raises(BrokenDataError, match="its dictionary has 4294967295 bytes"):
        read(b"\x5d\x2a\x4d\x18\xff\xff\xff\xff" + words)


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jsonl.zst").write_bytes(compress(lines("1")))
    (tmp_path / "b.jsonl").write_bytes(lines("2"))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    message = "^zstd files need the package zstandard, which .*; install it with: pip install 'news-dedup.formats.'$"
    with pytest.raises(InputError, match=message):
        list(read_articles(tmp_path / "a.jsonl.zst", options=ReadOptions()))
    report = ReadReport()
    assert [article.title for article in read_articles(tmp_path, report=report)] == ["2"]
    assert [(Path(reject.file).name, reject.line) for reject in report.rejects] == [("a.jsonl.zst", 0)]
