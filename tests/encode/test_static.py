from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer, models, pre_tokenizers

from dedup.encode import static
from dedup.encode.base import Encoder
from dedup.encode.named import encoder_named
from dedup.encode.static import FAST_FOLDER, FAST_MODEL, StaticEncoder
from dedup.encode.transformer import TransformerEncoder
from dedup.errors import EncoderError, SettingsError

PIECES = ["<unk>", "▁", "▁quake", "▁hits", "▁two", "s", "▁Kerman", "▁goal"]
DIMENSION = 8


def make_folder(path: Path, *, pieces: list[str] = PIECES, rows: int | None = None) -> Path:
    path.mkdir()
    tokenizer = Tokenizer(models.Unigram([(piece, -1.0) for piece in pieces], unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.save(str(path / "tokenizer.json"))
    dice = np.random.default_rng(1)
    codes = dice.integers(-127, 128, (rows or len(pieces), DIMENSION), dtype=np.int8)
    scales = dice.uniform(0.1, 1, rows or len(pieces)).astype(np.float32)
    save_file({"codes": codes, "scales": scales}, path / "model.safetensors")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_folder(tmp_path_factory.mktemp("static") / "tiny")


@pytest.fixture(scope="module")
def encoder(folder: Path) -> StaticEncoder:
    return StaticEncoder(folder)


class TestVectors:
    def test_it_is_an_encoder(self, encoder: StaticEncoder) -> None:
        assert isinstance(encoder, Encoder)
        assert (encoder.model, encoder.dimension) == ("tiny", DIMENSION)

    def test_a_sentence_is_the_direction_of_the_sum_of_its_pieces(self, encoder: StaticEncoder, folder: Path) -> None:
        tensors = load_file(folder / "model.safetensors")
        vectors = tensors["codes"] * tensors["scales"][:, None].astype(np.float64)
        expected = vectors[PIECES.index("▁two")] + vectors[PIECES.index("▁quake")] + vectors[PIECES.index("s")]
        found = encoder.encode(["two quakes"])
        assert found.dtype == np.float32
        np.testing.assert_allclose(found[0], expected / np.linalg.norm(expected), atol=1e-6)

    @given(st.lists(st.text(max_size=40), max_size=12), st.data())
    def test_a_sentence_has_the_same_vector_in_every_batch(
        self, encoder: StaticEncoder, sentences: list[str], data: st.DataObject
    ) -> None:
        together = encoder.encode(sentences)
        assert together.shape == (len(sentences), DIMENSION)
        np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
        order = data.draw(st.permutations(range(len(sentences))))
        for place in order:
            np.testing.assert_array_equal(encoder.encode([sentences[place]])[0], together[place])

    def test_words_in_an_unknown_script_have_directions_of_their_own(self, encoder: StaticEncoder) -> None:
        one, same, shared, other = encoder.encode(["Цунами Япония", "цунами  япония", "Цунами Чили", "Матч отменён"])
        assert one @ same > 0.99
        assert 0.2 < one @ shared < 0.95
        assert abs(one @ other) < one @ shared

    def test_hostile_sentences_get_a_vector_too(self, encoder: StaticEncoder) -> None:
        vectors = encoder.encode(["", " ", "\ud800 quake", "quake " * 500_000, "\x00", "x" * 1_000_000])
        assert np.isfinite(vectors).all()
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


class TestFolder:
    def test_the_revision_is_that_of_the_contents(self, folder: Path, tmp_path: Path) -> None:
        same, other = make_folder(tmp_path / "same"), make_folder(tmp_path / "other", pieces=[*PIECES[:-1], "▁match"])
        assert StaticEncoder(folder).revision == StaticEncoder(same).revision != StaticEncoder(other).revision

    def test_what_is_missing_or_damaged_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(EncoderError, match=r"cannot read .*model\.safetensors"):
            StaticEncoder(tmp_path / "nowhere").encode(["quake"])
        folder = make_folder(tmp_path / "damaged")
        (folder / "model.safetensors").write_bytes(b"no tensors here")
        with pytest.raises(EncoderError, match=r"model\.safetensors holds no vectors"):
            StaticEncoder(folder).encode(["quake"])
        folder = make_folder(tmp_path / "wordless")
        (folder / "tokenizer.json").write_text(json.dumps({"model": "none"}))
        with pytest.raises(EncoderError, match=r"tokenizer\.json is damaged"):
            StaticEncoder(folder).encode(["quake"])
        with pytest.raises(EncoderError, match="do not belong together"):
            StaticEncoder(make_folder(tmp_path / "cut", rows=3)).encode(["quake"])


class TestShipped:
    def test_it_has_a_name(self) -> None:
        encoder = encoder_named("fast")
        assert isinstance(encoder, StaticEncoder)
        assert encoder.model == FAST_MODEL
        assert isinstance(encoder_named("bundled"), TransformerEncoder)
        with pytest.raises(SettingsError, match="unknown precision"):
            encoder_named("bundled", precision="float8")

    @pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
    def test_a_file_that_was_changed_is_refused_before_it_is_parsed(
        self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = Path(shutil.copytree(FAST_FOLDER, tmp_path / "fast"))
        monkeypatch.setattr(static, "FAST_FOLDER", folder)
        assert StaticEncoder(folder).revision == encoder_named("fast").revision
        data = bytearray((folder / name).read_bytes())
        data[-2] ^= 1
        (folder / name).write_bytes(data)
        for use in (lambda: StaticEncoder(folder).encode(["quake"]), lambda: StaticEncoder(folder).revision):
            with pytest.raises(
                EncoderError, match=rf"{name} has SHA-256 \w+, expected \w+: damaged or changed"
            ) as told:
                use()
            assert "\n" not in str(told.value)

    def test_it_is_small(self) -> None:
        assert sum(path.stat().st_size for path in FAST_FOLDER.iterdir()) <= 30e6

    def test_translations_are_nearer_than_other_sentences(self) -> None:
        stories = [
            (
                "Seven people died in a fire at a textile factory",
                "Tekstil fabrikasında çıkan yangında yedi kişi öldü",
                "هفت نفر در آتش‌سوزی کارخانه نساجی جان باختند",
                "مقتل سبعة أشخاص في حريق بمصنع نسيج",
            ),
            (
                "The central bank cut its interest rate",
                "Merkez Bankası faiz oranını düşürdü",
                "بانک مرکزی نرخ بهره را کاهش داد",
                "البنك المركزي يخفض سعر الفائدة",
            ),
            (
                "The striker signed a two-year contract with the club",
                "Golcü oyuncu kulüple iki yıllık sözleşme imzaladı",
                "مهاجم تیم با باشگاه قراردادی دوساله امضا کرد",
                "المهاجم يوقع عقدا لمدة عامين مع النادي",
            ),
        ]
        encoder = StaticEncoder()
        vectors = encoder.encode([sentence for story in stories for sentence in story]).reshape(3, 4, -1)
        centred = vectors - vectors.mean(axis=0)
        likeness = np.einsum("alx,bmx->abml", centred, centred)
        off = ~np.eye(4, dtype=bool)
        for story in range(3):
            own = likeness[story, story][off].min()
            others = max(likeness[story, other].max() for other in range(3) if other != story)
            assert own > others
