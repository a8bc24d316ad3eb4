from __future__ import annotations

import itertools
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import StoreDamagedError, StoreError
from dedup.store import segments as segments_module
from dedup.store.segments import ArticleVectors, Place, Segments

DIMENSION = 8


def vectors(seed: int, sentences: int) -> ArticleVectors:
    dice = np.random.default_rng(seed)
    return ArticleVectors(
        document=dice.normal(size=DIMENSION).astype(np.float32),
        codes=dice.integers(-127, 128, (sentences, DIMENSION), np.int8),
        scales=dice.random(sentences, np.float32),
        weights=dice.random(sentences, np.float32),
    )


def same(one: ArticleVectors, other: ArticleVectors) -> bool:
    return all(
        getattr(one, name).dtype == getattr(other, name).dtype
        and np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("document", "codes", "scales", "weights")
    )


def end(segments: Segments, places: list[Place]) -> dict[int, int]:
    return {place.segment: place.place + segments.size(place.sentences) for place in places}


@given(st.lists(st.integers(0, 5), max_size=12), st.integers(0, 12), st.sampled_from([1, 200, 1 << 20]))
def test_what_is_written_is_read(sentences: list[int], first: int, most: int) -> None:
    written = [vectors(number, count) for number, count in enumerate(sentences)]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments_module, "_MOST_BYTES", most)
        segments = Segments(Path(folder, "vectors"), DIMENSION)
        places = segments.append(written[:first], {})
        places += segments.append(written[first:], end(segments, places))
        for reader in (segments, Segments(Path(folder, "vectors"), DIMENSION)):
            for place, one in zip(places, written, strict=True):
                assert same(reader.read(place), one)
                assert np.array_equal(reader.document(place), one.document)
                assert reader.is_whole(place)
            reader.close()
        # none is on top of another, and a file is no larger than it has to be
        taken = sorted((place.segment, place.place, place.place + segments.size(place.sentences)) for place in places)
        for (a, _, stop), (b, start, _) in itertools.pairwise(taken):
            assert a < b or stop <= start
        assert segments.numbers() == sorted({place.segment for place in places})


def test_the_layout_is_as_it_is_told(tmp_path: Path) -> None:
    segments = Segments(tmp_path / "vectors", DIMENSION)
    one = vectors(1, 2)
    (place,) = segments.append([one], {})
    content = (tmp_path / "vectors" / "000001.vec").read_bytes()
    assert content[:16] == b"DEDUPVEC" + (1).to_bytes(4, "little") + DIMENSION.to_bytes(4, "little")
    record = content[16:]
    floats = [values.astype("<f4").tobytes() for values in (one.document, one.scales, one.weights)]
    assert record == floats[0] + one.codes.tobytes() + floats[1] + floats[2]
    assert place == Place(segment=1, place=16, sentences=2, checksum=zlib.crc32(record))
    assert segments.size(2) == len(record)


def test_what_was_never_acknowledged_is_written_over(tmp_path: Path) -> None:
    segments = Segments(tmp_path / "vectors", DIMENSION)
    kept = segments.append([vectors(1, 3)], {})
    segments.append([vectors(2, 5), vectors(3, 5)], end(segments, kept))
    places = kept + segments.append([vectors(4, 1)], end(segments, kept))
    assert same(segments.read(places[0]), vectors(1, 3))
    assert same(segments.read(places[1]), vectors(4, 1))
    assert segments.path(1).stat().st_size == end(segments, places)[1]


def test_who_has_a_segment_mapped_sees_what_is_added(tmp_path: Path) -> None:
    writer, reader = Segments(tmp_path / "vectors", DIMENSION), Segments(tmp_path / "vectors", DIMENSION)
    (one,) = writer.append([vectors(1, 1)], {})
    assert same(reader.read(one), vectors(1, 1))
    (two,) = writer.append([vectors(2, 9)], end(writer, [one]))
    assert same(reader.read(two), vectors(2, 9))
    writer.delete(1)
    assert same(reader.read(one), vectors(1, 1))
    reader.forget_all_but([])
    with pytest.raises(StoreDamagedError, match="repair the store"):
        reader.read(one)


def test_a_segment_of_another_dimension_is_refused(tmp_path: Path) -> None:
    (place,) = Segments(tmp_path / "vectors", DIMENSION).append([vectors(1, 1)], {})
    other = Segments(tmp_path / "vectors", DIMENSION // 2)
    with pytest.raises(StoreDamagedError, match="does not begin"):
        other.read(place)
    assert not other.is_whole(place)


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "vectors").write_text("")
    with pytest.raises(StoreError, match="do it again"):
        Segments(tmp_path / "vectors", DIMENSION).append([vectors(1, 1)], {})
