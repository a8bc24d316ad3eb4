import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.markdown import MarkerError
from benchmarks.speed import __main__ as command
from benchmarks.speed.apart import Limits
from benchmarks.speed.page import part_text, write_page
from benchmarks.speed.results import PARTS, add_row, begin_part, exponent

PAGE = "# Speed\n" + "".join(f"<!-- benchmark:speed-{part} -->\n<!-- /benchmark:speed-{part} -->\n" for part in PARTS)
LIMITS = {"limit_seconds": 60.0, "limit_gib": 8.0}


def run_row(size: int, method: str, **more: Any) -> dict[str, Any]:
    encoder = "bundled" if method == "dedup" else "sentence-transformers"
    row = {"size": size, "method": method, "encoder": encoder, "run": "first", "ended": "finished", "b_cubed_f1": 0.5}
    return (
        LIMITS
        | row
        | {"seconds": 10.0, "stages": {"encode": 7.0, "score": 2.0, "cluster": 0.5}, "peak_mib": 900.0}
        | more
    )


def vector_row(size: int, method: str, seconds: float, **more: Any) -> dict[str, Any]:
    row = {"size": size, "method": method, "ended": "finished", "seconds": seconds, "peak_mib": 100 + size / 1000}
    return row | {"b_cubed_f1": 0.9, "limit_seconds": 40.0} | more


@pytest.fixture
def document() -> dict[str, Any]:
    document: dict[str, Any] = {}
    begin_part(document, "runs", keep=True)
    for row in (
        run_row(5_000, "dedup", seconds=50.0),
        run_row(1_000, "dedup"),
        run_row(1_000, "dedup", run="second", seconds=4.0, stages={"encode": 1.0}),
        run_row(1_000, "SemHash", seconds=25.0, stages={"encode": 24.0, "cluster": 1.0}),
        run_row(5_000, "SemHash", ended="time", stage="encode"),
        run_row(5_000, "HDBSCAN", ended="memory", stage="cluster"),
        run_row(60_000, "SemHash", ended="not run", expected_seconds=9_000.0),
    ):
        add_row(document, "runs", row)
    begin_part(document, "vectors", keep=False)
    shares = {"cosine": [0.3, 0.5], "real": [0.1, 0.01], "made": [0.09, 0.008]}
    for row in (
        {"method": "made", "size": 40_000, "real_articles": 500, "shares_above": shares},
        {"method": "recall", "size": 20_000, "ended": "finished", "pairs_near": 700, "sampled": 500, "similarity": 0.5}
        | {"candidate_recall": 1.0, "wrongly_found": 0},
        vector_row(1_000, "dedup", 3.0),
        vector_row(100_000, "dedup", 100.0),
        vector_row(400_000, "dedup", 400.0, mapped_mib=300.0),
        vector_row(1_000, "HDBSCAN", 8.0),
        vector_row(2_000, "HDBSCAN", 32.0),
        vector_row(4_000, "HDBSCAN", 99.0, ended="time"),
    ):
        add_row(document, "vectors", row)
    return document


def lines_of(text: str, beginning: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(beginning)]


def test_runs_are_compared_at_each_size(document: dict[str, Any]) -> None:
    text = part_text(document, "runs")
    assert "| 1,000 | dedup (bundled) | 10.0 | 1.00 | 7.0 | 2.0 | 0.5 | 0.5 | 900 | 0.500 |" in text
    assert "| 1,000 | dedup (bundled, second run) | 4.0 | 0.40 | 1.0 | – | – | 3.0 | 900 | 0.500 |" in text
    assert "| 1,000 | SemHash | 25.0 | 2.50 | 24.0 | – | 1.0 | 0.0 | 900 | 0.500 |" in text


def test_runs_that_did_not_finish_say_so(document: dict[str, Any]) -> None:
    text = part_text(document, "runs")
    assert lines_of(text, "| 5,000 | SemHash | over 60 (encode) | – |")
    assert lines_of(text, "| 5,000 | HDBSCAN | out of 8 GiB (cluster) | – |")
    assert lines_of(text, "| 60,000 | SemHash | not run, about 9,000 | – |")


def test_growth_and_ratios_of_vectors(document: dict[str, Any]) -> None:
    text = part_text(document, "vectors")
    assert "- From 100,000 to 400,000 vectors time grows as size^1.00, peak memory as size^0.66." in text
    assert "HDBSCAN finishes 2,000 (of doubling sizes): 200 times fewer." in text
    assert "found by brute force, the index has 100.00%, and 0 that are none." in text
    assert lines_of(text, "| 4,000 | HDBSCAN | over 40 |")


def test_what_was_not_measured_says_how(document: dict[str, Any]) -> None:
    assert part_text(document, "encoding") == "Not measured yet: `python -m benchmarks.speed encoding`."


