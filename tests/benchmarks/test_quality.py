import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks import quality
from benchmarks.datasets import DATASETS, Dataset, DatasetUnavailableError, Sample
from benchmarks.markdown import MarkerError, replace_between_markers
from dedup.article import Article
from dedup.evaluate import Labels

ARTICLES = tuple(Article(id=name, title=f"title {name}", body="", language="en") for name in "abcde")
SAMPLE = Sample(articles=ARTICLES, labels=Labels(story={"a": "1", "b": "1", "c": "2", "d": "2"}))


def absent() -> Sample:
    raise DatasetUnavailableError("absent.jsonl is not there; put it there")


def data(name: str) -> Dataset:
    load = absent if name == "absent" else lambda: SAMPLE
    return Dataset(name=name, description="invented", licence="MIT", role="test", load=load)


def all_right(articles: Sequence[Article]) -> Labels:
    return Labels(
        story={article.id: {"a": "x", "b": "x", "c": "y", "d": "y"}.get(article.id, "z") for article in articles}
    )


def vectors(articles: Sequence[Article]) -> npt.NDArray[np.float32]:
    """The first two articles lie close, and no other two."""
    angles = np.array([0.0, 0.1, 1.0, 2.0, 3.0])[: len(articles)]
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


@pytest.fixture
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Data, grouping and vectors that are known and cost nothing."""
    monkeypatch.setattr(quality, "dataset", data)
    monkeypatch.setattr(quality, "group_with_dedup", all_right)
    monkeypatch.setattr(quality, "encode_documents", vectors)


def test_measure() -> None:
    result = quality.measure(data("set"), SAMPLE, group=all_right, encode=vectors, peers=["average linkage"])
    dedup, peer = result["methods"]
    assert (result["articles"], result["labelled_articles"], result["licence"]) == (5, 4, "MIT")
    assert dedup["evaluation"]["b_cubed"]["f1"] == 1.0
    assert peer["evaluation"]["whole_stories"] == 0.5
    assert peer["settings_tried"] > 1


@pytest.mark.usefixtures("stand_ins")
class TestCommand:
    def run(self, tmp_path: Path, *more: str) -> int:
        return quality.main(["--datasets", "set", "absent", "--peers", "average linkage", *more])

    def test_writes_json_and_table(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        readme, output = tmp_path / "README.md", tmp_path / "results" / "quality.json"
        readme.write_text("# dedup\n<!-- benchmark:quality -->\nold\n<!-- /benchmark:quality -->\nlast\n")
        assert self.run(tmp_path, "--output", str(output), "--readme", str(readme)) == 0
        report: dict[str, Any] = json.loads(output.read_text())
        assert [entry["name"] for entry in report["datasets"]] == ["set"]
        assert report["versions"]["python"]
        assert report["versions"]["numpy"] == np.__version__
        assert report["machine"]["cores"] >= 1
        assert list(output.parent.iterdir()) == [output]
        printed, said = capsys.readouterr()
        assert "| set (test, 5) | dedup | 1.000 | 1.000 | 1.000 | 1.000 | 100.0% | – | 2 |" in printed
        assert "left out absent: absent.jsonl is not there; put it there" in said
        written = readme.read_text()
        assert written == (
            f"# dedup\n<!-- benchmark:quality -->\n\n{printed.strip()}\n\n<!-- /benchmark:quality -->\nlast\n"
        )
        self.run(tmp_path, "--readme", str(readme))
        assert len(readme.read_text().splitlines()) == len(written.splitlines())

    def test_dedup_alone(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert quality.main(["--datasets", "set", "--no-peers"]) == 0
        assert "average linkage" not in capsys.readouterr().out

    def test_no_data_set_at_all(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert quality.main(["--datasets", "absent"]) == 1
        assert "no data set to measure on" in capsys.readouterr().err

    def test_a_readme_without_markers_is_left_alone(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        readme = tmp_path / "README.md"
        readme.write_text("no markers")
        assert self.run(tmp_path, "--readme", str(readme)) == 1
        assert "write the lines <!-- benchmark:quality -->" in capsys.readouterr().err
        assert readme.read_text() == "no markers"


@pytest.mark.parametrize("order", ["{end}{begin}", "{begin}{begin}{end}", "{begin}", ""])
def test_markers_must_be_there_once_in_order(tmp_path: Path, order: str) -> None:
    document = tmp_path / "page.md"
    document.write_text(order.format(begin="<!-- benchmark:x -->", end="<!-- /benchmark:x -->"))
    with pytest.raises(MarkerError, match="once each"):
        replace_between_markers(document, "x", "text")


def test_the_default_data_sets_exist_and_none_is_for_fitting() -> None:
    assert {DATASETS[name].role for name in quality.DEFAULT_DATASETS} == {"test", "dev"}
