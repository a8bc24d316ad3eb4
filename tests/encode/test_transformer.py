from __future__ import annotations

import itertools
import json
import pickle
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_model import HIDDEN, TinyModel

from dedup.encode.base import Encoder
from dedup.encode.bundled import BUNDLED_MODEL, BUNDLED_REVISION, write_model_folder
from dedup.encode.model_file import read_model_file
from dedup.encode.transformer import TransformerEncoder, token_batches
from dedup.errors import EncoderError, SettingsError

SENTENCES = ["news of the day", "the news", "", "خبر تهران", "of " * 60, "12:30", "q"]
LONGER = [*SENTENCES, *(f"{word} {i} " * (i % 9 + 1) for i in range(60) for word in ("news", "خبر", "day"))]


def make_folder(path: Path, seed: int = 1) -> Path:
    file = path.with_suffix(".bin")
    file.write_bytes(TinyModel(seed=seed).packed())
    path.mkdir()
    write_model_folder(read_model_file(file), path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder with a tiny BERT."""
    return make_folder(tmp_path_factory.mktemp("models") / "tiny-model")


@pytest.fixture(scope="module")
def encoder(folder: Path) -> TransformerEncoder:
    return TransformerEncoder(str(folder), device="cpu", precision="float32")


class TestEncode:
    def test_vectors_are_unit_rows_in_the_order_of_the_sentences(self, encoder: TransformerEncoder) -> None:
        vectors = encoder.encode(SENTENCES)
        assert vectors.dtype == np.float32
        assert vectors.shape == (len(SENTENCES), HIDDEN) == (len(SENTENCES), encoder.dimension)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        for sentence, vector in zip(SENTENCES, vectors, strict=True):
            np.testing.assert_allclose(encoder.encode([sentence])[0], vector, atol=1e-5)

    def test_they_are_those_of_sentence_transformers(self, encoder: TransformerEncoder, folder: Path) -> None:
        from sentence_transformers import SentenceTransformer

        expected = SentenceTransformer(str(folder), device="cpu").encode(SENTENCES, prompt="query: ")
        np.testing.assert_allclose(encoder.encode(SENTENCES), expected, atol=1e-5)

    def test_no_sentences_give_no_vectors(self, encoder: TransformerEncoder) -> None:
        assert encoder.encode([]).shape == (0, HIDDEN)

    def test_many_batches_are_put_together_right(self, encoder: TransformerEncoder) -> None:
        many = [f"{word} {i}" for i in range(120) for word in ("news", "the day of the news of the day")]
        vectors = encoder.encode(many)
        backwards = encoder.encode(many[::-1])[::-1]
        np.testing.assert_allclose(vectors, backwards, atol=1e-5)

    def test_a_sentence_is_cut_after_its_tokens(self, folder: Path) -> None:
        short = TransformerEncoder(str(folder), device="cpu", precision="float32", max_tokens=8)
        head, longer = short.encode(["day the day of news the", "day the day of news the news of the day"])
        assert head @ longer > 0.999
        full = TransformerEncoder(str(folder), device="cpu", precision="float32")
        head, longer = full.encode(["day the day of news the", "day the day of news the news of the day"])
        assert head @ longer < 0.999

    def test_a_megabyte_without_a_stop_costs_no_more_than_a_sentence(self, encoder: TransformerEncoder) -> None:
        start = time.perf_counter()
        vectors = encoder.encode(["the day " * 1_000_000, "x" * 5_000_000, "the day " * 100])
        assert time.perf_counter() - start < 5
        np.testing.assert_allclose(vectors[0], vectors[2], atol=1e-5)

    def test_lone_surrogates_and_controls_are_no_error(self, encoder: TransformerEncoder) -> None:
        assert np.isfinite(encoder.encode(["\ud800 half a pair", "\x00\x07", "\u200f", "🙂"])).all()

    @pytest.mark.parametrize("precision", ["bfloat16", "float16"])
    def test_half_precision_gives_unit_rows_near_the_full_ones(
        self, precision: str, encoder: TransformerEncoder, folder: Path
    ) -> None:
        half = TransformerEncoder(str(folder), device="cpu", precision=precision).encode(SENTENCES)
        assert half.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(half, axis=1), 1, atol=1e-5)
        assert (half * encoder.encode(SENTENCES)).sum(axis=1).min() > 0.99


class TestTokenizedOnce:
    @pytest.fixture
    def twice(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> TransformerEncoder:
        """An encoder whose model does not take tokens."""
        encoder = TransformerEncoder(str(folder), device="cpu", precision="float32", max_tokens=20)
        encoder.__dict__["_takes_tokens"] = False
        return encoder

    def test_vectors_are_those_of_the_models_own_encode(
        self, twice: TransformerEncoder, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        once = TransformerEncoder(str(folder), device="cpu", precision="float32", max_tokens=20)
        np.testing.assert_allclose(once.encode(LONGER), twice.encode(LONGER), rtol=0, atol=1e-6)
        assert once._takes_tokens
        assert not caplog.records

    def test_a_text_is_tokenized_once(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        encoder = TransformerEncoder(str(folder), device="cpu", precision="float32")
        encoder.encode(["the first time also tries how"])
        tokenizer = type(encoder._ready.tokenizer)
        seen, real = [], tokenizer._encode_plus

        def counted(self: object, text: object, *arguments: object, **named: object) -> object:
            seen.append(text)
            return real(self, text, *arguments, **named)

        monkeypatch.setattr(tokenizer, "_encode_plus", counted)
        encoder.encode(SENTENCES)
        assert len(seen) == 1

    def test_a_model_that_makes_something_else_of_tokens_gets_texts(
        self, twice: TransformerEncoder, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        odd = TransformerEncoder(str(folder), device="cpu", precision="float32", max_tokens=20)
        monkeypatch.setattr(odd, "_vectors_of_tokens", lambda tokens: np.ones((len(tokens["input_ids"]), HIDDEN)))
        np.testing.assert_array_equal(odd.encode(SENTENCES), twice.encode(SENTENCES))

        def refuse(tokens: object) -> None:
            raise KeyError("sentence_embedding")

        odd = TransformerEncoder(str(folder), device="cpu", precision="float32", max_tokens=20)
        monkeypatch.setattr(odd, "_vectors_of_tokens", refuse)
        np.testing.assert_array_equal(odd.encode(SENTENCES), twice.encode(SENTENCES))

    def test_a_static_model_of_sentence_transformers_has_no_such_tokenizer(self, tmp_path: Path) -> None:
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import StaticEmbedding
        from tokenizers import Tokenizer, models, pre_tokenizers

        tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "news": 1, "day": 2, "the": 3}, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        weights = np.random.default_rng(1).normal(size=(4, 8)).astype(np.float32)
        model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=weights)], device="cpu")
        model.save(str(tmp_path / "static"))
        encoder = TransformerEncoder(str(tmp_path / "static"), device="cpu", precision="float32", prompt="")
        texts = ["the news", "day " * 200, "", "the day of the news"]
        expected = model.encode(texts)
        expected /= np.maximum(np.linalg.norm(expected, axis=1, keepdims=True), 1e-12)
        np.testing.assert_allclose(encoder.encode(texts), expected, atol=1e-6)


class TestIdentity:
    def test_it_is_an_encoder(self, encoder: TransformerEncoder) -> None:
        assert isinstance(encoder, Encoder)

    def test_moving_a_folder_changes_nothing(self, encoder: TransformerEncoder, folder: Path, tmp_path: Path) -> None:
        moved = TransformerEncoder(str(shutil.copytree(folder, tmp_path / "tiny-model")), precision="float32")
        assert moved.model == encoder.model == "tiny-model"
        assert moved.revision == encoder.revision
        assert moved.settings == encoder.settings

    def test_other_weights_are_another_revision(self, encoder: TransformerEncoder, tmp_path: Path) -> None:
        other = TransformerEncoder(str(make_folder(tmp_path / "tiny-model", seed=2)))
        assert other.model == encoder.model
        assert other.revision != encoder.revision

    def test_the_bundled_model_is_named_without_loading_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DEDUP_CACHE", str(tmp_path))
        encoder = TransformerEncoder()
        assert (encoder.model, encoder.revision, encoder.dimension) == (BUNDLED_MODEL, BUNDLED_REVISION, 384)
        assert encoder.prompt == "query: "
        assert list(tmp_path.iterdir()) == []

    def test_settings_name_everything_that_changes_vectors(self, folder: Path) -> None:
        def settings_of(prompt: str | None = None, max_tokens: int = 96, precision: str = "float32") -> str:
            return TransformerEncoder(str(folder), prompt=prompt, max_tokens=max_tokens, precision=precision).settings

        variants = {
            settings_of(),
            settings_of(prompt=""),
            settings_of(max_tokens=64),
            settings_of(precision="bfloat16"),
        }
        assert len(variants) == 4
        assert all("\n" not in line for line in variants)

    def test_auto_precision_is_settled(self, folder: Path) -> None:
        encoder = TransformerEncoder(str(folder), device="cpu")
        assert encoder.precision in {"float32", "bfloat16"}
        assert "auto" not in encoder.settings

    def test_the_models_own_prompt_is_used_unless_another_is_given(self, folder: Path, tmp_path: Path) -> None:
        assert TransformerEncoder(str(folder)).prompt == "query: "
        assert TransformerEncoder(str(folder), prompt="").prompt == ""

        def prompt_of(name: str, prompts: dict[str, object]) -> str:
            copy = shutil.copytree(folder, tmp_path / name)
            (copy / "config_sentence_transformers.json").write_text(json.dumps(prompts))
            return TransformerEncoder(str(copy)).prompt

        assert prompt_of("plain", {"prompts": {}}) == ""
        assert prompt_of("default", {"prompts": {"sts": "similar: "}, "default_prompt_name": "sts"}) == "similar: "
        # E5 models publish no prompts in their files and need one
        assert prompt_of("multilingual-e5-tiny", {"prompts": {}}) == "query: "


class TestElsewhere:
    def test_another_machine_gets_neither_model_nor_device_and_what_names_the_vectors(self, tmp_path: Path) -> None:
        here = TransformerEncoder(str(make_folder(tmp_path / "tiny")), precision="float32")
        vectors = here.encode(SENTENCES)
        assert here.device == "cpu"
        # as if this one had a device that the other may lack
        vars(here)["device"] = "cuda"
        named = here.model, here.revision, here.settings
        sent = pickle.dumps(here)
        assert len(sent) < 2_000
        there = pickle.loads(sent)
        assert "device" not in vars(there)
        assert (there.model, there.revision, there.settings) == named
        np.testing.assert_array_equal(there.encode(SENTENCES), vectors)

    def test_it_says_whether_it_has_a_use_for_a_gpu(self) -> None:
        assert TransformerEncoder().uses_gpu
        assert TransformerEncoder(device="cuda").uses_gpu
        assert not TransformerEncoder(device="cpu").uses_gpu


class TestErrors:
    @pytest.mark.parametrize("precision", ["fp8", "", "AUTO"])
    def test_an_unknown_precision(self, precision: str) -> None:
        with pytest.raises(SettingsError, match="use one of auto, float32"):
            TransformerEncoder(precision=precision)

    def test_too_few_tokens(self) -> None:
        with pytest.raises(SettingsError, match="max_tokens is 3; use 8 or more"):
            TransformerEncoder(max_tokens=3)

    def test_a_model_that_is_nowhere(self, tmp_path: Path) -> None:
        with pytest.raises(EncoderError, match=r"cannot load the model 'no-such/model'.*'bundled'"):
            TransformerEncoder("no-such/model").encode(["a"])
        with pytest.raises(EncoderError, match="cannot load the model"):
            TransformerEncoder(str(tmp_path)).encode(["a"])

    def test_weights_cut_short(self, folder: Path, tmp_path: Path) -> None:
        copy = shutil.copytree(folder, tmp_path / "cut")
        weights = copy / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:1000])
        with pytest.raises(EncoderError, match="cannot load the model"):
            TransformerEncoder(str(copy)).encode(["a"])

    def test_pickled_weights_are_refused(self, folder: Path, tmp_path: Path) -> None:
        import torch

        copy = shutil.copytree(folder, tmp_path / "pickled")
        (copy / "model.safetensors").unlink()
        torch.save({}, copy / "pytorch_model.bin")
        with pytest.raises(EncoderError, match="safetensors"):
            TransformerEncoder(str(copy)).encode(["a"])


@given(st.lists(st.integers(1, 60), max_size=60), st.integers(1, 200))
def test_batches_hold_every_position_once_within_the_budget(lengths: list[int], budget: int) -> None:
    batches = list(token_batches(lengths, budget))
    assert sorted(position for batch in batches for position in batch) == list(range(len(lengths)))
    assert all(batches)
    for batch in batches:
        padded = len(batch) * max(lengths[position] for position in batch)
        assert padded <= budget or len(batch) == 1
    ordered = [lengths[position] for batch in batches for position in batch]
    assert ordered == sorted(ordered)
    # greedy: no two neighbours could have been one
    for one, two in itertools.pairwise(batches):
        assert (len(one) + 1) * lengths[two[0]] > budget
