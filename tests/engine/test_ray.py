"""Runs on a Ray cluster of two nodes, which are processes of this machine. All share one cluster."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click.testing
import numpy as np
import pytest
from fakes import FakeEncoder, fake_calibration, invented_news

from dedup.article import Article
from dedup.cli import app
from dedup.engine import RayEngine, engine_named
from dedup.errors import EngineError, SettingsError
from dedup.pipeline import Deduplication, deduplicate

ARTICLES = [article for story in invented_news(stories=4, seed=20, kin=0.3) for article in story]
EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "articles.jsonl"


def run(articles: list[Article], engine: Any = None) -> Deduplication:
    return deduplicate(articles, encoder=FakeEncoder(), calibration=fake_calibration(), engine=engine)


def command(*arguments: str) -> click.testing.Result:
    return click.testing.CliRunner().invoke(app, ["cluster", *arguments], catch_exceptions=False)


class TestWithoutRay:
    def test_one_line_says_how_to_install_it(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setitem(sys.modules, "ray", None)
        with pytest.raises(EngineError, match=r"pip install 'news-dedup\[ray\]'"):
            run(ARTICLES[:2], "ray")
        result = command(str(EXAMPLES), "--engine", "ray", "-o", str(tmp_path / "stories.jsonl"))
        assert result.exit_code == 1
        lines = result.stderr.splitlines()
        assert lines == ["dedup: error: the engine ray needs the package ray: pip install 'news-dedup[ray]'"]
        assert list(tmp_path.iterdir()) == []

    def test_options_of_a_cluster_need_one(self, tmp_path: Path) -> None:
        result = command(str(EXAMPLES), "--address", "auto", "-o", str(tmp_path / "stories.jsonl"))
        assert result.exit_code == 2
        assert "--address says where --engine ray works" in result.stderr

    def test_an_engine_has_a_name_that_is_known(self) -> None:
        with pytest.raises(SettingsError, match="no engine 'spark'"):
            engine_named("spark")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """Yield Ray, connected to two nodes of one core each; nothing of them is left afterwards."""
    ray = pytest.importorskip("ray", reason="the engine ray is not installed: pip install 'news-dedup[ray]'")
    from ray.cluster_utils import Cluster

    small: dict[str, Any] = {"num_cpus": 1, "object_store_memory": 100 << 20, "memory": 1 << 30}
    with pytest.MonkeyPatch.context() as patch:
        # what the nodes' processes import: this checkout, and the fake encoder
        tests = Path(__file__).resolve().parents[1]
        patch.setenv("PYTHONPATH", os.pathsep.join([str(tests.parent), str(tests), os.environ.get("PYTHONPATH", "")]))
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        nodes: Any = Cluster(initialize_head=True, head_node_args={**small, "include_dashboard": False})
        try:
            nodes.add_node(**small)
            ray.init(address=nodes.address, log_to_driver=False, logging_level=logging.ERROR)
            yield ray
        finally:
            ray.shutdown()
            nodes.shutdown()


@pytest.mark.filterwarnings("ignore")  # of Ray and what it imports, about themselves
class TestOnTwoNodes:
    def test_stories_are_those_of_one_machine_article_by_article(self, cluster: Any) -> None:
        from dedup.engine.job import Limits

        # what a row carries besides stays here, whatever it is
        articles = [replace_extra(article, {"row": number, "own": object()}) for number, article in enumerate(ARTICLES)]
        expected = run(articles)
        found = run(articles, RayEngine(limits=Limits(partition=8)))
        assert found.stories == expected.stories
        assert found.articles == expected.articles
        assert [article.extra for article in found.articles] == [article.extra for article in expected.articles]
        np.testing.assert_array_equal(found.scored.pairs, expected.scored.pairs)
        np.testing.assert_array_equal(found.scored.log_odds, expected.scored.log_odds)
        assert {**found.counts, "compared": 0} == {**expected.counts, "compared": 0}

    def test_the_command_writes_the_same_files_and_goes_on_where_it_was(
        self, cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from dedup.engine.cluster import Cluster

        lines = EXAMPLES.read_text("utf-8").splitlines()[:60]
        (tmp_path / "news").mkdir()
        (tmp_path / "news" / "a.jsonl").write_text("\n".join([*lines[:40], "no json", lines[3]]), "utf-8")
        (tmp_path / "news" / "b.jsonl").write_text("\n".join([*lines[40:], lines[5]]), "utf-8")
        given = [str(tmp_path / "news"), "--encoder", "fast"]
        assert command(*given, "-o", str(tmp_path / "one.jsonl")).exit_code == 0

        done: list[str] = []
        wrapped = Cluster.run

        def stopped(self: Cluster, folder: Any, stage: Any, *others: Any) -> Any:
            if stage.name == "bins" and "bins" not in done:
                done.append("bins")
                raise KeyboardInterrupt
            done.append(stage.name)
            return wrapped(self, folder, stage, *others)

        monkeypatch.setattr(Cluster, "run", stopped)
        asked = [*given, "--engine", "ray", "--partition", "35", "-o", str(tmp_path / "two.jsonl")]
        assert command(*asked).exit_code == 130
        kept = tmp_path / ".two.jsonl.ray"
        before = {path: path.stat().st_mtime_ns for path in kept.rglob("*.json") if path.parent != kept}
        assert {path.parent.name for path in before} == {
            *("read", "ids", "named", "parts", "fingerprints", "crowds", "pairs")
        }
        after: dict[Path, int] = {}

        def seen(self: Cluster, folder: Any, stage: Any, *others: Any) -> Any:
            after.update({path: path.stat().st_mtime_ns for path in before})
            return wrapped(self, folder, stage, *others)

        monkeypatch.setattr(Cluster, "run", seen)
        assert command(*asked, "--resume").exit_code == 0
        assert after == before
        assert not kept.exists()
        assert (tmp_path / "two.jsonl").read_bytes() == (tmp_path / "one.jsonl").read_bytes()
        rejects = [(tmp_path / f"{name}.jsonl.rejects.jsonl").read_text("utf-8") for name in ("one", "two")]
        assert rejects[0] == rejects[1]
        assert len(rejects[0].splitlines()) == 3

    def test_vectors_that_are_given_have_the_stories_of_one_machine(self, cluster: Any, tmp_path: Path) -> None:
        import dedup
        from dedup.engine.job import Limits

        dice = np.random.default_rng(3)
        places = dice.normal(size=(20, 8))
        rows = (places[dice.integers(0, 20, 70)] + 0.4 * dice.normal(size=(70, 8))).astype(np.float32)
        hours = dice.uniform(0, 90, 70)
        ids = [f"{(11 * row) % 70:02}" for row in range(70)]
        engine = RayEngine(limits=Limits(vectors=16))
        for keys in (None, ids):
            expected = dedup.cluster_vectors(rows, hours=hours, ids=keys, similarity=0.6, window_hours=30)
            found = dedup.cluster_vectors(rows, hours=hours, ids=keys, similarity=0.6, window_hours=30, engine=engine)
            np.testing.assert_array_equal(found, expected)
        np.save(tmp_path / "v.npy", rows)
        np.save(tmp_path / "h.npy", hours)
        asked = [str(tmp_path / "v.npy"), "--hours", str(tmp_path / "h.npy"), "--similarity", "0.6"]
        one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
        runner = click.testing.CliRunner()
        assert runner.invoke(app, ["vectors", *asked, "-o", str(one)]).exit_code == 0
        on_nodes = ["vectors", *asked, "--engine", "ray", "--partition", "16", "-o"]
        done = runner.invoke(app, [*on_nodes, str(two)])
        assert done.exit_code == 0, done.stderr
        assert two.read_bytes() == one.read_bytes()
        assert not (tmp_path / ".two.jsonl.ray").exists()
        assert runner.invoke(app, [*on_nodes, f"{tmp_path}/out/"]).exit_code == 0
        from pyarrow import parquet

        tables = [parquet.read_table(path).to_pylist() for path in sorted((tmp_path / "out").glob("*.parquet"))]
        assert len(tables) > 1
        told = [json.loads(line) for line in one.read_text("utf-8").splitlines()]
        assert sorted(str(row) for table in tables for row in table) == sorted(map(str, told))

    def test_stories_can_be_tables_in_a_folder(self, cluster: Any, tmp_path: Path) -> None:
        from pyarrow import parquet

        body = "\n".join(f"The council met on the bridge for the {n}th time." for n in range(20))
        more = json.dumps({"id": "long", "title": "Two bridges are closed after the flood", "body": body})
        lines = [*EXAMPLES.read_text("utf-8").splitlines()[:30], more]
        (tmp_path / "news.jsonl").write_text("\n".join(lines), "utf-8")
        given = [str(tmp_path / "news.jsonl"), "--encoder", "fast"]
        alone = command(*given, "-o", str(tmp_path / "one.parquet"))
        result = command(*given, "--engine", "ray", "-o", f"{tmp_path / 'tables'}/")
        assert result.exit_code == 0, result.stderr
        assert said(result) == said(alone)
        for told in ("1 have more than the 12", "1 have no time", "1 state no language", "near enough, by an exact"):
            assert told in result.stderr
        tables = [parquet.read_table(path) for path in sorted((tmp_path / "tables").glob("*.parquet"))]
        rows = [row for table in tables for row in table.to_pylist()]
        one = parquet.read_table(tmp_path / "one.parquet").to_pylist()
        assert sorted(map(json_of, rows)) == sorted(map(json_of, one))

    def test_an_error_of_a_task_is_told_in_one_line(self, cluster: Any, tmp_path: Path) -> None:
        (tmp_path / "news.jsonl").write_text("no json", "utf-8")
        result = command(
            str(tmp_path / "news.jsonl"), "--encoder", "fast", "--engine", "ray", "-o", str(tmp_path / "out.jsonl")
        )
        assert result.exit_code == 1
        assert "1 records, all rejected" in result.stderr


def replace_extra(article: Article, extra: dict[str, Any]) -> Article:
    from dataclasses import replace

    return replace(article, extra=extra)


def said(result: Any) -> list[str]:
    """Return the lines of a summary, but for where it was written and how long it took."""
    return [line for line in result.stderr.splitlines() if not line.startswith(("written", "seconds"))]


def json_of(row: dict[str, Any]) -> str:
    return json.dumps(row, default=str, sort_keys=True)
