"""The fast encoder: one vector a word piece, summed. No network is run, so a sentence costs next to nothing.

Trained by ``scripts/train_fast_encoder.py`` to give the bundled model's vectors as nearly as a sum can; compare
model2vec (Tulkens & van Dongen 2024) and StaticEmbedding of sentence-transformers. How frequent a piece is has gone
into the length of its vector.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.encode.base import Vectors
from dedup.errors import EncoderError

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

__all__ = ["FAST_FOLDER", "FAST_MODEL", "StaticEncoder"]

FAST_MODEL = "dedup-fast"
FAST_FOLDER = Path(__file__).resolve().parent.parent / "data" / "fast"

_WEIGHTS = "model.safetensors"
_TOKENIZER = "tokenizer.json"
_SHA256 = {
    _WEIGHTS: "de3cababd93e9746f04a2f6cf796c6d737e5dbd3674c243398d2d756273f9120",
    _TOKENIZER: "b5a2a705ce2152b50172f588541a13433107b984fb63f7f8c485f0e97a855d0c",
}
"""Of the files that come with the package: checked before they are parsed."""
_MAX_TOKENS = 96
_MOST_CHARACTERS = _MAX_TOKENS * 40
_SENTENCES_AT_ONCE = 4_096


class _Pieces(NamedTuple):
    vectors: npt.NDArray[np.float32]
    """float32 ``[pieces, dimension]``."""
    unknown: int
    """The piece that stands for whatever is in none."""
    length: float
    """Of the vector of a word that no piece knows."""


class StaticEncoder:
    """An encoder whose sentence vector is the direction of the sum of its pieces' vectors.

    Row by row, in the order of the pieces: a sentence has the same vector in every batch, to the last bit. A word in a
    script that the pieces do not know gets a direction of its own, drawn by its hash, so that texts in any language are
    alike as far as they share words.

    Args:
        folder: Holds ``model.safetensors`` with ``codes`` (int8 ``[pieces, dimension]``) and ``scales`` (float32
            ``[pieces]``), and ``tokenizer.json`` of the tokenizers library. The default is what comes with the package.
    """

    uses_gpu = False

    def __init__(self, folder: Path = FAST_FOLDER) -> None:
        self._folder = folder

    @property
    def model(self) -> str:
        """Name of the model: for a folder its last part."""
        return FAST_MODEL if self._folder == FAST_FOLDER else self._folder.resolve().name

    @cached_property
    def revision(self) -> str:
        """Hash of pieces and vectors."""
        digest = hashlib.blake2b(digest_size=6)
        for name in (_WEIGHTS, _TOKENIZER):
            digest.update(hashlib.blake2b(self._bytes(name)).digest())
        return digest.hexdigest()

    @property
    def settings(self) -> str:
        """The cut as one line."""
        return json.dumps({"max_tokens": _MAX_TOKENS})

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._pieces.vectors.shape[1])

    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Return float32 ``[len(sentences), dimension]``, unit rows."""
        vectors = np.empty((len(sentences), self.dimension), np.float32)
        for start in range(0, len(sentences), _SENTENCES_AT_ONCE):
            some = [_readable(sentence) for sentence in sentences[start : start + _SENTENCES_AT_ONCE]]
            vectors[start : start + len(some)] = self._sums(some)
        norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
        unit: Vectors = vectors / np.maximum(norms, np.float32(1e-12))
        return unit

    def _sums(self, sentences: Sequence[str]) -> Vectors:
        encoded = self._tokenizer.encode_batch_fast(sentences, add_special_tokens=False)
        ids = [one.ids for one in encoded]
        counts = np.array([len(some) for some in ids])
        flat = np.fromiter((piece for some in ids for piece in some), np.int64, int(counts.sum()))
        sums = _summed(flat, counts, self._pieces.vectors)
        unknown = np.unique(np.repeat(np.arange(len(sentences)), counts)[flat == self._pieces.unknown])
        foreign = unknown.tolist()
        for row, one in zip(
            foreign,
            self._tokenizer.encode_batch([sentences[row] for row in foreign], add_special_tokens=False),
            strict=True,
        ):
            sums[row] += self._foreign_words(sentences[row], one)
        for row in np.flatnonzero(~sums.any(axis=1)).tolist():
            sums[row] = self._direction(sentences[row])
        return sums

    def _foreign_words(self, sentence: str, encoded: Encoding) -> Vectors:
        """Return the sum of the directions of what no piece knows: float32 ``[dimension]``."""
        unknown = self._pieces.unknown
        words = [
            sentence[start:end].strip().casefold()
            for piece, (start, end) in zip(encoded.ids, encoded.offsets, strict=True)
            if piece == unknown
        ]
        total: Vectors = np.sum([self._direction(word) for word in words if word] or [np.zeros(self.dimension)], axis=0)
        return total.astype(np.float32)

    def _direction(self, word: str) -> npt.NDArray[np.float64]:
        digest = hashlib.shake_128(word.encode()).digest(self.dimension)
        drawn = np.frombuffer(digest, np.uint8).astype(np.float64) - 127.5
        return drawn * (self._pieces.length / np.linalg.norm(drawn))

    @cached_property
    def _pieces(self) -> _Pieces:
        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            tensors = load(self._bytes(_WEIGHTS))
            codes, scales = tensors["codes"], tensors["scales"]
        except (SafetensorError, KeyError) as error:
            raise EncoderError(
                f"{self._folder / _WEIGHTS} holds no vectors of pieces ({error}); install the package again"
            ) from error
        vectors = codes.astype(np.float32) * scales.astype(np.float32)[:, None]
        unknown = self._tokenizer.token_to_id("<unk>")
        if unknown is None or self._tokenizer.get_vocab_size() != len(vectors):
            raise EncoderError(f"{self._folder} holds vectors and pieces that do not belong together")
        vectors[unknown] = 0
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
        return _Pieces(vectors=vectors, unknown=unknown, length=float(np.median(lengths)))

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_buffer(self._bytes(_TOKENIZER))
        except ValueError as error:
            raise EncoderError(
                f"{self._folder / _TOKENIZER} is damaged ({error}); install the package again"
            ) from error
        tokenizer.enable_truncation(_MAX_TOKENS)
        return tokenizer

    def _bytes(self, name: str) -> bytes:
        path = self._folder / name
        try:
            data = path.read_bytes()
        except OSError as error:
            raise EncoderError(f"cannot read {path}: {error.strerror}; install the package again") from error
        if self._folder == FAST_FOLDER and (found := hashlib.sha256(data).hexdigest()) != _SHA256[name]:
            raise EncoderError(
                f"{path} has SHA-256 {found}, expected {_SHA256[name]}: damaged or changed; install the package again"
            )
        return data


def _summed(pieces: npt.NDArray[np.int64], counts: npt.NDArray[np.int64], vectors: Vectors) -> Vectors:
    """Return the sum of the vectors of each run of ``counts`` pieces, added one after the other: float32."""
    from scipy.sparse import csr_array

    ends = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    chosen = csr_array((np.ones(len(pieces), np.float32), pieces, ends), shape=(len(counts), len(vectors)))
    sums: Vectors = chosen @ vectors
    return sums


def _readable(sentence: str) -> str:
    """Cut what is cut off anyway, and replace halves of surrogate pairs, which the tokenizer refuses."""
    return sentence[:_MOST_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
