"""What is computed from what was measured on a cluster, and how it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.cluster.costs import Cost, costs_of_articles, costs_of_vectors, rates_of
from benchmarks.cluster.page import PARTS, part_text, write_page

ENVIRONMENT = {
    "date": "2026-12-01T02:00:00+00:00",
    "machine": {"cpu": "a processor", "cores": 2, "memory_gib": 8},
    "versions": {"python": "3.11"},
}


def stage(core_seconds: float, tasks: int = 4) -> dict[str, Any]:
    return {"tasks": tasks, "seconds": 9.0, "core_seconds": core_seconds, "longest_task": 1.0, "peak_mib": 300}


def run(articles: int, fingerprints: float, pairs: float) -> dict[str, Any]:
    names = ("read", "ids", "named", "parts", "crowds", "bins", "groups", "singles", "stories")
    stages = {name: stage(articles / 1_000) for name in names}
    return {
        "articles": articles,
        "counts": {"compared": 1_000_000, "scored": 1_000},
        "stages": {**stages, "fingerprints": stage(fingerprints), "pairs": stage(pairs)},
        "ids_passed_by_seconds": articles / 1e6,
    }


RESULTS: dict[str, Any] = {
    "same": {
        "one_machine": {"articles": 30, "undated": 4, "stories": 7, "core_seconds": 5.0},
        "rows": [
            {
                "nodes": 2,
                "partition": 9,
                "parts": 4,
                "same": True,
                "worker_peak_mib": 300,
                "stages": {
                    "pairs": stage(1),
                    "groups": stage(4),
                    "singles": stage(3),
                    "bins": {**stage(0), "largest": 8},
                },
            },
            {
                "nodes": 3,
                "partition": 5,
                "parts": 6,
                "same": False,
                "worker_peak_mib": 301,
                "stages": {
                    "pairs": stage(2),
                    "groups": stage(4),
                    "singles": stage(3),
                    "bins": {**stage(0), "largest": 8},
                },
            },
        ],
        "environment": ENVIRONMENT,
    },
    "nodes": {
        "one_machine": {"articles": 30},
        "rows": [
            {"stage": "read", "gpu": False, "killed_at_work": True, "same": True},
            {"stage": "fingerprints", "gpu": True, "killed_at_work": False, "same": True},
        ],
        "environment": ENVIRONMENT,
    },
    "driver": {
        "one_machine": {"articles": 30},
        "rows": [{"stage": "bins", "killed": True, "same": True, "tasks_kept": 12}],
        "environment": ENVIRONMENT,
    },
    "vectors": {
        "vectors": 1_000,
        "dimension": 8,
        "nodes": 2,
        "same": True,
        "one_machine": {"core_seconds": 4.0, "peak_mib": 400},
        "cluster": {
            "stories": 600,
            "compared": 2_000_000,
            "driver_peak_mib": 120.0,
            "stages": {
                "slices": stage(1.0),
                "parts": stage(1.0),
                "pairs": stage(2.0),
                "bins": {**stage(0.5, 1), "largest": 40},
                "stories": stage(3.0),
            },
        },
        "environment": ENVIRONMENT,
    },
    "rates": {
        "days": 90,
        "fast": {**run(2_020, 8.5, 3.5), "few": run(20, 0.5, 0.5)},
        "bundled": {**run(220, 45.0, 0.1), "few": run(20, 5.0, 0.1)},
        "driver_seconds_a_task": 0.001,
        "environment": ENVIRONMENT,
    },
}


def test_rates_are_seconds_of_a_core_for_a_unit() -> None:
    fast, bundled = rates_of(RESULTS, "fast"), rates_of(RESULTS, "bundled")
    assert fast["read"] == pytest.approx(0.001)
    assert fast["fingerprints"] == pytest.approx(0.004)
    assert bundled["fingerprints"] == pytest.approx(0.2)
    # of 3 s a million similarities took 1 s, as those of vectors tell, and a thousand pairs the rest
    assert fast["compared"] == pytest.approx(1e-6)
    assert fast["scored"] == pytest.approx(0.002)
    assert fast["bins"] == pytest.approx(0.0005)


def seconds(costs: list[Cost], nodes: int) -> dict[str, float]:
    return {cost.stage: cost.seconds(8 * nodes, 0.001) for cost in costs}


@pytest.mark.parametrize("size", [100_000, 10_000_000, 100_000_000])
def test_what_is_shared_gets_faster_with_nodes_and_one_task_does_not(size: int) -> None:
    for costs in (costs_of_articles(size, rates_of(RESULTS, "fast")), costs_of_vectors(size, RESULTS)):
        few, many = seconds(costs, 10), seconds(costs, 100)
        assert few["bins"] == many["bins"]
        # nor what the largest component takes: here a quarter, and a third, of all
        largest = next(cost for cost in costs if cost.stage in {"groups", "stories"})
        assert many[largest.stage] >= largest.longest_task >= largest.core_seconds / 4
        assert all(many[stage] <= few[stage] for stage in few)
        if size == 100_000_000:
            assert few["pairs"] == pytest.approx(10 * many["pairs"])
        assert {cost.stage: cost.tasks for cost in costs}["bins"] == 1


def test_pairs_grow_with_the_square_where_articles_come_faster_and_ids_pass_by_those_of_others() -> None:
    rates = rates_of(RESULTS, "fast")
    small, large = ({cost.stage: cost.core_seconds for cost in costs_of_articles(n, rates)} for n in (10**7, 10**8))
    assert large["pairs"] == pytest.approx(100 * small["pairs"])
    assert large["read"] == pytest.approx(10 * small["read"])
    assert large["ids"] > 10 * small["ids"]


def test_the_page_tells_all_of_it_and_what_was_not_the_same(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "\n".join(f"<!-- benchmark:cluster-{part} -->\n<!-- /benchmark:cluster-{part} -->" for part in PARTS)
    )
    write_page(RESULTS, page)
    text = page.read_text("utf-8")
    assert "| 3 of one core | 5 | **no** | 6 | 4 | 8 | 9 | 301 |" in text
    assert "| `read` |  | yes | yes |" in text
    assert "| `fingerprints` on a GPU |  | **no** | yes |" in text
    assert "| `bins` |  | 12 | yes |" in text
    assert "The largest component of pairs that can join has 40 vectors" in text
    assert "| given vectors | 100M |" in text
    assert "Not measured" not in text


def test_what_was_not_measured_is_said() -> None:
    assert part_text({}, "same") == "Not measured yet: `python -m benchmarks.cluster same`."
    assert part_text({"rates": {}}, "rates") == "Not measured yet: `python -m benchmarks.cluster same vectors`."
