"""``dedup vectors``."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import json_lines, run

import dedup


@pytest.fixture
def given(tmp_path: Path) -> tuple[Path, Path]:
    """Return an array of 40 vectors around a few places, and their times."""
    dice = np.random.default_rng(5)
    places = dice.normal(size=(12, 10))
    rows = places[dice.integers(0, 12, 40)] + 0.4 * dice.normal(size=(40, 10))
    hours = dice.uniform(0, 60, 40)
    hours[::9] = np.nan
    np.save(tmp_path / "v.npy", rows)
    np.save(tmp_path / "h.npy", hours)
    return tmp_path / "v.npy", tmp_path / "h.npy"


def stories_of(rows: list[dict[str, Any]], name: str) -> set[frozenset[Any]]:
    found: dict[Any, set[Any]] = {}
    for row in rows:
        found.setdefault(row["story"], set()).add(row[name])
    assert all(story in members for story, members in found.items())
    return {frozenset(members) for members in found.values()}


def test_each_vector_is_written_with_the_first_of_its_story(given: tuple[Path, Path]) -> None:
    vectors, hours = given
    result = run("vectors", vectors, "--hours", hours, "--similarity", "0.6", "--window-hours", "20")
    assert result.exit_code == 0, result.stderr
    rows = json_lines(result.stdout)
    times = np.load(hours)
    labels = dedup.cluster_vectors(np.load(vectors), hours=times, similarity=0.6, window_hours=20)
    expected = {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}
    assert stories_of(rows, "row") == expected
    assert 1 < len(expected) < 40
    assert f"stories   {len(expected)}, {40 - len(expected)} duplicates found" in result.stderr
    # the earliest of its story, and the stories by it
    when = np.where(np.isnan(times), np.inf, times)
    for story in stories_of(rows, "row"):
        named = next(row["story"] for row in rows if row["row"] in story)
        assert when[named] == min(when[list(story)])
    firsts = [when[row["story"]] for row in rows]
    assert firsts == sorted(firsts)


def test_ids_and_times_of_a_table_are_read_and_the_ending_says_what_is_written(
    given: tuple[Path, Path], tmp_path: Path
) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="reads tables: pip install 'news-dedup[formats]'")
    from pyarrow import parquet

    vectors, hours = given
    names = [f"id {(7 * row) % 40:02}" for row in range(40)]
    table = pyarrow.table({"id": names, "vector": list(np.load(vectors)), "hours": np.load(hours)})
    parquet.write_table(table[:15], tmp_path / "a.parquet")
    parquet.write_table(table[15:], tmp_path / "b.parquet", row_group_size=10)
    asked: list[str | Path] = ["vectors", tmp_path / "a.parquet", tmp_path / "b.parquet", "--similarity", "0.6"]
    rows = json_lines(run(*asked).stdout)
    labels = dedup.cluster_vectors(np.load(vectors), hours=np.load(hours), ids=names, similarity=0.6)
    expected = {
        frozenset(name for name, one in zip(names, labels.tolist(), strict=True) if one == label)
        for label in set(labels.tolist())
    }
    assert stories_of(rows, "id") == expected
    assert all(row["story"] == min(story) for row in rows for story in expected if row["id"] in story)
    for ending in ("csv", "parquet"):
        output = tmp_path / f"stories.{ending}"
        assert run(*asked, "-o", output).exit_code == 0
        if ending == "csv":
            with output.open(encoding="utf-8", newline="") as file:
                assert list(csv.DictReader(file)) == rows
        else:
            assert parquet.read_table(output).to_pylist() == rows


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["lost.npy"], 1, "cannot read lost.npy: No such file or directory"),
        (["v.npy", "--hours", "v.npy"], 1, "it is to hold a number for each"),
        (["notes.txt"], 1, "notes.txt is no file of vectors that is known; give .npy or .parquet"),
        (["v.npy", "-o", "v.npy"], 1, "unknown kind of output: v.npy"),
        (["v.npy", "--similarity", "1"], 2, "1.0 is not in the range -1<x<1"),
        (["v.npy", "--resume"], 2, "--resume goes on with a run of --engine ray"),
        (["v.npy", "--address", "auto"], 2, "--address says where --engine ray works"),
    ],
)
def test_what_is_wrong_is_one_line(
    arguments: list[str], code: int, said: str, given: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(given[0].parent)
    result = run("vectors", *arguments)
    assert result.exit_code == code
    assert said in result.stderr
    if code == 1:
        assert len(result.stderr.splitlines()) == 1


def test_nothing_in_is_nothing_out(tmp_path: Path) -> None:
    np.save(tmp_path / "none.npy", np.empty((0, 5), np.float32))
    result = run("vectors", tmp_path / "none.npy")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "stories   0, 0 duplicates found" in result.stderr


def test_an_input_is_not_overwritten(given: tuple[Path, Path], tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="reads tables: pip install 'news-dedup[formats]'")
    from pyarrow import parquet

    path = tmp_path / "v.parquet"
    parquet.write_table(pyarrow.table({"vector": [[1.0, 2.0]]}), path)
    before = path.read_bytes()
    result = run("vectors", path, "-o", path)
    assert result.exit_code == 1
    assert "it is an input, and would be lost" in result.stderr
    assert path.read_bytes() == before
    assert json.loads(run("vectors", path).stdout) == {"row": 0, "story": 0}
