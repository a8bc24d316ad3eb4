from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeEncoder, fake_calibration

from dedup.encode.named import encoder_named
from dedup.encode.transformer import TransformerEncoder
from dedup.errors import CacheError, CalibrationError
from dedup.score.calibration import load_calibration, shipped_calibration
from dedup.score.registry import calibration_for, calibration_path, save_calibration


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEDUP_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.mark.parametrize("name", ["bundled", "fast"])
def test_encoders_that_come_with_the_package_have_shipped_calibrations(name: str, data: Path) -> None:
    encoder = encoder_named(name)
    assert calibration_for(encoder).to_json() == shipped_calibration(name).to_json()
    assert not data.exists()


def test_a_model_without_a_calibration_says_how_to_fit_one() -> None:
    with pytest.raises(CalibrationError, match=r"fake-bag-of-words 1; .*dedup calibrate --encoder fake-bag-of-words"):
        calibration_for(FakeEncoder())


def test_one_fitted_here_is_used_from_then_on(data: Path) -> None:
    path = calibration_path(FakeEncoder())
    assert path.is_relative_to(data)
    save_calibration(fake_calibration(), path)
    assert calibration_for(FakeEncoder()).dated == fake_calibration().dated
    assert calibration_for(FakeEncoder(settings="other")).dated == fake_calibration().dated


def test_one_fitted_here_goes_before_the_shipped_one() -> None:
    encoder = TransformerEncoder()
    fitted = replace(shipped_calibration(), about={"fitted": "here"})
    save_calibration(fitted, calibration_path(encoder))
    assert calibration_for(encoder).about == {"fitted": "here"}


def test_models_and_revisions_have_files_of_their_own() -> None:
    encoders = [
        FakeEncoder(),
        FakeEncoder(revision="2"),
        FakeEncoder(model="m1", revision="2"),
        FakeEncoder(model="m", revision="12"),
        FakeEncoder(model="../../escape/from"),
    ]
    paths = [calibration_path(encoder) for encoder in encoders]
    assert len(set(paths)) == len(encoders)
    assert len({path.parent for path in paths}) == 1


def test_a_damaged_file_is_an_error_and_not_passed_over() -> None:
    path = calibration_path(TransformerEncoder())
    path.parent.mkdir(parents=True)
    path.write_text("{")
    with pytest.raises(CalibrationError, match=path.name):
        calibration_for(TransformerEncoder())


def test_a_file_of_another_model_in_its_place_is_refused() -> None:
    save_calibration(fake_calibration(), calibration_path(TransformerEncoder()))
    with pytest.raises(CalibrationError, match="made for fake-bag-of-words"):
        calibration_for(TransformerEncoder())


class TestSave:
    def test_the_file_appears_whole_in_folders_that_are_made(self, tmp_path: Path) -> None:
        path = tmp_path / "a" / "b" / "c.json"
        save_calibration(fake_calibration(), path)
        assert path.read_text("utf-8") == fake_calibration().to_json()
        assert load_calibration(path).undated == fake_calibration().undated
        assert list(path.parent.iterdir()) == [path]

    def test_it_replaces_an_older_one(self, tmp_path: Path) -> None:
        path = tmp_path / "c.json"
        path.write_text("older")
        save_calibration(fake_calibration(), path)
        assert path.read_text("utf-8") == fake_calibration().to_json()

    def test_a_place_that_cannot_be_written_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(CacheError, match=r"cannot write the calibration .*c\.json"):
            save_calibration(fake_calibration(), tmp_path / "file" / "c.json")

    def test_a_write_that_fails_leaves_the_older_one_and_nothing_else(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "c.json"
        path.write_text("older")

        def refuse(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "replace", refuse)
        monkeypatch.setattr(os, "replace", refuse)
        with pytest.raises(CacheError, match="No space left on device"):
            save_calibration(fake_calibration(), path)
        assert path.read_text() == "older"
        assert list(tmp_path.iterdir()) == [path]


def test_a_calibration_is_written_whole_or_not_at_all(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = calibration_path(FakeEncoder())
    save_calibration(fake_calibration(), path)
    before = path.read_bytes()

    def fail(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(CacheError, match="No space left on device"):
        save_calibration(replace(fake_calibration(), dimension=7), path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
