"""`dedup evaluate`, and the pairs that `dedup cluster` writes for it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from commands import json_lines, newsroom, run, use_fake_model
from fakes import FakeEncoder, fake_calibration

from dedup.evaluate import evaluate, label_pairs, picture, read_labels, read_pairs, reliability_curve
from dedup.score.registry import save_calibration


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> FakeEncoder:
    return use_fake_model(monkeypatch, tmp_path_factory.mktemp("model"))


def reference_of(folder: Path, stories: int = 4) -> Path:
    """Write invented articles and their labels: stories in pairs are one family, the first article is the original."""
    news = newsroom(folder / "news.jsonl", stories=stories)
    path = folder / "reference.jsonl"
    with path.open("w") as file:
        for number, story in enumerate(news):
            for i, article in enumerate(story):
                row = {"id": article.id, "story": f"{number}", "family": f"f{number // 2}", "lang": article.language}
                row |= {"relation": "original"} if i == 0 else {"relation": "translation", "of": story[0].id}
                file.write(json.dumps(row) + "\n")
    return path


def test_a_reference_and_what_was_found(tmp_path: Path) -> None:
    news = newsroom(tmp_path / "news.jsonl")
    reference = tmp_path / "reference.csv"
    rows = [f"{article.id},{number},{article.language}" for number, story in enumerate(news) for article in story]
    reference.write_text("\n".join(["id,story,language", *rows]))
    run("cluster", tmp_path / "news.jsonl", "-o", tmp_path / "s.jsonl")
    expected = evaluate(read_labels(tmp_path / "s.jsonl"), read_labels(reference))
    result = run("evaluate", tmp_path / "s.jsonl", reference, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == json.loads(json.dumps(expected.to_dict()))
    shown = run("evaluate", tmp_path / "s.jsonl", reference).stdout
    b_cubed = next(line for line in shown.splitlines() if line.startswith("B-cubed"))
    score = expected.b_cubed
    assert b_cubed.split()[1:] == [f"{value:.3f}" for value in (score.precision, score.recall, score.f1)]
    assert any(line.startswith("ar fa ") for line in shown.splitlines())
    assert "siblings" not in shown  # the reference names no families


def test_evaluate_names_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text('{"id": "1", "story": "a"}\n')
    (tmp_path / "bad.csv").write_text("name,story\n1,a\n")
    missing = run("evaluate", tmp_path / "s.jsonl", tmp_path / "nowhere.csv")
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert "nowhere.csv: cannot be read" in missing.stderr
    bad = run("evaluate", tmp_path / "s.jsonl", tmp_path / "bad.csv")
    assert bad.exit_code == 1
    assert "without the columns id and story" in bad.stderr


class TestPairsFile:
    def test_pairs_are_sorted_and_above_the_least(self, tmp_path: Path) -> None:
        newsroom(tmp_path / "news.jsonl")
        plain = run("cluster", tmp_path / "news.jsonl", "-o", tmp_path / "s.jsonl")
        stories = (tmp_path / "s.jsonl").read_bytes()
        result = run("cluster", tmp_path / "news.jsonl", "-o", tmp_path / "s.jsonl", "--pairs", tmp_path / "p.jsonl")
        assert (plain.exit_code, result.exit_code) == (0, 0)
        assert (tmp_path / "s.jsonl").read_bytes() == stories
        rows = json_lines((tmp_path / "p.jsonl").read_text())
        assert all(list(row) == ["a", "b", "probability"] for row in rows)
        assert [(row["a"], row["b"]) for row in rows] == sorted((row["a"], row["b"]) for row in rows)
        assert all(row["a"] < row["b"] for row in rows)
        least = 1 / (1 + 2.718281828**4)
        assert all(least < row["probability"] < 1 for row in rows)
        assert f"written   {tmp_path / 'p.jsonl'}, {len(rows)} pairs" in result.stderr

    def test_all_pairs_are_those_and_the_plainly_different(self, tmp_path: Path) -> None:
        newsroom(tmp_path / "news.jsonl", stories=6)
        for name, flags in (("some.csv.gz", ()), ("all.tsv", ("--all-pairs",))):
            command: list[str | Path] = ["cluster", tmp_path / "news.jsonl", "-o", tmp_path / f"{name}.jsonl"]
            assert run(*command, "--pairs", tmp_path / name, *flags).exit_code == 0
        assert (tmp_path / "some.csv.gz.jsonl").read_bytes() == (tmp_path / "all.tsv.jsonl").read_bytes()
        some = gzip.decompress((tmp_path / "some.csv.gz").read_bytes()).decode().replace(",", "\t").splitlines()
        every = (tmp_path / "all.tsv").read_text().splitlines()
        assert set(some) < set(every)
        added = [float(line.split("\t")[2]) for line in every if line not in set(some)]
        assert max(added) <= 0.018  # log-odds of -4

    def test_without_articles_there_are_no_pairs(self, tmp_path: Path) -> None:
        (tmp_path / "news.jsonl").write_text("")
        command: list[str | Path] = [
            "cluster",
            tmp_path / "news.jsonl",
            "-o",
            tmp_path / "s.jsonl",
            "--pairs",
            tmp_path / "p.csv",
        ]
        assert run(*command).exit_code == 0
        assert (tmp_path / "p.csv").read_text() == "a,b,probability,follows\n"

    @pytest.mark.parametrize(
        ("pairs", "message"),
        [
            ("news.jsonl", "it is an input"),
            ("s.jsonl", "it is the output"),
            ("s.jsonl.rejects.jsonl", "it is the file of rejected records"),
            ("p.txt", "unknown kind of output"),
            ("nowhere/p.csv", "there is no folder"),
        ],
    )
    def test_a_place_for_pairs_is_checked_before_any_work(
        self, tmp_path: Path, encoder: FakeEncoder, pairs: str, message: str
    ) -> None:
        newsroom(tmp_path / "news.jsonl", stories=1)
        command: list[str | Path] = [
            "cluster",
            tmp_path / "news.jsonl",
            "-o",
            tmp_path / "s.jsonl",
            "--pairs",
            tmp_path / pairs,
        ]
        result = run(*command)
        assert result.exit_code == 1
        assert message in result.stderr
        assert not encoder.encoded

    def test_pairs_do_not_go_where_stories_go(self, tmp_path: Path) -> None:
        newsroom(tmp_path / "news.jsonl", stories=1)
        assert "name a file" in run("cluster", tmp_path / "news.jsonl", "--pairs", "-").stderr
        lone = run("cluster", tmp_path / "news.jsonl", "--all-pairs")
        assert lone.exit_code == 2
        assert "--pairs FILE" in lone.stderr


class TestWithPairs:
    @pytest.fixture
    def files(self, tmp_path: Path) -> dict[str, Path]:
        reference = reference_of(tmp_path)
        files = {"reference": reference, "stories": tmp_path / "s.jsonl", "pairs": tmp_path / "p.jsonl"}
        command: list[str | Path] = [
            "cluster",
            tmp_path / "news.jsonl",
            "-o",
            files["stories"],
            "--pairs",
            files["pairs"],
            "--all-pairs",
        ]
        assert run(*command).exit_code == 0
        return files

    def test_every_figure_as_json(self, files: dict[str, Path], tmp_path: Path) -> None:
        save_calibration(fake_calibration(), tmp_path / "c.json")
        command: list[str | Path] = [
            "evaluate",
            files["stories"],
            files["reference"],
            "--pairs",
            files["pairs"],
            "--json",
        ]
        result = run(*command, "--intervals", "--sweep", "--calibration", tmp_path / "c.json")
        assert result.exit_code == 0, result.output
        document = json.loads(result.stdout)
        curve = reliability_curve(*label_pairs(read_pairs(files["pairs"]), read_labels(files["reference"]).story))
        assert document["reliability"] == curve.to_dict()
        half = next(point for point in document["sweep"] if point["threshold"] == 0.5)
        for name in ("b_cubed", "pairwise", "sibling_merges"):
            assert half[name] == document[name]  # the run's own threshold
        assert len(document["sweep"]) == 19
        f1 = document["intervals"]["f1"]
        assert f1["low"] <= document["b_cubed"]["f1"] <= f1["high"]
        plain = json.loads(run(*command[:3], "--json").stdout)
        assert {name: document[name] for name in plain} == plain
        assert document.keys() - plain.keys() == {"reliability", "sweep", "intervals"}

    def test_tables(self, files: dict[str, Path], tmp_path: Path) -> None:
        command: list[str | Path] = ["evaluate", files["stories"], files["reference"], "--pairs", files["pairs"]]
        result = run(*command, "--intervals", "--sweep", "--reliability", tmp_path / "curve.png")
        assert result.exit_code == 0, result.output
        lines = result.stdout.splitlines()
        for beginning in (
            "95% intervals ",
            "B-cubed F1 ",
            "siblings merged ",
            "expected calibration error ",
            "0.90 to 1.00 ",
            "threshold ",
            "0.05 ",
            "0.95 ",
        ):
            assert sum(line.startswith(beginning) for line in lines) == 1, beginning
        assert sum(line.endswith("highest F1") for line in lines) >= 1
        assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")

    def test_relations_are_shown_where_both_state_them(self, files: dict[str, Path], tmp_path: Path) -> None:
        command: list[str | Path] = ["evaluate", files["reference"], files["reference"]]
        lines = run(*command).stdout.splitlines()
        words = [" ".join(line.split()) for line in lines]
        assert "relations right 100.0% 20 of 20 articles" in words
        assert "and of the right article 100.0% 16 of 16 articles" in words
        assert any(line.split() == ["reference", "original", "translation"] for line in lines)
        assert any(line.split() == ["translation", "0", "16"] for line in lines)
        other = tmp_path / "other.jsonl"
        other.write_text(files["reference"].read_text().replace("translation", "reprint"))
        lines = run("evaluate", other, files["reference"]).stdout.splitlines()
        assert any(line.split() == ["relations", "right", "20.0%", "4", "of", "20", "articles"] for line in lines)
        (tmp_path / "bare.csv").write_text("id,story\nx,1\n")
        assert "relation" not in run("evaluate", tmp_path / "bare.csv", tmp_path / "bare.csv").stdout

    def test_a_reference_of_one_story_and_no_pairs(self, tmp_path: Path) -> None:
        (tmp_path / "s.csv").write_text("id,story\nx,1\ny,1\n")
        (tmp_path / "p.csv").write_text("a,b,probability\n")
        command: list[str | Path] = [
            "evaluate",
            tmp_path / "s.csv",
            tmp_path / "s.csv",
            "--pairs",
            tmp_path / "p.csv",
            "--intervals",
        ]
        result = run(*command, "--sweep")
        assert result.exit_code == 0
        assert "no intervals" in result.stdout
        assert "no calibration error" in result.stdout

    def test_wrong_use(self, files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        command: list[str | Path] = ["evaluate", files["stories"], files["reference"]]
        cases: tuple[tuple[list[str | Path], str], ...] = (
            (["--sweep"], "--sweep needs the scored pairs"),
            (["--reliability", "c.png"], "--reliability needs the scored pairs"),
            (["--pairs", files["pairs"], "--calibration", "c.json"], "--calibration is for --sweep"),
        )
        for flags, message in cases:
            result = run(*command, *flags)
            assert result.exit_code == 2
            assert message in result.stderr
        cases = (
            (["--pairs", tmp_path / "nowhere.csv"], "nowhere.csv: cannot be read"),
            (["--pairs", files["pairs"], "--reliability", "c.pdf"], "end in .png"),
            (["--pairs", files["stories"]], "no a in it"),
        )
        for flags, message in cases:
            result = run(*command, *flags)
            assert (result.exit_code, result.stdout) == (1, "")
            assert message in result.stderr
        monkeypatch.setattr(picture, "find_spec", lambda _: None)
        result = run(*command, "--pairs", files["pairs"], "--reliability", tmp_path / "c.png")
        assert result.exit_code == 1
        assert "pip install 'news-dedup[plot]'" in result.stderr
