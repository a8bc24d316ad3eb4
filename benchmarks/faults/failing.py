"""A transformer that fails as GPUs and allocators do, and else gives the fast encoder's vectors."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from dedup.encode.static import StaticEncoder
from dedup.encode.transformer import TransformerEncoder
from dedup.errors import EncoderError

__all__ = ["FAILURES", "FailingEncoder", "put_in_place"]

FAILURES = ("gpu-memory", "cpu-memory", "no-memory", "gpu-fails", "gpu-load")
_MOST = 16
"""Sentences that there is memory for."""
_THIRD = 3
_CPU = "[enforce fail at alloc_cpu.cpp:121] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
_FAILURE = "CUDA error: unspecified launch failure\nCUDA kernel errors might be asynchronously reported"
_Static = StaticEncoder


class _Model:
    """What sentence-transformers would load."""

    tokenizer = None
    prompts: dict[str, str] = {}  # noqa: RUF012 - as the real one
    default_prompt_name = None

    def __init__(self, how: str, device: str) -> None:
        self._how, self.device, self._batches = how, device, 0
        self._real = _Static()

    def to(self, _: Any) -> _Model:
        return self

    def eval(self) -> _Model:
        return self

    def get_embedding_dimension(self) -> int:
        return self._real.dimension

    def encode(self, texts: Sequence[str], **_: Any) -> Any:
        """Return the vectors as a tensor, or fail."""
        import torch

        self._batches += 1
        if self._how == "gpu-memory" and len(texts) > _MOST:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9.00 GiB.")
        if self._how == "no-memory" or (self._how == "cpu-memory" and len(texts) > _MOST):
            raise RuntimeError(_CPU)
        if self._how == "gpu-fails" and self.device != "cpu" and self._batches == _THIRD:
            raise RuntimeError(_FAILURE)
        return torch.from_numpy(np.array(self._real.encode(texts)))


class FailingEncoder(TransformerEncoder):
    """Takes the fast encoder's name, so that its calibration fits."""

    def __init__(self, how: str) -> None:
        gpu = how.startswith("gpu")
        super().__init__(prompt="", precision="float32", device="cuda" if gpu else "cpu")
        self._static = _Static()
        self._batch_share = 1 / 16  # so that a few articles make several batches

    model = property(lambda self: self._static.model)
    revision = property(lambda self: self._static.revision)
    settings = property(lambda self: self._static.settings)
    dimension = property(lambda self: self._static.dimension)


def put_in_place(how: str) -> None:
    """Have the command line take it for the fast encoder."""
    static: Any = importlib.import_module("dedup.encode.static")
    transformer: Any = importlib.import_module("dedup.encode.transformer")

    def load(source: str, device: str) -> Any:
        if how == "gpu-load" and device != "cpu":
            cause = RuntimeError("CUDA error: out of memory")
            raise EncoderError(f"cannot load the model {source!r}: {cause}") from cause
        return _Model(how, device)

    transformer.load_model = load
    transformer.bundled_model_folder = lambda: "none"
    static.StaticEncoder = lambda: FailingEncoder(how)