def test_the_page_has_tables_and_pictures_and_stays_the_same(document: dict[str, Any], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    page = tmp_path / "benchmarks.md"
    page.write_text(PAGE, encoding="utf-8")
    write_page(document, page)
    text = page.read_text(encoding="utf-8")
    pictures = {path.name: path.read_bytes() for path in (tmp_path / "pictures").iterdir()}
    assert set(pictures) == {"speed-runs.svg", "speed-vectors.svg"}
    for name, picture in pictures.items():
        assert f"(pictures/{name})" in text
        assert b"HDBSCAN" in picture or name == "speed-runs.svg"
        assert len(picture) < 100_000
    write_page(document, page)
    assert page.read_text(encoding="utf-8") == text
    assert {path.name: path.read_bytes() for path in (tmp_path / "pictures").iterdir()} == pictures


def test_a_page_without_markers_is_refused(document: dict[str, Any], tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing", encoding="utf-8")
    with pytest.raises(MarkerError, match="speed-encoding"):
        write_page(document, page)


class TestResults:
    def test_a_row_takes_the_place_of_its_like(self, document: dict[str, Any]) -> None:
        before = len(document["runs"]["rows"])
        add_row(document, "runs", run_row(1_000, "dedup", seconds=9.0))
        add_row(document, "runs", run_row(2_000, "dedup", seconds=19.0))
        rows = [row for row in document["runs"]["rows"] if row["method"] == "dedup" and row["run"] == "first"]
        assert [(row["size"], row["seconds"]) for row in rows] == [(1_000, 9.0), (2_000, 19.0), (5_000, 50.0)]
        assert len(document["runs"]["rows"]) == before + 1

    def test_rows_of_one_machine_stay_where_that_is_asked_for(self, document: dict[str, Any]) -> None:
        assert begin_part(document, "runs", keep=True)
        assert document["runs"]["rows"]
        assert not begin_part(document, "runs", keep=False)
        assert document["runs"]["rows"] == []

    def test_rows_of_another_machine_go(self, document: dict[str, Any]) -> None:
        document["runs"]["machine"] = {"cpu": "another", "cores": 1, "memory_gib": 1.0}
        assert not begin_part(document, "runs", keep=True)
        assert document["runs"]["rows"] == []
        assert document["vectors"]["rows"]

    @pytest.mark.parametrize("power", [0.0, 1.0, 2.0])
    def test_exponent(self, power: float) -> None:
        sizes = [10, 30, 500]
        assert exponent(sizes, [3 * size**power for size in sizes]) == pytest.approx(power, abs=1e-9)
        assert exponent([5, 5], [1.0, 2.0]) is None


class TestCommand:
    def rows(self, *_: Any) -> Iterator[dict[str, Any]]:
        yield run_row(1_000, "dedup")
        yield run_row(1_000, "SemHash", seconds=20.0)

    @pytest.fixture(autouse=True)
    def shared(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DEDUP_SHARED", str(tmp_path))

    def test_measures_a_part_and_keeps_the_others(
        self, tmp_path: Path, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        output = tmp_path / "speed.json"
        output.write_text(json.dumps(document), encoding="utf-8")
        given: list[Any] = []

        def measured(*arguments: Any) -> Iterator[dict[str, Any]]:
            given.extend(arguments)
            return self.rows()

        monkeypatch.setattr(command, "measure_runs", measured)
        asked = ["runs", "--sizes", "1000", "--limit-seconds", "5", "--limit-gib", "2", "--output", str(output)]
        assert command.main([*asked, "--encoders", "bundled", "--peers", "SemHash"]) == 0
        assert given[:4] == [[1_000], ["bundled"], ["SemHash"], Limits(seconds=5.0, memory_gib=2.0)]
        written = json.loads(output.read_text(encoding="utf-8"))
        assert written["vectors"] == document["vectors"]
        small = [row for row in written["runs"]["rows"] if row["size"] == 1_000]
        assert [(row["method"], row["run"], row["seconds"]) for row in small] == [
            ("dedup", "first", 10.0),
            ("dedup", "second", 4.0),
            ("SemHash", "first", 20.0),
        ]
        assert len(written["runs"]["rows"]) == len(document["runs"]["rows"])

    def test_a_part_that_fails_leaves_what_was_there(
        self,
        tmp_path: Path,
        document: dict[str, Any],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        output = tmp_path / "speed.json"
        output.write_text(json.dumps(document), encoding="utf-8")

        def refused(*_: Any) -> Iterator[dict[str, Any]]:
            raise RuntimeError("no vectors were made")

        monkeypatch.setattr(command, "measure_vectors", refused)
        assert command.main(["vectors", "--output", str(output)]) == 1
        assert "left out vectors: no vectors were made" in capsys.readouterr().err
        assert json.loads(output.read_text(encoding="utf-8")) == document

    def test_without_a_part_nothing_is_measured(
        self, tmp_path: Path, document: dict[str, Any], capsys: pytest.CaptureFixture[str]
    ) -> None:
        output, page = tmp_path / "speed.json", tmp_path / "page.md"
        output.write_text(json.dumps(document), encoding="utf-8")
        page.write_text(PAGE, encoding="utf-8")
        assert command.main(["--output", str(output), "--docs", str(page)]) == 0
        assert "| 1,000 | SemHash | 25.0 |" in page.read_text(encoding="utf-8")
        assert "| 1,000 | SemHash | 25.0 |" in capsys.readouterr().out

    def test_an_unknown_part_is_refused(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            command.main(["memory"])
        assert "no part memory" in capsys.readouterr().err

    def test_absent_data_are_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("DEDUP_SHARED", str(tmp_path / "absent"))
        assert command.main(["encoding", "--output", str(tmp_path / "speed.json")]) == 1
        assert "DEDUP_SHARED" in capsys.readouterr().err


def test_the_page_of_the_repository_has_its_markers(tmp_path: Path) -> None:
    page = Path(command.__file__).parent.parent.parent / "docs" / "benchmarks.md"
    copy = tmp_path / "benchmarks.md"
    copy.write_text(page.read_text(encoding="utf-8"), encoding="utf-8")
    write_page({}, copy)
    text = copy.read_text(encoding="utf-8")
    assert all(f"Not measured yet: `python -m benchmarks.speed {part}`" in text for part in PARTS)
