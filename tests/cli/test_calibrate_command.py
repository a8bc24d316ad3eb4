"""`dedup calibrate`, with a model that needs no weights."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest
from commands import labelled_file, newsroom, run, use_fake_model, use_few_families
from fakes import FakeEncoder, fake_calibration, labelled_news

from dedup.score.calibration import load_calibration
from dedup.score.registry import calibration_path


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> FakeEncoder:
    use_few_families(monkeypatch)
    return use_fake_model(monkeypatch, tmp_path_factory.mktemp("model"))


def judged_file(path: Path, *, families: int = 6) -> Path:
    lines = ["a,b,same"]
    for one, other in combinations(labelled_news(families=families, seed=5), 2):
        if one.family == other.family:
            lines.append(f"{one.article.id},{other.article.id},{str(one.story == other.story).lower()}")
    path.write_text("\n".join(lines))
    return path


def figures(output: str, name: str) -> list[str]:
    line = next(line for line in output.splitlines() if line.startswith(name))
    return line.removeprefix(name).split()


def test_calibrate_makes_a_model_ready_for_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoder: FakeEncoder
) -> None:
    monkeypatch.setenv("DEDUP_DATA", str(tmp_path / "data"))
    newsroom(tmp_path / "news.jsonl", stories=2)
    before = run("cluster", tmp_path / "news.jsonl", "--model", "fake")
    assert before.exit_code == 1
    assert "dedup calibrate --encoder" in before.stderr
    result = run("calibrate", "--model", "fake", "--max-sentences", "3")
    assert result.exit_code == 0, result.output
    path = calibration_path(encoder)
    assert str(path) in result.stdout
    calibration = load_calibration(path)
    assert (calibration.model, calibration.dimension) == (encoder.model, encoder.dimension)
    assert set(calibration.language_means) == {"fa", "fa-AF", "ar", "en", "tr"}
    assert calibration.about["max_sentences"] == 3
    assert run("cluster", tmp_path / "news.jsonl", "--model", "fake").exit_code == 0
    # again, into a file of one's own: the same calibration, and none of the two is taken without being named
    again = run("calibrate", "--model", "fake", "--max-sentences", "3", "-o", tmp_path / "own.json")
    assert (tmp_path / "own.json").read_bytes() == path.read_bytes()
    assert f"--calibration {tmp_path / 'own.json'}" in again.stdout
    path.unlink()
    assert run("cluster", tmp_path / "news.jsonl", "--calibration", tmp_path / "own.json").exit_code == 0
    assert run("cluster", tmp_path / "news.jsonl").exit_code == 1


def test_a_calibration_that_is_none_is_told(tmp_path: Path) -> None:
    newsroom(tmp_path / "news.jsonl", stories=1)
    (tmp_path / "c.json").write_text('{"format": 2}')
    for name, message in (
        ("c.json", "is no calibration or is damaged"),
        ("nowhere.json", "cannot read the calibration"),
    ):
        result = run("cluster", tmp_path / "news.jsonl", "--calibration", tmp_path / name)
        assert result.exit_code == 1
        assert message in result.stderr


def test_labels_of_ones_own(tmp_path: Path, encoder: FakeEncoder) -> None:
    path = calibration_path(encoder)
    before = path.read_bytes()
    mine = labelled_file(tmp_path / "mine.jsonl")
    result = run("calibrate", mine, "--model", "fake", "--folds", "3")
    assert result.exit_code == 0, result.output
    assert "labels     60 articles: " in result.stdout
    assert "120 pairs of one story, 1,650 of different stories" in result.stdout
    assert "60 articles in 3 folds, 6 groups" in result.stdout
    for name in ("pair average precision", "expected calibration error"):
        values = figures(result.stdout, name)
        assert len(values) == 2
        assert all(0 <= float(value) <= 1 for value in values)
    f1 = figures(result.stdout, "B-cubed F1 (stories)")
    assert re.fullmatch(r"gain: 95% interval [+-]0\.\d{3} to [+-]0\.\d{3}", " ".join(f1[2:]))
    assert result.stdout.index("B-cubed F1") < result.stdout.index("written")
    assert path.read_bytes() != before
    about = load_calibration(path).about
    assert about["fitted on"] == "the labelled articles that come with it and 60 labelled articles of the user"
    assert f"{about['cross-validated']['with_labels']['b_cubed']['f1']:.3f}" == f1[1]
    assert str(tmp_path) not in path.read_text()
    newsroom(tmp_path / "news.jsonl", stories=2)
    assert run("cluster", tmp_path / "news.jsonl").exit_code == 0
    # alone, and into a file: other weights
    alone = run("calibrate", mine, "--model", "fake", "--folds", "3", "--only-mine", "-o", tmp_path / "own.json")
    assert alone.exit_code == 0, alone.output
    assert load_calibration(tmp_path / "own.json").dated != load_calibration(path).dated
    assert load_calibration(tmp_path / "own.json").about["fitted on"] == "60 labelled articles of the user"
    assert run("cluster", tmp_path / "news.jsonl", "--calibration", tmp_path / "own.json").exit_code == 0


def test_labels_are_fitted_beside_all_that_ships(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = labelled_file(tmp_path / "mine.jsonl")
    for name in ("with", "without"):
        assert run("calibrate", mine, "--model", "fake", "--folds", "2", "-o", tmp_path / name).exit_code == 0
        monkeypatch.setattr("dedup.data.families._FURTHER", ())
    assert load_calibration(tmp_path / "with").dated != load_calibration(tmp_path / "without").dated


def test_what_is_compared_with_never_saw_the_labels(tmp_path: Path, encoder: FakeEncoder) -> None:
    """The second time the calibration in use was fitted on these very labels; the figures are those of the first."""
    mine = labelled_file(tmp_path / "mine.jsonl")
    first, second = (run("calibrate", mine, "--model", "fake", "--folds", "2").stdout for _ in range(2))
    assert first == second


def test_the_bundled_model_is_compared_with_what_ships(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped calibration is that of the bundled model: here one that is perfect, so that no label pays."""
    monkeypatch.setattr("dedup.score.calibration.shipped_calibration", fake_calibration)
    mine = labelled_file(tmp_path / "mine.jsonl")
    result = run("calibrate", mine, "--dry-run", "--folds", "2")
    assert result.exit_code == 0, result.output
    without, with_labels, *_ = figures(result.stdout, "B-cubed F1 (stories)")
    assert ("do not pay" in result.stdout) == (float(with_labels) <= float(without))


