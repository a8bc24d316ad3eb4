from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from made_pattern import invented_pattern

from benchmarks.speed import runs
from benchmarks.speed.apart import Event, Limits, Outcome
from benchmarks.speed.grouping import Setting, best_setting, timed_groupings
from benchmarks.speed.made import make_vectors
from benchmarks.speed.vectors import candidate_recall
from dedup import index
from dedup.evaluate import Labels

LIMITS = Limits(seconds=100.0)
Answer = Callable[[dict[str, Any]], Outcome]


def outcome(*events: Event, ended: str = "finished") -> Outcome:
    return Outcome(events=events, ended=ended)


def rows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sizes: Sequence[int], peers: Sequence[str], **answers: Answer
) -> list[dict[str, Any]]:
    """Return the rows where each measurement answers as told."""

    def apart(measurement: Any, arguments: dict[str, Any], limits: Limits) -> Outcome:
        assert limits == LIMITS
        return answers[measurement.__name__](arguments)

    monkeypatch.setattr(runs, "run_apart", apart)
    return list(runs.measure_runs(sizes, ["bundled"], peers, LIMITS, tmp_path))


def dedup_takes(seconds_an_article: float) -> Answer:
    """Answer as for 5 articles of NTREX among others."""

    def answer(asked: dict[str, Any]) -> Outcome:
        articles = asked["size"] + 5
        return outcome(
            {"articles": articles, "seconds": articles * seconds_an_article, "peak_mib": 9.0, "b_cubed_f1": 1.0}
        )

    return answer


class TestDedup:
    def test_runs_twice_with_the_same_vectors(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        caches = []

        def answer(asked: dict[str, Any]) -> Outcome:
            caches.append((asked["cache"], list(Path(asked["cache"]).iterdir())))
            Path(asked["cache"], f"{len(caches)}").touch()
            return dedup_takes(0.01)(asked)

        found = rows(monkeypatch, tmp_path, [20, 10], [], measure_dedup=answer)
        assert [(row["size"], row["run"]) for row in found] == [
            (10, "first"), (10, "second"), (20, "first"), (20, "second"),
        ]  # fmt: skip
        assert caches[0][0] == caches[1][0] != caches[2][0]
        assert [len(there) for _, there in caches] == [0, 1, 0, 1]

    def test_what_would_take_too_long_is_not_begun(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        first, _, *later = rows(monkeypatch, tmp_path, [10, 50], [], measure_dedup=dedup_takes(3.0))
        assert first["seconds"] == 45.0
        assert [(row["size"], row["ended"], row["expected_seconds"]) for row in later] == [(50, "not run", 165.0)]

    def test_what_did_not_finish_is_not_run_again(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        found = rows(monkeypatch, tmp_path, [10, 20], [], measure_dedup=lambda _: outcome(ended="time"))
        assert [(row["size"], row["run"], row["ended"]) for row in found] == [
            (10, "first", "time"), (20, "first", "not run"),
        ]  # fmt: skip


class TestPeers:
    ANSWERS: ClassVar[dict[str, Answer]] = {
        "measure_dedup": dedup_takes(0.01),
        "measure_plain_encoding": lambda asked: outcome(
            {"articles": asked["size"], "seconds": asked["size"] / 10, "peak_mib": 800.0}
        ),
        "search_setting": lambda _: outcome({"chosen": {"threshold": 0.8}, "step": 0.01}),
    }

    def peer_rows(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sizes: Sequence[int], group: Answer
    ) -> list[dict[str, Any]]:
        answers = self.ANSWERS | {"measure_grouping": group}
        found = rows(monkeypatch, tmp_path, sizes, ["SemHash"], **answers)
        return [row for row in found if row["method"] == "SemHash"]

    def test_the_best_setting_of_those_around_the_last_counts(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        tried: list[list[float]] = []

        def group(asked: dict[str, Any]) -> Outcome:
            thresholds = [setting["threshold"] for setting in asked["settings"]]
            tried.append(thresholds)
            events = [
                {"setting": {"threshold": one}, "seconds": one, "b_cubed_f1": 1 - abs(one - 0.82), "peak_mib": 99.0}
                for one in thresholds
            ]
            return outcome(*events)

        small, large = self.peer_rows(monkeypatch, tmp_path, [10, 20], group)
        assert tried == [[0.8, 0.81, 0.79, 0.82, 0.78], [0.82, 0.83, 0.81, 0.84, 0.8]]
        assert small["setting"] == large["setting"] == {"threshold": 0.82}
        assert small["stages"] == {"encode": 1.0, "cluster": 0.82}
        assert small["seconds"] == pytest.approx(1.82)
        assert small["peak_mib"] == 800.0

    def test_a_peer_that_does_not_finish_is_left_out_of_larger_sizes(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        small, large = self.peer_rows(monkeypatch, tmp_path, [10, 20], lambda _: outcome(ended="memory"))
        assert (small["ended"], small["stage"]) == ("memory", "cluster")
        assert (large["ended"], large["message"]) == ("not run", "it did not finish at 10")

    def test_without_vectors_no_peer_runs(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        answers = self.ANSWERS | {"measure_plain_encoding": lambda _: outcome(ended="time")}
        found = rows(monkeypatch, tmp_path, [10], ["SemHash", "HDBSCAN"], **answers)
        assert [(row["method"], row["ended"], row["stage"]) for row in found[2:]] == [
            ("SemHash", "time", "encode"), ("HDBSCAN", "time", "encode"),
        ]  # fmt: skip


@pytest.mark.parametrize("peer", ["community_detection", "HDBSCAN", "average linkage", "SemHash"])
def test_a_peer_at_its_best_setting_finds_again_what_was_best(peer: str) -> None:
    if peer == "SemHash":
        pytest.importorskip("semhash", reason="only the benchmarks need it: pip install 'news-dedup[benchmarks]'")
    dice = np.random.default_rng(1)
    centres = dice.standard_normal((12, 16)).repeat(4, axis=0)
    vectors = centres + 0.3 * dice.standard_normal(centres.shape)
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    reference = Labels(story={str(row): str(row // 4) for row in range(len(unit))})
    setting = best_setting(peer, unit, list(reference.story), reference)
    (event,) = timed_groupings(peer, [setting.chosen], unit, list(reference.story), reference)
    assert event["b_cubed_f1"] > 0.9
    assert event["largest_story"] >= 4
    assert event["seconds"] > 0


def test_a_setting_without_a_threshold_has_no_neighbours() -> None:
    assert Setting(chosen={"method": "eom"}, step=0.1).with_neighbours() == [{"method": "eom"}]
    top = Setting(chosen={"threshold": 1.0}, step=0.1).with_neighbours()
    assert top == [{"threshold": 1.0}, {"threshold": 0.9}, {"threshold": 0.8}]


def test_the_index_is_exact_on_made_vectors(tmp_path: Path) -> None:
    made = make_vectors(invented_pattern(), 18_000, tmp_path / "vectors")
    found = candidate_recall(made.vectors().astype(np.float32), made.hours, 0.6, queries=50)
    assert found["pairs_near"] > 50
    assert found["candidate_recall"] == 1.0
    assert found["wrongly_found"] == 0


def test_recall_sees_what_an_index_misses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_vectors(invented_pattern(), 2_000, tmp_path / "vectors")
    whole = index.candidate_pairs
    monkeypatch.setattr(index, "candidate_pairs", lambda *asked: whole(*asked)[::2])
    found = candidate_recall(made.vectors().astype(np.float32), made.hours, 0.5, queries=2_000)
    assert found["candidate_recall"] == pytest.approx(0.5, abs=0.05)
