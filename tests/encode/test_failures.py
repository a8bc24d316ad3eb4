"""Too little memory halves the batch, a GPU that fails leaves the work to the CPU, nothing else is hidden."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from fakes import DIMENSION, FakeEncoder

from dedup.encode import transformer
from dedup.encode.failures import is_device_failure, is_out_of_memory
from dedup.encode.transformer import TransformerEncoder
from dedup.errors import EncoderError

SENTENCES = [f"sentence {i} of the news" for i in range(50)]
CPU = "[enforce fail at alloc_cpu.cpp:121] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"
GPU = "CUDA error: unspecified launch failure\nCUDA kernel errors might be asynchronously reported"


class Model:
    """What sentence-transformers loads, in front of the fake encoder; ``fail`` may raise for a batch."""

    tokenizer = None
    prompts: dict[str, str] = {}  # noqa: RUF012 - as the real one
    default_prompt_name = None

    def __init__(self, device: str, fail: Callable[[Model, int], None]) -> None:
        self.device, self._fail = device, fail
        self.batches: list[int] = []

    def to(self, precision: Any) -> Model:
        self.precision = precision
        return self

    def eval(self) -> Model:
        return self

    def get_embedding_dimension(self) -> int:
        return DIMENSION

    def encode(self, texts: Sequence[str], **options: Any) -> Any:
        self._fail(self, len(texts))
        self.batches.append(len(texts))
        return torch.from_numpy(FakeEncoder().encode(texts))


Loaded = list[Model]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[TransformerEncoder, Loaded]]:
    def make(
        fail: Callable[[Model, int], None], device: str = "cpu", load: Callable[[str], None] = lambda device: None
    ) -> tuple[TransformerEncoder, Loaded]:
        loaded: Loaded = []

        def load_model(source: str, device: str) -> Model:
            load(device)
            loaded.append(Model(device, fail))
            return loaded[-1]

        monkeypatch.setattr(transformer, "load_model", load_model)
        return TransformerEncoder("some/model", prompt="", precision="float16", device=device), loaded

    return make


def expected() -> Any:
    return FakeEncoder().encode(SENTENCES)


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA out of memory. Tried 9 GiB."), RuntimeError(CPU), MemoryError()], ids=repr
)
def test_a_batch_is_halved_until_it_fits(failing: Any, error: Exception) -> None:
    def fail(model: Model, size: int) -> None:
        if size > 7:
            raise error

    encoder, loaded = failing(fail)
    np.testing.assert_allclose(encoder.encode(SENTENCES), expected(), atol=1e-6)
    assert sum(loaded[0].batches) == len(SENTENCES)
    assert max(loaded[0].batches) <= 7
    # later batches begin small enough: what was too much is not tried again and again
    before = encoder._batch_share
    assert before < 1
    encoder.encode(SENTENCES[:7])
    assert encoder._batch_share == before


def test_memory_for_not_even_one_sentence_is_told(failing: Any) -> None:
    def fail(model: Model, size: int) -> None:
        raise RuntimeError(CPU)

    encoder, _ = failing(fail)
    with pytest.raises(EncoderError, match="memory is too little to encode one sentence"):
        encoder.encode(SENTENCES)


def test_a_gpu_that_fails_midway_is_left(failing: Any, caplog: pytest.LogCaptureFixture) -> None:
    def fail(model: Model, size: int) -> None:
        if model.device == "cuda" and len(model.batches) == 1:
            raise RuntimeError(GPU)

    encoder, loaded = failing(fail, "cuda")
    encoder._batch_share = 1 / 4_096  # a batch for each 8 sentences
    settings = encoder.settings
    with caplog.at_level(logging.WARNING):
        np.testing.assert_allclose(encoder.encode(SENTENCES), expected(), atol=1e-6)
    assert [model.device for model in loaded] == ["cuda", "cpu"]
    assert [model.precision for model in loaded] == [torch.float16, torch.float32]
    assert encoder.device == "cpu"
    assert encoder.settings == settings  # vectors that are kept are known by it
    assert caplog.messages == [
        "cuda fails (CUDA error: unspecified launch failure); the CPU goes on, which takes longer"
    ]


def test_a_gpu_without_memory_for_one_sentence_is_left(failing: Any) -> None:
    def fail(model: Model, size: int) -> None:
        if model.device == "cuda":
            raise torch.OutOfMemoryError("CUDA out of memory.")

    encoder, loaded = failing(fail, "cuda")
    np.testing.assert_allclose(encoder.encode(SENTENCES), expected(), atol=1e-6)
    assert [model.device for model in loaded] == ["cuda", "cpu"]


def test_a_gpu_that_cannot_take_the_model_is_left(failing: Any) -> None:
    def load(device: str) -> None:
        if device == "cuda":
            raise EncoderError("cannot load the model") from RuntimeError("CUDA error: out of memory")

    encoder, loaded = failing(lambda model, size: None, "cuda", load)
    np.testing.assert_allclose(encoder.encode(SENTENCES), expected(), atol=1e-6)
    assert [model.device for model in loaded] == ["cpu"]


def test_a_model_that_is_no_model_is_not_tried_on_the_cpu(failing: Any) -> None:
    tried: list[str] = []

    def load(device: str) -> None:
        tried.append(device)
        raise EncoderError("cannot load the model") from OSError("no such folder")

    encoder, _ = failing(lambda model, size: None, "cuda", load)
    with pytest.raises(EncoderError, match="cannot load the model"):
        encoder.encode(SENTENCES)
    assert tried == ["cuda"]


@pytest.mark.parametrize("error", [ValueError("no"), RuntimeError("shapes do not fit"), RuntimeError(GPU)], ids=repr)
def test_other_errors_are_not_hidden(failing: Any, error: Exception) -> None:
    def fail(model: Model, size: int) -> None:
        raise error

    encoder, _ = failing(fail)
    with pytest.raises(type(error)):
        encoder.encode(SENTENCES)


def test_kinds_are_told_apart() -> None:
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
    assert not is_out_of_memory(RuntimeError(GPU))
    assert is_device_failure(RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"))
    assert not is_device_failure(RuntimeError(CPU))
    assert not is_device_failure(OSError("CUDA error"))