def test_a_dry_run_writes_nothing(tmp_path: Path, encoder: FakeEncoder) -> None:
    path = calibration_path(encoder)
    path.unlink()
    mine = labelled_file(tmp_path / "mine.jsonl")
    result = run("calibrate", mine, "--model", "fake", "--folds", "2", "--dry-run", "-o", tmp_path / "own.json")
    assert result.exit_code == 0
    assert "B-cubed F1" in result.stdout
    assert "written    nothing" in result.stdout
    assert not path.exists()
    assert not (tmp_path / "own.json").exists()


def test_judged_pairs(tmp_path: Path, encoder: FakeEncoder) -> None:
    articles = labelled_file(tmp_path / "articles.jsonl", stated=False)
    judged = judged_file(tmp_path / "judged.csv")
    result = run("calibrate", articles, "--pairs", judged, "--model", "fake", "--folds", "3")
    assert result.exit_code == 0, result.output
    assert "120 pairs of one story, 150 of different stories" in result.stdout
    assert figures(result.stdout, "B-cubed F1 (stories)") == ["–", "–"]
    assert len(figures(result.stdout, "pair average precision")) == 2
    assert calibration_path(encoder).exists()


def test_too_little_is_refused_before_the_work(tmp_path: Path, encoder: FakeEncoder) -> None:
    few = labelled_file(tmp_path / "few.jsonl", families=1)
    mine = labelled_file(tmp_path / "mine.jsonl", families=2)
    bare = labelled_file(tmp_path / "bare.jsonl", stated=False)
    for arguments, message in (
        ([few, "--folds", "2"], "are of 1 groups that do not touch, fewer than the 2 folds"),
        ([mine], "2 groups that do not touch, fewer than the 5 folds; label more families"),
        ([bare], "none of 60 articles states its story"),
        ([bare, "--pairs", tmp_path / "nowhere.csv"], "nowhere.csv: cannot be read"),
        ([tmp_path / "nowhere.jsonl"], "no such file or folder"),
    ):
        result = run("calibrate", *arguments, "--model", "fake")
        assert (result.exit_code, result.stdout) == (1, "")
        assert message in result.stderr
    assert not encoder.encoded


def test_wrong_use() -> None:
    for arguments, message in (
        ([], "the bundled model has its calibration already"),
        (["--pairs", "p.csv"], "--pairs needs labelled articles"),
        (["--model", "fake", "--only-mine"], "--only-mine needs labelled articles"),
        (["--model", "fake", "--dry-run"], "--dry-run needs labelled articles"),
        (["mine.jsonl", "--folds", "1"], "1 is not in the range"),
    ):
        result = run("calibrate", *arguments)
        assert result.exit_code == 2
        assert message in result.stderr


def test_records_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    mine = labelled_file(tmp_path / "mine.jsonl")
    mine.write_text(mine.read_text() + "{broken\n" * 5)
    result = run("calibrate", mine, "--model", "fake", "--folds", "2", "--dry-run")
    assert result.exit_code == 0
    assert "mine.jsonl:61: broken JSON" in result.stderr
    assert "and 2 more rejected records" in result.stderr


@pytest.mark.parametrize("labelled", [False, True])
def test_without_the_cache_every_sentence_is_still_encoded_once(
    labelled: bool, tmp_path: Path, encoder: FakeEncoder
) -> None:
    inputs = [labelled_file(tmp_path / "mine.jsonl")] if labelled else []
    result = run("calibrate", *inputs, "--model", "fake", "--no-cache", "-o", tmp_path / "own.json")
    assert result.exit_code == 0, result.output
    assert len(encoder.encoded) == len(set(encoder.encoded)) > 0
