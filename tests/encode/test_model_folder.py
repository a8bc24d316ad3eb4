"""Folders of models that would run code or unpickle weights are refused before anything is loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dedup.encode.model_folder import check_model_folder
from dedup.encode.transformer import TransformerEncoder
from dedup.errors import EncoderError

OURS = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}


def write_modules(folder: Path, *modules: object, name: str = "modules.json") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(modules if name == "modules.json" else modules[0]), "utf-8")
    return folder


def test_modules_of_sentence_transformers_are_taken(tmp_path: Path) -> None:
    folder = write_modules(tmp_path / "model", OURS)
    write_modules(folder, {"types": {"query": OURS["type"]}, "structure": {}}, name="router_config.json")
    (folder / "pytorch_model.bin").write_bytes(b"not read: there are safetensors")
    (folder / "model.safetensors").write_bytes(b"")
    check_model_folder(folder)
    check_model_folder(write_modules(tmp_path / "odd", "a word", 3))


@pytest.mark.parametrize("kind", ["planted.Module", "os.system", "sentence_transformers_evil.Pooling"])
def test_code_that_a_folder_names_is_not_imported(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = write_modules(tmp_path / "model", OURS, {**OURS, "type": kind})
    (tmp_path / "planted.py").write_text("print('was run')\n", "utf-8")
    (folder / "planted.py").write_text("print('was run')\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(EncoderError, match=r"asks for the code .*, which is not run"):
        TransformerEncoder(str(folder)).encode(["Brücke offen."])
    assert "was run" not in capfd.readouterr().out


def test_code_that_a_router_names_is_not_imported(tmp_path: Path) -> None:
    folder = write_modules(tmp_path / "model", OURS)
    write_modules(folder, {"types": {"query": OURS["type"], "document": "planted.Module"}}, name="router_config.json")
    with pytest.raises(EncoderError, match=r"'planted.Module'"):
        check_model_folder(folder)


def test_pickled_weights_are_not_read(tmp_path: Path) -> None:
    folder = write_modules(tmp_path / "model", OURS)
    (folder / "2_Dense").mkdir()
    (folder / "model.safetensors").write_bytes(b"")
    (folder / "2_Dense" / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'echo was run'\ntR.")
    with pytest.raises(EncoderError, match=r"pytorch_model.bin, a pickle, which is not read") as told:
        TransformerEncoder(str(folder)).encode(["Brücke offen."])
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("text", ["[", "[" * 100_000, "\udcff"])
def test_a_list_of_modules_that_cannot_be_read_is_one_line(text: str, tmp_path: Path) -> None:
    folder = write_modules(tmp_path / "model", OURS)
    (folder / "modules.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(EncoderError, match=r"cannot read .*modules.json: .*; get the model again") as told:
        check_model_folder(folder)
    assert "\n" not in str(told.value)
