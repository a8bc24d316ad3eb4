from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_model import TinyModel

from dedup.encode import bert
from dedup.encode.base import Vectors
from dedup.encode.bundled import write_model_folder
from dedup.encode.model_file import read_model_file
from dedup.encode.transformer import TransformerEncoder, _cpu_computes_bfloat16

pytestmark = pytest.mark.skipif(not _cpu_computes_bfloat16(), reason="this CPU has no units for bfloat16")

# from one token to more than the 96 that are read, in two scripts
SENTENCES = [" ".join([word] * count) for count in (*range(40), 60, 95, 120) for word in ("news", "خبر")]


@pytest.fixture(scope="module")
def encoder() -> TransformerEncoder:
    """The bundled model."""
    return TransformerEncoder(device="cpu", precision="bfloat16")


@pytest.fixture(scope="module")
def together(encoder: TransformerEncoder) -> Vectors:
    return encoder.encode(SENTENCES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sentence-transformers folder with a tiny BERT."""
    file = tmp_path / "tiny.bin"
    file.write_bytes(TinyModel(seed=1).packed())
    made = tmp_path / "tiny-model"
    made.mkdir()
    write_model_folder(read_model_file(file), made)
    return made


def least_cosine(one: Vectors, other: Vectors) -> float:
    return float((one * other).sum(axis=1).min())


def test_the_bundled_model_is_computed_so(encoder: TransformerEncoder, together: Vectors) -> None:
    assert isinstance(encoder._fused, bert.FusedBert)
    assert together.shape == (len(SENTENCES), 384)


def test_vectors_are_those_of_the_modules_in_float32(encoder: TransformerEncoder, together: Vectors) -> None:
    full = TransformerEncoder(device="cpu", precision="float32")
    assert full._fused is None
    assert least_cosine(together, full.encode(SENTENCES)) > 0.9995


@settings(max_examples=10, deadline=None)
@given(chosen=st.lists(st.integers(0, len(SENTENCES) - 1), min_size=1, max_size=60))
def test_a_vector_does_not_depend_on_what_it_is_computed_with(
    encoder: TransformerEncoder, together: Vectors, chosen: list[int]
) -> None:
    np.testing.assert_array_equal(encoder.encode([SENTENCES[one] for one in chosen]), together[chosen])


def test_nor_on_the_size_of_a_batch(
    encoder: TransformerEncoder, together: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.encode.transformer._BATCH_TOKENS", {"bfloat16": 300})
    np.testing.assert_array_equal(encoder.encode(SENTENCES), together)


def test_another_bert_of_the_kind_is_computed_so_too(folder: Path) -> None:
    fused, plain = (TransformerEncoder(str(folder), device="cpu", precision="bfloat16") for _ in range(2))
    plain.__dict__["_fused"] = None
    assert least_cosine(fused.encode(SENTENCES), plain.encode(SENTENCES)) > 0.999
    assert fused._fused is not None


def test_one_that_takes_the_first_token_is_computed_by_its_modules(folder: Path) -> None:
    pooling = folder / "1_Pooling" / "config.json"
    kept = json.loads(pooling.read_text())
    pooling.write_text(json.dumps(kept | {"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}))
    first = TransformerEncoder(str(folder), device="cpu", precision="bfloat16")
    full = TransformerEncoder(str(folder), device="cpu", precision="float32")
    assert least_cosine(first.encode(SENTENCES), full.encode(SENTENCES)) > 0.99
    assert first._fused is None


def test_one_with_another_activation_is_computed_by_its_modules(folder: Path) -> None:
    config = folder / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"hidden_act": "relu"}))
    other = TransformerEncoder(str(folder), device="cpu", precision="bfloat16")
    full = TransformerEncoder(str(folder), device="cpu", precision="float32")
    assert least_cosine(other.encode(SENTENCES), full.encode(SENTENCES)) > 0.99


def test_without_what_it_needs_of_torch_the_modules_compute(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("mkldnn_linear_pointwise: not on this machine\nmore")

    monkeypatch.setattr(bert, "_linear", refuse)
    encoder = TransformerEncoder(str(folder), device="cpu", precision="bfloat16")
    with caplog.at_level(logging.INFO):
        vectors = encoder.encode(SENTENCES)
    assert encoder._fused is None
    assert np.isfinite(vectors).all()
    assert "computed module by module: mkldnn_linear_pointwise: not on this machine" in caplog.text
