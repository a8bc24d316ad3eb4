"""What the tasks of an engine find among vectors that are given, against one machine; no cluster is needed."""

from __future__ import annotations

import random
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dedup

pytest.importorskip("pyarrow", reason="an engine keeps its parts as Parquet: pip install 'news-dedup[ray]'")

from here import Here

from dedup.engine.folder import JobFolder
from dedup.engine.job import Limits
from dedup.engine.vector_job import GroupedVectors, VectorJob, put_given
from dedup.errors import InputError
from dedup.given_vectors import Given, Linkage
from dedup.given_vectors.files import slices_of
from dedup.stages import no_progress

Floats = npt.NDArray[np.float64]


def made(n: int, seed: int, undated: float) -> tuple[Floats, Floats]:
    """Return vectors around a few places, some of them equal, and times, some of them equal or unknown."""
    dice = np.random.default_rng(seed)
    places = dice.normal(size=(max(1, n // 3), 12))
    rows = places[dice.integers(0, len(places), n)] + 0.4 * dice.normal(size=(n, 12))
    rows[: n // 4] = rows[n - n // 4 :]
    hours = np.round(dice.uniform(0, n, n))
    hours[dice.random(n) < undated] = np.nan
    return rows, hours


def job_in(folder: Path, linkage: Linkage, size: int, here: Here) -> VectorJob:
    cluster: Any = here
    return VectorJob(cluster, JobFolder(folder), linkage, Limits(vectors=size), no_progress)


@settings(max_examples=12, deadline=None)
@given(
    n=st.integers(1, 60),
    seed=st.integers(0, 100_000),
    undated=st.sampled_from([0.0, 0.3, 1.0]),
    window=st.sampled_from([3.0, 20.0, 1e6]),
    size=st.sampled_from([5, 17, 100]),
    keyed=st.booleans(),
)
def test_stories_are_those_of_one_machine_however_the_vectors_are_cut(
    n: int, seed: int, undated: float, window: float, size: int, keyed: bool
) -> None:
    rows, hours = made(n, seed, undated)
    dice = random.Random(seed)
    ids = dice.sample([f"{number:03}" for number in range(n)], n) if keyed else None
    linkage = Linkage(similarity=0.6, window_hours=window)
    expected = dedup.cluster_vectors(rows, hours=hours, ids=ids, similarity=0.6, window_hours=window)
    rank = None if ids is None else np.argsort(np.argsort(ids))
    with tempfile.TemporaryDirectory() as folder:
        job = job_in(Path(folder), linkage, size, Here(shuffle=dice.shuffle))
        slices = put_given(JobFolder(Path(folder)), Given(vectors=rows, hours=hours, rank=rank), size)
        found = job.group(slices, ranked=keyed)
        np.testing.assert_array_equal(found.labels(rank), expected)
    assert found.stories == len(set(expected.tolist()))


def test_stopped_after_any_stage_it_goes_on_and_does_nothing_twice(tmp_path: Path) -> None:
    rows, hours = made(40, 3, 0.1)
    whole = Here()

    def group(folder: Path, here: Here) -> list[int]:
        slices = put_given(JobFolder(folder), Given(vectors=rows, hours=hours, rank=None), 9)
        grouped = job_in(folder, Linkage(similarity=0.6, window_hours=9), 9, here).group(slices)
        return [int(label) for label in grouped.labels(None)]

    (tmp_path / "whole").mkdir()
    expected = group(tmp_path / "whole", whole)
    stages = list(dict.fromkeys(stage for stage, _ in whole.done))
    assert stages == ["slices", "parts", "pairs", "bins", "stories"]
    for kept in range(len(stages)):
        folder = tmp_path / str(kept)
        shutil.copytree(tmp_path / "whole", folder)
        for stage in stages[kept + 1 :]:
            shutil.rmtree(folder / stage)
        next((folder / stages[kept]).glob("*.json")).unlink()
        again = Here()
        assert group(folder, again) == expected
        assert [stage for stage, _ in again.done if stage in stages[: kept + 1]] == [stages[kept]]


class TestFiles:
    ROWS, HOURS = made(40, 7, 0.2)
    LINKAGE = Linkage(similarity=0.6, window_hours=9)

    @pytest.fixture(autouse=True)
    def few_ids_a_task(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("dedup.engine.vector_job.CLAIMS_OF_A_BUCKET", 15)
        monkeypatch.setattr("dedup.engine.merging._MOST_TABLES", 2)
        monkeypatch.setattr("dedup.engine.merging._TABLES_OF_A_TASK", 2)

    def grouped(self, paths: list[Path], hours: Path | None, folder: Path) -> GroupedVectors:
        slices = slices_of(paths, hours, 8)
        return job_in(folder, self.LINKAGE, 8, Here()).group(slices, ids=slices[0].has_ids)

    def firsts(self, names: list[Any]) -> dict[Any, Any]:
        """Return the first of the story of each vector: by its name where those are ids, else by time."""
        ids = names if isinstance(names[0], str) else None
        label = dedup.cluster_vectors(self.ROWS, hours=self.HOURS, ids=ids, similarity=0.6, window_hours=9)
        order = np.argsort(names) if ids else np.lexsort((np.arange(40), self.HOURS))
        first: dict[int, Any] = {}
        for row in order.tolist():
            first.setdefault(int(label[row]), names[row])
        return {name: first[int(label[row])] for row, name in enumerate(names)}

    def test_arrays_are_read_in_slices(self, tmp_path: Path) -> None:
        np.save(tmp_path / "v.npy", self.ROWS)
        np.save(tmp_path / "h.npy", self.HOURS)
        found = self.grouped([tmp_path / "v.npy"], tmp_path / "h.npy", tmp_path / "job")
        told = list(found.rows())
        assert len(told) == 40
        stories: dict[Any, set[Any]] = {}
        for row, first in told:
            stories.setdefault(first, set()).add(row)
        expected: dict[Any, set[Any]] = {}
        for row, first in self.firsts(list(range(40))).items():
            expected.setdefault(first, set()).add(row)
        # equal vectors of one time may stand for each other
        assert sorted(map(sorted, stories.values())) == sorted(map(sorted, expected.values()))

    @pytest.mark.parametrize("with_ids", [True, False])
    @pytest.mark.parametrize("rows_of_a_group", [3, 100])
    def test_tables_are_read_too(self, tmp_path: Path, *, with_ids: bool, rows_of_a_group: int) -> None:
        pyarrow = pytest.importorskip("pyarrow")
        from pyarrow import parquet

        names = [f"id {(7 * row) % 40:02}" for row in range(40)]
        times = [
            None if np.isnan(hour) else datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=float(hour))
            for hour in self.HOURS
        ]
        vectors = pyarrow.array(list(self.ROWS.astype(np.float32)))
        columns = {"vector": vectors, "published": pyarrow.array(times, pyarrow.timestamp("ms", "UTC"))}
        if with_ids:
            columns["id"] = pyarrow.array(names)
        table = pyarrow.table(columns)
        paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
        parquet.write_table(table[:25], paths[0], row_group_size=rows_of_a_group)
        parquet.write_table(table[25:], paths[1], row_group_size=rows_of_a_group)
        told = list(self.grouped(paths, None, tmp_path / "job").rows())
        if with_ids:
            assert dict(told) == self.firsts(names)
        else:
            assert sorted(row for row, _ in told) == list(range(40))
            assert len({first for _, first in told}) == len(set(self.firsts(names).values()))

    def test_what_is_wrong_is_said(self, tmp_path: Path) -> None:
        pyarrow = pytest.importorskip("pyarrow")
        from pyarrow import parquet

        paths = {name: tmp_path / name for name in ("v.npy", "h.npy", "ints.npy", "bad.npy", "nan.npy", "text.txt")}
        np.save(paths["v.npy"], self.ROWS)
        np.save(paths["h.npy"], self.HOURS[:3])
        np.save(paths["ints.npy"], np.arange(6).reshape(2, 3))
        paths["bad.npy"].write_bytes(b"no array")
        broken = self.ROWS.copy()
        broken[33, 2] = np.nan
        np.save(paths["nan.npy"], broken)
        table = pyarrow.table({"vector": [[1.0, 2.0], [1.0]], "id": ["a", "b"]})
        parquet.write_table(table, tmp_path / "ragged.parquet")
        parquet.write_table(table.select(["id"]), tmp_path / "none.parquet")
        twice = pyarrow.table({"vector": [[1.0, 2.0], [1.0, 3.0]], "id": ["a", "a"]})
        parquet.write_table(twice, tmp_path / "twice.parquet")
        parquet.write_table(twice.select(["vector"]), tmp_path / "nameless.parquet")
        for given_paths, hours, said in (
            (["v.npy"], "h.npy", "h.npy holds float64 of shape .3,., and .*v.npy has 40 vectors"),
            (["ints.npy"], None, "ints.npy holds int64 of shape"),
            (["bad.npy"], None, "cannot read .*bad.npy"),
            (["lost.npy"], None, "cannot read .*lost.npy: No such file"),
            (["text.txt"], None, "text.txt is no file of vectors that is known"),
            (["nan.npy"], None, "row 33 of the vectors holds what is no finite number"),
            (["none.parquet"], None, "none.parquet has no column vector; its columns are id"),
            (["ragged.parquet"], None, "ragged.parquet are not all there, or not all of one length"),
            (["twice.parquet"], None, "two vectors have the id 'a'"),
            (["twice.parquet", "nameless.parquet"], None, "nameless.parquet has no column id, and others have"),
            (["nameless.parquet"], "h.npy", "has the times of one array"),
            (["v.npy", "nameless.parquet"], None, "vectors have 2 components, and others 12"),
        ):
            with pytest.raises(InputError, match=said):
                self.grouped(
                    [tmp_path / name for name in given_paths],
                    None if hours is None else tmp_path / hours,
                    tmp_path / "-".join(["job", *given_paths]),
                )
